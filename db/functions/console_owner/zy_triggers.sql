-- Which triggers every table has, worked out from its columns, so that a new table cannot be forgotten.
-- Row triggers fire in name order: a_ what belongs to one table, b_ what it says of itself, g_ guards; after the
-- statement: y_ announcements, z_ audit (the next file).

DO $triggers$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT c.oid::regclass AS name, c.relname,
            bool_or(a.attname = 'updated_at') AS has_updated_at,
            bool_or(a.attname = 'changed_xid') AND c.relname <> 'tombstones' AS is_watched,
            bool_or(a.attname = 'venue_id') AND bool_or(a.attname = 'id') AS is_of_a_venue
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname IN ('public', 'app', 'auth') AND c.relkind = 'r'
        GROUP BY c.oid, c.relname ORDER BY c.relname
    LOOP
        IF t.is_watched THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER b_first_version BEFORE INSERT ON %s '
                           'FOR EACH ROW EXECUTE FUNCTION app.first_version()', t.name);
            EXECUTE format('CREATE OR REPLACE TRIGGER b_touch BEFORE UPDATE ON %s '
                           'FOR EACH ROW EXECUTE FUNCTION app.touch_version()', t.name);
        ELSIF t.has_updated_at THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER b_touch BEFORE UPDATE ON %s '
                           'FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column()', t.name);
        END IF;
        IF t.is_watched AND t.is_of_a_venue AND t.relname <> 'users' THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER y_announce_insert AFTER INSERT ON %s '
                           'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.announce_new()', t.name);
            EXECUTE format('CREATE OR REPLACE TRIGGER y_announce_update AFTER UPDATE ON %s '
                           'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.announce_new()', t.name);
            EXECUTE format('CREATE OR REPLACE TRIGGER y_announce_delete AFTER DELETE ON %s '
                           'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.announce_deleted()',
                           t.name);
        END IF;
    END LOOP;

    FOR t IN SELECT unnest(ARRAY['public.audit_logs', 'public.credit_ledger', 'public.attendance_events',
                                 'public.documents', 'public.credit_notes', 'public.venue_performance_scores',
                                 'app.tombstones']::regclass[]) AS name
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER g_append_only BEFORE UPDATE OR DELETE ON %s '
                       'FOR EACH ROW EXECUTE FUNCTION app.append_only()', t.name);
        EXECUTE format('CREATE OR REPLACE TRIGGER g_append_only_whole BEFORE TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION app.append_only()', t.name);
    END LOOP;

    FOR t IN SELECT unnest(ARRAY['public.users', 'auth.devices']::regclass[]) AS name
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER g_kept BEFORE DELETE OR UPDATE OF id ON %s '
                       'FOR EACH ROW EXECUTE FUNCTION app.kept()', t.name);
        EXECUTE format('CREATE OR REPLACE TRIGGER g_kept_whole BEFORE TRUNCATE ON %s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION app.kept()', t.name);
    END LOOP;
END
$triggers$;

CREATE OR REPLACE TRIGGER g_fixed BEFORE UPDATE OR DELETE ON public.invoices
    FOR EACH ROW EXECUTE FUNCTION app.invoices_guard();

CREATE OR REPLACE TRIGGER a_channel AFTER INSERT ON public.venues REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.open_channel();
CREATE OR REPLACE TRIGGER y_announce_update AFTER UPDATE ON public.venues REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_venue();
CREATE OR REPLACE TRIGGER y_announce_update AFTER UPDATE ON public.children REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_children();

DO $child_facts$
DECLARE
    fact text;
BEGIN
    FOREACH fact IN ARRAY ARRAY['child_health_notes', 'pickup_people', 'parental_consent_records'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER a_child_insert AFTER INSERT ON public.%I '
                       'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.child_facts_changed()', fact);
        EXECUTE format('CREATE OR REPLACE TRIGGER a_child_update AFTER UPDATE ON public.%I '
                       'REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.child_facts_changed()', fact);
        EXECUTE format('CREATE OR REPLACE TRIGGER a_child_delete AFTER DELETE ON public.%I '
                       'REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION app.child_facts_changed()', fact);
    END LOOP;
END
$child_facts$;
