-- What a desk reads, and edits plainly, of venues and their programme. Each policy compares one indexed column with a list
-- that is looked up once per statement; the sub-select around the helper is what makes it once (docs/design.md, "Authorisation", rule 5).
-- Columns are granted one by one: what is not named here reaches no desk through a table.

CREATE POLICY desk_reads ON venues FOR SELECT TO console_client
    USING (id = ANY ((SELECT auth.venue_ids('venue.read'))::uuid[]));
CREATE POLICY desk_edits ON venues FOR UPDATE TO console_client
    USING (id = ANY ((SELECT auth.venue_ids('venue.edit'))::uuid[]))
    WITH CHECK (id = ANY ((SELECT auth.venue_ids('venue.edit'))::uuid[]));
-- Not the bank, the payout account or the policy number: those come out of functions that ask for the right permission.
GRANT SELECT (id, name, slug, short_description, full_description, primary_category, status, address_line1, address_line2,
              city, state, postal_code, country, latitude, longitude, timezone, contact_email, contact_phone, website_url,
              business_hours, logo_url, gallery_images, insurance_provider, insurance_coverage_amount,
              insurance_expiry_date, background_check_completed, background_check_date, safety_audit_completed,
              safety_audit_date, safety_audit_score, accessibility_features, platform_fee_percentage,
              block_booking_advance_days, inventory_release_hours, current_performance_score, is_curation_eligible,
              last_verification_date, next_verification_due, rejection_reason, rejection_date, created_at, updated_at,
              approved_at, version, changed_xid) ON venues TO console_client;
GRANT UPDATE (short_description, full_description, contact_email, contact_phone, website_url, business_hours, logo_url,
              gallery_images, accessibility_features) ON venues TO console_client;

CREATE POLICY desk_reads ON rooms FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('venue.read'))::uuid[]));
CREATE POLICY desk_adds ON rooms FOR INSERT TO console_client
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('venue.edit'))::uuid[]));
CREATE POLICY desk_edits ON rooms FOR UPDATE TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('venue.edit'))::uuid[]))
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('venue.edit'))::uuid[]));
GRANT SELECT, INSERT (venue_id, name, capacity), UPDATE (name, capacity, is_active) ON rooms TO console_client;

CREATE POLICY desk_reads ON venue_closures FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT ON venue_closures TO console_client;
CREATE POLICY desk_reads ON venue_closure_rooms FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT ON venue_closure_rooms TO console_client;

CREATE POLICY desk_reads ON activities FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
CREATE POLICY desk_adds ON activities FOR INSERT TO console_client
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('activity.edit'))::uuid[]));
CREATE POLICY desk_edits ON activities FOR UPDATE TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('activity.edit'))::uuid[]))
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('activity.edit'))::uuid[]));
GRANT SELECT (id, venue_id, name, slug, category, short_description, full_description, learning_outcomes, what_to_bring,
              min_age_months, max_age_months, duration_minutes, credits_required, capacity_per_session, primary_image_url,
              gallery_images, activity_tags, accessibility_features, parent_attendance_required, skill_level,
              prerequisites, is_active, is_published, average_rating, total_reviews, total_bookings, created_at,
              updated_at, published_at, version, changed_xid) ON activities TO console_client;
GRANT INSERT (venue_id, name, slug, category, short_description, full_description, learning_outcomes, what_to_bring,
              min_age_months, max_age_months, duration_minutes, credits_required, capacity_per_session, primary_image_url,
              gallery_images, activity_tags, accessibility_features, parent_attendance_required, skill_level,
              prerequisites),
    UPDATE (name, slug, category, short_description, full_description, learning_outcomes, what_to_bring, min_age_months,
            max_age_months, duration_minutes, credits_required, capacity_per_session, primary_image_url, gallery_images,
            activity_tags, accessibility_features, parent_attendance_required, skill_level, prerequisites, is_active,
            is_published) ON activities TO console_client;

-- The calendar is read here and changed through functions: a change of it cancels bookings and moves money.
CREATE POLICY desk_reads ON activity_recurring_schedules FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT ON activity_recurring_schedules TO console_client;
CREATE POLICY desk_reads ON schedule_exceptions FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT ON schedule_exceptions TO console_client;
CREATE POLICY desk_reads ON activity_sessions FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT ON activity_sessions TO console_client;

CREATE POLICY desk_reads ON venue_performance_scores FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('score.read'))::uuid[]));
GRANT SELECT ON venue_performance_scores TO console_client;
CREATE POLICY desk_reads ON venue_requirements FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('venue.read'))::uuid[]));
GRANT SELECT ON venue_requirements TO console_client;

CREATE POLICY desk_reads ON app.tombstones FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
GRANT SELECT ON app.tombstones TO console_client;
