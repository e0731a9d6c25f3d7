-- The one way attendance is recorded: a batch of up to 500 events, judged on arrival and answered one by one. Idempotent by
-- event id: what is stored already gets its stored answer. docs/design.md, "The desk protocol".
--
-- The first statement that touches bookings locks them in id order, so two desks never wait for each other in a circle; the
-- statement that judges starts after it, hence with a snapshot in which whoever held a lock has committed.

CREATE OR REPLACE FUNCTION attendance.record(events jsonb)
    RETURNS TABLE (event_id uuid, outcome public.attendance_outcome, reason public.refusal_reason, detail jsonb,
                   booking_id uuid, state public.attendance_state, state_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    -- Batches of 1 and of 500 want the same index look-ups; planning each anew would cost more than running it.
    SET plan_cache_mode = force_generic_plan
    SET jit = off
    -- A plan made while a table was still empty would read it whole for ever after.
    SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    me record := auth.caller();
    device uuid := coalesce(me.device_id, auth.device_id());
    person uuid := me.user_id;
    annulling constant boolean := events @? '$[*].kind ? (@ == "annul")';
    visible uuid[];
    permitted uuid[];
    asked uuid[];
    seqs bigint[];
    about uuid[];
    boss_of uuid[] := '{}';
    known uuid[];
    foreign_ids boolean;
    taken boolean;
    needs_review boolean;
    came_late boolean;
    -- Once, not as a default worked out for each row.
    moment constant timestamptz := app.now();
BEGIN
    SELECT c.ids, c.seqs, c.about INTO asked, seqs, about FROM attendance.check_batch(events) AS c;
    IF device IS NULL THEN
        RETURN QUERY SELECT b.id, 'rejected'::public.attendance_outcome, 'device_revoked'::public.refusal_reason,
                            '{}'::jsonb, NULL::uuid, NULL::public.attendance_state, NULL::timestamptz
                       FROM attendance.read_batch(events) AS b ORDER BY b.ord;
        RETURN;
    END IF;
    IF person IS NULL THEN
        PERFORM auth.require('attendance.record', NULL);
    END IF;
    visible := auth.venues_of(person, me.bound_venue_id, NULL);
    permitted := auth.venues_of(person, me.bound_venue_id, 'attendance.record');
    IF annulling THEN
        boss_of := auth.venues_of(person, me.bound_venue_id, 'attendance.undo_any');
    END IF;

    -- Look-ups of one row each are written as sub-selects: a join could be planned as a scan.
    IF array_position(about, NULL) IS NOT NULL THEN
        SELECT array_remove(array_agg(CASE WHEN b.annuls IS NULL THEN coalesce(b.booking_id, attendance.booking_with_code(b.code))
                   ELSE (SELECT t.booking_id FROM public.attendance_events AS t WHERE t.id = b.annuls) END), NULL)
          INTO about
          FROM attendance.read_batch(events) AS b;
    END IF;
    PERFORM 1 FROM public.bookings AS b
      WHERE b.id = ANY (about) AND b.venue_id = ANY (visible) ORDER BY b.id FOR NO KEY UPDATE;

    SELECT coalesce(array_agg(e.id), '{}'), bool_or(e.device_id <> device) INTO known, foreign_ids
      FROM public.attendance_events AS e WHERE e.id = ANY (asked);
    -- Sequence numbers that are all higher than what this desk has used cannot collide.
    IF cardinality(known) < cardinality(asked) AND (SELECT min(q) FROM unnest(seqs) AS q) <= (
        SELECT e.seq FROM public.attendance_events AS e WHERE e.device_id = device ORDER BY e.seq DESC LIMIT 1) THEN
        taken := EXISTS (SELECT 1 FROM unnest(seqs) AS q (seq), LATERAL (
            SELECT e.id FROM public.attendance_events AS e WHERE e.device_id = device AND e.seq = q.seq OFFSET 0) AS e
             WHERE e.id <> ALL (asked));
    END IF;
    IF foreign_ids THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Another desk has already used one of these event numbers.',
            HINT = 'Record it again.', DETAIL = 'event_id_taken';
    ELSIF taken THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This desk has already used one of these sequence numbers.',
            HINT = 'Ask for the next number and send the events again.', DETAIL = 'seq_taken';
    END IF;

    IF cardinality(known) < cardinality(asked) THEN
        WITH fresh AS MATERIALIZED (
            SELECT w.* FROM attendance.weigh_batch(events, annulling, known, device, person, visible,
                                                   permitted, boss_of) AS w
        ), everything AS (
            SELECT f.id, f.booking_id, device AS device_id, f.seq, f.kind, f.occurred_at, f.annuls, f.person_id,
                   NULL::public.attendance_outcome AS judged, f.hard, f.soft, f.soft_first, f.lenient, f.again, f.next_id
              FROM fresh AS f
            UNION ALL
            SELECT e.id, e.booking_id, e.device_id, e.seq, e.kind, e.occurred_at, e.annuls_id, e.person_id,
                   e.outcome, NULL, NULL, NULL, NULL, NULL, NULL
              FROM (SELECT DISTINCT f.booking_id FROM fresh AS f WHERE f.booking_id IS NOT NULL) AS k,
                   LATERAL (SELECT * FROM public.attendance_events AS p
                             WHERE p.booking_id = k.booking_id AND p.outcome IN ('applied', 'applied_with_review') OFFSET 0) AS e
        ), folded AS MATERIALIZED (
            SELECT x.id, x.booking_id, x.judged, x.person_id,
                   attendance.fold(x.id, x.kind, x.occurred_at, x.annuls, x.judged, x.hard, x.soft, x.soft_first,
                                   x.lenient, x.again, x.next_id) OVER w AS result,
                   lead(x.id) OVER w IS NULL AS is_last
              FROM everything AS x
            WINDOW w AS (PARTITION BY x.booking_id ORDER BY x.occurred_at, x.device_id, x.seq
                         ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        ), verdicts AS MATERIALIZED (
            SELECT f.*, CASE WHEN v.outcome = 'applied' AND f.clock_suspect THEN 'applied_with_review'
                             ELSE v.outcome END AS outcome, v.reason, v.basis
              FROM fresh AS f
              JOIN (SELECT d.id, (d.result)[1]::public.attendance_outcome AS outcome,
                           (d.result)[2]::public.refusal_reason AS reason, (d.result)[3] AS basis
                      FROM folded AS d WHERE d.judged IS NULL) AS v ON v.id = f.id
        ), stored AS (
            INSERT INTO public.attendance_events (id, venue_id, device_id, seq, booking_id, session_id, kind, annuls_id,
                occurred_at, recorded_at, person_id, origin, pickup_person_id, pickup_name, outcome, reason, would_have_refused, detail, code)
            SELECT v.id, v.venue_id, device, v.seq, v.booking_id, v.session_id, v.kind, v.annuls_known, v.occurred_at,
                   moment, v.person_id, v.origin, v.pickup_person_id, v.pickup_name, v.outcome,
                   CASE WHEN v.outcome = 'rejected' THEN v.reason END,
                   CASE WHEN v.outcome = 'applied_with_review' THEN v.reason END,
                   CASE WHEN v.basis IS NULL THEN v.facts ELSE v.facts || jsonb_build_object('basis', v.basis) END, v.code
              FROM verdicts AS v ORDER BY v.seq
            -- Two sendings of one refused event: no booking's lock made the second wait.
            ON CONFLICT (id) DO NOTHING
        ), changed AS (
            UPDATE public.bookings AS b SET
                attendance_state = n.state, attendance_at = n.at, attendance_event_id = n.event_id,
                checked_in_at = n.times[1], checked_out_at = n.times[2],
                attendance_marked = n.event_id IS NOT NULL, attendance_marked_at = n.at, attendance_marked_by = n.person_id
              FROM (SELECT l.booking_id,
                           CASE WHEN l.top IS NULL THEN (
                                    SELECT CASE WHEN s.closed_at IS NULL THEN 'expected' ELSE 'unmarked' END
                                      FROM public.bookings AS k JOIN public.activity_sessions AS s ON s.id = k.session_id
                                     WHERE k.id = l.booking_id)
                                ELSE CASE split_part(l.top, '|', 1) WHEN 'check_in' THEN 'in' WHEN 'check_out' THEN 'out'
                                          ELSE 'absent' END END::public.attendance_state AS state,
                           split_part(l.top, '|', 3)::timestamptz AS at, split_part(l.top, '|', 2)::uuid AS event_id,
                           attendance.fold_times(l.result, l.top) AS times, who.person_id
                      FROM (SELECT f.booking_id, f.result, attendance.fold_top(f.result) AS top
                              FROM folded AS f WHERE f.is_last AND f.booking_id IS NOT NULL OFFSET 0) AS l
                      LEFT JOIN folded AS who ON who.id = split_part(l.top, '|', 2)::uuid) AS n
             WHERE b.id = n.booking_id
               AND (b.attendance_event_id, b.attendance_state, b.checked_in_at, b.checked_out_at)
                   IS DISTINCT FROM (n.event_id, n.state, n.times[1], n.times[2])
        )
        SELECT count(*) FILTER (WHERE v.outcome = 'applied_with_review'
                                   OR (v.outcome = 'rejected' AND v.reason = 'pickup_not_authorised')) > 0,
               count(*) FILTER (WHERE v.origin = 'queued') > 0 INTO needs_review, came_late
          FROM verdicts AS v;
        IF needs_review THEN
            PERFORM attendance.open_reviews(asked, known);
        END IF;
        IF came_late THEN
            PERFORM attendance.open_queued_reviews(asked, known);
        END IF;
    END IF;
    RETURN QUERY SELECT a.* FROM attendance.answers(asked) AS a;
END
$$;
COMMENT ON FUNCTION attendance.record(jsonb) IS 'Record a batch of attendance events; one answer per event, in the given order.';
GRANT EXECUTE ON FUNCTION attendance.record(jsonb) TO console_client;

-- A manager's line about an event that needs a look; without names, they are on the item's booking.
CREATE OR REPLACE FUNCTION attendance.review_summary(
    kind public.attendance_kind, outcome public.attendance_outcome, reason public.refusal_reason) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE kind WHEN 'check_in' THEN 'Checked in' WHEN 'check_out' THEN 'Checked out' ELSE 'Marked absent' END
        || CASE outcome WHEN 'rejected' THEN ' refused: ' ELSE ': ' END
        || CASE reason
           WHEN 'wrong_session' THEN 'at another session than the booked one.'
           WHEN 'already_in' THEN 'the child was in.'
           WHEN 'already_out' THEN 'the child had left before.'
           WHEN 'cancelled' THEN 'the booking was cancelled.'
           WHEN 'not_confirmed' THEN 'the booking was not confirmed.'
           WHEN 'session_cancelled' THEN 'the session was cancelled.'
           WHEN 'too_early' THEN 'long before the session.'
           WHEN 'too_late' THEN 'after the session was over.'
           WHEN 'not_in' THEN 'the child had not been checked in.'
           WHEN 'pickup_not_authorised' THEN 'the person named is not allowed to collect, or not on that day.'
           WHEN 'not_permitted' THEN 'in the name of somebody who was never signed in at that desk.'
           ELSE 'the desk''s clock was wrong.' END
$$;

-- The review items of a batch's new events, from what was stored about them.
CREATE OR REPLACE FUNCTION attendance.open_reviews(asked uuid[], known uuid[]) RETURNS void
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO public.review_items (venue_id, kind, booking_id, session_id, event_id, summary)
    SELECT e.venue_id,
           CASE coalesce(e.reason, e.would_have_refused)
               WHEN 'pickup_not_authorised' THEN 'pickup_alert' WHEN 'too_late' THEN 'late_event'
               ELSE CASE WHEN e.would_have_refused IS NULL THEN 'clock_suspect' ELSE 'refused_but_came' END
           END::public.review_item_kind,
           e.booking_id, e.session_id, e.id,
           attendance.review_summary(e.kind, e.outcome, coalesce(e.reason, e.would_have_refused))
      FROM public.attendance_events AS e
     WHERE e.id = ANY (asked) AND e.id <> ALL (known)
       AND (e.outcome = 'applied_with_review' OR e.reason = 'pickup_not_authorised')
$$;

-- The number a desk's next event carries.
CREATE OR REPLACE FUNCTION attendance.next_seq() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    device uuid := auth.device_id();
BEGIN
    IF device IS NULL OR auth.user_id() IS NULL THEN
        PERFORM auth.require('attendance.record', NULL);
    END IF;
    RETURN coalesce((SELECT max(e.seq) FROM public.attendance_events AS e WHERE e.device_id = device), 0) + 1;
END
$$;
COMMENT ON FUNCTION attendance.next_seq() IS 'One more than the highest sequence number this desk has used.';
GRANT EXECUTE ON FUNCTION attendance.next_seq() TO console_client;
