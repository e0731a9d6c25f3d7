-- Since version 0006.
-- Vetting, what is said against scores, moderation and the venue file: written and read through functions alone, because names
-- of people, policy numbers and headquarters' own notes stand beside what a list shows.

DO $functions$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY[
        'venue_keys', 'venue_applications', 'venue_cases', 'requirement_filings', 'background_checks', 'filing_documents',
        'document_reads', 'venue_events', 'decision_templates', 'score_formulas', 'score_disputes', 'review_decisions',
        'review_reply_drafts', 'venue_file_notes', 'venue_incidents', 'announcements', 'announcement_venues',
        'announcement_reads'] LOOP
        EXECUTE format('CREATE POLICY venue_functions ON public.%I FOR ALL TO console_api USING (true) WITH CHECK (true)', one);
        EXECUTE format('GRANT SELECT, INSERT ON public.%I TO console_api', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY[
        'venue_keys', 'venue_applications', 'venue_cases', 'requirement_filings', 'background_checks', 'decision_templates',
        'score_disputes', 'review_reply_drafts', 'venue_incidents', 'announcements'] LOOP
        EXECUTE format('GRANT UPDATE ON public.%I TO console_api', one);
    END LOOP;
END
$functions$;
GRANT DELETE ON review_reply_drafts, venue_keys TO console_api;

-- Papers of a venue, kept once and read through functions.
CREATE POLICY vetting_functions_add ON documents FOR INSERT TO console_api WITH CHECK (kind = 'compliance');

-- A venue's standing, its facts and its scores are written when a case is decided or a week is worked out.
CREATE POLICY vetting_functions_add ON venues FOR INSERT TO console_api WITH CHECK (status = 'pending_approval');
GRANT INSERT, UPDATE ON venues TO console_api;
CREATE POLICY vetting_functions ON venue_requirements FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON venue_requirements TO console_api;
CREATE POLICY score_functions ON venue_performance_scores FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON venue_performance_scores TO console_api;
CREATE POLICY feedback_functions ON reviews FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON reviews TO console_api;
CREATE POLICY feedback_functions ON booking_feedback FOR SELECT TO console_api USING (true);
GRANT SELECT ON booking_feedback TO console_api;
-- Whoever reads a venue may know since when and why it takes no new bookings.
GRANT SELECT (suspended_at, suspension_reason) ON venues TO console_client;
