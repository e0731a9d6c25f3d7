-- What a manager looks at says more than its kind, and what was decided is kept as a word, not only as a sentence.

ALTER TABLE review_items ADD COLUMN topic varchar(20)
    CHECK (topic IN ('two_sessions', 'two_collectors', 'collector_missing', 'absent_but_came'));
ALTER TABLE review_items ADD COLUMN decision varchar(20)
    CHECK (decision IN ('charge', 'no_charge', 'came', 'came_free', 'no_show', 'accept', 'wrong', 'seen'));
ALTER TABLE review_items ADD COLUMN note varchar(300) CHECK (btrim(note) <> '');
ALTER TABLE review_items ADD CONSTRAINT review_items_decided_whole CHECK (resolved_at IS NOT NULL OR (decision IS NULL AND note IS NULL));

-- A decision that changes what a venue earns with a booking leaves its mark here. The payout run reads those that no line
-- answers yet: where the booking's period has left pending they become adjustment lines of the next payout.
CREATE TABLE earning_changes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    booking_id uuid NOT NULL,
    review_item_id uuid NOT NULL UNIQUE REFERENCES review_items ON DELETE RESTRICT,
    credits_before integer NOT NULL CHECK (credits_before >= 0),
    credits_after integer NOT NULL CHECK (credits_after >= 0),
    -- Whether a payout had a line for the booking when this was decided.
    was_counted boolean NOT NULL,
    decided_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    decided_at timestamptz NOT NULL DEFAULT app.now(),
    payout_line_id uuid REFERENCES payout_lines ON DELETE RESTRICT,
    CONSTRAINT earning_changes_changes CHECK (credits_before <> credits_after),
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE earning_changes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE earning_changes IS 'What a manager''s decisions changed in a booking''s credits for the venue; payouts take it from here.';
CREATE INDEX earning_changes_venue ON earning_changes (venue_id);
CREATE INDEX earning_changes_booking ON earning_changes (booking_id, venue_id);
CREATE INDEX earning_changes_decided_by ON earning_changes (decided_by);
CREATE INDEX earning_changes_line ON earning_changes (payout_line_id) WHERE payout_line_id IS NOT NULL;
