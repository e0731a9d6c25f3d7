-- A balance is the sum of its ledger entries at every moment, because only these triggers write either side of that.
--
-- Two steps, because a row that ON CONFLICT DO NOTHING throws away (a repeated idempotency key) has been through the
-- first and must leave no trace: before the row, its number and its balance_after are worked out under the balance's
-- lock from the entries that exist; after the statement, the rows that really went in are added to their balances.

CREATE OR REPLACE FUNCTION app.ledger_place_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    last record;
BEGIN
    PERFORM 1 FROM public.user_credit_balances AS b WHERE b.id = NEW.balance_id FOR NO KEY UPDATE;
    -- Another statement, hence another snapshot: whoever held the lock has committed by now.
    SELECT l.entry_no, l.balance_after INTO last FROM public.credit_ledger AS l
        WHERE l.balance_id = NEW.balance_id ORDER BY l.entry_no DESC LIMIT 1;
    NEW.entry_no := coalesce(last.entry_no, 0) + 1;
    NEW.balance_after := coalesce(last.balance_after, 0) + NEW.amount;
    IF NEW.balance_after < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'There are not enough credits for this.',
            DETAIL = 'not_enough_credits';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.ledger_place_entry() IS 'Trigger: number and running balance of a new ledger entry, under the balance''s lock.';

CREATE OR REPLACE FUNCTION app.ledger_add_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    UPDATE public.user_credit_balances AS b SET
        credits_available = b.credits_available + s.moved,
        credits_allocated = b.credits_allocated + s.allocated,
        credits_used = b.credits_used + s.used,
        credits_refunded = b.credits_refunded + s.refunded,
        credits_forfeited = b.credits_forfeited + s.forfeited,
        entries = b.entries + s.entries,
        last_refresh_at = app.now()
    FROM (
        SELECT n.balance_id, count(*)::integer AS entries, sum(n.amount)::integer AS moved,
            coalesce(sum(n.amount) FILTER (WHERE n.transaction_type = 'allocation'), 0)::integer AS allocated,
            coalesce(-sum(n.amount) FILTER (WHERE n.transaction_type = 'booking_debit'), 0)::integer AS used,
            coalesce(sum(n.amount) FILTER (WHERE n.transaction_type IN ('refund_credit', 'partial_refund')), 0)::integer
                AS refunded,
            sum(n.forfeited_amount)::integer AS forfeited
        FROM new_rows AS n GROUP BY n.balance_id
    ) AS s
    WHERE b.id = s.balance_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.ledger_add_up() IS 'Trigger: add the entries of one statement to their balances.';

-- Runs as whoever writes. Depth 1 is a statement of theirs; the ledger's own trigger is one deeper.
CREATE OR REPLACE FUNCTION app.balance_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF (NEW.credits_allocated, NEW.credits_available, NEW.credits_used, NEW.credits_refunded, NEW.credits_forfeited,
            NEW.entries) IS DISTINCT FROM (0, 0, 0, 0, 0, 0) THEN
            RAISE insufficient_privilege USING MESSAGE = 'A balance starts at nothing; credits come through the ledger.';
        END IF;
    ELSIF pg_catalog.pg_trigger_depth() < 2 THEN
        RAISE insufficient_privilege USING MESSAGE = 'A balance changes only through the ledger.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.balance_guard() IS 'Trigger: refuse any write to the sums of a balance but the ledger''s.';

CREATE OR REPLACE TRIGGER a_place_entry BEFORE INSERT ON public.credit_ledger
    FOR EACH ROW EXECUTE FUNCTION app.ledger_place_entry();
CREATE OR REPLACE TRIGGER a_add_up AFTER INSERT ON public.credit_ledger REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.ledger_add_up();
CREATE OR REPLACE TRIGGER a_guard BEFORE INSERT OR UPDATE OF credits_allocated, credits_available, credits_used,
    credits_refunded, credits_forfeited, entries, user_id, billing_period_start ON public.user_credit_balances
    FOR EACH ROW EXECUTE FUNCTION app.balance_guard();
