-- Since version 0004.
-- What the worker has done every day for finance: each function does nothing but call one of the money functions.

CREATE OR REPLACE FUNCTION app.job_make_invoice_drafts() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN invoices.make_drafts((app.now() AT TIME ZONE 'UTC')::date);
END
$$;
COMMENT ON FUNCTION app.job_make_invoice_drafts() IS 'Make the drafts of invoices whose billing day has come; how many.';

CREATE OR REPLACE FUNCTION app.job_mark_overdue() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN invoices.mark_overdue();
END
$$;
COMMENT ON FUNCTION app.job_mark_overdue() IS 'Call invoices overdue whose due date has passed; how many.';
GRANT EXECUTE ON FUNCTION app.job_make_invoice_drafts(), app.job_mark_overdue() TO console_worker;
