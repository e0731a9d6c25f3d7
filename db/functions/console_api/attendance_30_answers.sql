-- What the desk is told about events that are stored: the same answer whenever it asks. Names are looked up now, not
-- stored with the event, so that an anonymised person is in no answer; a long batch is nobody's screen and
-- gets no children's names.

-- What is to be said about events that did not simply apply (none for NULL): what stood in their way, who did that and where.
CREATE OR REPLACE FUNCTION attendance.explanations(events uuid[], with_names boolean) RETURNS TABLE (event_id uuid, detail jsonb)
    LANGUAGE plpgsql STABLE STRICT ROWS 500
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT e.id, jsonb_strip_nulls(jsonb_build_object(
               'at', basis.occurred_at, 'desk', d.name, 'person', p.first_name,
               'just_scanned', CASE WHEN e.outcome = 'already' AND basis.device_id = e.device_id
                                     AND e.occurred_at - basis.occurred_at BETWEEN interval '0' AND interval '10 seconds'
                                    THEN true END,
               'other', CASE WHEN e.reason = 'wrong_session' THEN jsonb_build_object(
                   'booking_id', b.id, 'session_id', s.id, 'name', a.name, 'starts_at', s.starts_at) END,
               'pickup_name', CASE WHEN coalesce(e.reason, e.would_have_refused) = 'pickup_not_authorised' THEN e.pickup_name END,
               'opens_at', e.detail -> 'opens_at', 'closed_at', e.detail -> 'closed_at',
               'venue_name', CASE WHEN e.reason = 'wrong_venue' THEN v.name END,
               'first_name', CASE WHEN with_names AND desk.is_shown(c.id) THEN c.first_name END))
      FROM public.attendance_events AS e
      LEFT JOIN public.bookings AS b ON b.id = e.booking_id
      LEFT JOIN public.children AS c ON c.id = b.child_id
      LEFT JOIN public.attendance_events AS basis ON basis.id = (e.detail ->> 'basis')::uuid
      LEFT JOIN auth.devices AS d ON d.id = basis.device_id
      LEFT JOIN public.users AS p ON p.id = basis.person_id
      LEFT JOIN public.activity_sessions AS s ON s.id = b.session_id AND e.reason = 'wrong_session'
      LEFT JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.venues AS v ON v.id = b.venue_id AND e.reason = 'wrong_venue'
     WHERE e.id = ANY (events);
END
$$;

CREATE OR REPLACE FUNCTION attendance.answers(asked uuid[])
    RETURNS TABLE (event_id uuid, outcome public.attendance_outcome, reason public.refusal_reason, detail jsonb,
                   booking_id uuid, state public.attendance_state, state_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    with_names constant boolean := cardinality(asked) <= 20;
    -- Most events simply apply, and the joins of an explanation would cost each of them.
    odd constant uuid[] := (SELECT array_agg(e.id) FROM public.attendance_events AS e
                             WHERE e.id = ANY (asked) AND e.outcome <> 'applied');
BEGIN
    RETURN QUERY SELECT e.id, e.outcome,
           CASE WHEN e.outcome = 'already' THEN
                    CASE e.kind WHEN 'check_in' THEN 'already_in' WHEN 'check_out' THEN 'already_out' END::public.refusal_reason
                ELSE coalesce(e.reason, e.would_have_refused) END,
           CASE WHEN e.outcome <> 'applied' THEN x.detail
                WHEN with_names AND desk.is_shown(b.child_id) THEN jsonb_build_object(
                    'first_name', (SELECT c.first_name FROM public.children AS c WHERE c.id = b.child_id))
                ELSE '{}'::jsonb END,
           e.booking_id, b.attendance_state, b.attendance_at
      FROM unnest(asked) WITH ORDINALITY AS q (id, ord)
      JOIN public.attendance_events AS e ON e.id = q.id
      LEFT JOIN public.bookings AS b ON b.id = e.booking_id
      LEFT JOIN attendance.explanations(odd, with_names) AS x ON x.event_id = e.id
     ORDER BY q.ord;
END
$$;
