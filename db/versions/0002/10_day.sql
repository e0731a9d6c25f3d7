-- What is written down about a day: notes and incidents, and the tags that bring the right adult to the right child.

CREATE TABLE booking_notes (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    booking_id uuid NOT NULL,
    body varchar(1000) NOT NULL CHECK (btrim(body) <> ''),
    is_incident boolean NOT NULL DEFAULT false,
    action_taken varchar(1000) CHECK (btrim(action_taken) <> ''),
    parent_told boolean NOT NULL DEFAULT false,
    person_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    device_id uuid REFERENCES auth.devices ON DELETE RESTRICT,
    written_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT booking_notes_incident CHECK (is_incident OR (action_taken IS NULL AND NOT parent_told)),
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE booking_notes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE booking_notes IS 'What staff wrote about a booking, append-only; id is made on the desk.';
CREATE INDEX booking_notes_booking ON booking_notes (booking_id, venue_id, written_at);
CREATE INDEX booking_notes_venue ON booking_notes (venue_id, written_at);
CREATE INDEX booking_notes_person ON booking_notes (person_id);
CREATE INDEX booking_notes_device ON booking_notes (device_id) WHERE device_id IS NOT NULL;

-- The two keys are what makes two desks that print at once print the same tag, and no two families share one.
CREATE TABLE pickup_tags (
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    day date NOT NULL,
    parent_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    tag varchar(4) NOT NULL CHECK (tag ~ '^[0-9][A-HJKMNP-TV-Z][0-9][A-HJKMNP-TV-Z]$'),
    issued_at timestamptz NOT NULL DEFAULT app.now(),
    issued_by uuid REFERENCES users ON DELETE RESTRICT,
    device_id uuid REFERENCES auth.devices ON DELETE RESTRICT,
    PRIMARY KEY (venue_id, day, parent_id),
    CONSTRAINT pickup_tags_tag_once UNIQUE (venue_id, day, tag)
);
ALTER TABLE pickup_tags ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE pickup_tags IS 'The code on a family''s pickup tag and labels, one for each local day at a venue.';
CREATE INDEX pickup_tags_venue ON pickup_tags (venue_id);
CREATE INDEX pickup_tags_parent ON pickup_tags (parent_id);
CREATE INDEX pickup_tags_issued_by ON pickup_tags (issued_by) WHERE issued_by IS NOT NULL;
CREATE INDEX pickup_tags_device ON pickup_tags (device_id) WHERE device_id IS NOT NULL;

-- A forfeit that is taken back is an entry of its own that says the opposite; entries are never removed.
ALTER TABLE credit_ledger DROP CONSTRAINT credit_ledger_forfeit;
ALTER TABLE credit_ledger ADD CONSTRAINT credit_ledger_forfeit CHECK (
    CASE WHEN transaction_type = 'forfeit' THEN forfeited_amount <> 0 ELSE forfeited_amount = 0 END);
