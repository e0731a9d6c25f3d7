-- Since version 0005.
-- What keeps paid and payable money as it was said: payments are facts, a payout that was approved or left pending is fixed with
-- its lines, and a booking that a line names stays where it is.

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

CREATE OR REPLACE FUNCTION app.refuse_paid_twice() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE unique_violation USING MESSAGE = 'A booking is paid for once.',
        CONSTRAINT = 'payout_entries_booking_once', DETAIL = 'payout_entries_booking_once';
END
$$;
COMMENT ON FUNCTION app.refuse_paid_twice() IS 'Raise what somebody reads who has a booking counted that a payout counts already.';

-- Whether any of these payouts is fixed: not pending any more, or of a run that was approved.
CREATE OR REPLACE FUNCTION app.any_payout_fixed(payouts uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
    SELECT EXISTS (SELECT 1 FROM public.venue_payouts AS p LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
                    WHERE p.id = ANY (payouts) AND (p.status <> 'pending' OR r.state IS NOT DISTINCT FROM 'approved'))
$$;
COMMENT ON FUNCTION app.any_payout_fixed(uuid[]) IS 'Whether one of these payouts does not change any more.';
GRANT EXECUTE ON FUNCTION app.any_payout_fixed(uuid[]) TO console_api;

CREATE OR REPLACE FUNCTION app.payout_entries_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        IF app.any_payout_fixed(ARRAY(SELECT DISTINCT o.payout_id FROM old_rows AS o)) THEN
            PERFORM app.refuse_fixed_payout();
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF app.any_payout_fixed(ARRAY(SELECT DISTINCT n.payout_id FROM new_rows AS n)) THEN
            PERFORM app.refuse_fixed_payout();
        ELSIF EXISTS (SELECT 1 FROM new_rows AS n JOIN public.bookings AS b ON b.id = n.booking_id
                        JOIN public.payout_sheets AS s ON s.session_id = b.session_id
                       WHERE n.kind = 'booking' AND n.booking_id = ANY (s.booking_ids)) THEN
            PERFORM app.refuse_paid_twice();
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.payout_entries_guard() IS 'Trigger: lines are fixed with their payout, and a booking is paid for once.';

CREATE OR REPLACE TRIGGER g_fixed_insert AFTER INSERT ON public.payout_entries REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_entries_guard();
CREATE OR REPLACE TRIGGER g_fixed_update AFTER UPDATE ON public.payout_entries
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_entries_guard();
CREATE OR REPLACE TRIGGER g_fixed_delete AFTER DELETE ON public.payout_entries REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_entries_guard();

-- Sheets come by ten thousands with a million bookings on them: what a key would look up for each is asked once per statement.
CREATE OR REPLACE FUNCTION app.payout_sheets_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
SET work_mem = '256MB' SET jit = off AS $$
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
            RAISE foreign_key_violation USING MESSAGE = 'A sheet belongs to a payout of its venue.',
                CONSTRAINT = 'payout_sheets_payout_id_venue_id', DETAIL = 'payout_sheets_payout_id_venue_id';
        -- Each booking of the session counts once here: as many as there are on the sheet, all of them, and none twice.
        ELSIF EXISTS (SELECT 1 FROM new_rows AS n
                        LEFT JOIN (SELECT x.session_id, count(*) AS bookings FROM new_rows AS x
                                     JOIN public.bookings AS b ON b.session_id = x.session_id AND b.venue_id = x.venue_id
                                    WHERE b.id = ANY (x.booking_ids) GROUP BY x.session_id) AS c ON c.session_id = n.session_id
                       WHERE cardinality(n.booking_ids) IS DISTINCT FROM c.bookings) THEN
            RAISE foreign_key_violation USING MESSAGE = 'A sheet names bookings of its session, each once.',
                CONSTRAINT = 'payout_sheets_booking_ids', DETAIL = 'payout_sheets_booking_ids';
        ELSIF EXISTS (SELECT 1 FROM public.payout_entries AS l JOIN public.bookings AS b ON b.id = l.booking_id
                        JOIN new_rows AS n ON n.session_id = b.session_id
                       WHERE l.kind = 'booking' AND l.booking_id = ANY (n.booking_ids)) THEN
            PERFORM app.refuse_paid_twice();
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.payout_sheets_guard() IS 'Trigger: sheets belong to a payout of their venue, name bookings of their session, and are fixed with their payout.';

CREATE OR REPLACE TRIGGER g_fixed_insert AFTER INSERT ON public.payout_sheets REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_sheets_guard();
CREATE OR REPLACE TRIGGER g_fixed_update AFTER UPDATE ON public.payout_sheets
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_sheets_guard();
CREATE OR REPLACE TRIGGER g_fixed_delete AFTER DELETE ON public.payout_sheets REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.payout_sheets_guard();

CREATE OR REPLACE FUNCTION app.bookings_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM old_rows AS o JOIN public.payout_sheets AS s ON s.session_id = o.session_id
                WHERE o.id = ANY (s.booking_ids)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'A booking that a payout counts is kept.',
            CONSTRAINT = 'payout_sheets_booking_ids', DETAIL = 'payout_sheets_booking_ids';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.bookings_counted() IS 'Trigger: a booking that a payout counts is not removed.';
CREATE OR REPLACE TRIGGER g_counted AFTER DELETE ON public.bookings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.bookings_counted();

-- A check-in writes none of these columns and pays nothing for it.
CREATE OR REPLACE FUNCTION app.booking_stays_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.payout_sheets AS s WHERE s.session_id = OLD.session_id AND OLD.id = ANY (s.booking_ids)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'A booking that a payout counts stays in its session.',
            CONSTRAINT = 'payout_sheets_booking_ids', DETAIL = 'payout_sheets_booking_ids';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.booking_stays_counted() IS 'Trigger: a booking that a payout counts is not moved to another session.';
CREATE OR REPLACE TRIGGER g_stays_counted AFTER UPDATE OF id, session_id, venue_id ON public.bookings FOR EACH ROW
    WHEN (OLD.id <> NEW.id OR OLD.session_id <> NEW.session_id OR OLD.venue_id <> NEW.venue_id)
    EXECUTE FUNCTION app.booking_stays_counted();

-- The amounts of a payout are what the statement says from the moment its run is approved or it leaves 'pending'; on hold, not
-- yet approved, it may be made anew by taking the hold off it first.
CREATE OR REPLACE FUNCTION app.payouts_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    is_open constant boolean := NOT app.any_payout_fixed(ARRAY[OLD.id]);
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF is_open THEN
            IF EXISTS (SELECT 1 FROM public.payout_sheets AS l WHERE l.venue_id = OLD.venue_id AND l.payout_id = OLD.id) THEN
                RAISE foreign_key_violation USING MESSAGE = 'A payout goes with its lines.',
                    CONSTRAINT = 'payout_sheets_payout_id_venue_id', DETAIL = 'payout_sheets_payout_id_venue_id';
            END IF;
            RETURN OLD;
        END IF;
    ELSIF OLD.statement_document_id IS NOT NULL AND NEW.statement_document_id IS DISTINCT FROM OLD.statement_document_id THEN
        RAISE insufficient_privilege USING
            MESSAGE = 'The statement that was handed out stays the statement.', DETAIL = 'statement_fixed';
    ELSIF (OLD.id, OLD.venue_id) IS DISTINCT FROM (NEW.id, NEW.venue_id) AND EXISTS (
            SELECT 1 FROM public.payout_sheets AS l WHERE l.venue_id = OLD.venue_id AND l.payout_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'A payout stays with its lines.',
            CONSTRAINT = 'payout_sheets_payout_id_venue_id', DETAIL = 'payout_sheets_payout_id_venue_id';
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
