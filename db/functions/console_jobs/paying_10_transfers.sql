-- Since version 0004.
-- Transfers as the worker sees them: each function does nothing but call one of the money functions, which no desk may call.

CREATE OR REPLACE FUNCTION app.take_transfer()
    RETURNS TABLE (id uuid, payout_id uuid, attempt integer, idempotency_key text, amount numeric, currency text, destination text,
                   provider_id text, nth integer, was_asked boolean, may_post boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN QUERY SELECT t.* FROM payouts.take_transfer() AS t;
END
$$;
COMMENT ON FUNCTION app.take_transfer() IS 'The next transfer to ask for, written down as being asked.';

CREATE OR REPLACE FUNCTION app.transfers_due(OUT due integer, OUT without_account integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    SELECT d.due, d.without_account INTO due, without_account FROM payouts.transfers_due() AS d;
END
$$;
COMMENT ON FUNCTION app.transfers_due() IS 'How many payouts wait for a transfer, and how many have no account for one.';

CREATE OR REPLACE FUNCTION app.transfers_to_look_at(at_most integer)
    RETURNS TABLE (id uuid, payout_id uuid, attempt integer, idempotency_key text, amount numeric, currency text, destination text,
                   provider_id text, nth integer, was_asked boolean, may_post boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN QUERY SELECT t.* FROM payouts.transfers_to_look_at(at_most) AS t;
END
$$;
COMMENT ON FUNCTION app.transfers_to_look_at(integer) IS 'Transfers whose state is to be asked for.';

CREATE OR REPLACE FUNCTION app.transfer_said(
    attempt_id uuid, said_id text, said_amount numeric, said_currency text, said_destination text, said_status text,
    taken_back numeric, why text) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN payouts.transfer_said(attempt_id, said_id, said_amount, said_currency, said_destination, said_status, taken_back, why);
END
$$;
COMMENT ON FUNCTION app.transfer_said(uuid, text, numeric, text, text, text, numeric, text) IS 'Take in what the other side says of a transfer.';

CREATE OR REPLACE FUNCTION app.transfer_not_asked(attempt_id uuid, asking integer, was_asked boolean, why text, wait_seconds integer)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.transfer_not_asked(attempt_id, asking, was_asked, why, wait_seconds);
END
$$;
COMMENT ON FUNCTION app.transfer_not_asked(uuid, integer, boolean, text, integer) IS 'A transfer was not asked for after all.';

CREATE OR REPLACE FUNCTION app.transfer_unknown(attempt_id uuid, asking integer, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.transfer_unknown(attempt_id, asking, why);
END
$$;
COMMENT ON FUNCTION app.transfer_unknown(uuid, integer, text) IS 'A transfer was asked for and nobody knows the answer.';

CREATE OR REPLACE FUNCTION app.transfer_doubtful(attempt_id uuid, asking integer, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.transfer_doubtful(attempt_id, asking, why);
END
$$;
COMMENT ON FUNCTION app.transfer_doubtful(uuid, integer, text) IS 'The answer about a transfer contradicts what was asked.';

CREATE OR REPLACE FUNCTION app.transfer_refused(attempt_id uuid, asking integer, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.transfer_refused(attempt_id, asking, why);
END
$$;
COMMENT ON FUNCTION app.transfer_refused(uuid, integer, text) IS 'A transfer was refused for good.';

CREATE OR REPLACE FUNCTION app.transfer_not_seen(attempt_id uuid, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.transfer_not_seen(attempt_id, why);
END
$$;
COMMENT ON FUNCTION app.transfer_not_seen(uuid, text) IS 'Asking how a transfer stands brought no answer.';

GRANT EXECUTE ON FUNCTION app.take_transfer(), app.transfers_due(), app.transfers_to_look_at(integer),
    app.transfer_said(uuid, text, numeric, text, text, text, numeric, text),
    app.transfer_not_asked(uuid, integer, boolean, text, integer), app.transfer_unknown(uuid, integer, text),
    app.transfer_doubtful(uuid, integer, text), app.transfer_refused(uuid, integer, text), app.transfer_not_seen(uuid, text)
    TO console_worker;
