-- Which places the day's numbers must leave out: a child that may not be shown is on no roster, so no count may include it.

-- The bookings of one local day of a venue whose child is hidden. Ids only: the desk reads its bookings itself, and who is
-- behind one of these comes out of no function.
CREATE OR REPLACE FUNCTION desk.hidden_bookings(of_venue uuid, on_day date) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('roster.read', of_venue);
    RETURN QUERY
    -- Hardly a child has one of the signs, so the rule itself is asked for few.
    WITH doubtful AS MATERIALIZED (
        SELECT b.id, b.child_id
          FROM public.activity_sessions AS s
          JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
          JOIN public.children AS c ON c.id = b.child_id
         WHERE s.venue_id = of_venue AND s.session_date = on_day
           AND (NOT c.parental_consent_given OR c.deletion_requested OR c.anonymised_at IS NOT NULL
                OR EXISTS (SELECT 1 FROM public.parental_consent_records AS r WHERE r.child_id = c.id AND r.withdrawn)))
    SELECT d.id FROM doubtful AS d WHERE NOT desk.is_shown(d.child_id);
END
$$;
COMMENT ON FUNCTION desk.hidden_bookings(uuid, date) IS 'The bookings of a day that no roster shows and no count includes.';
GRANT EXECUTE ON FUNCTION desk.hidden_bookings(uuid, date) TO console_client;
