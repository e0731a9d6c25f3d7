-- Since version 0003.
-- What the queue's functions write beside 54_families. The words of a desk about somebody who waits are nobody's to read plainly.

CREATE POLICY queue_functions_offer ON waitlist FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT UPDATE (spot_offered_at, spot_expires_at, skipped_at, skip_reason, skipped_by, removal_note, removed_by)
    ON waitlist TO console_api;
GRANT UPDATE (booking_source) ON bookings TO console_api;

-- A child's words and messages go with the child.
CREATE POLICY jobs_read ON waitlist FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON waitlist FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (child_id, is_active, skip_reason, removal_note),
    UPDATE (skip_reason, removal_note, is_active, removed_at, removed_reason) ON waitlist TO console_jobs;
GRANT SELECT (user_id, data_payload) ON notifications TO console_jobs;
