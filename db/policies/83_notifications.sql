-- Since version 0003.
-- Messages: written by the functions of console_api, delivered by those of console_jobs. Desks get nothing here; of the
-- templates an administrator reads what 23_desk_platform says.

GRANT SELECT (timezone, preferred_language, notification_preferences, anonymised_at) ON users TO console_api;
CREATE POLICY message_functions_read ON notification_templates FOR SELECT TO console_api USING (true);
GRANT SELECT ON notification_templates TO console_api;

CREATE POLICY message_functions_read ON notifications FOR SELECT TO console_api USING (true);
CREATE POLICY message_functions_add ON notifications FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY message_functions_try_again ON notifications FOR UPDATE TO console_api
    USING (state IN ('failed', 'uncertain')) WITH CHECK (state = 'waiting');
GRANT SELECT, INSERT, UPDATE (state, attempts, next_attempt_at, send_error, handed_at, sent_again_at, sent_again_by)
    ON notifications TO console_api;

-- jobs_read on notifications stands in 70_retention.
CREATE POLICY mail_changes ON notifications FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT (id, user_id, title, body, channel, priority, language_code, state, attempts, next_attempt_at, lease, leased_at, handed_at),
    UPDATE (state, attempts, next_attempt_at, lease, leased_at, handed_at, send_error, is_sent, sent_at, external_delivery_id)
    ON notifications TO console_jobs;
CREATE POLICY mail_reads ON users FOR SELECT TO console_jobs USING (true);
GRANT SELECT (id, email, is_active, anonymised_at) ON users TO console_jobs;
