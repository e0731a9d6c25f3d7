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
    -- The paper of a credit note can only be made once its number is known, and is put to it once.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'credit_notes' AND current_user = 'console_api' THEN
        IF OLD.document_id IS NULL AND NEW.document_id IS NOT NULL
           AND to_jsonb(OLD) - 'document_id' = to_jsonb(NEW) - 'document_id' THEN
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
