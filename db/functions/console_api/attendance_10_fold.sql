-- How a booking's events add up: the judgement of each new event and the state after it, as one window aggregate ordered
-- by occurred_at, device and seq. docs/design.md, "The desk protocol".
--
-- The aggregate's state is an array of text. Places 1 to 3 are the judgement of the current row: outcome, reason and the
-- event it leans on (left over from before for an event judged earlier). From place 4 on stand the events that count, oldest first, as
-- 'kind|id|occurred_at'; one that was taken back stays as 'x|id|annul id', so that a second annul can say by whom.

CREATE OR REPLACE FUNCTION attendance.fold_step(
    state text[], id uuid, kind public.attendance_kind, occurred_at timestamptz, annuls uuid,
    judged public.attendance_outcome, hard public.refusal_reason, soft public.refusal_reason, soft_first boolean,
    lenient boolean, again boolean, next_id uuid) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    top text;
    top_kind text;
    top_id text;
    spot integer;
    outcome text := 'applied';
    reason text := soft;
    basis text;
BEGIN
    -- Judged earlier: it only takes its place. (Only what counts is folded; a refused event is not among them.)
    IF judged IS NOT NULL AND kind <> 'annul' THEN
        RETURN coalesce(state, ARRAY[NULL, NULL, NULL]::text[]) || (kind || '|' || id || '|' || occurred_at);
    END IF;
    FOR i IN REVERSE coalesce(array_upper(state, 1), 3)..4 LOOP
        IF left(state[i], 2) <> 'x|' THEN
            top := state[i];
            EXIT;
        END IF;
    END LOOP;
    top_kind := split_part(top, '|', 1);
    top_id := split_part(top, '|', 2);

    IF kind = 'annul' THEN
        FOR i IN 4..coalesce(array_upper(state, 1), 3) LOOP
            IF split_part(state[i], '|', 2) = annuls::text THEN
                spot := i;
            END IF;
        END LOOP;
        IF judged IS NULL THEN
            IF hard IS NOT NULL THEN
                outcome := 'rejected'; reason := hard;
            ELSIF spot IS NULL THEN
                outcome := 'rejected'; reason := 'not_permitted';
            ELSIF left(state[spot], 2) = 'x|' THEN
                outcome := 'already'; reason := NULL; basis := split_part(state[spot], '|', 3);
            ELSIF soft IS NOT NULL THEN
                outcome := 'rejected';
            END IF;
            -- Who did it and where is told only about events the caller may know of.
            IF outcome = 'rejected' AND hard IS DISTINCT FROM 'unknown_code' THEN
                basis := annuls;
            END IF;
        END IF;
        IF spot IS NOT NULL AND (judged IS NOT NULL OR outcome = 'applied') THEN
            state[spot] := 'x|' || annuls || '|' || id;
        END IF;
    ELSE
        IF hard IS NOT NULL THEN
            outcome := 'rejected'; reason := hard;
        ELSIF soft_first AND soft IS NOT NULL THEN
            outcome := 'rejected';
        ELSIF top_kind = kind::text OR next_id IS NOT NULL THEN
            outcome := 'already'; reason := NULL; basis := CASE WHEN top_kind = kind::text THEN top_id ELSE next_id::text END;
        ELSE
            IF reason IS NULL THEN
                reason := CASE
                    WHEN kind = 'check_in' AND top_kind = 'check_out' AND NOT again THEN 'already_out'
                    WHEN kind = 'check_out' AND top_kind IS DISTINCT FROM 'check_in' THEN 'not_in'
                    WHEN kind = 'absent' AND top_kind = 'check_in' THEN 'already_in'
                    WHEN kind = 'absent' AND top_kind = 'check_out' THEN 'already_out' END;
                basis := CASE WHEN reason IN ('already_in', 'already_out') THEN top_id END;
            END IF;
            IF reason IS NOT NULL THEN
                outcome := CASE WHEN lenient THEN 'applied_with_review' ELSE 'rejected' END;
            END IF;
        END IF;
        IF outcome IN ('applied', 'applied_with_review') THEN
            state := coalesce(state, ARRAY[NULL, NULL, NULL]::text[]) || (kind || '|' || id || '|' || occurred_at);
        END IF;
    END IF;
    IF state IS NULL THEN
        state := ARRAY[NULL, NULL, NULL]::text[];
    END IF;
    IF judged IS NULL THEN
        state[1] := outcome; state[2] := reason; state[3] := basis;
    END IF;
    RETURN state;
END
$$;

CREATE OR REPLACE AGGREGATE attendance.fold(
    uuid, public.attendance_kind, timestamptz, uuid, public.attendance_outcome, public.refusal_reason,
    public.refusal_reason, boolean, boolean, boolean, uuid) (SFUNC = attendance.fold_step, STYPE = text[]);
COMMENT ON AGGREGATE attendance.fold(uuid, public.attendance_kind, timestamptz, uuid, public.attendance_outcome,
    public.refusal_reason, public.refusal_reason, boolean, boolean, boolean, uuid)
    IS 'A booking''s events added up, with the judgement of the newest.';
-- The grant that a new aggregate gives to everybody, taken back: default privileges cover functions made by CREATE FUNCTION.
REVOKE ALL ON FUNCTION attendance.fold(uuid, public.attendance_kind, timestamptz, uuid, public.attendance_outcome,
    public.refusal_reason, public.refusal_reason, boolean, boolean, boolean, uuid) FROM PUBLIC;

-- The last event that counts, of the folded array: 'kind|id|occurred_at', or NULL.
CREATE OR REPLACE FUNCTION attendance.fold_top(state text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    FOR i IN REVERSE coalesce(array_upper(state, 1), 3)..4 LOOP
        IF left(state[i], 2) <> 'x|' THEN
            RETURN state[i];
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- When the child first came and, where the last word is that it left, when: [checked_in_at, checked_out_at].
CREATE OR REPLACE FUNCTION attendance.fold_times(state text[], top text) RETURNS timestamptz[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    came timestamptz;
BEGIN
    FOR i IN 4..coalesce(array_upper(state, 1), 3) LOOP
        IF left(state[i], 9) = 'check_in|' THEN
            came := split_part(state[i], '|', 3)::timestamptz;
            EXIT;
        END IF;
    END LOOP;
    RETURN ARRAY[came, CASE WHEN left(top, 10) = 'check_out|' THEN split_part(top, '|', 3)::timestamptz END];
END
$$;
