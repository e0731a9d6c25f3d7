-- What the vector index holds of an activity or a child is made again when what it was made from changes.

CREATE OR REPLACE FUNCTION public.mark_activity_for_pinecone_sync() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.pinecone_sync_required := true;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION public.mark_activity_for_pinecone_sync() IS 'Trigger: an activity''s words, category or tags changed.';

CREATE OR REPLACE FUNCTION public.mark_child_for_pinecone_sync() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.pinecone_sync_required := true;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION public.mark_child_for_pinecone_sync() IS 'Trigger: a child''s preferences changed.';

CREATE OR REPLACE TRIGGER trigger_activity_pinecone_sync BEFORE UPDATE ON public.activities FOR EACH ROW
    WHEN ((OLD.name, OLD.short_description, OLD.full_description, OLD.category, OLD.activity_tags)
        IS DISTINCT FROM (NEW.name, NEW.short_description, NEW.full_description, NEW.category, NEW.activity_tags))
    EXECUTE FUNCTION public.mark_activity_for_pinecone_sync();
CREATE OR REPLACE TRIGGER trigger_child_pinecone_sync BEFORE UPDATE ON public.children FOR EACH ROW
    WHEN ((OLD.energy_level, OLD.social_preference, OLD.interests, OLD.activities_to_avoid)
        IS DISTINCT FROM (NEW.energy_level, NEW.social_preference, NEW.interests, NEW.activities_to_avoid))
    EXECUTE FUNCTION public.mark_child_for_pinecone_sync();
