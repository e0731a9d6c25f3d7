-- Sign-in, devices and tokens: only console_auth's functions, and of the people only what they need. Desks get nothing here.
-- The policies of console_auth let it see every row: it answers the questions that everybody else's policies ask, so
-- a policy of its own that asked them would never end.

CREATE POLICY auth_reads ON users FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_sets_credentials ON users FOR UPDATE TO console_auth USING (true) WITH CHECK (true);
GRANT SELECT (id, email, password_hash, first_name, last_name, preferred_language, mfa_enabled, mfa_secret, is_active),
    UPDATE (password_hash, mfa_enabled, mfa_secret) ON users TO console_auth;

CREATE POLICY auth_reads ON staff_grants FOR SELECT TO console_auth USING (true);
GRANT SELECT (id, user_id, role, venue_id, granted_at, revoked_at) ON staff_grants TO console_auth;

CREATE POLICY auth_reads ON venues FOR SELECT TO console_auth USING (true);
GRANT SELECT (id, name, slug, timezone, status) ON venues TO console_auth;

CREATE POLICY auth_reads ON auth.devices FOR SELECT TO console_auth USING (true);
GRANT SELECT ON auth.devices TO console_auth;

CREATE POLICY auth_reads ON auth.role_permissions FOR SELECT TO console_auth USING (true);
GRANT SELECT ON auth.role_permissions TO console_auth;

CREATE POLICY auth_reads ON auth.sign_in_secret FOR SELECT TO console_auth USING (true);
GRANT SELECT ON auth.sign_in_secret TO console_auth;

CREATE POLICY auth_reads ON auth.demo_accounts FOR SELECT TO console_auth USING (true);
GRANT SELECT ON auth.demo_accounts TO console_auth;

-- Written once, never changed; removed only when they are old.
CREATE POLICY auth_tidies ON auth.sign_in_tickets FOR DELETE TO console_auth
    USING (created_at < app.now() - interval '1 day');
CREATE POLICY auth_tidies ON auth.sign_in_attempts FOR DELETE TO console_auth
    USING (at < app.now() - interval '30 days');
GRANT DELETE ON auth.sign_in_tickets, auth.sign_in_attempts TO console_auth;
CREATE POLICY auth_reads ON auth.sign_in_tickets FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.sign_in_tickets FOR INSERT TO console_auth WITH CHECK (true);
GRANT SELECT, INSERT ON auth.sign_in_tickets TO console_auth;

CREATE POLICY auth_reads ON auth.sign_in_verdicts FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.sign_in_verdicts FOR INSERT TO console_auth WITH CHECK (true);
GRANT SELECT, INSERT ON auth.sign_in_verdicts TO console_auth;

CREATE POLICY auth_reads ON auth.sign_in_attempts FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.sign_in_attempts FOR INSERT TO console_auth WITH CHECK (true);
GRANT SELECT, INSERT ON auth.sign_in_attempts TO console_auth;

CREATE POLICY auth_reads ON auth.alerts FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.alerts FOR INSERT TO console_auth WITH CHECK (true);
GRANT SELECT, INSERT ON auth.alerts TO console_auth;

-- Ended, but never otherwise changed.
CREATE POLICY auth_reads ON auth.person_sessions FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.person_sessions FOR INSERT TO console_auth WITH CHECK (true);
CREATE POLICY auth_ends ON auth.person_sessions FOR UPDATE TO console_auth USING (true) WITH CHECK (revoked_at IS NOT NULL);
GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_why) ON auth.person_sessions TO console_auth;

CREATE POLICY auth_reads ON auth.recovery_codes FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.recovery_codes FOR INSERT TO console_auth WITH CHECK (true);
CREATE POLICY auth_ends ON auth.recovery_codes FOR UPDATE TO console_auth USING (true) WITH CHECK (withdrawn_at IS NOT NULL);
GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON auth.recovery_codes TO console_auth;

CREATE POLICY auth_reads ON auth.venue_channels FOR SELECT TO console_auth USING (true);
CREATE POLICY auth_adds ON auth.venue_channels FOR INSERT TO console_auth WITH CHECK (true);
CREATE POLICY auth_rotates ON auth.venue_channels FOR UPDATE TO console_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (channel, rotated_at) ON auth.venue_channels TO console_auth;
