-- Since version 0003.
-- Cancelling sessions and taking them back: refunds, messages and the queue in one step, once, however often it is asked.
-- Internal: who may is the callers' to ask. Locks go sessions, bookings, balances. docs/design.md, "Rules of the domain"
-- (schedules).

-- Write to the families of some bookings, once per family whatever the number of sessions: brothers and sisters are named together,
-- several sessions are listed. `more` are facts beside the sessions' own, `each` those of one session by its id; the cause of a
-- message is `cause`, its first session and the stamp, which `each` may give. How many families that is.
CREATE OR REPLACE FUNCTION schedules.tell_families(
    of_bookings uuid[], template text, more jsonb, cause text, stamp text, each jsonb DEFAULT '{}') RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    first uuid;
    told integer := 0;
BEGIN
    FOR one IN
        SELECT p.booked_by, count(*)::integer AS number,
               notify.together(array_agg(schedules.session_words(p.session_id)
                   || jsonb_build_object('child', p.child, 'credits', p.credits)
                   || more || (coalesce(each -> p.session_id::text, '{}') - 'stamp'))) AS facts
          FROM (SELECT b.booked_by, b.session_id, sum(b.credits_refunded) AS credits,
                       string_agg(c.first_name, ', ' ORDER BY c.first_name, b.id) AS child
                  FROM public.bookings AS b JOIN public.children AS c ON c.id = b.child_id
                 WHERE b.id = ANY (of_bookings) GROUP BY b.booked_by, b.session_id) AS p
         GROUP BY p.booked_by ORDER BY p.booked_by
    LOOP
        first := (one.facts ->> 'session_id')::uuid;
        PERFORM notify.tell(one.booked_by, notify.several(template, one.number), one.facts,
            format('%s:%s:%s', cause, first, coalesce(each #>> ARRAY[first::text, 'stamp'], stamp)), 'session', first);
        told := told + 1;
    END LOOP;
    RETURN told;
END
$$;

-- What every message about a session says of it.
CREATE OR REPLACE FUNCTION schedules.session_words(of_session uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object('activity', a.name, 'venue', v.name, 'venue_id', v.id, 'session_id', s.id, 'starts_at', s.starts_at)
      FROM public.activity_sessions AS s
      JOIN public.activities AS a ON a.id = s.activity_id
      JOIN public.venues AS v ON v.id = s.venue_id
     WHERE s.id = of_session
$$;

-- Cancel sessions: every standing booking is cancelled by the venue, all it cost comes back and what was owed is not owed any
-- more, the queue ends, each family is told once. Sessions that are cancelled or closed already stay as they are. With a child
-- in one of them nothing is cancelled at all. `reasons` gives some sessions, by id, another reason than `reason`. The answer is
-- how many families were told, those who only waited included.
CREATE OR REPLACE FUNCTION schedules.cancel_sessions(
    ids uuid[], reason text, as_reason public.cancellation_reason_type, by_closure uuid, reasons jsonb DEFAULT '{}') RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    going uuid[];
    ended uuid[];
    one record;
    inside integer;
    told integer;
    stamp constant text := extract(epoch FROM app.now())::text;
BEGIN
    PERFORM 1 FROM public.activity_sessions AS s WHERE s.id = ANY (ids) ORDER BY s.id FOR NO KEY UPDATE;
    SELECT coalesce(array_agg(s.id), '{}') INTO going FROM public.activity_sessions AS s
     WHERE s.id = ANY (ids) AND NOT s.is_cancelled AND s.closed_at IS NULL;
    PERFORM 1 FROM public.bookings AS b WHERE b.session_id = ANY (going) ORDER BY b.id FOR NO KEY UPDATE;
    SELECT count(*) INTO inside FROM public.bookings AS b WHERE b.session_id = ANY (going) AND b.attendance_state = 'in';
    IF inside > 0 THEN
        PERFORM schedules.refuse_inside(inside);
    END IF;
    -- The queue ends and the session is cancelled before its places are given up, so that none of them is offered to anybody.
    told := schedules.end_queues(going, stamp);
    UPDATE public.activity_sessions AS s SET is_cancelled = true,
           cancellation_reason = nullif(btrim(coalesce(reasons ->> s.id::text, reason)), ''),
           cancelled_at = app.now(), cancelled_by = auth.user_id(), closure_id = by_closure
     WHERE s.id = ANY (going);
    SELECT coalesce(array_agg(b.id), '{}') INTO ended FROM public.bookings AS b
     WHERE b.session_id = ANY (going) AND b.status IN ('pending', 'confirmed');
    FOR one IN SELECT b.id, b.session_id FROM public.bookings AS b WHERE b.id = ANY (ended) ORDER BY b.booked_by, b.id LOOP
        PERFORM bookings.give_up(one.id, true, true, as_reason, coalesce(reasons ->> one.session_id::text, reason));
    END LOOP;
    RETURN told + schedules.tell_families(ended, 'session_cancelled',
        jsonb_build_object('reason', coalesce(nullif(btrim(reason), ''), '')), 'cancel', stamp,
        coalesce((SELECT jsonb_object_agg(x.key, jsonb_build_object('reason', x.value)) FROM jsonb_each(reasons) AS x), '{}'));
END
$$;

CREATE OR REPLACE FUNCTION schedules.refuse_inside(inside integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = CASE WHEN inside = 1 THEN '1 child is in.'
            ELSE inside || ' children are in.' END, HINT = 'Check everybody out first.', DETAIL = 'children_in';
END
$$;

-- End the queues of sessions that do not take place; how many families are told of it. The caller holds the sessions' locks.
CREATE OR REPLACE FUNCTION schedules.end_queues(ids uuid[], stamp text) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    first uuid;
    told integer := 0;
BEGIN
    FOR one IN
        WITH ended AS (
            UPDATE public.waitlist AS w SET is_active = false, removed_at = app.now(), removed_reason = 'session_cancelled'
             WHERE w.session_id = ANY (ids) AND w.is_active RETURNING w.user_id, w.session_id, w.child_id
        ), places AS (
            SELECT e.user_id, e.session_id, string_agg(c.first_name, ', ' ORDER BY c.first_name, c.id) AS child
              FROM ended AS e JOIN public.children AS c ON c.id = e.child_id
             GROUP BY e.user_id, e.session_id)
        SELECT p.user_id, count(*)::integer AS number,
               notify.together(array_agg(schedules.session_words(p.session_id) || jsonb_build_object('child', p.child))) AS facts
          FROM places AS p GROUP BY p.user_id ORDER BY p.user_id
    LOOP
        first := (one.facts ->> 'session_id')::uuid;
        PERFORM notify.tell(one.user_id, notify.several('waitlist_closed', one.number), one.facts,
            format('waitlist_closed:%s:%s', first, stamp), 'session', first);
        told := told + 1;
    END LOOP;
    RETURN told;
END
$$;

-- Take cancelled sessions back into the programme. Their bookings stay cancelled; the families who lost a place with the
-- session are told that they may book again. How many they are.
CREATE OR REPLACE FUNCTION schedules.restore_sessions(ids uuid[]) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lost uuid[] := '{}';
    each jsonb := '{}';
    one record;
BEGIN
    PERFORM 1 FROM public.activity_sessions AS s WHERE s.id = ANY (ids) ORDER BY s.id FOR NO KEY UPDATE;
    FOR one IN SELECT s.id, s.cancelled_at FROM public.activity_sessions AS s
                WHERE s.id = ANY (ids) AND s.is_cancelled ORDER BY s.id
    LOOP
        lost := lost || schedules.lost_places(one.id);
        each := each || jsonb_build_object(one.id, jsonb_build_object('stamp', extract(epoch FROM one.cancelled_at)::text));
        UPDATE public.activity_sessions AS s SET is_cancelled = false, cancellation_reason = NULL, cancelled_at = NULL,
               cancelled_by = NULL, closure_id = NULL
         WHERE s.id = one.id;
    END LOOP;
    RETURN schedules.tell_families(lost, 'session_restored', '{}', 'restore', NULL, each);
END
$$;

-- The bookings that ended when their session was cancelled, and not before.
CREATE OR REPLACE FUNCTION schedules.lost_places(of_session uuid) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(b.id ORDER BY b.id), '{}')
      FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id
     WHERE b.session_id = of_session AND b.status = 'cancelled_venue' AND b.cancelled_at = s.cancelled_at
$$;
