-- Labels and pickup tags: one tag for each family, venue and local day, so that a reprint carries the same code.

-- Digit, letter, digit, letter: read aloud across a lobby it is never a name and never a ticket. Not secret, only unlike others.
CREATE OR REPLACE FUNCTION desk.new_tag() RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    dice constant bytea := uuid_send(gen_random_uuid());
    letters constant text := 'ABCDEFGHJKMNPQRSTVWXYZ';
BEGIN
    RETURN (get_byte(dice, 0) % 10)::text || substr(letters, get_byte(dice, 1) % 22 + 1, 1)
        || (get_byte(dice, 2) % 10)::text || substr(letters, get_byte(dice, 3) % 22 + 1, 1);
END
$$;

-- A typed or scanned tag as it is stored, or NULL. console.domain.codes.parse_tag reads the same.
CREATE OR REPLACE FUNCTION desk.read_tag(typed text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plain constant text := upper(translate(left(typed, 40), U&'- \2010\2011\2012\2013\2014\2212\00A0', ''));
BEGIN
    RETURN CASE WHEN plain ~ '^[0-9][A-HJKMNP-TV-Z][0-9][A-HJKMNP-TV-Z]$' THEN plain END;
END
$$;

-- The labels of some of today's bookings, in the order asked; each family's tag is made on the first call.
CREATE OR REPLACE FUNCTION desk.labels(bookings uuid[])
    RETURNS TABLE (booking_id uuid, first_name text, age_months integer, activity_name text, room_name text,
                   starts_at timestamptz, ends_at timestamptz, tag text, health jsonb, issued_at timestamptz, reprint boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 5
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    wanted constant uuid[] := ARRAY(SELECT DISTINCT q FROM unnest(bookings) AS q);
    reachable constant uuid[] := auth.venue_ids('roster.read');
    me record := auth.caller();
    one record;
    fresh text[] := '{}';
    known boolean;
BEGIN
    IF me.user_id IS NULL OR reachable = '{}' THEN
        PERFORM auth.require('roster.read', NULL);
    ELSIF cardinality(wanted) NOT BETWEEN 1 AND 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose 1 to 200 children to print labels for.', DETAIL = 'labels';
    ELSIF cardinality(wanted) <> (
        SELECT count(*) FROM public.bookings AS b
          JOIN public.activity_sessions AS s ON s.id = b.session_id
          JOIN public.venues AS v ON v.id = b.venue_id
         CROSS JOIN LATERAL (SELECT (app.now() AT TIME ZONE v.timezone)::date AS today) AS t
         WHERE b.id = ANY (wanted) AND b.venue_id = ANY (reachable) AND desk.is_shown(b.child_id)
           AND (s.session_date = t.today
                OR (s.session_date = t.today - 1 AND (s.ends_at > app.now() OR b.attendance_state = 'in')))) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking today.',
            HINT = 'Labels are printed on the day.', DETAIL = 'no_booking';
    END IF;
    -- In one order at every desk, so that two never wait for each other in a circle.
    FOR one IN
        SELECT DISTINCT b.venue_id, s.session_date, c.parent_id
          FROM public.bookings AS b
          JOIN public.activity_sessions AS s ON s.id = b.session_id
          JOIN public.children AS c ON c.id = b.child_id
         WHERE b.id = ANY (wanted) ORDER BY 1, 2, 3
    LOOP
        LOOP
            known := EXISTS (SELECT 1 FROM public.pickup_tags AS t
                              WHERE (t.venue_id, t.day, t.parent_id) = (one.venue_id, one.session_date, one.parent_id));
            EXIT WHEN known;
            -- Either key may be taken in this moment: by this family at another desk, or the tag by another family.
            INSERT INTO public.pickup_tags (venue_id, day, parent_id, tag, issued_at, issued_by, device_id)
            VALUES (one.venue_id, one.session_date, one.parent_id, desk.new_tag(), app.now(), me.user_id, me.device_id)
            ON CONFLICT DO NOTHING;
            IF FOUND THEN
                fresh := fresh || (one.venue_id || ' ' || one.session_date || ' ' || one.parent_id);
                EXIT;
            END IF;
        END LOOP;
    END LOOP;
    RETURN QUERY
    SELECT b.id, c.first_name::text, desk.months_old(c.date_of_birth, s.session_date), a.name::text, r.name::text, s.starts_at,
           s.ends_at, t.tag::text, desk.health_of(c.id, c.allergies_medical_notes), t.issued_at,
           t.venue_id || ' ' || t.day || ' ' || t.parent_id <> ALL (fresh)
      FROM unnest(wanted) AS q (id)
      JOIN public.bookings AS b ON b.id = q.id
      JOIN public.activity_sessions AS s ON s.id = b.session_id
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
      JOIN public.children AS c ON c.id = b.child_id
      JOIN public.pickup_tags AS t ON (t.venue_id, t.day, t.parent_id) = (b.venue_id, s.session_date, c.parent_id)
     ORDER BY array_position(bookings, b.id);
END
$$;
COMMENT ON FUNCTION desk.labels(uuid[]) IS 'What the labels of today''s children show; the same family carries the same tag all day.';
GRANT EXECUTE ON FUNCTION desk.labels(uuid[]) TO console_client;

-- The children whom a tag of today stands for at a venue; nobody for a text that is no tag.
CREATE OR REPLACE FUNCTION desk.find_tag(at_venue uuid, tag text)
    RETURNS TABLE (booking_id uuid, session_id uuid, first_name text, activity_name text, starts_at timestamptz,
                   state public.attendance_state)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    wanted constant text := desk.read_tag(tag);
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    RETURN QUERY
    SELECT b.id, s.id, c.first_name::text, a.name::text, s.starts_at, b.attendance_state
      FROM public.venues AS v
     CROSS JOIN LATERAL (SELECT (app.now() AT TIME ZONE v.timezone)::date AS today) AS d
      JOIN public.pickup_tags AS t ON t.venue_id = v.id AND t.day IN (d.today, d.today - 1) AND t.tag = wanted
      JOIN public.children AS c ON c.parent_id = t.parent_id
      JOIN public.bookings AS b ON b.child_id = c.id AND b.venue_id = v.id AND app.holds_place(b.status)
      JOIN public.activity_sessions AS s ON s.id = b.session_id AND s.session_date = t.day AND NOT s.is_cancelled
      JOIN public.activities AS a ON a.id = s.activity_id
     WHERE v.id = at_venue AND desk.is_shown(c.id)
       AND (t.day = d.today OR s.ends_at > app.now() OR b.attendance_state = 'in')
     ORDER BY s.starts_at, lower(c.first_name), b.id;
END
$$;
COMMENT ON FUNCTION desk.find_tag(uuid, text) IS 'The children of a family by the code of today''s pickup tag.';
GRANT EXECUTE ON FUNCTION desk.find_tag(uuid, text) TO console_client;
