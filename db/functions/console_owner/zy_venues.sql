-- Since version 0006.
-- What was decided about a venue stays as it was written.

DO $triggers$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['venue_events', 'score_formulas', 'review_decisions', 'venue_file_notes', 'filing_documents',
                               'document_reads'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER g_append_only BEFORE UPDATE OR DELETE ON public.%I '
                       'FOR EACH ROW EXECUTE FUNCTION app.append_only()', one);
        EXECUTE format('CREATE OR REPLACE TRIGGER g_append_only_whole BEFORE TRUNCATE ON public.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION app.append_only()', one);
    END LOOP;
END
$triggers$;
