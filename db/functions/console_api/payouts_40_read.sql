-- Since version 0005.
-- Payouts as they are shown: to a venue's finance its own, to the platform all. Codes and desks are named, no family is.
-- docs/design.md, "Screens" (finance).

-- The venue of a payout that the caller may read; the same answer for one that is absent and one of somebody else.
CREATE OR REPLACE FUNCTION payouts.require_payout(of_payout uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found uuid;
BEGIN
    SELECT p.venue_id INTO found FROM public.venue_payouts AS p
     WHERE p.id = of_payout AND p.venue_id = ANY (auth.venue_ids('payouts.read'));
    IF found IS NULL THEN
        IF NOT auth.has('payouts.read') THEN
            PERFORM auth.require('payouts.read', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such payout.', DETAIL = 'no_payout';
    END IF;
    RETURN found;
END
$$;

-- Payouts with everything a screen shows of them. Whole credits are found again from the gross, which is their value rounded once.
CREATE OR REPLACE FUNCTION payouts.shown(of_payouts uuid[])
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, timezone text, period_start date, period_end date,
                   state text, gross numeric, fee numeric, adjustments numeric, carried_in numeric, carried_out numeric,
                   net numeric, credits bigint, bookings integer, fee_percentage numeric, credit_value numeric, currency text,
                   adjustment_lines bigint, hold_reason text, failure text, sent_at timestamptz, paid_at timestamptz,
                   method text, reference text, account_end text, run_id uuid, statement_id uuid, made_at timestamptz)
    LANGUAGE sql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.id, p.version, p.venue_id, v.name::text, v.timezone::text, p.payout_period_start, p.payout_period_end,
           CASE WHEN p.carried_out < 0 AND (p.status <> 'pending' OR r.state IS NOT DISTINCT FROM 'approved') THEN 'carried'
                ELSE p.status END,
           p.gross_revenue, p.platform_fee_amount, p.adjustments_amount, p.carried_in, p.carried_out, p.net_payout,
           CASE WHEN p.credit_value >= 0.01 THEN round(p.gross_revenue / p.credit_value)::bigint
                ELSE payouts.credits_of(p.id, p.venue_id) END,
           p.total_bookings, p.platform_fee_percentage, p.credit_value, p.currency::text,
           (SELECT count(*) FROM public.payout_entries AS l
             WHERE l.venue_id = p.venue_id AND l.payout_id = p.id AND l.kind = 'adjustment'),
           p.hold_reason, p.failure_reason, p.sent_at, p.paid_at, p.payment_method::text, p.payment_reference::text,
           v.payout_account_last_four::text, p.run_id, p.statement_document_id, coalesce(r.made_at, p.created_at)
      FROM public.venue_payouts AS p
      JOIN public.venues AS v ON v.id = p.venue_id
      LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
     WHERE p.id = ANY (of_payouts)
$$;

-- A page of payouts, the newest month first; of one venue with its months that are not made yet at the head. `filters` may hold
-- state, period (a month's first day) and text (part of a venue's name); `after_key` is the page_key of the last row seen.
CREATE OR REPLACE FUNCTION payouts.list(
    of_venue uuid DEFAULT NULL, filters jsonb DEFAULT '{}', after_key jsonb DEFAULT NULL, at_most integer DEFAULT 200)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, timezone text, period_start date, period_end date,
                   state text, gross numeric, fee numeric, adjustments numeric, carried_in numeric, carried_out numeric,
                   net numeric, credits bigint, bookings integer, fee_percentage numeric, credit_value numeric, currency text,
                   adjustment_lines bigint, hold_reason text, failure text, sent_at timestamptz, paid_at timestamptz,
                   method text, reference text, account_end text, run_id uuid, statement_id uuid, made_at timestamptz,
                   page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    wanted_state constant text := filters ->> 'state';
    wanted_period date;
    typed constant text := lower(btrim(coalesce(filters ->> 'text', '')));
    visible uuid[];
    current date;
    month date;
    first boolean := true;
BEGIN
    PERFORM auth.require('payouts.read', of_venue);
    IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000 OR filters ->> 'period' !~ '^[0-9]{4}-(0[1-9]|1[0-2])-01$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    wanted_period := (filters ->> 'period')::date;
    visible := CASE WHEN of_venue IS NULL THEN auth.venue_ids('payouts.read') ELSE ARRAY[of_venue] END;
    IF of_venue IS NOT NULL AND after_key IS NULL AND coalesce(wanted_state, 'open') = 'open' THEN
        SELECT date_trunc('month', app.now() AT TIME ZONE v.timezone)::date INTO current
          FROM public.venues AS v WHERE v.id = of_venue AND strpos(lower(v.name), typed) > 0;
        FOR month IN SELECT m::date FROM (VALUES (current - interval '1 month'), (current)) AS x (m)
                      WHERE m IS NOT NULL AND (wanted_period IS NULL OR m::date = wanted_period)
                        AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p
                                         WHERE p.venue_id = of_venue AND p.payout_period_start = m::date)
                      ORDER BY m
        LOOP
            -- What is set right and what is carried belongs to the first of them.
            RETURN QUERY
            SELECT NULL::uuid, 0, p.venue_id, p.venue, p.zone, month, (month + interval '1 month')::date - 1, 'open', p.gross, p.fee,
                   x.adjustments, x.carried, least(x.total, 0), greatest(x.total, 0), p.credits::bigint, p.bookings::integer,
                   p.fee_percentage, p.credit_value, p.currency, CASE WHEN first THEN p.adjustment_lines ELSE 0 END, p.hold_reason,
                   NULL, NULL::timestamptz, NULL::timestamptz, NULL, NULL,
                   (SELECT v.payout_account_last_four::text FROM public.venues AS v WHERE v.id = of_venue), NULL::uuid, NULL::uuid,
                   NULL::timestamptz, NULL::jsonb
              FROM payouts.plan(month, ARRAY[of_venue]) AS p
              CROSS JOIN LATERAL (
                  SELECT CASE WHEN first THEN p.adjustments ELSE 0 END AS adjustments,
                         CASE WHEN first THEN p.carried_in ELSE 0 END AS carried,
                         CASE WHEN first THEN p.total ELSE p.gross - p.fee END AS total) AS x
             WHERE p.bookings > 0 OR month = current;
            first := first AND NOT FOUND;
        END LOOP;
    END IF;
    RETURN QUERY
    SELECT s.*, jsonb_build_array(s.period_start, s.venue, s.id)
      FROM payouts.shown(ARRAY(
          SELECT p.id
            FROM public.venue_payouts AS p
            JOIN public.venues AS v ON v.id = p.venue_id
            LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
           WHERE p.venue_id = ANY (visible)
             AND (wanted_period IS NULL OR p.payout_period_start = wanted_period)
             AND (typed = '' OR strpos(lower(v.name), typed) > 0)
             AND (wanted_state IS NULL OR wanted_state = CASE
                     WHEN p.carried_out < 0 AND (p.status <> 'pending' OR r.state IS NOT DISTINCT FROM 'approved') THEN 'carried'
                     ELSE p.status END)
             AND (after_key IS NULL OR p.payout_period_start < (after_key ->> 0)::date
                  OR (p.payout_period_start = (after_key ->> 0)::date
                      AND (v.name, p.id) > (after_key ->> 1, (after_key ->> 2)::uuid)))
           ORDER BY p.payout_period_start DESC, v.name, p.id
           LIMIT at_most)) AS s
     ORDER BY s.period_start DESC, s.venue, s.id;
END
$$;
COMMENT ON FUNCTION payouts.list(uuid, jsonb, jsonb, integer) IS 'A page of payouts, with what is not made yet at the head.';
GRANT EXECUTE ON FUNCTION payouts.list(uuid, jsonb, jsonb, integer) TO console_client;

CREATE OR REPLACE FUNCTION payouts.payout(of_payout uuid)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, timezone text, period_start date, period_end date,
                   state text, gross numeric, fee numeric, adjustments numeric, carried_in numeric, carried_out numeric,
                   net numeric, credits bigint, bookings integer, fee_percentage numeric, credit_value numeric, currency text,
                   adjustment_lines bigint, hold_reason text, failure text, sent_at timestamptz, paid_at timestamptz,
                   method text, reference text, account_end text, run_id uuid, statement_id uuid, made_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.require_payout(of_payout);
    RETURN QUERY SELECT * FROM payouts.shown(ARRAY[of_payout]);
END
$$;
COMMENT ON FUNCTION payouts.payout(uuid) IS 'One payout.';
GRANT EXECUTE ON FUNCTION payouts.payout(uuid) TO console_client;

-- A page of a payout's lines in their order. `filters` may hold reason (attended, no_show, cancelled_late, adjustment) and text
-- (part of an activity's name or of a code); `after` is the position of the last line seen.
CREATE OR REPLACE FUNCTION payouts.lines(
    of_payout uuid, filters jsonb DEFAULT '{}', after integer DEFAULT NULL, at_most integer DEFAULT 200)
    RETURNS TABLE (id uuid, "position" integer, kind text, reason text, booking_id uuid, code text, day date, activity text,
                   words_in timestamptz, words_out timestamptz, hours_before integer, credits integer, gross numeric,
                   fee_share numeric, net numeric, adjusts_payout_id uuid, adjusts_period date, description text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := payouts.require_payout(of_payout);
    wanted constant text := filters ->> 'reason';
    typed constant text := btrim(coalesce(filters ->> 'text', ''));
    symbols constant text := translate(upper(translate(typed, '- ', '')), 'OIL', '011');
BEGIN
    IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    RETURN QUERY
    SELECT l.id, l.position, l.kind::text, l.reason::text, l.booking_id, b.confirmation_code::text, s.session_date, a.name::text,
           b.checked_in_at, b.checked_out_at,
           CASE WHEN b.cancelled_at <= s.starts_at
                THEN floor(extract(epoch FROM s.starts_at - b.cancelled_at) / 3600)::integer END,
           l.credits, l.gross, l.fee_share, l.net, l.adjusts_payout_id,
           CASE WHEN l.kind = 'adjustment' THEN coalesce(x.payout_period_start, date_trunc('month', s.session_date)::date) END,
           l.description::text
      -- Where nothing is looked for in what a line is about, the page is cut before that is read.
      FROM (SELECT k.* FROM public.payout_lines AS k
             WHERE k.venue_id = at_venue AND k.payout_id = of_payout AND (after IS NULL OR k.position > after)
               AND (wanted IS NULL OR CASE wanted WHEN 'adjustment' THEN k.kind = 'adjustment'
                                                  ELSE k.kind = 'booking' AND k.reason = wanted END)
             ORDER BY k.position, k.id
             LIMIT CASE WHEN typed = '' THEN at_most END) AS l
      LEFT JOIN public.bookings AS b ON b.id = l.booking_id
      LEFT JOIN public.activity_sessions AS s ON s.id = b.session_id
      LEFT JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.venue_payouts AS x ON x.id = l.adjusts_payout_id
     WHERE (typed = '' OR strpos(lower(a.name), lower(typed)) > 0
            OR (symbols <> '' AND strpos(translate(b.confirmation_code, '-', ''), symbols) > 0))
     ORDER BY l.position, l.id
     LIMIT at_most;
END
$$;
COMMENT ON FUNCTION payouts.lines(uuid, jsonb, integer, integer) IS 'A page of a payout''s lines, corrections first.';
GRANT EXECUTE ON FUNCTION payouts.lines(uuid, jsonb, integer, integer) TO console_client;

CREATE OR REPLACE FUNCTION payouts.counts(of_payout uuid) RETURNS TABLE (word text, lines bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    at_venue constant uuid := payouts.require_payout(of_payout);
BEGIN
    RETURN QUERY
    SELECT w.word, w.lines
      FROM (SELECT count(*) AS all_of_them, count(*) FILTER (WHERE l.kind = 'adjustment') AS adjustments,
                   count(*) FILTER (WHERE l.kind = 'booking' AND l.reason = 'attended') AS attended,
                   count(*) FILTER (WHERE l.kind = 'booking' AND l.reason = 'no_show') AS no_show,
                   count(*) FILTER (WHERE l.kind = 'booking' AND l.reason = 'cancelled_late') AS cancelled_late
              FROM public.payout_lines AS l WHERE l.venue_id = at_venue AND l.payout_id = of_payout) AS c
     CROSS JOIN LATERAL (VALUES ('all', c.all_of_them), ('attended', c.attended), ('no_show', c.no_show),
                                ('cancelled_late', c.cancelled_late), ('adjustment', c.adjustments)) AS w (word, lines);
END
$$;
COMMENT ON FUNCTION payouts.counts(uuid) IS 'How many lines of each sort a payout has.';
GRANT EXECUTE ON FUNCTION payouts.counts(uuid) TO console_client;

-- Where a line is found by its id: one that stands by itself, or the place on a sheet that the id names.
CREATE OR REPLACE FUNCTION payouts.find_line(of_line uuid)
    RETURNS TABLE (payout_id uuid, venue_id uuid, session_id uuid, booking_id uuid)
    LANGUAGE sql STABLE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.payout_id, e.venue_id, b.session_id, e.booking_id
      FROM public.payout_entries AS e LEFT JOIN public.bookings AS b ON b.id = e.booking_id
     WHERE e.id = of_line
     UNION ALL
    SELECT p.id, p.venue_id, s.session_id, s.booking_ids[n.place - s.first_position + 1]
      FROM (SELECT ('x' || right(of_line::text, 8))::bit(32)::integer AS place) AS n
     CROSS JOIN public.venue_payouts AS p
      JOIN public.payout_sheets AS s ON s.venue_id = p.venue_id AND s.payout_id = p.id
           AND n.place BETWEEN s.first_position AND s.first_position + cardinality(s.booking_ids) - 1
     WHERE p.id BETWEEN payouts.line_id(of_line, 0) AND payouts.line_id(of_line, -1)
$$;

-- How one line came to be, oldest first: what happened to the booking, what each payout said of it, and when that was fixed and
-- paid. Desks are named, nobody who stood there or came.
CREATE OR REPLACE FUNCTION payouts.trail(of_line uuid)
    RETURNS TABLE (kind text, at timestamptz, amount numeric, fee numeric, credits integer, desk text, hours integer,
                   reason text, period date)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    line record;
BEGIN
    SELECT l.* INTO line FROM payouts.find_line(of_line) AS l
     WHERE l.venue_id = ANY (auth.venue_ids('payouts.read'));
    IF line.payout_id IS NULL THEN
        IF NOT auth.has('payouts.read') THEN
            PERFORM auth.require('payouts.read', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such line.', DETAIL = 'no_line';
    END IF;
    RETURN QUERY
    WITH lines AS (
        SELECT l.*, p.payout_period_start, p.status, p.paid_at, p.sent_at, p.carried_out, r.approved_at
          FROM (SELECT k.* FROM public.payout_lines AS k
                 WHERE k.session_id = line.session_id AND k.booking_id = line.booking_id
                 UNION ALL
                SELECT k.* FROM public.payout_lines AS k
                 WHERE k.venue_id = line.venue_id AND k.payout_id = line.payout_id AND k.id = of_line AND k.booking_id IS NULL) AS l
          JOIN public.venue_payouts AS p ON p.id = l.payout_id
          LEFT JOIN public.payout_runs AS r ON r.id = p.run_id),
    steps AS (
        SELECT 1 AS place, 'booked' AS kind, b.created_at AS at, NULL::numeric AS amount, NULL::numeric AS fee,
               b.credits_charged AS credits, NULL::text AS desk, NULL::integer AS hours, NULL::text AS reason, NULL::date AS period
          FROM public.bookings AS b WHERE b.id = line.booking_id
         UNION ALL
        SELECT 2, CASE e.kind WHEN 'check_in' THEN 'in' WHEN 'check_out' THEN 'out' ELSE 'absent' END, e.occurred_at, NULL, NULL,
               NULL, d.name::text, NULL, NULL, NULL
          FROM public.attendance_events AS e JOIN auth.devices AS d ON d.id = e.device_id
         WHERE e.booking_id = line.booking_id AND e.kind <> 'annul' AND e.outcome IN ('applied', 'applied_with_review')
           AND NOT EXISTS (SELECT 1 FROM public.attendance_events AS x WHERE x.annuls_id = e.id AND x.kind = 'annul'
                              AND x.outcome IN ('applied', 'applied_with_review'))
         UNION ALL
        SELECT 3, 'cancelled', b.cancelled_at, NULL, NULL, b.credits_refunded, NULL,
               CASE WHEN b.cancelled_at <= s.starts_at
                    THEN floor(extract(epoch FROM s.starts_at - b.cancelled_at) / 3600)::integer END, b.status::text, NULL
          FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id
         WHERE b.id = line.booking_id AND b.cancelled_at IS NOT NULL
         UNION ALL
        SELECT 4, CASE l.kind WHEN 'adjustment' THEN 'adjusted' ELSE 'counted' END, l.created_at, l.gross, l.fee_share, l.credits,
               NULL, NULL, l.reason, l.payout_period_start
          FROM lines AS l
         UNION ALL
        SELECT 5, 'fixed', coalesce(l.approved_at, l.sent_at), l.net, NULL, NULL, NULL, NULL, NULL, l.payout_period_start
          FROM lines AS l WHERE coalesce(l.approved_at, l.sent_at) IS NOT NULL
         UNION ALL
        -- Of a month that ended below zero nothing was paid: the next month begins with it.
        SELECT 6, CASE WHEN l.carried_out < 0 THEN 'carried' ELSE 'paid' END, l.paid_at, l.net, NULL, NULL, NULL, NULL, NULL, l.payout_period_start
          FROM lines AS l WHERE l.paid_at IS NOT NULL)
    SELECT s.kind, s.at, s.amount, s.fee, s.credits, s.desk, s.hours, s.reason, s.period
      FROM steps AS s ORDER BY s.at, s.place, s.period;
END
$$;
COMMENT ON FUNCTION payouts.trail(uuid) IS 'How one line of a payout came to be.';
GRANT EXECUTE ON FUNCTION payouts.trail(uuid) TO console_client;
