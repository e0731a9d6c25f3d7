-- What a child's anonymisation does to the notes about its bookings; called by public.purge_deleted_children.
CREATE OR REPLACE FUNCTION app.forget_notes(their_bookings uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.booking_notes SET body = 'Removed on request.', action_taken = NULL
     WHERE booking_id = ANY (their_bookings);
END
$$;
COMMENT ON FUNCTION app.forget_notes(uuid[]) IS 'Take the words out of the notes about some bookings.';
