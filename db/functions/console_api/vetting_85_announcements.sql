-- Since version 0006.
-- What headquarters tells venues, shown as a banner in their consoles until each person has put it away, it is over or withdrawn.
-- docs/design.md, "Borrowed from neighbouring systems" (announcements as a banner).

-- Announcements as headquarters sees them.
CREATE OR REPLACE FUNCTION vetting.announced(of_announcements uuid[])
    RETURNS TABLE (id uuid, version integer, title text, body text, tone text, venues jsonb, starts_at timestamptz,
                   ends_at timestamptz, created_by text, withdrawn_at timestamptz, read_by bigint)
    LANGUAGE sql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.id, a.version, a.title::text, a.body::text, a.tone::text,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(v.id, v.name) ORDER BY v.name, v.id), '[]')
              FROM public.announcement_venues AS x JOIN public.venues AS v ON v.id = x.venue_id WHERE x.announcement_id = a.id),
           a.starts_at, a.ends_at, u.first_name::text, a.withdrawn_at,
           (SELECT count(*) FROM public.announcement_reads AS r WHERE r.announcement_id = a.id)
      FROM public.announcements AS a LEFT JOIN public.users AS u ON u.id = a.created_by
     WHERE a.id = ANY (of_announcements)
$$;

-- Those that run or will, the next first, then the last hundred.
CREATE OR REPLACE FUNCTION vetting.announcements()
    RETURNS TABLE (id uuid, version integer, title text, body text, tone text, venues jsonb, starts_at timestamptz,
                   ends_at timestamptz, created_by text, withdrawn_at timestamptz, read_by bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    RETURN QUERY
    SELECT s.* FROM vetting.announced(ARRAY(
               SELECT a.id FROM public.announcements AS a WHERE a.withdrawn_at IS NULL AND a.ends_at > app.now()
               UNION ALL
              (SELECT a.id FROM public.announcements AS a WHERE a.withdrawn_at IS NOT NULL OR a.ends_at <= app.now()
                ORDER BY coalesce(a.withdrawn_at, a.ends_at) DESC, a.id LIMIT 100))) AS s
     ORDER BY s.withdrawn_at IS NULL AND s.ends_at > app.now() DESC,
              CASE WHEN s.withdrawn_at IS NULL AND s.ends_at > app.now() THEN s.starts_at END,
              coalesce(s.withdrawn_at, s.ends_at) DESC, s.id;
END
$$;
COMMENT ON FUNCTION vetting.announcements() IS 'What headquarters tells venues, and told them.';
GRANT EXECUTE ON FUNCTION vetting.announcements() TO console_client;

-- Tell venues something; `to_venues` NULL: all of them. Sent again with the same id it is told once.
CREATE OR REPLACE FUNCTION vetting.announce(
    announcement_id uuid, headline text, words text, in_tone text, to_venues uuid[], from_at timestamptz, until_at timestamptz)
    RETURNS TABLE (id uuid, version integer, title text, body text, tone text, venues jsonb, starts_at timestamptz,
                   ends_at timestamptz, created_by text, withdrawn_at timestamptz, read_by bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    short text;
    long text;
    made boolean;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    short := vetting.refuse_empty(headline, 120, 'title', 'Give the announcement a title.');
    long := vetting.refuse_empty(words, 1000, 'body', 'Write what you want to tell.');
    IF in_tone IS NULL OR in_tone NOT IN ('info', 'warning') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An announcement informs or warns.', DETAIL = 'tone';
    ELSIF from_at IS NULL OR NOT isfinite(from_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say from when on it is shown.', DETAIL = 'starts_at';
    ELSIF until_at IS NULL OR until_at <= greatest(from_at, app.now()) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose an end that is still to come, after its beginning.', DETAIL = 'ends_at';
    ELSIF until_at > greatest(from_at, app.now()) + interval '1 year' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An announcement is shown for a year at most.', DETAIL = 'ends_at';
    ELSIF to_venues IS NOT NULL AND (cardinality(to_venues) = 0 OR cardinality(to_venues) > 5000 OR EXISTS (
          SELECT 1 FROM unnest(to_venues) AS t (id) WHERE NOT EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = t.id))) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose the venues it is for.', DETAIL = 'venues';
    END IF;
    INSERT INTO public.announcements (id, title, body, tone, to_all, starts_at, ends_at, created_by)
    VALUES (announcement_id, short, long, in_tone, to_venues IS NULL, from_at, until_at, auth.user_id())
    ON CONFLICT (id) DO NOTHING;
    made := FOUND;
    IF made THEN
        INSERT INTO public.announcement_venues (announcement_id, venue_id)
        SELECT DISTINCT announcement_id, t.id FROM unnest(to_venues) AS t (id);
    ELSIF NOT EXISTS (
        SELECT 1 FROM public.announcements AS a
         WHERE a.id = announcement_id AND a.created_by = auth.user_id()
           AND (a.title, a.body, a.tone, a.to_all, a.starts_at, a.ends_at)
               = (short, long, in_tone, to_venues IS NULL, from_at, until_at)
           AND ARRAY(SELECT x.venue_id FROM public.announcement_venues AS x WHERE x.announcement_id = a.id ORDER BY x.venue_id)
               = ARRAY(SELECT DISTINCT t.id FROM unnest(to_venues) AS t (id) ORDER BY t.id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This announcement is there already.', DETAIL = 'id_reused';
    END IF;
    RETURN QUERY SELECT * FROM vetting.announced(ARRAY[announcement_id]);
END
$$;
COMMENT ON FUNCTION vetting.announce(uuid, text, text, text, uuid[], timestamptz, timestamptz) IS 'Tell one, some or all venues something.';
GRANT EXECUTE ON FUNCTION vetting.announce(uuid, text, text, text, uuid[], timestamptz, timestamptz) TO console_client;

CREATE OR REPLACE FUNCTION vetting.withdraw_announcement(of_announcement uuid, at_version integer)
    RETURNS TABLE (id uuid, version integer, title text, body text, tone text, venues jsonb, starts_at timestamptz,
                   ends_at timestamptz, created_by text, withdrawn_at timestamptz, read_by bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    a public.announcements;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    SELECT x.* INTO a FROM public.announcements AS x WHERE x.id = of_announcement FOR UPDATE;
    IF a.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such announcement.', DETAIL = 'no_announcement';
    ELSIF a.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'withdrawn', MESSAGE = format(
            '%s has withdrawn this announcement.', (SELECT u.first_name FROM public.users AS u WHERE u.id = a.withdrawn_by));
    ELSIF a.ends_at <= app.now() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This announcement is over.', DETAIL = 'over';
    ELSIF a.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this announcement.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    UPDATE public.announcements AS x SET withdrawn_by = auth.user_id(), withdrawn_at = app.now() WHERE x.id = of_announcement;
    RETURN QUERY SELECT * FROM vetting.announced(ARRAY[of_announcement]);
END
$$;
COMMENT ON FUNCTION vetting.withdraw_announcement(uuid, integer) IS 'Tell something no longer.';
GRANT EXECUTE ON FUNCTION vetting.withdraw_announcement(uuid, integer) TO console_client;

-- What the person who asks is to read at a venue, warnings first; without a venue at headquarters, what is for all. Neither who else
-- it is for nor who has read it.
CREATE OR REPLACE FUNCTION vetting.running(at_venue uuid DEFAULT NULL)
    RETURNS TABLE (id uuid, version integer, title text, body text, tone text, venues jsonb, starts_at timestamptz,
                   ends_at timestamptz, created_by text, withdrawn_at timestamptz, read_by bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('venue.read', at_venue);
    RETURN QUERY
    SELECT a.id, a.version, a.title::text, a.body::text, a.tone::text,
           CASE WHEN a.to_all THEN '[]' ELSE (SELECT jsonb_build_array(jsonb_build_array(v.id, v.name))
                                                FROM public.venues AS v WHERE v.id = at_venue) END,
           a.starts_at, a.ends_at, NULL::text, NULL::timestamptz, 0::bigint
      FROM public.announcements AS a
     WHERE a.withdrawn_at IS NULL AND a.ends_at > app.now() AND a.starts_at <= app.now()
       AND (a.to_all OR EXISTS (SELECT 1 FROM public.announcement_venues AS x WHERE x.announcement_id = a.id AND x.venue_id = at_venue))
       AND NOT EXISTS (SELECT 1 FROM public.announcement_reads AS r WHERE r.announcement_id = a.id AND r.user_id = auth.user_id())
     ORDER BY a.tone = 'warning' DESC, a.starts_at DESC, a.id;
END
$$;
COMMENT ON FUNCTION vetting.running(uuid) IS 'Announcements that the person who asks has not put away.';
GRANT EXECUTE ON FUNCTION vetting.running(uuid) TO console_client;

-- They have read it. Twice is once.
CREATE OR REPLACE FUNCTION vetting.put_away(of_announcement uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF NOT auth.has('venue.read') THEN
        PERFORM auth.require('venue.read', NULL);
    ELSIF NOT EXISTS (
        SELECT 1 FROM public.announcements AS a
         WHERE a.id = of_announcement AND a.starts_at <= app.now()
           AND (a.to_all OR EXISTS (SELECT 1 FROM public.announcement_venues AS x
                                     WHERE x.announcement_id = a.id AND x.venue_id = ANY (auth.venue_ids('venue.read'))))) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such announcement.', DETAIL = 'no_announcement';
    END IF;
    INSERT INTO public.announcement_reads (announcement_id, user_id) VALUES (of_announcement, auth.user_id()) ON CONFLICT DO NOTHING;
END
$$;
COMMENT ON FUNCTION vetting.put_away(uuid) IS 'The person who asks has read an announcement.';
GRANT EXECUTE ON FUNCTION vetting.put_away(uuid) TO console_client;
