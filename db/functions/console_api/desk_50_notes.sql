-- What staff write about a booking, and what of it stands on the roster. Notes may hold health facts: they come out of these
-- functions only, while the roster is open.

-- A text as a person meant it: control characters and marks that turn the direction of what follows are left out.
CREATE OR REPLACE FUNCTION desk.plain_text(typed text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN nullif(btrim(regexp_replace(replace(typed, E'\t', ' '),
        U&'[\0001-\0009\000B-\001F\007F-\009F\200B\2028-\202E\2066-\2069\FEFF]', '', 'g'), E' \n\u00a0'), '');
END
$$;

-- Today's newest notes of a booking as lines, "15:40 Jonas: ..."; at most five. For the roster, which has asked who may.
CREATE OR REPLACE FUNCTION desk.todays_notes(of_booking uuid, at_venue uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT string_agg(line, E'\n' ORDER BY written_at DESC, id DESC)
          FROM (SELECT n.id, n.written_at, to_char(n.written_at AT TIME ZONE v.timezone, 'HH24:MI') || ' ' || p.first_name || ': '
                       || CASE WHEN n.is_incident THEN 'Incident: ' ELSE '' END || replace(n.body, E'\n', ' ') AS line
                  FROM public.booking_notes AS n
                  JOIN public.venues AS v ON v.id = n.venue_id
                  JOIN public.users AS p ON p.id = n.person_id
                 WHERE n.booking_id = of_booking AND n.venue_id = at_venue
                   AND (n.written_at AT TIME ZONE v.timezone)::date = (app.now() AT TIME ZONE v.timezone)::date
                 ORDER BY n.written_at DESC, n.id DESC LIMIT 5) AS newest);
END
$$;

-- The venue of a booking whose roster the caller may open and whose child may be shown; raises otherwise.
CREATE OR REPLACE FUNCTION desk.reach_booking(of_booking uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    b record;
    at_venue uuid;
BEGIN
    SELECT k.session_id, k.child_id INTO b FROM public.bookings AS k WHERE k.id = of_booking;
    -- NULL for an absent booking: reach answers as it does for a foreign one.
    at_venue := desk.reach(b.session_id);
    IF NOT desk.is_shown(b.child_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking here.', DETAIL = 'no_booking';
    END IF;
    RETURN at_venue;
END
$$;

CREATE OR REPLACE FUNCTION desk.notes_of(of_booking uuid)
    RETURNS TABLE (id uuid, booking_id uuid, at timestamptz, person text, desk text, text text, incident boolean,
                   action_taken text, parent_told boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := desk.reach_booking(of_booking);
BEGIN
    RETURN QUERY
    SELECT n.id, n.booking_id, n.written_at, p.first_name::text, d.name::text, n.body::text, n.is_incident,
           n.action_taken::text, n.parent_told
      FROM public.booking_notes AS n
      JOIN public.users AS p ON p.id = n.person_id
      LEFT JOIN auth.devices AS d ON d.id = n.device_id
     WHERE n.booking_id = of_booking AND n.venue_id = at_venue
     ORDER BY n.written_at DESC, n.id DESC;
END
$$;
COMMENT ON FUNCTION desk.notes_of(uuid) IS 'What staff wrote about a booking, newest first.';
GRANT EXECUTE ON FUNCTION desk.notes_of(uuid) TO console_client;

-- Write a note about a booking. new_id is made on the desk: sent again, it is answered with the note it made. An incident opens
-- an item for the manager.
CREATE OR REPLACE FUNCTION desk.add_note(
    new_id uuid, of_booking uuid, body text, incident boolean DEFAULT false, action_taken text DEFAULT NULL,
    parent_told boolean DEFAULT false)
    RETURNS TABLE (id uuid, booking_id uuid, at timestamptz, person text, desk text, text text, is_incident boolean,
                   action text, told boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := desk.reach_booking(of_booking);
    me record := auth.caller();
    words constant text := desk.plain_text(body);
    done constant text := CASE WHEN incident THEN desk.plain_text(action_taken) END;
    known record;
    made integer;
BEGIN
    PERFORM auth.require('attendance.record', at_venue);
    IF me.user_id IS NULL OR new_id IS NULL OR incident IS NULL OR parent_told IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A note needs a number and somebody who wrote it.',
            DETAIL = 'note';
    ELSIF words IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Write something first.', DETAIL = 'note_empty';
    ELSIF length(words) > 1000 OR length(done) > 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A note has at most 1,000 characters.', HINT = 'Shorten it.',
            DETAIL = 'note_too_long';
    END IF;
    INSERT INTO public.booking_notes (id, venue_id, booking_id, body, is_incident, action_taken, parent_told, person_id,
                                      device_id, written_at)
    VALUES (new_id, at_venue, of_booking, words, incident, done, incident AND parent_told, me.user_id, me.device_id, app.now())
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    IF made = 0 THEN
        SELECT n.booking_id, n.person_id, n.body INTO known FROM public.booking_notes AS n WHERE n.id = new_id;
        IF (known.booking_id, known.person_id, known.body::text) IS DISTINCT FROM (of_booking, me.user_id, words) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This note''s number is taken.', HINT = 'Write it again.',
                DETAIL = 'note_id_taken';
        END IF;
    ELSE
        -- The roster shows it, so the booking has changed for every desk that looks at it.
        UPDATE public.bookings AS b SET status = b.status WHERE b.id = of_booking;
        IF incident THEN
            INSERT INTO public.review_items (venue_id, kind, booking_id, session_id, summary)
            SELECT at_venue, 'other', b.id, b.session_id, CASE WHEN parent_told
                       THEN 'An incident was written down; the parent has been told.'
                       ELSE 'An incident was written down; the parent has not been told yet.' END
              FROM public.bookings AS b WHERE b.id = of_booking;
        END IF;
    END IF;
    RETURN QUERY SELECT n.* FROM desk.notes_of(of_booking) AS n WHERE n.id = new_id;
END
$$;
COMMENT ON FUNCTION desk.add_note(uuid, uuid, text, boolean, text, boolean) IS 'Write a note or an incident about a booking.';
GRANT EXECUTE ON FUNCTION desk.add_note(uuid, uuid, text, boolean, text, boolean) TO console_client;
