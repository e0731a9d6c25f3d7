-- Since version 0005.
-- Closing the books: a closed month is not made again, and what comes late about it is settled with the next.
-- docs/design.md, "Rules of the domain" (payouts).

-- Why a month cannot be closed, as one sentence; NULL where it can.
CREATE OR REPLACE FUNCTION books.why_not(period date) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
DECLARE
    found integer;
BEGIN
    IF payouts.is_closed(period) THEN
        RETURN 'This month is closed already.';
    ELSIF EXISTS (SELECT 1 FROM public.venues AS v
                   WHERE (app.now() AT TIME ZONE v.timezone)::date < (period + interval '1 month')::date) THEN
        RETURN 'This month is not over everywhere.';
    END IF;
    SELECT count(*) INTO found
      FROM public.venue_payouts AS p LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
     WHERE p.payout_period_start = period AND p.status IN ('pending', 'on_hold') AND r.state IS DISTINCT FROM 'approved';
    IF found > 0 THEN
        RETURN format(CASE found WHEN 1 THEN 'The payout of %s venue is not approved.'
                                 ELSE 'The payouts of %s venues are not approved.' END, found);
    END IF;
    -- Venue by venue, and of each no more than its first such booking: most have a payout, or nothing.
    SELECT count(*) INTO found
      FROM public.venues AS v
     WHERE NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p WHERE p.venue_id = v.id AND p.payout_period_start = period)
       AND EXISTS (
           SELECT 1 FROM public.activity_sessions AS s JOIN public.bookings AS b ON b.session_id = s.id
            WHERE s.venue_id = v.id AND s.session_date >= period AND s.session_date < (period + interval '1 month')::date
              AND attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded) > 0
              -- What a later payout set right is settled, too.
              AND NOT EXISTS (SELECT 1 FROM public.payout_entries AS l WHERE l.booking_id = b.id AND l.kind = 'adjustment')
            OFFSET 0);
    IF found > 0 THEN
        RETURN format(CASE found WHEN 1 THEN '%s venue has earned something and has no payout yet.'
                                 ELSE '%s venues have earned something and have no payout yet.' END, found);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION books.month_rows(months date[])
    RETURNS TABLE (period_start date, payouts bigint, unpaid bigint, gross numeric, fee numeric, net numeric,
                   closed_at timestamptz, closed_by text, reopened bigint, why_not text)
    LANGUAGE sql STABLE ROWS 12
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.month, count(p.id), count(p.id) FILTER (WHERE p.status <> 'paid'), coalesce(sum(p.gross_revenue), 0),
           coalesce(sum(p.platform_fee_amount), 0), coalesce(sum(p.net_payout), 0), k.closed_at, u.first_name::text,
           (SELECT count(*) FROM public.book_closings AS o WHERE o.period_start = m.month AND o.reopened_at IS NOT NULL),
           books.why_not(m.month)
      FROM unnest(months) AS m (month)
      LEFT JOIN public.venue_payouts AS p ON p.payout_period_start = m.month
      LEFT JOIN public.book_closings AS k ON k.period_start = m.month AND k.reopened_at IS NULL
      LEFT JOIN public.users AS u ON u.id = k.closed_by
     GROUP BY m.month, k.closed_at, u.first_name
     ORDER BY m.month DESC
$$;

-- The months of the books, newest first: two years at most, from the first payout or session on.
CREATE OR REPLACE FUNCTION books.months()
    RETURNS TABLE (period_start date, payouts bigint, unpaid bigint, gross numeric, fee numeric, net numeric,
                   closed_at timestamptz, closed_by text, reopened bigint, why_not text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 12
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    current constant date := date_trunc('month', app.now() AT TIME ZONE 'UTC')::date;
    first date;
BEGIN
    PERFORM auth.require('payouts.read', NULL);
    SELECT least((SELECT min(p.payout_period_start) FROM public.venue_payouts AS p),
                 (SELECT min(k.period_start) FROM public.book_closings AS k),
                 (SELECT date_trunc('month', min(s.session_date))::date FROM public.activity_sessions AS s)) INTO first;
    RETURN QUERY SELECT * FROM books.month_rows(ARRAY(
        SELECT g::date FROM generate_series(greatest(coalesce(first, current), (current - interval '24 months')::date),
                                            current, interval '1 month') AS g));
END
$$;
COMMENT ON FUNCTION books.months() IS 'The months of the books, and whether they are or may be closed.';
GRANT EXECUTE ON FUNCTION books.months() TO console_client;

CREATE OR REPLACE FUNCTION books.close(period date)
    RETURNS TABLE (period_start date, payouts bigint, unpaid bigint, gross numeric, fee numeric, net numeric,
                   closed_at timestamptz, closed_by text, reopened bigint, why_not text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    missing text;
BEGIN
    PERFORM payouts.require_person();
    PERFORM payouts.require_month(period);
    LOCK TABLE public.payout_runs IN SHARE ROW EXCLUSIVE MODE;
    missing := books.why_not(period);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = missing,
            DETAIL = CASE WHEN payouts.is_closed(period) THEN 'books_closed' ELSE 'books_not_ready' END;
    END IF;
    INSERT INTO public.book_closings (period_start, closed_by) VALUES (period, auth.user_id());
    RETURN QUERY SELECT * FROM books.month_rows(ARRAY[period]);
END
$$;
COMMENT ON FUNCTION books.close(date) IS 'Lock a month: what comes late is settled with the next.';
GRANT EXECUTE ON FUNCTION books.close(date) TO console_client;

CREATE OR REPLACE FUNCTION books.reopen(period date, reason text)
    RETURNS TABLE (period_start date, payouts bigint, unpaid bigint, gross numeric, fee numeric, net numeric,
                   closed_at timestamptz, closed_by text, reopened bigint, why_not text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    said constant text := payouts.reason(reason);
BEGIN
    PERFORM payouts.require_person();
    PERFORM payouts.require_month(period);
    LOCK TABLE public.payout_runs IN SHARE ROW EXCLUSIVE MODE;
    UPDATE public.book_closings AS k SET reopened_by = auth.user_id(), reopened_at = app.now(), reopen_reason = said
     WHERE k.period_start = period AND k.reopened_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This month is not closed.', DETAIL = 'not_closed';
    END IF;
    RETURN QUERY SELECT * FROM books.month_rows(ARRAY[period]);
END
$$;
COMMENT ON FUNCTION books.reopen(date, text) IS 'Unlock a month, with a reason that stays.';
GRANT EXECUTE ON FUNCTION books.reopen(date, text) TO console_client;
