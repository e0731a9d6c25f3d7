-- What a desk reads of the platform itself.

-- Settings that any rule on a screen may need are public to whoever is signed in; the rest is for those who manage them.
CREATE POLICY desk_reads ON platform_settings FOR SELECT TO console_client
    USING ((is_public AND (SELECT auth.user_id()) IS NOT NULL) OR (SELECT auth.has('settings.manage', NULL)));
GRANT SELECT ON platform_settings TO console_client;
CREATE POLICY desk_reads ON feature_flags FOR SELECT TO console_client
    USING ((SELECT auth.has('settings.manage', NULL)));
GRANT SELECT ON feature_flags TO console_client;
CREATE POLICY desk_reads ON notification_templates FOR SELECT TO console_client
    USING ((SELECT auth.has('settings.manage', NULL)));
GRANT SELECT ON notification_templates TO console_client;
-- Never key_hash, api_config or a webhook's secret.
CREATE POLICY desk_reads ON api_keys FOR SELECT TO console_client
    USING ((SELECT auth.has('settings.manage', NULL)));
GRANT SELECT (id, name, description, key_prefix, key_type, scopes, rate_limit_per_minute, rate_limit_per_day, expires_at,
              is_active, revoked_at, revoked_by, revoke_reason, last_used_at, total_requests, created_by, created_at,
              updated_at) ON api_keys TO console_client;
CREATE POLICY desk_reads ON venue_integrations FOR SELECT TO console_client
    USING ((SELECT auth.has('settings.manage', NULL)));
GRANT SELECT (id, venue_id, integration_type, display_name, sync_enabled, sync_frequency_minutes, last_sync_at,
              last_sync_status, last_sync_error, last_inventory_check_at, inventory_discrepancy_count, is_active,
              health_status, health_check_at, fallback_to_email, created_at, updated_at) ON venue_integrations TO console_client;

-- Who did what to which record; the values before and after come out of a function, one record at a time.
CREATE POLICY desk_reads ON audit_logs FOR SELECT TO console_client
    USING ((SELECT auth.has('audit.read', NULL)));
GRANT SELECT (id, user_id, device_id, session_id, venue_id, action_category, action_type, entity_type, entity_id, severity,
              created_at) ON audit_logs TO console_client;
CREATE POLICY desk_reads ON data_export_requests FOR SELECT TO console_client
    USING ((SELECT auth.has('privacy.manage', NULL)));
GRANT SELECT (id, export_type, format, status, requested_at, started_at, completed_at, file_size_bytes, file_expires_at,
              download_count, error_message, created_at) ON data_export_requests TO console_client;

-- Of one's own account what is no secret of anybody else's: an address or a name could be guessed at by its timing.
CREATE POLICY desk_reads_self ON users FOR SELECT TO console_client
    USING (id = (SELECT auth.user_id()));
CREATE POLICY desk_edits_self ON users FOR UPDATE TO console_client
    USING (id = (SELECT auth.user_id())) WITH CHECK (id = (SELECT auth.user_id()));
GRANT SELECT (id, timezone, preferred_language, notification_preferences),
    UPDATE (timezone, preferred_language, notification_preferences) ON users TO console_client;

CREATE POLICY desk_reads ON auth.devices FOR SELECT TO console_client
    USING ((SELECT auth.has('devices.manage', NULL)));
GRANT SELECT (id, name, venue_id, status, enrolled_at, enrolled_by, revoked_at, revoked_by) ON auth.devices TO console_client;
CREATE POLICY desk_reads ON staff_grants FOR SELECT TO console_client
    USING ((SELECT auth.has('people.manage', NULL)));
GRANT SELECT ON staff_grants TO console_client;
CREATE POLICY desk_reads ON auth.role_permissions FOR SELECT TO console_client USING (true);
GRANT SELECT ON auth.role_permissions TO console_client;

-- Which console made this database: what a desk that is too old has to be told before anybody signs in.
CREATE POLICY desk_reads ON app.schema_state FOR SELECT TO console_client USING (true);
GRANT SELECT ON app.schema_state TO console_client;
