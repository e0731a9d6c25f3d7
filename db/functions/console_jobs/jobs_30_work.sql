-- Since version 0003.
-- What the worker may have done by other owners' functions: each does nothing but call one of them, which no desk may call.

CREATE OR REPLACE FUNCTION app.job_generate_sessions() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN schedules.generate_all();
END
$$;
COMMENT ON FUNCTION app.job_generate_sessions() IS 'Make the sessions of every series up to the horizon; how many.';

CREATE OR REPLACE FUNCTION app.job_release_inventory() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN schedules.release_inventory();
END
$$;
COMMENT ON FUNCTION app.job_release_inventory() IS 'Give unsold platform places back to the venues; of how many sessions.';

CREATE OR REPLACE FUNCTION app.job_expire_offers() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN bookings.expire_offers();
END
$$;
COMMENT ON FUNCTION app.job_expire_offers() IS 'End waitlist offers whose time is over; how many.';

CREATE OR REPLACE FUNCTION app.job_nightly_close() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN attendance.close_overdue(200);
END
$$;
COMMENT ON FUNCTION app.job_nightly_close() IS 'Close the sessions of earlier days that nobody closed; how many.';

CREATE OR REPLACE FUNCTION app.job_expire_credits() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN credits.expire((app.now() AT TIME ZONE 'UTC')::date);
END
$$;
COMMENT ON FUNCTION app.job_expire_credits() IS 'Expire the credits of billing periods that are over; of how many balances.';

GRANT EXECUTE ON FUNCTION app.job_generate_sessions(), app.job_release_inventory(), app.job_expire_offers(),
    app.job_nightly_close(), app.job_expire_credits() TO console_worker;
