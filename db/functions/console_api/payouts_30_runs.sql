-- Since version 0004.
-- What becomes of a run: approved by a second person where the setting says so, or withdrawn; and venues that are not paid for
-- now. docs/design.md, "Rules of the domain" (payouts).

CREATE OR REPLACE FUNCTION payouts.runs()
    RETURNS TABLE (id uuid, version integer, period_start date, venues_made bigint, net numeric, currency text, state text,
                   made_by text, made_at timestamptz, approved_by text, approved_at timestamptz, mine boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('payouts.read', NULL);
    RETURN QUERY SELECT * FROM payouts.run_rows(ARRAY(
        SELECT r.id FROM public.payout_runs AS r ORDER BY r.made_at DESC, r.id DESC LIMIT 100));
END
$$;
COMMENT ON FUNCTION payouts.runs() IS 'The newest runs of payouts.';
GRANT EXECUTE ON FUNCTION payouts.runs() TO console_client;

-- A reason as it is kept; NX422 for none or too many words.
CREATE OR REPLACE FUNCTION payouts.reason(said text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept constant text := btrim(said);
BEGIN
    IF kept IS NULL OR kept = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why.', DETAIL = 'reason';
    ELSIF length(kept) > 300 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 300 characters.', DETAIL = 'reason';
    END IF;
    RETURN kept;
END
$$;

-- Who runs payouts, holds venues and closes books: somebody of platform finance who can be asked why, never a server's administrator.
CREATE OR REPLACE FUNCTION payouts.require_person() RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    IF auth.user_id() IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'Payouts are the business of a person.', HINT = 'Sign in at a desk.',
            DETAIL = 'not_permitted';
    END IF;
    RETURN auth.user_id();
END
$$;

-- Refuse the person who took the step before, unless the setting lets one person do both.
CREATE OR REPLACE FUNCTION payouts.require_second_person(first_person uuid, sentence text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF first_person = payouts.require_person() AND coalesce(
           (SELECT (s.value #>> '{}')::boolean FROM public.platform_settings AS s WHERE s.key = 'payouts_need_two_people'), true) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = sentence, HINT = 'Ask a colleague of platform finance.',
            DETAIL = 'second_person';
    END IF;
END
$$;

-- The run under the lock that all changes of runs take, at the version it was read at.
CREATE OR REPLACE FUNCTION payouts.require_run(wanted uuid, read_at integer) RETURNS public.payout_runs
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.payout_runs;
BEGIN
    LOCK TABLE public.payout_runs IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO found FROM public.payout_runs AS r WHERE r.id = wanted;
    IF found.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such run.', DETAIL = 'no_run';
    ELSIF found.version IS DISTINCT FROM read_at THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this run.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    ELSIF found.state <> 'made' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = format('This run is %s already.', found.state),
            DETAIL = 'run_' || found.state;
    END IF;
    RETURN found;
END
$$;

-- Approve a run: from now on its payouts are what they say, and may be paid. What has nothing to pay is settled at once.
CREATE OR REPLACE FUNCTION payouts.approve(run_id uuid, read_at integer)
    RETURNS TABLE (id uuid, version integer, period_start date, venues_made bigint, net numeric, currency text, state text,
                   made_by text, made_at timestamptz, approved_by text, approved_at timestamptz, mine boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    wanted constant uuid := run_id;
    run public.payout_runs;
BEGIN
    PERFORM payouts.require_person();
    run := payouts.require_run(wanted, read_at);
    PERFORM payouts.require_second_person(run.made_by, 'Somebody else approves a run that you made.');
    IF NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p WHERE p.run_id = run.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This run has no payouts.', DETAIL = 'run_empty';
    END IF;
    UPDATE public.payout_runs AS r SET state = 'approved', approved_by = auth.user_id(), approved_at = app.now()
     WHERE r.id = run.id;
    UPDATE public.venue_payouts AS p SET status = 'paid', paid_at = app.now()
     WHERE p.run_id = run.id AND p.status = 'pending' AND p.net_payout = 0;
    RETURN QUERY SELECT * FROM payouts.run_rows(ARRAY[run.id]);
END
$$;
COMMENT ON FUNCTION payouts.approve(uuid, integer) IS 'Let the payouts of a run be paid.';
GRANT EXECUTE ON FUNCTION payouts.approve(uuid, integer) TO console_client;

-- Take back a run that nobody approved: its payouts go with their lines.
CREATE OR REPLACE FUNCTION payouts.withdraw(run_id uuid, read_at integer, reason text)
    RETURNS TABLE (id uuid, version integer, period_start date, venues_made bigint, net numeric, currency text, state text,
                   made_by text, made_at timestamptz, approved_by text, approved_at timestamptz, mine boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    wanted constant uuid := run_id;
    why constant text := payouts.reason(reason);
    run public.payout_runs;
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    run := payouts.require_run(wanted, read_at);
    PERFORM payouts.unmake_lines(ARRAY(SELECT p.id FROM public.venue_payouts AS p WHERE p.run_id = run.id));
    DELETE FROM public.venue_payouts AS p WHERE p.run_id = run.id;
    UPDATE public.payout_runs AS r SET state = 'withdrawn', note = why WHERE r.id = run.id;
    RETURN QUERY SELECT * FROM payouts.run_rows(ARRAY[run.id]);
END
$$;
COMMENT ON FUNCTION payouts.withdraw(uuid, integer, text) IS 'Take back a run that is not approved, with a reason.';
GRANT EXECUTE ON FUNCTION payouts.withdraw(uuid, integer, text) TO console_client;

CREATE OR REPLACE FUNCTION payouts.hold_rows(of_holds uuid[])
    RETURNS TABLE (id uuid, venue_id uuid, venue text, reason text, placed_by text, placed_at timestamptz,
                   released_at timestamptz, release_reason text)
    LANGUAGE sql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.id, h.venue_id, v.name::text, h.reason::text, u.first_name::text, h.placed_at, h.released_at, h.release_reason::text
      FROM public.payout_holds AS h
      JOIN public.venues AS v ON v.id = h.venue_id
      JOIN public.users AS u ON u.id = h.placed_by
     WHERE of_holds IS NULL OR h.id = ANY (of_holds)
     ORDER BY h.released_at IS NOT NULL, h.placed_at DESC, h.id
$$;

CREATE OR REPLACE FUNCTION payouts.holds()
    RETURNS TABLE (id uuid, venue_id uuid, venue text, reason text, placed_by text, placed_at timestamptz,
                   released_at timestamptz, release_reason text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('payouts.read', NULL);
    RETURN QUERY SELECT * FROM payouts.hold_rows(NULL);
END
$$;
COMMENT ON FUNCTION payouts.holds() IS 'Venues that are not paid for now, and those that were not.';
GRANT EXECUTE ON FUNCTION payouts.holds() TO console_client;

-- Pay a venue nothing until the hold is released. What is not on its way yet waits; what failed is not tried again.
CREATE OR REPLACE FUNCTION payouts.hold(of_venue uuid, reason text)
    RETURNS TABLE (id uuid, venue_id uuid, venue text, why text, placed_by text, placed_at timestamptz,
                   released_at timestamptz, release_reason text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    said constant text := payouts.reason(reason);
    made uuid;
BEGIN
    PERFORM payouts.require_person();
    LOCK TABLE public.payout_runs IN SHARE ROW EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = of_venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such venue.', DETAIL = 'no_venue';
    ELSIF EXISTS (SELECT 1 FROM public.payout_holds AS h WHERE h.venue_id = of_venue AND h.released_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue is on hold already.', DETAIL = 'on_hold';
    END IF;
    INSERT INTO public.payout_holds AS h (venue_id, reason, placed_by) VALUES (of_venue, said, auth.user_id())
        RETURNING h.id INTO made;
    UPDATE public.venue_payouts AS p SET status = 'on_hold', hold_reason = said
     WHERE p.venue_id = of_venue AND p.status = 'pending' AND p.net_payout > 0
       -- Whose transfer may be on its way is not called back by this.
       AND NOT EXISTS (SELECT 1 FROM public.payout_attempts AS a WHERE a.payout_id = p.id AND a.venue_id = p.venue_id
                          AND a.state IN ('asking', 'unknown', 'accepted', 'paid'));
    RETURN QUERY SELECT * FROM payouts.hold_rows(ARRAY[made]);
END
$$;
COMMENT ON FUNCTION payouts.hold(uuid, text) IS 'Pay a venue nothing until the hold is released.';
GRANT EXECUTE ON FUNCTION payouts.hold(uuid, text) TO console_client;

CREATE OR REPLACE FUNCTION payouts.release(hold_id uuid, reason text)
    RETURNS TABLE (id uuid, venue_id uuid, venue text, why text, placed_by text, placed_at timestamptz,
                   released_at timestamptz, release_reason text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    wanted constant uuid := hold_id;
    said constant text := payouts.reason(reason);
    found public.payout_holds;
BEGIN
    PERFORM payouts.require_person();
    LOCK TABLE public.payout_runs IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO found FROM public.payout_holds AS h WHERE h.id = wanted;
    IF found.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such hold.', DETAIL = 'no_hold';
    ELSIF found.released_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This hold is released already.', DETAIL = 'released';
    END IF;
    UPDATE public.payout_holds AS h SET released_at = app.now(), released_by = auth.user_id(), release_reason = said
     WHERE h.id = wanted;
    UPDATE public.venue_payouts AS p SET status = 'pending', hold_reason = NULL
     WHERE p.venue_id = found.venue_id AND p.status = 'on_hold';
    RETURN QUERY SELECT * FROM payouts.hold_rows(ARRAY[wanted]);
END
$$;
COMMENT ON FUNCTION payouts.release(uuid, text) IS 'Pay a venue again, with a reason.';
GRANT EXECUTE ON FUNCTION payouts.release(uuid, text) TO console_client;
