-- Children, what keeps them safe, who may collect them, and their parents' consent.

CREATE TABLE children (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parent_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    first_name varchar(100) NOT NULL,
    date_of_birth date NOT NULL,
    gender varchar(20) CHECK (gender IN ('boy', 'girl', 'non_binary', 'prefer_not_to_say')),
    avatar_url varchar(500),
    energy_level energy_level,
    social_preference social_preference,
    interests jsonb NOT NULL DEFAULT '[]',
    activities_to_avoid jsonb NOT NULL DEFAULT '[]',
    allergies_medical_notes text,
    accessibility_needs jsonb NOT NULL DEFAULT '[]',
    pinecone_vector_id varchar(255),
    pinecone_synced_at timestamptz,
    pinecone_sync_required boolean NOT NULL DEFAULT true,
    embedding_model_version varchar(50),
    feedback_incorporated_count integer NOT NULL DEFAULT 0 CHECK (feedback_incorporated_count >= 0),
    activities_this_month integer NOT NULL DEFAULT 0 CHECK (activities_this_month >= 0),
    parental_consent_given boolean NOT NULL DEFAULT false,
    parental_consent_date timestamptz,
    parental_consent_ip inet,
    is_active boolean NOT NULL DEFAULT true,
    deactivated_at timestamptz,
    deletion_requested boolean NOT NULL DEFAULT false,
    deletion_requested_at timestamptz,
    deletion_scheduled_for date,
    anonymised_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT children_interests_at_most_three CHECK (
        jsonb_typeof(interests) = 'array' AND jsonb_array_length(interests) <= 3),
    CONSTRAINT children_deletion_whole CHECK (deletion_requested = (deletion_scheduled_for IS NOT NULL))
);
ALTER TABLE children ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE children IS 'Children, by first name only; no surname is stored anywhere.';
CREATE INDEX idx_children_parent_id ON children (parent_id);
CREATE INDEX idx_children_dob ON children (date_of_birth);
CREATE INDEX idx_children_active ON children (parent_id, is_active) WHERE is_active;
CREATE INDEX idx_children_interests ON children USING gin (interests);
CREATE INDEX idx_children_deletion_pending ON children (deletion_scheduled_for)
    WHERE deletion_requested AND anonymised_at IS NULL;
CREATE INDEX idx_children_pinecone_sync ON children (pinecone_sync_required) WHERE pinecone_sync_required AND is_active;

CREATE TABLE child_health_notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    child_id uuid NOT NULL REFERENCES children ON DELETE CASCADE,
    kind health_kind NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 3),
    label varchar(24) NOT NULL,
    title varchar(100) NOT NULL,
    instructions text,
    confirmed_by_name varchar(100),
    confirmed_on date,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
ALTER TABLE child_health_notes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE child_health_notes IS 'What staff must know before anything else; severity 1 is the gravest.';
CREATE INDEX child_health_notes_child ON child_health_notes (child_id, severity);

CREATE TABLE pickup_people (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    child_id uuid NOT NULL REFERENCES children ON DELETE CASCADE,
    name varchar(100) NOT NULL,
    relationship varchar(50),
    phone varchar(50),
    may_collect boolean NOT NULL DEFAULT true,
    note varchar(100),
    valid_from date,
    valid_until date,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT pickup_people_in_order CHECK (valid_until >= valid_from)
);
ALTER TABLE pickup_people ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE pickup_people IS 'Who may collect a child, and who expressly may not.';
CREATE INDEX pickup_people_child ON pickup_people (child_id);

CREATE TABLE child_favorites (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    child_id uuid NOT NULL REFERENCES children ON DELETE CASCADE,
    activity_id uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_child_favorite UNIQUE (child_id, activity_id)
);
ALTER TABLE child_favorites ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE child_favorites IS 'Activities a family has saved for a child.';
CREATE INDEX idx_favorites_activity_id ON child_favorites (activity_id);

CREATE TABLE parental_consent_records (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parent_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    child_id uuid NOT NULL REFERENCES children ON DELETE RESTRICT,
    consent_type varchar(50) NOT NULL
        CHECK (consent_type IN ('data_collection', 'data_processing', 'activity_booking', 'photo_sharing')),
    consent_version varchar(20) NOT NULL,
    consent_given boolean NOT NULL,
    consent_method varchar(50) NOT NULL CHECK (consent_method IN ('checkbox', 'signature', 'email_verification')),
    consent_text text NOT NULL,
    ip_address inet,
    user_agent text,
    withdrawn boolean NOT NULL DEFAULT false,
    withdrawn_at timestamptz,
    withdrawal_reason text,
    consented_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_consent_record UNIQUE (child_id, consent_type, consent_version),
    CONSTRAINT parental_consent_withdrawn_whole CHECK (withdrawn = (withdrawn_at IS NOT NULL))
);
ALTER TABLE parental_consent_records ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE parental_consent_records IS 'What a parent agreed to for a child, in which words, and whether it still holds.';
CREATE INDEX idx_consent_parent_id ON parental_consent_records (parent_id);
CREATE INDEX idx_consent_active ON parental_consent_records (child_id, consent_type)
    WHERE consent_given AND NOT withdrawn;
