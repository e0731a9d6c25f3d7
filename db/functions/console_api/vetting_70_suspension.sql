-- Since version 0006.
-- Suspending a venue: no new bookings and no new sessions, while what is booked goes on, unless headquarters cancels it from a day
-- on. Looked at first, done as looked at. docs/design.md, "Rules of the domain" (compliance).

-- What suspending does to what is booked: sessions to come that stay, and those that are cancelled. The fingerprint is of both.
CREATE OR REPLACE FUNCTION vetting.suspension_of(of_venue uuid, cancel_from date) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found jsonb;
BEGIN
    WITH coming AS (
        SELECT s.id, a.name, s.starts_at, coalesce(s.session_date >= cancel_from, false) AS goes, b.bookings, b.credits
          FROM public.activity_sessions AS s
          JOIN public.activities AS a ON a.id = s.activity_id
         CROSS JOIN LATERAL (
            SELECT count(*) AS bookings, coalesce(sum((bookings.paid(k.id)).charged), 0) AS credits
              FROM public.bookings AS k WHERE k.session_id = s.id AND k.status IN ('pending', 'confirmed')) AS b
         WHERE s.venue_id = of_venue AND s.starts_at > app.now() AND NOT s.is_cancelled AND s.closed_at IS NULL),
    hit AS (
        SELECT c.goes, jsonb_build_object('session_id', c.id, 'activity', c.name, 'starts_at', c.starts_at, 'bookings', c.bookings,
                                          'credits', c.credits) AS one, c.starts_at, c.id
          FROM coming AS c WHERE c.goes OR c.bookings > 0)
    SELECT jsonb_build_object(
        'stays', coalesce(jsonb_agg(h.one ORDER BY h.starts_at, h.id) FILTER (WHERE NOT h.goes), '[]'),
        'cancelled', coalesce(jsonb_agg(h.one ORDER BY h.starts_at, h.id) FILTER (WHERE h.goes), '[]')) INTO found FROM hit AS h;
    RETURN (SELECT found || jsonb_build_object('venue_id', v.id, 'venue', v.name, 'timezone', v.timezone, 'version', v.version,
                'cancel_from', cancel_from,
                'fingerprint', encode(sha256(convert_to(format('%s %s %s %s', v.id, v.status, cancel_from, found), 'UTF8')), 'hex'))
              FROM public.venues AS v WHERE v.id = of_venue);
END
$$;

-- Refuse what cannot be suspended.
CREATE OR REPLACE FUNCTION vetting.require_suspendable(of_venue uuid, cancel_from date) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    its_status public.venue_status;
BEGIN
    SELECT v.status INTO its_status FROM public.venues AS v WHERE v.id = of_venue;
    IF its_status = 'suspended' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue is suspended already.', DETAIL = 'suspended_already';
    ELSIF its_status <> 'active' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Only an open venue can be suspended.', DETAIL = 'not_active';
    ELSIF cancel_from < vetting.today_at(of_venue) THEN
        PERFORM vetting.refuse_field('cancel_from', 'Sessions can be cancelled from today on.');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION vetting.suspension(of_venue uuid, cancel_from date DEFAULT NULL) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    PERFORM vetting.reach(of_venue);
    PERFORM vetting.require_suspendable(of_venue, cancel_from);
    RETURN vetting.suspension_of(of_venue, cancel_from);
END
$$;
COMMENT ON FUNCTION vetting.suspension(uuid, date) IS 'What suspending a venue would do; writes nothing.';

-- The venue's row as it is while it is suspended. Internal: the caller holds the venue's lock and tells it.
CREATE OR REPLACE FUNCTION vetting.put_suspended(of_venue uuid, reason text) RETURNS void
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE public.venues AS v SET status = 'suspended', suspended_at = app.now(), suspension_reason = reason,
           is_curation_eligible = false
     WHERE v.id = of_venue
$$;

-- Suspend a venue as it was looked at. From `cancel_from` on its sessions are cancelled: all they cost comes back and each family
-- is told once. The answer is how many sessions were cancelled and how many families were told.
CREATE OR REPLACE FUNCTION vetting.suspend(of_venue uuid, cancel_from date, looked_at text, why text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    said constant text := nullif(btrim(why), '');
    going uuid[];
    plan jsonb;
    told integer := 0;
    event uuid;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    PERFORM vetting.reach(of_venue);
    IF said IS NULL THEN
        PERFORM vetting.refuse_field('reason', 'Say why, because the venue will ask.');
    ELSIF length(said) > 500 THEN
        PERFORM vetting.refuse_field('reason', 'A reason has at most 500 characters.');
    END IF;
    PERFORM vetting.lock_papers(of_venue);
    PERFORM vetting.require_suspendable(of_venue, cancel_from);
    -- A booking that is being made holds its session: it is in the plan, or it finds the venue suspended.
    PERFORM 1 FROM public.activity_sessions AS s
     WHERE s.venue_id = of_venue AND s.starts_at > app.now() AND s.session_date >= cancel_from AND NOT s.is_cancelled
     ORDER BY s.id FOR NO KEY UPDATE;
    plan := vetting.suspension_of(of_venue, cancel_from);
    IF plan ->> 'fingerprint' IS DISTINCT FROM looked_at THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something was booked or changed since you looked.',
            HINT = 'Look at it again.', DETAIL = 'plan_changed';
    END IF;
    PERFORM vetting.put_suspended(of_venue, said);
    event := vetting.write_event(of_venue, NULL, 'suspended', jsonb_build_object('cancel_from', cancel_from,
        'sessions', jsonb_array_length(plan -> 'cancelled')), said);
    going := ARRAY(SELECT (c.one ->> 'session_id')::uuid FROM jsonb_array_elements(plan -> 'cancelled') AS c (one));
    IF cardinality(going) > 0 THEN
        told := schedules.cancel_sessions(going, 'The venue takes no bookings for now.', 'venue_cancelled', NULL);
    END IF;
    PERFORM vetting.tell_venue(of_venue, 'venue_suspended', jsonb_build_object('reason', said, 'feedback', said), 'suspended:' || event);
    RETURN jsonb_build_object('cancelled', cardinality(going), 'told', told);
END
$$;
COMMENT ON FUNCTION vetting.suspend(uuid, date, text, text) IS 'Suspend a venue as it was looked at.';

-- Ask for a suspended venue to open again: its manager or headquarters may, once. The answer is the case as the queue shows it,
-- without who has it in hand.
CREATE OR REPLACE FUNCTION vetting.ask_reinstatement(of_venue uuid, its_version integer, note text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    said constant text := nullif(btrim(note), '');
    v record;
    made uuid;
BEGIN
    PERFORM vetting.reach(of_venue);
    IF length(said) > 1000 THEN
        PERFORM vetting.refuse_field('note', 'A note has at most 1,000 characters.');
    END IF;
    PERFORM vetting.lock_papers(of_venue);
    SELECT x.status, x.version INTO v FROM public.venues AS x WHERE x.id = of_venue;
    IF v.status <> 'suspended' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue is not suspended.', DETAIL = 'not_suspended';
    ELSIF v.version IS DISTINCT FROM its_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this venue.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    made := vetting.open_case(of_venue, 'reinstatement', said);
    RETURN (SELECT to_jsonb(r) || '{"claimed_by": null, "claimed_by_me": false, "claimed_until": null, "decided_by": null}'
              FROM vetting.case_rows(ARRAY[made]) AS r);
END
$$;
COMMENT ON FUNCTION vetting.ask_reinstatement(uuid, integer, text) IS 'Open the case of a suspended venue.';
GRANT EXECUTE ON FUNCTION vetting.suspension(uuid, date), vetting.suspend(uuid, date, text, text),
    vetting.ask_reinstatement(uuid, integer, text) TO console_client;
