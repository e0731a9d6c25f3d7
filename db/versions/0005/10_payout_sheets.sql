-- A month's payouts count a million bookings. Their lines are kept session by session: one row tells which bookings of a session
-- a payout counts, with how many credits each, and in which state. What each is worth follows from the credits before it, and
-- from the credit's value and the fee that stand in the payout. Corrections stand by themselves, in payout_entries.

CREATE TABLE payout_sheets (
    -- A session is counted by one payout, hence each of its bookings is paid for once.
    session_id uuid PRIMARY KEY,
    payout_id uuid NOT NULL,
    venue_id uuid NOT NULL,
    first_position integer NOT NULL CHECK (first_position > 0),
    -- What the payout's sheets before this one came to together.
    credits_before bigint NOT NULL CHECK (credits_before >= 0),
    booking_ids uuid[] NOT NULL,
    credits integer[] NOT NULL,
    -- The state each booking was counted in.
    statuses booking_status[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT payout_sheets_whole CHECK (
        array_ndims(booking_ids) = 1 AND array_lower(booking_ids, 1) = 1 AND array_ndims(credits) = 1
        AND array_ndims(statuses) = 1 AND cardinality(credits) = cardinality(booking_ids)
        AND cardinality(statuses) = cardinality(booking_ids)),
    CONSTRAINT payout_sheets_earn CHECK (0 < ALL (credits) AND array_position(credits, NULL) IS NULL
                                         AND array_position(statuses, NULL) IS NULL)
);
ALTER TABLE payout_sheets ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payout_sheets IS 'The bookings of one session that a payout counts; see the view payout_lines for what each is worth.';
-- The order of a payout's lines, and what a policy compares.
CREATE INDEX payout_sheets_place ON payout_sheets (venue_id, payout_id, first_position);

