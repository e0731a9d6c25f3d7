-- What makes the list and the queue of reviews quick, and what older databases have to be set right by.

-- The words of a review, lower case and without accents, as feedback.words_of() makes them of the settings' risky words.
CREATE INDEX reviews_words ON reviews USING gin (
    regexp_split_to_array(lower(regexp_replace(normalize(review_text, NFKD), '[\u0300-\u036f]', '', 'g')), '[^[:alnum:]]+'))
    WHERE looked_at IS NULL;
-- Stars without their words: an activity's are counted from the index alone.
CREATE INDEX reviews_activity_stars ON reviews (activity_id, rating) WHERE is_visible;
CREATE INDEX reviews_newest ON reviews (submitted_at, id);

-- What was hidden before there was a queue was looked at then.
UPDATE reviews SET looked_at = hidden_at WHERE hidden_at IS NOT NULL;

-- The stars themselves beside their rounded average, so that a venue's average is exact without reading its reviews.
ALTER TABLE activities ADD COLUMN stars_sum integer NOT NULL DEFAULT 0 CHECK (stars_sum >= 0);

-- From here on triggers keep an activity's stars; they begin from the truth.
UPDATE activities AS a SET average_rating = r.stars, total_reviews = r.many, stars_sum = r.total
  FROM (SELECT x.id, coalesce(round(avg(v.rating), 2), 0) AS stars, count(v.rating)::integer AS many,
               coalesce(sum(v.rating), 0)::integer AS total
          FROM activities AS x LEFT JOIN reviews AS v ON v.activity_id = x.id AND v.is_visible GROUP BY x.id) AS r
 WHERE a.id = r.id AND (a.average_rating, a.total_reviews, a.stars_sum) IS DISTINCT FROM (r.stars, r.many, r.total);
