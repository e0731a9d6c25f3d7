-- What every changed row says of itself. These run once per row and as whoever writes: they need no rights of their own,
-- and a fixed search path would cost more than they do, so every name and operator is qualified instead.

CREATE OR REPLACE FUNCTION public.update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := app.now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION public.update_updated_at_column() IS 'Trigger: the instant of the last change.';

-- Watched tables: a version to compare before writing, and the transaction that changed the row, by which desks ask
-- "what has changed since". A timestamp or a sequence would miss the transaction that commits late.
CREATE OR REPLACE FUNCTION app.touch_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := app.now();
    NEW.version := OLD.version OPERATOR(pg_catalog.+) 1;
    NEW.changed_xid := pg_catalog.pg_current_xact_id();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.touch_version() IS 'Trigger: instant, version and transaction of the last change.';

-- The same for a new row: nobody starts at another version than 1 or in another transaction than theirs.
CREATE OR REPLACE FUNCTION app.first_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := 1;
    NEW.changed_xid := pg_catalog.pg_current_xact_id();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.first_version() IS 'Trigger: version and transaction of a new row.';
