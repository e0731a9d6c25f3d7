-- Switches, keys, integrations and what people asked to be given of their own data.

CREATE TABLE feature_flags (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    flag_key varchar(100) NOT NULL UNIQUE,
    name varchar(255) NOT NULL,
    description text,
    category varchar(50),
    is_enabled boolean NOT NULL DEFAULT false,
    rollout_percentage integer NOT NULL DEFAULT 0 CHECK (rollout_percentage BETWEEN 0 AND 100),
    target_roles jsonb,
    target_corporate_ids jsonb NOT NULL DEFAULT '[]',
    target_user_ids jsonb NOT NULL DEFAULT '[]',
    environments jsonb NOT NULL DEFAULT '["production", "staging", "development"]',
    variants jsonb,
    starts_at timestamptz,
    ends_at timestamptz,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    updated_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT feature_flags_in_order CHECK (ends_at > starts_at)
);
ALTER TABLE feature_flags ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE feature_flags IS 'What is switched on, for whom, and when.';
CREATE INDEX idx_feature_flags_enabled ON feature_flags (flag_key) WHERE is_enabled;
CREATE INDEX idx_feature_flags_category ON feature_flags (category);
CREATE INDEX idx_feature_flags_created_by ON feature_flags (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX idx_feature_flags_updated_by ON feature_flags (updated_by) WHERE updated_by IS NOT NULL;

CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(255) NOT NULL,
    description text,
    key_hash varchar(255) NOT NULL UNIQUE,
    key_prefix varchar(10) NOT NULL,
    key_type varchar(50) NOT NULL CHECK (key_type IN ('integration', 'testing', 'service', 'webhook')),
    scopes jsonb NOT NULL DEFAULT '[]',
    rate_limit_per_minute integer NOT NULL DEFAULT 60 CHECK (rate_limit_per_minute > 0),
    rate_limit_per_day integer NOT NULL DEFAULT 10000 CHECK (rate_limit_per_day > 0),
    allowed_ips jsonb,
    expires_at timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES users ON DELETE RESTRICT,
    revoke_reason text,
    last_used_at timestamptz,
    last_used_ip inet,
    total_requests bigint NOT NULL DEFAULT 0 CHECK (total_requests >= 0),
    created_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT api_keys_revoked_is_inactive CHECK (revoked_at IS NULL OR NOT is_active)
);
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE api_keys IS 'Keys of other programs: only their hash and first characters.';
CREATE INDEX idx_api_keys_prefix ON api_keys (key_prefix) WHERE is_active;
CREATE INDEX idx_api_keys_type ON api_keys (key_type);
CREATE INDEX idx_api_keys_expiry ON api_keys (expires_at) WHERE is_active AND expires_at IS NOT NULL;
CREATE INDEX idx_api_keys_created_by ON api_keys (created_by);
CREATE INDEX idx_api_keys_revoked_by ON api_keys (revoked_by) WHERE revoked_by IS NOT NULL;

CREATE TABLE venue_integrations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    integration_type varchar(50) NOT NULL
        CHECK (integration_type IN ('mindbody', 'acuity', 'calendly', 'custom_api', 'manual')),
    display_name varchar(100),
    api_config jsonb NOT NULL DEFAULT '{}',
    credentials_secret_id varchar(255),
    webhook_url varchar(500),
    webhook_secret varchar(255),
    sync_enabled boolean NOT NULL DEFAULT true,
    sync_frequency_minutes integer NOT NULL DEFAULT 60 CHECK (sync_frequency_minutes > 0),
    last_sync_at timestamptz,
    last_sync_status varchar(20) CHECK (last_sync_status IN ('success', 'partial', 'failed')),
    last_sync_error text,
    last_inventory_check_at timestamptz,
    inventory_discrepancy_count integer NOT NULL DEFAULT 0 CHECK (inventory_discrepancy_count >= 0),
    is_active boolean NOT NULL DEFAULT true,
    health_status varchar(20) NOT NULL DEFAULT 'unknown' CHECK (health_status IN ('healthy', 'degraded', 'down', 'unknown')),
    health_check_at timestamptz,
    fallback_to_email boolean NOT NULL DEFAULT true,
    fallback_email varchar(255),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_venue_integration UNIQUE (venue_id, integration_type)
);
ALTER TABLE venue_integrations ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_integrations IS 'A venue''s own booking system, and how well it is connected.';
CREATE INDEX idx_venue_integrations_sync ON venue_integrations (last_sync_at, sync_frequency_minutes)
    WHERE is_active AND sync_enabled;
CREATE INDEX idx_venue_integrations_health ON venue_integrations (health_status) WHERE is_active;

CREATE TABLE data_export_requests (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    export_type varchar(50) NOT NULL
        CHECK (export_type IN ('full_data', 'children_data', 'booking_history', 'personal_info')),
    format varchar(20) NOT NULL DEFAULT 'json' CHECK (format IN ('json', 'csv', 'pdf')),
    status varchar(20) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'expired')),
    requested_at timestamptz NOT NULL DEFAULT app.now(),
    started_at timestamptz,
    completed_at timestamptz,
    file_url varchar(500),
    file_size_bytes bigint CHECK (file_size_bytes >= 0),
    file_expires_at timestamptz,
    download_count integer NOT NULL DEFAULT 0 CHECK (download_count >= 0),
    last_downloaded_at timestamptz,
    error_message text,
    request_ip inet,
    request_user_agent text,
    created_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE data_export_requests ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE data_export_requests IS 'Who asked for a copy of their data, and until when it lies ready.';
CREATE INDEX idx_data_exports_user_id ON data_export_requests (user_id);
CREATE INDEX idx_data_exports_status ON data_export_requests (status) WHERE status IN ('pending', 'processing');
CREATE INDEX idx_data_exports_expiry ON data_export_requests (file_expires_at)
    WHERE status = 'completed' AND file_expires_at IS NOT NULL;

CREATE MATERIALIZED VIEW parent_dashboard_summary AS
SELECT u.id AS user_id, u.first_name, u.last_name,
    b.credits_available, b.credits_used, b.credits_allocated, b.billing_period_start, b.billing_period_end,
    greatest(0, b.billing_period_end - t.today) AS days_remaining,
    (SELECT count(*) FROM children AS c WHERE c.parent_id = u.id AND c.is_active) AS child_count,
    (SELECT count(*) FROM bookings AS k JOIN activity_sessions AS s ON s.id = k.session_id
        WHERE k.booked_by = u.id AND k.status IN ('pending', 'confirmed') AND s.session_date >= t.today)
        AS upcoming_booking_count,
    (SELECT count(*) FROM ai_suggestions AS a
        WHERE a.user_id = u.id AND a.parent_response IS NULL AND a.expires_at > app.now()) AS pending_suggestion_count,
    (SELECT count(*) FROM notifications AS n WHERE n.user_id = u.id AND NOT n.is_read) AS unread_notification_count
FROM users AS u
CROSS JOIN LATERAL (SELECT (app.now() AT TIME ZONE u.timezone)::date AS today) AS t
LEFT JOIN LATERAL (
    SELECT c.* FROM user_credit_balances AS c
    WHERE c.user_id = u.id AND t.today BETWEEN c.billing_period_start AND c.billing_period_end
    ORDER BY c.billing_period_start DESC LIMIT 1) AS b ON true
WHERE u.role = 'parent' AND u.is_active
WITH NO DATA;
COMMENT ON MATERIALIZED VIEW parent_dashboard_summary IS 'What a parent''s first screen shows, worked out ahead.';
CREATE UNIQUE INDEX idx_dashboard_summary_user_id ON parent_dashboard_summary (user_id);
