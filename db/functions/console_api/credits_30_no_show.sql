-- What a no-show costs, and giving that up again when a closing is taken back. Internal: who may is the callers' to ask.

-- Forfeit what is left of a booking's price, where anything was paid; how many credits that is. A booking that is a no-show a
-- second time (its closing was taken back in between) forfeits again.
CREATE OR REPLACE FUNCTION credits.forfeit_no_show(about_booking uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sums record;
    times integer;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.credit_ledger AS l
                    WHERE l.booking_id = about_booking AND l.transaction_type = 'booking_debit') THEN
        RETURN 0;
    END IF;
    sums := credits.of_booking(about_booking);
    IF sums.debited - sums.refunded - sums.forfeited < 1 THEN
        RETURN 0;
    END IF;
    SELECT count(*) INTO times FROM public.credit_ledger AS l
     WHERE l.booking_id = about_booking AND l.transaction_type = 'forfeit' AND l.forfeited_amount < 0;
    RETURN (credits.forfeit(about_booking, 'no_show:' || about_booking || ':' || times)).forfeited_amount;
END
$$;

-- Say that what a no-show forfeited is not forfeited: an entry of its own beside the first, in the same balance.
CREATE OR REPLACE FUNCTION credits.unforfeit(about_booking uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sums record;
    last record;
BEGIN
    SELECT l.id, l.balance_id INTO last FROM public.credit_ledger AS l
     WHERE l.booking_id = about_booking AND l.transaction_type = 'forfeit' AND l.forfeited_amount > 0
     ORDER BY l.created_at DESC, l.entry_no DESC LIMIT 1;
    IF last.id IS NULL THEN
        RETURN 0;
    END IF;
    sums := credits.of_booking(about_booking);
    IF sums.forfeited < 1 THEN
        RETURN 0;
    END IF;
    PERFORM credits.enter(last.balance_id, 'forfeit', 0, -sums.forfeited, about_booking, NULL, auth.user_id(),
                          'unforfeit:' || last.id);
    RETURN sums.forfeited;
END
$$;
