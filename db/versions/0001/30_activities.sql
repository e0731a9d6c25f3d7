-- What venues offer, the weekly patterns, and the dated sessions that come of them.

CREATE TABLE activities (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    slug varchar(255) NOT NULL,
    category activity_category,
    short_description varchar(150),
    full_description text,
    learning_outcomes jsonb NOT NULL DEFAULT '[]',
    what_to_bring jsonb NOT NULL DEFAULT '[]',
    min_age_months integer NOT NULL CHECK (min_age_months BETWEEN 0 AND 1439),
    max_age_months integer CHECK (max_age_months BETWEEN 0 AND 1439),
    duration_minutes integer NOT NULL CHECK (duration_minutes > 0),
    credits_required integer CHECK (credits_required > 0),
    capacity_per_session integer NOT NULL CHECK (capacity_per_session > 0),
    primary_image_url varchar(500),
    gallery_images jsonb NOT NULL DEFAULT '[]',
    activity_tags jsonb NOT NULL DEFAULT '{}',
    accessibility_features jsonb NOT NULL DEFAULT '[]',
    parent_attendance_required boolean NOT NULL DEFAULT false,
    skill_level varchar(20) NOT NULL DEFAULT 'beginner' CHECK (skill_level IN ('beginner', 'intermediate', 'advanced')),
    prerequisites text,
    is_active boolean NOT NULL DEFAULT true,
    is_published boolean NOT NULL DEFAULT false,
    pinecone_vector_id varchar(255),
    pinecone_synced_at timestamptz,
    pinecone_sync_required boolean NOT NULL DEFAULT true,
    embedding_model_version varchar(50),
    average_rating numeric(3, 2) NOT NULL DEFAULT 0.00 CHECK (average_rating BETWEEN 0 AND 5),
    total_reviews integer NOT NULL DEFAULT 0 CHECK (total_reviews >= 0),
    total_bookings integer NOT NULL DEFAULT 0 CHECK (total_bookings >= 0),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    published_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT unique_activity_slug_per_venue UNIQUE (venue_id, slug),
    CONSTRAINT activities_id_venue_key UNIQUE (id, venue_id),
    -- A public programme says neither a price in credits nor one of our categories; parents see it once it has both.
    CONSTRAINT activities_published_is_complete CHECK (NOT is_published OR num_nulls(category, credits_required) = 0),
    CONSTRAINT activities_ages_in_order CHECK (max_age_months >= min_age_months)
);
ALTER TABLE activities ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE activities IS 'What a venue offers. Ages are whole months; no upper age means open ended.';
CREATE INDEX idx_activities_category ON activities (category);
CREATE INDEX idx_activities_age_range ON activities (min_age_months, max_age_months);
CREATE INDEX idx_activities_credits ON activities (credits_required);
CREATE INDEX idx_activities_active ON activities (is_active, is_published) WHERE is_active AND is_published;
CREATE INDEX idx_activities_tags ON activities USING gin (activity_tags);
CREATE INDEX idx_activities_rating ON activities (average_rating DESC);
CREATE INDEX idx_activities_pinecone_sync ON activities (pinecone_sync_required) WHERE pinecone_sync_required AND is_active;
CREATE INDEX idx_activities_search ON activities USING gin (
    to_tsvector('english', name || ' ' || coalesce(short_description, '') || ' ' || coalesce(full_description, '')));
CREATE INDEX idx_activities_browse ON activities (category, min_age_months, max_age_months, average_rating DESC)
    WHERE is_active AND is_published;

CREATE TABLE activity_recurring_schedules (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    activity_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    room_id uuid,
    schedule_name varchar(100),
    days_of_week jsonb NOT NULL DEFAULT '[]'
        CONSTRAINT recurring_schedules_weekdays CHECK (
            jsonb_typeof(days_of_week) = 'array' AND days_of_week <@ '[0, 1, 2, 3, 4, 5, 6]'),
    start_time time NOT NULL,
    duration_minutes integer NOT NULL CHECK (duration_minutes > 0),
    capacity integer NOT NULL CHECK (capacity > 0),
    effective_from date NOT NULL,
    effective_until date,
    platform_allocated_spots integer NOT NULL DEFAULT 0 CHECK (platform_allocated_spots >= 0),
    default_instructor_name varchar(255),
    is_active boolean NOT NULL DEFAULT true,
    sessions_generated_until date,
    split_from_id uuid,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT recurring_schedules_id_venue_key UNIQUE (id, venue_id),
    CONSTRAINT recurring_schedules_in_order CHECK (effective_until >= effective_from),
    CONSTRAINT recurring_schedules_allocation CHECK (platform_allocated_spots <= capacity),
    FOREIGN KEY (activity_id, venue_id) REFERENCES activities (id, venue_id) ON DELETE CASCADE,
    FOREIGN KEY (room_id, venue_id) REFERENCES rooms (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (split_from_id, venue_id) REFERENCES activity_recurring_schedules (id, venue_id)
        ON DELETE SET NULL (split_from_id)
);
ALTER TABLE activity_recurring_schedules ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE activity_recurring_schedules IS 'Weekly patterns in the venue''s wall time (0 = Sunday) from which sessions are generated.';
CREATE INDEX idx_recurring_schedules_activity ON activity_recurring_schedules (activity_id, venue_id);
CREATE INDEX idx_recurring_schedules_active ON activity_recurring_schedules (is_active, effective_from) WHERE is_active;
CREATE INDEX idx_recurring_schedules_days ON activity_recurring_schedules USING gin (days_of_week);
CREATE INDEX idx_recurring_schedules_venue ON activity_recurring_schedules (venue_id);
CREATE INDEX idx_recurring_schedules_room ON activity_recurring_schedules (room_id, venue_id);
CREATE INDEX idx_recurring_schedules_split ON activity_recurring_schedules (split_from_id, venue_id);

CREATE TABLE schedule_exceptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    schedule_id uuid NOT NULL,
    exception_date date NOT NULL,
    kind schedule_exception_kind NOT NULL,
    reason text,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT schedule_exceptions_once UNIQUE (schedule_id, exception_date),
    FOREIGN KEY (schedule_id, venue_id) REFERENCES activity_recurring_schedules (id, venue_id) ON DELETE CASCADE
);
ALTER TABLE schedule_exceptions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE schedule_exceptions IS 'Dates on which a weekly pattern does not run, or runs otherwise.';
CREATE INDEX schedule_exceptions_schedule ON schedule_exceptions (schedule_id, venue_id);
CREATE INDEX schedule_exceptions_venue ON schedule_exceptions (venue_id, exception_date);

CREATE TABLE activity_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    activity_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    room_id uuid,
    recurring_schedule_id uuid,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    -- What the clock on the venue's wall says; kept by trigger, never written.
    session_date date NOT NULL,
    start_time time NOT NULL,
    end_time time NOT NULL,
    timezone varchar(50) NOT NULL,
    time_of_day time_of_day NOT NULL,
    total_capacity integer NOT NULL CHECK (total_capacity > 0),
    booked_count integer NOT NULL DEFAULT 0 CHECK (booked_count >= 0),
    platform_allocated_spots integer NOT NULL DEFAULT 0 CHECK (platform_allocated_spots >= 0),
    is_cancelled boolean NOT NULL DEFAULT false,
    cancellation_reason text,
    cancelled_at timestamptz,
    cancelled_by uuid REFERENCES users ON DELETE RESTRICT,
    is_completed boolean NOT NULL DEFAULT false,
    completed_at timestamptz,
    closed_at timestamptz,
    closed_by uuid REFERENCES users ON DELETE RESTRICT,
    instructor_name varchar(255),
    instructor_notes text,
    session_notes text,
    inventory_released boolean NOT NULL DEFAULT false,
    inventory_released_at timestamptz,
    changed_by_hand boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT valid_session_times CHECK (ends_at > starts_at),
    CONSTRAINT valid_booking_count CHECK (booked_count <= total_capacity),
    CONSTRAINT activity_sessions_cancelled_whole CHECK (is_cancelled = (cancelled_at IS NOT NULL)),
    CONSTRAINT activity_sessions_id_venue_key UNIQUE (id, venue_id),
    FOREIGN KEY (activity_id, venue_id) REFERENCES activities (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (room_id, venue_id) REFERENCES rooms (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (recurring_schedule_id, venue_id) REFERENCES activity_recurring_schedules (id, venue_id)
        ON DELETE SET NULL (recurring_schedule_id)
) WITH (fillfactor = 80);
ALTER TABLE activity_sessions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE activity_sessions IS 'One dated meeting of an activity; starts_at and ends_at are the truth.';
-- Generation may run twice, or on two machines: one session per pattern and day.
CREATE UNIQUE INDEX activity_sessions_series_day ON activity_sessions (recurring_schedule_id, starts_at)
    WHERE recurring_schedule_id IS NOT NULL;
CREATE INDEX idx_sessions_activity_id ON activity_sessions (activity_id, venue_id);
CREATE INDEX idx_sessions_date ON activity_sessions (session_date);
CREATE INDEX idx_sessions_availability ON activity_sessions (activity_id, session_date) WHERE NOT is_cancelled;
CREATE INDEX idx_sessions_available_spots ON activity_sessions (session_date, booked_count, total_capacity)
    WHERE NOT is_cancelled AND booked_count < total_capacity;
CREATE INDEX idx_sessions_cancelled ON activity_sessions (venue_id, session_date) WHERE is_cancelled;
CREATE INDEX idx_sessions_time_of_day ON activity_sessions (time_of_day, session_date) WHERE NOT is_cancelled;
CREATE INDEX idx_sessions_venue_start ON activity_sessions (venue_id, starts_at);
CREATE INDEX idx_sessions_venue_date ON activity_sessions (venue_id, session_date);
CREATE INDEX idx_sessions_room ON activity_sessions (room_id, venue_id, starts_at) WHERE room_id IS NOT NULL;
CREATE INDEX idx_sessions_schedule ON activity_sessions (recurring_schedule_id, venue_id)
    WHERE recurring_schedule_id IS NOT NULL;
CREATE INDEX idx_sessions_cancelled_by ON activity_sessions (cancelled_by) WHERE cancelled_by IS NOT NULL;
CREATE INDEX idx_sessions_closed_by ON activity_sessions (closed_by) WHERE closed_by IS NOT NULL;
