-- Since version 0004.
-- What an employer's account says about invoices, changed by those who do the platform's books. docs/design.md, "Invoices".

-- Keep an employer's billing facts, unless somebody else changed the employer meanwhile. What is open is owed in the currency it
-- was invoiced in, so the currency changes only when nothing is.
CREATE OR REPLACE FUNCTION invoices.save_account(
    of_corporate uuid, read_version integer, email text, currency text, tax_rate text, purchase_order text, terms_days integer)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_variable
DECLARE
    was record;
    rate constant numeric := invoices.number_in(tax_rate, 3, 2);
    address constant text := nullif(btrim(email), '');
    order_number constant text := nullif(btrim(regexp_replace(purchase_order, '[[:cntrl:]]+', ' ', 'g')), '');
    still_open integer;
BEGIN
    IF NOT auth.has('corporates.manage', NULL) THEN
        PERFORM auth.require('invoices.issue', NULL);
    END IF;
    IF address !~ '^[^@[:space:]]+@[^@[:space:]]+$' OR length(address) > 255 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is not an e-mail address.', DETAIL = 'billing_email';
    ELSIF coalesce(currency, '') !~ '^[A-Z]{3}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A currency is three letters such as USD.', DETAIL = 'currency';
    ELSIF rate IS NULL OR rate NOT BETWEEN 0 AND 100 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A tax rate is between 0 and 100 %.', DETAIL = 'tax_rate';
    ELSIF length(order_number) > 50 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A purchase-order number has at most 50 letters.',
            DETAIL = 'purchase_order';
    ELSIF terms_days IS NULL OR terms_days NOT BETWEEN 0 AND 365 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Invoices are due within 0 to 365 days.', DETAIL = 'terms_days';
    END IF;
    SELECT c.version, c.invoice_currency INTO was FROM public.corporates AS c WHERE c.id = of_corporate FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such employer.', DETAIL = 'no_corporate';
    ELSIF was.version IS DISTINCT FROM read_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this employer.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    IF was.invoice_currency <> currency THEN
        still_open := (SELECT count(*) FROM public.invoices AS i
                        WHERE i.corporate_id = of_corporate AND i.status NOT IN ('paid', 'cancelled') AND i.currency <> currency);
        IF still_open > 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'currency_in_use',
                MESSAGE = format('%s in %s %s still open.', CASE still_open WHEN 1 THEN '1 invoice' ELSE still_open || ' invoices' END,
                                 was.invoice_currency, CASE still_open WHEN 1 THEN 'is' ELSE 'are' END),
                HINT = 'Settle or cancel them before you change the currency.';
        END IF;
    END IF;
    UPDATE public.corporates AS c
       SET billing_email = address, invoice_currency = currency, tax_rate = rate, purchase_order_number = order_number,
           payment_terms_days = terms_days
     WHERE c.id = of_corporate;
END
$$;
COMMENT ON FUNCTION invoices.save_account(uuid, integer, text, text, text, text, integer) IS 'Keep an employer''s billing facts.';
GRANT EXECUTE ON FUNCTION invoices.save_account(uuid, integer, text, text, text, text, integer) TO console_client;
