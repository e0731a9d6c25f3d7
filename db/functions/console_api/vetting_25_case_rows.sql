-- Since version 0006.
-- One row of the approval queue, as the queue, its changes and the applicants read it. docs/design.md, "Screens" (platform).

-- Cases with everything a list shows of them. A claim that ran out is nobody's.
CREATE OR REPLACE FUNCTION vetting.case_rows(of_cases uuid[])
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text)
    LANGUAGE sql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH me AS MATERIALIZED (SELECT auth.user_id() AS id, app.now() AS now)
    SELECT c.id, c.version, c.venue_id, v.name::text, vetting.city_words(v.city, v.state), c.kind::text, c.state::text,
           c.opened_at, c.due_at, s.standings, h.first_name::text, h.id IS NOT NULL AND h.id = me.id,
           CASE WHEN h.id IS NOT NULL THEN c.claimed_until END, c.outcome::text, c.decided_at, d.first_name::text
      FROM me
      CROSS JOIN public.venue_cases AS c
      JOIN public.venues AS v ON v.id = c.venue_id
      CROSS JOIN LATERAL (
          SELECT coalesce(jsonb_object_agg(r.requirement, r.state), '{}') AS standings
            FROM public.venue_requirements AS r WHERE r.venue_id = c.venue_id) AS s
      LEFT JOIN public.users AS h ON h.id = c.claimed_by AND c.claimed_until > me.now
      LEFT JOIN public.users AS d ON d.id = c.decided_by
     WHERE c.id = ANY (of_cases)
$$;
