-- What of these files this database already has, so that an upgrade with nothing to do is one query.

CREATE TABLE app.schema_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    console_version varchar(40) NOT NULL,
    upgraded_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
ALTER TABLE app.schema_state ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.schema_state IS 'The newest console that has upgraded this database.';

CREATE TABLE app.schema_files (
    path text PRIMARY KEY,
    sha256 char(64) NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
ALTER TABLE app.schema_files ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.schema_files IS 'Every SQL file of the last upgrade with its hash.';
