-- Since version 0004.
-- Statements of payouts: what one is made from, and the bytes that were handed out, kept once.
-- The amounts are the payout's and its lines' as they are stored; nothing is worked out anew. Bookings are named by their code,
-- nobody by name. docs/design.md, "Documents" and "Rules of the domain" (payouts).

-- Whether a statement may be handed out: the payout is on its way or paid, or there is nothing to pay and its run was approved.
-- Of one that failed it may not: the paper would say so for ever, and the next try pays it.
CREATE OR REPLACE FUNCTION payouts.is_settled(status text, net numeric, run_state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status NOT IN ('pending', 'on_hold', 'failed') OR (net = 0 AND run_state IS NOT DISTINCT FROM 'approved');

-- PS-2026-02-5F1C0D3A: the month and the beginning of the payout's id.
CREATE OR REPLACE FUNCTION payouts.statement_number(of_payout uuid, period date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN format('PS-%s-%s', left(period::text, 7), upper(left(of_payout::text, 8)));

CREATE OR REPLACE FUNCTION payouts.statement_lines(of_payout uuid, at_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', l.id, 'position', coalesce(l.position, 0), 'kind', l.kind, 'reason', l.reason,
               'booking_id', l.booking_id, 'code', b.confirmation_code, 'day', s.session_date, 'activity', a.name,
               'words_in', CASE WHEN l.reason IN ('attended', 'late_check_in') THEN b.checked_in_at END,
               'words_out', CASE WHEN l.reason IN ('attended', 'late_check_in') THEN b.checked_out_at END,
               'hours_before', CASE WHEN l.reason = 'cancelled_late' AND b.cancelled_at <= s.starts_at
                   THEN floor(extract(epoch FROM s.starts_at - b.cancelled_at) / 3600)::integer END,
               'credits', l.credits, 'gross', l.gross::text, 'fee_share', l.fee_share::text, 'net', l.net::text,
               'adjusts_payout_id', l.adjusts_payout_id,
               'adjusts_period', CASE WHEN l.kind = 'adjustment'
                   THEN coalesce(o.payout_period_start, date_trunc('month', s.session_date)::date) END,
               'description', l.description) ORDER BY l.kind <> 'adjustment', l.position, l.id), '[]')
      FROM public.payout_lines AS l
      LEFT JOIN public.bookings AS b ON b.id = l.booking_id
      LEFT JOIN public.activity_sessions AS s ON s.id = b.session_id
      LEFT JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.venue_payouts AS o ON o.id = l.adjusts_payout_id
     WHERE l.payout_id = of_payout AND l.venue_id = at_venue
$$;
COMMENT ON FUNCTION payouts.statement_lines(uuid, uuid) IS 'The lines of a payout as its statement shows them: corrections first, no names.';

-- Not for desks: it asks nobody's permission. Amounts go as text, so that no reader makes floats of them.
CREATE OR REPLACE FUNCTION payouts.statement_made_from(of_payout uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
    SELECT jsonb_build_object(
        'number', payouts.statement_number(p.id, p.payout_period_start),
        'is_settled', payouts.is_settled(p.status, p.net_payout, r.state),
        'made_at', app.now(),
        'carried_from', f.payout_period_start,
        'issuer', coalesce(invoices.issuer(), '{}'),
        'venue', jsonb_build_object('name', v.name, 'address', array_remove(ARRAY[
            v.address_line1, v.address_line2, nullif(concat_ws(', ', v.city, nullif(concat_ws(' ', v.state, v.postal_code), '')), ''),
            CASE WHEN v.address_line1 IS NOT NULL THEN v.country END], NULL)),
        'payout', to_jsonb(k) || jsonb_build_object(
            'gross', k.gross::text, 'fee', k.fee::text, 'adjustments', k.adjustments::text, 'carried_in', k.carried_in::text,
            'carried_out', k.carried_out::text, 'net', k.net::text, 'fee_percentage', k.fee_percentage::text,
            'credit_value', k.credit_value::text),
        'lines', payouts.statement_lines(p.id, p.venue_id))
      FROM public.venue_payouts AS p
      JOIN payouts.shown(ARRAY[of_payout]) AS k ON k.id = p.id
      JOIN public.venues AS v ON v.id = p.venue_id
      LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
      LEFT JOIN public.venue_payouts AS f ON f.id = p.carried_from_id
     WHERE p.id = of_payout);
END
$$;

CREATE OR REPLACE FUNCTION payouts.statement_facts(of_payout uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM payouts.require_payout(of_payout);
    RETURN payouts.statement_made_from(of_payout)
        || jsonb_build_object('may_keep', auth.has('payouts.run', NULL));
END
$$;
COMMENT ON FUNCTION payouts.statement_facts(uuid) IS 'Everything a payout''s statement is made from; amounts as text, nobody''s name.';

-- The kept bytes; no row where there are none yet.
CREATE OR REPLACE FUNCTION payouts.statement(of_payout uuid)
    RETURNS TABLE (document_id uuid, file_name text, content bytea, sha256 bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM payouts.require_payout(of_payout);
    RETURN QUERY SELECT d.id, d.file_name::text, d.content, d.sha256
        FROM public.venue_payouts AS p JOIN public.documents AS d ON d.id = p.statement_document_id AND d.kind = 'statement'
       WHERE p.id = of_payout;
END
$$;
COMMENT ON FUNCTION payouts.statement(uuid) IS 'A payout''s statement as it was handed out, byte for byte.';

-- Not for desks. Keep a statement unless there is one; the answer is the one there is now.
CREATE OR REPLACE FUNCTION payouts.keep_statement(of_payout uuid, paper bytea, by_user uuid) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    p public.venue_payouts;
    kept uuid;
BEGIN
    SELECT * INTO p FROM public.venue_payouts AS x WHERE x.id = of_payout FOR UPDATE;
    IF p.statement_document_id IS NOT NULL THEN
        RETURN p.statement_document_id;
    ELSIF NOT payouts.is_settled(
        p.status, p.net_payout, (SELECT r.state FROM public.payout_runs AS r WHERE r.id = p.run_id))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'not_settled',
            MESSAGE = 'This payout is not under way yet, so its statement is a preview.', HINT = 'Approve its run first.';
    ELSIF coalesce(length(paper), 0) NOT BETWEEN 5 AND 20 * 1024 * 1024 OR substr(paper, 1, 5) <> '%PDF-'::bytea THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A statement is a PDF of at most 20 MB.', DETAIL = 'document';
    END IF;
    INSERT INTO public.documents (kind, venue_id, file_name, media_type, content, created_by)
    VALUES ('statement', p.venue_id, payouts.statement_number(p.id, p.payout_period_start) || '.pdf', 'application/pdf', paper,
            by_user)
    RETURNING id INTO kept;
    UPDATE public.venue_payouts AS x SET statement_document_id = kept, statement_generated_at = app.now() WHERE x.id = of_payout;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION payouts.keep_statement(uuid, bytea, uuid) IS 'Keep a settled payout''s statement, once; the document there is now.';

-- Who pays says what was paid: a venue reads its statements, only the platform's finance makes them final.
CREATE OR REPLACE FUNCTION payouts.store_statement(of_payout uuid, paper bytea)
    RETURNS TABLE (document_id uuid, file_name text, content bytea, sha256 bytea)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM payouts.require_payout(of_payout);
    PERFORM auth.require('payouts.run', NULL);
    PERFORM payouts.keep_statement(of_payout, paper, auth.user_id());
    RETURN QUERY SELECT d.id, d.file_name::text, d.content, d.sha256
        FROM public.venue_payouts AS p JOIN public.documents AS d ON d.id = p.statement_document_id WHERE p.id = of_payout;
END
$$;
COMMENT ON FUNCTION payouts.store_statement(uuid, bytea) IS 'Hand a statement out: its bytes are kept, once, and the kept ones answered.';

-- The payouts of a month whose statements the caller may have, by venue.
CREATE OR REPLACE FUNCTION payouts.statements(month date)
    RETURNS TABLE (payout_id uuid, venue text, number text, document_id uuid, is_settled boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    IF NOT auth.has('payouts.read') THEN
        PERFORM auth.require('payouts.read', NULL);
    END IF;
    RETURN QUERY SELECT p.id, v.name::text, payouts.statement_number(p.id, p.payout_period_start), p.statement_document_id,
                        payouts.is_settled(p.status, p.net_payout, r.state)
        FROM public.venue_payouts AS p JOIN public.venues AS v ON v.id = p.venue_id
        LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
       WHERE p.payout_period_start = month AND p.venue_id = ANY (auth.venue_ids('payouts.read'))
       ORDER BY v.name, p.id;
END
$$;
COMMENT ON FUNCTION payouts.statements(date) IS 'The payouts of a month and whether their statements are kept.';

GRANT EXECUTE ON FUNCTION payouts.statement_facts(uuid), payouts.statement(uuid), payouts.store_statement(uuid, bytea),
    payouts.statements(date) TO console_client;

-- What the worker keeps by itself: statements of payouts that are under way, in the order of their ids after the last one seen.
CREATE OR REPLACE FUNCTION payouts.statements_to_keep(after uuid, at_most integer)
    RETURNS TABLE (payout_id uuid, facts jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT p.id, payouts.statement_made_from(p.id) || '{"may_keep": true}'
        FROM public.venue_payouts AS p LEFT JOIN public.payout_runs AS r ON r.id = p.run_id
       WHERE p.statement_document_id IS NULL AND payouts.is_settled(p.status, p.net_payout, r.state)
         AND (after IS NULL OR p.id > after)
       ORDER BY p.id LIMIT at_most;
END
$$;
COMMENT ON FUNCTION payouts.statements_to_keep(uuid, integer) IS 'Payouts under way whose statements are not kept yet, with what they are made from.';
GRANT EXECUTE ON FUNCTION payouts.statements_to_keep(uuid, integer), payouts.keep_statement(uuid, bytea, uuid) TO console_jobs;
