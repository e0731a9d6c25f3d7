-- What a desk reads of bookings and of what became of them: numbers, times and states, never a person. A child, a health note,
-- a parent's telephone number or a pickup person has no grant at all and comes out of desk.* functions only, because a
-- leakproof comparison or an EXPLAIN would otherwise tell of rows that the policy hides (docs/design.md, "Authorisation", rule 2).

-- Not the notes (they hold health facts), not the code (whoever has it could check the child in), not the source of a suggestion.
CREATE POLICY desk_reads ON bookings FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT (id, session_id, venue_id, child_id, status, credits_charged, group_booking_id, confirmed_at,
              cancelled_at, cancellation_reason, refund_eligible, refund_processed, refund_processed_at, credits_refunded,
              attendance_marked, attendance_marked_at, attendance_marked_by, attendance_state, attendance_at,
              attendance_event_id, checked_in_at, checked_out_at, booking_source, original_booking_id, created_at,
              updated_at, version, changed_xid) ON bookings TO console_client;

CREATE POLICY desk_reads ON waitlist FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT (id, session_id, venue_id, child_id, position, joined_at, spot_offered_at, spot_expires_at, response,
              responded_at, converted_booking_id, is_active, removed_at, created_at, updated_at, version, changed_xid)
    ON waitlist TO console_client;

-- Not pickup_name, not detail (names), not the code.
CREATE POLICY desk_reads ON attendance_events FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('roster.read'))::uuid[]));
GRANT SELECT (id, venue_id, device_id, seq, booking_id, session_id, kind, annuls_id, occurred_at, recorded_at, person_id,
              origin, outcome, reason, would_have_refused) ON attendance_events TO console_client;

CREATE POLICY desk_reads ON review_items FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('review_items.resolve'))::uuid[]));
GRANT SELECT (id, venue_id, kind, booking_id, session_id, event_id, opened_at, resolved_at, resolved_by, updated_at,
              version, changed_xid) ON review_items TO console_client;

CREATE POLICY desk_reads ON booking_feedback FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('reviews.read'))::uuid[]));
GRANT SELECT (id, booking_id, venue_id, is_positive, positive_tags, negative_tags, comment, submitted_at)
    ON booking_feedback TO console_client;
CREATE POLICY desk_reads ON reviews FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('reviews.read'))::uuid[]));
GRANT SELECT (id, booking_id, activity_id, venue_id, rating, would_book_again, would_recommend_venue, review_text,
              is_visible, hidden_reason, hidden_at, venue_response, venue_responded_at, venue_responded_by, is_flagged,
              flagged_reason, submitted_at, created_at, updated_at, version, changed_xid) ON reviews TO console_client;
