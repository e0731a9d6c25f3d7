-- Only the owner of a materialised view may refresh it, and only one that has been filled can be refreshed beside readers.

CREATE OR REPLACE FUNCTION public.refresh_parent_dashboard_summary() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF (SELECT m.ispopulated FROM pg_matviews AS m
        WHERE m.schemaname = 'public' AND m.matviewname = 'parent_dashboard_summary') THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY public.parent_dashboard_summary;
    ELSE
        REFRESH MATERIALIZED VIEW public.parent_dashboard_summary;
    END IF;
END
$$;
COMMENT ON FUNCTION public.refresh_parent_dashboard_summary() IS 'Work out every parent''s first screen again.';
GRANT EXECUTE ON FUNCTION public.refresh_parent_dashboard_summary() TO console_jobs, console_worker;
