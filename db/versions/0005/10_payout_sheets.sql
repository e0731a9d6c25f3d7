-- A month's payouts count a million bookings. Their lines are kept session by session: one row tells which bookings of a session
-- a payout counts, with how many credits each, and in which state. What each is worth follows from the credits before it, and
-- from the credit's value and the fee that stand in the payout. Corrections stand by themselves, in payout_entries.

CREATE TABLE payout_sheets (
    -- A session is counted by one payout, hence each of its bookings is paid for once.
    session_id uuid PRIMARY KEY,
    payout_id uuid NOT NULL,
    venue_id uuid NOT NULL,
    first_position integer NOT NULL CHECK (first_position > 0),
    -- What the payout's sheets before this one came to together.
    credits_before bigint NOT NULL CHECK (credits_before >= 0),
    booking_ids uuid[] NOT NULL,
    credits integer[] NOT NULL,
    -- The state each booking was counted in.
    statuses booking_status[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT payout_sheets_whole CHECK (
        array_ndims(booking_ids) = 1 AND array_lower(booking_ids, 1) = 1 AND array_ndims(credits) = 1
        AND array_ndims(statuses) = 1 AND cardinality(credits) = cardinality(booking_ids)
        AND cardinality(statuses) = cardinality(booking_ids)),
    CONSTRAINT payout_sheets_whole_earnings CHECK (CASE WHEN array_ndims(credits) = 1 AND array_ndims(statuses) = 1
        THEN 0 < ALL (credits) AND array_position(credits, NULL) IS NULL AND array_position(statuses, NULL) IS NULL END)
);
ALTER TABLE payout_sheets ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payout_sheets IS 'The bookings of one session that a payout counts; see the view payout_lines for what each is worth.';
-- The order of a payout's lines, and what a policy compares.
CREATE INDEX payout_sheets_place ON payout_sheets (venue_id, payout_id, first_position);

-- A decision is answered by a line; lines of bookings are no rows any more, their ids are made of the payout and the place.
ALTER TABLE earning_changes DROP CONSTRAINT earning_changes_payout_line_id_fkey;

ALTER TABLE payout_lines RENAME TO payout_entries;
ALTER TABLE payout_entries RENAME CONSTRAINT payout_lines_pkey TO payout_entries_pkey;
ALTER TABLE payout_entries RENAME CONSTRAINT payout_lines_booking TO payout_entries_booking;
ALTER TABLE payout_entries RENAME CONSTRAINT payout_lines_adjusts TO payout_entries_adjusts;
ALTER TABLE payout_entries RENAME CONSTRAINT payout_lines_reason_check TO payout_entries_reason_check;
ALTER INDEX payout_lines_booking_once RENAME TO payout_entries_booking_once;
ALTER INDEX payout_lines_adjusts_payout RENAME TO payout_entries_adjusts_payout;
ALTER INDEX payout_lines_place RENAME TO payout_entries_place;
DROP INDEX payout_lines_adjusted;
COMMENT ON TABLE payout_entries IS 'Lines of payouts that stand by themselves: corrections, and bookings that no sheet can tell.';

-- What was made before: sheets where they say the very same to the cent, for a payout as a whole; else its lines stay rows.
ALTER TABLE payout_entries DISABLE TRIGGER USER;
WITH line AS (
    SELECT l.*, b.session_id,
           l.position - row_number() OVER in_order AS offset_of,
           (coalesce(sum(l.credits) OVER in_order, 0) - l.credits) AS before,
           (p.credit_value * 10000)::bigint AS value, (p.platform_fee_percentage * 100)::bigint AS fee
      FROM payout_entries AS l
      JOIN bookings AS b ON b.id = l.booking_id
      JOIN venue_payouts AS p ON p.id = l.payout_id
     WHERE l.kind = 'booking'
    WINDOW in_order AS (PARTITION BY l.payout_id ORDER BY l.position ROWS UNBOUNDED PRECEDING)),
worth AS (
    SELECT l.*, (l.before * l.value + 50) / 100 AS cents_before, ((l.before + l.credits) * l.value + 50) / 100 AS cents_upto,
           count(*) OVER (PARTITION BY l.session_id) AS of_session,
           count(*) OVER (PARTITION BY l.payout_id, l.session_id) AS here,
           max(l.position) OVER of_both - min(l.position) OVER of_both + 1 AS span
      FROM line AS l
    WINDOW of_both AS (PARTITION BY l.payout_id, l.session_id)),
whole AS (
    SELECT w.payout_id
      FROM worth AS w
     GROUP BY w.payout_id
    HAVING count(DISTINCT w.offset_of) = 1 AND count(DISTINCT w.created_at) = 1 AND min(w.position) > 0
       AND bool_and(coalesce(
           w.credits > 0 AND w.reason IN ('attended', 'no_show', 'cancelled_late') AND w.description IS NULL
           AND w.of_session = w.here AND w.span = w.here AND w.gross = (w.cents_upto - w.cents_before) * 0.01
           AND w.fee_share = ((w.cents_upto * w.fee + 5000) / 10000 - (w.cents_before * w.fee + 5000) / 10000) * 0.01, false)))
INSERT INTO payout_sheets (session_id, payout_id, venue_id, first_position, credits_before, booking_ids, credits, statuses,
                           created_at)
SELECT w.session_id, w.payout_id, w.venue_id, min(w.position), min(w.before), array_agg(w.booking_id ORDER BY w.position),
       array_agg(w.credits ORDER BY w.position),
       array_agg(CASE w.reason WHEN 'attended' THEN 'completed' WHEN 'no_show' THEN 'no_show' ELSE 'cancelled_parent'
                 END::booking_status ORDER BY w.position),
       min(w.created_at)
  FROM worth AS w JOIN whole AS p ON p.payout_id = w.payout_id
 GROUP BY w.session_id, w.payout_id, w.venue_id;
UPDATE earning_changes AS e SET payout_line_id = i.id
  FROM payout_entries AS l
  JOIN bookings AS b ON b.id = l.booking_id
  JOIN payout_sheets AS s ON s.session_id = b.session_id AND s.payout_id = l.payout_id
 CROSS JOIN LATERAL (SELECT (left(l.payout_id::text, 28) || lpad(to_hex(l.position), 8, '0'))::uuid AS id) AS i
 WHERE l.kind = 'booking' AND l.id = e.payout_line_id AND l.id <> i.id;
DELETE FROM payout_entries AS l USING bookings AS b, payout_sheets AS s
 WHERE l.kind = 'booking' AND b.id = l.booking_id AND s.session_id = b.session_id AND s.payout_id = l.payout_id;
ALTER TABLE payout_entries ENABLE TRIGGER USER;

-- Few as they are now, they may have keys again.
ALTER TABLE payout_entries
    ADD FOREIGN KEY (payout_id, venue_id) REFERENCES venue_payouts (id, venue_id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (adjusts_payout_id, venue_id) REFERENCES venue_payouts (id, venue_id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT,
    ADD FOREIGN KEY (venue_id) REFERENCES venues ON DELETE RESTRICT;
CREATE INDEX payout_entries_payout ON payout_entries (payout_id, venue_id);
CREATE INDEX payout_entries_booking_id ON payout_entries (booking_id, venue_id) WHERE booking_id IS NOT NULL;

-- The lines of payouts, wherever they are kept: what everybody reads. Gross and fee are rounded once for a payout, on the running
-- sums; a line's share is what it adds to the rounded sum, so that shares add up to the cent. Whole numbers do it: hundredths of
-- a per cent, ten-thousandths of a credit's value.
CREATE VIEW payout_lines WITH (security_invoker = true) AS
SELECT l.id, l.payout_id, l.venue_id, l.kind, l.booking_id, l.adjusts_payout_id, l.description, l.credits, l.gross, l.fee_share,
       l.net, l.created_at, l.reason, l.position, b.session_id
  FROM payout_entries AS l LEFT JOIN bookings AS b ON b.id = l.booking_id
 UNION ALL
SELECT (left(s.payout_id::text, 28) || lpad(to_hex(s.first_position + k.n::integer - 1), 8, '0'))::uuid, s.payout_id, s.venue_id,
       'booking', k.booking_id, NULL, NULL::varchar, k.credits, (c.upto - c.before) * 0.01,
       (c.fee_upto - c.fee_before) * 0.01, (c.upto - c.before - c.fee_upto + c.fee_before) * 0.01, s.created_at,
       CASE k.status WHEN 'completed' THEN 'attended' WHEN 'no_show' THEN 'no_show' ELSE 'cancelled_late' END::varchar,
       s.first_position + k.n::integer - 1, s.session_id
  FROM payout_sheets AS s
  JOIN venue_payouts AS p ON p.id = s.payout_id AND p.venue_id = s.venue_id
 CROSS JOIN LATERAL (
    SELECT u.booking_id, u.credits, u.status, u.n, s.credits_before + sum(u.credits) OVER (ORDER BY u.n) AS running
      FROM unnest(s.booking_ids, s.credits, s.statuses) WITH ORDINALITY AS u (booking_id, credits, status, n)) AS k
 CROSS JOIN LATERAL (
    SELECT ((k.running - k.credits) * v.value + 50) / 100 AS before, (k.running * v.value + 50) / 100 AS upto, v.fee
      FROM (SELECT (p.credit_value * 10000)::bigint AS value, (p.platform_fee_percentage * 100)::bigint AS fee) AS v) AS g
 CROSS JOIN LATERAL (
    SELECT g.before, g.upto, (g.before * g.fee + 5000) / 10000 AS fee_before, (g.upto * g.fee + 5000) / 10000 AS fee_upto) AS c;
COMMENT ON VIEW payout_lines IS 'Why a payout is that amount: a line for each booking, after the corrections.';
