-- Since version 0005.
-- What a month came to for each venue, worked out from its bookings: the one place where payouts take their numbers from.
-- docs/design.md, "Rules of the domain" (payouts).
--
-- A payout is open while nobody approved its run and no money moved; an open one is made anew, every other is fixed. A venue has
-- one open payout at a time, so that each new one knows all that was said before it: what a booking earns now, less what all the
-- lines about it say, is what the new payout says about it.

-- What a booking earns (attendance.earned) stands in a file that comes after this one.
SET LOCAL check_function_bodies = off;

CREATE OR REPLACE FUNCTION payouts.require_month(period date) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF extract(day FROM period) IS DISTINCT FROM 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Payouts are made for whole months.', DETAIL = 'period';
    END IF;
END
$$;

-- The venues of a run with what is decided before any booking is looked at. `since`: what changed from that transaction on has
-- not been looked at by any payout of the venue; NULL where it never had one. A database that was restored elsewhere counts its
-- transactions anew: a mark from its future means that everything has to be looked at.
CREATE OR REPLACE FUNCTION payouts.scope(period date, wanted uuid[])
    RETURNS TABLE (venue_id uuid, venue text, zone text, fee numeric, credit_value numeric, currency text, existing_id uuid,
                   status text, is_open boolean, run_id uuid, waits boolean, since xid8, carried_from uuid, carried_in numeric,
                   hold_reason text, has_account boolean, is_over boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.id, v.name::text, v.timezone::text, v.platform_fee_percentage,
           (SELECT (s.value #>> '{}')::numeric(12, 4) FROM public.platform_settings AS s WHERE s.key = 'credit_value'),
           (SELECT s.value #>> '{}' FROM public.platform_settings AS s WHERE s.key = 'currency'),
           p.id, p.status::text,
           coalesce(p.status IN ('pending', 'on_hold') AND r.state IS DISTINCT FROM 'approved', false), p.run_id,
           EXISTS (SELECT 1 FROM public.venue_payouts AS o LEFT JOIN public.payout_runs AS q ON q.id = o.run_id
                    WHERE o.venue_id = v.id AND o.payout_period_start <> period AND o.status IN ('pending', 'on_hold')
                      AND q.state IS DISTINCT FROM 'approved'),
           last.since, carry.id, coalesce(carry.carried_out, 0), h.reason::text,
           v.stripe_connect_account_id IS NOT NULL OR v.payout_account_last_four IS NOT NULL,
           (app.now() AT TIME ZONE v.timezone)::date >= (period + interval '1 month')::date
      FROM public.venues AS v
      LEFT JOIN public.venue_payouts AS p ON p.venue_id = v.id AND p.payout_period_start = period
      LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
      LEFT JOIN public.payout_holds AS h ON h.venue_id = v.id AND h.released_at IS NULL
      LEFT JOIN LATERAL (
          SELECT CASE WHEN o.counted_xmin <= pg_snapshot_xmax(pg_current_snapshot()) THEN o.counted_xmin ELSE '0'::xid8 END AS since
            FROM public.venue_payouts AS o LEFT JOIN public.payout_runs AS q ON q.id = o.run_id
           WHERE o.venue_id = v.id AND (o.status NOT IN ('pending', 'on_hold') OR q.state IS NOT DISTINCT FROM 'approved')
           ORDER BY o.created_at DESC, o.counted_xmin DESC NULLS LAST, o.payout_period_start DESC LIMIT 1) AS last ON true
      LEFT JOIN LATERAL (
          SELECT o.id, o.carried_out
            FROM public.venue_payouts AS o LEFT JOIN public.payout_runs AS q ON q.id = o.run_id
           WHERE o.venue_id = v.id AND o.carried_out < 0 AND o.payout_period_start <> period
             AND (o.status NOT IN ('pending', 'on_hold') OR q.state IS NOT DISTINCT FROM 'approved')
             AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS n
                              WHERE n.carried_from_id = o.id AND n.venue_id = v.id AND n.id IS DISTINCT FROM p.id)
           ORDER BY o.payout_period_start LIMIT 1) AS carry ON true
     WHERE wanted IS NULL OR v.id = ANY (wanted)
$$;

-- What the bookings of the month earn that no payout but these open ones (`own`) has said anything about. A session has one sheet:
-- what comes late to one that another payout counted is a correction.
CREATE OR REPLACE FUNCTION payouts.earned(period date, venues uuid[], own uuid[])
    RETURNS TABLE (venue_id uuid, booking_id uuid, session_id uuid, starts_at timestamptz, status public.booking_status,
                   credits integer)
    LANGUAGE sql STABLE ROWS 100000
AS $$
    SELECT b.venue_id, b.id, b.session_id, s.starts_at, b.status,
           attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded)
      FROM public.activity_sessions AS s
      JOIN public.bookings AS b ON b.session_id = s.id
     WHERE s.venue_id = ANY (venues) AND s.session_date >= period AND s.session_date < (period + interval '1 month')::date
       AND attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded) > 0
       AND NOT EXISTS (SELECT 1 FROM public.payout_sheets AS l WHERE l.session_id = s.id AND l.payout_id <> ALL (own))
       AND NOT EXISTS (SELECT 1 FROM public.payout_entries AS l WHERE l.booking_id = b.id AND l.payout_id <> ALL (own))
$$;

-- What has to be set right about bookings that other payouts spoke of, or whose month is fixed without them: one row for each
-- whose lines do not say what it earns now. Only what changed since the venue's last payout is looked at, and months that
-- were closed without a payout.
CREATE OR REPLACE FUNCTION payouts.corrections(period date, wanted uuid[], own uuid[])
    RETURNS TABLE (venue_id uuid, booking_id uuid, adjusts uuid, credits integer, gross numeric, fee_share numeric, reason text,
                   starts_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    SET plan_cache_mode = force_custom_plan
    SET enable_nestloop = on
AS $$
#variable_conflict use_column
DECLARE
    this_month constant date := period;
    changed uuid[];
BEGIN
    -- A venue that was never paid, and no month that was closed without it: there is nothing to compare.
    IF NOT EXISTS (SELECT 1 FROM payouts.scope(this_month, wanted) AS c WHERE c.since IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM public.book_closings AS k WHERE k.reopened_at IS NULL) THEN
        RETURN;
    END IF;
    changed := ARRAY(
        WITH scope AS MATERIALIZED (SELECT c.venue_id, c.since FROM payouts.scope(this_month, wanted) AS c),
        -- The months of each venue that other payouts speak of, or that were closed: nothing else can need a correction.
        settled AS MATERIALIZED (
            SELECT p.venue_id, p.payout_period_start AS month
              FROM scope AS c JOIN public.venue_payouts AS p ON p.venue_id = c.venue_id
             WHERE p.payout_period_start <> this_month AND p.id <> ALL (own)
            UNION
            SELECT c.venue_id, k.period_start FROM scope AS c CROSS JOIN public.book_closings AS k
             WHERE k.reopened_at IS NULL AND k.period_start < this_month)
        SELECT b.id
          FROM scope AS c JOIN public.activity_sessions AS s ON s.venue_id = c.venue_id
          JOIN public.bookings AS b ON b.session_id = s.id
         WHERE (b.changed_xid >= c.since OR s.changed_xid >= c.since)
           -- Said again, so that the bookings of one venue are read from its sessions.
           AND (wanted IS NULL OR s.venue_id = ANY (wanted))
           AND (EXISTS (SELECT 1 FROM settled AS m
                         WHERE m.venue_id = s.venue_id AND m.month = date_trunc('month', s.session_date)::date)
                OR EXISTS (SELECT 1 FROM public.payout_sheets AS l WHERE l.session_id = s.id AND l.payout_id <> ALL (own)))
        UNION
        SELECT b.id FROM scope AS c JOIN public.payout_entries AS l ON l.venue_id = c.venue_id
          JOIN public.bookings AS b ON b.id = l.booking_id
          JOIN public.activity_sessions AS s ON s.id = b.session_id
         WHERE b.changed_xid >= c.since OR s.changed_xid >= c.since
        UNION
        SELECT b.id
          FROM public.book_closings AS k CROSS JOIN scope AS c
          JOIN public.activity_sessions AS s ON s.venue_id = c.venue_id
               AND s.session_date >= k.period_start AND s.session_date < (k.period_start + interval '1 month')::date
          JOIN public.bookings AS b ON b.session_id = s.id
         WHERE k.reopened_at IS NULL AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p
                                                      WHERE p.venue_id = c.venue_id AND p.payout_period_start = k.period_start));
    RETURN QUERY
    WITH scope AS MATERIALIZED (SELECT * FROM payouts.scope(this_month, wanted)),
    compared AS (
        SELECT c.venue_id, b.id, b.status, b.credits_refunded, b.refund_eligible, s.starts_at,
               coalesce(said.counted_in, said.adjusts, fixed.id) AS adjusts, c.credit_value, c.fee,
               attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded)
                   - coalesce(said.credits, 0) AS credits
          FROM unnest(changed) AS x (id)
          JOIN public.bookings AS b ON b.id = x.id
          JOIN public.activity_sessions AS s ON s.id = b.session_id
          JOIN scope AS c ON c.venue_id = b.venue_id
          LEFT JOIN public.payout_sheets AS t ON t.session_id = b.session_id AND t.payout_id <> ALL (own)
          LEFT JOIN LATERAL (
              SELECT sum(l.credits)::integer AS credits, count(*) AS lines,
                     (array_agg(l.payout_id) FILTER (WHERE l.kind = 'booking'))[1] AS counted_in,
                     (array_agg(l.adjusts_payout_id) FILTER (WHERE l.adjusts_payout_id IS NOT NULL))[1] AS adjusts
                FROM (SELECT t.credits[array_position(t.booking_ids, b.id)] AS credits, 'booking' AS kind, t.payout_id,
                             NULL::uuid AS adjusts_payout_id
                       WHERE b.id = ANY (t.booking_ids)
                       UNION ALL
                      SELECT k.credits, k.kind, k.payout_id, k.adjusts_payout_id FROM public.payout_entries AS k
                       WHERE k.booking_id = b.id AND k.payout_id <> ALL (own)) AS l) AS said ON true
          LEFT JOIN public.venue_payouts AS month ON t.payout_id IS NULL AND month.venue_id = b.venue_id
               AND month.payout_period_start = date_trunc('month', s.session_date)::date
               AND month.payout_period_start <> this_month AND month.id <> ALL (own)
          LEFT JOIN public.venue_payouts AS fixed ON fixed.id = coalesce(t.payout_id, month.id)
         WHERE said.lines > 0
            OR (fixed.id IS NOT NULL AND app.any_payout_fixed(ARRAY[fixed.id]) AND fixed.status <> 'on_hold')
            OR (fixed.id IS NOT NULL AND fixed.status = 'on_hold'
                AND EXISTS (SELECT 1 FROM public.payout_runs AS r WHERE r.id = fixed.run_id AND r.state = 'approved'))
            OR (fixed.id IS NULL AND s.session_date < this_month AND EXISTS (
                   SELECT 1 FROM public.book_closings AS k WHERE k.reopened_at IS NULL
                      AND k.period_start = date_trunc('month', s.session_date)::date)))
    SELECT x.venue_id, x.id, x.adjusts, x.credits, round(x.credits * r.credit_value, 2),
           round(round(x.credits * r.credit_value, 2) * r.fee / 100, 2),
           CASE WHEN EXISTS (SELECT 1 FROM public.earning_changes AS e WHERE e.booking_id = x.id AND e.venue_id = x.venue_id
                                AND (e.payout_line_id IS NULL OR payouts.is_line_of(e.payout_line_id, own))) THEN 'decided'
                WHEN x.credits < 0 AND (x.credits_refunded > 0 OR x.refund_eligible) THEN 'refunded'
                WHEN x.credits > 0 AND x.status = 'completed' THEN 'late_check_in'
                WHEN x.credits > 0 AND EXISTS (SELECT 1 FROM public.owed_credits AS o
                                                WHERE o.booking_id = x.id AND o.settled_at IS NOT NULL) THEN 'owed_settled'
                ELSE 'other' END,
           x.starts_at
      FROM compared AS x
      LEFT JOIN public.venue_payouts AS a ON a.id = x.adjusts
      CROSS JOIN LATERAL (SELECT coalesce(a.credit_value, x.credit_value) AS credit_value,
                                 coalesce(a.platform_fee_percentage, x.fee) AS fee) AS r
     WHERE x.credits <> 0;
END
$$;

-- One line of text for all that a payout says: two that read alike are the same payout.
CREATE OR REPLACE FUNCTION payouts.mark(
    venue uuid, fee numeric, credit_value numeric, bookings bigint, credits bigint, lines_hash bigint, adjustment_lines bigint,
    adjustments numeric, carried_from uuid, carried_in numeric, on_hold boolean) RETURNS text
    LANGUAGE sql IMMUTABLE
RETURN concat_ws('|', venue, trim_scale(fee), trim_scale(credit_value), bookings, credits, lines_hash, adjustment_lines,
                 trim_scale(adjustments), coalesce(carried_from::text, '-'), trim_scale(carried_in), on_hold);

-- The plan of a run: one row for each venue that has anything in the month. Not for desks: it asks nobody's permission.
CREATE OR REPLACE FUNCTION payouts.plan(period date, wanted uuid[])
    RETURNS TABLE (venue_id uuid, venue text, zone text, fee_percentage numeric, credit_value numeric, currency text,
                   existing_id uuid, status text, is_open boolean, run_id uuid, waits boolean, hold_reason text,
                   has_account boolean, is_over boolean, bookings bigint, attendees bigint, credits bigint, gross numeric,
                   fee numeric, adjustment_lines bigint, adjustments numeric, carried_from uuid, carried_in numeric,
                   total numeric, mark text)
    LANGUAGE plpgsql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET work_mem = '256MB'
    SET jit = off
    SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    month constant date := period;
    own uuid[];
    venues uuid[];
BEGIN
    SELECT coalesce(array_agg(c.existing_id) FILTER (WHERE c.is_open AND NOT c.waits), '{}'), coalesce(array_agg(c.venue_id), '{}')
      INTO own, venues FROM payouts.scope(month, wanted) AS c;
    RETURN QUERY
    WITH counted AS MATERIALIZED (
        SELECT e.venue_id, count(*) AS bookings, count(*) FILTER (WHERE e.status = 'completed') AS attendees,
               sum(e.credits) AS credits, bit_xor(uuid_hash_extended(e.booking_id, e.credits)) AS hash
          FROM payouts.earned(month, venues, own) AS e
         GROUP BY e.venue_id),
    corrected AS MATERIALIZED (
        SELECT k.venue_id, count(*) AS lines, sum(k.gross - k.fee_share) AS net,
               bit_xor(uuid_hash_extended(k.booking_id, k.credits)) AS hash
          FROM payouts.corrections(month, wanted, own) AS k
         GROUP BY k.venue_id),
    sums AS (
        SELECT c.*, coalesce(e.bookings, 0) AS bookings, coalesce(e.attendees, 0) AS attendees, coalesce(e.credits, 0) AS credits,
               round(coalesce(e.credits, 0) * c.credit_value, 2) AS gross,
               coalesce(k.lines, 0) AS lines, coalesce(k.net, 0) AS adjustments,
               coalesce(e.hash, 0) # coalesce(k.hash, 0) AS hash
          FROM payouts.scope(month, wanted) AS c LEFT JOIN counted AS e ON e.venue_id = c.venue_id
          LEFT JOIN corrected AS k ON k.venue_id = c.venue_id)
    SELECT s.venue_id, s.venue, s.zone, s.fee, s.credit_value, s.currency, s.existing_id, s.status, s.is_open, s.run_id, s.waits,
           s.hold_reason, s.has_account, s.is_over, s.bookings, s.attendees, s.credits, s.gross, f.fee, s.lines, s.adjustments,
           s.carried_from, s.carried_in, s.gross - f.fee + s.adjustments + s.carried_in,
           payouts.mark(s.venue_id, s.fee, s.credit_value, s.bookings, s.credits, s.hash, s.lines, s.adjustments, s.carried_from,
                        s.carried_in, s.hold_reason IS NOT NULL
                            AND s.gross - f.fee + s.adjustments + s.carried_in > 0)
      FROM sums AS s CROSS JOIN LATERAL (SELECT round(s.gross * s.fee / 100, 2) AS fee) AS f
     WHERE s.bookings > 0 OR s.lines > 0 OR s.carried_in <> 0 OR s.existing_id IS NOT NULL;
END
$$;

-- The same line of text for open payouts as they were made.
CREATE OR REPLACE FUNCTION payouts.marks(of_payouts uuid[]) RETURNS TABLE (venue_id uuid, payout_id uuid, mark text)
    LANGUAGE sql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET work_mem = '256MB'
    SET jit = off
AS $$
    SELECT p.venue_id, p.id,
           payouts.mark(p.venue_id, p.platform_fee_percentage, p.credit_value, coalesce(b.lines, 0) + e.bookings,
                        coalesce(b.credits, 0) + e.credits, coalesce(b.hash, 0) # e.hash, e.adjustments, e.net, p.carried_from_id,
                        p.carried_in, p.status = 'on_hold')
      FROM public.venue_payouts AS p
      LEFT JOIN (
          SELECT l.payout_id, count(*) AS lines, sum(u.credits) AS credits,
                 bit_xor(uuid_hash_extended(u.booking_id, u.credits)) AS hash
            FROM public.venue_payouts AS o
            JOIN public.payout_sheets AS l ON l.venue_id = o.venue_id AND l.payout_id = o.id
            CROSS JOIN LATERAL unnest(l.booking_ids, l.credits) AS u (booking_id, credits)
           WHERE o.id = ANY (of_payouts)
           GROUP BY l.payout_id) AS b ON b.payout_id = p.id
      CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE l.kind = 'booking') AS bookings,
                 coalesce(sum(l.credits) FILTER (WHERE l.kind = 'booking'), 0) AS credits,
                 count(*) FILTER (WHERE l.kind = 'adjustment') AS adjustments,
                 coalesce(sum(l.net) FILTER (WHERE l.kind = 'adjustment'), 0) AS net,
                 coalesce(bit_xor(uuid_hash_extended(l.booking_id, l.credits)), 0) AS hash
            FROM public.payout_entries AS l WHERE l.venue_id = p.venue_id AND l.payout_id = p.id) AS e
     WHERE p.id = ANY (of_payouts)
$$;

-- The id of a line is made of its payout and its place, so that the line of a booking is found again on its session's sheet.
CREATE OR REPLACE FUNCTION payouts.line_id(of_payout uuid, place integer) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (left(of_payout::text, 28) || lpad(to_hex(place), 8, '0'))::uuid;

-- What the bookings of a payout earned, in credits.
CREATE OR REPLACE FUNCTION payouts.credits_of(of_payout uuid, at_venue uuid) RETURNS bigint
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT coalesce(sum(c), 0) FROM public.payout_sheets AS l CROSS JOIN LATERAL unnest(l.credits) AS c
         WHERE l.venue_id = at_venue AND l.payout_id = of_payout)
     + (SELECT coalesce(sum(l.credits), 0) FROM public.payout_entries AS l
         WHERE l.venue_id = at_venue AND l.payout_id = of_payout AND l.kind = 'booking');

-- Whether a line is one of these payouts'.
CREATE OR REPLACE FUNCTION payouts.is_line_of(line uuid, of_payouts uuid[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE
RETURN payouts.line_id(line, 0) = ANY (ARRAY(SELECT payouts.line_id(p.id, 0) FROM unnest(of_payouts) AS p (id)));

SET LOCAL check_function_bodies = on;
