-- Employers, people, where parents live, and what staff may do.

CREATE TABLE corporates (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_name varchar(255) NOT NULL,
    display_name varchar(255),
    tax_id varchar(50),
    industry varchar(100),
    employee_count integer CHECK (employee_count > 0),
    billing_address_line1 varchar(255),
    billing_address_line2 varchar(255),
    billing_city varchar(100),
    billing_state varchar(100),
    billing_postal_code varchar(20),
    billing_country varchar(100) NOT NULL DEFAULT 'USA',
    primary_contact_name varchar(255) NOT NULL,
    primary_contact_email varchar(255) NOT NULL,
    primary_contact_phone varchar(50),
    stripe_customer_id varchar(255),
    payment_terms_days integer NOT NULL DEFAULT 30 CHECK (payment_terms_days >= 0),
    sap_vendor_id varchar(100),
    coupa_supplier_id varchar(100),
    is_active boolean NOT NULL DEFAULT true,
    contract_start_date date NOT NULL,
    contract_end_date date,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT corporates_contract_in_order CHECK (contract_end_date >= contract_start_date)
);
ALTER TABLE corporates ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE corporates IS 'Employers whose staff book with credits.';
CREATE INDEX idx_corporates_company_name ON corporates (company_name);
CREATE INDEX idx_corporates_is_active ON corporates (is_active);
CREATE INDEX idx_corporates_contract_dates ON corporates (contract_start_date, contract_end_date);

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(255) NOT NULL CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    password_hash varchar(255),
    role user_role NOT NULL,
    first_name varchar(100) NOT NULL,
    last_name varchar(100) NOT NULL,
    phone varchar(50),
    avatar_url varchar(500),
    corporate_id uuid REFERENCES corporates ON DELETE SET NULL,
    venue_id uuid,
    department varchar(100),
    sso_provider varchar(50),
    sso_subject_id varchar(255),
    mfa_enabled boolean NOT NULL DEFAULT false,
    mfa_secret varchar(255),
    is_active boolean NOT NULL DEFAULT true,
    is_email_verified boolean NOT NULL DEFAULT false,
    email_verified_at timestamptz,
    password_reset_token varchar(255),
    password_reset_expires_at timestamptz,
    last_login_at timestamptz,
    last_login_ip inet,
    notification_preferences jsonb NOT NULL
        DEFAULT '{"email": true, "sms": false, "whatsapp": false, "push": true, "frequency": "immediate"}',
    timezone varchar(50) NOT NULL DEFAULT 'America/New_York',
    preferred_language varchar(10) NOT NULL DEFAULT 'en',
    remember_token varchar(255),
    remember_token_expires_at timestamptz,
    allow_coworker_matching boolean NOT NULL DEFAULT false,
    coworker_matching_consent_date timestamptz,
    anonymised_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE users IS 'Everyone with an account: parents, employers'' administrators, venue staff, platform staff.';
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX idx_users_role ON users (role);
CREATE INDEX idx_users_corporate_id ON users (corporate_id);
CREATE INDEX idx_users_active_role ON users (is_active, role);
CREATE INDEX idx_users_sso ON users (sso_provider, sso_subject_id) WHERE sso_provider IS NOT NULL;
CREATE INDEX idx_users_notification_prefs ON users USING gin (notification_preferences);

CREATE TABLE user_locations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    location_type varchar(20) NOT NULL CHECK (location_type IN ('home', 'work', 'school', 'other')),
    label varchar(100),
    address_line1 varchar(255) NOT NULL,
    address_line2 varchar(255),
    city varchar(100) NOT NULL,
    state varchar(100),
    postal_code varchar(20) NOT NULL,
    country varchar(100) NOT NULL DEFAULT 'USA',
    latitude numeric(10, 8) CHECK (latitude BETWEEN -90 AND 90),
    longitude numeric(11, 8) CHECK (longitude BETWEEN -180 AND 180),
    is_primary boolean NOT NULL DEFAULT false,
    default_search_radius_minutes integer NOT NULL DEFAULT 15 CHECK (default_search_radius_minutes BETWEEN 5 AND 60),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_user_location_type UNIQUE (user_id, location_type)
);
ALTER TABLE user_locations ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE user_locations IS 'The addresses from which a parent searches.';
CREATE INDEX idx_user_locations_user_id ON user_locations (user_id);
CREATE INDEX idx_user_locations_coords ON user_locations (latitude, longitude) WHERE latitude IS NOT NULL;
