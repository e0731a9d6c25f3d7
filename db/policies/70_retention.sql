-- What the retention functions of console_jobs may read, change and remove. Nobody can log in as console_jobs.

CREATE POLICY jobs_read ON platform_settings FOR SELECT TO console_jobs USING (true);
GRANT SELECT ON platform_settings TO console_jobs;

CREATE POLICY jobs_read ON audit_logs FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON audit_logs FOR DELETE TO console_jobs USING (true);
GRANT SELECT (id, created_at), DELETE ON audit_logs TO console_jobs;

CREATE POLICY jobs_read ON app.tombstones FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON app.tombstones FOR DELETE TO console_jobs USING (true);
GRANT SELECT (id, deleted_at), DELETE ON app.tombstones TO console_jobs;

CREATE POLICY jobs_read ON children FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON children FOR UPDATE TO console_jobs USING (true) WITH CHECK (anonymised_at IS NOT NULL);
GRANT SELECT, UPDATE ON children TO console_jobs;

CREATE POLICY jobs_read ON child_health_notes FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON child_health_notes FOR DELETE TO console_jobs USING (true);
GRANT SELECT (child_id), DELETE ON child_health_notes TO console_jobs;

CREATE POLICY jobs_read ON pickup_people FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON pickup_people FOR DELETE TO console_jobs USING (true);
GRANT SELECT (child_id), DELETE ON pickup_people TO console_jobs;

CREATE POLICY jobs_read ON child_favorites FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON child_favorites FOR DELETE TO console_jobs USING (true);
GRANT SELECT (child_id), DELETE ON child_favorites TO console_jobs;

CREATE POLICY jobs_read ON notifications FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON notifications FOR DELETE TO console_jobs USING (true);
GRANT SELECT (related_entity_id), DELETE ON notifications TO console_jobs;

CREATE POLICY jobs_read ON parental_consent_records FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON parental_consent_records FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (child_id), UPDATE (ip_address, user_agent) ON parental_consent_records TO console_jobs;

CREATE POLICY jobs_read ON ai_suggestions FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON ai_suggestions FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (child_ids), UPDATE (explanation) ON ai_suggestions TO console_jobs;

CREATE POLICY jobs_read ON bookings FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON bookings FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (id, child_id, parent_notes, venue_notes, cancellation_notes),
    UPDATE (parent_notes, venue_notes, cancellation_notes) ON bookings TO console_jobs;

CREATE POLICY jobs_read ON attendance_events FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON attendance_events FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (booking_id, pickup_name, pickup_person_id, detail), UPDATE (pickup_name, pickup_person_id, detail)
    ON attendance_events TO console_jobs;

CREATE POLICY jobs_read ON review_items FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_anonymise ON review_items FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (booking_id), UPDATE (summary) ON review_items TO console_jobs;

CREATE POLICY jobs_read ON nl_search_logs FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON nl_search_logs FOR DELETE TO console_jobs USING (true);
GRANT SELECT (created_at), DELETE ON nl_search_logs TO console_jobs;

CREATE POLICY jobs_read ON data_export_requests FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_expire ON data_export_requests FOR UPDATE TO console_jobs USING (true) WITH CHECK (status = 'expired');
GRANT SELECT (status, file_expires_at), UPDATE (status, file_url) ON data_export_requests TO console_jobs;

CREATE POLICY jobs_read ON chat_conversations FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_remove ON chat_conversations FOR DELETE TO console_jobs USING (true);
GRANT SELECT (is_active, ended_at), DELETE ON chat_conversations TO console_jobs;

CREATE POLICY jobs_read ON employee_invitations FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_expire ON employee_invitations FOR UPDATE TO console_jobs USING (true) WITH CHECK (status = 'expired');
GRANT SELECT (status, expires_at), UPDATE (status) ON employee_invitations TO console_jobs;
