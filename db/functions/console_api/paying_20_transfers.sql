-- Since version 0004.
-- What the worker asks about transfers and tells of them; only its own functions (console_jobs) may call these.

-- Take the next transfer to ask for, and write down that it is being asked. First what was asked without an answer, under its
-- own key; then what is to be tried again; then payouts nobody has asked for. `was_asked`: the other side may know it already.
-- `may_post`: the key is young enough for the other side to recognise it; later it is only looked up.
CREATE OR REPLACE FUNCTION payouts.take_transfer()
    RETURNS TABLE (id uuid, payout_id uuid, attempt integer, idempotency_key text, amount numeric, currency text, destination text,
                   provider_id text, nth integer, was_asked boolean, may_post boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    taken uuid;
    asked boolean := true;
BEGIN
    SELECT a.id, a.state <> 'ready' OR a.times_asked > 0 INTO taken, asked FROM public.payout_attempts AS a
     WHERE a.method = 'transfer'
       AND (a.state = 'asking' AND a.asked_at < app.now() - interval '10 minutes'
            OR a.state = 'unknown' AND a.next_at <= app.now()
            OR a.state = 'ready' AND a.next_at <= app.now()
               AND NOT EXISTS (SELECT 1 FROM public.payout_holds AS h WHERE h.venue_id = a.venue_id AND h.released_at IS NULL))
     ORDER BY a.state = 'ready', a.created_at, a.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF taken IS NOT NULL THEN
        UPDATE public.payout_attempts AS a SET state = 'asking', asked_at = app.now(), times_asked = a.times_asked + 1, next_at = NULL,
               first_asked_at = coalesce(a.first_asked_at, app.now())
         WHERE a.id = taken;
        UPDATE public.venue_payouts AS p SET sent_at = app.now()
         WHERE p.id = (SELECT a.payout_id FROM public.payout_attempts AS a WHERE a.id = taken) AND p.sent_at IS NULL;
    ELSE
        asked := false;
        SELECT p.id INTO taken FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id
         WHERE p.status = 'pending' AND v.stripe_connect_account_id IS NOT NULL AND payouts.is_payable(p.id)
         ORDER BY p.payout_period_start, p.id LIMIT 1 FOR UPDATE OF p SKIP LOCKED;
        IF taken IS NULL THEN
            RETURN;
        END IF;
        taken := payouts.begin_attempt(taken, 'transfer', 'asking');
    END IF;
    RETURN QUERY
    SELECT a.id, a.payout_id, a.attempt, a.idempotency_key::text, a.amount, a.currency::text, a.destination::text, a.provider_id::text,
           a.times_asked, asked, a.first_asked_at > app.now() - interval '20 hours'
      FROM public.payout_attempts AS a WHERE a.id = taken;
END
$$;

-- How many payouts wait for a transfer, and how many for a file because their venue has no account there.
CREATE OR REPLACE FUNCTION payouts.transfers_due(OUT due integer, OUT without_account integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    SELECT count(*) FILTER (WHERE v.stripe_connect_account_id IS NOT NULL), count(*) FILTER (WHERE v.stripe_connect_account_id IS NULL)
      INTO due, without_account
      FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id
     WHERE p.status = 'pending' AND payouts.is_payable(p.id);
    due := due + (SELECT count(*) FROM public.payout_attempts AS a
                   WHERE a.method = 'transfer' AND a.state IN ('ready', 'asking', 'unknown') AND NOT a.needs_person);
END
$$;

-- Transfers to look at again: accepted but not seen to arrive, and paid ones that might have been taken back.
CREATE OR REPLACE FUNCTION payouts.transfers_to_look_at(at_most integer)
    RETURNS TABLE (id uuid, payout_id uuid, attempt integer, idempotency_key text, amount numeric, currency text, destination text,
                   provider_id text, nth integer, was_asked boolean, may_post boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT a.id, a.payout_id, a.attempt, a.idempotency_key::text, a.amount, a.currency::text, a.destination::text, a.provider_id::text,
           a.times_asked, true, false
      FROM public.payout_attempts AS a
     WHERE a.method = 'transfer' AND a.state IN ('accepted', 'paid') AND a.next_at <= app.now() AND a.provider_id IS NOT NULL
     ORDER BY a.next_at, a.id LIMIT at_most;
END
$$;

-- What the other side says of a transfer: its id, amount, currency, account, whether it is "pending", "paid" or "failed", and how
-- much of it was taken back. Answers the state that leaves the attempt in, or "doubtful". Said twice, nothing changes.
CREATE OR REPLACE FUNCTION payouts.transfer_said(
    attempt_id uuid, said_id text, said_amount numeric, said_currency text, said_destination text, said_status text,
    taken_back numeric, why text) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    mine public.payout_attempts := payouts.lock_attempt(attempt_id);
    wrong text;
BEGIN
    IF mine.id IS NULL OR mine.method <> 'transfer' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such transfer.', DETAIL = 'no_attempt';
    END IF;
    IF mine.state = 'reversed' THEN
        RETURN 'reversed';
    ELSIF mine.state = 'failed' THEN
        IF said_status = 'failed' THEN
            RETURN 'failed';
        ELSIF EXISTS (SELECT 1 FROM public.payout_attempts AS a
                       WHERE a.payout_id = mine.payout_id AND a.state IN ('ready', 'asking', 'unknown', 'accepted', 'paid')) THEN
            -- It was given up for failed and arrived after all, with another under way: both stay as they are for a person to see.
            UPDATE public.payout_attempts AS a
               SET failure = payouts.said_words(format('It was accepted after all, as %s. Ask for it back.', said_id)),
                   provider_id = coalesce(a.provider_id, said_id), needs_person = true
             WHERE a.id = attempt_id;
            RETURN 'doubtful';
        END IF;
    END IF;

    IF mine.provider_id IS NOT NULL AND mine.provider_id <> said_id THEN
        wrong := format('The other side names %s where it named %s before.', said_id, mine.provider_id);
    ELSIF EXISTS (SELECT 1 FROM public.payout_attempts AS a
                   WHERE a.provider_id = said_id AND a.method = 'transfer' AND a.id <> attempt_id) THEN
        wrong := format('The other side names %s, which pays another payout.', said_id);
    ELSE
        UPDATE public.payout_attempts AS a SET provider_id = said_id WHERE a.id = attempt_id AND a.provider_id IS DISTINCT FROM said_id;
        IF (said_amount, upper(said_currency)) IS DISTINCT FROM (mine.amount, mine.currency::text) THEN
            wrong := format('%s was asked for, and the other side answered with %s.',
                            payouts.money_words(mine.amount, mine.currency), payouts.money_words(said_amount, upper(said_currency)));
        ELSIF said_destination IS DISTINCT FROM mine.destination THEN
            wrong := 'The other side answered with another account than the venue''s.';
        ELSIF taken_back > 0 AND taken_back < said_amount THEN
            wrong := format('%s of it was taken back.', payouts.money_words(taken_back, mine.currency));
        END IF;
        IF taken_back > 0 AND taken_back >= said_amount THEN
            PERFORM payouts.mark_failed(attempt_id, 'reversed', 'The transfer was taken back.');
            RETURN 'reversed';
        END IF;
    END IF;
    IF wrong IS NOT NULL THEN
        PERFORM payouts.mark_doubtful(attempt_id, wrong || ' Settle it there: once it is taken back, it can be paid again.');
        RETURN 'doubtful';
    ELSIF said_status = 'failed' THEN
        PERFORM payouts.mark_failed(attempt_id, 'failed', coalesce(why, 'The transfer failed.'));
        RETURN 'failed';
    ELSIF said_status = 'paid' THEN
        IF mine.state = 'paid' THEN
            UPDATE public.payout_attempts AS a
               SET next_at = CASE WHEN a.created_at > app.now() - interval '30 days' THEN app.now() + interval '1 day' END
             WHERE a.id = attempt_id;
            RETURN 'unchanged';
        END IF;
        PERFORM payouts.mark_paid(attempt_id, said_id, app.now());
        RETURN 'paid';
    END IF;
    IF mine.state = 'paid' THEN
        -- Once arrived it does not become unarrived by being called pending.
        UPDATE public.payout_attempts AS a SET next_at = app.now() + interval '1 day' WHERE a.id = attempt_id;
        RETURN 'unchanged';
    END IF;
    UPDATE public.payout_attempts AS a
       SET state = 'accepted', answered_at = app.now(), failure = NULL, needs_person = false, next_at = app.now() + interval '5 minutes'
     WHERE a.id = attempt_id;
    UPDATE public.venue_payouts AS p SET status = 'processing', failure_reason = NULL, payment_reference = said_id
     WHERE p.id = mine.payout_id AND (p.status, p.payment_reference) IS DISTINCT FROM ('processing', said_id);
    RETURN CASE WHEN mine.state = 'accepted' THEN 'unchanged' ELSE 'accepted' END;
END
$$;

-- It was not asked for sure, or refused without being done: as it was before, and asked again later. `nth` says by which asking;
-- an answer to an earlier one than the last changes nothing.
CREATE OR REPLACE FUNCTION payouts.transfer_not_asked(attempt_id uuid, asking integer, was_asked boolean, why text, wait_seconds integer)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.payout_attempts AS a
       SET state = CASE WHEN was_asked THEN 'unknown' ELSE 'ready' END, failure = payouts.said_words(why),
           -- What was never asked counts as never asked.
           times_asked = CASE WHEN was_asked THEN a.times_asked ELSE 0 END,
           first_asked_at = CASE WHEN was_asked THEN a.first_asked_at END,
           next_at = app.now() + make_interval(secs => least(greatest(wait_seconds, 0), 86400))
     WHERE a.id = attempt_id AND a.state = 'asking' AND a.times_asked = asking;
END
$$;

-- Nobody knows: asked again under the same key after 1, 5, 15 and then every 60 minutes.
CREATE OR REPLACE FUNCTION payouts.transfer_unknown(attempt_id uuid, asking integer, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.payout_attempts AS a
       SET state = 'unknown', failure = payouts.said_words(why),
           next_at = app.now() + (ARRAY[1, 5, 15, 60])[least(a.times_asked, 4)] * interval '1 minute'
     WHERE a.id = attempt_id AND a.state = 'asking' AND a.times_asked = asking;
END
$$;

-- The other side says with another answer than before that this key stands for something else: a person has to look.
CREATE OR REPLACE FUNCTION payouts.transfer_doubtful(attempt_id uuid, asking integer, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    mine public.payout_attempts := payouts.lock_attempt(attempt_id);
BEGIN
    IF mine.state = 'asking' AND mine.times_asked = asking THEN
        PERFORM payouts.mark_doubtful(attempt_id, why);
    END IF;
END
$$;

-- Refused for good, or never arrived there: it failed and may be tried again by a person.
CREATE OR REPLACE FUNCTION payouts.transfer_refused(attempt_id uuid, asking integer, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    mine public.payout_attempts := payouts.lock_attempt(attempt_id);
BEGIN
    IF mine.state = 'asking' AND mine.times_asked = asking AND mine.provider_id IS NULL THEN
        PERFORM payouts.mark_failed(attempt_id, 'failed', why);
    END IF;
END
$$;

-- Looking at a transfer brought no answer: again later, with the reason where a person may read it.
CREATE OR REPLACE FUNCTION payouts.transfer_not_seen(attempt_id uuid, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.payout_attempts AS a
       SET next_at = app.now() + interval '15 minutes',
           failure = CASE WHEN a.state = 'accepted' AND NOT a.needs_person THEN payouts.said_words(why) ELSE a.failure END
     WHERE a.id = attempt_id AND a.state IN ('accepted', 'paid');
END
$$;

GRANT EXECUTE ON FUNCTION payouts.take_transfer(), payouts.transfers_due(), payouts.transfers_to_look_at(integer),
    payouts.transfer_said(uuid, text, numeric, text, text, text, numeric, text),
    payouts.transfer_not_asked(uuid, integer, boolean, text, integer), payouts.transfer_unknown(uuid, integer, text),
    payouts.transfer_doubtful(uuid, integer, text), payouts.transfer_refused(uuid, integer, text),
    payouts.transfer_not_seen(uuid, text) TO console_jobs;
