-- Since version 0006.
-- An activity's stars are those of its visible reviews: a review that is hidden leaves them at once, one that is shown again
-- comes back. Counted anew once per statement and under the activities' locks, because two parents may review at once.
-- docs/design.md, "Screens" (reviews and score).

CREATE OR REPLACE FUNCTION app.rate_activities() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    hit uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        hit := ARRAY(SELECT DISTINCT n.activity_id FROM new_rows AS n WHERE n.is_visible);
    ELSIF TG_OP = 'DELETE' THEN
        hit := ARRAY(SELECT DISTINCT o.activity_id FROM old_rows AS o WHERE o.is_visible);
    ELSE
        hit := ARRAY(
            SELECT c.activity_id FROM (
                (SELECT n.id, n.activity_id, n.rating FROM new_rows AS n WHERE n.is_visible
                 EXCEPT SELECT o.id, o.activity_id, o.rating FROM old_rows AS o WHERE o.is_visible)
                UNION ALL
                (SELECT o.id, o.activity_id, o.rating FROM old_rows AS o WHERE o.is_visible
                 EXCEPT SELECT n.id, n.activity_id, n.rating FROM new_rows AS n WHERE n.is_visible)) AS c
             GROUP BY c.activity_id);
    END IF;
    IF cardinality(hit) > 0 THEN
        PERFORM 1 FROM public.activities AS a WHERE a.id = ANY (hit) ORDER BY a.id FOR NO KEY UPDATE;
        -- Another statement, so that it sees the reviews of whoever held the lock before.
        UPDATE public.activities AS a SET average_rating = r.stars, total_reviews = r.many, stars_sum = r.total
          FROM (SELECT h.id, coalesce(round(avg(v.rating), 2), 0) AS stars, count(v.rating)::integer AS many,
                       coalesce(sum(v.rating), 0)::integer AS total
                  FROM unnest(hit) AS h (id) LEFT JOIN public.reviews AS v ON v.activity_id = h.id AND v.is_visible
                 GROUP BY h.id) AS r
         WHERE a.id = r.id AND (a.average_rating, a.total_reviews, a.stars_sum) IS DISTINCT FROM (r.stars, r.many, r.total);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.rate_activities() IS 'Trigger: the stars of activities whose reviews a statement changed.';

CREATE OR REPLACE TRIGGER a_rate_inserted AFTER INSERT ON public.reviews REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.rate_activities();
CREATE OR REPLACE TRIGGER a_rate_updated AFTER UPDATE ON public.reviews REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.rate_activities();
CREATE OR REPLACE TRIGGER a_rate_deleted AFTER DELETE ON public.reviews REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.rate_activities();

-- Nobody else writes the stars: whatever a new activity or a statement of theirs says, they stay what the reviews make them. The
-- trigger's own statement is one level deeper.
CREATE OR REPLACE FUNCTION app.ratings_guard() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.<) 2 THEN
        NEW.average_rating := CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.average_rating END;
        NEW.total_reviews := CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.total_reviews END;
        NEW.stars_sum := CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.stars_sum END;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.ratings_guard() IS 'Trigger: an activity''s stars are counted, not written.';
CREATE OR REPLACE TRIGGER a_ratings BEFORE INSERT OR UPDATE OF average_rating, total_reviews, stars_sum ON public.activities
    FOR EACH ROW EXECUTE FUNCTION app.ratings_guard();

-- A review that is flagged, rewritten or rated anew after somebody looked at it is looked at again.
CREATE OR REPLACE FUNCTION app.look_again() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.looked_at := NULL;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.look_again() IS 'Trigger: a review that says something else waits to be looked at again.';
CREATE OR REPLACE TRIGGER a_look_again BEFORE UPDATE OF is_flagged, review_text, rating ON public.reviews FOR EACH ROW
    WHEN (NEW.looked_at IS NOT DISTINCT FROM OLD.looked_at AND NEW.is_visible
          AND (NEW.is_flagged AND NOT OLD.is_flagged OR NEW.review_text IS DISTINCT FROM OLD.review_text
               OR NEW.rating <> OLD.rating))
    EXECUTE FUNCTION app.look_again();
