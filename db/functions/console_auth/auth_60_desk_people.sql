-- Whether this person was ever signed in at the desk that asks: what makes a queued event's claim of who did it believable.
CREATE OR REPLACE FUNCTION auth.has_used_desk(person uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN EXISTS (SELECT 1 FROM auth.person_sessions AS s WHERE s.user_id = person AND s.device_id = auth.device_id());
END
$$;
GRANT EXECUTE ON FUNCTION auth.has_used_desk(uuid) TO console_api;
