-- What may be called from outside: the worker's jobs give and expire credits, administrators adjust them and look.

-- Give a parent the credits of a billing period; the period is opened where it is new.
CREATE OR REPLACE FUNCTION credits.allocate(parent uuid, first_day date, last_day date, amount integer, key text)
    RETURNS TABLE (entry_id uuid, amount_moved integer, balance_after integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    made public.credit_ledger;
BEGIN
    IF amount IS NULL OR amount < 1 OR last_day IS NULL OR first_day IS NULL OR last_day < first_day THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Credits are given for a period, at least one of them.',
            DETAIL = 'amount';
    END IF;
    made := credits.enter(credits.open_period(parent, first_day, last_day), 'allocation', amount, 0, NULL, NULL, NULL, key);
    RETURN QUERY SELECT made.id, made.amount, made.balance_after;
END
$$;
COMMENT ON FUNCTION credits.allocate(uuid, date, date, integer, text) IS 'Give a parent the credits of a billing period.';
GRANT EXECUTE ON FUNCTION credits.allocate(uuid, date, date, integer, text) TO console_owner, console_jobs;
-- A worker's login that was stolen must neither give credits away nor choose the day on which they expire: its jobs go
-- through console_jobs, which says who and when. Databases of older releases gave it both.
REVOKE EXECUTE ON FUNCTION credits.allocate(uuid, date, date, integer, text) FROM console_worker;

-- Take what is left of every period that ended before `today`; the answer is how many balances that emptied. A balance somebody
-- holds is left to the next run: nobody spends of a period that is over.
CREATE OR REPLACE FUNCTION credits.expire(today date) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    one record;
    emptied integer := 0;
BEGIN
    FOR one IN
        SELECT b.id, b.credits_available, b.entries FROM public.user_credit_balances AS b
         WHERE b.billing_period_end < today AND b.credits_available > 0
         ORDER BY b.user_id, b.billing_period_start FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        -- The key names the entry count: run again after a late refund, it expires that refund too, once.
        PERFORM credits.enter(one.id, 'expiry', -one.credits_available, 0, NULL, NULL, NULL,
                              'expiry:' || one.id || ':' || one.entries);
        emptied := emptied + 1;
    END LOOP;
    RETURN emptied;
END
$$;
COMMENT ON FUNCTION credits.expire(date) IS 'Expire the credits of billing periods that are over.';
GRANT EXECUTE ON FUNCTION credits.expire(date) TO console_owner, console_jobs;
REVOKE EXECUTE ON FUNCTION credits.expire(date) FROM console_worker;

-- An administrator's correction, with its reason, in the period that today falls in (opened where there is none).
CREATE OR REPLACE FUNCTION credits.adjust(parent uuid, amount integer, reason text, key text)
    RETURNS TABLE (entry_id uuid, amount_moved integer, balance_after integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    made public.credit_ledger;
    today constant date := (app.now() AT TIME ZONE 'UTC')::date;
    target uuid;
BEGIN
    PERFORM auth.require('credits.adjust', NULL);
    IF amount IS NULL OR amount = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say how many credits to add or to take.', DETAIL = 'amount';
    ELSIF btrim(coalesce(reason, '')) = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why the credits are changed.', DETAIL = 'reason';
    ELSIF NOT EXISTS (SELECT 1 FROM public.users AS u WHERE u.id = parent AND u.role = 'parent') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such parent.', DETAIL = 'no_parent';
    END IF;
    -- A retry is answered from the period it was booked in, even when a new month has begun since.
    SELECT l.balance_id INTO target FROM public.credit_ledger AS l WHERE l.idempotency_key = key AND l.user_id = parent;
    IF target IS NULL THEN
        SELECT b.id INTO target FROM public.user_credit_balances AS b
         WHERE b.user_id = parent AND today BETWEEN b.billing_period_start AND b.billing_period_end
         ORDER BY b.billing_period_end LIMIT 1;
    END IF;
    IF target IS NULL THEN
        target := credits.open_period(parent, date_trunc('month', today)::date,
                                      (date_trunc('month', today) + interval '1 month - 1 day')::date);
    END IF;
    made := credits.enter(target, 'adjustment', amount, 0, NULL, btrim(reason), auth.user_id(), key);
    RETURN QUERY SELECT made.id, made.amount, made.balance_after;
END
$$;
COMMENT ON FUNCTION credits.adjust(uuid, integer, text, text) IS 'Correct a parent''s credits, with a reason.';
GRANT EXECUTE ON FUNCTION credits.adjust(uuid, integer, text, text) TO console_client;

-- A parent's spendable credits now. For those who manage bookings or credits; a parent unknown to the caller has none.
CREATE OR REPLACE FUNCTION credits.balance(parent uuid) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF NOT auth.has('credits.adjust', NULL) THEN
        IF NOT auth.has('booking.manage') THEN
            PERFORM auth.require('credits.adjust', NULL);
        END IF;
        -- A venue sees the balance of families that booked with it, and of nobody else.
        IF NOT EXISTS (SELECT 1 FROM public.bookings AS b
                        WHERE b.booked_by = parent AND b.venue_id = ANY (auth.venue_ids('booking.manage'))) THEN
            RETURN 0;
        END IF;
    END IF;
    RETURN credits.spendable(parent);
END
$$;
COMMENT ON FUNCTION credits.balance(uuid) IS 'A parent''s spendable credits.';
GRANT EXECUTE ON FUNCTION credits.balance(uuid) TO console_client;
