-- The audit trail: one function per table, written by this file from the table's columns.
--
-- A generic function would have to turn every row into JSON and compare key by key, which costs more than the change
-- itself; a function that knows its columns compares them as they are and turns only what changed into JSON. It works
-- once per statement over the transition tables, so that 500 rows cost one INSERT.

-- What the trail leaves out. "hidden" columns are named when they change but never shown: secrets, health, and
-- whatever tells who a child or a parent is, because the trail outlives an anonymised person. "ignored" columns are
-- derived from others or change without anybody having decided anything.
CREATE OR REPLACE FUNCTION app.audit_rules(OUT table_name text, OUT category text, OUT hidden text[], OUT ignored text[])
RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $$
    VALUES
    ('users', 'profile', '{password_hash,mfa_secret,password_reset_token,remember_token,sso_subject_id,email,first_name,last_name,phone,avatar_url}'::text[], '{last_login_at,last_login_ip,password_reset_expires_at,remember_token_expires_at}'::text[]),
    ('user_locations', 'profile', '{label,address_line1,address_line2,postal_code,latitude,longitude}', '{}'),
    ('staff_grants', 'admin', '{}', '{}'),
    ('corporates', 'admin', '{}', '{}'),
    ('corporate_subscriptions', 'admin', '{}', '{}'),
    ('employee_invitations', 'admin', '{email,first_name,last_name,invitation_token}', '{}'),
    ('venues', 'venue', '{payout_account_last_four,stripe_connect_account_id,tax_number,insurance_policy_number}', '{}'),
    ('rooms', 'venue', '{}', '{}'),
    ('venue_closures', 'venue', '{}', '{}'),
    ('venue_closure_rooms', 'venue', '{}', '{}'),
    ('closure_reasons', 'venue', '{}', '{}'),
    ('venue_integrations', 'venue', '{api_config,credentials_secret_id,webhook_url,webhook_secret}', '{last_sync_at,last_sync_status,last_sync_error,last_inventory_check_at,health_check_at}'),
    ('venue_requirements', 'venue', '{}', '{}'),
    ('venue_performance_scores', 'venue', '{}', '{}'),
    ('activities', 'venue', '{}', '{average_rating,total_reviews,stars_sum,total_bookings,pinecone_vector_id,pinecone_synced_at,pinecone_sync_required,embedding_model_version}'),
    ('activity_recurring_schedules', 'venue', '{}', '{sessions_generated_until}'),
    ('schedule_exceptions', 'venue', '{}', '{}'),
    ('activity_sessions', 'venue', '{}', '{booked_count,session_date,start_time,end_time,timezone,time_of_day}'),
    ('children', 'child', '{first_name,date_of_birth,gender,avatar_url,allergies_medical_notes,accessibility_needs,parental_consent_ip}', '{activities_this_month,feedback_incorporated_count,pinecone_vector_id,pinecone_synced_at,pinecone_sync_required,embedding_model_version}'),
    ('child_health_notes', 'child', '{label,title,instructions,confirmed_by_name}', '{}'),
    ('pickup_people', 'child', '{name,relationship,phone,note,confirmed_by_name}', '{}'),
    ('child_favorites', 'child', '{}', '{}'),
    ('parental_consent_records', 'child', '{ip_address,user_agent,withdrawal_reason,signed_by}', '{consent_text}'),
    ('bookings', 'booking', '{parent_notes,venue_notes,cancellation_notes,confirmation_code}', '{calendar_event_sent,reminder_24h_sent,reminder_1h_sent,attendance_marked,attendance_marked_at,attendance_marked_by,attendance_at,checked_in_at,checked_out_at}'),
    ('booking_notes', 'child', '{body,action_taken}', '{}'),
    ('pickup_tags', 'child', '{tag}', '{}'),
    ('waitlist', 'booking', '{skip_reason,removal_note}', '{}'),
    ('booking_feedback', 'booking', '{}', '{vector_processed,vector_processed_at}'),
    ('reviews', 'booking', '{}', '{}'),
    ('review_items', 'booking', '{summary,note}', '{}'),
    ('earning_changes', 'money', '{}', '{}'),
    ('credit_ledger', 'credits', '{}', '{}'),
    ('owed_credits', 'credits', '{}', '{}'),
    ('desk_requests', 'child', '{}', '{}'),
    ('venue_payouts', 'money', '{}', '{}'),
    ('payout_runs', 'money', '{}', '{}'),
    ('payout_holds', 'money', '{}', '{}'),
    ('payout_attempts', 'money', '{idempotency_key,provider_id}', '{next_at,times_asked}'),
    ('book_closings', 'money', '{}', '{}'),
    ('invoice_payments', 'money', '{}', '{}'),
    ('integrity_issues', 'money', '{}', '{last_seen_at}'),
    ('venue_applications', 'venue', '{tax_number,contact_name,contact_email,contact_phone}', '{}'),
    ('venue_cases', 'venue', '{}', '{}'),
    ('requirement_filings', 'venue', '{facts}', '{}'),
    ('background_checks', 'venue', '{first_name}', '{}'),
    ('decision_templates', 'admin', '{}', '{}'),
    ('score_disputes', 'venue', '{}', '{}'),
    ('venue_incidents', 'venue', '{}', '{}'),
    ('announcements', 'admin', '{}', '{}'),
    ('invoice_series', 'money', '{}', '{}'),
    ('invoices', 'money', '{}', '{send_lease,send_leased_at,send_handed_at,send_next_at,send_attempts}'),
    ('credit_notes', 'money', '{}', '{}'),
    ('documents', 'money', '{}', '{content}'),
    ('platform_settings', 'admin', '{}', '{}'),
    ('feature_flags', 'admin', '{}', '{}'),
    ('notification_templates', 'admin', '{}', '{}'),
    ('api_keys', 'admin', '{key_hash}', '{last_used_at,last_used_ip,total_requests}'),
    ('data_export_requests', 'profile', '{file_url,request_ip,request_user_agent}', '{download_count,last_downloaded_at}'),
    ('devices', 'auth', '{}', '{}'),
    ('person_sessions', 'auth', '{token_hash}', '{totp_step,recovery_code_id,ticket_id}')
$$;
COMMENT ON FUNCTION app.audit_rules() IS 'Which tables are audited, under which heading, and which columns are hidden or left out.';

DO $audit$
DECLARE
    t record;
    changed_old text;
    changed_new text;
    all_old text;
    all_new text;
    keys text[];
BEGIN
    FOR t IN
        SELECT c.oid, c.oid::regclass AS name, r.*,
            EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attname = 'venue_id' AND NOT a.attisdropped) AS has_venue,
            EXISTS (SELECT 1 FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid AND a.attname = 'changed_xid' AND NOT a.attisdropped) AS is_watched
        FROM app.audit_rules() AS r
        JOIN pg_catalog.pg_class AS c ON c.relname = r.table_name AND c.relkind = 'r'
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'auth')
    LOOP
        SELECT array_agg(a.attname::text ORDER BY a.attnum) INTO keys
            FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = t.oid AND i.indisprimary;
        SELECT
            string_agg(format('CASE WHEN o.%1$I IS DISTINCT FROM n.%1$I THEN %2$s END', a.attname,
                CASE WHEN a.attname = ANY (t.hidden)
                     THEN format('CASE WHEN o.%1$I IS NULL THEN %2$L ELSE %3$L END', a.attname,
                                 to_json(a.attname)::text || ':null', to_json(a.attname)::text || ':"[hidden]"')
                     ELSE format('%2$L || coalesce(to_json(o.%1$I)::text, %3$L)', a.attname,
                                 to_json(a.attname)::text || ':', 'null') END), ', ' ORDER BY a.attnum),
            string_agg(format('CASE WHEN n.%1$I IS NOT NULL THEN %2$s END', a.attname,
                CASE WHEN a.attname = ANY (t.hidden) THEN format('%L', to_json(a.attname)::text || ':"[hidden]"')
                     ELSE format('%2$L || to_json(n.%1$I)::text', a.attname, to_json(a.attname)::text || ':') END),
                ', ' ORDER BY a.attnum)
        INTO changed_old, all_new
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname <> ALL (t.ignored) AND a.attname <> ALL (ARRAY['id', 'created_at', 'updated_at', 'changed_xid'])
          AND NOT (a.attname = 'version' AND t.is_watched);
        -- The new half of a change is the old half with the two sides exchanged; a deletion is an insertion read from old_rows.
        changed_new := replace(replace(replace(changed_old, 'o.', chr(1)), 'n.', 'o.'), chr(1), 'n.');
        all_old := replace(all_new, 'n.', 'o.');
        EXECUTE format($function$
            CREATE OR REPLACE FUNCTION app.audit_%1$s() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
            SET enable_nestloop = off AS $body$
            DECLARE
                me record := auth.caller();
                at timestamptz := app.now();
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    INSERT INTO public.audit_logs (created_at, user_id, device_id, session_id, venue_id, action_category, action_type,
                        entity_type, entity_id, context, old_values, new_values)
                    SELECT at, me.user_id, me.device_id, me.session_id, d.venue_id, %2$L, 'update', %1$L, d.entity_id, d.context,
                        ('{' || d.before || '}')::jsonb, ('{' || d.after || '}')::jsonb
                    FROM (SELECT %3$s AS entity_id, %4$s AS venue_id, %5$s AS context,
                              concat_ws(',', %7$s) AS before, concat_ws(',', %8$s) AS after
                          FROM new_rows AS n JOIN old_rows AS o ON %6$s OFFSET 0) AS d
                    WHERE d.before <> '';
                ELSIF TG_OP = 'INSERT' THEN
                    INSERT INTO public.audit_logs (created_at, user_id, device_id, session_id, venue_id, action_category, action_type,
                        entity_type, entity_id, context, new_values)
                    SELECT at, me.user_id, me.device_id, me.session_id, %4$s, %2$L, 'insert', %1$L, %3$s, %5$s,
                        ('{' || concat_ws(',', %9$s) || '}')::jsonb FROM new_rows AS n;
                ELSE
                    INSERT INTO public.audit_logs (created_at, user_id, device_id, session_id, venue_id, action_category, action_type,
                        entity_type, entity_id, context, old_values)
                    SELECT at, me.user_id, me.device_id, me.session_id, n.venue_id, %2$L, 'delete', %1$L, n.entity_id, n.context,
                        ('{' || n.before || '}')::jsonb
                    FROM (SELECT %10$s AS entity_id, %11$s AS venue_id, %12$s AS context, concat_ws(',', %13$s) AS before
                          FROM old_rows AS o) AS n;
                END IF;
                RETURN NULL;
            END
            $body$
        $function$,
            t.table_name, t.category,
            CASE WHEN keys = '{id}' THEN 'n.id' ELSE 'NULL::uuid' END,
            CASE WHEN t.table_name = 'venues' THEN 'n.id' WHEN t.has_venue THEN 'n.venue_id' ELSE 'NULL::uuid' END,
            CASE WHEN keys = '{id}' THEN '''{}''::jsonb' ELSE 'jsonb_build_object('
                || (SELECT string_agg(format('%L, n.%I', k, k), ', ') FROM unnest(keys) AS k) || ')' END,
            (SELECT string_agg(format('o.%1$I = n.%1$I', k), ' AND ') FROM unnest(keys) AS k),
            changed_old, changed_new, all_new,
            CASE WHEN keys = '{id}' THEN 'o.id' ELSE 'NULL::uuid' END,
            CASE WHEN t.table_name = 'venues' THEN 'o.id' WHEN t.has_venue THEN 'o.venue_id' ELSE 'NULL::uuid' END,
            CASE WHEN keys = '{id}' THEN '''{}''::jsonb' ELSE 'jsonb_build_object('
                || (SELECT string_agg(format('%L, o.%I', k, k), ', ') FROM unnest(keys) AS k) || ')' END,
            all_old);
        EXECUTE format('COMMENT ON FUNCTION app.audit_%s() IS %L', t.table_name,
                       format('Trigger: who changed which rows of %s, before and after.', t.name));
        EXECUTE format('CREATE OR REPLACE TRIGGER z_audit_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION app.audit_%s()', t.name, t.table_name);
        EXECUTE format('CREATE OR REPLACE TRIGGER z_audit_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows '
                       'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.audit_%s()', t.name, t.table_name);
        EXECUTE format('CREATE OR REPLACE TRIGGER z_audit_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION app.audit_%s()', t.name, t.table_name);
    END LOOP;
END
$audit$;
