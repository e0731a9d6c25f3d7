-- Since version 0005.
-- Who reads and writes the lines of payouts. Ids of bookings tell no child; the view shows what its reader may see of both tables.

CREATE POLICY desk_reads ON payout_sheets FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('payouts.read'))::uuid[]));
CREATE POLICY desk_reads ON payout_entries FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('payouts.read'))::uuid[]));
GRANT SELECT ON payout_sheets, payout_entries, payout_lines TO console_client;

CREATE POLICY payout_functions ON payout_sheets FOR ALL TO console_api USING (true) WITH CHECK (true);
CREATE POLICY payout_functions ON payout_entries FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON payout_sheets, payout_entries TO console_api;
GRANT SELECT ON payout_lines TO console_api;
