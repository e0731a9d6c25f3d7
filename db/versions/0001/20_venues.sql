-- Venues, their rooms and closures, who works there.

CREATE TABLE venues (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(255) NOT NULL,
    slug varchar(255) NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    short_description varchar(150),
    full_description text,
    primary_category activity_category,
    status venue_status NOT NULL DEFAULT 'pending_approval',
    address_line1 varchar(255),
    address_line2 varchar(255),
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100) NOT NULL DEFAULT 'USA',
    latitude numeric(10, 8) CHECK (latitude BETWEEN -90 AND 90),
    longitude numeric(11, 8) CHECK (longitude BETWEEN -180 AND 180),
    -- An abbreviation or a POSIX rule would not follow daylight saving as people expect, so only IANA names.
    timezone varchar(50) NOT NULL
        CONSTRAINT venues_timezone_is_iana CHECK (
            (timezone = 'UTC' OR timezone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)+$')
            AND timezone(timezone, timestamptz '2000-01-01 00:00+00') IS NOT NULL),
    contact_email varchar(255),
    contact_phone varchar(50),
    website_url varchar(500),
    business_hours jsonb NOT NULL DEFAULT '{}',
    logo_url varchar(500),
    gallery_images jsonb NOT NULL DEFAULT '[]',
    insurance_provider varchar(255),
    insurance_policy_number varchar(100),
    insurance_coverage_amount numeric(12, 2) CHECK (insurance_coverage_amount >= 0),
    insurance_expiry_date date,
    insurance_document_url varchar(500),
    background_check_completed boolean NOT NULL DEFAULT false,
    background_check_date date,
    safety_audit_completed boolean NOT NULL DEFAULT false,
    safety_audit_date date,
    safety_audit_score integer CHECK (safety_audit_score BETWEEN 0 AND 100),
    accessibility_features jsonb NOT NULL DEFAULT '[]',
    payout_bank_name varchar(255),
    payout_account_last_four varchar(4) CHECK (payout_account_last_four ~ '^[0-9]{4}$'),
    stripe_connect_account_id varchar(255),
    platform_fee_percentage numeric(5, 2) NOT NULL DEFAULT 17.50 CHECK (platform_fee_percentage BETWEEN 0 AND 100),
    block_booking_advance_days integer NOT NULL DEFAULT 30 CHECK (block_booking_advance_days >= 0),
    inventory_release_hours integer NOT NULL DEFAULT 72 CHECK (inventory_release_hours >= 0),
    current_performance_score numeric(5, 2) DEFAULT 50.00 CHECK (current_performance_score BETWEEN 0 AND 100),
    is_curation_eligible boolean NOT NULL DEFAULT false,
    last_verification_date date,
    next_verification_due date,
    primary_admin_user_id uuid REFERENCES users ON DELETE SET NULL,
    rejection_reason text,
    rejection_date timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    approved_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- An imported venue may lack these while it waits; it cannot open without them.
    CONSTRAINT venues_active_is_complete CHECK (
        status <> 'active'
        OR num_nulls(address_line1, city, state, postal_code, latitude, longitude, contact_email, contact_phone) = 0)
);
ALTER TABLE venues ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venues IS 'Places that run activities, from application to approval and after.';
CREATE INDEX idx_venues_status ON venues (status);
CREATE INDEX idx_venues_coordinates ON venues (latitude, longitude);
CREATE INDEX idx_venues_performance ON venues (current_performance_score) WHERE status = 'active';
CREATE INDEX idx_venues_insurance_expiry ON venues (insurance_expiry_date);
CREATE INDEX idx_venues_category ON venues (primary_category);
CREATE INDEX idx_venues_accessibility ON venues USING gin (accessibility_features);
CREATE INDEX idx_venues_primary_admin ON venues (primary_admin_user_id);

ALTER TABLE users ADD CONSTRAINT users_venue_id_fkey FOREIGN KEY (venue_id) REFERENCES venues ON DELETE SET NULL;
CREATE INDEX idx_users_venue_id ON users (venue_id) WHERE venue_id IS NOT NULL;

CREATE TABLE staff_grants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    role staff_role NOT NULL,
    venue_id uuid REFERENCES venues ON DELETE RESTRICT,
    granted_by uuid REFERENCES users ON DELETE RESTRICT,
    granted_at timestamptz NOT NULL DEFAULT app.now(),
    revoked_at timestamptz,
    revoked_by uuid REFERENCES users ON DELETE RESTRICT,
    -- A platform role spans every venue; a venue's role names its venue.
    CONSTRAINT staff_grants_scope CHECK ((role IN ('platform_admin', 'platform_finance')) = (venue_id IS NULL)),
    CONSTRAINT staff_grants_revoked_whole CHECK (revoked_by IS NULL OR revoked_at IS NOT NULL)
);
ALTER TABLE staff_grants ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE staff_grants IS 'What a person may do, at one venue or across the platform. Revoked grants stay as history.';
CREATE UNIQUE INDEX staff_grants_once ON staff_grants (user_id, role, venue_id) NULLS NOT DISTINCT WHERE revoked_at IS NULL;
CREATE INDEX staff_grants_venue_id ON staff_grants (venue_id);
CREATE INDEX staff_grants_granted_by ON staff_grants (granted_by);
CREATE INDEX staff_grants_revoked_by ON staff_grants (revoked_by);

CREATE TABLE rooms (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    name varchar(100) NOT NULL,
    capacity integer CHECK (capacity > 0),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT rooms_id_venue_key UNIQUE (id, venue_id)
);
ALTER TABLE rooms ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE rooms IS 'Where in a venue a session takes place.';
CREATE UNIQUE INDEX rooms_venue_name_key ON rooms (venue_id, lower(name));

CREATE TABLE venue_closures (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason closure_reason NOT NULL,
    explanation text,
    created_by uuid REFERENCES users ON DELETE RESTRICT,
    lifted_at timestamptz,
    lifted_by uuid REFERENCES users ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT venue_closures_in_order CHECK (ends_at > starts_at),
    CONSTRAINT venue_closures_id_venue_key UNIQUE (id, venue_id)
);
ALTER TABLE venue_closures ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_closures IS 'When a venue, or some of its rooms (venue_closure_rooms), is shut, and why.';
CREATE INDEX venue_closures_venue_time ON venue_closures (venue_id, starts_at);
CREATE INDEX venue_closures_created_by ON venue_closures (created_by);
CREATE INDEX venue_closures_lifted_by ON venue_closures (lifted_by);

CREATE TABLE venue_closure_rooms (
    closure_id uuid NOT NULL,
    room_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    PRIMARY KEY (closure_id, room_id),
    FOREIGN KEY (closure_id, venue_id) REFERENCES venue_closures (id, venue_id) ON DELETE CASCADE,
    FOREIGN KEY (room_id, venue_id) REFERENCES rooms (id, venue_id) ON DELETE CASCADE
);
ALTER TABLE venue_closure_rooms ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_closure_rooms IS 'The rooms a closure shuts; none at all means the whole venue.';
CREATE INDEX venue_closure_rooms_closure ON venue_closure_rooms (closure_id, venue_id);
CREATE INDEX venue_closure_rooms_room ON venue_closure_rooms (room_id, venue_id);
CREATE INDEX venue_closure_rooms_venue ON venue_closure_rooms (venue_id);
