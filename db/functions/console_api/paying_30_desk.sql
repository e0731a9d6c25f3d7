-- Since version 0004.
-- What finance people do about paying: see every try, try again, give a run to the bank as a file, take in what the bank did.

-- "doubtful" is one of which only a person can say what became of it, whatever its state.
CREATE OR REPLACE FUNCTION payouts.attempts(of_payout uuid)
    RETURNS TABLE (number integer, method text, state text, amount numeric, asked_at timestamptz, answered_at timestamptz, failure text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p
                    WHERE p.id = of_payout AND p.venue_id = ANY (auth.venue_ids('payouts.read'))) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such payout.', DETAIL = 'no_payout';
    END IF;
    RETURN QUERY
    SELECT a.attempt, a.method::text, CASE WHEN payouts.is_doubtful(a) THEN 'doubtful' ELSE a.state END::text, a.amount, a.asked_at,
           a.answered_at, a.failure::text
      FROM public.payout_attempts AS a WHERE a.payout_id = of_payout ORDER BY a.attempt DESC;
END
$$;
COMMENT ON FUNCTION payouts.attempts(uuid) IS 'Every try to pay a payout, newest first.';

-- Try a failed payout again, under a new key and the same way as before where that is still possible.
CREATE OR REPLACE FUNCTION payouts.retry(of_payout uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    mine record;
    by_method text;
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    SELECT p.id, p.venue_id, p.status, v.stripe_connect_account_id, v.payout_account_last_four,
           (SELECT a.method FROM public.payout_attempts AS a WHERE a.payout_id = p.id ORDER BY a.attempt DESC LIMIT 1) AS method
      INTO mine
      FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id WHERE p.id = of_payout FOR UPDATE OF p;
    IF mine.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such payout.', DETAIL = 'no_payout';
    ELSIF EXISTS (SELECT 1 FROM public.payout_attempts AS a WHERE a.payout_id = of_payout AND a.needs_person) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'A transfer of this payout is in doubt, so it is not paid again.',
            HINT = 'Settle it first: look at the tries to pay it.', DETAIL = 'attempt_in_doubt';
    ELSIF mine.status <> 'failed' OR EXISTS (
        SELECT 1 FROM public.payout_attempts AS a
         WHERE a.payout_id = of_payout AND a.state IN ('ready', 'asking', 'unknown', 'accepted', 'paid')) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This payout has not failed.', HINT = 'Refresh to see how it stands.',
            DETAIL = 'not_failed';
    ELSIF EXISTS (SELECT 1 FROM public.payout_holds AS h WHERE h.venue_id = mine.venue_id AND h.released_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue is on hold.', HINT = 'Release it first.', DETAIL = 'on_hold';
    END IF;
    by_method := CASE WHEN mine.method = 'bank_file' AND mine.payout_account_last_four IS NOT NULL THEN 'bank_file'
                      WHEN mine.stripe_connect_account_id IS NOT NULL THEN 'transfer'
                      WHEN mine.payout_account_last_four IS NOT NULL THEN 'bank_file' END;
    IF by_method IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue has no account to be paid to.',
            HINT = 'Set up its payout account first.', DETAIL = 'no_account';
    END IF;
    PERFORM payouts.begin_attempt(of_payout, by_method, 'ready');
    UPDATE public.venue_payouts AS p SET retry_count = p.retry_count + 1 WHERE p.id = of_payout;
    IF pg_notification_queue_usage() <= 0.5 THEN
        PERFORM pg_notify('nexus_transfers', '');
    END IF;
END
$$;
COMMENT ON FUNCTION payouts.retry(uuid) IS 'Try a failed payout again.';

-- The unpaid payouts of an approved run as lines for the bank; from now on they are under way. With `again` the lines that were
-- handed out and not answered for, the same as before, and nothing new.
CREATE OR REPLACE FUNCTION payouts.bank_file(of_run uuid, again boolean DEFAULT false)
    RETURNS TABLE (reference text, payee text, bank text, account_end text, amount numeric, currency text, period_start date)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    run_state text;
    one record;
    written_at timestamptz;
    handed uuid[] := '{}';
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    SELECT r.state INTO run_state FROM public.payout_runs AS r WHERE r.id = of_run FOR SHARE;
    IF run_state IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such run.', DETAIL = 'no_run';
    ELSIF run_state <> 'approved' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This run is not approved, so nothing of it is paid.',
            HINT = 'Have it approved first.', DETAIL = 'not_approved';
    END IF;
    PERFORM 1 FROM public.venue_payouts AS p WHERE p.run_id = of_run ORDER BY p.id FOR UPDATE;
    IF again THEN
        handed := ARRAY(SELECT a.id FROM public.payout_attempts AS a JOIN public.venue_payouts AS p ON p.id = a.payout_id
                         WHERE p.run_id = of_run AND a.method = 'bank_file' AND a.state = 'accepted');
    ELSE
        FOR one IN
            SELECT p.id, a.id AS attempt_id, a.method
              FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id
              LEFT JOIN public.payout_attempts AS a ON a.payout_id = p.id AND a.state = 'ready' AND a.times_asked = 0
             WHERE p.run_id = of_run AND v.payout_account_last_four IS NOT NULL
               AND (payouts.is_payable(p.id) OR a.id IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM public.payout_holds AS h WHERE h.venue_id = p.venue_id AND h.released_at IS NULL))
             ORDER BY p.id
        LOOP
            IF one.method = 'bank_file' THEN
                UPDATE public.payout_attempts AS a
                   SET state = 'accepted', asked_at = app.now(), first_asked_at = app.now(), times_asked = 1, next_at = NULL
                 WHERE a.id = one.attempt_id;
                UPDATE public.venue_payouts AS p SET sent_at = coalesce(p.sent_at, app.now()) WHERE p.id = one.id;
                handed := handed || one.attempt_id;
                CONTINUE;
            ELSIF one.method = 'transfer' THEN
                -- Unless the worker has just begun to ask for it.
                UPDATE public.payout_attempts AS a
                   SET state = 'failed', failure = 'It went into a file for the bank instead.', next_at = NULL
                 WHERE a.id = one.attempt_id AND a.state = 'ready' AND a.times_asked = 0;
                CONTINUE WHEN NOT FOUND;
            END IF;
            handed := handed || payouts.begin_attempt(one.id, 'bank_file', 'accepted');
        END LOOP;
    END IF;
    IF handed = '{}' THEN
        SELECT max(a.asked_at) INTO written_at FROM public.payout_attempts AS a JOIN public.venue_payouts AS p ON p.id = a.payout_id
         WHERE p.run_id = of_run AND a.method = 'bank_file' AND a.state = 'accepted';
        IF written_at IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409',
                MESSAGE = format('The file for the bank was written already, on %s.', to_char(written_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')),
                HINT = 'Write the same file again only if the bank never got it.', DETAIL = 'file_written';
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Nothing of this run is left for the bank to pay.',
            HINT = 'Venues without a bank account, on hold or paid by transfer are not in the file.', DETAIL = 'nothing_to_pay';
    END IF;
    RETURN QUERY
    SELECT a.idempotency_key::text, v.name::text, v.payout_bank_name::text, a.destination::text, a.amount, a.currency::text,
           p.payout_period_start
      FROM public.payout_attempts AS a JOIN public.venue_payouts AS p ON p.id = a.payout_id JOIN public.venues AS v ON v.id = p.venue_id
     WHERE a.id = ANY (handed) ORDER BY v.name, a.idempotency_key;
END
$$;
COMMENT ON FUNCTION payouts.bank_file(uuid, boolean) IS 'The payouts of a run as lines for the bank; they are under way from now on.';

-- What the bank did: [{"line", "reference", "amount", "currency", "outcome": "paid" | "failed" | "returned", "on", "reason"}]. One row
-- for each line, in order: what becomes of it, or one sentence why it does not fit. What fits is written together, or with
-- `dry` not at all.
CREATE OR REPLACE FUNCTION payouts.bank_answer(answers jsonb, dry boolean) RETURNS TABLE (line integer, fate text, said text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    one record;
    mine public.payout_attempts;
    zone text;
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    IF jsonb_typeof(answers) IS DISTINCT FROM 'array' OR jsonb_array_length(answers) > 10000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The file has more lines than can be taken in at once.',
            HINT = 'Split it into files of at most 10,000 lines.', DETAIL = 'too_many_lines';
    END IF;
    PERFORM 1 FROM public.venue_payouts AS p
      WHERE p.id IN (SELECT a.payout_id FROM jsonb_array_elements(answers) AS x
                       JOIN public.payout_attempts AS a ON a.idempotency_key = x.value ->> 'reference' AND a.method = 'bank_file')
      ORDER BY p.id FOR UPDATE;
    FOR one IN
        SELECT (x.value ->> 'line')::integer AS line, x.value ->> 'reference' AS reference, (x.value ->> 'amount')::numeric AS amount,
               x.value ->> 'currency' AS currency, x.value ->> 'outcome' AS outcome, (x.value ->> 'on')::date AS "on",
               x.value ->> 'reason' AS reason, count(*) OVER (PARTITION BY x.value ->> 'reference') AS times
          FROM jsonb_array_elements(answers) AS x ORDER BY 1
    LOOP
        line := one.line;
        fate := 'left_out';
        SELECT a.* INTO mine FROM public.payout_attempts AS a WHERE a.idempotency_key = one.reference AND a.method = 'bank_file' FOR UPDATE;
        IF mine.id IS NULL THEN
            said := format('No payout has the reference %s.', left(one.reference, 60));
        ELSIF one.times > 1 THEN
            said := format('%s stands in this file more than once, so none of its lines was used.', one.reference);
        ELSIF (one.amount, one.currency) IS DISTINCT FROM (mine.amount, mine.currency::text) THEN
            said := format('%s is for %s, but the file says %s.', one.reference, payouts.money_words(mine.amount, mine.currency),
                           payouts.money_words(one.amount, one.currency));
        ELSIF one."on" > (app.now() AT TIME ZONE 'UTC')::date + 1 THEN
            said := format('%s is dated %s, which is still to come.', one.reference, one."on");
        ELSIF one.outcome NOT IN ('paid', 'failed', 'returned') OR one.outcome IS NULL THEN
            said := format('%s has an outcome that is not paid, failed or returned.', one.reference);
        ELSIF mine.state = 'ready' THEN
            said := format('%s has not been given to the bank yet.', one.reference);
        ELSIF (one.outcome, mine.state) IN (('paid', 'paid'), ('failed', 'failed'), ('returned', 'reversed')) THEN
            said := format('%s was recorded as %s before.', one.reference, one.outcome);
        ELSIF (one.outcome, mine.state) NOT IN (('paid', 'accepted'), ('failed', 'accepted'),
                                                 ('returned', 'accepted'), ('returned', 'paid')) THEN
            said := format('%s was recorded as %s before, and the file says %s: ask the bank.', one.reference,
                           CASE mine.state WHEN 'reversed' THEN 'returned' ELSE mine.state END, one.outcome);
        ELSE
            fate := one.outcome;
            said := format('%s: %s %s.', one.reference, payouts.money_words(mine.amount, mine.currency), one.outcome);
            IF NOT dry THEN
                IF one.outcome = 'paid' THEN
                    SELECT v.timezone INTO zone FROM public.venues AS v WHERE v.id = mine.venue_id;
                    PERFORM payouts.mark_paid(mine.id, one.reference,
                        CASE WHEN one."on" IS NULL THEN app.now() ELSE least(app.now(), (one."on" + time '12:00') AT TIME ZONE zone) END);
                ELSE
                    PERFORM payouts.mark_failed(mine.id, CASE one.outcome WHEN 'failed' THEN 'failed' ELSE 'reversed' END,
                        coalesce(nullif(payouts.said_words(one.reason), ''),
                                 CASE one.outcome WHEN 'failed' THEN 'The bank refused it.' ELSE 'The money came back from the bank.' END));
                END IF;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION payouts.bank_answer(jsonb, boolean) IS 'Record what the bank did with payouts, line by line; dry changes nothing.';

GRANT EXECUTE ON FUNCTION payouts.attempts(uuid), payouts.retry(uuid), payouts.bank_file(uuid, boolean),
    payouts.bank_answer(jsonb, boolean) TO console_client;
