-- Since version 0003.
-- Taking a programme in from a file: what schedules.exchange may do beyond what changes of a programme may, and the columns
-- that a venue's people chose.

CREATE POLICY desk_reads ON import_mappings FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]));
CREATE POLICY desk_adds ON import_mappings FOR INSERT TO console_client
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]));
CREATE POLICY desk_edits ON import_mappings FOR UPDATE TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]))
    WITH CHECK (venue_id = ANY ((SELECT auth.venue_ids('schedule.edit'))::uuid[]));
GRANT SELECT (id, venue_id, shape, mapping), INSERT (venue_id, shape, mapping), UPDATE (mapping) ON import_mappings TO console_client;

-- Only refs of venues: those of the administrator's own imports have other sources.
CREATE POLICY exchange_reads ON import_refs FOR SELECT TO console_api USING (starts_with(source, 'venue:'));
CREATE POLICY exchange_adds ON import_refs FOR INSERT TO console_api WITH CHECK (starts_with(source, 'venue:'));
CREATE POLICY exchange_changes ON import_refs FOR UPDATE TO console_api
    USING (starts_with(source, 'venue:')) WITH CHECK (starts_with(source, 'venue:'));
GRANT SELECT, INSERT, UPDATE ON import_refs TO console_api;

CREATE POLICY exchange_adds ON rooms FOR INSERT TO console_api WITH CHECK (true);
GRANT INSERT (venue_id, name) ON rooms TO console_api;
CREATE POLICY exchange_adds ON activities FOR INSERT TO console_api WITH CHECK (NOT is_published);
GRANT INSERT (venue_id, name, slug, min_age_months, duration_minutes, capacity_per_session) ON activities TO console_api;
