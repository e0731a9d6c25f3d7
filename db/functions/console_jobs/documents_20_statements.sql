-- Since version 0004.
-- Statements as the worker keeps them: each function does nothing but call one of the money functions, which no desk may call.

CREATE OR REPLACE FUNCTION app.statements_to_keep(after uuid, at_most integer) RETURNS TABLE (payout_id uuid, facts jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN QUERY SELECT k.* FROM payouts.statements_to_keep(after, at_most) AS k;
END
$$;
COMMENT ON FUNCTION app.statements_to_keep(uuid, integer) IS 'Statements that are to be made and kept, with what they are made from.';

CREATE OR REPLACE FUNCTION app.keep_statement(of_payout uuid, paper bytea) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN payouts.keep_statement(of_payout, paper, NULL);
END
$$;
COMMENT ON FUNCTION app.keep_statement(uuid, bytea) IS 'Keep a statement, unless there is one.';
GRANT EXECUTE ON FUNCTION app.statements_to_keep(uuid, integer), app.keep_statement(uuid, bytea) TO console_worker;
