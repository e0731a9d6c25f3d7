-- Since version 0003.
-- The queue as a desk sees it and acts on it. Every action answers with the queue afterwards; names show to those who may read
-- rosters. docs/design.md, "Rules of the domain" (waitlist).

-- Sessions to come of a venue for which somebody waits, the next first.
CREATE OR REPLACE FUNCTION bookings.waitlist_queues(at_venue uuid)
    RETURNS TABLE (session_id uuid, activity text, starts_at timestamptz, ends_at timestamptz, day date, room text,
                   capacity integer, booked integer, waiting integer, offered integer, next_expires_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('waitlist.manage', at_venue);
    RETURN QUERY
    SELECT s.id, a.name::text, s.starts_at, s.ends_at, s.session_date, r.name::text, s.total_capacity, s.booked_count,
           q.waiting, q.offered, q.next_expires_at
      FROM public.activity_sessions AS s
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
     CROSS JOIN LATERAL (
        SELECT count(*)::integer AS waiting, (count(*) FILTER (WHERE w.spot_expires_at > app.now()))::integer AS offered,
               min(w.spot_expires_at) FILTER (WHERE w.spot_expires_at > app.now()) AS next_expires_at
          FROM public.waitlist AS w WHERE w.session_id = s.id AND w.is_active) AS q
     WHERE s.venue_id = at_venue AND s.ends_at > app.now() AND NOT s.is_cancelled AND s.closed_at IS NULL AND q.waiting > 0
     ORDER BY s.starts_at, s.id;
END
$$;
COMMENT ON FUNCTION bookings.waitlist_queues(uuid) IS 'Sessions of a venue for which somebody waits.';
GRANT EXECUTE ON FUNCTION bookings.waitlist_queues(uuid) TO console_client;

-- One queue in order: who holds an offer, who was not asked yet, who was passed over. Internal: the caller asked who may.
CREATE OR REPLACE FUNCTION bookings.queue_of(of_session uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(to_jsonb(q) ORDER BY q.place), '[]') FROM (
        SELECT w.id, w.session_id,
               row_number() OVER (ORDER BY CASE WHEN w.spot_offered_at IS NOT NULL THEN 0 ELSE 1 END, w.skipped_at NULLS FIRST,
                                           w.position) AS place,
               CASE WHEN n.is_named THEN c.first_name END AS child,
               desk.months_old(c.date_of_birth, s.session_date) AS age_months,
               CASE WHEN n.is_named THEN concat_ws(' ', u.first_name, u.last_name) END AS parent,
               CASE WHEN n.is_named THEN u.phone END AS parent_phone,
               w.joined_at, w.spot_offered_at AS offered_at, w.spot_expires_at AS expires_at, w.skipped_at,
               CASE WHEN n.is_named THEN w.skip_reason END AS skip_reason, j.price,
               CASE WHEN auth.has('booking.manage', w.venue_id) THEN credits.spendable(w.user_id) END AS credits, j.warnings
          FROM public.waitlist AS w
          JOIN public.activity_sessions AS s ON s.id = w.session_id
          JOIN public.children AS c ON c.id = w.child_id
          JOIN public.users AS u ON u.id = w.user_id
         -- Nobody has to be called about a session that is long over: its roster is closed too (desk.reach).
         CROSS JOIN LATERAL (SELECT auth.has('roster.read', w.venue_id) AND desk.is_shown(w.child_id)
                                    AND s.ends_at > app.now() - interval '2 days' AS is_named OFFSET 0) AS n
         CROSS JOIN LATERAL bookings.judge(w.session_id, w.child_id, NULL) AS j
         WHERE w.session_id = of_session AND w.is_active) AS q);
END
$$;

CREATE OR REPLACE FUNCTION bookings.waitlist_queue(of_session uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    at_venue uuid;
BEGIN
    SELECT s.venue_id INTO at_venue FROM public.activity_sessions AS s
     WHERE s.id = of_session AND s.venue_id = ANY (auth.venue_ids());
    IF at_venue IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('waitlist.manage', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    END IF;
    PERFORM auth.require('waitlist.manage', at_venue);
    RETURN bookings.queue_of(of_session);
END
$$;
COMMENT ON FUNCTION bookings.waitlist_queue(uuid) IS 'Who waits for a session, in order.';
GRANT EXECUTE ON FUNCTION bookings.waitlist_queue(uuid) TO console_client;

-- Offer every free place to the next in order, those who were passed over included.
CREATE OR REPLACE FUNCTION bookings.waitlist_offer(of_session uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('waitlist.manage', bookings.lock_session(of_session));
    PERFORM bookings.settle_queue(of_session);
    RETURN bookings.queue_of(of_session);
END
$$;
COMMENT ON FUNCTION bookings.waitlist_offer(uuid) IS 'Offer the free places of a session to the next in its queue.';
GRANT EXECUTE ON FUNCTION bookings.waitlist_offer(uuid) TO console_client;

-- The session of an entry, which is locked until the end of the transaction; absent and foreign entries look the same.
CREATE OR REPLACE FUNCTION bookings.lock_entry(entry uuid) RETURNS public.waitlist
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.waitlist;
BEGIN
    SELECT * INTO found FROM public.waitlist AS w WHERE w.id = entry AND w.venue_id = ANY (auth.venue_ids());
    IF found.id IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('waitlist.manage', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'Nobody waits here under this number.', DETAIL = 'no_entry';
    END IF;
    PERFORM auth.require('waitlist.manage', found.venue_id);
    PERFORM 1 FROM public.activity_sessions AS s WHERE s.id = found.session_id FOR NO KEY UPDATE;
    SELECT * INTO found FROM public.waitlist AS w WHERE w.id = entry;
    RETURN found;
END
$$;

-- Book the offered place on the parent's behalf. new_booking_id is the caller's: sent again, the answer is the same.
CREATE OR REPLACE FUNCTION bookings.waitlist_accept(entry uuid, new_booking_id uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    w constant public.waitlist := bookings.lock_entry(entry);
    zone text;
BEGIN
    PERFORM auth.require('booking.manage', w.venue_id);
    PERFORM auth.require('roster.read', w.venue_id);
    IF new_booking_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A booking needs a number.', DETAIL = 'booking_id';
    ELSIF NOT desk.is_shown(w.child_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such child.', DETAIL = 'no_child';
    ELSIF bookings.is_known(new_booking_id, w.session_id, w.child_id) THEN
        RETURN bookings.queue_of(w.session_id);
    ELSIF w.response = 'accepted' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child has the place already.', DETAIL = 'accepted_already';
    ELSIF w.response = 'expired' OR (w.is_active AND w.spot_expires_at <= app.now()) THEN
        SELECT v.timezone INTO zone FROM public.venues AS v WHERE v.id = w.venue_id;
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'offer_expired',
            MESSAGE = format('This offer ran out at %s.', to_char(w.spot_expires_at AT TIME ZONE zone, 'HH24:MI')),
            HINT = 'The place goes to the next in the queue.';
    ELSIF NOT w.is_active THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child does not wait any more.', DETAIL = 'not_waiting';
    ELSIF w.spot_offered_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'No place is offered to this child yet.',
            HINT = 'Offer a free place first.', DETAIL = 'no_offer';
    END IF;
    -- Age and another booking at that time were shown with the entry.
    PERFORM bookings.place(new_booking_id, w.session_id, w.venue_id, w.child_id, NULL, NULL, 'credits',
                           ARRAY['too_young', 'too_old', 'elsewhere']);
    UPDATE public.bookings AS b SET booking_source = 'waitlist' WHERE b.id = new_booking_id;
    RETURN bookings.queue_of(w.session_id);
END
$$;
COMMENT ON FUNCTION bookings.waitlist_accept(uuid, uuid) IS 'Book the place offered to somebody who waits.';
GRANT EXECUTE ON FUNCTION bookings.waitlist_accept(uuid, uuid) TO console_client;

CREATE OR REPLACE FUNCTION bookings.require_words_of(reason text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF nullif(btrim(reason), '') IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why.', DETAIL = 'reason';
    ELSIF length(btrim(reason)) > 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 200 characters.', DETAIL = 'reason';
    END IF;
    RETURN btrim(reason);
END
$$;

-- Pass over somebody: the place goes to the next, who was passed over stays, behind everybody who was not asked yet.
CREATE OR REPLACE FUNCTION bookings.waitlist_skip(entry uuid, reason text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    w constant public.waitlist := bookings.lock_entry(entry);
    said constant text := bookings.require_words_of(reason);
BEGIN
    IF NOT w.is_active THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child does not wait any more.', DETAIL = 'not_waiting';
    ELSIF w.skipped_at IS NULL OR w.spot_offered_at IS NOT NULL THEN  -- else it was sent again
        UPDATE public.waitlist AS x SET skipped_at = app.now(), skip_reason = said, skipped_by = auth.user_id(),
               spot_offered_at = NULL, spot_expires_at = NULL
         WHERE x.id = entry;
        PERFORM bookings.settle_queue(w.session_id, entry);
    END IF;
    RETURN bookings.queue_of(w.session_id);
END
$$;
COMMENT ON FUNCTION bookings.waitlist_skip(uuid, text) IS 'Pass over somebody who waits, with a reason.';
GRANT EXECUTE ON FUNCTION bookings.waitlist_skip(uuid, text) TO console_client;

-- Take somebody off the queue. Off already, the answer is the same.
CREATE OR REPLACE FUNCTION bookings.waitlist_remove(entry uuid, reason text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    w constant public.waitlist := bookings.lock_entry(entry);
    said constant text := bookings.require_words_of(reason);
BEGIN
    IF w.is_active THEN
        UPDATE public.waitlist AS x SET is_active = false, removed_at = app.now(), removal_note = said, removed_by = auth.user_id(),
               removed_reason = CASE WHEN w.spot_offered_at IS NULL THEN 'desk_removed' ELSE 'spot_declined' END,
               response = CASE WHEN w.spot_offered_at IS NOT NULL THEN 'declined' END,
               responded_at = CASE WHEN w.spot_offered_at IS NOT NULL THEN app.now() END
         WHERE x.id = entry;
        PERFORM bookings.settle_queue(w.session_id);
    END IF;
    RETURN bookings.queue_of(w.session_id);
END
$$;
COMMENT ON FUNCTION bookings.waitlist_remove(uuid, text) IS 'Take somebody off a queue, with a reason.';
GRANT EXECUTE ON FUNCTION bookings.waitlist_remove(uuid, text) TO console_client;
