-- Since version 0003.
-- What a child's anonymisation does to the queues it stands in and to the messages that name it; called by
-- public.purge_deleted_children while the child still has its name.
CREATE OR REPLACE FUNCTION app.forget_waiting(children uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.waitlist AS w SET
        skip_reason = CASE WHEN w.skip_reason IS NOT NULL THEN 'Removed on request.' END, removal_note = NULL
     WHERE w.child_id = ANY (children) AND num_nonnulls(w.skip_reason, w.removal_note) > 0;
    -- A place that was offered goes to the next when the worker comes by.
    UPDATE public.waitlist AS w SET is_active = false, removed_at = app.now(), removed_reason = 'user_removed'
     WHERE w.child_id = ANY (children) AND w.is_active;
    DELETE FROM public.notifications AS n USING public.children AS c
     WHERE c.id = ANY (children) AND n.user_id = c.parent_id AND position(c.first_name IN n.data_payload ->> 'child') > 0;
END
$$;
COMMENT ON FUNCTION app.forget_waiting(uuid[]) IS 'End the waiting of some children and remove the messages that name them.';
