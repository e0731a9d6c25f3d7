-- Since version 0004.
-- What an employer paid is a fact: a mistake is taken back by a payment of the opposite amount.

CREATE OR REPLACE TRIGGER g_append_only BEFORE UPDATE OR DELETE ON public.invoice_payments
    FOR EACH ROW EXECUTE FUNCTION app.append_only();
CREATE OR REPLACE TRIGGER g_append_only_whole BEFORE TRUNCATE ON public.invoice_payments
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
