-- Since version 0006.
-- The thresholds of the review queue: read, tried out over what there is, changed at the version they were read at.
-- docs/design.md, "Screens" (reviews and score).

-- Refuse thresholds that mean nothing; DETAIL names the first wrong one.
CREATE OR REPLACE FUNCTION feedback.require_settings(chosen jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    word text;
BEGIN
    FOR one IN SELECT * FROM (VALUES
        ('reply_characters', 50, 4000, true, 'A reply may have from 50 to 4,000 characters.'),
        ('burst_reviews', 2, 1000, true, 'A burst is from 2 to 1,000 reviews.'),
        ('burst_hours', 1, 720, true, 'A burst lasts from 1 to 720 hours.'),
        ('extreme_stars', 0.5, 4, false, 'Say from 0.5 to 4 stars.'),
        ('extreme_least', 1, 10000, true, 'Say from 1 to 10,000 reviews.')) AS x (field, lowest, highest, whole, says) LOOP
        IF jsonb_typeof(chosen -> one.field) IS DISTINCT FROM 'number'
           OR (chosen ->> one.field)::numeric NOT BETWEEN one.lowest AND one.highest
           OR (one.whole AND (chosen ->> one.field)::numeric % 1 <> 0) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = one.says, DETAIL = one.field;
        END IF;
    END LOOP;
    IF jsonb_typeof(chosen -> 'risky_words') IS DISTINCT FROM 'array' OR jsonb_array_length(chosen -> 'risky_words') > 200
       OR jsonb_path_exists(chosen -> 'risky_words', '$[*] ? (@.type() != "string")') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Name at most 200 risky words.', DETAIL = 'risky_words';
    END IF;
    FOR word IN SELECT w.word FROM jsonb_array_elements_text(chosen -> 'risky_words') AS w (word) LOOP
        IF length(word) > 60 OR cardinality(array_remove(feedback.words_of(word), '')) = 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'risky_words', MESSAGE = CASE
                WHEN btrim(word) = '' THEN 'A risky word is empty.' ELSE format('"%s" is not a word of at most 60 letters.', left(word, 20)) END;
        END IF;
    END LOOP;
END
$$;

-- The settings with their common version; of who only answers reviews, how long an answer may be.
CREATE OR REPLACE FUNCTION feedback.settings() RETURNS TABLE (version bigint, chosen jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    found constant jsonb := feedback.chosen();
BEGIN
    IF NOT auth.has('reviews.moderate', NULL) AND NOT auth.has('settings.manage', NULL) THEN
        IF NOT auth.has('reviews.read') THEN
            PERFORM auth.require('reviews.read', NULL);
        END IF;
        RETURN QUERY SELECT 0::bigint, jsonb_build_object('reply_characters', found -> 'reply_characters');
    ELSE
        -- A version grows with each change of one of them and never shrinks, so their sum is a version of all.
        RETURN QUERY SELECT (SELECT sum(s.version) FROM public.platform_settings AS s
                              WHERE s.key IN (SELECT 'review_' || k.key FROM jsonb_object_keys(found) AS k (key)))::bigint, found;
    END IF;
END
$$;
COMMENT ON FUNCTION feedback.settings() IS 'The thresholds of the review queue and the length of a reply.';
GRANT EXECUTE ON FUNCTION feedback.settings() TO console_client;

CREATE OR REPLACE FUNCTION feedback.save_settings(at_version bigint, wanted jsonb) RETURNS TABLE (version bigint, chosen jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    fields constant text[] := ARRAY['reply_characters', 'risky_words', 'burst_reviews', 'burst_hours', 'extreme_stars', 'extreme_least'];
    now_at bigint;
BEGIN
    IF NOT auth.has('settings.manage', NULL) THEN
        PERFORM auth.require('reviews.moderate', NULL);
    END IF;
    PERFORM feedback.require_settings(coalesce(wanted, '{}'));
    PERFORM 1 FROM public.platform_settings AS s WHERE s.key IN (SELECT 'review_' || f FROM unnest(fields) AS f)
      ORDER BY s.key FOR UPDATE;
    SELECT sum(s.version) INTO now_at FROM public.platform_settings AS s
     WHERE s.key IN (SELECT 'review_' || f FROM unnest(fields) AS f);
    IF now_at IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = 'Look at them again.', DETAIL = 'version_changed', MESSAGE = coalesce(
            (SELECT format('%s changed these settings.', u.first_name) FROM public.platform_settings AS s
               JOIN public.users AS u ON u.id = s.updated_by
              WHERE s.key IN (SELECT 'review_' || f FROM unnest(fields) AS f) ORDER BY s.updated_at DESC LIMIT 1),
            'Somebody else changed these settings.');
    END IF;
    UPDATE public.platform_settings AS s SET value = wanted -> f.field, updated_by = auth.user_id()
      FROM unnest(fields) AS f (field)
     WHERE s.key = 'review_' || f.field AND s.value IS DISTINCT FROM wanted -> f.field;
    RETURN QUERY SELECT x.version, x.chosen FROM feedback.settings() AS x;
END
$$;
COMMENT ON FUNCTION feedback.save_settings(bigint, jsonb) IS 'Change the thresholds of the review queue.';
GRANT EXECUTE ON FUNCTION feedback.save_settings(bigint, jsonb) TO console_client;

-- What other thresholds would bring into the queue: the newest of each cause, with that cause alone. Writes nothing.
CREATE OR REPLACE FUNCTION feedback.examples(wanted jsonb, at_most integer DEFAULT 5)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz, cause text, total bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 15
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    found jsonb;
BEGIN
    IF NOT auth.has('settings.manage', NULL) THEN
        PERFORM auth.require('reviews.moderate', NULL);
    END IF;
    PERFORM feedback.require_settings(coalesce(wanted, '{}'));
    IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 50 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Ask for up to 50 examples.', DETAIL = 'unknown_sort';
    END IF;
    SELECT jsonb_agg(to_jsonb(x) ORDER BY x.cause, x.place) INTO found
      FROM (SELECT c.review_id, c.cause, c.says, count(*) OVER (PARTITION BY c.cause) AS total,
                   row_number() OVER (PARTITION BY c.cause ORDER BY r.submitted_at DESC, r.id) AS place
              FROM feedback.causes(wanted) AS c JOIN public.reviews AS r ON r.id = c.review_id
             WHERE c.cause <> 'flagged') AS x
     WHERE x.place <= at_most;
    RETURN QUERY
    SELECT s.id, s.version, s.venue_id, s.venue, s.activity_id, s.activity, s.rating, s.words, s.submitted_at, s.is_visible,
           s.hidden_reason, jsonb_build_object(f.cause, f.says), s.reply, s.replied_at, s.replied_by, s.draft, s.looked_at, f.cause, f.total
      FROM jsonb_to_recordset(coalesce(found, '[]')) AS f (review_id uuid, cause text, says jsonb, total bigint, place integer)
      JOIN feedback.shown(ARRAY(SELECT DISTINCT (k ->> 'review_id')::uuid FROM jsonb_array_elements(coalesce(found, '[]')) AS k)) AS s
           ON s.id = f.review_id
     ORDER BY array_position(ARRAY['risky_words', 'burst', 'extreme'], f.cause), f.place;
END
$$;
COMMENT ON FUNCTION feedback.examples(jsonb, integer) IS 'Reviews that other thresholds would bring into the queue.';
GRANT EXECUTE ON FUNCTION feedback.examples(jsonb, integer) TO console_client;
