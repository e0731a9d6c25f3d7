-- Since version 0004.
-- A transfer in doubt is settled by a person who knows from the other side, or from the bank, what became of the money. Only what
-- nobody knows can be settled: an outcome that is certain stays. docs/operations.md, "Paying venues".

-- Whether only a person can say what became of a transfer: its answer contradicts what was asked, or nobody has answered for so
-- long that its key is not recognised any more and it is not asked for again.
CREATE OR REPLACE FUNCTION payouts.is_doubtful(a public.payout_attempts) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN a.needs_person OR (a.state = 'unknown' AND a.first_asked_at <= app.now() - interval '20 hours');

-- "It was paid" or "it was not paid", with the reason, which stays on record. From then on the transfer is not looked at any more;
-- what was not paid can be tried again. Where runs need two people, who let it be paid does not say what became of it.
CREATE OR REPLACE FUNCTION payouts.settle(of_payout uuid, number integer, was_paid boolean, reason text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    why constant text := payouts.reason(reason);
    mine public.payout_attempts;
    alive boolean;
    approver uuid;
    words text;
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    IF was_paid IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say whether it was paid.', DETAIL = 'was_paid';
    END IF;
    mine := payouts.lock_attempt((SELECT a.id FROM public.payout_attempts AS a WHERE a.payout_id = of_payout AND a.attempt = number));
    IF mine.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such try to pay.', DETAIL = 'no_attempt';
    ELSIF mine.state = 'asking' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This transfer is being asked for at this moment.',
            HINT = 'Look again in a few minutes.', DETAIL = 'being_asked';
    ELSIF NOT payouts.is_doubtful(mine) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This transfer is not in doubt.', HINT = 'Refresh to see how it stands.',
            DETAIL = 'not_in_doubt';
    END IF;
    SELECT r.approved_by INTO approver FROM public.venue_payouts AS p JOIN public.payout_runs AS r ON r.id = p.run_id
     WHERE p.id = of_payout;
    PERFORM payouts.require_second_person(approver, 'Somebody else settles what you approved.');
    words := left('Settled by hand: ' || payouts.said_words(why), 300);
    alive := EXISTS (SELECT 1 FROM public.payout_attempts AS a
                      WHERE a.payout_id = of_payout AND a.id <> mine.id AND a.state IN ('ready', 'asking', 'unknown', 'accepted', 'paid'));
    IF was_paid AND alive THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Another try of this payout is under way or has arrived.',
            HINT = 'Ask for this one back, then say that it was not paid.', DETAIL = 'paid_twice';
    ELSIF was_paid THEN
        PERFORM payouts.mark_paid(mine.id, coalesce(mine.provider_id, mine.idempotency_key), app.now());
        -- Looked at again, the other side's contradiction would come back.
        UPDATE public.payout_attempts AS a SET failure = words, next_at = NULL WHERE a.id = mine.id;
    ELSIF alive THEN
        -- It was given up before, and what pays instead is not this one's to change.
        UPDATE public.payout_attempts AS a SET failure = words, needs_person = false, next_at = NULL, answered_at = app.now()
         WHERE a.id = mine.id;
    ELSE
        PERFORM payouts.mark_failed(mine.id, 'failed', words);
    END IF;
END
$$;
COMMENT ON FUNCTION payouts.settle(uuid, integer, boolean, text) IS 'Say what became of a transfer in doubt, with a reason.';
GRANT EXECUTE ON FUNCTION payouts.settle(uuid, integer, boolean, text) TO console_client;
