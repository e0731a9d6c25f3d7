-- Since version 0005.
-- Looking at a month's payouts and making them. One transaction makes a run whole or not at all; runs, approvals, holds and
-- closings of the books follow one another by the lock of payout_runs. docs/design.md, "Rules of the domain" (payouts).

-- What two looks at the same facts agree in: the payouts a run would make.
CREATE OR REPLACE FUNCTION payouts.fingerprint(marks text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
RETURN md5(array_to_string(marks, E'\n'));

CREATE OR REPLACE FUNCTION payouts.is_closed(period date) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN EXISTS (SELECT 1 FROM public.book_closings AS k WHERE k.period_start = period AND k.reopened_at IS NULL);

-- What a run over a month (of these venues; NULL: all) would make. One row without a venue where it is nothing.
CREATE OR REPLACE FUNCTION payouts.preview(period date, venues uuid[] DEFAULT NULL)
    RETURNS TABLE (fingerprint text, is_closed boolean, credit_value numeric, currency text, venue_id uuid, venue text,
                   fee_percentage numeric, bookings bigint, credits bigint, gross numeric, fee numeric, adjustments numeric,
                   adjustment_lines bigint, carried_in numeric, carried_out numeric, net numeric, existing_id uuid, state text,
                   waits boolean, warnings text[], open_reviews bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    wanted constant uuid[] := venues;
    month constant date := period;
    following constant date := (period + interval '1 month')::date;
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    PERFORM payouts.require_month(month);
    RETURN QUERY
    WITH plan AS MATERIALIZED (SELECT * FROM payouts.plan(month, wanted)),
    reviews AS (
        SELECT r.venue_id, count(*) AS open FROM public.review_items AS r
          LEFT JOIN public.bookings AS b ON b.id = r.booking_id
          JOIN public.activity_sessions AS s ON s.id = coalesce(r.session_id, b.session_id)
         WHERE r.resolved_at IS NULL AND s.session_date >= month AND s.session_date < following
         GROUP BY r.venue_id),
    -- What a fixed payout says is what it says; what an open one would say is the plan.
    shown AS (
        SELECT p.*, p.existing_id IS NOT NULL AND NOT p.is_open AS is_fixed FROM plan AS p)
    SELECT payouts.fingerprint(ARRAY(SELECT p.mark FROM shown AS p
                                      WHERE NOT p.is_fixed AND NOT p.waits
                                        AND (p.bookings > 0 OR p.adjustment_lines > 0 OR p.carried_in <> 0)
                                      ORDER BY p.venue_id)),
           payouts.is_closed(month),
           (SELECT (s.value #>> '{}')::numeric(12, 4) FROM public.platform_settings AS s WHERE s.key = 'credit_value'),
           (SELECT s.value #>> '{}' FROM public.platform_settings AS s WHERE s.key = 'currency'),
           p.venue_id, p.venue,
           CASE WHEN p.is_fixed THEN x.platform_fee_percentage ELSE p.fee_percentage END,
           CASE WHEN p.is_fixed THEN x.total_bookings ELSE p.bookings END,
           CASE WHEN p.is_fixed THEN payouts.credits_of(x.id, x.venue_id) ELSE p.credits END,
           CASE WHEN p.is_fixed THEN x.gross_revenue ELSE p.gross END,
           CASE WHEN p.is_fixed THEN x.platform_fee_amount ELSE p.fee END,
           CASE WHEN p.is_fixed THEN x.adjustments_amount ELSE p.adjustments END,
           CASE WHEN p.is_fixed THEN (SELECT count(*) FROM public.payout_entries AS l
                                       WHERE l.venue_id = p.venue_id AND l.payout_id = x.id AND l.kind = 'adjustment')
                ELSE p.adjustment_lines END,
           CASE WHEN p.is_fixed THEN x.carried_in ELSE p.carried_in END,
           CASE WHEN p.is_fixed THEN x.carried_out ELSE least(p.total, 0) END,
           CASE WHEN p.is_fixed THEN x.net_payout ELSE greatest(p.total, 0) END,
           p.existing_id, CASE WHEN p.existing_id IS NULL THEN 'open' WHEN p.is_open THEN 'pending'
                               WHEN x.status IN ('pending', 'paid') AND x.carried_out < 0 THEN 'carried'
                               -- Approved, and waiting to be sent: fixed already.
                               WHEN x.status = 'pending' THEN 'processing' ELSE x.status::text END,
           p.waits AND NOT p.is_fixed,
           ARRAY(SELECT w.word FROM (VALUES
               (0, 'not_over', NOT p.is_over),
               (1, 'on_hold', p.hold_reason IS NOT NULL),
               (2, 'no_account', NOT p.has_account),
               (3, 'open_reviews', coalesce(r.open, 0) > 0),
               (4, 'not_closed', EXISTS (
                   SELECT 1 FROM public.activity_sessions AS s
                    WHERE s.venue_id = p.venue_id AND s.session_date >= month AND s.session_date < following
                      AND s.closed_at IS NULL AND NOT s.is_cancelled AND s.booked_count > 0)),
               (5, 'negative', CASE WHEN p.is_fixed THEN x.carried_out < 0 ELSE p.total < 0 END),
               (6, 'earlier_not_closed', p.waits OR (p.existing_id IS NULL AND EXISTS (
                   SELECT 1 FROM public.activity_sessions AS s JOIN public.bookings AS b ON b.session_id = s.id
                    WHERE s.venue_id = p.venue_id AND s.session_date < month
                      AND s.session_date >= (month - interval '1 month')::date
                      AND attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded) > 0
                      AND NOT payouts.is_closed((month - interval '1 month')::date)
                      AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS o WHERE o.venue_id = p.venue_id
                                         AND o.payout_period_start = (month - interval '1 month')::date))))
               ) AS w (place, word, holds) WHERE w.holds ORDER BY w.place),
           coalesce(r.open, 0)
      FROM (VALUES (1)) AS one (row)
      LEFT JOIN shown AS p ON true
      LEFT JOIN public.venue_payouts AS x ON x.id = p.existing_id AND p.is_fixed
      LEFT JOIN reviews AS r ON r.venue_id = p.venue_id
     ORDER BY p.venue, p.venue_id;
END
$$;
COMMENT ON FUNCTION payouts.preview(date, uuid[]) IS 'What a run of payouts would make, with what finance should know first.';
GRANT EXECUTE ON FUNCTION payouts.preview(date, uuid[]) TO console_client;

-- A run as the screens know it.
CREATE OR REPLACE FUNCTION payouts.run_rows(of_runs uuid[])
    RETURNS TABLE (run_id uuid, version integer, period_start date, venues bigint, net numeric, currency text, state text,
                   made_by text, made_at timestamptz, approved_by text, approved_at timestamptz, mine boolean)
    LANGUAGE sql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.id, r.version, r.period_start, count(p.id), coalesce(sum(p.net_payout), 0),
           coalesce(min(p.currency), (SELECT s.value #>> '{}' FROM public.platform_settings AS s WHERE s.key = 'currency')),
           r.state::text, m.first_name::text, r.made_at, a.first_name::text, r.approved_at,
           r.made_by IS NOT DISTINCT FROM auth.user_id()
      FROM public.payout_runs AS r
      JOIN public.users AS m ON m.id = r.made_by
      LEFT JOIN public.users AS a ON a.id = r.approved_by
      LEFT JOIN public.venue_payouts AS p ON p.run_id = r.id
     WHERE of_runs IS NULL OR r.id = ANY (of_runs)
     GROUP BY r.id, m.first_name, a.first_name
     ORDER BY r.made_at DESC, r.id DESC
$$;

-- Lines of open payouts go; whatever decision they answered waits for its next line.
CREATE OR REPLACE FUNCTION payouts.unmake_lines(of_payouts uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.venue_payouts AS p SET status = 'pending', hold_reason = NULL
     WHERE p.id = ANY (of_payouts) AND p.status = 'on_hold';
    UPDATE public.earning_changes AS e SET payout_line_id = NULL
     WHERE e.payout_line_id IS NOT NULL AND payouts.is_line_of(e.payout_line_id, of_payouts);
    DELETE FROM public.payout_entries AS l USING public.venue_payouts AS p
     WHERE p.id = ANY (of_payouts) AND l.venue_id = p.venue_id AND l.payout_id = p.id;
    DELETE FROM public.payout_sheets AS l USING public.venue_payouts AS p
     WHERE p.id = ANY (of_payouts) AND l.venue_id = p.venue_id AND l.payout_id = p.id;
END
$$;

-- Write the lines of a run's payouts, corrections first, and their sums. What a session's bookings earned is one sheet, with what
-- the sheets before it earned: gross and fee are rounded once per payout, on the running sums, so what each line adds to them
-- follows from there (the view payout_lines).
CREATE OR REPLACE FUNCTION payouts.write_lines(of_run uuid, period date, venues uuid[], own uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
    SET work_mem = '256MB'
    SET jit = off
    SET plan_cache_mode = force_custom_plan
    SET enable_nestloop = on
AS $$
DECLARE
    -- Asked once, not for each sheet.
    at constant timestamptz := app.now();
BEGIN
    -- A whole month is joined, not looked up row by row, whatever the statistics of a table that was empty a moment ago say.
    IF cardinality(venues) > 20 THEN
        PERFORM set_config('enable_nestloop', 'off', true);
    END IF;
    INSERT INTO public.payout_entries (id, payout_id, venue_id, kind, booking_id, adjusts_payout_id, credits, gross, fee_share,
                                       reason, position)
    SELECT payouts.line_id(p.id, k.n::integer), p.id, p.venue_id, 'adjustment', k.booking_id, k.adjusts, k.credits, k.gross,
           k.fee_share, k.reason, k.n
      FROM (SELECT c.*, row_number() OVER (PARTITION BY c.venue_id ORDER BY c.starts_at, c.booking_id) AS n
              FROM payouts.corrections(period, venues, own) AS c) AS k
      JOIN public.venue_payouts AS p ON p.run_id = of_run AND p.venue_id = k.venue_id;
    WITH entered AS MATERIALIZED (
        SELECT p.id AS payout_id, p.venue_id, p.credit_value, p.platform_fee_percentage AS fee, count(l.id) AS lines,
               coalesce(sum(l.net), 0) AS net
          FROM public.venue_payouts AS p
          LEFT JOIN public.payout_entries AS l ON l.venue_id = p.venue_id AND l.payout_id = p.id
         WHERE p.run_id = of_run GROUP BY p.id),
    counted AS (
        SELECT e.session_id, array_agg(e.booking_id ORDER BY e.booking_id) AS booking_ids,
               array_agg(e.credits ORDER BY e.booking_id) AS credits, array_agg(e.status ORDER BY e.booking_id) AS statuses,
               count(*) AS bookings, sum(e.credits) AS earned, count(*) FILTER (WHERE e.status = 'completed') AS attendees
          FROM payouts.earned(period, venues, own) AS e
         GROUP BY e.session_id),
    sheet AS MATERIALIZED (
        SELECT c.*, p.payout_id, p.venue_id, 1 + p.lines + sum(c.bookings) OVER in_order - c.bookings AS first_position,
               sum(c.earned) OVER in_order - c.earned AS before
          FROM counted AS c
          JOIN public.activity_sessions AS s ON s.id = c.session_id
          JOIN entered AS p ON p.venue_id = s.venue_id
        WINDOW in_order AS (PARTITION BY p.venue_id ORDER BY s.starts_at, s.id ROWS UNBOUNDED PRECEDING)),
    kept AS (
        INSERT INTO public.payout_sheets (session_id, payout_id, venue_id, first_position, credits_before, booking_ids, credits,
                                          statuses, created_at)
        SELECT s.session_id, s.payout_id, s.venue_id, s.first_position, s.before, s.booking_ids, s.credits, s.statuses, at
          FROM sheet AS s)
    UPDATE public.venue_payouts AS p SET
        total_bookings = t.bookings, total_attendees = t.attendees, gross_revenue = t.gross, platform_fee_amount = t.fee,
        adjustments_amount = t.net, carried_in = t.carried,
        net_payout = greatest(t.gross - t.fee + t.net + t.carried, 0), carried_out = least(t.gross - t.fee + t.net + t.carried, 0)
      FROM (SELECT e.payout_id, e.net, coalesce(s.bookings, 0) AS bookings, coalesce(s.attendees, 0) AS attendees, g.gross,
                   round(g.gross * e.fee / 100, 2) AS fee, coalesce(f.carried_out, 0) AS carried
              FROM entered AS e
              LEFT JOIN (SELECT x.payout_id, sum(x.bookings) AS bookings, sum(x.attendees) AS attendees, sum(x.earned) AS earned
                           FROM sheet AS x GROUP BY x.payout_id) AS s ON s.payout_id = e.payout_id
              JOIN public.venue_payouts AS q ON q.id = e.payout_id
              LEFT JOIN public.venue_payouts AS f ON f.id = q.carried_from_id
              CROSS JOIN LATERAL (SELECT round(coalesce(s.earned, 0) * e.credit_value, 2) AS gross) AS g) AS t
     WHERE p.id = t.payout_id;
    -- A month without anything is no payout.
    DELETE FROM public.venue_payouts AS p
     WHERE p.run_id = of_run AND p.total_bookings = 0 AND p.carried_in = 0
       AND NOT EXISTS (SELECT 1 FROM public.payout_entries AS l WHERE l.venue_id = p.venue_id AND l.payout_id = p.id);
    UPDATE public.venue_payouts AS p SET status = 'on_hold', hold_reason = h.reason
      FROM public.payout_holds AS h
     WHERE p.run_id = of_run AND p.net_payout > 0 AND h.venue_id = p.venue_id AND h.released_at IS NULL;
    UPDATE public.earning_changes AS e SET payout_line_id = l.id
      FROM (SELECT x.id AS change, coalesce(
                       (SELECT l.id FROM public.payout_entries AS l WHERE l.payout_id = p.id AND l.booking_id = b.id),
                       (SELECT payouts.line_id(p.id, s.first_position - 1 + array_position(s.booking_ids, b.id))
                          FROM public.payout_sheets AS s WHERE s.session_id = b.session_id AND s.payout_id = p.id)) AS id
              FROM public.earning_changes AS x
              JOIN public.bookings AS b ON b.id = x.booking_id
              JOIN public.venue_payouts AS p ON p.venue_id = b.venue_id AND p.run_id = of_run
             WHERE x.payout_line_id IS NULL) AS l
     WHERE e.id = l.change AND l.id IS NOT NULL;
END
$$;

-- Make or remake the open payouts of a month. Sent again, the answer is the run it made; where somebody else made the very same
-- payouts meanwhile, it is theirs.
CREATE OR REPLACE FUNCTION payouts.make(run_id uuid, period date, venues uuid[], fingerprint text)
    RETURNS TABLE (id uuid, version integer, period_start date, venues_made bigint, net numeric, currency text, state text,
                   made_by text, made_at timestamptz, approved_by text, approved_at timestamptz, mine boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    wanted_run constant uuid := run_id;
    month constant date := period;
    wanted constant uuid[] := venues;
    agreed constant text := fingerprint;
    seen_from xid8;
    known record;
    own uuid[];
    to_make uuid[];
    standing uuid[];
BEGIN
    PERFORM payouts.require_person();
    PERFORM payouts.require_month(month);
    IF wanted_run IS NULL OR agreed IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Look at the preview before making payouts.', DETAIL = 'fingerprint';
    END IF;
    LOCK TABLE public.payout_runs IN SHARE ROW EXCLUSIVE MODE;
    SELECT r.made_by, r.period_start, r.venue_ids INTO known FROM public.payout_runs AS r WHERE r.id = wanted_run;
    IF known.made_by IS NOT NULL THEN
        IF (known.made_by, known.period_start, known.venue_ids) IS DISTINCT FROM (auth.user_id(), month, wanted) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This run was made for something else.',
                HINT = 'Start the run anew.', DETAIL = 'run_id_reused';
        END IF;
        RETURN QUERY SELECT * FROM payouts.run_rows(ARRAY[wanted_run]);
        RETURN;
    END IF;
    IF payouts.is_closed(month) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The books of this month are closed.',
            HINT = 'What comes late is settled with the next month.', DETAIL = 'books_closed';
    END IF;
    -- Another statement, hence another snapshot: whoever held the lock has committed. What is written from now on counts as later.
    seen_from := pg_snapshot_xmin(pg_current_snapshot());
    IF EXISTS (SELECT 1 FROM payouts.scope(month, wanted) AS c WHERE NOT c.is_over) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This month is not over everywhere.',
            HINT = 'Make its payouts when it is.', DETAIL = 'month_not_over';
    END IF;
    SELECT coalesce(array_agg(c.existing_id) FILTER (WHERE c.is_open AND NOT c.waits), '{}'),
           coalesce(array_agg(c.venue_id) FILTER (WHERE NOT c.waits AND (c.existing_id IS NULL OR c.is_open)), '{}')
      INTO own, to_make FROM payouts.scope(month, wanted) AS c;
    IF own <> '{}' THEN
        -- Made already, of the same facts, by one run: there is nothing to do.
        IF NOT EXISTS (
            SELECT 1 FROM (SELECT p.venue_id, p.mark FROM payouts.plan(month, to_make) AS p
                            WHERE p.bookings > 0 OR p.adjustment_lines > 0 OR p.carried_in <> 0) AS p
              FULL JOIN payouts.marks(own) AS m ON m.venue_id = p.venue_id
             WHERE m.mark IS DISTINCT FROM p.mark) THEN
            SELECT array_agg(DISTINCT o.run_id) INTO standing FROM public.venue_payouts AS o WHERE o.id = ANY (own);
            IF cardinality(standing) = 1 AND standing[1] IS NOT NULL THEN
                PERFORM payouts.require_agreed(own, agreed);
                RETURN QUERY SELECT * FROM payouts.run_rows(standing);
                RETURN;
            END IF;
        END IF;
        PERFORM payouts.unmake_lines(own);
    END IF;
    INSERT INTO public.payout_runs (id, period_start, venue_ids, made_by) VALUES (wanted_run, month, wanted, auth.user_id());
    INSERT INTO public.venue_payouts AS x (venue_id, payout_period_start, payout_period_end, credit_value, currency,
                                           platform_fee_percentage, run_id, carried_from_id, counted_xmin)
    SELECT c.venue_id, month, (month + interval '1 month')::date - 1, c.credit_value, c.currency, c.fee, wanted_run,
           c.carried_from, seen_from
      FROM payouts.scope(month, to_make) AS c
    ON CONFLICT (venue_id, payout_period_start) DO UPDATE SET
        credit_value = excluded.credit_value, currency = excluded.currency, run_id = excluded.run_id,
        platform_fee_percentage = excluded.platform_fee_percentage, carried_from_id = excluded.carried_from_id,
        counted_xmin = excluded.counted_xmin, total_bookings = 0, total_attendees = 0, gross_revenue = 0,
        platform_fee_amount = 0, adjustments_amount = 0, carried_in = 0, carried_out = 0, net_payout = 0;
    PERFORM payouts.write_lines(wanted_run, month, to_make, own);
    PERFORM payouts.require_agreed(ARRAY(SELECT p.id FROM public.venue_payouts AS p WHERE p.run_id = wanted_run), agreed);
    UPDATE public.payout_runs AS r SET state = 'withdrawn', note = 'Made anew.'
     WHERE r.state = 'made' AND r.id <> wanted_run
       AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p WHERE p.run_id = r.id);
    RETURN QUERY SELECT * FROM payouts.run_rows(ARRAY[wanted_run]);
END
$$;
COMMENT ON FUNCTION payouts.make(uuid, date, uuid[], text) IS 'Make or remake the open payouts of a month.';
GRANT EXECUTE ON FUNCTION payouts.make(uuid, date, uuid[], text) TO console_client;

-- Raise unless these payouts are what was looked at.
CREATE OR REPLACE FUNCTION payouts.require_agreed(made uuid[], agreed text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF payouts.fingerprint(ARRAY(SELECT m.mark FROM payouts.marks(made) AS m ORDER BY m.venue_id)) <> agreed THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something changed since you looked.',
            HINT = 'Look at the new numbers and make the payouts then.', DETAIL = 'plan_changed';
    END IF;
END
$$;
