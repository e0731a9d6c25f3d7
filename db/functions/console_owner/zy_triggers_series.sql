-- How far a weekly pattern has been generated is bookkeeping, as the audit trail has it: nobody decided anything. Were it a
-- new version, the nightly generation would tell everybody who has a series open that somebody else changed it.

DO $series$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER b_touch BEFORE UPDATE OF %s ON public.activity_recurring_schedules '
                   'FOR EACH ROW EXECUTE FUNCTION app.touch_version()', (
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = 'public.activity_recurring_schedules'::regclass AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname <> 'sessions_generated_until'));
END
$series$;
