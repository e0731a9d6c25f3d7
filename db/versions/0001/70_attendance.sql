-- What happened at the desk, and what a manager still has to look at.

-- Each key and each index costs every check-in: venue_id has no key of its own (the booking's and the session's cover it),
-- device_id and person_id have none (one function writes them, out of the rows that signed the caller in, and those are never
-- removed: app.kept), and id no second unique key for others to refer to with the venue.
CREATE TABLE attendance_events (
    id uuid PRIMARY KEY,
    venue_id uuid,
    device_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    booking_id uuid,
    session_id uuid,
    kind attendance_kind NOT NULL,
    annuls_id uuid REFERENCES attendance_events ON DELETE RESTRICT,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app.now(),
    person_id uuid NOT NULL,
    origin attendance_origin NOT NULL,
    pickup_person_id uuid,
    pickup_name varchar(100),
    outcome attendance_outcome NOT NULL,
    reason refusal_reason,
    would_have_refused refusal_reason,
    detail jsonb NOT NULL DEFAULT '{}',
    code varchar(40),
    CONSTRAINT attendance_events_device_seq_key UNIQUE (device_id, seq),
    CONSTRAINT attendance_events_reason CHECK ((outcome = 'rejected') = (reason IS NOT NULL)),
    CONSTRAINT attendance_events_annul CHECK (annuls_id IS NULL OR kind = 'annul'),
    -- Only a refusal may be about no known booking, and only then may no venue be known.
    CONSTRAINT attendance_events_booking CHECK (booking_id IS NOT NULL OR outcome = 'rejected'),
    CONSTRAINT attendance_events_venue CHECK (venue_id IS NOT NULL OR num_nonnulls(booking_id, session_id) = 0),
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (session_id, venue_id) REFERENCES activity_sessions (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE attendance_events ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE attendance_events IS 'Every action at the desk with its judgement, append-only; id is made on the desk.';
CREATE INDEX attendance_events_booking ON attendance_events (booking_id, venue_id, occurred_at);
CREATE INDEX attendance_events_session ON attendance_events (session_id, venue_id);
CREATE INDEX attendance_events_venue_time ON attendance_events (venue_id, recorded_at);
-- The first annul wins; later ones are answered, not applied.
CREATE UNIQUE INDEX attendance_events_annulled_once ON attendance_events (annuls_id)
    WHERE kind = 'annul' AND outcome IN ('applied', 'applied_with_review');
CREATE INDEX attendance_events_annuls ON attendance_events (annuls_id) WHERE annuls_id IS NOT NULL;

CREATE TABLE review_items (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    kind review_item_kind NOT NULL,
    booking_id uuid,
    session_id uuid,
    event_id uuid,
    summary text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT app.now(),
    resolved_at timestamptz,
    resolved_by uuid REFERENCES users ON DELETE RESTRICT,
    resolution text,
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT review_items_resolved_whole CHECK (num_nonnulls(resolved_at, resolved_by, resolution) IN (0, 3)),
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (session_id, venue_id) REFERENCES activity_sessions (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (event_id) REFERENCES attendance_events ON DELETE RESTRICT
);
ALTER TABLE review_items ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE review_items IS 'What a manager has to look at, and what was decided.';
CREATE INDEX review_items_open ON review_items (venue_id, opened_at) WHERE resolved_at IS NULL;
CREATE INDEX review_items_venue ON review_items (venue_id, opened_at DESC);
CREATE INDEX review_items_booking ON review_items (booking_id, venue_id) WHERE booking_id IS NOT NULL;
CREATE INDEX review_items_session ON review_items (session_id, venue_id) WHERE session_id IS NOT NULL;
CREATE INDEX review_items_event ON review_items (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX review_items_resolved_by ON review_items (resolved_by) WHERE resolved_by IS NOT NULL;
