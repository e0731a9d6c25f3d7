-- What recording would answer, without recording: the very same function runs and everything it did is taken back, so that the
-- two can never disagree. docs/behaviour.md.

CREATE OR REPLACE FUNCTION attendance.simulate(events jsonb)
    RETURNS TABLE (event_id uuid, outcome public.attendance_outcome, reason public.refusal_reason, detail jsonb,
                   booking_id uuid, state public.attendance_state, state_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    answers jsonb;
BEGIN
    BEGIN
        SELECT coalesce(jsonb_agg(to_jsonb(a) - 'ord' ORDER BY a.ord), '[]') INTO answers
          FROM attendance.record(events) WITH ORDINALITY
               AS a (event_id, outcome, reason, detail, booking_id, state, state_at, ord);
        -- Ends the block as a failure does, locks and announcements included; what a variable holds outlives it.
        RAISE EXCEPTION USING ERRCODE = 'NXSIM', MESSAGE = 'Simulated.';
    EXCEPTION WHEN SQLSTATE 'NXSIM' THEN
        NULL;
    END;
    RETURN QUERY SELECT r.event_id, r.outcome, r.reason, r.detail, r.booking_id, r.state, r.state_at
                   FROM ROWS FROM (jsonb_to_recordset(answers) AS (
                            event_id uuid, outcome public.attendance_outcome, reason public.refusal_reason, detail jsonb,
                            booking_id uuid, state public.attendance_state, state_at timestamptz)) WITH ORDINALITY
                        AS r (event_id, outcome, reason, detail, booking_id, state, state_at, ord) ORDER BY r.ord;
END
$$;
COMMENT ON FUNCTION attendance.simulate(jsonb) IS 'What attendance.record would answer to a batch; nothing is written.';
GRANT EXECUTE ON FUNCTION attendance.simulate(jsonb) TO console_client;
