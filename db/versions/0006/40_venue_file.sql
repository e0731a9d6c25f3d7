-- What headquarters keeps about a venue beside its cases, and what it tells all of them.

CREATE TABLE venue_file_notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    body varchar(4000) NOT NULL CHECK (btrim(body) <> ''),
    by_user uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE venue_file_notes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_file_notes IS 'Headquarters'' own notes about a venue; the venue does not see them. Append-only.';
CREATE INDEX venue_file_notes_venue ON venue_file_notes (venue_id, at DESC);
CREATE INDEX venue_file_notes_by ON venue_file_notes (by_user);

CREATE TABLE venue_incidents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    happened_on date NOT NULL,
    severity varchar(10) NOT NULL CHECK (severity IN ('minor', 'serious', 'critical')),
    title varchar(150) NOT NULL CHECK (btrim(title) <> ''),
    -- What happened, without a child's name.
    body varchar(4000) NOT NULL DEFAULT '',
    reported_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    reported_at timestamptz NOT NULL DEFAULT app.now(),
    resolution varchar(2000),
    resolved_by uuid REFERENCES users ON DELETE RESTRICT,
    resolved_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT venue_incidents_resolved_whole CHECK (num_nonnulls(resolution, resolved_by, resolved_at) IN (0, 3))
);
ALTER TABLE venue_incidents ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_incidents IS 'What went wrong at a venue and what was done about it.';
CREATE INDEX venue_incidents_venue ON venue_incidents (venue_id, happened_on DESC);
CREATE INDEX venue_incidents_open ON venue_incidents (happened_on) WHERE resolved_at IS NULL;
CREATE INDEX venue_incidents_reported_by ON venue_incidents (reported_by);
CREATE INDEX venue_incidents_resolved_by ON venue_incidents (resolved_by) WHERE resolved_by IS NOT NULL;

CREATE TABLE announcements (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title varchar(120) NOT NULL CHECK (btrim(title) <> ''),
    body varchar(1000) NOT NULL CHECK (btrim(body) <> ''),
    tone varchar(10) NOT NULL DEFAULT 'info' CHECK (tone IN ('info', 'warning')),
    -- No rows in announcement_venues: everybody.
    to_all boolean NOT NULL,
    starts_at timestamptz NOT NULL DEFAULT app.now(),
    ends_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    withdrawn_by uuid REFERENCES users ON DELETE RESTRICT,
    withdrawn_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT announcements_in_order CHECK (ends_at > starts_at),
    CONSTRAINT announcements_withdrawn_whole CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
);
ALTER TABLE announcements ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE announcements IS 'What headquarters tells one, some or all venues, as a banner in their console.';
CREATE INDEX announcements_time ON announcements (ends_at) WHERE withdrawn_at IS NULL;
CREATE INDEX announcements_created_by ON announcements (created_by);
CREATE INDEX announcements_withdrawn_by ON announcements (withdrawn_by) WHERE withdrawn_by IS NOT NULL;

CREATE TABLE announcement_venues (
    announcement_id uuid NOT NULL REFERENCES announcements ON DELETE CASCADE,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    PRIMARY KEY (announcement_id, venue_id)
);
ALTER TABLE announcement_venues ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE announcement_venues IS 'Which venues an announcement is for, where it is not for all.';
CREATE INDEX announcement_venues_venue ON announcement_venues (venue_id);

CREATE TABLE announcement_reads (
    announcement_id uuid NOT NULL REFERENCES announcements ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    read_at timestamptz NOT NULL DEFAULT app.now(),
    PRIMARY KEY (announcement_id, user_id)
);
ALTER TABLE announcement_reads ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE announcement_reads IS 'Who put an announcement away.';
CREATE INDEX announcement_reads_user ON announcement_reads (user_id);
