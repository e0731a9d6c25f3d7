-- What the long list of bookings is read by: its orders, its filters, and any part of a confirmation code.

CREATE INDEX idx_bookings_venue_code ON bookings (venue_id, confirmation_code);
CREATE INDEX idx_bookings_venue_status ON bookings (venue_id, status, created_at DESC, id DESC);
CREATE INDEX idx_bookings_venue_source ON bookings (venue_id, booking_source, created_at DESC, id DESC);
CREATE INDEX idx_sessions_activity_start ON activity_sessions (activity_id, starts_at);

-- The eight neighbouring pairs of a code's nine symbols, dashes left out: a part of a code has them all, so that looking for
-- it reads few rows. A code never changes, so no check-in writes here. desk.code_matches repeats the expression.
CREATE INDEX idx_bookings_code_pairs ON bookings USING gin ((ARRAY[
    substr(confirmation_code, 1, 2), substr(confirmation_code, 2, 2), substr(confirmation_code, 3, 2),
    substr(confirmation_code, 4, 1) || substr(confirmation_code, 6, 1),
    substr(confirmation_code, 6, 2), substr(confirmation_code, 7, 2), substr(confirmation_code, 8, 2),
    substr(confirmation_code, 9, 1) || substr(confirmation_code, 11, 1)]));
