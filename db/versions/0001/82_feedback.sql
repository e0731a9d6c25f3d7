-- What parents said, what was said to them.

CREATE TABLE booking_feedback (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    booking_id uuid NOT NULL UNIQUE,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    is_positive boolean NOT NULL,
    positive_tags jsonb NOT NULL DEFAULT '[]',
    negative_tags jsonb NOT NULL DEFAULT '[]',
    comment text,
    submitted_at timestamptz NOT NULL DEFAULT app.now(),
    vector_processed boolean NOT NULL DEFAULT false,
    vector_processed_at timestamptz,
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE CASCADE
);
ALTER TABLE booking_feedback ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE booking_feedback IS 'One thumb up or down per booking.';
CREATE INDEX idx_feedback_unprocessed ON booking_feedback (submitted_at) WHERE NOT vector_processed;
CREATE INDEX idx_feedback_booking ON booking_feedback (booking_id, venue_id);
CREATE INDEX idx_feedback_venue ON booking_feedback (venue_id, submitted_at);

CREATE TABLE reviews (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    booking_id uuid NOT NULL UNIQUE,
    activity_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
    would_book_again boolean,
    would_recommend_venue boolean,
    review_text text,
    is_visible boolean NOT NULL DEFAULT true,
    hidden_reason text,
    hidden_by uuid REFERENCES users ON DELETE RESTRICT,
    hidden_at timestamptz,
    venue_response text,
    venue_responded_at timestamptz,
    venue_responded_by uuid REFERENCES users ON DELETE RESTRICT,
    is_flagged boolean NOT NULL DEFAULT false,
    flagged_reason text,
    submitted_at timestamptz NOT NULL DEFAULT app.now(),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT reviews_hidden_whole CHECK (is_visible = (hidden_at IS NULL)),
    CONSTRAINT reviews_response_whole CHECK ((venue_response IS NULL) = (venue_responded_at IS NULL)),
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE CASCADE,
    FOREIGN KEY (activity_id, venue_id) REFERENCES activities (id, venue_id) ON DELETE CASCADE
);
ALTER TABLE reviews ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE reviews IS 'One rated review per booking, with the venue''s reply and the platform''s moderation.';
CREATE INDEX idx_reviews_activity_id ON reviews (activity_id, venue_id);
CREATE INDEX idx_reviews_booking ON reviews (booking_id, venue_id);
CREATE INDEX idx_reviews_venue_id ON reviews (venue_id, submitted_at DESC);
CREATE INDEX idx_reviews_user_id ON reviews (user_id);
CREATE INDEX idx_reviews_rating ON reviews (rating);
CREATE INDEX idx_reviews_visible ON reviews (activity_id, submitted_at DESC) WHERE is_visible;
CREATE INDEX idx_reviews_hidden_by ON reviews (hidden_by) WHERE hidden_by IS NOT NULL;
CREATE INDEX idx_reviews_responded_by ON reviews (venue_responded_by) WHERE venue_responded_by IS NOT NULL;

CREATE TABLE notifications (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    notification_type varchar(50) NOT NULL,
    priority notification_priority NOT NULL DEFAULT 'normal',
    title varchar(255) NOT NULL,
    body text NOT NULL,
    data_payload jsonb NOT NULL DEFAULT '{}',
    channel notification_channel NOT NULL,
    action_url varchar(500),
    related_entity_type varchar(50),
    related_entity_id uuid,
    is_sent boolean NOT NULL DEFAULT false,
    sent_at timestamptz,
    send_error text,
    external_delivery_id varchar(255),
    is_read boolean NOT NULL DEFAULT false,
    read_at timestamptz,
    scheduled_for timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE notifications IS 'Messages to people, by channel, and what became of them.';
CREATE INDEX idx_notifications_user_id ON notifications (user_id);
CREATE INDEX idx_notifications_unread ON notifications (user_id, created_at DESC) WHERE NOT is_read;
CREATE INDEX idx_notifications_type ON notifications (notification_type);
CREATE INDEX idx_notifications_scheduled ON notifications (scheduled_for) WHERE NOT is_sent AND scheduled_for IS NOT NULL;
CREATE INDEX idx_notifications_pending ON notifications (created_at) WHERE NOT is_sent;

CREATE TABLE notification_templates (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    template_key varchar(100) NOT NULL,
    channel notification_channel NOT NULL,
    language_code varchar(10) NOT NULL DEFAULT 'en',
    name varchar(255) NOT NULL,
    email_subject varchar(255),
    email_body_html text,
    email_body_text text,
    short_body text,
    in_app_title varchar(255),
    in_app_body text,
    available_variables jsonb NOT NULL DEFAULT '[]',
    category varchar(50),
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_template_key_channel_lang UNIQUE (template_key, channel, language_code)
);
ALTER TABLE notification_templates ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE notification_templates IS 'The words of each message, by channel and language.';
CREATE INDEX idx_notification_templates_channel ON notification_templates (channel);
CREATE INDEX idx_notification_templates_active ON notification_templates (is_active) WHERE is_active;
