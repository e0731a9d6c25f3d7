-- Since version 0005.
-- The daily check of money and attendance: whatever is stored twice must agree, whatever is numbered must be without gaps, and
-- nobody is paid twice. A finding is kept once with when it was first and last seen; one that is gone is fixed, one that is
-- meant is ignored with a reason. docs/design.md, "Borrowed from neighbouring systems" (a daily integrity check).

-- The checks there are, in the order in which they are shown.
CREATE OR REPLACE FUNCTION books.check_names() RETURNS TABLE (place integer, check_key text, title text, explains text)
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    (1, 'ledger_balance', 'Balances', 'A parent''s balance is the sum of its entries, and the entries are numbered without a gap.'),
    (2, 'ledger_running', 'Running balances', 'Each entry says the balance that it and those before it add up to.'),
    (3, 'booking_refunds', 'Refunds', 'What a booking says was refunded is what the ledger gave back for it.'),
    (4, 'booked_count', 'Places taken', 'A session''s number of bookings is the number of bookings that hold a place.'),
    (5, 'offers_within_places', 'Offers', 'Bookings and held offers of a session fit into its places.'),
    (6, 'attendance_state', 'Attendance', 'What a booking says of a child is what its events add up to.'),
    (7, 'payout_lines', 'Payouts', 'A payout is the sum of its lines, and its fee the sum of their shares.'),
    (8, 'payout_carried', 'Carried forward', 'What one month leaves owing is what the next one starts from.'),
    (9, 'payout_paid_once', 'Paid once', 'What was paid for a payout is its net amount, once.'),
    (10, 'invoice_lines', 'Invoices', 'An invoice is the sum of its lines and taxes, and what was paid the sum of its payments.'),
    (11, 'numbers_gapless', 'Numbers', 'Invoices and credit notes are numbered without a gap.'),
    (12, 'documents', 'Documents', 'Every issued paper is kept, and its bytes are those of its hash.'),
    (13, 'ratings', 'Ratings', 'An activity''s stars are those of the reviews that parents see.')
$$;

CREATE OR REPLACE FUNCTION books.findings()
    RETURNS TABLE (check_key text, subject_type text, subject_id uuid, subject_key text, venue_id uuid, detail text)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT 'ledger_balance', 'balance', b.id, b.id::text, NULL::uuid,
           format('The balance says %s in %s entries; the entries add up to %s in %s, the last numbered %s.',
                  b.credits_available, b.entries, s.total, s.many, s.last_no)
      FROM public.user_credit_balances AS b
      LEFT JOIN (SELECT l.balance_id, sum(l.amount) AS total, count(*) AS many, max(l.entry_no) AS last_no
                   FROM public.credit_ledger AS l GROUP BY l.balance_id) AS s ON s.balance_id = b.id
     WHERE (b.credits_available, b.entries::bigint, b.entries)
           IS DISTINCT FROM (coalesce(s.total, 0), coalesce(s.many, 0), coalesce(s.last_no, 0));

    RETURN QUERY
    SELECT 'ledger_running', 'entry', r.id, r.id::text, NULL::uuid,
           format('Entry %s says a balance of %s; it is %s.', r.entry_no, r.balance_after, r.running)
      FROM (SELECT l.id, l.entry_no, l.balance_after,
                   sum(l.amount) OVER (PARTITION BY l.balance_id ORDER BY l.entry_no) AS running
              FROM public.credit_ledger AS l) AS r
     WHERE r.running <> r.balance_after;

    RETURN QUERY
    SELECT 'booking_refunds', 'booking', b.id, b.id::text, b.venue_id,
           format('The booking says %s credits were refunded; the ledger gave back %s.', b.credits_refunded, l.given)
      FROM public.bookings AS b
      JOIN (SELECT k.booking_id,
                   coalesce(sum(k.amount) FILTER (WHERE k.transaction_type = 'refund_credit'), 0) AS given,
                   bool_or(k.transaction_type = 'partial_refund') AS in_part
              FROM public.credit_ledger AS k WHERE k.booking_id IS NOT NULL GROUP BY k.booking_id) AS l ON l.booking_id = b.id
     WHERE b.status IN ('cancelled_parent', 'cancelled_venue') AND NOT l.in_part AND b.credits_refunded <> l.given;

    RETURN QUERY
    SELECT 'booked_count', 'session', s.id, s.id::text, s.venue_id,
           format('The session says %s places are taken; %s bookings hold one.', s.booked_count, coalesce(b.many, 0))
      FROM public.activity_sessions AS s
      LEFT JOIN (SELECT k.session_id, count(*) AS many FROM public.bookings AS k
                  WHERE app.holds_place(k.status) GROUP BY k.session_id) AS b ON b.session_id = s.id
     WHERE s.booked_count <> coalesce(b.many, 0);

    RETURN QUERY
    SELECT 'offers_within_places', 'session', s.id, s.id::text, s.venue_id,
           format('%s are booked and %s places are offered, of %s.', s.booked_count, w.many, s.total_capacity)
      FROM (SELECT k.session_id, count(*) AS many FROM public.waitlist AS k
             WHERE k.is_active AND k.response IS NULL AND k.spot_expires_at > app.now() GROUP BY k.session_id) AS w
      JOIN public.activity_sessions AS s ON s.id = w.session_id
     WHERE NOT s.is_cancelled AND s.booked_count + w.many > s.total_capacity;

    -- The last five weeks: what is older was looked at when it was new, and events never change.
    RETURN QUERY
    SELECT 'attendance_state', 'booking', b.id, b.id::text, b.venue_id,
           format('The booking says %s; its events say %s.', b.attendance_state, coalesce(e.says, 'nothing'))
      FROM public.bookings AS b
      JOIN public.activity_sessions AS s ON s.id = b.session_id AND s.starts_at > app.now() - interval '35 days'
      LEFT JOIN LATERAL (
           SELECT CASE (attendance.standing(b.id, NULL)).last_kind
                       WHEN 'check_in' THEN 'in' WHEN 'check_out' THEN 'out' WHEN 'absent' THEN 'absent' END AS says
           ) AS e ON b.attendance_event_id IS NOT NULL
     WHERE (b.attendance_state IN ('in', 'out', 'absent') OR e.says IS NOT NULL)
       AND b.attendance_state::text IS DISTINCT FROM e.says
       -- The nightly close checks out who is in without an event of a desk.
       AND NOT (b.attendance_state = 'out' AND e.says = 'in' AND s.closed_at IS NOT NULL);

    RETURN QUERY
    WITH sheets AS (
        SELECT l.payout_id, sum((l.upto * v.value + 50) / 100 - (l.credits_before * v.value + 50) / 100) AS gross,
               sum(((l.upto * v.value + 50) / 100 * v.fee + 5000) / 10000
                   - ((l.credits_before * v.value + 50) / 100 * v.fee + 5000) / 10000) AS fee,
               -- Each begins where the one before it ends.
               bool_and(l.credits_before = l.before AND l.first_position = l.place + (
                   SELECT count(*) FROM public.payout_entries AS e
                    WHERE e.venue_id = p.venue_id AND e.payout_id = p.id)) AS in_order
          FROM (SELECT s.payout_id, s.venue_id, s.credits_before, s.first_position, s.credits_before + e.earned AS upto,
                       sum(e.earned) OVER in_order - e.earned AS before,
                       sum(cardinality(s.booking_ids)) OVER in_order - cardinality(s.booking_ids) + 1 AS place
                  FROM public.payout_sheets AS s
                 CROSS JOIN LATERAL (SELECT sum(c) AS earned FROM unnest(s.credits) AS c) AS e
                WINDOW in_order AS (PARTITION BY s.payout_id ORDER BY s.first_position ROWS UNBOUNDED PRECEDING)) AS l
          JOIN public.venue_payouts AS p ON p.id = l.payout_id
         CROSS JOIN LATERAL (SELECT (p.credit_value * 10000)::bigint AS value, (p.platform_fee_percentage * 100)::bigint AS fee) AS v
         GROUP BY l.payout_id)
    SELECT 'payout_lines', 'payout', p.id, p.id::text, p.venue_id,
           format('It says %s gross, %s fee and %s in adjustments; its lines add up to %s, %s and %s%s.', p.gross_revenue,
                  p.platform_fee_amount, p.adjustments_amount, l.gross, l.fee, l.adjusted,
                  CASE WHEN l.in_order THEN '' ELSE ', and do not follow one another' END)
      FROM public.venue_payouts AS p
      LEFT JOIN sheets AS s ON s.payout_id = p.id
      CROSS JOIN LATERAL (
           SELECT coalesce(s.gross, 0) * 0.01 + coalesce(sum(k.gross) FILTER (WHERE k.kind = 'booking'), 0) AS gross,
                  coalesce(s.fee, 0) * 0.01 + coalesce(sum(k.fee_share) FILTER (WHERE k.kind = 'booking'), 0) AS fee,
                  coalesce(sum(k.net) FILTER (WHERE k.kind = 'adjustment'), 0) AS adjusted, coalesce(s.in_order, true) AS in_order
             FROM public.payout_entries AS k WHERE k.venue_id = p.venue_id AND k.payout_id = p.id) AS l
     WHERE p.run_id IS NOT NULL
       AND ((p.gross_revenue, p.platform_fee_amount, p.adjustments_amount) IS DISTINCT FROM (l.gross, l.fee, l.adjusted)
            OR NOT l.in_order);

    RETURN QUERY
    SELECT 'payout_carried', 'payout', p.id, p.id::text, p.venue_id,
           format('It starts from %s; the month before left %s.', p.carried_in, coalesce(f.carried_out, 0))
      FROM public.venue_payouts AS p LEFT JOIN public.venue_payouts AS f ON f.id = p.carried_from_id
     WHERE p.run_id IS NOT NULL AND p.carried_in <> coalesce(f.carried_out, 0);

    RETURN QUERY
    SELECT 'payout_paid_once', 'payout', p.id, p.id::text, p.venue_id,
           format('Its net amount is %s; %s was paid in %s payments.', p.net_payout, a.amount, a.many)
      FROM public.venue_payouts AS p
      JOIN (SELECT k.payout_id, sum(k.amount) AS amount, count(*) AS many FROM public.payout_attempts AS k
             WHERE k.state = 'paid' GROUP BY k.payout_id) AS a ON a.payout_id = p.id
     WHERE a.amount <> p.net_payout OR a.many > 1 OR p.status <> 'paid';

    RETURN QUERY
    SELECT 'invoice_lines', 'invoice', i.id, i.id::text, NULL::uuid,
           format('It says %s and %s tax, %s paid; its lines come to %s, its taxes to %s, its payments to %s.', i.subtotal,
                  i.tax_amount, coalesce(i.paid_amount, 0), l.amount, t.tax, m.paid)
      FROM public.invoices AS i
      CROSS JOIN LATERAL (SELECT coalesce(sum((x ->> 'amount')::numeric), 0) AS amount, bool_and(x ? 'amount') AS whole
                            FROM jsonb_array_elements(i.line_items) AS x) AS l
      CROSS JOIN LATERAL (SELECT coalesce(sum((x ->> 'tax')::numeric), 0) AS tax FROM jsonb_array_elements(i.tax_lines) AS x) AS t
      CROSS JOIN LATERAL (SELECT coalesce(sum(k.amount), 0) AS paid, count(*) AS many
                            FROM public.invoice_payments AS k WHERE k.invoice_id = i.id) AS m
     WHERE l.whole AND ((i.subtotal, i.tax_amount) IS DISTINCT FROM (l.amount, t.tax)
                        OR (m.many > 0 AND coalesce(i.paid_amount, 0) <> m.paid));

    RETURN QUERY
    SELECT 'numbers_gapless', 'series', NULL::uuid, format('%s-%s', s.series, s.year), NULL::uuid,
           format('%s numbers of %s-%s were taken; %s papers carry one.', s.next_number - 1, s.series, s.year, coalesce(n.many, 0))
      FROM public.invoice_series AS s
      LEFT JOIN (SELECT x.head, count(*) AS many, max(x.number) AS highest FROM (
                     SELECT regexp_replace(k.paper, '-[0-9]+$', '') AS head, substring(k.paper FROM '[0-9]+$')::integer AS number
                       FROM (SELECT i.invoice_number AS paper FROM public.invoices AS i WHERE i.invoice_number IS NOT NULL
                             UNION ALL SELECT c.credit_note_number FROM public.credit_notes AS c) AS k) AS x
                  GROUP BY x.head) AS n ON n.head = format('%s-%s', s.series, s.year)
     WHERE (coalesce(n.many, 0), coalesce(n.highest, 0)) IS DISTINCT FROM (s.next_number - 1, s.next_number - 1);

    RETURN QUERY
    SELECT 'documents', 'document', d.id, d.id::text, d.venue_id, 'The bytes of this document are not those of its hash.'
      FROM public.documents AS d WHERE sha256(d.content) <> d.sha256
    UNION ALL
    SELECT 'documents', 'invoice', i.id, i.id::text, NULL::uuid, format('%s was issued and has no document.', i.invoice_number)
      FROM public.invoices AS i
     WHERE i.issued_at < app.now() - interval '1 hour' AND i.document_id IS NULL
    UNION ALL
    SELECT 'documents', 'credit_note', c.id, c.id::text, NULL::uuid, format('%s was issued and has no document.', c.credit_note_number)
      FROM public.credit_notes AS c
     WHERE c.issued_at < app.now() - interval '1 hour' AND c.document_id IS NULL;

    RETURN QUERY
    SELECT 'ratings', 'activity', a.id, a.id::text, a.venue_id,
           format('The activity says %s stars in %s reviews; its visible reviews make %s in %s.', a.average_rating, a.total_reviews,
                  coalesce(r.stars, 0.00), coalesce(r.many, 0))
      FROM public.activities AS a
      LEFT JOIN (SELECT v.activity_id, round(avg(v.rating), 2) AS stars, count(*) AS many, sum(v.rating) AS total
                   FROM public.reviews AS v
                  WHERE v.is_visible GROUP BY v.activity_id) AS r ON r.activity_id = a.id
     WHERE (a.average_rating, a.total_reviews::bigint, a.stars_sum::bigint)
           IS DISTINCT FROM (coalesce(r.stars, 0.00), coalesce(r.many, 0), coalesce(r.total, 0));
END
$$;
COMMENT ON FUNCTION books.findings() IS 'Everything that does not agree now, over money and attendance.';

-- Look at everything and keep what was found. How many issues are open afterwards.
CREATE OR REPLACE FUNCTION books.check_all() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    found jsonb;
    seen timestamptz := app.now();
BEGIN
    -- One at a time: the second sees what the first has written.
    PERFORM pg_advisory_xact_lock(hashtextextended('books.check_all', 0));
    SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') INTO found FROM books.findings() AS f;
    INSERT INTO public.integrity_issues AS i (check_key, subject_type, subject_id, subject_key, venue_id, detail, first_seen_at,
                                              last_seen_at)
    SELECT f.check_key, f.subject_type, f.subject_id, f.subject_key, f.venue_id, left(f.detail, 500), seen, seen
      FROM jsonb_to_recordset(found) AS f (check_key text, subject_type text, subject_id uuid, subject_key text, venue_id uuid,
                                           detail text)
    ON CONFLICT (check_key, subject_key) WHERE state <> 'fixed'
    DO UPDATE SET last_seen_at = excluded.last_seen_at, detail = excluded.detail;
    UPDATE public.integrity_issues AS i SET state = 'fixed', settled_at = seen
     WHERE i.state <> 'fixed' AND NOT EXISTS (
           SELECT 1 FROM jsonb_to_recordset(found) AS f (check_key text, subject_key text)
            WHERE f.check_key = i.check_key AND f.subject_key = i.subject_key);
    INSERT INTO public.book_checks (ran_at, found, person_id) VALUES (seen, jsonb_array_length(found), auth.user_id());
    RETURN (SELECT count(*)::integer FROM public.integrity_issues AS i WHERE i.state = 'open');
END
$$;
COMMENT ON FUNCTION books.check_all() IS 'Check money and attendance; how many issues are open.';
GRANT EXECUTE ON FUNCTION books.check_all() TO console_jobs;

CREATE OR REPLACE FUNCTION books.check_now() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    RETURN books.check_all();
END
$$;
COMMENT ON FUNCTION books.check_now() IS 'Check money and attendance now; how many issues are open.';
GRANT EXECUTE ON FUNCTION books.check_now() TO console_client;

-- The checks with what is open.
CREATE OR REPLACE FUNCTION books.checks()
    RETURNS TABLE (check_key text, title text, explains text, open_issues integer, ignored integer, last_run_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('payouts.read', NULL);
    RETURN QUERY
    SELECT n.check_key, n.title, n.explains,
           (SELECT count(*) FROM public.integrity_issues AS i WHERE i.check_key = n.check_key AND i.state = 'open')::integer,
           (SELECT count(*) FROM public.integrity_issues AS i WHERE i.check_key = n.check_key AND i.state = 'ignored')::integer,
           (SELECT max(k.ran_at) FROM public.book_checks AS k)
      FROM books.check_names() AS n
     ORDER BY 4 DESC, n.place;
END
$$;
COMMENT ON FUNCTION books.checks() IS 'The checks of the books, those with open issues first.';
GRANT EXECUTE ON FUNCTION books.checks() TO console_client;

-- Settle an issue by hand: `become` is 'ignored' (with a reason) or 'open' again; `assign` says who looks after it.
CREATE OR REPLACE FUNCTION books.settle_issue(of_issue uuid, at_version integer, become text, why text, assign uuid)
    RETURNS public.integrity_issues
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    i public.integrity_issues;
BEGIN
    PERFORM auth.require('payouts.run', NULL);
    SELECT * INTO i FROM public.integrity_issues AS x WHERE x.id = of_issue FOR UPDATE;
    IF i.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such issue.', DETAIL = 'no_issue';
    ELSIF i.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this issue.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    ELSIF i.state = 'fixed' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This issue is fixed.', DETAIL = 'fixed';
    ELSIF become IS NULL OR become NOT IN ('open', 'ignored') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An issue is open or ignored.', DETAIL = 'state';
    ELSIF become = 'ignored' AND coalesce(btrim(why), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why this is meant to be so.', DETAIL = 'reason';
    ELSIF length(btrim(why)) > 300 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 300 characters.', DETAIL = 'reason';
    ELSIF assign IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.users AS u JOIN public.staff_grants AS g ON g.user_id = u.id AND g.revoked_at IS NULL
         WHERE u.id = assign AND u.is_active AND g.venue_id IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such person at headquarters.', DETAIL = 'no_person';
    END IF;
    UPDATE public.integrity_issues AS x SET
           state = become, assigned_to = assign, reason = CASE WHEN become = 'ignored' THEN btrim(why) END,
           settled_at = CASE WHEN become = 'ignored' THEN app.now() END,
           settled_by = CASE WHEN become = 'ignored' THEN auth.user_id() END
     WHERE x.id = of_issue RETURNING * INTO i;
    RETURN i;
END
$$;
COMMENT ON FUNCTION books.settle_issue(uuid, integer, text, text, uuid) IS 'Ignore an issue with a reason, report it again, or say who looks after it.';
GRANT EXECUTE ON FUNCTION books.settle_issue(uuid, integer, text, text, uuid) TO console_client;
