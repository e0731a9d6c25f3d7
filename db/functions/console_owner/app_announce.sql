-- Telling desks that something changed. A notification is a hint to look, so it carries only the table's name and is
-- left out when the server's queue is half full: a full queue would make every commit fail.

CREATE OR REPLACE FUNCTION app.announce_to(venues uuid[], what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF pg_notification_queue_usage() <= 0.5 THEN
        PERFORM pg_notify(c.channel, what) FROM auth.venue_channels AS c WHERE c.venue_id = ANY (venues);
    END IF;
END
$$;
COMMENT ON FUNCTION app.announce_to(uuid[], text) IS 'Announce a change on the channels of these venues.';

CREATE OR REPLACE FUNCTION app.announce_new() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    PERFORM app.announce_to(ARRAY(SELECT DISTINCT n.venue_id FROM new_rows AS n), TG_TABLE_NAME);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.announce_new() IS 'Trigger: announce the rows a statement added or changed, once per venue.';

-- Deleted rows leave a tombstone, so that a desk that asks what changed hears of them too.
CREATE OR REPLACE FUNCTION app.announce_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    INSERT INTO app.tombstones (venue_id, table_name, row_id) SELECT o.venue_id, TG_TABLE_NAME, o.id FROM old_rows AS o;
    PERFORM app.announce_to(ARRAY(SELECT DISTINCT o.venue_id FROM old_rows AS o), TG_TABLE_NAME);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.announce_deleted() IS 'Trigger: leave tombstones for deleted rows and announce them.';

CREATE OR REPLACE FUNCTION app.announce_venue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    PERFORM app.announce_to(ARRAY(SELECT n.id FROM new_rows AS n), TG_TABLE_NAME);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.announce_venue() IS 'Trigger: announce a change of the venue itself.';

CREATE OR REPLACE FUNCTION app.open_channel() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    INSERT INTO auth.venue_channels (venue_id) SELECT n.id FROM new_rows AS n ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.open_channel() IS 'Trigger: give a new venue its channel.';

-- A child belongs to no venue; the desks that may see it are those of the sessions it is booked on just now.
CREATE OR REPLACE FUNCTION app.announce_children() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    PERFORM app.announce_to(ARRAY(
        SELECT DISTINCT b.venue_id FROM new_rows AS n
        JOIN public.bookings AS b ON b.child_id = n.id
        JOIN public.activity_sessions AS s ON s.id = b.session_id
        WHERE s.starts_at BETWEEN app.now() - interval '3 days' AND app.now() + interval '8 days'), TG_TABLE_NAME);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.announce_children() IS 'Trigger: announce changed children where they are expected these days.';

-- A health note or a pickup person is part of the child: whatever happens to it changes the child's version.
CREATE OR REPLACE FUNCTION app.child_facts_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    changed uuid[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT o.child_id FROM old_rows AS o);
    ELSE
        changed := ARRAY(SELECT n.child_id FROM new_rows AS n);
    END IF;
    UPDATE public.children AS c SET updated_at = app.now() WHERE c.id = ANY (changed);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.child_facts_changed() IS 'Trigger: a change of a health note, pickup person or consent is a change of the child.';
