-- Since version 0005.
-- Who reads and writes the lines of payouts. Ids of bookings tell no child.

CREATE POLICY desk_reads ON payout_sheets FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('payouts.read'))::uuid[]));
GRANT SELECT ON payout_sheets TO console_client;
CREATE POLICY payout_functions ON payout_sheets FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON payout_sheets TO console_api;
