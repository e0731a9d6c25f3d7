-- Since version 0006.
-- Headquarters looks at a review: it stays, it is hidden, it is shown again. Each is a row that never changes; the venue hears of
-- what parents no longer see. docs/design.md, "Screens" (reviews and score).

-- Tell who manages a venue, once per cause.
CREATE OR REPLACE FUNCTION feedback.tell_managers(at_venue uuid, template text, facts jsonb, cause text, about uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reader uuid;
BEGIN
    FOR reader IN SELECT DISTINCT g.user_id FROM public.staff_grants AS g
                   WHERE g.venue_id = at_venue AND g.role = 'manager' AND g.revoked_at IS NULL ORDER BY g.user_id LOOP
        PERFORM notify.tell(reader, template, facts, cause, 'review', about);
    END LOOP;
END
$$;

-- Decide about a review as it was read: keep, hide or restore, the last two with a reason.
CREATE OR REPLACE FUNCTION feedback.decide(of_review uuid, at_version integer, wanted text, why text DEFAULT NULL)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    reason constant text := nullif(btrim(coalesce(why, '')), '');
    at_venue constant uuid := feedback.require_review(of_review, 'reviews.moderate');
    r record;
    before record;
    decided uuid;
BEGIN
    PERFORM vetting.refuse_own(at_venue);
    IF wanted IS NULL OR wanted NOT IN ('keep', 'hide', 'restore') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A review is kept, hidden or restored.', DETAIL = 'decision';
    ELSIF wanted <> 'keep' AND reason IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'reason', MESSAGE = CASE wanted
            WHEN 'hide' THEN 'Say why this review is hidden.' ELSE 'Say why this review is shown again.' END;
    ELSIF length(reason) > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 500 characters.', DETAIL = 'reason';
    END IF;
    SELECT k.version, k.is_visible, k.looked_at, k.activity_id, k.rating INTO r FROM public.reviews AS k
     WHERE k.id = of_review AND k.venue_id = at_venue FOR UPDATE;
    IF r.version IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such review.', DETAIL = 'no_review';
    ELSIF r.version IS DISTINCT FROM at_version THEN
        SELECT u.first_name, d.decision INTO before
          FROM public.review_decisions AS d JOIN public.users AS u ON u.id = d.by_user
         WHERE d.review_id = of_review AND d.at >= r.looked_at ORDER BY d.at DESC LIMIT 1;
        RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = 'Look at it again.', DETAIL = 'version_changed', MESSAGE = CASE before.decision
            WHEN 'keep' THEN format('%s has kept this review.', before.first_name)
            WHEN 'hide' THEN format('%s has hidden this review.', before.first_name)
            WHEN 'restore' THEN format('%s has restored this review.', before.first_name)
            ELSE 'Somebody else changed this review.' END;
    ELSIF wanted <> 'restore' AND NOT r.is_visible THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This review is hidden already.', DETAIL = 'hidden';
    ELSIF wanted = 'restore' AND r.is_visible THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This review is not hidden.', DETAIL = 'visible';
    ELSIF wanted = 'keep' AND r.looked_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody has looked at this review already.', DETAIL = 'looked_at';
    END IF;
    UPDATE public.reviews AS k SET looked_at = app.now(),
           is_visible = wanted <> 'hide',
           hidden_reason = CASE WHEN wanted = 'hide' THEN reason END,
           hidden_by = CASE WHEN wanted = 'hide' THEN auth.user_id() END,
           hidden_at = CASE WHEN wanted = 'hide' THEN app.now() END
     WHERE k.id = of_review;
    INSERT INTO public.review_decisions AS d (venue_id, review_id, decision, reason, by_user)
    VALUES (at_venue, of_review, wanted, reason, auth.user_id()) RETURNING d.id INTO decided;
    IF wanted <> 'keep' THEN
        PERFORM feedback.tell_managers(at_venue, CASE wanted WHEN 'hide' THEN 'review_hidden' ELSE 'review_restored' END,
            (SELECT jsonb_build_object('venue_id', at_venue, 'venue', v.name, 'activity', a.name, 'stars', r.rating, 'reason', reason)
               FROM public.venues AS v JOIN public.activities AS a ON a.id = r.activity_id WHERE v.id = at_venue),
            format('review:%s', decided), of_review);
    END IF;
    RETURN QUERY SELECT * FROM feedback.shown_one(of_review);
END
$$;
COMMENT ON FUNCTION feedback.decide(uuid, integer, text, text) IS 'Keep, hide or restore a review.';
GRANT EXECUTE ON FUNCTION feedback.decide(uuid, integer, text, text) TO console_client;
