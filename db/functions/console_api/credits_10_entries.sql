-- Credits move only through these functions. Every movement carries an idempotency key: the same key with the same facts is
-- answered with the entry it made, with other facts it is refused. The ledger's triggers number the entries and keep the
-- balances; a parent's balances are locked oldest period first, so two movements never wait for each other in a circle.
-- docs/design.md, "Rules of the domain" (credits).

-- One movement of any kind in one balance. Internal: who may move credits is the callers' to ask.
CREATE OR REPLACE FUNCTION credits.enter(
    of_balance uuid, kind public.credit_transaction_type, amount integer, forfeited integer, about_booking uuid,
    note text, by_person uuid, key text) RETURNS public.credit_ledger
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made public.credit_ledger;
    owner uuid;
BEGIN
    IF key IS NULL OR btrim(key) = '' OR length(key) > 255 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A movement of credits needs a key of its own.',
            DETAIL = 'idempotency_key_missing';
    END IF;
    SELECT b.user_id INTO owner FROM public.user_credit_balances AS b WHERE b.id = of_balance FOR NO KEY UPDATE;
    IF owner IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such balance.', DETAIL = 'no_balance';
    END IF;
    SELECT * INTO made FROM public.credit_ledger AS l WHERE l.idempotency_key = key;
    IF made.id IS NULL THEN
        INSERT INTO public.credit_ledger (user_id, balance_id, transaction_type, amount, forfeited_amount, booking_id,
                                          description, adjusted_by, idempotency_key)
        VALUES (owner, of_balance, kind, amount, forfeited, about_booking, note, by_person, key)
        ON CONFLICT (idempotency_key) DO NOTHING
        RETURNING * INTO made;
        IF made.id IS NULL THEN  -- somebody else committed the key in this moment
            SELECT * INTO made FROM public.credit_ledger AS l WHERE l.idempotency_key = key;
        ELSE
            RETURN made;
        END IF;
    END IF;
    IF (made.balance_id, made.transaction_type, made.amount, made.forfeited_amount, made.booking_id)
       IS DISTINCT FROM (of_balance, kind, amount, forfeited, about_booking) THEN
        PERFORM credits.refuse_key();
    END IF;
    RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION credits.refuse_key() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This key already stands for another movement of credits.',
        HINT = 'Reload and try again.', DETAIL = 'idempotency_key_reused';
END
$$;

-- A parent's spendable credits now: the sum over the billing periods that are not over.
CREATE OR REPLACE FUNCTION credits.spendable(parent uuid) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(b.credits_available), 0)::integer FROM public.user_credit_balances AS b
     WHERE b.user_id = parent AND b.billing_period_end >= (app.now() AT TIME ZONE 'UTC')::date
$$;

-- The balance of a billing period, made where it is missing.
CREATE OR REPLACE FUNCTION credits.open_period(parent uuid, first_day date, last_day date) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found uuid;
BEGIN
    INSERT INTO public.user_credit_balances (user_id, billing_period_start, billing_period_end)
        VALUES (parent, first_day, last_day) ON CONFLICT (user_id, billing_period_start) DO NOTHING;
    SELECT b.id INTO found FROM public.user_credit_balances AS b
     WHERE b.user_id = parent AND b.billing_period_start = first_day;
    RETURN found;
END
$$;

-- Take credits for a booking from the period that ends first and holds enough; a price is never split over two periods.
CREATE OR REPLACE FUNCTION credits.debit(parent uuid, price integer, about_booking uuid, key text) RETURNS public.credit_ledger
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made public.credit_ledger;
    source uuid;
BEGIN
    IF price IS NULL OR price < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A price is at least one credit.', DETAIL = 'amount';
    END IF;
    PERFORM 1 FROM public.user_credit_balances AS b WHERE b.user_id = parent ORDER BY b.billing_period_start FOR NO KEY UPDATE;
    SELECT * INTO made FROM public.credit_ledger AS l WHERE l.idempotency_key = key;
    IF made.id IS NOT NULL THEN
        IF (made.user_id, made.transaction_type, made.amount, made.booking_id)
           IS DISTINCT FROM (parent, 'booking_debit'::public.credit_transaction_type, -price, about_booking) THEN
            PERFORM credits.refuse_key();
        END IF;
        RETURN made;
    END IF;
    SELECT b.id INTO source FROM public.user_credit_balances AS b
     WHERE b.user_id = parent AND b.credits_available >= price
       AND b.billing_period_end >= (app.now() AT TIME ZONE 'UTC')::date
     ORDER BY b.billing_period_end, b.billing_period_start LIMIT 1;
    IF source IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This family does not have enough credits.',
            HINT = 'Ask the parent to choose something else, or an administrator to add credits.',
            DETAIL = 'not_enough_credits';
    END IF;
    RETURN credits.enter(source, 'booking_debit', -price, 0, about_booking, NULL, NULL, key);
END
$$;

-- What a booking cost and what came back of it, with its parent's balances locked. `balance` is where a refund goes: the
-- period the price was taken from or, when that is over, the period that ends last, where it can still be spent.
CREATE OR REPLACE FUNCTION credits.of_booking(
    about_booking uuid, OUT balance uuid, OUT debited integer, OUT refunded integer, OUT forfeited integer)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent uuid;
BEGIN
    SELECT l.balance_id, l.user_id INTO balance, parent FROM public.credit_ledger AS l
     WHERE l.booking_id = about_booking AND l.transaction_type = 'booking_debit' ORDER BY l.entry_no LIMIT 1;
    IF balance IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'No credits were taken for this booking.',
            DETAIL = 'not_debited';
    END IF;
    PERFORM 1 FROM public.user_credit_balances AS b WHERE b.user_id = parent ORDER BY b.billing_period_start FOR NO KEY UPDATE;
    SELECT b.id INTO balance FROM public.user_credit_balances AS b
     WHERE b.user_id = parent
     ORDER BY (b.id = balance AND b.billing_period_end >= (app.now() AT TIME ZONE 'UTC')::date) DESC,
              b.billing_period_end DESC LIMIT 1;
    SELECT coalesce(-sum(l.amount) FILTER (WHERE l.transaction_type = 'booking_debit'), 0),
           coalesce(sum(l.amount) FILTER (WHERE l.transaction_type IN ('refund_credit', 'partial_refund')), 0),
           coalesce(sum(l.forfeited_amount), 0)
      INTO debited, refunded, forfeited
      FROM public.credit_ledger AS l WHERE l.booking_id = about_booking;
END
$$;

-- Give back all that is left of a booking's price.
CREATE OR REPLACE FUNCTION credits.refund(about_booking uuid, key text) RETURNS public.credit_ledger
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known public.credit_ledger;
    sums record;
BEGIN
    sums := credits.of_booking(about_booking);
    SELECT * INTO known FROM public.credit_ledger AS l WHERE l.idempotency_key = key;
    IF known.id IS NOT NULL THEN
        IF (known.booking_id, known.transaction_type)
           IS DISTINCT FROM (about_booking, 'refund_credit'::public.credit_transaction_type) THEN
            PERFORM credits.refuse_key();
        END IF;
        RETURN known;
    END IF;
    PERFORM credits.require_left(sums.debited - sums.refunded - sums.forfeited, 1);
    RETURN credits.enter(sums.balance, 'refund_credit', sums.debited - sums.refunded - sums.forfeited, 0, about_booking,
                         NULL, NULL, key);
END
$$;

-- Give back a part of a booking's price (the venue changed the session).
CREATE OR REPLACE FUNCTION credits.partial_refund(about_booking uuid, amount integer, key text) RETURNS public.credit_ledger
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known public.credit_ledger;
    sums record;
BEGIN
    IF amount IS NULL OR amount < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A refund is at least one credit.', DETAIL = 'amount';
    END IF;
    sums := credits.of_booking(about_booking);
    SELECT * INTO known FROM public.credit_ledger AS l WHERE l.idempotency_key = key;
    IF known.id IS NOT NULL THEN
        IF (known.booking_id, known.transaction_type, known.amount)
           IS DISTINCT FROM (about_booking, 'partial_refund'::public.credit_transaction_type, amount) THEN
            PERFORM credits.refuse_key();
        END IF;
        RETURN known;
    END IF;
    PERFORM credits.require_left(sums.debited - sums.refunded - sums.forfeited, amount);
    RETURN credits.enter(sums.balance, 'partial_refund', amount, 0, about_booking, NULL, NULL, key);
END
$$;

-- Say that what is left of a booking's price will not come back (a no-show, a late cancellation). Moves nothing.
CREATE OR REPLACE FUNCTION credits.forfeit(about_booking uuid, key text) RETURNS public.credit_ledger
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known public.credit_ledger;
    sums record;
BEGIN
    sums := credits.of_booking(about_booking);
    SELECT * INTO known FROM public.credit_ledger AS l WHERE l.idempotency_key = key;
    IF known.id IS NOT NULL THEN
        IF (known.booking_id, known.transaction_type) IS DISTINCT FROM (about_booking, 'forfeit'::public.credit_transaction_type)
        THEN
            PERFORM credits.refuse_key();
        END IF;
        RETURN known;
    END IF;
    PERFORM credits.require_left(sums.debited - sums.refunded - sums.forfeited, 1);
    RETURN credits.enter(sums.balance, 'forfeit', 0, sums.debited - sums.refunded - sums.forfeited, about_booking, NULL,
                         NULL, key);
END
$$;

CREATE OR REPLACE FUNCTION credits.require_left(remaining integer, wanted integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF remaining < wanted THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'More cannot be given back than was paid.',
            DETAIL = 'nothing_left_to_refund';
    END IF;
END
$$;
