-- The one clock of every rule, and what may hold it still.

-- At most one row, and only in a database made for tests, the tour or the demo.
CREATE TABLE app.fixed_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    instant timestamptz NOT NULL,
    reason varchar(20) NOT NULL CHECK (reason IN ('test', 'tour', 'demo'))
);
ALTER TABLE app.fixed_clock ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.fixed_clock IS 'The instant at which a test, tour or demo database stands still; empty everywhere else.';

-- A stand-in, so that the defaults of the tables below can name it; functions/console_owner/app_now.sql is the real one.
CREATE FUNCTION app.now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT pg_catalog.now()';
