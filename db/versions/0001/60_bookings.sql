-- Places taken, and the queue for full sessions.

CREATE TABLE bookings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    child_id uuid NOT NULL REFERENCES children ON DELETE RESTRICT,
    booked_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    status booking_status NOT NULL DEFAULT 'pending',
    credits_charged integer NOT NULL CHECK (credits_charged > 0),
    group_booking_id uuid,
    confirmation_code varchar(20) NOT NULL UNIQUE,
    confirmed_at timestamptz,
    cancelled_at timestamptz,
    cancellation_reason cancellation_reason_type,
    cancellation_notes text,
    refund_eligible boolean,
    refund_processed boolean NOT NULL DEFAULT false,
    refund_processed_at timestamptz,
    credits_refunded integer NOT NULL DEFAULT 0,
    attendance_marked boolean NOT NULL DEFAULT false,
    attendance_marked_at timestamptz,
    attendance_marked_by uuid,
    -- What the events add up to. These columns and the one above are in no index, and the event and the person are no foreign
    -- keys (neither is ever removed, and one function writes this), so that a check-in stays a cheap, heap-only update.
    attendance_state attendance_state NOT NULL DEFAULT 'expected',
    attendance_at timestamptz,
    attendance_event_id uuid,
    checked_in_at timestamptz,
    checked_out_at timestamptz,
    parent_notes text,
    venue_notes text,
    from_ai_suggestion boolean NOT NULL DEFAULT false,
    ai_suggestion_id uuid,
    booking_source varchar(50) NOT NULL DEFAULT 'browse'
        CHECK (booking_source IN ('browse', 'suggestion', 'search', 'waitlist', 'rebook', 'desk', 'import')),
    original_booking_id uuid REFERENCES bookings ON DELETE SET NULL,
    calendar_event_sent boolean NOT NULL DEFAULT false,
    reminder_24h_sent boolean NOT NULL DEFAULT false,
    reminder_1h_sent boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT bookings_id_venue_key UNIQUE (id, venue_id),
    CONSTRAINT bookings_refund_within_charge CHECK (credits_refunded BETWEEN 0 AND credits_charged),
    CONSTRAINT bookings_cancelled_whole CHECK (
        (status IN ('cancelled_parent', 'cancelled_venue')) = (cancelled_at IS NOT NULL)),
    FOREIGN KEY (session_id, venue_id) REFERENCES activity_sessions (id, venue_id) ON DELETE RESTRICT
) WITH (fillfactor = 50);  -- a batch of check-ins rewrites whole pages: with room in them it touches no index
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE bookings IS 'A child''s place in a session, from booking to what came of it.';
-- A child holds a place in a session once; after a cancellation it may be booked again.
CREATE UNIQUE INDEX bookings_child_once ON bookings (session_id, child_id)
    WHERE status IN ('pending', 'confirmed', 'completed', 'no_show');
CREATE INDEX idx_bookings_session_id ON bookings (session_id, venue_id);
CREATE INDEX idx_bookings_venue_id ON bookings (venue_id, created_at DESC, id DESC);
CREATE INDEX idx_bookings_child_id ON bookings (child_id);
CREATE INDEX idx_bookings_booked_by ON bookings (booked_by);
CREATE INDEX idx_bookings_status ON bookings (status);
CREATE INDEX idx_bookings_group ON bookings (group_booking_id) WHERE group_booking_id IS NOT NULL;
CREATE INDEX idx_bookings_upcoming ON bookings (booked_by, status, created_at DESC)
    WHERE status IN ('pending', 'confirmed');
CREATE INDEX idx_bookings_ai_suggestion ON bookings (ai_suggestion_id) WHERE ai_suggestion_id IS NOT NULL;
CREATE INDEX idx_bookings_reminder_24h ON bookings (id) WHERE status = 'confirmed' AND NOT reminder_24h_sent;
CREATE INDEX idx_bookings_original ON bookings (original_booking_id) WHERE original_booking_id IS NOT NULL;

ALTER TABLE credit_ledger ADD CONSTRAINT fk_credit_ledger_booking
    FOREIGN KEY (booking_id) REFERENCES bookings ON DELETE RESTRICT;

CREATE TABLE waitlist (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    child_id uuid NOT NULL REFERENCES children ON DELETE RESTRICT,
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    position integer NOT NULL CHECK (position > 0),
    joined_at timestamptz NOT NULL DEFAULT app.now(),
    spot_offered_at timestamptz,
    spot_expires_at timestamptz,
    response varchar(20) CHECK (response IN ('accepted', 'declined', 'expired')),
    responded_at timestamptz,
    converted_booking_id uuid REFERENCES bookings ON DELETE RESTRICT,
    is_active boolean NOT NULL DEFAULT true,
    removed_at timestamptz,
    removed_reason varchar(50) CHECK (removed_reason IN (
        'user_removed', 'spot_accepted', 'spot_declined', 'spot_expired', 'session_cancelled')),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT waitlist_offer_whole CHECK ((spot_offered_at IS NULL) = (spot_expires_at IS NULL)),
    CONSTRAINT waitlist_place_given CHECK (converted_booking_id IS NULL OR response = 'accepted'),
    CONSTRAINT waitlist_removed_whole CHECK (is_active = (removed_at IS NULL)),
    FOREIGN KEY (session_id, venue_id) REFERENCES activity_sessions (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE waitlist ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE waitlist IS 'First come, first served queue for a full session; an entry that ended stays as history.';
CREATE UNIQUE INDEX unique_waitlist_entry ON waitlist (session_id, child_id) WHERE is_active;
CREATE UNIQUE INDEX waitlist_position_key ON waitlist (session_id, position);
CREATE INDEX idx_waitlist_session_id ON waitlist (session_id, venue_id);
CREATE INDEX idx_waitlist_venue_id ON waitlist (venue_id);
CREATE INDEX idx_waitlist_user_id ON waitlist (user_id);
CREATE INDEX idx_waitlist_child_id ON waitlist (child_id);
CREATE INDEX idx_waitlist_active ON waitlist (session_id, position) WHERE is_active;
CREATE INDEX idx_waitlist_pending_offers ON waitlist (spot_expires_at)
    WHERE is_active AND spot_offered_at IS NOT NULL AND response IS NULL;
CREATE INDEX idx_waitlist_converted ON waitlist (converted_booking_id) WHERE converted_booking_id IS NOT NULL;
