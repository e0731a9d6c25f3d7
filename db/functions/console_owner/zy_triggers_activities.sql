-- Since version 0006.
-- A review changes an activity's stars, not what it is: it counts as a change that desks hear of, not as a new version. Otherwise
-- whoever edits an activity would be told at each review that somebody else had changed it.
CREATE OR REPLACE FUNCTION app.touch_activity() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := app.now();
    NEW.changed_xid := pg_catalog.pg_current_xact_id();
    NEW.version := OLD.version;
    IF NEW.total_reviews OPERATOR(pg_catalog.=) OLD.total_reviews
       AND NEW.average_rating OPERATOR(pg_catalog.=) OLD.average_rating
       AND NEW.stars_sum OPERATOR(pg_catalog.=) OLD.stars_sum THEN
        NEW.version := OLD.version OPERATOR(pg_catalog.+) 1;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.touch_activity() IS 'Trigger: instant, transaction and, unless only the stars changed, version of an activity.';
CREATE OR REPLACE TRIGGER b_touch BEFORE UPDATE ON public.activities FOR EACH ROW EXECUTE FUNCTION app.touch_activity();
