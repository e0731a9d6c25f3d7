-- What the functions of the desk, the bookings and the credits work with. They belong to console_api and ask auth.require
-- themselves; console_api sees every row of these tables, owns none, and nobody can log in as it.

CREATE POLICY desk_functions_read ON bookings FOR SELECT TO console_api USING (true);
CREATE POLICY desk_functions_add ON bookings FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY desk_functions_change ON bookings FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON bookings TO console_api;
GRANT UPDATE (status, confirmed_at, cancelled_at, cancellation_reason, cancellation_notes, refund_eligible, refund_processed,
              refund_processed_at, credits_refunded, attendance_marked, attendance_marked_at, attendance_marked_by,
              attendance_state, attendance_at, attendance_event_id, checked_in_at, checked_out_at)
    ON bookings TO console_api;

CREATE POLICY desk_functions_read ON attendance_events FOR SELECT TO console_api USING (true);
CREATE POLICY desk_functions_add ON attendance_events FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON attendance_events TO console_api;

CREATE POLICY desk_functions_read ON review_items FOR SELECT TO console_api USING (true);
CREATE POLICY desk_functions_add ON review_items FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON review_items TO console_api;

CREATE POLICY desk_functions_read ON activity_sessions FOR SELECT TO console_api USING (true);
CREATE POLICY desk_functions_lock ON activity_sessions FOR UPDATE TO console_api USING (true) WITH CHECK (true);
-- The right to lock a session while a place in it is given or taken back; no column of meaning.
GRANT SELECT, UPDATE (updated_at) ON activity_sessions TO console_api;

CREATE POLICY desk_functions_read ON activities FOR SELECT TO console_api USING (true);
GRANT SELECT ON activities TO console_api;
CREATE POLICY desk_functions_read ON venues FOR SELECT TO console_api USING (true);
GRANT SELECT ON venues TO console_api;
CREATE POLICY desk_functions_read ON rooms FOR SELECT TO console_api USING (true);
GRANT SELECT ON rooms TO console_api;
CREATE POLICY desk_functions_read ON platform_settings FOR SELECT TO console_api USING (true);
GRANT SELECT ON platform_settings TO console_api;

-- Names and telephone numbers only: never the password's verifier or the authenticator's secret.
CREATE POLICY desk_functions_read ON users FOR SELECT TO console_api USING (true);
GRANT SELECT (id, first_name, phone, role, is_active) ON users TO console_api;
CREATE POLICY desk_functions_read ON auth.devices FOR SELECT TO console_api USING (true);
GRANT SELECT (id, name, venue_id) ON auth.devices TO console_api;

CREATE POLICY desk_functions_read ON children FOR SELECT TO console_api USING (true);
GRANT SELECT (id, parent_id, first_name, date_of_birth, allergies_medical_notes, is_active, parental_consent_given,
              deletion_requested, anonymised_at) ON children TO console_api;
CREATE POLICY desk_functions_read ON parental_consent_records FOR SELECT TO console_api USING (true);
GRANT SELECT (id, child_id, consent_type, consent_given, withdrawn, withdrawn_at, consented_at)
    ON parental_consent_records TO console_api;
CREATE POLICY desk_functions_read ON child_health_notes FOR SELECT TO console_api USING (true);
GRANT SELECT ON child_health_notes TO console_api;
CREATE POLICY desk_functions_read ON pickup_people FOR SELECT TO console_api USING (true);
GRANT SELECT ON pickup_people TO console_api;

CREATE POLICY desk_functions_read ON user_credit_balances FOR SELECT TO console_api USING (true);
CREATE POLICY desk_functions_add ON user_credit_balances FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY desk_functions_lock ON user_credit_balances FOR UPDATE TO console_api USING (true) WITH CHECK (true);
-- The right to lock a balance; its sums are the ledger's triggers' to write.
GRANT SELECT, INSERT, UPDATE (updated_at) ON user_credit_balances TO console_api;
CREATE POLICY desk_functions_read ON credit_ledger FOR SELECT TO console_api USING (true);
CREATE POLICY desk_functions_add ON credit_ledger FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON credit_ledger TO console_api;

-- Who looked at which roster; of the trail itself these functions see only such readings.
CREATE POLICY desk_functions_read ON audit_logs FOR SELECT TO console_api USING (entity_type = 'roster');
CREATE POLICY desk_functions_add ON audit_logs FOR INSERT TO console_api WITH CHECK (entity_type = 'roster');
GRANT SELECT (user_id, device_id, entity_type, entity_id, created_at),
    INSERT (user_id, device_id, session_id, venue_id, action_category, action_type, entity_type, entity_id)
    ON audit_logs TO console_api;
