-- Since version 0006.
-- Reviews as they are shown: stars, words, an activity and a day, never whose. To a venue its own, hidden ones with the reason; to
-- headquarters all, with why each should be looked at. docs/design.md, "Screens" (reviews and score).

-- The venue of a review on which the caller may do that; the same answer for one that is absent and one of somebody else.
CREATE OR REPLACE FUNCTION feedback.require_review(of_review uuid, wanted auth.permission) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found uuid;
BEGIN
    SELECT r.venue_id INTO found FROM public.reviews AS r WHERE r.id = of_review AND r.venue_id = ANY (auth.venue_ids(wanted));
    IF found IS NULL THEN
        IF NOT auth.has(wanted) THEN
            PERFORM auth.require(wanted, NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such review.', DETAIL = 'no_review';
    END IF;
    RETURN found;
END
$$;

-- Reviews with what the caller may see of them. `caused` maps an id to its causes. An answer that is not sent yet is the venue's.
CREATE OR REPLACE FUNCTION feedback.shown(of_reviews uuid[], caused jsonb DEFAULT '{}')
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    moderates constant uuid[] := auth.venue_ids('reviews.moderate');
    answers constant uuid[] := auth.venue_ids('reviews.reply');
BEGIN
    RETURN QUERY
    SELECT r.id, r.version, r.venue_id, v.name::text, r.activity_id, a.name::text, r.rating, coalesce(r.review_text, ''),
           r.submitted_at, r.is_visible, r.hidden_reason, coalesce(caused -> r.id::text, '{}'), r.venue_response,
           r.venue_responded_at, u.first_name::text, CASE WHEN r.venue_id = ANY (answers) THEN d.body END,
           CASE WHEN r.venue_id = ANY (moderates) THEN r.looked_at END
      FROM unnest(of_reviews) WITH ORDINALITY AS x (id, place)
      JOIN public.reviews AS r ON r.id = x.id
      JOIN public.venues AS v ON v.id = r.venue_id
      JOIN public.activities AS a ON a.id = r.activity_id
      LEFT JOIN public.users AS u ON u.id = r.venue_responded_by
      LEFT JOIN public.review_reply_drafts AS d ON d.review_id = r.id
     ORDER BY x.place;
END
$$;

-- The same of one review, its causes with it where the caller moderates.
CREATE OR REPLACE FUNCTION feedback.shown_one(of_review uuid)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    r record;
    caused jsonb;
BEGIN
    SELECT k.venue_id, k.submitted_at, k.looked_at INTO r FROM public.reviews AS k WHERE k.id = of_review;
    IF r.looked_at IS NULL AND auth.has('reviews.moderate', r.venue_id) THEN
        SELECT jsonb_build_object(of_review, jsonb_object_agg(c.cause, c.says)) INTO caused
          FROM feedback.causes(feedback.chosen(), ARRAY[r.venue_id], r.submitted_at, r.submitted_at) AS c
         WHERE c.review_id = of_review HAVING count(*) > 0;
    END IF;
    RETURN QUERY SELECT * FROM feedback.shown(ARRAY[of_review], coalesce(caused, '{}'));
END
$$;

-- Where a slice of the queue ends that begins at `edge`: that many unlooked-at reviews further, or at the end of time. Reviews that
-- give cause are everywhere among the newest, so the first slice nearly always fills a page.
CREATE OR REPLACE FUNCTION feedback.slice_end(edge timestamptz, many integer, descending boolean) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF descending THEN
        RETURN coalesce((SELECT r.submitted_at FROM public.reviews AS r WHERE r.looked_at IS NULL AND r.submitted_at <= edge
                          ORDER BY r.submitted_at DESC OFFSET many LIMIT 1), '-infinity');
    END IF;
    RETURN coalesce((SELECT r.submitted_at FROM public.reviews AS r WHERE r.looked_at IS NULL AND r.submitted_at >= edge
                      ORDER BY r.submitted_at OFFSET many LIMIT 1), 'infinity');
END
$$;

-- A page of reviews of a venue, or of all for headquarters. `filters` may hold stars, visible and replied ("yes", "no"), activity (an
-- id), text (part of the words, the answer or a name), and for who moderates cause and waiting ("yes"); `sort` is submitted or
-- rating; `after_key` is the page_key of the last row seen.
CREATE OR REPLACE FUNCTION feedback.reviews(
    of_venue uuid DEFAULT NULL, filters jsonb DEFAULT '{}', sort text DEFAULT 'submitted', descending boolean DEFAULT true,
    after_key jsonb DEFAULT NULL, at_most integer DEFAULT 200)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz, page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    venues constant uuid[] := CASE WHEN of_venue IS NOT NULL THEN ARRAY[of_venue] END;
    wants_cause constant text := filters ->> 'cause';
    waits constant boolean := coalesce(wants_cause IS NOT NULL OR filters ->> 'waiting' = 'yes', false);
    by_column constant text := CASE sort WHEN 'rating' THEN 'rating' ELSE 'submitted_at' END;
    way constant text := CASE WHEN descending THEN 'DESC' ELSE 'ASC' END;
    page text;
    ids uuid[] := '{}';
    more uuid[];
    found jsonb;
    caused jsonb := '{}';
    edge timestamptz := CASE WHEN descending THEN 'infinity' ELSE '-infinity' END;
    ending timestamptz;
    many integer := 4000;
BEGIN
    PERFORM auth.require('reviews.read', of_venue);
    IF waits THEN
        PERFORM auth.require('reviews.moderate', of_venue);
    END IF;
    IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000 OR descending IS NULL OR sort IS NULL OR sort NOT IN ('submitted', 'rating') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    ELSIF wants_cause NOT IN ('flagged', 'risky_words', 'burst', 'extreme') OR filters ->> 'stars' !~ '^[1-5]$'
          OR filters ->> 'activity' !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be filtered like that.', DETAIL = 'unknown_filter';
    END IF;
    -- Only the parts that were asked for stand in the statement, so that each finds its index; every value is a parameter.
    page := concat_ws(' ',
        'SELECT coalesce(array_agg(p.id), ''{}''), coalesce(jsonb_object_agg(p.id, p.says) FILTER (WHERE p.says IS NOT NULL), ''{}'')',
        'FROM (SELECT r.id,', CASE WHEN waits THEN 'c.says' ELSE 'NULL::jsonb AS says' END, 'FROM public.reviews AS r',
        CASE WHEN waits THEN 'JOIN (SELECT x.review_id, jsonb_object_agg(x.cause, x.says) AS says FROM feedback.causes('
                          || 'feedback.chosen(), $1, $6, $7, $2 ->> ''cause'') AS x GROUP BY x.review_id) AS c ON c.review_id = r.id' END,
        CASE WHEN filters ? 'text' THEN
            'JOIN public.activities AS a ON a.id = r.activity_id JOIN public.venues AS v ON v.id = r.venue_id' END,
        'WHERE true',
        CASE WHEN of_venue IS NOT NULL THEN 'AND r.venue_id = $5' END,
        CASE WHEN filters ? 'stars' THEN 'AND r.rating = ($2 ->> ''stars'')::integer' END,
        CASE WHEN filters ? 'activity' THEN 'AND r.activity_id = ($2 ->> ''activity'')::uuid' END,
        CASE filters ->> 'visible' WHEN 'yes' THEN 'AND r.is_visible' WHEN 'no' THEN 'AND NOT r.is_visible' END,
        CASE filters ->> 'replied' WHEN 'yes' THEN 'AND r.venue_response IS NOT NULL' WHEN 'no' THEN 'AND r.venue_response IS NULL' END,
        CASE WHEN filters ? 'text' THEN 'AND strpos(lower(concat_ws(chr(10), r.review_text, r.venue_response, a.name'
                                     || CASE WHEN of_venue IS NULL THEN ', v.name' ELSE '' END || ')), lower($2 ->> ''text'')) > 0' END,
        CASE WHEN after_key IS NOT NULL THEN format('AND (r.%I, r.id) %s (($3 ->> 0)::%s, ($3 ->> 1)::uuid)', by_column,
            CASE WHEN descending THEN '<' ELSE '>' END, CASE sort WHEN 'rating' THEN 'integer' ELSE 'timestamptz' END) END,
        format('ORDER BY r.%I %s, r.id %2$s LIMIT $4) AS p', by_column, way));
    -- The queue is worked out slice by slice from where the page begins: by time, because stars are in no order of time. What is
    -- flagged or says a risky word is rare, and an index of its own finds all of it at once.
    IF waits AND of_venue IS NULL AND sort = 'submitted' AND coalesce(wants_cause NOT IN ('flagged', 'risky_words'), true) THEN
        edge := coalesce((after_key ->> 0)::timestamptz, edge);
        LOOP
            ending := feedback.slice_end(edge, many, descending);
            EXECUTE page INTO more, found USING venues, filters, after_key, at_most - cardinality(ids), of_venue,
                least(edge, ending), greatest(edge, ending);
            ids := ids || more;
            caused := caused || found;
            EXIT WHEN cardinality(ids) >= at_most OR NOT isfinite(ending);
            edge := ending + CASE WHEN descending THEN -1 ELSE 1 END * interval '1 microsecond';
            many := many * 4;
        END LOOP;
    ELSE
        EXECUTE page INTO ids, caused USING venues, filters, after_key, at_most, of_venue, '-infinity'::timestamptz, 'infinity'::timestamptz;
    END IF;
    -- The queue knows its causes, unless only one of them was looked for.
    IF auth.has('reviews.moderate', of_venue) AND (NOT waits OR wants_cause IS NOT NULL) THEN
        SELECT coalesce(jsonb_object_agg(k.review_id, k.says), '{}') INTO caused
          FROM (SELECT c.review_id, jsonb_object_agg(c.cause, c.says) AS says
                  FROM (SELECT array_agg(DISTINCT r.venue_id) AS venues, min(r.submitted_at) AS first, max(r.submitted_at) AS last
                          FROM public.reviews AS r WHERE r.id = ANY (ids) AND r.looked_at IS NULL HAVING count(*) > 0) AS x
                  CROSS JOIN LATERAL feedback.causes(feedback.chosen(), x.venues, x.first, x.last, NULL, ids) AS c
                 GROUP BY c.review_id) AS k;
    END IF;
    RETURN QUERY
    SELECT s.*, jsonb_build_array(CASE sort WHEN 'rating' THEN to_jsonb(s.rating) ELSE to_jsonb(s.submitted_at) END, s.id)
      FROM feedback.shown(ids, caused) AS s;
END
$$;
COMMENT ON FUNCTION feedback.reviews(uuid, jsonb, text, boolean, jsonb, integer) IS 'A page of parents'' reviews, never whose.';
GRANT EXECUTE ON FUNCTION feedback.reviews(uuid, jsonb, text, boolean, jsonb, integer) TO console_client;

-- Visible reviews by stars, how many are hidden, and how many wait to be looked at (for who looks at them).
CREATE OR REPLACE FUNCTION feedback.ratings(of_venue uuid DEFAULT NULL)
    RETURNS TABLE (stars jsonb, average numeric, visible bigint, hidden bigint, waiting bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('reviews.read', of_venue);
    RETURN QUERY
    SELECT jsonb_object_agg(n.star, coalesce(c.many, 0)), round(sum(n.star * c.many) / nullif(sum(c.many), 0), 2),
           coalesce(sum(c.many), 0)::bigint,
           (SELECT count(*) FROM public.reviews AS h WHERE NOT h.is_visible AND (of_venue IS NULL OR h.venue_id = of_venue)),
           CASE WHEN auth.has('reviews.moderate', of_venue)
                THEN (SELECT count(DISTINCT x.review_id)
                        FROM feedback.causes(feedback.chosen(), CASE WHEN of_venue IS NOT NULL THEN ARRAY[of_venue] END) AS x)
                ELSE 0 END
      FROM generate_series(1, 5) AS n (star)
      LEFT JOIN (SELECT r.rating, count(*) AS many FROM public.reviews AS r
                  WHERE r.is_visible AND (of_venue IS NULL OR r.venue_id = of_venue) GROUP BY r.rating) AS c ON c.rating = n.star;
END
$$;
COMMENT ON FUNCTION feedback.ratings(uuid) IS 'How many reviews of each number of stars there are, and their average.';
GRANT EXECUTE ON FUNCTION feedback.ratings(uuid) TO console_client;

-- What was decided about a review, oldest first. A venue hears that it was hidden or restored and why, not by whom.
CREATE OR REPLACE FUNCTION feedback.history(of_review uuid)
    RETURNS TABLE (decision text, reason text, by text, at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := feedback.require_review(of_review, 'reviews.read');
    moderates constant boolean := auth.has('reviews.moderate', at_venue);
BEGIN
    RETURN QUERY
    SELECT s.decision, s.reason, s.by, s.at
      FROM (SELECT d.decision::text, d.reason::text, CASE WHEN moderates THEN u.first_name::text ELSE 'Headquarters' END AS by, d.at
              FROM public.review_decisions AS d JOIN public.users AS u ON u.id = d.by_user
             WHERE d.review_id = of_review AND (moderates OR d.decision <> 'keep')
             UNION ALL
            SELECT 'replied', NULL, coalesce(u.first_name::text, 'The venue'), r.venue_responded_at
              FROM public.reviews AS r LEFT JOIN public.users AS u ON u.id = r.venue_responded_by
             WHERE r.id = of_review AND r.venue_responded_at IS NOT NULL) AS s
     ORDER BY s.at;
END
$$;
COMMENT ON FUNCTION feedback.history(uuid) IS 'What was decided about a review, and when it was answered.';
GRANT EXECUTE ON FUNCTION feedback.history(uuid) TO console_client;
