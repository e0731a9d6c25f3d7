-- A place in the queue is the next number of its session, given under the session's lock: two parents who join in the
-- same moment stand one behind the other. Who leaves and joins again stands at the end.

CREATE OR REPLACE FUNCTION app.waitlist_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE insufficient_privilege USING MESSAGE = 'A place in the queue does not change.';
    END IF;
    PERFORM 1 FROM public.activity_sessions AS s WHERE s.id = NEW.session_id FOR NO KEY UPDATE;
    NEW.position := 1 + coalesce(
        (SELECT max(w.position) FROM public.waitlist AS w WHERE w.session_id = NEW.session_id), 0);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.waitlist_place() IS 'Trigger: the next place in a session''s queue.';
CREATE OR REPLACE TRIGGER a_place BEFORE INSERT ON public.waitlist
    FOR EACH ROW EXECUTE FUNCTION app.waitlist_place();
CREATE OR REPLACE TRIGGER a_place_fixed BEFORE UPDATE OF position, session_id ON public.waitlist
    FOR EACH ROW WHEN (OLD.position <> NEW.position OR OLD.session_id <> NEW.session_id)
    EXECUTE FUNCTION app.waitlist_place();
