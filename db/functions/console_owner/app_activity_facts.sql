-- What is held of an activity besides its checks: since when parents see it, and that words, lists and addresses have
-- the shape that screens and documents rely on. Only what is written is looked at, so that an old row can still be
-- rated. It needs no rights; names and operators are qualified instead of pinned.

CREATE OR REPLACE FUNCTION app.activity_facts() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    fresh boolean := TG_OP OPERATOR(pg_catalog.=) 'INSERT';
    list jsonb;
BEGIN
    IF (fresh OR NEW.name IS DISTINCT FROM OLD.name) AND NEW.name OPERATOR(pg_catalog.!~) '\S' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Give the activity a name.', DETAIL = 'name';
    END IF;
    IF fresh OR NEW.learning_outcomes IS DISTINCT FROM OLD.learning_outcomes
        OR NEW.what_to_bring IS DISTINCT FROM OLD.what_to_bring OR NEW.gallery_images IS DISTINCT FROM OLD.gallery_images
        OR NEW.accessibility_features IS DISTINCT FROM OLD.accessibility_features THEN
        FOREACH list IN ARRAY ARRAY[NEW.learning_outcomes, NEW.what_to_bring, NEW.gallery_images, NEW.accessibility_features]
        LOOP
            IF pg_catalog.jsonb_typeof(list) OPERATOR(pg_catalog.<>) 'array'
                OR pg_catalog.jsonb_path_exists(list, '$[*] ? (@.type() != "string")') THEN
                RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This is not a list of lines.', DETAIL = 'lines';
            END IF;
        END LOOP;
    END IF;
    IF (fresh OR NEW.primary_image_url IS DISTINCT FROM OLD.primary_image_url
            OR NEW.gallery_images IS DISTINCT FROM OLD.gallery_images)
        AND (NEW.primary_image_url OPERATOR(pg_catalog.!~*) '^https://[^\s/]+'
            OR pg_catalog.jsonb_path_exists(
                NEW.gallery_images, '$[*] ? (!(@ like_regex "^https://[^ /]+" flag "i"))')) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An image''s address begins with https://.', DETAIL = 'image';
    END IF;
    IF (fresh OR NEW.activity_tags IS DISTINCT FROM OLD.activity_tags)
        AND pg_catalog.jsonb_typeof(NEW.activity_tags) OPERATOR(pg_catalog.<>) 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Tags are names with a value.', DETAIL = 'tags';
    END IF;
    IF NOT fresh AND NEW.is_published IS DISTINCT FROM OLD.is_published THEN
        NEW.published_at := CASE WHEN NEW.is_published THEN app.now() END;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.activity_facts() IS 'Trigger: when an activity was published, and the shape of its words and lists.';

CREATE OR REPLACE TRIGGER a_facts BEFORE INSERT OR UPDATE OF name, primary_image_url, gallery_images, learning_outcomes,
    what_to_bring, accessibility_features, activity_tags, is_published ON public.activities
    FOR EACH ROW EXECUTE FUNCTION app.activity_facts();
