-- How venues are scored: the formula, version by version, and what venues say against a score.

-- A score names the version it was worked out by, so that a change of the weights explains itself afterwards.
CREATE TABLE score_formulas (
    version integer PRIMARY KEY CHECK (version > 0),
    weight_feedback numeric(5, 2) NOT NULL CHECK (weight_feedback >= 0),
    weight_repeat numeric(5, 2) NOT NULL CHECK (weight_repeat >= 0),
    weight_cancellations numeric(5, 2) NOT NULL CHECK (weight_cancellations >= 0),
    weight_no_shows numeric(5, 2) NOT NULL CHECK (weight_no_shows >= 0),
    window_weeks integer NOT NULL CHECK (window_weeks BETWEEN 1 AND 52),
    -- A component of fewer than these is left out.
    least_opinions integer NOT NULL CHECK (least_opinions > 0),
    least_families integer NOT NULL CHECK (least_families > 0),
    least_bookings integer NOT NULL CHECK (least_bookings > 0),
    -- Components that together weigh less than this are too little to say anything.
    least_weight numeric(5, 2) NOT NULL CHECK (least_weight > 0 AND least_weight <= 100),
    threshold numeric(5, 2) NOT NULL CHECK (threshold BETWEEN 0 AND 100),
    -- How many weeks back a late fact still makes a revision.
    revised_weeks integer NOT NULL CHECK (revised_weeks BETWEEN 0 AND 52),
    saved_by uuid REFERENCES users ON DELETE RESTRICT,
    saved_at timestamptz NOT NULL DEFAULT app.now(),
    reason varchar(500),
    CONSTRAINT score_formulas_whole CHECK (weight_feedback + weight_repeat + weight_cancellations + weight_no_shows = 100),
    CONSTRAINT score_formulas_says_why CHECK (version = 1 OR btrim(reason) <> '')
);
ALTER TABLE score_formulas ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE score_formulas IS 'The weights, window and threshold of scores, version by version; append-only.';
CREATE INDEX score_formulas_saved_by ON score_formulas (saved_by) WHERE saved_by IS NOT NULL;
INSERT INTO score_formulas (version, weight_feedback, weight_repeat, weight_cancellations, weight_no_shows, window_weeks,
                            least_opinions, least_families, least_bookings, least_weight, threshold, revised_weeks)
SELECT 1, 40, 25, 20, 15, 12, 5, 5, 10, 50, (s.value #>> '{}')::numeric, 4
  FROM platform_settings AS s WHERE s.key = 'venue_score_curation_threshold';
ALTER TABLE venue_performance_scores ADD CONSTRAINT venue_scores_formula
    FOREIGN KEY (formula_version) REFERENCES score_formulas ON DELETE RESTRICT;
CREATE INDEX venue_scores_formula ON venue_performance_scores (formula_version);
ALTER TABLE venue_performance_scores ADD CONSTRAINT venue_scores_id_venue_key UNIQUE (id, venue_id);

CREATE TYPE dispute_state AS ENUM ('open', 'upheld', 'declined', 'withdrawn');

CREATE TABLE score_disputes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    score_id uuid NOT NULL,
    component varchar(20) NOT NULL CHECK (component IN ('feedback', 'repeat', 'cancellations', 'no_shows', 'all')),
    reason varchar(2000) NOT NULL CHECK (btrim(reason) <> ''),
    state dispute_state NOT NULL DEFAULT 'open',
    opened_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    opened_at timestamptz NOT NULL DEFAULT app.now(),
    answer varchar(2000),
    answered_by uuid REFERENCES users ON DELETE RESTRICT,
    answered_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT score_disputes_answered_whole CHECK (
        (answered_by IS NULL) = (answered_at IS NULL) AND (state IN ('upheld', 'declined')) = (answered_by IS NOT NULL)),
    CONSTRAINT score_disputes_answer_says_why CHECK (state NOT IN ('upheld', 'declined') OR btrim(answer) <> ''),
    FOREIGN KEY (score_id, venue_id) REFERENCES venue_performance_scores (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE score_disputes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE score_disputes IS 'What a venue says against a score, and the answer.';
CREATE UNIQUE INDEX score_disputes_one_open ON score_disputes (score_id) WHERE state = 'open';
CREATE INDEX score_disputes_score ON score_disputes (score_id, venue_id);
CREATE INDEX score_disputes_venue ON score_disputes (venue_id, opened_at DESC);
CREATE INDEX score_disputes_open ON score_disputes (opened_at) WHERE state = 'open';
CREATE INDEX score_disputes_opened_by ON score_disputes (opened_by);
CREATE INDEX score_disputes_answered_by ON score_disputes (answered_by) WHERE answered_by IS NOT NULL;
