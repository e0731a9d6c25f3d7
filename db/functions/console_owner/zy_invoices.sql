-- Since version 0004.
-- What stands on an issued invoice besides its amounts, and what a cancelled one can no longer become.

CREATE OR REPLACE FUNCTION app.invoice_words_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (OLD.issued_at IS NULL OR (OLD.purchase_order_number, OLD.notes) IS NOT DISTINCT FROM (NEW.purchase_order_number, NEW.notes))
       AND (OLD.credited_by_id IS NULL OR OLD.credited_by_id IS NOT DISTINCT FROM NEW.credited_by_id)
       AND (OLD.status <> 'cancelled' OR (NEW.status = 'cancelled' AND NEW.invoice_number IS NOT DISTINCT FROM OLD.invoice_number)) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = 'An issued invoice does not change; write a credit note.', DETAIL = 'invoice_issued';
END
$$;
COMMENT ON FUNCTION app.invoice_words_guard() IS 'Trigger: notes and order number of an issued invoice are fixed; cancelled is for good.';

CREATE OR REPLACE TRIGGER g_words_fixed BEFORE UPDATE ON public.invoices
    FOR EACH ROW EXECUTE FUNCTION app.invoice_words_guard();
CREATE OR REPLACE TRIGGER g_fixed_whole BEFORE TRUNCATE ON public.invoices
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
