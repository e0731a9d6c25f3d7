-- Since version 0004.
-- Who looks after what the daily check found, by first name: people of headquarters, to those who see the findings of all venues.
-- Nothing for anybody else, so that a list stays a list.

CREATE OR REPLACE FUNCTION books.assignees() RETURNS TABLE (person_id uuid, first_name text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF auth.has('payouts.read', NULL) THEN
        RETURN QUERY
        SELECT u.id, u.first_name::text FROM public.users AS u
         WHERE u.id IN (SELECT i.assigned_to FROM public.integrity_issues AS i WHERE i.assigned_to IS NOT NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION books.assignees() IS 'The first names of those who look after findings of the daily check.';
GRANT EXECUTE ON FUNCTION books.assignees() TO console_client;
