-- Suggestions, searches and conversations, and what of it lies in the vector index.

CREATE TABLE ai_suggestions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    suggestion_month date NOT NULL CHECK (extract(day FROM suggestion_month) = 1),
    child_ids jsonb NOT NULL CHECK (jsonb_typeof(child_ids) = 'array'),
    session_id uuid NOT NULL REFERENCES activity_sessions ON DELETE CASCADE,
    activity_id uuid NOT NULL REFERENCES activities ON DELETE CASCADE,
    rank integer CHECK (rank BETWEEN 1 AND 10),
    is_group_suggestion boolean NOT NULL DEFAULT false,
    explanation text,
    match_score numeric(4, 3) CHECK (match_score BETWEEN 0 AND 1),
    individual_fit_scores jsonb,
    pinecone_query_id varchar(255),
    parent_response varchar(20) CHECK (parent_response IN ('accepted', 'rejected', 'ignored')),
    responded_at timestamptz,
    converted_booking_id uuid REFERENCES bookings ON DELETE RESTRICT,
    rejection_reason text,
    langsmith_trace_id varchar(255),
    generated_at timestamptz NOT NULL DEFAULT app.now(),
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE ai_suggestions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE ai_suggestions IS 'What was suggested to a parent for a month, and what they made of it.';
CREATE INDEX idx_suggestions_month ON ai_suggestions (suggestion_month);
CREATE INDEX idx_suggestions_user_id ON ai_suggestions (user_id);
CREATE INDEX idx_suggestions_current ON ai_suggestions (user_id, suggestion_month, rank) WHERE parent_response IS NULL;
CREATE INDEX idx_suggestions_activity_id ON ai_suggestions (activity_id);
CREATE INDEX idx_suggestions_session_id ON ai_suggestions (session_id);
CREATE INDEX idx_suggestions_child_ids ON ai_suggestions USING gin (child_ids);
CREATE INDEX idx_suggestions_converted ON ai_suggestions (converted_booking_id) WHERE converted_booking_id IS NOT NULL;

ALTER TABLE bookings ADD CONSTRAINT fk_bookings_ai_suggestion
    FOREIGN KEY (ai_suggestion_id) REFERENCES ai_suggestions ON DELETE SET NULL;

CREATE TABLE nl_search_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    query_text text NOT NULL,
    parsed_intent jsonb NOT NULL,
    parse_confidence numeric(4, 3) CHECK (parse_confidence BETWEEN 0 AND 1),
    clarification_requested boolean NOT NULL DEFAULT false,
    clarification_question text,
    clarification_response text,
    pinecone_query_id varchar(255),
    pinecone_filters jsonb,
    pinecone_top_k integer DEFAULT 10 CHECK (pinecone_top_k > 0),
    result_activity_ids jsonb,
    result_scores jsonb,
    result_count integer CHECK (result_count >= 0),
    had_interaction boolean NOT NULL DEFAULT false,
    clicked_activity_id uuid REFERENCES activities ON DELETE SET NULL,
    resulted_in_booking boolean NOT NULL DEFAULT false,
    feedback_helpful boolean,
    feedback_comment text,
    fallback_to_filters boolean NOT NULL DEFAULT false,
    langsmith_trace_id varchar(255),
    llm_parse_duration_ms integer CHECK (llm_parse_duration_ms >= 0),
    pinecone_query_duration_ms integer CHECK (pinecone_query_duration_ms >= 0),
    postgres_enrich_duration_ms integer CHECK (postgres_enrich_duration_ms >= 0),
    total_duration_ms integer CHECK (total_duration_ms >= 0),
    had_error boolean NOT NULL DEFAULT false,
    error_type varchar(50),
    error_message text,
    created_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE nl_search_logs ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE nl_search_logs IS 'What parents asked in their own words, how it was understood, and what came of it.';
CREATE INDEX idx_nl_search_user_id ON nl_search_logs (user_id);
CREATE INDEX idx_nl_search_created_at ON nl_search_logs (created_at);
CREATE INDEX idx_nl_search_intent ON nl_search_logs USING gin (parsed_intent);
CREATE INDEX idx_nl_search_conversion ON nl_search_logs (created_at) WHERE resulted_in_booking;
CREATE INDEX idx_nl_search_errors ON nl_search_logs (error_type) WHERE had_error;
CREATE INDEX idx_nl_search_fallback ON nl_search_logs (created_at) WHERE fallback_to_filters;
CREATE INDEX idx_nl_search_query ON nl_search_logs USING gin (to_tsvector('english', query_text));
CREATE INDEX idx_nl_search_clicked ON nl_search_logs (clicked_activity_id) WHERE clicked_activity_id IS NOT NULL;

CREATE TABLE pinecone_sync_status (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    entity_type varchar(50) NOT NULL CHECK (entity_type IN ('activity', 'child', 'venue')),
    entity_id uuid NOT NULL,
    pinecone_namespace varchar(100) NOT NULL,
    pinecone_vector_id varchar(255) NOT NULL,
    sync_status varchar(20) NOT NULL DEFAULT 'pending' CHECK (sync_status IN ('pending', 'synced', 'failed', 'deleted')),
    last_synced_at timestamptz,
    last_attempt_at timestamptz,
    failure_count integer NOT NULL DEFAULT 0 CHECK (failure_count >= 0),
    last_error_message text,
    content_hash varchar(64),
    embedding_model_version varchar(50),
    vector_dimensions integer CHECK (vector_dimensions > 0),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_sync_entity UNIQUE (entity_type, entity_id)
);
ALTER TABLE pinecone_sync_status ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE pinecone_sync_status IS 'Which records lie in the vector index, and how fresh they are there.';
CREATE INDEX idx_pinecone_sync_pending ON pinecone_sync_status (sync_status, entity_type)
    WHERE sync_status IN ('pending', 'failed');
CREATE INDEX idx_pinecone_sync_failed ON pinecone_sync_status (failure_count) WHERE sync_status = 'failed';
CREATE INDEX idx_pinecone_sync_namespace ON pinecone_sync_status (pinecone_namespace);

CREATE TABLE chat_conversations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    title varchar(255),
    conversation_type varchar(50) NOT NULL DEFAULT 'activity_search'
        CHECK (conversation_type IN ('activity_search', 'support', 'booking_help')),
    child_id uuid REFERENCES children ON DELETE SET NULL,
    is_active boolean NOT NULL DEFAULT true,
    started_at timestamptz NOT NULL DEFAULT app.now(),
    last_message_at timestamptz,
    ended_at timestamptz,
    summary text,
    resulted_in_booking boolean NOT NULL DEFAULT false,
    booking_id uuid REFERENCES bookings ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE chat_conversations ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE chat_conversations IS 'Conversations of parents with the search.';
CREATE INDEX idx_chat_conversations_user_id ON chat_conversations (user_id);
CREATE INDEX idx_chat_conversations_active ON chat_conversations (user_id, last_message_at DESC) WHERE is_active;
CREATE INDEX idx_chat_conversations_child ON chat_conversations (child_id) WHERE child_id IS NOT NULL;
CREATE INDEX idx_chat_conversations_booking ON chat_conversations (booking_id) WHERE booking_id IS NOT NULL;

CREATE TABLE chat_messages (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    conversation_id uuid NOT NULL REFERENCES chat_conversations ON DELETE CASCADE,
    role varchar(20) NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
    content text NOT NULL,
    parsed_intent jsonb,
    result_activity_ids jsonb,
    suggested_actions jsonb,
    user_clicked_activity_id uuid REFERENCES activities ON DELETE SET NULL,
    user_selected_action varchar(100),
    langsmith_trace_id varchar(255),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    sequence_number integer NOT NULL CHECK (sequence_number >= 0),
    CONSTRAINT chat_messages_sequence_key UNIQUE (conversation_id, sequence_number)
);
ALTER TABLE chat_messages ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE chat_messages IS 'What was said in a conversation, in order.';
CREATE INDEX idx_chat_messages_role ON chat_messages (conversation_id, role);
CREATE INDEX idx_chat_messages_clicked ON chat_messages (user_clicked_activity_id)
    WHERE user_clicked_activity_id IS NOT NULL;
