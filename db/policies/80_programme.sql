-- Since version 0003.
-- Changing a venue's programme: what the functions of schedules.* may do, and what a desk reads of it beside the sessions.
-- closure_reasons and the columns of version 0003 are named here and nowhere else in policies/.

CREATE POLICY desk_reads ON closure_reasons FOR SELECT TO console_client
    USING (venue_id IS NULL OR venue_id = ANY ((SELECT auth.venue_ids('sessions.read'))::uuid[]));
CREATE POLICY desk_adds ON closure_reasons FOR INSERT TO console_client
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]));
CREATE POLICY desk_edits ON closure_reasons FOR UPDATE TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]))
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]));
GRANT SELECT, INSERT (venue_id, name, kind), UPDATE (name, kind, is_active) ON closure_reasons TO console_client;
CREATE POLICY schedule_functions_read ON closure_reasons FOR SELECT TO console_api USING (true);
GRANT SELECT ON closure_reasons TO console_api;

GRANT SELECT (skipped_at) ON waitlist TO console_client;

CREATE POLICY schedule_functions_read ON activity_recurring_schedules FOR SELECT TO console_api USING (true);
CREATE POLICY schedule_functions_add ON activity_recurring_schedules FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY schedule_functions_change ON activity_recurring_schedules FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON activity_recurring_schedules TO console_api;

CREATE POLICY schedule_functions_read ON schedule_exceptions FOR SELECT TO console_api USING (true);
CREATE POLICY schedule_functions_add ON schedule_exceptions FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY schedule_functions_change ON schedule_exceptions FOR UPDATE TO console_api USING (true) WITH CHECK (true);
CREATE POLICY schedule_functions_remove ON schedule_exceptions FOR DELETE TO console_api USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON schedule_exceptions TO console_api;

-- Sessions nobody ever booked are removed when their series no longer wants them; every other one is cancelled.
CREATE POLICY schedule_functions_add ON activity_sessions FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY schedule_functions_remove ON activity_sessions FOR DELETE TO console_api USING (true);
GRANT INSERT, DELETE ON activity_sessions TO console_api;
GRANT UPDATE (activity_id, room_id, recurring_schedule_id, occurs_on, starts_at, ends_at, total_capacity, platform_allocated_spots,
              is_cancelled, cancellation_reason, cancelled_at, cancelled_by, is_completed, completed_at, closed_at, closed_by,
              reopened_at, reopened_by, instructor_name, instructor_notes, session_notes, inventory_released,
              inventory_released_at, changed_by_hand, closure_id) ON activity_sessions TO console_api;

CREATE POLICY schedule_functions_read ON venue_closures FOR SELECT TO console_api USING (true);
CREATE POLICY schedule_functions_add ON venue_closures FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY schedule_functions_change ON venue_closures FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON venue_closures TO console_api;
CREATE POLICY schedule_functions_read ON venue_closure_rooms FOR SELECT TO console_api USING (true);
CREATE POLICY schedule_functions_add ON venue_closure_rooms FOR INSERT TO console_api WITH CHECK (true);
CREATE POLICY schedule_functions_remove ON venue_closure_rooms FOR DELETE TO console_api USING (true);
GRANT SELECT, INSERT, DELETE ON venue_closure_rooms TO console_api;

-- One change of a venue's programme at a time: the right to lock the venue's row, no column of meaning.
CREATE POLICY schedule_functions_lock ON venues FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT UPDATE (updated_at) ON venues TO console_api;

CREATE POLICY schedule_functions_read ON programme_changes FOR SELECT TO console_api USING (true);
CREATE POLICY schedule_functions_add ON programme_changes FOR INSERT TO console_api WITH CHECK (true);
GRANT SELECT, INSERT ON programme_changes TO console_api;
CREATE POLICY desk_reads ON programme_changes FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]));
GRANT SELECT (id, venue_id, kind, person_id, made_at) ON programme_changes TO console_client;

-- Combining sessions moves bookings; what was agreed with the family goes with each.
GRANT UPDATE (move_consent) ON bookings TO console_api;
GRANT SELECT (move_consent) ON bookings TO console_client;
