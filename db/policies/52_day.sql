-- What the running of a day needs beside 50_desk_functions: notes, tags, and the right to close a session and settle what it left.
-- Desks get nothing here: notes hold health facts, and both tables come out of desk.* functions only.

CREATE POLICY day_functions_read ON booking_notes FOR SELECT TO console_api USING (true);
CREATE POLICY day_functions_add ON booking_notes FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON booking_notes TO console_api;

CREATE POLICY day_functions_read ON pickup_tags FOR SELECT TO console_api USING (true);
CREATE POLICY day_functions_add ON pickup_tags FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON pickup_tags TO console_api;

GRANT UPDATE (is_completed, completed_at, closed_at, closed_by) ON activity_sessions TO console_api;

CREATE POLICY day_functions_resolve ON review_items FOR UPDATE TO console_api USING (true) WITH CHECK (resolved_at IS NOT NULL);
GRANT UPDATE (resolved_at, resolved_by, resolution) ON review_items TO console_api;

-- A child's anonymisation takes what was written about it along.
CREATE POLICY jobs_read ON booking_notes FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON booking_notes FOR UPDATE TO console_jobs USING (true) WITH CHECK (action_taken IS NULL);
GRANT SELECT (id, booking_id), UPDATE (body, action_taken) ON booking_notes TO console_jobs;
