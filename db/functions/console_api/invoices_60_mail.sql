-- Since version 0004.
-- Sending issued invoices with their paper, at most once per time somebody asks: the same rules as notify.* has for messages.
-- A desk asks; the worker leases, marks as handed over, and answers for each. docs/design.md, "Invoices".

CREATE OR REPLACE FUNCTION invoices.send_address(of_corporate uuid, at_issue jsonb) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(nullif(btrim(c.billing_email), ''), nullif(btrim(at_issue ->> 'email'), ''))
      FROM public.corporates AS c WHERE c.id = of_corporate
$$;

-- Let the worker send invoices; of each that cannot be sent, why. One that waits already is not asked for twice.
CREATE OR REPLACE FUNCTION invoices.send(wanted uuid[]) RETURNS TABLE (invoice_id uuid, refused text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    one uuid;
    was public.invoices;
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    IF coalesce(cardinality(wanted), 0) NOT BETWEEN 1 AND 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Send between 1 and 200 invoices at a time.', DETAIL = 'ids';
    END IF;
    PERFORM 1 FROM public.invoices AS i WHERE i.id = ANY (wanted) ORDER BY i.id FOR UPDATE;
    FOR one IN SELECT w.id FROM unnest(wanted) WITH ORDINALITY AS w (id, place) GROUP BY w.id ORDER BY min(w.place) LOOP
        SELECT * INTO was FROM public.invoices AS i WHERE i.id = one;
        invoice_id := one;
        refused := CASE
            WHEN was.id IS NULL THEN 'There is no such invoice.'
            WHEN was.status = 'cancelled' THEN 'This invoice was cancelled.'
            WHEN was.issued_at IS NULL THEN 'Issue it before you send it.'
            WHEN was.document_id IS NULL THEN 'Its document is not kept yet: open it once.'
            WHEN invoices.send_address(was.corporate_id, was.recipient) IS NULL
                THEN 'The employer has no e-mail address for invoices.' END;
        IF refused IS NULL THEN
            UPDATE public.invoices AS i
               SET send_state = 'waiting', send_error = NULL, send_attempts = 0, send_next_at = app.now(), send_handed_at = NULL
             WHERE i.id = one AND coalesce(i.send_state, '') NOT IN ('waiting', 'sending');
        END IF;
        RETURN NEXT;
    END LOOP;
    -- A hint for the worker; left out when the server's queue is half full, because a full one would make every commit fail.
    IF pg_notification_queue_usage() <= 0.5 THEN
        PERFORM pg_notify('nexus_invoices', '');
    END IF;
END
$$;
COMMENT ON FUNCTION invoices.send(uuid[]) IS 'Let the worker send issued invoices by mail.';
GRANT EXECUTE ON FUNCTION invoices.send(uuid[]) TO console_client;

-- Take up to `at_most` invoices that are due to be sent, with their papers. Two callers never get the same one. What an
-- earlier caller left behind is put right first: not yet handed over goes back to waiting, handed over is uncertain.
CREATE OR REPLACE FUNCTION invoices.mail_claim(at_most integer)
    RETURNS TABLE (id uuid, lease uuid, address text, subject text, body text, language text, file_name text, content bytea)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    mine constant uuid := gen_random_uuid();
BEGIN
    WITH left_behind AS (
        SELECT i.id FROM public.invoices AS i
         WHERE i.send_state = 'sending' AND i.send_leased_at < app.now() - interval '10 minutes'
         ORDER BY i.id FOR UPDATE SKIP LOCKED)
    UPDATE public.invoices AS i
       SET send_state = CASE WHEN i.send_handed_at IS NULL THEN 'waiting' ELSE 'uncertain' END,
           send_error = CASE WHEN i.send_handed_at IS NOT NULL THEN 'The worker stopped while it was being sent.' END,
           send_lease = NULL, send_leased_at = NULL
      FROM left_behind AS l WHERE i.id = l.id;
    WITH due AS (
        SELECT i.id, invoices.send_address(i.corporate_id, i.recipient) AS address FROM public.invoices AS i
         WHERE i.send_state = 'waiting' AND i.send_next_at <= app.now() AND i.document_id IS NOT NULL
         ORDER BY i.send_next_at, i.id LIMIT at_most FOR UPDATE SKIP LOCKED)
    UPDATE public.invoices AS i
       SET send_state = CASE WHEN d.address IS NULL THEN 'failed' ELSE 'sending' END,
           send_error = CASE WHEN d.address IS NULL THEN 'The employer has no e-mail address for invoices.' END,
           send_lease = CASE WHEN d.address IS NOT NULL THEN mine END,
           send_leased_at = CASE WHEN d.address IS NOT NULL THEN app.now() END,
           send_handed_at = NULL
      FROM due AS d WHERE i.id = d.id;
    RETURN QUERY
    SELECT i.id, i.send_lease, invoices.send_address(i.corporate_id, i.recipient),
           format('Invoice %s from %s', i.invoice_number, i.issuer ->> 'name'), invoices.mail_body(i), 'en'::text,
           d.file_name::text, d.content
      FROM public.invoices AS i JOIN public.documents AS d ON d.id = i.document_id
     WHERE i.send_state = 'sending' AND i.send_lease = mine ORDER BY i.send_next_at, i.id;
END
$$;
COMMENT ON FUNCTION invoices.mail_claim(integer) IS 'Take invoices that are due to be sent, with their addresses and papers.';

CREATE OR REPLACE FUNCTION invoices.mail_body(of_row public.invoices) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    still_open constant numeric := of_row.total_amount - coalesce(of_row.paid_amount, 0);
BEGIN
    RETURN concat_ws(E'\n',
        'Good day,', '',
        format('Attached is invoice %s for %s.', of_row.invoice_number,
               invoices.days_text(of_row.billing_period_start, of_row.billing_period_end)), '',
        format('Total: %s %s', to_char(of_row.total_amount, 'FM999,999,999,990.00'), of_row.currency),
        CASE WHEN still_open = 0 THEN 'It is paid. Thank you.'
             ELSE format('To be paid by %s: %s %s', to_char(of_row.due_date, 'FMDD FMMonth YYYY'),
                         to_char(still_open, 'FM999,999,999,990.00'), of_row.currency) END,
        'Your purchase order: ' || of_row.purchase_order_number, '',
        of_row.issuer ->> 'name');
END
$$;

CREATE OR REPLACE FUNCTION invoices.mail_waiting() RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
    SELECT count(*)::integer FROM public.invoices AS i WHERE i.send_state = 'waiting' AND i.send_next_at <= app.now()
$$;
COMMENT ON FUNCTION invoices.mail_waiting() IS 'How many invoices are due to be sent.';

-- Its words go out now. False where the lease is no longer the caller's: then they must not.
CREATE OR REPLACE FUNCTION invoices.mail_handing(of_invoice uuid, its_lease uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.invoices AS i SET send_handed_at = app.now(), send_leased_at = app.now()
     WHERE i.id = of_invoice AND i.send_lease = its_lease AND i.send_handed_at IS NULL AND i.status <> 'cancelled';
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION invoices.mail_handing(uuid, uuid) IS 'Mark a leased invoice as handed to the mail server, just before it is.';

-- A server has taken it. Said late, it still counts: an invoice thought uncertain was sent after all.
CREATE OR REPLACE FUNCTION invoices.mail_delivered(of_invoice uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.invoices AS i
       SET send_state = 'sent', sent_at = app.now(), send_error = NULL, send_attempts = i.send_attempts + 1,
           send_lease = NULL, send_leased_at = NULL, status = CASE i.status WHEN 'issued' THEN 'sent' ELSE i.status END
     WHERE i.id = of_invoice AND i.send_state IN ('sending', 'uncertain') AND i.send_handed_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION invoices.mail_delivered(uuid) IS 'A mail server has accepted an invoice.';

-- It was not sent, for sure: by whoever holds the lease, because somebody else may be sending it by now. Not permanent: again
-- after 1, 5, 15, 60 minutes and 4 hours, then it is given up.
CREATE OR REPLACE FUNCTION invoices.mail_failed(of_invoice uuid, its_lease uuid, why text, permanent boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.invoices AS i
       SET send_state = CASE WHEN permanent OR i.send_attempts >= 5 THEN 'failed' ELSE 'waiting' END,
           send_next_at = CASE WHEN NOT permanent AND i.send_attempts < 5
                               THEN app.now() + (ARRAY[1, 5, 15, 60, 240])[i.send_attempts + 1] * interval '1 minute' END,
           send_error = invoices.without_address(why), send_attempts = i.send_attempts + 1, send_handed_at = NULL,
           send_lease = NULL, send_leased_at = NULL
     WHERE i.id = of_invoice AND i.send_state = 'sending' AND i.send_lease = its_lease;
END
$$;
COMMENT ON FUNCTION invoices.mail_failed(uuid, uuid, text, boolean) IS 'An invoice was refused or no server was there; tried again later unless permanent.';

-- Why something was not sent, without the address that servers like to repeat.
CREATE OR REPLACE FUNCTION invoices.without_address(why text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN coalesce(nullif(left(btrim(regexp_replace(regexp_replace(why, '\S*@\S*', '…', 'g'), '[[:cntrl:][:space:]]+', ' ', 'g')), 300), ''),
                'The mail server gave no reason.');

-- It may or may not have been sent: nobody knows, so nobody tries again by itself.
CREATE OR REPLACE FUNCTION invoices.mail_uncertain(of_invoice uuid, its_lease uuid, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.invoices AS i
       SET send_state = 'uncertain', send_error = invoices.without_address(why), send_attempts = i.send_attempts + 1,
           send_lease = NULL, send_leased_at = NULL
     WHERE i.id = of_invoice AND i.send_state = 'sending' AND i.send_lease = its_lease AND i.send_handed_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION invoices.mail_uncertain(uuid, uuid, text) IS 'Whether an invoice arrived cannot be known.';

-- Give back what of a lease was not handed over: the round ends early.
CREATE OR REPLACE FUNCTION invoices.mail_give_back(its_lease uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    given integer;
BEGIN
    UPDATE public.invoices AS i SET send_state = 'waiting', send_lease = NULL, send_leased_at = NULL
     WHERE i.send_state = 'sending' AND i.send_lease = its_lease AND i.send_handed_at IS NULL;
    GET DIAGNOSTICS given = ROW_COUNT;
    RETURN given;
END
$$;
COMMENT ON FUNCTION invoices.mail_give_back(uuid) IS 'Return the invoices of a lease that nobody has begun to send; how many.';

GRANT EXECUTE ON FUNCTION invoices.mail_claim(integer), invoices.mail_waiting(), invoices.mail_handing(uuid, uuid),
    invoices.mail_delivered(uuid), invoices.mail_failed(uuid, uuid, text, boolean), invoices.mail_uncertain(uuid, uuid, text),
    invoices.mail_give_back(uuid) TO console_jobs;
