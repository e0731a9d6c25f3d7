-- Facts stay. Runs as whoever writes, so that it can tell the retention functions of console_jobs from everybody else;
-- what may be thrown away, and when, is theirs to decide in one place each.

CREATE OR REPLACE FUNCTION app.append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_user = 'console_jobs' THEN
        -- The audit trail ends after its term; tombstones when no desk can still be asking for them.
        IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('audit_logs', 'tombstones') THEN
            RETURN OLD;
        END IF;
        -- Who collected a child that has been anonymised is forgotten; what happened, and when, is not.
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'attendance_events'
           AND NEW.pickup_name IS NULL AND NEW.pickup_person_id IS NULL AND NEW.detail = '{}'
           AND to_jsonb(OLD) - ARRAY['pickup_name', 'pickup_person_id', 'detail']
             = to_jsonb(NEW) - ARRAY['pickup_name', 'pickup_person_id', 'detail'] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = format('%s keeps everything that is written to it.', TG_TABLE_NAME), DETAIL = 'append_only';
END
$$;
COMMENT ON FUNCTION app.append_only() IS 'Trigger: refuse to change or remove a fact.';

-- People and desks are disabled or anonymised, never removed: what they did names them, and not all of it by a foreign key,
-- because each key would cost every check-in a look-up and a lock.
CREATE OR REPLACE FUNCTION app.kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = format('%s keeps every row: what they did names them.', TG_TABLE_NAME), DETAIL = 'kept';
END
$$;
COMMENT ON FUNCTION app.kept() IS 'Trigger: refuse to remove or renumber somebody whom facts name.';

-- Lines belong to their payout until it leaves 'pending'; from then on what changes is an adjustment of the next one.
CREATE OR REPLACE FUNCTION app.payout_lines_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    payout uuid;
BEGIN
    FOREACH payout IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.payout_id] WHEN 'DELETE' THEN ARRAY[OLD.payout_id]
        ELSE ARRAY[OLD.payout_id, NEW.payout_id] END
    LOOP
        IF (SELECT p.status FROM public.venue_payouts AS p WHERE p.id = payout) <> 'pending' THEN
            RAISE insufficient_privilege USING
                MESSAGE = 'The lines of a payout are fixed once it is under way.', DETAIL = 'payout_fixed';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END
$$;
COMMENT ON FUNCTION app.payout_lines_guard() IS 'Trigger: the lines of a payout that left pending do not change.';

-- The amounts of a payout that left 'pending' are what the statement says.
CREATE OR REPLACE FUNCTION app.payouts_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status = 'pending' THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.status = 'pending'
        OR (OLD.venue_id, OLD.payout_period_start, OLD.payout_period_end, OLD.total_bookings, OLD.total_attendees,
            OLD.credit_value, OLD.currency, OLD.gross_revenue, OLD.platform_fee_percentage, OLD.platform_fee_amount,
            OLD.adjustments_amount, OLD.carried_in, OLD.carried_out, OLD.net_payout)
           = (NEW.venue_id, NEW.payout_period_start, NEW.payout_period_end, NEW.total_bookings, NEW.total_attendees,
            NEW.credit_value, NEW.currency, NEW.gross_revenue, NEW.platform_fee_percentage, NEW.platform_fee_amount,
            NEW.adjustments_amount, NEW.carried_in, NEW.carried_out, NEW.net_payout) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = 'The amounts of a payout are fixed once it is under way.', DETAIL = 'payout_fixed';
END
$$;
COMMENT ON FUNCTION app.payouts_guard() IS 'Trigger: the amounts of a payout that left pending do not change.';

-- An issued invoice changes only in what happens to it: sent, paid, overdue, cancelled by a credit note, its document.
CREATE OR REPLACE FUNCTION app.invoices_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.issued_at IS NULL THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.status <> 'draft'
       AND (OLD.document_id IS NULL OR OLD.document_id = NEW.document_id)
       AND (OLD.invoice_number, OLD.corporate_id, OLD.subscription_id, OLD.billing_period_start, OLD.billing_period_end,
            OLD.subtotal, OLD.tax_amount, OLD.total_amount, OLD.currency, OLD.issued_at, OLD.due_date, OLD.line_items,
            OLD.tax_lines, OLD.issuer, OLD.recipient)
           IS NOT DISTINCT FROM
           (NEW.invoice_number, NEW.corporate_id, NEW.subscription_id, NEW.billing_period_start, NEW.billing_period_end,
            NEW.subtotal, NEW.tax_amount, NEW.total_amount, NEW.currency, NEW.issued_at, NEW.due_date, NEW.line_items,
            NEW.tax_lines, NEW.issuer, NEW.recipient) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING
        MESSAGE = 'An issued invoice does not change; write a credit note.', DETAIL = 'invoice_issued';
END
$$;
COMMENT ON FUNCTION app.invoices_guard() IS 'Trigger: an issued invoice is immutable.';
