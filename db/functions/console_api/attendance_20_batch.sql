-- A batch as it came from a desk, read and refused as a whole where one event of it makes no sense.

CREATE OR REPLACE FUNCTION attendance.read_batch(events jsonb)
    RETURNS TABLE (ord bigint, id uuid, seq bigint, kind public.attendance_kind, booking_id uuid, code text, session_id uuid,
                   occurred_at timestamptz, origin public.attendance_origin, person_id uuid, pickup_person_id uuid,
                   pickup_name text, annuls uuid, again boolean, occurred_text text)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT e.ord, e.id, e.seq, e.kind, e.booking_id, e.code, e.session_id, e.occurred_text::timestamptz,
           coalesce(e.origin, 'live'),
           e.person_id, e.pickup_person_id, nullif(btrim(e.pickup_name), ''), e.annuls, coalesce(e.again, false),
           e.occurred_text
      FROM ROWS FROM (jsonb_to_recordset(events) AS (
               id uuid, seq bigint, kind public.attendance_kind, booking_id uuid, code text, session_id uuid,
               occurred_at text, origin public.attendance_origin, person_id uuid, pickup_person_id uuid,
               pickup_name text, annuls uuid, again boolean)) WITH ORDINALITY
           AS e (id, seq, kind, booking_id, code, session_id, occurred_text, origin, person_id, pickup_person_id,
                 pickup_name, annuls, again, ord);
END
$$;

-- The ids and numbers of a batch in its order, the bookings it names (NULL where that takes a look at a code or at another
-- event), and the place (1, 2, ...) of the first event that cannot be taken, or NULL. What does not even have the right
-- type is the caller's to catch.
CREATE OR REPLACE FUNCTION attendance.first_flaw(
    events jsonb, OUT ids uuid[], OUT seqs bigint[], OUT about uuid[], OUT flaw bigint)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT array_agg(e.id), array_agg(e.seq), array_agg(CASE WHEN e.annuls IS NULL THEN e.booking_id END), min(e.ord) FILTER (
        WHERE e.id IS NULL OR e.seq IS NULL OR e.seq < 1 OR e.kind IS NULL OR e.occurred_at IS NULL
           -- An instant without its zone would mean something else on every server.
           OR e.occurred_text !~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)$'
           -- No computer's clock shows less; a time before Christ could not even be read back.
           OR e.occurred_at < '1970-01-01 00:00:00+00'
           OR (e.kind = 'annul') <> (e.annuls IS NOT NULL) OR e.annuls = e.id
           OR (e.kind <> 'annul' AND e.booking_id IS NULL AND e.code IS NULL)
           OR (e.kind <> 'check_out' AND num_nonnulls(e.pickup_person_id, e.pickup_name) > 0)
           OR length(e.code) > 40 OR length(e.pickup_name) > 100)
      INTO ids, seqs, about, flaw
      FROM attendance.read_batch(events) AS e;
    -- The second of two events with one id or one number.
    IF flaw IS NULL AND cardinality(ids) > 1 AND (
        (SELECT count(DISTINCT q) FROM unnest(ids) AS q) < cardinality(ids)
        OR (SELECT count(DISTINCT q) FROM unnest(seqs) AS q) < cardinality(seqs)) THEN
        SELECT min(e.ord) INTO flaw
          FROM (SELECT q.ord, row_number() OVER (PARTITION BY q.id ORDER BY q.ord) AS same_id,
                       row_number() OVER (PARTITION BY q.seq ORDER BY q.ord) AS same_seq
                  FROM unnest(ids, seqs) WITH ORDINALITY AS q (id, seq, ord)) AS e
         WHERE greatest(e.same_id, e.same_seq) > 1;
    END IF;
END
$$;

-- The ids, numbers and bookings of a batch. Raises NX422 naming the first event that cannot be read; nothing is written then.
CREATE OR REPLACE FUNCTION attendance.check_batch(events jsonb, OUT ids uuid[], OUT seqs bigint[], OUT about uuid[])
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found record;
    flaw bigint;
BEGIN
    IF events IS NULL OR jsonb_typeof(events) <> 'array' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A batch of attendance events is a list.',
            DETAIL = 'malformed_batch';
    ELSIF jsonb_array_length(events) > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A batch takes at most 500 attendance events.',
            HINT = 'Send the rest in a batch of its own.', DETAIL = 'batch_too_long';
    END IF;
    BEGIN
        found := attendance.first_flaw(events);
        flaw := found.flaw;
    EXCEPTION WHEN data_exception THEN
        FOR place IN 1..jsonb_array_length(events) LOOP
            BEGIN
                IF jsonb_typeof(events -> (place - 1)) <> 'object'
                   OR (attendance.first_flaw(jsonb_build_array(events -> (place - 1)))).flaw IS NOT NULL THEN
                    flaw := place;
                END IF;
            EXCEPTION WHEN data_exception THEN
                flaw := place;
            END;
            EXIT WHEN flaw IS NOT NULL;
        END LOOP;
    END;
    IF flaw IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422',
            MESSAGE = format('Event %s of %s cannot be read.', flaw, jsonb_array_length(events)),
            HINT = 'Nothing of this batch was recorded.', DETAIL = 'malformed_event';
    END IF;
    ids := coalesce(found.ids, '{}');
    seqs := coalesce(found.seqs, '{}');
    about := coalesce(found.about, '{}');
END
$$;

-- The booking with a typed or scanned code, of whatever venue; NULL for no such code.
CREATE OR REPLACE FUNCTION attendance.booking_with_code(typed text) RETURNS uuid
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT b.id FROM public.bookings AS b WHERE b.confirmation_code = coalesce(bookings.read_code(typed), typed));
END
$$;

-- What the annulling events of a batch (none for NULL) take back: events that are stored, or of the same batch. Apart from the
-- statement that judges, as is the next function, because most check-ins need neither and setting it up costs each.
CREATE OR REPLACE FUNCTION attendance.annulled(events jsonb, known uuid[], device uuid, person uuid)
    RETURNS TABLE (id uuid, booking_id uuid, kind public.attendance_kind, occurred_at timestamptz, device_id uuid, person_id uuid)
    LANGUAGE plpgsql STABLE STRICT ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH batch AS MATERIALIZED (
        SELECT b.* FROM attendance.read_batch(events) AS b WHERE b.id <> ALL (known)
    )
    SELECT a.id, t.booking_id, t.kind, t.occurred_at, t.device_id, t.person_id
      FROM batch AS a,
           LATERAL (SELECT e.booking_id, e.kind, e.occurred_at, e.device_id, e.person_id
                      FROM public.attendance_events AS e WHERE e.id = a.annuls
                    UNION ALL
                    SELECT coalesce(e.booking_id, attendance.booking_with_code(e.code)), e.kind, e.occurred_at, device,
                           coalesce(e.person_id, person)
                      FROM batch AS e WHERE e.id = a.annuls) AS t
     WHERE a.annuls IS NOT NULL;
END
$$;

-- The event that says the same of the booking next after this place in time; NULL where what comes next says something else.
CREATE OR REPLACE FUNCTION attendance.said_later(
    booking uuid, what public.attendance_kind, at timestamptz, device uuid, number bigint) RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT CASE WHEN e.kind = what THEN e.id END
              FROM public.attendance_events AS e
             WHERE e.booking_id = booking AND e.kind <> 'annul' AND e.outcome IN ('applied', 'applied_with_review')
               AND (e.occurred_at, e.device_id, e.seq) > (at, device, number)
               AND NOT EXISTS (SELECT 1 FROM public.attendance_events AS x WHERE x.annuls_id = e.id AND x.kind = 'annul'
                                  AND x.outcome IN ('applied', 'applied_with_review'))
             ORDER BY e.occurred_at, e.device_id, e.seq LIMIT 1);
END
$$;

-- What each event of a batch is about, for judging: bookings the caller may know of, the clock made honest, and the
-- refusals that follow without looking at other events. Rows for events that are not stored yet only.
CREATE OR REPLACE FUNCTION attendance.weigh_batch(
    events jsonb, annulling boolean, known uuid[], device uuid, person uuid, visible uuid[], permitted uuid[], boss_of uuid[])
    RETURNS TABLE (id uuid, seq bigint, kind public.attendance_kind, booking_id uuid, venue_id uuid, session_id uuid,
                   occurred_at timestamptz, origin public.attendance_origin, person_id uuid, pickup_person_id uuid,
                   pickup_name text, annuls uuid, annuls_known uuid, again boolean, code text,
                   hard public.refusal_reason, soft public.refusal_reason, soft_first boolean, lenient boolean,
                   next_id uuid, facts jsonb, clock_suspect boolean)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH rules AS MATERIALIZED (
        SELECT app.now() AS now,
               max(p.value::text::numeric) FILTER (WHERE p.key = 'attendance_opens_minutes') * interval '1 minute' AS opens,
               max(p.value::text::numeric) FILTER (WHERE p.key = 'attendance_grace_minutes') * interval '1 minute' AS grace,
               max(p.value::text::numeric) FILTER (WHERE p.key = 'attendance_undo_minutes') * interval '1 minute' AS undo
          FROM public.platform_settings AS p
         WHERE p.key IN ('attendance_opens_minutes', 'attendance_grace_minutes', 'attendance_undo_minutes')
    ), batch AS MATERIALIZED (
        SELECT b.* FROM attendance.read_batch(events) AS b
         WHERE b.id <> ALL (known)
    ), floor AS MATERIALIZED (
        -- A desk's clock never runs backwards from one event to the next.
        SELECT e.occurred_at FROM public.attendance_events AS e
         WHERE e.device_id = device AND e.seq < (SELECT min(b.seq) FROM batch AS b) ORDER BY e.seq DESC LIMIT 1
    ), about AS MATERIALIZED (
        SELECT b.*, k.id AS found, k.venue_id AS found_venue, k.session_id AS found_session, k.status, k.child_id,
               s.starts_at, s.ends_at, s.is_cancelled, s.closed_at,
               o.id AS open_session, o.venue_id AS open_venue,
               t.kind AS t_kind, t.occurred_at AS t_at, t.device_id AS t_device, t.person_id AS t_person, t.id IS NOT NULL AS t_known,
               CASE WHEN b.person_id IS NULL OR b.person_id = person THEN person
                    WHEN b.origin = 'queued' AND auth.has_used_desk(b.person_id) THEN b.person_id END AS doer
          FROM batch AS b
          LEFT JOIN attendance.annulled(CASE WHEN annulling THEN events END, known, device, person) AS t ON t.id = b.id
          LEFT JOIN public.bookings AS k
               ON k.id = CASE WHEN b.annuls IS NOT NULL THEN t.booking_id ELSE coalesce(b.booking_id, attendance.booking_with_code(b.code)) END
               AND k.venue_id = ANY (visible)
          LEFT JOIN public.activity_sessions AS s ON s.id = k.session_id
          LEFT JOIN public.activity_sessions AS o ON o.id = b.session_id AND o.venue_id = ANY (visible)
    ), timed AS MATERIALIZED (
        SELECT a.*, r.*, past.last_at,
               CASE WHEN a.origin = 'queued' THEN
                    greatest(max(least(a.occurred_at, r.now)) OVER (ORDER BY a.seq), (SELECT f.occurred_at FROM floor AS f))
               ELSE greatest(CASE WHEN a.occurred_at BETWEEN r.now - interval '2 minutes' AND r.now
                                  THEN a.occurred_at ELSE r.now END, past.last_at + interval '1 microsecond')
               END AS at
          FROM about AS a
         CROSS JOIN rules AS r
          LEFT JOIN LATERAL (SELECT max(e.occurred_at) AS last_at FROM public.attendance_events AS e
                              WHERE e.booking_id = a.found AND e.outcome IN ('applied', 'applied_with_review')) AS past ON true
    ), pickups AS MATERIALIZED (
        SELECT a.id, p.id AS listed, p.name,
               p.may_collect IS FALSE OR (p.id IS NULL AND a.pickup_person_id IS NOT NULL) OR EXISTS (
                   SELECT 1 FROM public.pickup_people AS n
                    WHERE n.child_id = a.child_id AND NOT n.may_collect AND n.removed_at IS NULL AND lower(btrim(n.name)) = lower(a.pickup_name))
                   AS refused,
               (a.at AT TIME ZONE v.timezone)::date NOT BETWEEN coalesce(p.valid_from, '-infinity')
                   AND coalesce(p.valid_until, 'infinity') AS outside
          FROM timed AS a
          JOIN public.venues AS v ON v.id = a.found_venue
          LEFT JOIN public.pickup_people AS p ON p.id = a.pickup_person_id AND p.child_id = a.child_id AND p.removed_at IS NULL
         WHERE a.kind = 'check_out' AND num_nonnulls(a.pickup_person_id, a.pickup_name) > 0
    ), judged AS (
        SELECT a.*, p.listed, p.name AS listed_name, coalesce(p.outside, false) AND NOT coalesce(p.refused, false) AS outside,
               CASE WHEN a.origin = 'live' THEN a.now ELSE a.at END AS measured_at,
               CASE WHEN a.found IS NULL THEN 'unknown_code'
                    WHEN NOT a.found_venue = ANY (permitted) OR (a.origin = 'live' AND a.doer IS NULL) THEN 'not_permitted'
                    WHEN a.open_venue <> a.found_venue THEN 'wrong_venue'
                    WHEN a.t_kind = 'annul' THEN 'not_permitted' END::public.refusal_reason AS hard,
               p.refused
          FROM timed AS a
          LEFT JOIN pickups AS p ON p.id = a.id
    ), ruled AS (
        SELECT j.*,
               CASE WHEN j.kind = 'annul' THEN
                        CASE WHEN j.found_venue = ANY (boss_of) THEN NULL
                             WHEN j.t_device <> device OR j.t_person IS DISTINCT FROM coalesce(j.doer, person) THEN 'not_permitted'
                             WHEN j.at > j.t_at + j.undo THEN 'too_late' END
                    WHEN j.kind = 'check_out' THEN
                        CASE WHEN j.refused OR j.outside THEN 'pickup_not_authorised'
                             WHEN j.doer IS NULL THEN 'not_permitted' END
                    WHEN j.open_session <> j.found_session AND j.origin = 'live' THEN 'wrong_session'
                    WHEN j.is_cancelled THEN 'session_cancelled'
                    WHEN j.status IN ('cancelled_parent', 'cancelled_venue') THEN 'cancelled'
                    WHEN j.status = 'pending' THEN 'not_confirmed'
                    WHEN j.open_session <> j.found_session THEN 'wrong_session'
                    WHEN j.kind = 'check_in' AND j.measured_at < j.starts_at - j.opens THEN 'too_early'
                    WHEN j.kind = 'check_in' AND j.measured_at > j.ends_at + j.grace THEN 'too_late'
                    WHEN j.closed_at IS NOT NULL THEN 'too_late'
                    WHEN j.doer IS NULL THEN 'not_permitted' END::public.refusal_reason AS soft
          FROM judged AS j OFFSET 0  -- else each use of a verdict below would work it out again
    )
    SELECT u.id, u.seq, u.kind, u.found, coalesce(u.found_venue, u.open_venue), coalesce(u.found_session, u.open_session),
           u.at, u.origin, coalesce(u.doer, person), u.listed,
           CASE WHEN u.kind = 'check_out' THEN coalesce(u.listed_name::text, u.pickup_name) END,
           u.annuls, CASE WHEN u.t_known AND u.found IS NOT NULL THEN u.annuls END, u.again, u.code, u.hard, u.soft,
           u.origin = 'live' AND coalesce(u.soft = 'wrong_session', false),
           u.origin = 'queued' OR u.outside,
           -- A late report of what a later event already said changes nothing.
           CASE WHEN u.kind <> 'annul' AND u.at <= u.last_at THEN attendance.said_later(u.found, u.kind, u.at, device, u.seq) END,
           CASE WHEN u.at = u.occurred_at AND u.doer IS NOT NULL AND u.annuls IS NULL AND u.soft IS NULL THEN '{}'::jsonb
                ELSE jsonb_strip_nulls(jsonb_build_object(
               'claimed_at', CASE WHEN u.at <> u.occurred_at AND abs(extract(epoch FROM u.at - u.occurred_at)) > 1
                                  THEN u.occurred_at END,
               'claimed_person', CASE WHEN u.doer IS NULL THEN u.person_id END,
               'claimed_annuls', CASE WHEN NOT u.t_known OR u.found IS NULL THEN u.annuls END,
               'opens_at', CASE WHEN u.soft = 'too_early' THEN u.starts_at - u.opens END,
               'closed_at', CASE WHEN u.soft = 'too_late' THEN
                   CASE WHEN u.kind = 'annul' THEN u.t_at + u.undo ELSE coalesce(u.closed_at, u.ends_at + u.grace) END END,
               'pickup_outside_dates', CASE WHEN u.outside THEN true END)) END,
           u.origin = 'queued' AND (u.occurred_at > u.now + interval '2 minutes' OR u.at < u.now - interval '7 days')
      FROM ruled AS u;
END
$$;
