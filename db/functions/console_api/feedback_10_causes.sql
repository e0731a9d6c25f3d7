-- Since version 0006.
-- Why a review is looked at by a person before it stands: it was flagged, a risky word is in it, it came in a burst, or its stars
-- lie far from its venue's. Worked out when it is asked, from the settings as they are then, over all reviews at once.
-- docs/design.md, "Screens" (reviews and score).

-- A text as its words: lower case, without accents, nothing but letters and digits. It pins no search path so that it dissolves
-- into the query and finds the index over the same words.
CREATE OR REPLACE FUNCTION feedback.words_of(raw text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.regexp_split_to_array(pg_catalog.lower(pg_catalog.regexp_replace(
    normalize(raw, NFKD), '[\u0300-\u036f]', '', 'g')), '[^[:alnum:]]+');
COMMENT ON FUNCTION feedback.words_of(text) IS 'A text as its words, lower case and without accents.';

-- The settings of reviews by their names without the first word.
CREATE OR REPLACE FUNCTION feedback.chosen() RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT jsonb_object_agg(substr(s.key, 8), s.value) FROM public.platform_settings AS s
         WHERE s.key IN ('review_reply_characters', 'review_risky_words', 'review_burst_reviews', 'review_burst_hours',
                         'review_extreme_stars', 'review_extreme_least'));

-- The causes of every visible review nobody has looked at, one row each. `venues` NULL: of all; `first` and `last` narrow it to what
-- was submitted between them, both included; `just` to one cause; `among` to these reviews. `says` holds what a cause rests on.
CREATE OR REPLACE FUNCTION feedback.causes(
    chosen jsonb, venues uuid[] DEFAULT NULL, first timestamptz DEFAULT '-infinity', last timestamptz DEFAULT 'infinity',
    just text DEFAULT NULL, among uuid[] DEFAULT NULL)
    RETURNS TABLE (review_id uuid, cause text, says jsonb)
    LANGUAGE plpgsql STABLE ROWS 500
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_custom_plan
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    many constant integer := (chosen ->> 'burst_reviews')::integer;
    hours constant interval := (chosen ->> 'burst_hours')::numeric * interval '1 hour';
    away constant numeric := (chosen ->> 'extreme_stars')::numeric;
    least constant integer := (chosen ->> 'extreme_least')::integer;
    risky constant text[] := ARRAY(SELECT w.word FROM jsonb_array_elements_text(chosen -> 'risky_words') WITH ORDINALITY AS w (word, place)
                                    WHERE cardinality(array_remove(feedback.words_of(w.word), '')) > 0 ORDER BY w.place);
    needles constant text[] := ARRAY(SELECT ' ' || array_to_string(array_remove(feedback.words_of(w.word), ''), ' ') || ' '
                                       FROM unnest(risky) WITH ORDINALITY AS w (word, place) ORDER BY w.place);
    parts constant text[] := ARRAY(SELECT DISTINCT p.part FROM unnest(risky) AS w (word)
                                    CROSS JOIN unnest(feedback.words_of(w.word)) AS p (part) WHERE p.part <> '');
BEGIN
    IF just IS NULL OR just = 'flagged' THEN
        RETURN QUERY
        SELECT r.id, 'flagged', to_jsonb(btrim(coalesce(r.flagged_reason, '')))
          FROM public.reviews AS r
         WHERE r.is_flagged AND r.looked_at IS NULL AND r.is_visible AND r.submitted_at BETWEEN first AND last
           AND (venues IS NULL OR r.venue_id = ANY (venues)) AND (among IS NULL OR r.id = ANY (among));
    END IF;

    -- The index finds reviews with any word of any of them; a risky word of several words has to be there as it is written.
    IF (just IS NULL OR just = 'risky_words') AND cardinality(risky) > 0 THEN
        RETURN QUERY
        SELECT t.id, 'risky_words', jsonb_agg(w.word ORDER BY w.place)
          FROM (SELECT r.id, ' ' || array_to_string(feedback.words_of(r.review_text), ' ') || ' ' AS said
                  FROM public.reviews AS r
                 WHERE feedback.words_of(r.review_text) && parts AND r.looked_at IS NULL AND r.is_visible
                   AND r.submitted_at BETWEEN first AND last AND (venues IS NULL OR r.venue_id = ANY (venues))
                   AND (among IS NULL OR r.id = ANY (among))
                OFFSET 0) AS t
          JOIN unnest(risky, needles) WITH ORDINALITY AS w (word, needle, place) ON strpos(t.said, w.needle) > 0
         GROUP BY t.id;
    END IF;

    -- How many came within those hours up to each review; where that is a burst, all of them are of it. Those that were looked at
    -- count too: the burst was one. Of single reviews no more is counted than came within those hours of one of them.
    IF just IS NULL OR just = 'burst' THEN
        RETURN QUERY
        SELECT r.id, 'burst', jsonb_build_object('reviews', max(e.came), 'hours', (chosen ->> 'burst_hours')::numeric)
          FROM (SELECT DISTINCT k.venue_id, k.submitted_at, k.came
                  FROM (SELECT v.venue_id, v.submitted_at,
                               count(*) OVER (PARTITION BY v.venue_id ORDER BY v.submitted_at DESC
                                              RANGE BETWEEN CURRENT ROW AND hours FOLLOWING) AS came
                          FROM public.reviews AS v
                         WHERE v.submitted_at BETWEEN first - hours AND last + hours
                           AND (venues IS NULL OR v.venue_id = ANY (venues))
                           AND (among IS NULL OR v.id IN (
                                  SELECT n.id FROM public.reviews AS o
                                    JOIN public.reviews AS n ON n.venue_id = o.venue_id
                                         AND n.submitted_at BETWEEN o.submitted_at - hours AND o.submitted_at + hours
                                   WHERE o.id = ANY (among)))) AS k
                 WHERE k.came >= many) AS e
          JOIN public.reviews AS r ON r.venue_id = e.venue_id AND r.submitted_at BETWEEN e.submitted_at - hours AND e.submitted_at
         WHERE r.looked_at IS NULL AND r.is_visible AND r.submitted_at BETWEEN first AND last
           AND (among IS NULL OR r.id = ANY (among))
         GROUP BY r.id;
    END IF;

    IF just IS NULL OR just = 'extreme' THEN
        RETURN QUERY
        SELECT r.id, 'extreme', jsonb_build_object('average', round(a.stars, 2), 'reviews', a.many)
          FROM (SELECT v.venue_id, sum(v.stars_sum)::numeric / sum(v.total_reviews) AS stars, sum(v.total_reviews) AS many
                  FROM public.activities AS v
                 WHERE v.total_reviews > 0 AND (venues IS NULL OR v.venue_id = ANY (venues))
                 GROUP BY v.venue_id HAVING sum(v.total_reviews) >= least) AS a
          JOIN public.reviews AS r ON r.venue_id = a.venue_id AND r.is_visible
         WHERE abs(r.rating - a.stars) >= away AND r.looked_at IS NULL AND r.submitted_at BETWEEN first AND last
           AND (among IS NULL OR r.id = ANY (among));
    END IF;
END
$$;
COMMENT ON FUNCTION feedback.causes(jsonb, uuid[], timestamptz, timestamptz, text, uuid[]) IS 'Why reviews nobody has looked at should be.';
