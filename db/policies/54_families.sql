-- What the functions for families, places, moves, waitlists and corrections work with, beside 50_desk_functions.sql. They belong to
-- console_api and ask auth.require themselves. No desk has a grant on any of these.

CREATE POLICY family_functions_read ON owed_credits FOR SELECT TO console_api USING (true);
CREATE POLICY family_functions_add ON owed_credits FOR INSERT TO console_api WITH CHECK (settled_at IS NULL);
CREATE POLICY family_functions_settle ON owed_credits FOR UPDATE TO console_api USING (true)
    WITH CHECK (settled_at IS NOT NULL);
GRANT SELECT, INSERT, UPDATE (settled_at, settled_by, settlement) ON owed_credits TO console_api;

CREATE POLICY family_functions_read ON desk_requests FOR SELECT TO console_api USING (true);
CREATE POLICY family_functions_add ON desk_requests FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON desk_requests TO console_api;

-- A move keeps the booking: its session and its price change.
GRANT UPDATE (session_id, credits_charged) ON bookings TO console_api;

CREATE POLICY family_functions_read ON waitlist FOR SELECT TO console_api USING (true);
CREATE POLICY family_functions_add ON waitlist FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY family_functions_end ON waitlist FOR UPDATE TO console_api USING (true) WITH CHECK (NOT is_active);
GRANT SELECT, INSERT (session_id, venue_id, child_id, user_id),
    UPDATE (is_active, response, responded_at, removed_at, removed_reason, converted_booking_id) ON waitlist TO console_api;

-- Parents only, and never with a password: an account for staff comes from headquarters.
CREATE POLICY family_functions_add ON users FOR INSERT TO console_api WITH CHECK (role = 'parent' AND password_hash IS NULL);
GRANT SELECT (email, last_name, anonymised_at), INSERT (id, email, role, first_name, last_name, phone, timezone)
    ON users TO console_api;

CREATE POLICY family_functions_add ON children FOR INSERT TO console_api WITH CHECK (parental_consent_given);
CREATE POLICY family_functions_correct ON children FOR UPDATE TO console_api USING (true) WITH CHECK (true);
-- The old single note gives way to the rows that replace it; nothing else of a child is changed at a desk.
GRANT SELECT (version), UPDATE (allergies_medical_notes),
    INSERT (id, parent_id, first_name, date_of_birth, parental_consent_given, parental_consent_date) ON children TO console_api;
CREATE POLICY family_functions_add ON parental_consent_records FOR INSERT TO console_api
    WITH CHECK (consent_given AND NOT withdrawn AND signed_by IS NOT NULL);
GRANT INSERT (parent_id, child_id, consent_type, consent_version, consent_given, consent_method, consent_text, consented_at,
              signed_by) ON parental_consent_records TO console_api;

CREATE POLICY family_functions_add ON child_health_notes FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY family_functions_replace ON child_health_notes FOR DELETE TO console_api USING (true);
GRANT INSERT, DELETE ON child_health_notes TO console_api;
CREATE POLICY family_functions_add ON pickup_people FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY family_functions_correct ON pickup_people FOR UPDATE TO console_api USING (true) WITH CHECK (true);
CREATE POLICY family_functions_remove ON pickup_people FOR DELETE TO console_api USING (true);
GRANT INSERT, DELETE, UPDATE (name, relationship, phone, may_collect, note, confirmed_by_name, confirmed_on, removed_at)
    ON pickup_people TO console_api;

-- Who searched for families, as with rosters; of the trail itself these functions see only such readings.
CREATE POLICY family_functions_read ON audit_logs FOR SELECT TO console_api USING (entity_type = 'families');
CREATE POLICY family_functions_add ON audit_logs FOR INSERT TO console_api WITH CHECK (entity_type = 'families');
