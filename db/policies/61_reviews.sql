-- What deciding review items needs beside 52_day. Desks get nothing here: an item's facts name a child and come out of
-- attendance.review_* functions only, and what a decision changes for the venue is the payouts' to read.

GRANT UPDATE (decision, note) ON review_items TO console_api;

CREATE POLICY review_functions_read ON earning_changes FOR SELECT TO console_api USING (true);
CREATE POLICY review_functions_add ON earning_changes FOR INSERT TO console_api WITH CHECK (payout_line_id IS NULL);
GRANT SELECT, INSERT ON earning_changes TO console_api;

-- A manager's words about a child go with the child.
GRANT UPDATE (note) ON review_items TO console_jobs;
