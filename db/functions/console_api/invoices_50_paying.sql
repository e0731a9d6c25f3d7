-- Since version 0004.
-- What happens to an issued invoice: money comes in, time passes, it is taken back by a credit note.
-- docs/design.md, "Invoices".

-- Where an invoice stands that is not cancelled: the one rule.
CREATE OR REPLACE FUNCTION invoices.state_of(total numeric, paid numeric, due date, sent timestamptz) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN paid >= total THEN 'paid' WHEN due < (app.now() AT TIME ZONE 'UTC')::date THEN 'overdue'
                WHEN sent IS NOT NULL THEN 'sent' ELSE 'issued' END
$$;

-- Record money that came in, in full or in part; a negative amount takes back what was recorded. `paid_before` is what the
-- person saw as paid: two who record the same money at once are told. The key of the payment makes asking twice once.
CREATE OR REPLACE FUNCTION invoices.pay(
    of_invoice uuid, payment uuid, paid_before numeric, amount numeric, paid_on date, method text, reference text)
    RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_variable
DECLARE
    was public.invoices;
    known public.invoice_payments;
    so_far numeric;
    whole numeric;
    words constant text := nullif(btrim(regexp_replace(reference, '[[:cntrl:]]+', ' ', 'g')), '');
    today constant date := (app.now() AT TIME ZONE 'UTC')::date;
    state text;
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    IF payment IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A payment needs a key of its own.', DETAIL = 'idempotency_key_missing';
    ELSIF amount IS NULL OR NOT amount BETWEEN -10000000000 AND 10000000000 OR amount = 0 OR amount <> round(amount, 2) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Enter an amount such as 120.00.', DETAIL = 'amount';
    ELSIF method IS NULL OR method NOT IN ('bank_transfer', 'card', 'cheque', 'other') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose how it was paid.', DETAIL = 'method';
    ELSIF length(words) > 255 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reference has at most 255 letters.', DETAIL = 'reference';
    -- A day of difference, because it may be tomorrow already where the person is.
    ELSIF paid_on IS NULL OR paid_on > today + 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose the day the money came in, not a later one.', DETAIL = 'paid_on';
    END IF;
    was := invoices.locked(of_invoice);
    SELECT * INTO known FROM public.invoice_payments AS p WHERE p.id = payment;
    IF known.id IS NOT NULL THEN
        IF (known.invoice_id, known.amount, known.paid_on, known.method, known.reference)
           IS DISTINCT FROM (of_invoice, amount, paid_on, method::varchar, words::varchar) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This key already stands for another payment.',
                HINT = 'Look at the invoice again.', DETAIL = 'idempotency_key_reused';
        END IF;
        RETURN invoices.facts(of_invoice);
    END IF;
    IF was.issued_at IS NULL OR was.status = 'cancelled' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'not_issued',
            MESSAGE = CASE WHEN was.status = 'cancelled' THEN 'This invoice was cancelled.' ELSE 'This invoice is still a draft.' END,
            HINT = 'Look at it again.';
    ELSIF paid_on < (was.issued_at AT TIME ZONE 'UTC')::date - 366 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That day is more than a year before the invoice; check it.',
            DETAIL = 'paid_on';
    END IF;
    so_far := (SELECT coalesce(sum(p.amount), 0) FROM public.invoice_payments AS p WHERE p.invoice_id = of_invoice);
    IF so_far IS DISTINCT FROM paid_before THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else recorded a payment of this invoice.',
            HINT = 'Look at it again.', DETAIL = 'version_changed';
    ELSIF so_far + amount > was.total_amount THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'overpaid',
            MESSAGE = format('That is %s more than the %s still to be paid.', round(so_far + amount - was.total_amount, 2),
                             round(was.total_amount - so_far, 2));
    ELSIF so_far + amount < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'underpaid',
            MESSAGE = format('Only %s was paid; no more can be taken back.', round(so_far, 2));
    END IF;
    INSERT INTO public.invoice_payments (id, invoice_id, amount, paid_on, method, reference, recorded_by)
    VALUES (payment, of_invoice, amount, paid_on, method, words, auth.user_id());
    whole := so_far + amount;
    state := invoices.state_of(was.total_amount, whole, was.due_date, was.sent_at);
    UPDATE public.invoices AS i
       SET paid_amount = whole, status = state, paid_at = CASE WHEN state = 'paid' THEN app.now() END,
           payment_method = CASE WHEN whole > 0 THEN method END, payment_reference = CASE WHEN whole > 0 THEN words END
     WHERE i.id = of_invoice;
    RETURN invoices.facts(of_invoice);
END
$$;
COMMENT ON FUNCTION invoices.pay(uuid, uuid, numeric, numeric, date, text, text) IS 'Record money that came in for an invoice, once per key.';

-- What is past its day and not paid; how many.
CREATE OR REPLACE FUNCTION invoices.mark_overdue() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    marked integer;
BEGIN
    WITH late AS (
        SELECT i.id FROM public.invoices AS i
         WHERE i.status IN ('issued', 'sent') AND i.due_date < (app.now() AT TIME ZONE 'UTC')::date
         ORDER BY i.id FOR UPDATE)
    UPDATE public.invoices AS i
       SET status = invoices.state_of(i.total_amount, coalesce(i.paid_amount, 0), i.due_date, i.sent_at)
      FROM late AS l WHERE i.id = l.id;
    GET DIAGNOSTICS marked = ROW_COUNT;
    RETURN marked;
END
$$;
COMMENT ON FUNCTION invoices.mark_overdue() IS 'Mark unpaid invoices whose day has passed; how many.';
GRANT EXECUTE ON FUNCTION invoices.mark_overdue() TO console_jobs;

-- Throw a draft away, or take an issued invoice back by a credit note of its whole amount, numbered like invoices without gaps.
CREATE OR REPLACE FUNCTION invoices.cancel(of_invoice uuid, read_version integer, why text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    was public.invoices;
    note uuid;
    words constant text := nullif(btrim(regexp_replace(why, '[[:cntrl:]\s]+', ' ', 'g')), '');
    paid numeric;
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    was := invoices.locked(of_invoice);
    IF was.status = 'cancelled' THEN
        IF was.credited_by_id IS NULL OR words = (SELECT n.reason FROM public.credit_notes AS n WHERE n.id = was.credited_by_id) THEN
            RETURN invoices.facts(of_invoice);  -- asked again
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else cancelled this invoice.', HINT = 'Look at it again.',
            DETAIL = 'cancelled_already';
    ELSIF was.version IS DISTINCT FROM read_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this invoice.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    ELSIF was.issued_at IS NULL THEN
        UPDATE public.invoices AS i SET status = 'cancelled' WHERE i.id = of_invoice;
        RETURN invoices.facts(of_invoice);
    END IF;
    paid := (SELECT coalesce(sum(p.amount), 0) FROM public.invoice_payments AS p WHERE p.invoice_id = of_invoice);
    IF words IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why the invoice is cancelled.', DETAIL = 'reason';
    ELSIF length(words) > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 500 letters.', DETAIL = 'reason';
    ELSIF paid <> 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = format('%s of it was paid.', round(paid, 2)),
            HINT = 'Pay it back and record that as a negative payment first.', DETAIL = 'paid';
    END IF;
    PERFORM invoices.require_issuer();
    INSERT INTO public.credit_notes (credit_note_number, invoice_id, reason, subtotal, tax_amount, total_amount, currency,
                                     line_items, issuer, recipient, issued_by)
    VALUES (invoices.take_number('credit_note_series'), of_invoice, words, was.subtotal, was.tax_amount, was.total_amount,
            was.currency, was.line_items, was.issuer, was.recipient, auth.user_id())
    RETURNING id INTO note;
    -- Mail that has not gone out does not go out any more.
    UPDATE public.invoices AS i
       SET status = 'cancelled', credited_by_id = note,
           send_state = CASE WHEN i.send_state = 'waiting' OR (i.send_state = 'sending' AND i.send_handed_at IS NULL) THEN NULL
                             ELSE i.send_state END,
           send_lease = CASE WHEN i.send_state = 'sending' AND i.send_handed_at IS NOT NULL THEN i.send_lease END,
           send_leased_at = CASE WHEN i.send_state = 'sending' AND i.send_handed_at IS NOT NULL THEN i.send_leased_at END
     WHERE i.id = of_invoice;
    RETURN invoices.facts(of_invoice);
END
$$;
COMMENT ON FUNCTION invoices.cancel(uuid, integer, text) IS 'Throw a draft away, or cancel an issued invoice by a credit note.';
GRANT EXECUTE ON FUNCTION invoices.pay(uuid, uuid, numeric, numeric, date, text, text), invoices.cancel(uuid, integer, text)
    TO console_client;
