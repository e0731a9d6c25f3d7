-- Since version 0004.
-- The daily check of the books reads what it compares; findings are settled by functions.
CREATE POLICY integrity_functions ON book_checks FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON book_checks TO console_api;
CREATE POLICY desk_reads ON book_checks FOR SELECT TO console_client USING ((SELECT auth.has('payouts.read', NULL)));
GRANT SELECT ON book_checks TO console_client;
-- Whatever kind of paper it is, its bytes are held to their hash.
CREATE POLICY integrity_functions_read ON documents FOR SELECT TO console_api USING (true);
