-- Settings, the audit trail, deletions that desks still have to hear of, and where imported rows came from.

CREATE TABLE platform_settings (
    key varchar(100) PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    value jsonb NOT NULL,
    description text,
    category varchar(50),
    data_type varchar(20) NOT NULL CHECK (data_type IN ('string', 'number', 'boolean', 'json', 'array')),
    is_public boolean NOT NULL DEFAULT false,
    updated_by uuid REFERENCES users ON DELETE SET NULL,
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT platform_settings_typed CHECK (CASE data_type
        WHEN 'string' THEN jsonb_typeof(value) = 'string'
        WHEN 'number' THEN jsonb_typeof(value) = 'number'
        WHEN 'boolean' THEN jsonb_typeof(value) = 'boolean'
        WHEN 'array' THEN jsonb_typeof(value) = 'array'
        ELSE true END)
);
ALTER TABLE platform_settings ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE platform_settings IS 'The numbers of the rules, changed by a platform administrator.';
CREATE INDEX platform_settings_updated_by ON platform_settings (updated_by) WHERE updated_by IS NOT NULL;

INSERT INTO platform_settings (key, value, data_type, category, description) VALUES
    ('platform_fee_default', '17.5', 'number', 'financial', 'Percentage of the gross that a new venue pays to the platform.'),
    ('credit_value', '1.00', 'number', 'financial', 'What one credit is worth to a venue, in the platform''s currency.'),
    ('currency', '"USD"', 'string', 'financial', 'The currency of payouts and invoices.'),
    ('cancellation_window_hours', '48', 'number', 'booking', 'A parent who cancels at least this many hours before gets the credits back.'),
    ('waitlist_confirmation_hours', '4', 'number', 'booking', 'How long an offered place is held.'),
    ('inventory_release_hours', '72', 'number', 'booking', 'When unsold platform places return to the venue, in hours before the start.'),
    ('schedule_horizon_days', '90', 'number', 'booking', 'How far ahead weekly patterns become sessions.'),
    ('attendance_opens_minutes', '60', 'number', 'attendance', 'How long before the start a child can be checked in.'),
    ('attendance_grace_minutes', '30', 'number', 'attendance', 'How long after the end a child can still be checked in.'),
    ('attendance_undo_minutes', '15', 'number', 'attendance', 'How long the same person can undo on the same desk.'),
    ('credit_expiry_warning_days', '7', 'number', 'credits', 'When to warn that credits are about to expire.'),
    ('venue_score_curation_threshold', '60', 'number', 'curation', 'Below this score a venue is not suggested.'),
    ('max_suggestions_per_month', '3', 'number', 'curation', 'Suggestions per child and month, at most.'),
    ('feedback_request_delay_hours', '1', 'number', 'feedback', 'How long after a session parents are asked how it was.'),
    ('data_retention_days', '730', 'number', 'compliance', 'How long the audit trail is kept.'),
    ('search_log_retention_days', '90', 'number', 'compliance', 'How long searches and ended conversations are kept.'),
    ('child_deletion_delay_days', '30', 'number', 'compliance', 'How long after the request a child is anonymised.'),
    ('insurance_minimum_coverage', '1000000', 'number', 'compliance', 'The least insurance a venue must carry.');

-- device_id and session_id are no foreign keys: devices and people's sessions are revoked, never removed, and each key would
-- cost every audited change.
CREATE TABLE audit_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid REFERENCES users ON DELETE RESTRICT,
    device_id uuid,
    session_id uuid,
    db_role name NOT NULL DEFAULT session_user,
    venue_id uuid,
    action_category varchar(50) NOT NULL,
    action_type varchar(100) NOT NULL,
    entity_type varchar(50),
    entity_id uuid,
    old_values jsonb,
    new_values jsonb,
    ip_address inet DEFAULT inet_client_addr(),
    user_agent text,
    geo_country varchar(100),
    geo_city varchar(100),
    request_id varchar(255),
    severity varchar(20) NOT NULL DEFAULT 'info' CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
    context jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE audit_logs IS 'Who changed what, from which desk, before and after; append-only, retention through one function.';
CREATE INDEX idx_audit_logs_user_id ON audit_logs (user_id, created_at DESC) WHERE user_id IS NOT NULL;
CREATE INDEX idx_audit_logs_action ON audit_logs (action_category, action_type);
CREATE INDEX idx_audit_logs_entity ON audit_logs (entity_type, entity_id);
CREATE INDEX idx_audit_logs_created_at ON audit_logs (created_at);
CREATE INDEX idx_audit_logs_severity ON audit_logs (severity) WHERE severity IN ('warning', 'error', 'critical');
CREATE INDEX idx_audit_logs_venue ON audit_logs (venue_id, created_at DESC) WHERE venue_id IS NOT NULL;

CREATE TABLE app.tombstones (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue_id uuid,
    table_name varchar(63) NOT NULL,
    row_id uuid NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT app.now(),
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
ALTER TABLE app.tombstones ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.tombstones IS 'Rows of watched tables that are gone, for desks that ask what changed.';
CREATE INDEX tombstones_venue ON app.tombstones (venue_id, changed_xid);

CREATE TABLE import_refs (
    source text NOT NULL,
    entity_type text NOT NULL,
    key text NOT NULL,
    entity_id uuid NOT NULL,
    -- What the file said when it was last applied: only what it says differently now is changed.
    facts jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT app.now(),
    PRIMARY KEY (source, entity_type, key)
);
ALTER TABLE import_refs ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE import_refs IS 'Which row of which file became which record, so that importing a file again changes nothing.';
CREATE INDEX import_refs_entity ON import_refs (entity_type, entity_id);
