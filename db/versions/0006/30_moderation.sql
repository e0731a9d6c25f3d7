-- What is done about a parent's review, and the venue's answer to it before it is sent.

ALTER TABLE reviews ADD CONSTRAINT reviews_id_venue_key UNIQUE (id, venue_id);

CREATE TABLE review_decisions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    review_id uuid NOT NULL,
    decision varchar(10) NOT NULL CHECK (decision IN ('keep', 'hide', 'restore')),
    reason varchar(500),
    by_user uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT review_decisions_says_why CHECK (decision = 'keep' OR btrim(reason) <> ''),
    FOREIGN KEY (review_id, venue_id) REFERENCES reviews (id, venue_id) ON DELETE CASCADE
);
ALTER TABLE review_decisions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE review_decisions IS 'Who kept, hid or restored a review, and why; append-only.';
CREATE INDEX review_decisions_review ON review_decisions (review_id, venue_id, at DESC);
CREATE INDEX review_decisions_venue ON review_decisions (venue_id);
CREATE INDEX review_decisions_by ON review_decisions (by_user);

CREATE TABLE review_reply_drafts (
    review_id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    body text NOT NULL CHECK (btrim(body) <> '' AND length(body) <= 4000),
    by_user uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    FOREIGN KEY (review_id, venue_id) REFERENCES reviews (id, venue_id) ON DELETE CASCADE
);
ALTER TABLE review_reply_drafts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE review_reply_drafts IS 'A venue''s answer that is not sent yet.';
CREATE INDEX review_reply_drafts_review ON review_reply_drafts (review_id, venue_id);
CREATE INDEX review_reply_drafts_venue ON review_reply_drafts (venue_id);
CREATE INDEX review_reply_drafts_by ON review_reply_drafts (by_user);

-- Until somebody looked at it, a review that gave cause waits in the queue.
ALTER TABLE reviews ADD COLUMN looked_at timestamptz;
CREATE INDEX reviews_not_looked_at ON reviews (submitted_at DESC) WHERE looked_at IS NULL;
CREATE INDEX reviews_flagged ON reviews (submitted_at DESC) WHERE is_flagged AND looked_at IS NULL;

INSERT INTO platform_settings (key, value, data_type, category, description) VALUES
    ('review_reply_characters', '1000', 'number', 'reviews', 'How long a venue''s public reply may be.'),
    ('review_risky_words', '["unsafe", "injury", "injured", "hospital", "police", "assault", "abuse", "drunk", "lawyer", "scam"]', 'array', 'reviews',
     'Words after which somebody reads a review before others do.'),
    ('review_burst_reviews', '5', 'number', 'reviews', 'From how many reviews of one venue within the hours of a burst on they are looked at.'),
    ('review_burst_hours', '24', 'number', 'reviews', 'Within how many hours reviews count as a burst.'),
    ('review_extreme_stars', '2.5', 'number', 'reviews', 'How many stars a review lies from its venue''s average to be looked at.'),
    ('review_extreme_least', '10', 'number', 'reviews', 'How many reviews a venue needs before one can lie far from its average.');
