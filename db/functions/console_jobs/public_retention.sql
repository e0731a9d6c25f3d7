-- What the worker throws away, and when: the only ways in which anything ever leaves the database.
-- Terms are platform settings; "today" is the day in UTC, the only calendar that platform-wide jobs share.

CREATE OR REPLACE FUNCTION app.setting_number(wanted text) RETURNS numeric
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    found numeric := (SELECT (s.value #>> '{}')::numeric FROM public.platform_settings AS s WHERE s.key = wanted);
BEGIN
    IF found IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = format('There is no setting called %s.', wanted),
            DETAIL = 'unknown_setting';
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION app.setting_number(text) IS 'A number among the platform settings; NX404 when there is none of that name.';

CREATE OR REPLACE FUNCTION public.purge_old_audit_logs() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM public.audit_logs
        WHERE created_at < app.now() - make_interval(days => app.setting_number('data_retention_days')::integer);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION public.purge_old_audit_logs() IS 'Remove audit entries older than data_retention_days; how many.';

-- Deleting is anonymising: bookings, attendance and money stay, the person goes. Of the birthday only the year is kept.
CREATE OR REPLACE FUNCTION public.purge_deleted_children() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    due uuid[];
    their_bookings uuid[];
BEGIN
    SELECT array_agg(d.id) INTO due FROM (
        SELECT c.id FROM public.children AS c
        WHERE c.deletion_requested AND c.anonymised_at IS NULL
          AND c.deletion_scheduled_for <= (app.now() AT TIME ZONE 'UTC')::date
        ORDER BY c.id FOR UPDATE SKIP LOCKED) AS d;
    IF due IS NULL THEN
        RETURN 0;
    END IF;
    their_bookings := ARRAY(SELECT b.id FROM public.bookings AS b WHERE b.child_id = ANY (due));

    DELETE FROM public.child_health_notes WHERE child_id = ANY (due);
    DELETE FROM public.pickup_people WHERE child_id = ANY (due);
    DELETE FROM public.child_favorites WHERE child_id = ANY (due);
    DELETE FROM public.notifications
        WHERE related_entity_id = ANY (due) OR related_entity_id = ANY (their_bookings);
    UPDATE public.parental_consent_records SET ip_address = NULL, user_agent = NULL WHERE child_id = ANY (due);
    UPDATE public.ai_suggestions AS a SET explanation = NULL
        WHERE a.child_ids ?| ARRAY(SELECT d::text FROM unnest(due) AS d);
    UPDATE public.bookings SET parent_notes = NULL, venue_notes = NULL, cancellation_notes = NULL
        WHERE child_id = ANY (due) AND num_nonnulls(parent_notes, venue_notes, cancellation_notes) > 0;
    UPDATE public.attendance_events SET pickup_name = NULL, pickup_person_id = NULL, detail = '{}'
        WHERE booking_id = ANY (their_bookings) AND (num_nonnulls(pickup_name, pickup_person_id) > 0 OR detail <> '{}');
    UPDATE public.review_items SET summary = 'Removed on request.', note = NULL WHERE booking_id = ANY (their_bookings);
    PERFORM app.forget_notes(their_bookings);
    PERFORM app.forget_waiting(due);
    UPDATE public.children SET
        first_name = 'Removed', date_of_birth = date_trunc('year', date_of_birth)::date, gender = NULL, avatar_url = NULL,
        energy_level = NULL, social_preference = NULL, interests = '[]', activities_to_avoid = '[]',
        allergies_medical_notes = NULL, accessibility_needs = '[]', parental_consent_ip = NULL,
        parental_consent_given = false, is_active = false, deactivated_at = coalesce(deactivated_at, app.now()),
        anonymised_at = app.now()
        WHERE id = ANY (due);
    RETURN cardinality(due);
END
$$;
COMMENT ON FUNCTION public.purge_deleted_children() IS 'Anonymise every child whose deletion is due; how many.';

CREATE OR REPLACE FUNCTION public.purge_old_search_logs() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM public.nl_search_logs
        WHERE created_at < app.now() - make_interval(days => app.setting_number('search_log_retention_days')::integer);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION public.purge_old_search_logs() IS 'Remove searches older than search_log_retention_days; how many.';

CREATE OR REPLACE FUNCTION public.purge_expired_data_exports() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE public.data_export_requests SET status = 'expired', file_url = NULL
        WHERE status = 'completed' AND file_expires_at < app.now();
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION public.purge_expired_data_exports() IS 'Withdraw exports whose time is over; how many.';

CREATE OR REPLACE FUNCTION public.purge_old_chat_conversations() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM public.chat_conversations WHERE NOT is_active
        AND ended_at < app.now() - make_interval(days => app.setting_number('search_log_retention_days')::integer);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION public.purge_old_chat_conversations() IS 'Remove conversations that ended search_log_retention_days ago; how many.';

CREATE OR REPLACE FUNCTION public.expire_pending_invitations() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE public.employee_invitations SET status = 'expired' WHERE status = 'pending' AND expires_at < app.now();
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION public.expire_pending_invitations() IS 'Expire invitations nobody answered in time; how many.';

-- A desk is wiped when it has been away for longer than it may unlock offline, so a month is plenty.
CREATE OR REPLACE FUNCTION app.purge_old_tombstones() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM app.tombstones WHERE deleted_at < app.now() - interval '30 days';
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION app.purge_old_tombstones() IS 'Forget deletions that every desk has long heard of; how many.';

GRANT EXECUTE ON FUNCTION public.purge_old_audit_logs(), public.purge_deleted_children(), public.purge_old_search_logs(),
    public.purge_expired_data_exports(), public.purge_old_chat_conversations(), public.expire_pending_invitations(),
    app.purge_old_tombstones() TO console_worker;
