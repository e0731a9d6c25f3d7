-- Since version 0004.
-- An approved run, or a venue that is no longer on hold, wakes the worker: nobody has to wait for its next look.

CREATE OR REPLACE FUNCTION app.wake_transfers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_notification_queue_usage() <= 0.5 THEN
        PERFORM pg_notify('nexus_transfers', '');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.wake_transfers() IS 'Trigger: tell the worker that something may be paid now.';
CREATE OR REPLACE TRIGGER y_wake_transfers AFTER UPDATE OF state ON public.payout_runs
    FOR EACH ROW WHEN (NEW.state = 'approved' AND OLD.state <> 'approved') EXECUTE FUNCTION app.wake_transfers();
CREATE OR REPLACE TRIGGER y_wake_transfers AFTER UPDATE OF released_at ON public.payout_holds
    FOR EACH ROW WHEN (NEW.released_at IS NOT NULL AND OLD.released_at IS NULL) EXECUTE FUNCTION app.wake_transfers();
