-- Weekly patterns every few weeks, what a date of a pattern became, closures that come back, and whom the queue passed over.

ALTER TABLE activity_recurring_schedules
    ADD COLUMN every_weeks integer NOT NULL DEFAULT 1
        CONSTRAINT recurring_schedules_every_weeks CHECK (every_weeks BETWEEN 1 AND 52);
COMMENT ON COLUMN activity_recurring_schedules.every_weeks
    IS 'Every how many weeks, counted from the week (Monday to Sunday) of effective_from: INTERVAL of RFC 5545 with WKST=MO.';

-- The date on which the pattern wanted the session: it stays when the session is moved, so that no date runs twice.
ALTER TABLE activity_sessions ADD COLUMN occurs_on date;
UPDATE activity_sessions SET occurs_on = session_date WHERE recurring_schedule_id IS NOT NULL;
DROP INDEX activity_sessions_series_day;
CREATE UNIQUE INDEX activity_sessions_series_day ON activity_sessions (recurring_schedule_id, occurs_on)
    WHERE recurring_schedule_id IS NOT NULL;
ALTER TABLE activity_sessions ADD CONSTRAINT activity_sessions_occurs_on
    CHECK (recurring_schedule_id IS NULL OR occurs_on IS NOT NULL);

-- Who opened a closed session again, and the calendar's reading of a range of days.
ALTER TABLE activity_sessions ADD COLUMN reopened_at timestamptz;
ALTER TABLE activity_sessions ADD COLUMN reopened_by uuid REFERENCES users ON DELETE RESTRICT;
CREATE INDEX idx_sessions_reopened_by ON activity_sessions (reopened_by) WHERE reopened_by IS NOT NULL;

-- What a date of a pattern became instead: NULL is as the pattern says. A skipped date has none of them.
ALTER TABLE schedule_exceptions
    ADD COLUMN new_day date,
    ADD COLUMN new_start time,
    ADD COLUMN new_minutes integer CHECK (new_minutes > 0),
    ADD COLUMN new_room_id uuid,
    ADD COLUMN new_instructor varchar(255),
    ADD COLUMN new_capacity integer CHECK (new_capacity > 0),
    ADD COLUMN created_by uuid REFERENCES users ON DELETE RESTRICT,
    ADD CONSTRAINT schedule_exceptions_room FOREIGN KEY (new_room_id, venue_id) REFERENCES rooms (id, venue_id) ON DELETE RESTRICT,
    ADD CONSTRAINT schedule_exceptions_skipped CHECK (kind <> 'skipped' OR num_nonnulls(
        new_day, new_start, new_minutes, new_room_id, new_instructor, new_capacity) = 0);
CREATE INDEX schedule_exceptions_room ON schedule_exceptions (new_room_id, venue_id) WHERE new_room_id IS NOT NULL;
CREATE INDEX schedule_exceptions_created_by ON schedule_exceptions (created_by) WHERE created_by IS NOT NULL;

CREATE TABLE closure_reasons (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- NULL: the platform's, offered at every venue.
    venue_id uuid REFERENCES venues ON DELETE CASCADE,
    name varchar(60) NOT NULL CHECK (btrim(name) <> ''),
    kind closure_reason NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
ALTER TABLE closure_reasons ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE closure_reasons IS 'The reasons a closure may be given, the platform''s and each venue''s own; kind is what rules ask.';
CREATE UNIQUE INDEX closure_reasons_name_key ON closure_reasons (venue_id, lower(name)) NULLS NOT DISTINCT;
INSERT INTO closure_reasons (name, kind) VALUES
    ('Public holiday', 'holiday'), ('School break', 'holiday'), ('Weather', 'weather'), ('Maintenance', 'maintenance'),
    ('Staff missing', 'staffing'), ('Private event', 'private_event'), ('Emergency', 'emergency'), ('Other', 'other');

ALTER TABLE venue_closures
    ADD COLUMN reason_id uuid REFERENCES closure_reasons ON DELETE RESTRICT,
    -- The same days and hours by the venue's clock, every year from the first on; 29 February falls on the 28th in other years.
    ADD COLUMN is_yearly boolean NOT NULL DEFAULT false;
CREATE INDEX venue_closures_reason ON venue_closures (reason_id) WHERE reason_id IS NOT NULL;
CREATE INDEX venue_closures_yearly ON venue_closures (venue_id) WHERE is_yearly AND lifted_at IS NULL;

-- What a closure cancelled: lifting it offers these back.
ALTER TABLE activity_sessions ADD COLUMN closure_id uuid;
ALTER TABLE activity_sessions ADD CONSTRAINT activity_sessions_closure
    FOREIGN KEY (closure_id, venue_id) REFERENCES venue_closures (id, venue_id) ON DELETE SET NULL (closure_id);
CREATE INDEX idx_sessions_closure ON activity_sessions (closure_id, venue_id) WHERE closure_id IS NOT NULL;

-- Somebody who was passed over stays in the queue, behind everybody who was not yet asked.
ALTER TABLE waitlist ADD COLUMN skipped_at timestamptz;
ALTER TABLE waitlist ADD COLUMN skip_reason varchar(200) CHECK (btrim(skip_reason) <> '');
ALTER TABLE waitlist ADD COLUMN skipped_by uuid REFERENCES users ON DELETE RESTRICT;
ALTER TABLE waitlist ADD CONSTRAINT waitlist_skipped_whole CHECK ((skipped_at IS NULL) = (skip_reason IS NULL));
CREATE INDEX idx_waitlist_skipped_by ON waitlist (skipped_by) WHERE skipped_by IS NOT NULL;

INSERT INTO platform_settings (key, value, data_type, category, description) VALUES
    ('generation_most_sessions', '1000', 'number', 'booking', 'The most sessions that one change of a series may make.');

-- Every confirmed change of a programme: what was asked, and the answer, so that the same confirmation sent twice happens once.
CREATE TABLE programme_changes (
    id uuid PRIMARY KEY,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    kind varchar(30) NOT NULL,
    change jsonb NOT NULL,
    answer jsonb NOT NULL,
    person_id uuid REFERENCES users ON DELETE RESTRICT,
    device_id uuid,
    made_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE programme_changes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE programme_changes IS 'Confirmed changes of a venue''s programme; id is made on the desk.';
CREATE INDEX programme_changes_venue ON programme_changes (venue_id, made_at DESC);
CREATE INDEX programme_changes_person ON programme_changes (person_id);
