-- Since version 0004.
-- Statements as they were handed out. Nobody reads the table plainly: the functions answer a payout's own statement, and write
-- it once; the table itself refuses changes to everybody. Invoices and credit notes stand in a file of their own.

CREATE POLICY statement_functions_read ON documents FOR SELECT TO console_api USING (kind = 'statement');
CREATE POLICY statement_functions_add ON documents FOR INSERT TO console_api WITH CHECK (kind = 'statement');
GRANT SELECT, INSERT (kind, venue_id, file_name, media_type, content, created_by) ON documents TO console_api;
