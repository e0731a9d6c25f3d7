-- Since version 0004.
-- What the functions of payouts and books write beside 90_money. Amounts and lines are fixed by trigger once a run is approved.

CREATE POLICY payout_functions ON venue_payouts FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON venue_payouts TO console_api;
-- Which line answers a decision; what was decided stays.
CREATE POLICY payout_functions_answer ON earning_changes FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT UPDATE (payout_line_id) ON earning_changes TO console_api;

GRANT SELECT (run_id, carried_from_id, sent_at) ON venue_payouts TO console_client;
