-- What the admin.* functions of console_api work with, beside what 50_desk_functions gives them. Credentials are not among it:
-- those are written by console_auth's own functions, which console_api may call.

CREATE POLICY admin_functions_add ON users FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY admin_functions_change ON users FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT SELECT (id, email, first_name, last_name, role, is_active, mfa_enabled, created_at),
    INSERT (email, first_name, last_name, role, phone, is_email_verified), UPDATE (is_active, first_name, last_name)
    ON users TO console_api;

CREATE POLICY admin_functions_read ON staff_grants FOR SELECT TO console_api USING (true);
CREATE POLICY admin_functions_add ON staff_grants FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY admin_functions_end ON staff_grants FOR UPDATE TO console_api USING (true) WITH CHECK (revoked_at IS NOT NULL);
GRANT SELECT, INSERT (user_id, role, venue_id, granted_by), UPDATE (revoked_at, revoked_by) ON staff_grants TO console_api;

CREATE POLICY admin_functions_read ON auth.alerts FOR SELECT TO console_api USING (true);
GRANT SELECT ON auth.alerts TO console_api;
CREATE POLICY admin_functions_read ON auth.person_sessions FOR SELECT TO console_api USING (true);
GRANT SELECT (id, user_id, device_id, issued_at, expires_at, revoked_at, revoked_why) ON auth.person_sessions TO console_api;
