-- A month's payouts are a million lines written at once. What a foreign key looks up for each of them, and what a second and
-- third index of the same columns costs, is asked once per statement instead: app.payout_lines_guard() holds every line to its
-- payout, its venue and its booking, and app.bookings_counted() keeps bookings that a line names.
ALTER TABLE payout_lines
    DROP CONSTRAINT payout_lines_payout_id_venue_id_fkey,
    DROP CONSTRAINT payout_lines_adjusts_payout_id_venue_id_fkey,
    DROP CONSTRAINT payout_lines_booking_id_venue_id_fkey,
    DROP CONSTRAINT payout_lines_venue_id_fkey;
DROP INDEX payout_lines_payout, payout_lines_venue, payout_lines_booking;
-- The order of a payout's lines, and what a policy compares.
CREATE INDEX payout_lines_place ON payout_lines (venue_id, payout_id, position);
CREATE INDEX payout_lines_adjusted ON payout_lines (booking_id) WHERE kind = 'adjustment';
