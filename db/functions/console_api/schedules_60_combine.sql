-- Since version 0003.
-- Two sessions become one: bookings move with their tickets, what the other costs less comes back, what it costs more is the
-- venue's. Whether the family agreed is kept with each booking. docs/design.md, "Rules of the domain" (schedules).

-- The bookings meant: those named, or all that stand. Named ones that do not stand here are refused.
CREATE OR REPLACE FUNCTION schedules.moving(change jsonb, from_session uuid) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named uuid[];
    agreed uuid[];
    standing constant uuid[] := schedules.standing(ARRAY[from_session]);
BEGIN
    BEGIN
        named := CASE WHEN jsonb_typeof(change -> 'booking_ids') = 'array' THEN
            ARRAY(SELECT DISTINCT x::uuid FROM jsonb_array_elements_text(change -> 'booking_ids') AS x) ELSE standing END;
        agreed := ARRAY(SELECT x::uuid FROM jsonb_array_elements_text(
            CASE WHEN jsonb_typeof(change -> 'consented') = 'array' THEN change -> 'consented' ELSE '[]' END) AS x);
    EXCEPTION WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'What was asked for cannot be read.', DETAIL = 'booking_ids';
    END;
    IF NOT (named <@ standing AND agreed <@ named) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The bookings of this session have changed.', HINT = 'Look again.',
            DETAIL = 'changed';
    END IF;
    RETURN named;
END
$$;

-- What each moving booking costs now, and what of it comes back.
CREATE OR REPLACE FUNCTION schedules.given_back(of_booking uuid, new_price integer) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p.charged > new_price AND p.owed = 0 THEN p.charged - new_price ELSE 0 END FROM bookings.paid(of_booking) AS p
$$;

CREATE OR REPLACE FUNCTION schedules.plan_combine(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source public.activity_sessions;
    target public.activity_sessions;
    verdict record;
    going uuid[];
    agreed uuid[];
    stays integer;
    is_emptied boolean;
    hits jsonb;
BEGIN
    IF change ->> 'from_id' = change ->> 'to_id' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose another session to move to.', DETAIL = 'to_id';
    END IF;
    source := schedules.session_at(at_venue, change ->> 'from_id', change ->> 'from_version');
    target := schedules.session_at(at_venue, change ->> 'to_id', change ->> 'to_version');
    IF source.is_cancelled THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session was cancelled already.', DETAIL = 'session_cancelled';
    ELSIF source.closed_at IS NOT NULL OR source.ends_at <= app.now() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is over.', DETAIL = 'session_over';
    ELSIF target.is_cancelled OR target.closed_at IS NOT NULL OR target.ends_at <= app.now() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The other session does not take place any more.',
            HINT = 'Choose another session.', DETAIL = 'target_over';
    END IF;
    going := schedules.moving(change, source.id);
    PERFORM schedules.require_movable(going, target.id);
    agreed := ARRAY(SELECT x::uuid FROM jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(change -> 'consented') = 'array' THEN change -> 'consented' ELSE '[]' END) AS x);
    verdict := bookings.judge(target.id, NULL, NULL);
    SELECT count(*) INTO stays FROM public.bookings AS b
     WHERE b.session_id = source.id AND app.holds_place(b.status) AND b.id <> ALL (going);
    is_emptied := stays = 0;
    hits := schedules.moved_hits(going, agreed, target.id, verdict.price);
    RETURN jsonb_build_object(
        'items', jsonb_build_array(
            schedules.item_of(source.id, CASE WHEN is_emptied THEN 'cancelled' ELSE 'kept' END, NOT is_emptied,
                CASE WHEN is_emptied THEN cardinality(going) ELSE stays END,
                CASE WHEN is_emptied THEN coalesce(nullif(btrim(change ->> 'reason'), ''), 'Combined with another session.') END),
            schedules.item_of(target.id, 'changed', true, target.booked_count + cardinality(going), NULL)),
        'conflicts', '[]'::jsonb, 'hits', hits, 'waiting', 0,
        'facts', jsonb_build_object('places', verdict.places_left, 'moving', cardinality(going), 'emptied', is_emptied,
            'waiting_moves', CASE WHEN is_emptied THEN schedules.waiting_for(ARRAY[source.id]) ELSE 0 END),
        'said', '{}'::jsonb);
END
$$;

-- Refuse a move that cannot be: nobody to move, somebody in already, no price, too few places, a child that is there twice.
CREATE OR REPLACE FUNCTION schedules.require_movable(going uuid[], target uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    verdict constant record := bookings.judge(target, NULL, NULL);
    here integer;
    twice integer;
BEGIN
    SELECT count(*) FILTER (WHERE b.attendance_state IN ('in', 'out')),
           count(*) FILTER (WHERE EXISTS (SELECT 1 FROM public.bookings AS o
                WHERE o.session_id = target AND o.child_id = b.child_id AND app.holds_place(o.status)))
      INTO here, twice FROM public.bookings AS b WHERE b.id = ANY (going);
    IF cardinality(going) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'There is nobody to move.', HINT = 'Cancel the session instead.',
            DETAIL = 'booking_ids';
    ELSIF here > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'checked_in', HINT = 'Move the others only.',
            MESSAGE = CASE WHEN here = 1 THEN '1 child has been checked in.' ELSE here || ' children have been checked in.' END;
    ELSIF twice > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'already_booked', HINT = 'Move the others only.',
            MESSAGE = CASE WHEN twice = 1 THEN '1 child is booked on the other session already.'
                           ELSE twice || ' children are booked on the other session already.' END;
    ELSIF verdict.price IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The other activity has no price yet.',
            HINT = 'Set its credits first.', DETAIL = 'no_price';
    ELSIF verdict.places_left < cardinality(going) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'session_full', HINT = 'Move fewer, or give the session more places.',
            MESSAGE = format('%s to move, but %s free.',
                CASE WHEN cardinality(going) = 1 THEN '1 child is' ELSE cardinality(going) || ' children are' END,
                CASE verdict.places_left WHEN 0 THEN 'no place is' WHEN 1 THEN 'only 1 place is'
                     ELSE format('only %s places are', verdict.places_left) END);
    END IF;
END
$$;

-- What the families of moved bookings are told: the other session, and which one theirs was.
CREATE OR REPLACE FUNCTION schedules.move_words(of_booking uuid, target uuid, has_agreed boolean) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT schedules.session_words(target)
           || jsonb_build_object('was_activity', a.name, 'was_starts_at', s.starts_at, 'consented', has_agreed)
      FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id
      JOIN public.activities AS a ON a.id = s.activity_id WHERE b.id = of_booking
$$;

CREATE OR REPLACE FUNCTION schedules.moved_hits(going uuid[], agreed uuid[], target uuid, new_price integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(h.hit || jsonb_build_object('refund', schedules.given_back(b.id, new_price)) ORDER BY h.place, b.id), '[]')
          FROM public.bookings AS b
         CROSS JOIN LATERAL (
            SELECT x.hit, lower(x.hit ->> 'child') AS place FROM jsonb_array_elements(schedules.hits_of(ARRAY[b.id], 'moved',
                'booking_moved', schedules.move_words(b.id, target, b.id = ANY (agreed)))) AS x (hit)) AS h
         WHERE b.id = ANY (going));
END
$$;

CREATE OR REPLACE FUNCTION schedules.apply_combine(at_venue uuid, change jsonb, plan jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source constant uuid := (change ->> 'from_id')::uuid;
    target constant uuid := (change ->> 'to_id')::uuid;
    going constant uuid[] := ARRAY(SELECT (h ->> 'booking_id')::uuid FROM jsonb_array_elements(plan -> 'hits') AS h);
    agreed uuid[];
    is_emptied constant boolean := (plan #>> '{facts,emptied}')::boolean;
    stamp constant text := extract(epoch FROM app.now())::text;
    new_price integer;
    one record;
    families jsonb := '[]';
    told integer := 0;
BEGIN
    PERFORM 1 FROM public.bookings AS b WHERE b.id = ANY (going) ORDER BY b.id FOR NO KEY UPDATE;
    -- Another statement, hence another snapshot: a check-in may have held a booking's lock until now.
    PERFORM schedules.require_movable(going, target);
    IF NOT going <@ schedules.standing(ARRAY[source]) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The bookings of this session have changed.', HINT = 'Look again.',
            DETAIL = 'plan_changed';
    END IF;
    agreed := ARRAY(SELECT x::uuid FROM jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(change -> 'consented') = 'array' THEN change -> 'consented' ELSE '[]' END) AS x);
    SELECT jsonb_agg(jsonb_build_object('user', f.booked_by, 'facts', schedules.move_words(f.first, target, f.has_agreed)
                || jsonb_build_object('child', f.child)) ORDER BY f.booked_by) INTO families
      FROM (SELECT b.booked_by, (array_agg(b.id))[1] AS first, bool_and(b.id = ANY (agreed)) AS has_agreed,
                   string_agg(c.first_name, ', ' ORDER BY c.first_name, b.id) AS child
              FROM public.bookings AS b JOIN public.children AS c ON c.id = b.child_id
             WHERE b.id = ANY (going) GROUP BY b.booked_by) AS f;
    -- The queue goes on first and the source is cancelled, so that the places the move frees there are offered to nobody.
    IF is_emptied THEN
        told := schedules.move_queue(source, target, going, stamp);
        UPDATE public.activity_sessions AS s SET is_cancelled = true, cancelled_at = app.now(), cancelled_by = auth.user_id(),
               cancellation_reason = coalesce(nullif(btrim(change ->> 'reason'), ''), 'Combined with another session.')
         WHERE s.id = source;
    END IF;
    new_price := (bookings.judge(target, NULL, NULL)).price;
    FOR one IN SELECT b.id, b.booked_by, b.version FROM public.bookings AS b WHERE b.id = ANY (going) ORDER BY b.booked_by, b.id LOOP
        -- A dearer session costs the family nothing more.
        IF (SELECT p.charged + p.owed > new_price FROM bookings.paid(one.id) AS p) THEN
            PERFORM bookings.settle_difference(one.id, one.booked_by, at_venue, new_price, one.version);
        END IF;
    END LOOP;
    UPDATE public.bookings AS b SET session_id = target,
           credits_charged = CASE WHEN p.charged + p.owed > 0 THEN least(b.credits_charged, new_price) ELSE b.credits_charged END,
           move_consent = CASE WHEN b.id = ANY (agreed) THEN 'given' ELSE 'asked' END
      FROM public.bookings AS k CROSS JOIN LATERAL bookings.paid(k.id) AS p
     WHERE k.id = b.id AND b.id = ANY (going);
    UPDATE public.waitlist AS w SET is_active = false, response = 'accepted', responded_at = app.now(), removed_at = app.now(),
           removed_reason = 'spot_accepted', converted_booking_id = b.id
      FROM public.bookings AS b
     WHERE b.id = ANY (going) AND w.session_id = target AND w.child_id = b.child_id AND w.is_active;
    FOR one IN SELECT (f ->> 'user')::uuid AS id, f -> 'facts' AS facts FROM jsonb_array_elements(families) AS f LOOP
        PERFORM notify.tell(one.id, 'booking_moved', one.facts, format('combine:%s:%s:%s', source, target, stamp), 'session', target);
        told := told + 1;
    END LOOP;
    PERFORM bookings.settle_queue(target);
    RETURN jsonb_build_object('created', 0, 'changed', cardinality(going), 'cancelled', is_emptied::integer, 'told', told,
                              'session_id', target);
END
$$;

-- The queue of a session that is given up goes to the end of the other's, in its order. Who is booked or waits there already,
-- or comes along with the move, only leaves; how many families are told that their waiting ended.
CREATE OR REPLACE FUNCTION schedules.move_queue(source uuid, target uuid, going uuid[], stamp text) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT w.id, w.venue_id, w.child_id, w.user_id FROM public.waitlist AS w
         WHERE w.session_id = source AND w.is_active ORDER BY w.skipped_at NULLS FIRST, w.position FOR NO KEY UPDATE
    LOOP
        IF NOT EXISTS (SELECT 1 FROM public.waitlist AS o WHERE o.session_id = target AND o.child_id = one.child_id AND o.is_active)
           AND NOT EXISTS (SELECT 1 FROM public.bookings AS b
                            WHERE b.child_id = one.child_id AND (b.id = ANY (going) OR b.session_id = target)
                              AND app.holds_place(b.status))
        THEN
            UPDATE public.waitlist AS w SET is_active = false, removed_at = app.now(), removed_reason = 'combined' WHERE w.id = one.id;
            INSERT INTO public.waitlist (session_id, venue_id, child_id, user_id)
            VALUES (target, one.venue_id, one.child_id, one.user_id);
        END IF;
    END LOOP;
    RETURN schedules.end_queues(ARRAY[source], stamp);
END
$$;
