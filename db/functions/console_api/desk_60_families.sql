-- Families at the desk: found, registered, and the sessions that are open to them. A desk needs the right to rosters for any of it,
-- beside the right to bookings: headquarters has only the latter and sees no child.

CREATE OR REPLACE FUNCTION desk.require_families(at_venue uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    PERFORM auth.require('booking.manage', at_venue);
END
$$;

-- The venue's day.
CREATE OR REPLACE FUNCTION desk.today(at_venue uuid) RETURNS date
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (app.now() AT TIME ZONE v.timezone)::date FROM public.venues AS v WHERE v.id = at_venue
$$;

-- A child's health notes as a desk shows them, the single note of older records included.
CREATE OR REPLACE FUNCTION desk.health_of(child uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'kind', n.kind, 'severity', n.severity, 'label', n.label, 'title', n.title,
                    'instructions', n.instructions, 'confirmed_by', n.confirmed_by_name, 'confirmed_on', n.confirmed_on)
                    ORDER BY n.severity, n.kind, n.label)
           FROM public.child_health_notes AS n WHERE n.child_id = c.id),
        CASE WHEN btrim(c.allergies_medical_notes) <> '' THEN jsonb_build_array(jsonb_build_object(
            'kind', 'medical', 'severity', 2, 'label', 'Health note', 'title', 'Health note',
            'instructions', c.allergies_medical_notes)) END, '[]')
      FROM public.children AS c WHERE c.id = child
$$;

-- Families known to the venue by the beginning of a first name, or any family by its whole number or address; twenty at most.
-- That somebody searched is written to the audit trail once per person, desk and quarter of an hour; what for, never.
CREATE OR REPLACE FUNCTION desk.find_families(at_venue uuid, query text)
    RETURNS TABLE (parent_id uuid, parent_first_name text, phone_end text, credits integer, owed integer, children jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    here constant uuid := at_venue;
    plain constant text := desk.plain_name(regexp_replace(query, '[\s-]+', ' ', 'g'));
    digits constant text := CASE WHEN query ~ '^[0-9+(). /-]+$' THEN regexp_replace(query, '[^0-9]', '', 'g') ELSE '' END;
    today date;
    found uuid[];
    me record;
BEGIN
    PERFORM desk.require_families(here);
    IF plain IS NULL OR length(plain) < 2 THEN
        RETURN;
    END IF;
    today := desk.today(here);
    me := auth.caller();
    IF me.user_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.audit_logs AS a
         WHERE a.entity_type = 'families' AND a.entity_id = here AND a.user_id = me.user_id AND a.device_id = me.device_id
           AND a.created_at > app.now() - interval '15 minutes') THEN
        INSERT INTO public.audit_logs (user_id, device_id, session_id, venue_id, action_category, action_type, entity_type,
                                       entity_id)
        VALUES (me.user_id, me.device_id, me.session_id, here, 'child', 'read', 'families', here);
    END IF;
    IF query LIKE '%@%' THEN
        SELECT array_agg(u.id) INTO found FROM public.users AS u WHERE lower(u.email) = lower(btrim(query));
    ELSIF length(digits) >= 7 THEN
        -- The shorter number ends the longer one: with or without the country's.
        SELECT array_agg(u.id) INTO found
          FROM (SELECT p.id, regexp_replace(p.phone, '[^0-9]', '', 'g') AS number FROM public.users AS p
                 WHERE right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 7) = right(digits, 7)) AS u
         WHERE right(digits, length(u.number)) = right(u.number, length(digits));
    ELSE
        SELECT array_agg(k.id) INTO found
          FROM (SELECT b.booked_by AS id FROM public.bookings AS b WHERE b.venue_id = here
                UNION
                SELECT (r.answer ->> 'parent_id')::uuid FROM public.desk_requests AS r WHERE r.venue_id = here) AS k
          JOIN public.users AS p ON p.id = k.id
         WHERE position(' ' || plain IN ' ' || desk.plain_name(replace(p.first_name, '-', ' '))) > 0
            OR EXISTS (SELECT 1 FROM public.children AS c
                        WHERE c.parent_id = k.id AND c.is_active
                          AND position(' ' || plain IN ' ' || desk.plain_name(replace(c.first_name, '-', ' '))) > 0
                          AND desk.is_shown(c.id));
    END IF;
    RETURN QUERY
    SELECT p.id, p.first_name::text,
           CASE WHEN length(regexp_replace(p.phone, '[^0-9]', '', 'g')) >= 4
                THEN right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 4) END,
           credits.spendable(p.id),
           coalesce((SELECT sum(o.amount) FROM public.owed_credits AS o
                      WHERE o.user_id = p.id AND o.venue_id = here AND o.settled_at IS NULL), 0)::integer,
           coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'id', c.id, 'first_name', c.first_name, 'age_months', desk.months_old(c.date_of_birth, today),
                          'health', desk.health_of(c.id), 'booked_today', coalesce((
                              SELECT jsonb_agg(a.name ORDER BY s.starts_at, a.name)
                                FROM public.bookings AS b
                                JOIN public.activity_sessions AS s ON s.id = b.session_id AND s.session_date = today
                                     AND NOT s.is_cancelled
                                JOIN public.activities AS a ON a.id = s.activity_id
                               WHERE b.child_id = c.id AND b.venue_id = here AND app.holds_place(b.status)), '[]'))
                          ORDER BY lower(c.first_name), c.id)
                 FROM public.children AS c WHERE c.parent_id = p.id AND c.is_active AND desk.is_shown(c.id)), '[]')
      FROM public.users AS p
     WHERE p.id = ANY (found) AND p.is_active AND p.anonymised_at IS NULL
       AND (p.role = 'parent' OR EXISTS (SELECT 1 FROM public.children AS c WHERE c.parent_id = p.id))
     ORDER BY lower(p.first_name), p.id
     LIMIT 20;
END
$$;
COMMENT ON FUNCTION desk.find_families(uuid, text) IS 'Families by the beginning of a name, a whole phone number or an e-mail.';
GRANT EXECUTE ON FUNCTION desk.find_families(uuid, text) TO console_client;

-- The venue's sessions of a day as a child could take them. for_booking stands for its child, and for a place that would be given
-- up: it is not in its own way.
CREATE OR REPLACE FUNCTION desk.open_sessions(
    at_venue uuid, on_day date, for_child uuid DEFAULT NULL, for_booking uuid DEFAULT NULL)
    RETURNS TABLE (session_id uuid, activity_name text, room_name text, starts_at timestamptz, ends_at timestamptz,
                   price integer, places_left integer, places integer, waiting integer, blocked text, warnings text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    here constant uuid := at_venue;
    today date;
    child uuid;
BEGIN
    PERFORM desk.require_families(here);
    today := desk.today(here);
    IF on_day IS NULL OR on_day NOT BETWEEN today AND today + 90 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose a day from today to 90 days ahead.', DETAIL = 'day';
    END IF;
    IF num_nonnulls(for_child, for_booking) > 0 THEN
        child := bookings.child_meant(for_child, for_booking, here);
    END IF;
    RETURN QUERY
    SELECT s.id, a.name::text, r.name::text, s.starts_at, s.ends_at, j.price, j.places_left, s.total_capacity,
           (SELECT count(*)::integer FROM public.waitlist AS w WHERE w.session_id = s.id AND w.is_active),
           j.blocked, j.warnings
      FROM public.activity_sessions AS s
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
     CROSS JOIN LATERAL bookings.judge(s.id, child, for_booking) AS j
     WHERE s.venue_id = here AND s.session_date = on_day
     ORDER BY s.starts_at, a.name, s.id;
END
$$;
COMMENT ON FUNCTION desk.open_sessions(uuid, date, uuid, uuid) IS 'A day''s sessions with places, prices and what stands in the way.';
GRANT EXECUTE ON FUNCTION desk.open_sessions(uuid, date, uuid, uuid) TO console_client;
