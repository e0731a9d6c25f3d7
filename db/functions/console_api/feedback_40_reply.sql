-- Since version 0006.
-- A venue answers a review in public: typed, kept as a draft, sent, taken back. docs/design.md, "Screens" (reviews and score).

-- Lock the review of one's own venue and refuse what cannot be answered. The version, the answer there is and the draft.
CREATE OR REPLACE FUNCTION feedback.lock_to_answer(
    of_review uuid, OUT venue_id uuid, OUT version integer, OUT reply text, OUT draft text, OUT draft_by uuid)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := feedback.require_review(of_review, 'reviews.reply');
    shows boolean;
BEGIN
    SELECT r.venue_id, r.version, r.venue_response, r.is_visible INTO venue_id, version, reply, shows
      FROM public.reviews AS r WHERE r.id = of_review AND r.venue_id = at_venue FOR UPDATE;
    IF venue_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such review.', DETAIL = 'no_review';
    ELSIF NOT shows THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This review is hidden and cannot be answered.', DETAIL = 'hidden';
    END IF;
    SELECT d.body, d.by_user INTO draft, draft_by FROM public.review_reply_drafts AS d WHERE d.review_id = of_review;
END
$$;

-- Refuse where somebody has answered, by name.
CREATE OR REPLACE FUNCTION feedback.refuse_answered(of_review uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = 'Look at the answer first.', DETAIL = 'answered',
        MESSAGE = (SELECT format('%s has answered this review.', coalesce(u.first_name, 'Somebody else'))
                     FROM public.reviews AS r LEFT JOIN public.users AS u ON u.id = r.venue_responded_by WHERE r.id = of_review);
END
$$;

-- Keep what is typed; nothing: no draft. `was_draft` is the draft as it was read.
CREATE OR REPLACE FUNCTION feedback.keep_draft(of_review uuid, was_draft text, body text)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    typed constant text := btrim(coalesce(body, ''), E' \n\r\t');
    r record := feedback.lock_to_answer(of_review);
BEGIN
    IF r.reply IS NOT NULL THEN
        PERFORM feedback.refuse_answered(of_review);
    ELSIF length(typed) > 4000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A draft has at most 4,000 characters.', DETAIL = 'body';
    ELSIF r.draft IS DISTINCT FROM was_draft AND r.draft_by IS DISTINCT FROM auth.user_id() AND r.draft IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = 'Look at it again.', DETAIL = 'draft_changed',
            MESSAGE = (SELECT format('%s is writing an answer to this review.', u.first_name) FROM public.users AS u WHERE u.id = r.draft_by);
    END IF;
    IF typed = '' THEN
        DELETE FROM public.review_reply_drafts AS d WHERE d.review_id = of_review;
    ELSE
        INSERT INTO public.review_reply_drafts AS d (review_id, venue_id, body, by_user)
        VALUES (of_review, r.venue_id, typed, auth.user_id())
        ON CONFLICT (review_id) DO UPDATE SET body = excluded.body, by_user = excluded.by_user, updated_at = app.now();
    END IF;
    RETURN QUERY SELECT * FROM feedback.shown_one(of_review);
END
$$;
COMMENT ON FUNCTION feedback.keep_draft(uuid, text, text) IS 'Keep an answer that is not sent yet.';
GRANT EXECUTE ON FUNCTION feedback.keep_draft(uuid, text, text) TO console_client;

-- Answer in public. The same answer sent twice by the same person is one.
CREATE OR REPLACE FUNCTION feedback.reply(of_review uuid, at_version integer, body text)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    typed constant text := btrim(coalesce(body, ''), E' \n\r\t');
    most constant integer := (feedback.chosen() ->> 'reply_characters')::integer;
    over constant integer := length(typed) - most;
    r record := feedback.lock_to_answer(of_review);
BEGIN
    IF r.reply IS NOT NULL AND NOT (r.reply = typed AND EXISTS (
            SELECT 1 FROM public.reviews AS k WHERE k.id = of_review AND k.venue_responded_by = auth.user_id())) THEN
        PERFORM feedback.refuse_answered(of_review);
    ELSIF typed = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Write the answer first.', DETAIL = 'body';
    ELSIF over > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'body', MESSAGE = CASE over
            WHEN 1 THEN 'The answer is 1 character too long.' ELSE format('The answer is %s characters too long.', over) END;
    ELSIF r.reply IS NULL AND r.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this review.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    ELSIF r.reply IS NULL THEN
        UPDATE public.reviews AS k SET venue_response = typed, venue_responded_at = app.now(), venue_responded_by = auth.user_id()
         WHERE k.id = of_review;
        DELETE FROM public.review_reply_drafts AS d WHERE d.review_id = of_review;
    END IF;
    RETURN QUERY SELECT * FROM feedback.shown_one(of_review);
END
$$;
COMMENT ON FUNCTION feedback.reply(uuid, integer, text) IS 'Answer a review in public.';
GRANT EXECUTE ON FUNCTION feedback.reply(uuid, integer, text) TO console_client;

-- Take the answer back; it is a draft again.
CREATE OR REPLACE FUNCTION feedback.take_back(of_review uuid, at_version integer)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, activity_id uuid, activity text, rating integer, words text,
                   submitted_at timestamptz, is_visible boolean, hidden_reason text, causes jsonb, reply text,
                   replied_at timestamptz, replied_by text, draft text, looked_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    r record := feedback.lock_to_answer(of_review);
BEGIN
    IF r.reply IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This review is not answered.', HINT = 'Look at it again.', DETAIL = 'no_reply';
    ELSIF r.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this review.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    UPDATE public.reviews AS k SET venue_response = NULL, venue_responded_at = NULL, venue_responded_by = NULL WHERE k.id = of_review;
    INSERT INTO public.review_reply_drafts AS d (review_id, venue_id, body, by_user)
    VALUES (of_review, r.venue_id, r.reply, auth.user_id())
    ON CONFLICT (review_id) DO UPDATE SET body = excluded.body, by_user = excluded.by_user, updated_at = app.now();
    RETURN QUERY SELECT * FROM feedback.shown_one(of_review);
END
$$;
COMMENT ON FUNCTION feedback.take_back(uuid, integer) IS 'Take an answer back; it is a draft again.';
GRANT EXECUTE ON FUNCTION feedback.take_back(uuid, integer) TO console_client;
