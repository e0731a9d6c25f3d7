-- What "changed since" looks at besides what the functions of the desk read anyway: numbers of transactions and ids of rows
-- that are gone.

CREATE POLICY desk_functions_read ON app.tombstones FOR SELECT TO console_api USING (true);
GRANT SELECT (venue_id, table_name, row_id, changed_xid) ON app.tombstones TO console_api;
GRANT SELECT (changed_xid) ON children TO console_api;
