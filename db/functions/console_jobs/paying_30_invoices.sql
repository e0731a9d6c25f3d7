-- Since version 0004.
-- Sending invoices as the worker sees it: each function does nothing but call one of the money functions, which no desk may call.
-- Only here does an employer's address leave the database.

CREATE OR REPLACE FUNCTION app.invoice_mail_claim(at_most integer)
    RETURNS TABLE (id uuid, lease uuid, address text, subject text, body text, language text, file_name text, content bytea)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN QUERY SELECT m.* FROM invoices.mail_claim(at_most) AS m;
END
$$;
COMMENT ON FUNCTION app.invoice_mail_claim(integer) IS 'Take invoices that are due to be sent, with their addresses and papers.';

CREATE OR REPLACE FUNCTION app.invoice_mail_waiting() RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN invoices.mail_waiting();
END
$$;
COMMENT ON FUNCTION app.invoice_mail_waiting() IS 'How many invoices are due to be sent.';

CREATE OR REPLACE FUNCTION app.invoice_mail_handing(of_invoice uuid, its_lease uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN invoices.mail_handing(of_invoice, its_lease);
END
$$;
COMMENT ON FUNCTION app.invoice_mail_handing(uuid, uuid) IS 'Mark a leased invoice as handed to the mail server, just before it is.';

CREATE OR REPLACE FUNCTION app.invoice_mail_delivered(of_invoice uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM invoices.mail_delivered(of_invoice);
END
$$;
COMMENT ON FUNCTION app.invoice_mail_delivered(uuid) IS 'A mail server has accepted an invoice.';

CREATE OR REPLACE FUNCTION app.invoice_mail_failed(of_invoice uuid, its_lease uuid, why text, permanent boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM invoices.mail_failed(of_invoice, its_lease, why, permanent);
END
$$;
COMMENT ON FUNCTION app.invoice_mail_failed(uuid, uuid, text, boolean) IS 'An invoice was not sent; tried again later unless permanent.';

CREATE OR REPLACE FUNCTION app.invoice_mail_uncertain(of_invoice uuid, its_lease uuid, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM invoices.mail_uncertain(of_invoice, its_lease, why);
END
$$;
COMMENT ON FUNCTION app.invoice_mail_uncertain(uuid, uuid, text) IS 'Whether an invoice arrived cannot be known.';

CREATE OR REPLACE FUNCTION app.invoice_mail_give_back(its_lease uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN invoices.mail_give_back(its_lease);
END
$$;
COMMENT ON FUNCTION app.invoice_mail_give_back(uuid) IS 'Return the invoices of a lease that nobody has begun to send; how many.';

GRANT EXECUTE ON FUNCTION app.invoice_mail_claim(integer), app.invoice_mail_waiting(), app.invoice_mail_handing(uuid, uuid),
    app.invoice_mail_delivered(uuid), app.invoice_mail_failed(uuid, uuid, text, boolean),
    app.invoice_mail_uncertain(uuid, uuid, text), app.invoice_mail_give_back(uuid) TO console_worker;
