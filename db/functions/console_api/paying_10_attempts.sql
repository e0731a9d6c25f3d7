-- Since version 0004.
-- Paying a payout, one attempt at a time. The row says "asking" before anybody is asked, so that a worker may end at any moment;
-- what got no answer is unknown, and asked again under the same key before anything else. An answer that contradicts what was
-- asked is a person's business: the attempt stays alive, so that nothing is paid again. Internal: desks and the worker come in
-- by functions of their own. Locks: the payout, then its attempt. docs/operations.md, "Paying venues".

-- "1234.50 USD".
CREATE OR REPLACE FUNCTION payouts.money_words(amount numeric, currency text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN to_char(amount, 'FM999999999990.00') || ' ' || currency;

-- What somebody else said, as one line that may be shown: no control characters, nothing that looks like a key.
CREATE OR REPLACE FUNCTION payouts.said_words(raw text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN left(btrim(regexp_replace(regexp_replace(coalesce(raw, ''), '\m(sk|rk|pk|whsec)_\S+', '…', 'g'),
    '[[:cntrl:][:space:]]+', ' ', 'g')), 300);

-- Lock an attempt and its payout, in that order of tables that everybody keeps.
CREATE OR REPLACE FUNCTION payouts.lock_attempt(wanted uuid) RETURNS public.payout_attempts
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.payout_attempts;
BEGIN
    PERFORM 1 FROM public.venue_payouts AS p
      WHERE p.id = (SELECT a.payout_id FROM public.payout_attempts AS a WHERE a.id = wanted) FOR UPDATE;
    SELECT a.* INTO found FROM public.payout_attempts AS a WHERE a.id = wanted FOR UPDATE;
    RETURN found;
END
$$;

-- Tell a venue's finance people, once per cause.
CREATE OR REPLACE FUNCTION payouts.tell_finance(payout uuid, template text, cause text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    facts jsonb;
    at_venue uuid;
    reader uuid;
BEGIN
    SELECT p.venue_id, jsonb_build_object('venue_id', p.venue_id, 'venue', v.name, 'period', to_char(p.payout_period_start, 'MM/YYYY'),
               'amount', payouts.money_words(p.net_payout, p.currency), 'reference', p.payment_reference)
      INTO at_venue, facts
      FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id WHERE p.id = payout;
    FOR reader IN SELECT DISTINCT g.user_id FROM public.staff_grants AS g
                   WHERE g.venue_id = at_venue AND g.role = 'venue_finance' AND g.revoked_at IS NULL ORDER BY g.user_id LOOP
        PERFORM notify.tell(reader, template, facts, cause, 'payout', payout);
    END LOOP;
END
$$;

-- An attempt has arrived.
CREATE OR REPLACE FUNCTION payouts.mark_paid(attempt_id uuid, reference text, arrived_at timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mine public.payout_attempts := payouts.lock_attempt(attempt_id);
BEGIN
    UPDATE public.payout_attempts AS a
       SET state = 'paid', answered_at = app.now(), failure = NULL, needs_person = false,
           -- A transfer may be taken back; it is looked at once a day for a month.
           next_at = CASE WHEN a.method = 'transfer' AND a.created_at > app.now() - interval '30 days'
                          THEN app.now() + interval '1 day' END
     WHERE a.id = attempt_id;
    UPDATE public.venue_payouts AS p
       SET status = 'paid', paid_at = arrived_at, failure_reason = NULL, payment_reference = reference,
           payment_method = CASE mine.method WHEN 'transfer' THEN 'stripe_connect' ELSE 'bank_transfer' END,
           stripe_transfer_id = CASE mine.method WHEN 'transfer' THEN mine.provider_id END
     WHERE p.id = mine.payout_id;
    PERFORM payouts.tell_finance(mine.payout_id, 'payout_paid', format('payout_paid:%s', attempt_id));
END
$$;

-- An attempt has ended without money at the venue: it may be tried again.
CREATE OR REPLACE FUNCTION payouts.mark_failed(attempt_id uuid, ended text, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mine public.payout_attempts := payouts.lock_attempt(attempt_id);
    words constant text := coalesce(nullif(payouts.said_words(why), ''), 'No reason was given.');
BEGIN
    UPDATE public.payout_attempts AS a
       SET state = ended, answered_at = app.now(), failure = words, needs_person = false, next_at = NULL
     WHERE a.id = attempt_id;
    UPDATE public.venue_payouts AS p SET status = 'failed', paid_at = NULL, failure_reason = words WHERE p.id = mine.payout_id;
    PERFORM payouts.tell_finance(mine.payout_id, 'payout_failed', format('payout_failed:%s:%s', attempt_id, ended));
END
$$;

-- An answer contradicts what was asked: a person has to look. The attempt stays alive, so nothing is paid again before that.
CREATE OR REPLACE FUNCTION payouts.mark_doubtful(attempt_id uuid, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mine public.payout_attempts := payouts.lock_attempt(attempt_id);
    words constant text := payouts.said_words(why);
BEGIN
    UPDATE public.payout_attempts AS a
       SET state = CASE WHEN a.provider_id IS NULL THEN 'unknown' ELSE 'accepted' END, answered_at = app.now(), failure = words,
           needs_person = true, next_at = app.now() + interval '1 hour'
     WHERE a.id = attempt_id;
    UPDATE public.venue_payouts AS p SET status = 'failed', paid_at = NULL, failure_reason = words
     WHERE p.id = mine.payout_id AND (p.status, p.failure_reason) IS DISTINCT FROM ('failed', words);
    PERFORM payouts.tell_finance(mine.payout_id, 'payout_failed', format('payout_failed:%s:doubtful', attempt_id));
END
$$;

-- Begin an attempt for a payout that is locked: its number, key and amounts are fixed, and the payout leaves 'pending'.
CREATE OR REPLACE FUNCTION payouts.begin_attempt(payout uuid, by_method text, in_state text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    number constant integer := coalesce((SELECT max(a.attempt) FROM public.payout_attempts AS a WHERE a.payout_id = payout), 0) + 1;
    made uuid;
    key text;
BEGIN
    SELECT CASE by_method WHEN 'transfer' THEN format('nexus-payout-%s-%s', p.id, number)
                -- At most 35 letters and digits, which is what banks carry along.
                ELSE format('NFP%s-%s-%s', to_char(p.payout_period_start, 'YYYYMM'),
                            upper(left(replace(p.id::text, '-', ''), 16)), number) END
      INTO key FROM public.venue_payouts AS p WHERE p.id = payout;
    INSERT INTO public.payout_attempts AS a
        (payout_id, venue_id, attempt, method, idempotency_key, amount, currency, destination, state, next_at, asked_at,
         first_asked_at, times_asked)
    SELECT p.id, p.venue_id, number, by_method, key, p.net_payout, p.currency,
           CASE by_method WHEN 'transfer' THEN v.stripe_connect_account_id ELSE v.payout_account_last_four END, in_state,
           CASE WHEN in_state = 'ready' THEN app.now() END, CASE WHEN in_state <> 'ready' THEN app.now() END,
           CASE WHEN in_state <> 'ready' THEN app.now() END, CASE WHEN in_state <> 'ready' THEN 1 ELSE 0 END
      FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id WHERE p.id = payout
    RETURNING a.id INTO made;
    UPDATE public.venue_payouts AS p
       SET status = 'processing', idempotency_key = key, paid_at = NULL, failure_reason = NULL,
           sent_at = CASE WHEN in_state = 'ready' THEN p.sent_at ELSE coalesce(p.sent_at, app.now()) END,
           payment_method = CASE by_method WHEN 'transfer' THEN 'stripe_connect' ELSE 'bank_transfer' END,
           payment_reference = CASE by_method WHEN 'bank_file' THEN key END
     WHERE p.id = payout;
    RETURN made;
END
$$;

-- The payouts that may be paid now: of an approved run, above zero, their venue not on hold, no attempt alive.
CREATE OR REPLACE FUNCTION payouts.is_payable(payout uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1 FROM public.venue_payouts AS p JOIN public.payout_runs AS r ON r.id = p.run_id AND r.state = 'approved'
         WHERE p.id = payout AND p.status = 'pending' AND p.net_payout > 0
           AND NOT EXISTS (SELECT 1 FROM public.payout_holds AS h WHERE h.venue_id = p.venue_id AND h.released_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM public.payout_attempts AS a
                            WHERE a.payout_id = p.id AND a.state IN ('ready', 'asking', 'unknown', 'accepted', 'paid')));
END
$$;
