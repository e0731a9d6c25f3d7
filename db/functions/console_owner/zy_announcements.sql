-- Since version 0006.
-- A desk hears at once that there is something to read, or no longer: on the channels of the venues it is for.
CREATE OR REPLACE FUNCTION app.announce_announcements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF TG_TABLE_NAME = 'announcement_venues' THEN
        PERFORM app.announce_to(ARRAY(SELECT DISTINCT n.venue_id FROM new_rows AS n), 'announcements');
    ELSIF EXISTS (SELECT 1 FROM new_rows AS n WHERE n.to_all) THEN
        PERFORM app.announce_to(ARRAY(SELECT v.id FROM public.venues AS v WHERE v.status IN ('active', 'suspended')), 'announcements');
    ELSE
        PERFORM app.announce_to(ARRAY(SELECT DISTINCT x.venue_id FROM new_rows AS n
                                        JOIN public.announcement_venues AS x ON x.announcement_id = n.id), 'announcements');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.announce_announcements() IS 'Trigger: announce what headquarters tells venues.';
CREATE OR REPLACE TRIGGER y_announce_insert AFTER INSERT ON public.announcements REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_announcements();
CREATE OR REPLACE TRIGGER y_announce_update AFTER UPDATE ON public.announcements REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_announcements();
CREATE OR REPLACE TRIGGER y_announce_insert AFTER INSERT ON public.announcement_venues REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_announcements();
