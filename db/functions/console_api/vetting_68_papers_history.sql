-- Since version 0006.
-- What became of a venue's papers, for whoever may edit it. docs/design.md, "Rules of the domain" (compliance).

-- Newest first, in the shape of vetting.history. Who at headquarters decided is not the venue's to know; why is.
CREATE OR REPLACE FUNCTION vetting.papers_history(of_venue uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM vetting.reach(of_venue);
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'id', e.id, 'kind', e.kind, 'says', vetting.event_words(e.kind, e.facts, e.requirement),
                   'reason', e.reason,
                   'by', CASE WHEN e.kind IN ('filed', 'filing_withdrawn') THEN u.first_name END,
                   'at', e.at, 'requirement', e.requirement) ORDER BY e.at DESC, e.id DESC), '[]')
          FROM (SELECT x.* FROM public.venue_events AS x
                 WHERE x.venue_id = of_venue AND x.requirement IS NOT NULL
                   AND x.kind IN ('filed', 'filing_withdrawn', 'filing_accepted', 'filing_declined', 'reminded', 'expired',
                                  'excepted')
                 ORDER BY x.at DESC, x.id DESC LIMIT 100) AS e
          LEFT JOIN public.users AS u ON u.id = e.by_user);
END
$$;
COMMENT ON FUNCTION vetting.papers_history(uuid) IS 'What became of the papers of a venue, for whoever may edit it.';
GRANT EXECUTE ON FUNCTION vetting.papers_history(uuid) TO console_client;
