-- Since version 0004.
-- What keeps paid and payable money as it was said: payments are facts, a payout that was approved or left pending is fixed with
-- its lines, and a booking that a line names stays. Lines come by the million, so theirs is asked once per statement.

CREATE OR REPLACE TRIGGER g_append_only BEFORE UPDATE OR DELETE ON public.invoice_payments
    FOR EACH ROW EXECUTE FUNCTION app.append_only();
CREATE OR REPLACE TRIGGER g_append_only_whole BEFORE TRUNCATE ON public.invoice_payments
    FOR EACH STATEMENT EXECUTE FUNCTION app.append_only();

CREATE OR REPLACE FUNCTION app.refuse_fixed_payout() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = 'The lines of a payout are fixed once it is approved or under way.', DETAIL = 'payout_fixed';
END
$$;
COMMENT ON FUNCTION app.refuse_fixed_payout() IS 'Raise what somebody reads who changes the lines of a payout that is fixed.';

-- Whether any of these payouts is fixed: not pending any more, or of a run that was approved.
CREATE OR REPLACE FUNCTION app.any_payout_fixed(payouts uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
    SELECT EXISTS (SELECT 1 FROM public.venue_payouts AS p LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
                    WHERE p.id = ANY (payouts) AND (p.status <> 'pending' OR r.state IS NOT DISTINCT FROM 'approved'))
$$;
COMMENT ON FUNCTION app.any_payout_fixed(uuid[]) IS 'Whether one of these payouts does not change any more.';
GRANT EXECUTE ON FUNCTION app.any_payout_fixed(uuid[]) TO console_api;

CREATE OR REPLACE FUNCTION app.payout_lines_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
SET work_mem = '256MB' SET jit = off AS $$
DECLARE
    payouts uuid[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF app.any_payout_fixed(ARRAY(SELECT DISTINCT o.payout_id FROM old_rows AS o)) THEN
            PERFORM app.refuse_fixed_payout();
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF app.any_payout_fixed(ARRAY(SELECT DISTINCT n.payout_id FROM new_rows AS n)) THEN
            PERFORM app.refuse_fixed_payout();
        ELSIF EXISTS (SELECT 1 FROM (SELECT DISTINCT n.payout_id, n.venue_id FROM new_rows AS n) AS n
                       WHERE NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p
                                          WHERE p.id = n.payout_id AND p.venue_id = n.venue_id)) THEN
            RAISE foreign_key_violation USING MESSAGE = 'A line belongs to a payout of its venue.',
                CONSTRAINT = 'payout_lines_payout_id_venue_id', DETAIL = 'payout_lines_payout_id_venue_id';
        ELSIF EXISTS (SELECT 1 FROM new_rows AS n WHERE n.adjusts_payout_id IS NOT NULL
                         AND NOT EXISTS (SELECT 1 FROM public.venue_payouts AS p
                                          WHERE p.id = n.adjusts_payout_id AND p.venue_id = n.venue_id)) THEN
            RAISE foreign_key_violation USING MESSAGE = 'A line adjusts a payout of its venue.',
                CONSTRAINT = 'payout_lines_adjusts_payout_id_venue_id', DETAIL = 'payout_lines_adjusts_payout_id_venue_id';
        ELSIF EXISTS (SELECT 1 FROM new_rows AS n LEFT JOIN public.bookings AS b ON b.id = n.booking_id
                       WHERE n.booking_id IS NOT NULL AND b.venue_id IS DISTINCT FROM n.venue_id) THEN
            RAISE foreign_key_violation USING MESSAGE = 'A line names a booking of its venue.',
                CONSTRAINT = 'payout_lines_booking_id_venue_id', DETAIL = 'payout_lines_booking_id_venue_id';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.payout_lines_guard() IS 'Trigger: lines belong to a payout and a booking of their venue, and are fixed with their payout.';

CREATE OR REPLACE TRIGGER g_fixed_insert AFTER INSERT ON public.payout_lines REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_lines_guard();
CREATE OR REPLACE TRIGGER g_fixed_update AFTER UPDATE ON public.payout_lines
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_lines_guard();
CREATE OR REPLACE TRIGGER g_fixed_delete AFTER DELETE ON public.payout_lines REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_lines_guard();

CREATE OR REPLACE FUNCTION app.bookings_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM old_rows AS o JOIN public.payout_lines AS l ON l.booking_id = o.id AND l.kind = 'booking')
       OR EXISTS (SELECT 1 FROM old_rows AS o JOIN public.payout_lines AS l ON l.booking_id = o.id AND l.kind = 'adjustment') THEN
        RAISE foreign_key_violation USING MESSAGE = 'A booking that a payout counts is kept.',
            CONSTRAINT = 'payout_lines_booking_id_venue_id', DETAIL = 'payout_lines_booking_id_venue_id';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.bookings_counted() IS 'Trigger: a booking that a payout''s line names is not removed.';
CREATE OR REPLACE TRIGGER g_counted AFTER DELETE ON public.bookings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.bookings_counted();

-- The amounts of a payout are what the statement says from the moment its run is approved or it leaves 'pending'; on hold, not
-- yet approved, it may be made anew by taking the hold off it first.
CREATE OR REPLACE FUNCTION app.payouts_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    is_open constant boolean := NOT app.any_payout_fixed(ARRAY[OLD.id]);
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF is_open THEN
            IF EXISTS (SELECT 1 FROM public.payout_lines AS l WHERE l.venue_id = OLD.venue_id AND l.payout_id = OLD.id) THEN
                RAISE foreign_key_violation USING MESSAGE = 'A payout goes with its lines.',
                    CONSTRAINT = 'payout_lines_payout_id_venue_id', DETAIL = 'payout_lines_payout_id_venue_id';
            END IF;
            RETURN OLD;
        END IF;
    ELSIF OLD.statement_document_id IS NOT NULL AND NEW.statement_document_id IS DISTINCT FROM OLD.statement_document_id THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'The statement that was handed out stays the statement.', DETAIL = 'statement_fixed';
    ELSIF is_open
        OR (OLD.id, OLD.venue_id, OLD.payout_period_start, OLD.payout_period_end, OLD.total_bookings, OLD.total_attendees,
            OLD.credit_value, OLD.currency, OLD.gross_revenue, OLD.platform_fee_percentage, OLD.platform_fee_amount,
            OLD.adjustments_amount, OLD.carried_in, OLD.carried_out, OLD.carried_from_id, OLD.net_payout, OLD.run_id, OLD.counted_xmin)
           IS NOT DISTINCT FROM
           (NEW.id, NEW.venue_id, NEW.payout_period_start, NEW.payout_period_end, NEW.total_bookings, NEW.total_attendees,
            NEW.credit_value, NEW.currency, NEW.gross_revenue, NEW.platform_fee_percentage, NEW.platform_fee_amount,
            NEW.adjustments_amount, NEW.carried_in, NEW.carried_out, NEW.carried_from_id, NEW.net_payout, NEW.run_id, NEW.counted_xmin) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = 'The amounts of a payout are fixed once it is approved or under way.', DETAIL = 'payout_fixed';
END
$$;
COMMENT ON FUNCTION app.payouts_guard() IS 'Trigger: the amounts of a payout that was approved or left pending do not change.';
CREATE OR REPLACE TRIGGER g_fixed BEFORE UPDATE OR DELETE ON public.venue_payouts
    FOR EACH ROW EXECUTE FUNCTION app.payouts_guard();
