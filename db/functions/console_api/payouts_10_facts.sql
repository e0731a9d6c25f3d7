-- Since version 0004.
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
    IF period IS NULL OR extract(day FROM period) <> 1 THEN
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

-- What the bookings of the month earn that no payout but these open ones (`own`) has said anything about.
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
       AND NOT EXISTS (SELECT 1 FROM public.payout_lines AS l
                        WHERE l.booking_id = b.id AND l.kind = 'booking' AND l.payout_id <> ALL (own))
       AND NOT EXISTS (SELECT 1 FROM public.payout_lines AS l
                        WHERE l.booking_id = b.id AND l.kind = 'adjustment' AND l.payout_id <> ALL (own))
$$;

-- What has to be set right about bookings that other payouts spoke of, or whose month is fixed without them: one row for each
-- whose lines do not say what it earns now. Only what changed since the venue's last payout is looked at, and months that
-- were closed without a payout.
CREATE OR REPLACE FUNCTION payouts.corrections(period date, wanted uuid[], own uuid[])
    RETURNS TABLE (venue_id uuid, booking_id uuid, adjusts uuid, credits integer, gross numeric, fee_share numeric, reason text,
                   starts_at timestamptz)
    LANGUAGE sql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
    WITH scope AS MATERIALIZED (SELECT * FROM payouts.scope(period, wanted)),
    changed AS (
        SELECT b.id FROM scope AS c JOIN public.bookings AS b ON b.venue_id = c.venue_id AND b.changed_xid >= c.since
        UNION
        SELECT b.id FROM scope AS c JOIN public.activity_sessions AS s ON s.venue_id = c.venue_id AND s.changed_xid >= c.since
          JOIN public.bookings AS b ON b.session_id = s.id
        UNION
        SELECT b.id
          FROM public.book_closings AS k CROSS JOIN scope AS c
          JOIN public.activity_sessions AS s ON s.venue_id = c.venue_id
               AND s.session_date >= k.period_start AND s.session_date < (k.period_start + interval '1 month')::date
          JOIN public.bookings AS b ON b.session_id = s.id
         WHERE k.reopened_at IS NULL AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p
                                                      WHERE p.venue_id = c.venue_id AND p.payout_period_start = k.period_start)),
    compared AS (
        SELECT c.venue_id, b.id, b.status, b.credits_refunded, b.refund_eligible, s.starts_at,
               coalesce(said.counted_in, said.adjusts, fixed.id) AS adjusts, c.credit_value, c.fee,
               attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded)
                   - coalesce(said.credits, 0) AS credits
          FROM changed AS x
          JOIN public.bookings AS b ON b.id = x.id
          JOIN public.activity_sessions AS s ON s.id = b.session_id
          JOIN scope AS c ON c.venue_id = b.venue_id
          LEFT JOIN LATERAL (
              SELECT sum(l.credits)::integer AS credits, count(*) AS lines,
                     (array_agg(l.payout_id) FILTER (WHERE l.kind = 'booking'))[1] AS counted_in,
                     (array_agg(l.adjusts_payout_id) FILTER (WHERE l.adjusts_payout_id IS NOT NULL))[1] AS adjusts
                FROM (SELECT k.credits, k.kind, k.payout_id, k.adjusts_payout_id FROM public.payout_lines AS k
                       WHERE k.booking_id = b.id AND k.kind = 'booking'
                       UNION ALL
                      SELECT k.credits, k.kind, k.payout_id, k.adjusts_payout_id FROM public.payout_lines AS k
                       WHERE k.booking_id = b.id AND k.kind = 'adjustment') AS l
               WHERE l.payout_id <> ALL (own)) AS said ON true
          LEFT JOIN public.venue_payouts AS fixed ON fixed.venue_id = b.venue_id
               AND fixed.payout_period_start = date_trunc('month', s.session_date)::date
               AND fixed.payout_period_start <> period AND fixed.id <> ALL (own)
         WHERE said.lines > 0
            OR (fixed.id IS NOT NULL AND app.any_payout_fixed(ARRAY[fixed.id]) AND fixed.status <> 'on_hold')
            OR (fixed.id IS NOT NULL AND fixed.status = 'on_hold'
                AND EXISTS (SELECT 1 FROM public.payout_runs AS r WHERE r.id = fixed.run_id AND r.state = 'approved'))
            OR (fixed.id IS NULL AND s.session_date < period AND EXISTS (
                   SELECT 1 FROM public.book_closings AS k WHERE k.reopened_at IS NULL
                      AND k.period_start = date_trunc('month', s.session_date)::date)))
    SELECT x.venue_id, x.id, x.adjusts, x.credits, round(x.credits * r.credit_value, 2),
           round(round(x.credits * r.credit_value, 2) * r.fee / 100, 2),
           CASE WHEN EXISTS (SELECT 1 FROM public.earning_changes AS e WHERE e.booking_id = x.id AND e.venue_id = x.venue_id
                                AND (e.payout_line_id IS NULL OR EXISTS (
                                        SELECT 1 FROM public.payout_lines AS l
                                         WHERE l.id = e.payout_line_id AND l.payout_id = ANY (own)))) THEN 'decided'
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
     WHERE x.credits <> 0
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
           payouts.mark(p.venue_id, p.platform_fee_percentage, p.credit_value, count(l.id) FILTER (WHERE l.kind = 'booking'),
                        coalesce(sum(l.credits) FILTER (WHERE l.kind = 'booking'), 0),
                        coalesce(bit_xor(uuid_hash_extended(l.booking_id, l.credits)), 0),
                        count(l.id) FILTER (WHERE l.kind = 'adjustment'),
                        coalesce(sum(l.gross - l.fee_share) FILTER (WHERE l.kind = 'adjustment'), 0), p.carried_from_id,
                        p.carried_in, p.status = 'on_hold')
      FROM public.venue_payouts AS p
      LEFT JOIN public.payout_lines AS l ON l.venue_id = p.venue_id AND l.payout_id = p.id
     WHERE p.id = ANY (of_payouts)
     GROUP BY p.id
$$;

SET LOCAL check_function_bodies = on;
