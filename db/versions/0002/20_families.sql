-- What a family brings to the desk: credits it owes, and registrations that may be sent twice.

CREATE TABLE owed_credits (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    booking_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    amount integer NOT NULL CHECK (amount > 0),
    recorded_by uuid REFERENCES users ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL DEFAULT app.now(),
    settled_at timestamptz,
    settled_by uuid REFERENCES users ON DELETE RESTRICT,
    -- How it ended: taken from the balance, replaced by a debt of another amount, or no longer due.
    settlement varchar(20) CHECK (settlement IN ('credits', 'moved', 'cancelled')),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT owed_credits_settled_whole CHECK ((settled_at IS NULL) = (settlement IS NULL)),
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE owed_credits ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE owed_credits IS 'Prices of places that were given before the family had the credits.';
CREATE UNIQUE INDEX owed_credits_once ON owed_credits (booking_id) WHERE settled_at IS NULL;
CREATE INDEX owed_credits_booking ON owed_credits (booking_id, venue_id);
CREATE INDEX owed_credits_user ON owed_credits (user_id, venue_id);
CREATE INDEX owed_credits_venue ON owed_credits (venue_id, recorded_at) WHERE settled_at IS NULL;
CREATE INDEX owed_credits_venue_all ON owed_credits (venue_id);
CREATE INDEX owed_credits_recorded_by ON owed_credits (recorded_by);
CREATE INDEX owed_credits_settled_by ON owed_credits (settled_by);

CREATE TABLE desk_requests (
    id uuid PRIMARY KEY,
    kind varchar(30) NOT NULL CHECK (kind IN ('register_family', 'add_child')),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    person_id uuid REFERENCES users ON DELETE RESTRICT,
    device_id uuid,
    made_at timestamptz NOT NULL DEFAULT app.now(),
    answer jsonb NOT NULL
);
ALTER TABLE desk_requests ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE desk_requests IS 'What a desk asked for once, and the ids it was answered with; id is made on the desk.';
CREATE INDEX desk_requests_venue ON desk_requests (venue_id);
CREATE INDEX desk_requests_person ON desk_requests (person_id);

-- Whose name stands under a consent that was given at a desk.
ALTER TABLE parental_consent_records ADD COLUMN signed_by varchar(100);

-- Who confirmed a pickup person, and since when somebody named by events is no longer on the list.
ALTER TABLE pickup_people ADD COLUMN confirmed_by_name varchar(100);
ALTER TABLE pickup_people ADD COLUMN confirmed_on date;
ALTER TABLE pickup_people ADD COLUMN removed_at timestamptz;

-- A family is found by the whole number, however it was written down.
CREATE INDEX idx_users_phone_end ON users (right(regexp_replace(phone, '[^0-9]', '', 'g'), 7)) WHERE phone IS NOT NULL;
