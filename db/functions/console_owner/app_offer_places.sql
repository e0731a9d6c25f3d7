-- Since version 0003.
-- A place that becomes free is offered to the next in the queue in the same transaction, whatever freed it: a cancellation, a
-- move, more places, a session that comes back.

CREATE OR REPLACE FUNCTION app.offer_places() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    PERFORM bookings.settle_queue(NEW.id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.offer_places() IS 'Trigger: offer the places that became free to the next in the session''s queue.';
CREATE OR REPLACE TRIGGER c_offer_places AFTER UPDATE OF booked_count, total_capacity, is_cancelled ON public.activity_sessions
    FOR EACH ROW WHEN (NOT NEW.is_cancelled AND (OLD.is_cancelled
        OR NEW.total_capacity - NEW.booked_count > OLD.total_capacity - OLD.booked_count))
    EXECUTE FUNCTION app.offer_places();
