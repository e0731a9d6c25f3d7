-- Notes stay as they were written, except that a child's anonymisation takes their words along; tags stay as they were printed.

CREATE OR REPLACE FUNCTION app.notes_stay() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_user = 'console_jobs' AND NEW.action_taken IS NULL
       AND to_jsonb(OLD) - ARRAY['body', 'action_taken'] = to_jsonb(NEW) - ARRAY['body', 'action_taken'] THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = format('%s keeps everything that is written to it.', TG_TABLE_NAME), DETAIL = 'append_only';
END
$$;
COMMENT ON FUNCTION app.notes_stay() IS 'Trigger: refuse to change or remove a note; an anonymised child''s loses its words.';

CREATE OR REPLACE TRIGGER g_append_only BEFORE UPDATE OR DELETE ON public.booking_notes
    FOR EACH ROW EXECUTE FUNCTION app.notes_stay();
CREATE OR REPLACE TRIGGER g_append_only_whole BEFORE TRUNCATE ON public.booking_notes
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
CREATE OR REPLACE TRIGGER g_append_only BEFORE UPDATE OR DELETE ON public.pickup_tags
    FOR EACH ROW EXECUTE FUNCTION app.append_only();
CREATE OR REPLACE TRIGGER g_append_only_whole BEFORE TRUNCATE ON public.pickup_tags
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();
