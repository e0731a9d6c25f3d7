-- Scores read a quarter of a year of bookings for every venue. With these two columns beside it, the index of a session's
-- bookings answers that alone, however many years lie before; check-ins write neither of them.
DROP INDEX idx_bookings_session_id;
CREATE INDEX idx_bookings_session_id ON bookings (session_id, venue_id) INCLUDE (status, booked_by, cancellation_reason);
CREATE INDEX score_disputes_answered ON score_disputes (answered_at DESC) WHERE answered_at IS NOT NULL;
