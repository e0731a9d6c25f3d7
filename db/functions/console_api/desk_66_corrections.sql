-- What a desk may correct about a child: health notes and who may collect, as whole lists, with the version they were read at and
-- the name of who confirmed them. Only while the roster is open.

-- The child of a booking whose roster is open to the caller; absent, foreign and hidden look the same.
CREATE OR REPLACE FUNCTION desk.correctable(of_booking uuid, OUT child uuid, OUT at_venue uuid, OUT on_day date)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    session uuid;
BEGIN
    SELECT b.session_id, b.child_id, s.session_date INTO session, child, on_day
      FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id WHERE b.id = of_booking;
    at_venue := desk.reach(session);
    PERFORM auth.require('booking.manage', at_venue);
    IF NOT desk.is_shown(child) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such child.', DETAIL = 'no_child';
    END IF;
END
$$;

-- Pickup people as the desk shows them on a day: who may not collect is never out of date.
CREATE OR REPLACE FUNCTION desk.pickup_listed(of_child uuid, on_day date) RETURNS SETOF public.pickup_people
    LANGUAGE plpgsql STABLE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT n.* FROM public.pickup_people AS n
     WHERE n.child_id = of_child AND n.removed_at IS NULL
       AND (NOT n.may_collect OR coalesce(n.valid_until, 'infinity') >= on_day);
END
$$;

CREATE OR REPLACE FUNCTION desk.facts_of(of_booking uuid, of_child uuid, on_day date)
    RETURNS TABLE (child_id uuid, booking_id uuid, first_name text, version integer, health jsonb, pickup jsonb)
    LANGUAGE plpgsql STABLE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT c.id, of_booking, c.first_name::text, c.version, desk.health_of(c.id), coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'id', n.id, 'name', n.name, 'relationship', n.relationship, 'phone', n.phone,
                          'may_collect', n.may_collect, 'note', n.note, 'valid_from', n.valid_from,
                          'valid_until', n.valid_until) ORDER BY n.may_collect DESC, n.created_at, n.name)
                 FROM desk.pickup_listed(c.id, on_day) AS n), '[]')
      FROM public.children AS c WHERE c.id = of_child;
END
$$;

CREATE OR REPLACE FUNCTION desk.child_facts(of_booking uuid)
    RETURNS TABLE (child_id uuid, booking_id uuid, first_name text, version integer, health jsonb, pickup jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    about constant record := desk.correctable(of_booking);
BEGIN
    RETURN QUERY SELECT f.* FROM desk.facts_of(of_booking, about.child, about.on_day) AS f;
END
$$;
COMMENT ON FUNCTION desk.child_facts(uuid) IS 'What may be corrected about a booking''s child, with its version.';
GRANT EXECUTE ON FUNCTION desk.child_facts(uuid) TO console_client;

-- Lock a child as it was read; somebody else's change in between is a conflict.
CREATE OR REPLACE FUNCTION desk.lock_child(of_child uuid, read_version integer) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    now_at integer;
BEGIN
    SELECT c.version INTO now_at FROM public.children AS c WHERE c.id = of_child FOR NO KEY UPDATE;
    IF now_at IS DISTINCT FROM read_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else has changed this child''s record.',
            HINT = 'Look at it again, then make your change.', DETAIL = 'changed';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION desk.correct_health(of_booking uuid, read_version integer, notes jsonb, confirmed_by text)
    RETURNS TABLE (child_id uuid, booking_id uuid, first_name text, version integer, health jsonb, pickup jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    about constant record := desk.correctable(of_booking);
    who text;
BEGIN
    who := desk.kept_text(confirmed_by, 'who confirmed it', 'confirmed_by', 100);
    PERFORM desk.lock_child(about.child, read_version);
    DELETE FROM public.child_health_notes AS n WHERE n.child_id = about.child;
    -- The single note of older records is among what was read, so it goes with the list.
    UPDATE public.children AS c SET allergies_medical_notes = NULL
     WHERE c.id = about.child AND c.allergies_medical_notes IS NOT NULL;
    PERFORM desk.add_health(about.child, notes, who, desk.today(about.at_venue));
    RETURN QUERY SELECT f.* FROM desk.facts_of(of_booking, about.child, about.on_day) AS f;
END
$$;
COMMENT ON FUNCTION desk.correct_health(uuid, integer, jsonb, text) IS 'Replace a child''s health notes, confirmed by somebody.';
GRANT EXECUTE ON FUNCTION desk.correct_health(uuid, integer, jsonb, text) TO console_client;

-- A person who stays on the list keeps the row, so that a desk that has not looked again still names the right one. Who goes is
-- removed, or only taken off the list where an event names the row.
CREATE OR REPLACE FUNCTION desk.correct_pickup(of_booking uuid, read_version integer, people jsonb, confirmed_by text)
    RETURNS TABLE (child_id uuid, booking_id uuid, first_name text, version integer, health jsonb, pickup jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    about constant record := desk.correctable(of_booking);
    who text;
    today date;
    gone uuid[];
BEGIN
    who := desk.kept_text(confirmed_by, 'who confirmed it', 'confirmed_by', 100);
    today := desk.today(about.at_venue);
    PERFORM desk.lock_child(about.child, read_version);
    SELECT array_agg(n.id) INTO gone FROM desk.pickup_listed(about.child, about.on_day) AS n
     WHERE NOT EXISTS (SELECT 1 FROM desk.kept_people(people) AS k WHERE lower(k.name) = lower(n.name));
    UPDATE public.pickup_people AS n
       SET name = k.name, relationship = k.relationship, phone = k.phone, may_collect = k.may_collect, note = k.note,
           confirmed_by_name = who, confirmed_on = today
      FROM desk.kept_people(people) AS k
     WHERE n.id IN (SELECT DISTINCT ON (lower(l.name)) l.id FROM desk.pickup_listed(about.child, about.on_day) AS l
                     ORDER BY lower(l.name), l.created_at)
       AND lower(n.name) = lower(k.name);
    INSERT INTO public.pickup_people (child_id, name, relationship, phone, may_collect, note, created_at, confirmed_by_name,
                                      confirmed_on)
    SELECT about.child, k.name, k.relationship, k.phone, k.may_collect, k.note,
           app.now() + k.place * interval '1 microsecond', who, today
      FROM desk.kept_people(people) AS k
     WHERE NOT EXISTS (SELECT 1 FROM desk.pickup_listed(about.child, about.on_day) AS n WHERE lower(n.name) = lower(k.name));
    UPDATE public.pickup_people AS n SET removed_at = app.now()
     WHERE n.id = ANY (gone) AND EXISTS (
           SELECT 1 FROM public.bookings AS b JOIN public.attendance_events AS e ON e.booking_id = b.id AND e.venue_id = b.venue_id
            WHERE b.child_id = about.child AND e.pickup_person_id = n.id);
    DELETE FROM public.pickup_people AS n WHERE n.id = ANY (gone) AND n.removed_at IS NULL;
    RETURN QUERY SELECT f.* FROM desk.facts_of(of_booking, about.child, about.on_day) AS f;
END
$$;
COMMENT ON FUNCTION desk.correct_pickup(uuid, integer, jsonb, text) IS 'Replace who may collect a child, confirmed by somebody.';
GRANT EXECUTE ON FUNCTION desk.correct_pickup(uuid, integer, jsonb, text) TO console_client;
