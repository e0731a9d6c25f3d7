-- Since version 0003.
-- What triggers keep true of messages and their templates.

-- A variable nobody fills would reach parents as a gap, so a template says which it may use and uses no other.
CREATE OR REPLACE FUNCTION app.template_variables() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    every_text constant text := concat_ws(E'\n', NEW.email_subject, NEW.email_body_html, NEW.email_body_text, NEW.short_body,
                                          NEW.in_app_title, NEW.in_app_body);
    unknown constant text := (
        SELECT m[1] FROM regexp_matches(every_text, '\{\{\s*([^{}]*?)\s*\}\}', 'g') AS m
        WHERE NOT NEW.available_variables ? m[1] OR m[1] !~ '^[a-z_]+$' LIMIT 1);
BEGIN
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = format('This message cannot fill in {{%s}}.', left(unknown, 40)),
            HINT = 'Use one of the names that are listed with it.', DETAIL = 'unknown_variable';
    ELSIF regexp_replace(every_text, '\{\{[a-z_]+\}\}', '', 'g') ~ '\{\{|\}\}' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A name in this message is not written as {{name}}.',
            HINT = 'Put two braces before it and two after it.', DETAIL = 'unknown_variable';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.template_variables() IS 'Trigger: a template uses only the variables it lists.';
CREATE OR REPLACE TRIGGER a_variables BEFORE INSERT OR UPDATE ON public.notification_templates
    FOR EACH ROW EXECUTE FUNCTION app.template_variables();

-- Messages name a child and are addressed to a person: they go when either is anonymised.
CREATE OR REPLACE FUNCTION app.forget_messages() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        DELETE FROM public.notifications AS n WHERE n.user_id = OLD.id;
    ELSE
        DELETE FROM public.notifications AS n
         WHERE n.user_id = OLD.parent_id
           -- Brothers and sisters are named together.
           AND OLD.first_name = ANY (string_to_array(n.data_payload ->> 'child', ', '));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.forget_messages() IS 'Trigger: remove the messages about an anonymised child, or to an anonymised person.';
CREATE OR REPLACE TRIGGER a_forget_messages AFTER UPDATE OF anonymised_at ON public.children
    FOR EACH ROW WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL) EXECUTE FUNCTION app.forget_messages();
CREATE OR REPLACE TRIGGER a_forget_messages AFTER UPDATE OF anonymised_at ON public.users
    FOR EACH ROW WHEN (OLD.anonymised_at IS NULL AND NEW.anonymised_at IS NOT NULL) EXECUTE FUNCTION app.forget_messages();
