-- Since version 0006.
-- What moderation and the venue file need beside their own tables.

-- The thresholds of the review queue, changed by who moderates.
CREATE POLICY feedback_functions_change ON platform_settings FOR UPDATE TO console_api
    USING (starts_with(key, 'review_')) WITH CHECK (starts_with(key, 'review_'));
GRANT UPDATE (value, updated_by) ON platform_settings TO console_api;

-- Of the trail of a venue the venue file says who did what to which table, never what it said before or after.
CREATE POLICY venue_file_reads ON audit_logs FOR SELECT TO console_api USING (venue_id IS NOT NULL);
GRANT SELECT (status, enrolled_at, revoked_at) ON auth.devices TO console_api;
