-- How well a venue does, and whether it still meets what it was approved for.

CREATE TABLE venue_performance_scores (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    score_week_start date NOT NULL CHECK (extract(isodow FROM score_week_start) = 1),
    revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
    revision_reason text,
    formula_version integer NOT NULL DEFAULT 1 CHECK (formula_version > 0),
    parent_feedback_score numeric(5, 2) CHECK (parent_feedback_score BETWEEN 0 AND 100),
    repeat_booking_score numeric(5, 2) CHECK (repeat_booking_score BETWEEN 0 AND 100),
    cancellation_score numeric(5, 2) CHECK (cancellation_score BETWEEN 0 AND 100),
    no_show_score numeric(5, 2) CHECK (no_show_score BETWEEN 0 AND 100),
    total_bookings integer NOT NULL DEFAULT 0 CHECK (total_bookings >= 0),
    total_reviews integer NOT NULL DEFAULT 0 CHECK (total_reviews >= 0),
    average_rating numeric(3, 2) CHECK (average_rating BETWEEN 0 AND 5),
    repeat_booking_rate numeric(5, 2) CHECK (repeat_booking_rate BETWEEN 0 AND 100),
    venue_cancellation_rate numeric(5, 2) CHECK (venue_cancellation_rate BETWEEN 0 AND 100),
    parent_no_show_rate numeric(5, 2) CHECK (parent_no_show_rate BETWEEN 0 AND 100),
    -- The counts each component was worked out from, frozen with it.
    inputs jsonb NOT NULL DEFAULT '{}',
    composite_score numeric(5, 2) CHECK (composite_score BETWEEN 0 AND 100),
    is_insufficient boolean NOT NULL GENERATED ALWAYS AS (composite_score IS NULL) STORED,
    score_change numeric(5, 2),
    improvement_suggestions jsonb NOT NULL DEFAULT '[]',
    calculated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_venue_weekly_score UNIQUE (venue_id, score_week_start, revision),
    CONSTRAINT venue_scores_revision_says_why CHECK ((revision = 1) = (revision_reason IS NULL)),
    CONSTRAINT venue_scores_needs_a_component CHECK (composite_score IS NULL
        OR num_nonnulls(parent_feedback_score, repeat_booking_score, cancellation_score, no_show_score) > 0)
);
ALTER TABLE venue_performance_scores ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_performance_scores IS 'Weekly scores; no composite means too little data. A late fact makes another revision; append-only.';
CREATE INDEX idx_venue_scores_week ON venue_performance_scores (score_week_start);
CREATE INDEX idx_venue_scores_recent ON venue_performance_scores (venue_id, score_week_start DESC, revision DESC);

CREATE TABLE venue_requirements (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    requirement requirement_kind NOT NULL,
    state requirement_state NOT NULL DEFAULT 'missing',
    expires_on date,
    document_id uuid REFERENCES documents ON DELETE RESTRICT,
    note text,
    claimed_by uuid REFERENCES users ON DELETE RESTRICT,
    claimed_at timestamptz,
    decided_by uuid REFERENCES users ON DELETE RESTRICT,
    decided_at timestamptz,
    exception_reason text,
    reminders_sent integer[] NOT NULL DEFAULT '{}' CHECK (reminders_sent <@ '{30, 14, 7}'),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT venue_requirements_once UNIQUE (venue_id, requirement),
    CONSTRAINT venue_requirements_claim_whole CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CONSTRAINT venue_requirements_decision_whole CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT venue_requirements_exception_named CHECK (
        (state = 'excepted') = (exception_reason IS NOT NULL) AND (state <> 'excepted' OR decided_by IS NOT NULL)),
    CONSTRAINT venue_requirements_expiry_known CHECK (state NOT IN ('expiring', 'expired') OR expires_on IS NOT NULL)
);
ALTER TABLE venue_requirements ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_requirements IS 'What a venue must show to be approved and stay so, and where each stands.';
CREATE INDEX venue_requirements_expiry ON venue_requirements (expires_on) WHERE expires_on IS NOT NULL;
CREATE INDEX venue_requirements_document ON venue_requirements (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX venue_requirements_claimed_by ON venue_requirements (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX venue_requirements_decided_by ON venue_requirements (decided_by) WHERE decided_by IS NOT NULL;
