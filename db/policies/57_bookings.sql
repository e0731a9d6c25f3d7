-- What a booking's own page reads beside what the desk's functions see already: the trail of that booking, named columns only.

CREATE POLICY booking_page_reads ON audit_logs FOR SELECT TO console_api USING (entity_type = 'bookings');
GRANT SELECT (id, venue_id, action_type, old_values, new_values) ON audit_logs TO console_api;
