-- What every changed row says of itself.

CREATE OR REPLACE FUNCTION public.update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.updated_at := app.now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION public.update_updated_at_column() IS 'Trigger: the instant of the last change.';

-- Watched tables: a version to compare before writing, and the transaction that changed the row, by which desks ask
-- "what has changed since". A timestamp or a sequence would miss the transaction that commits late.
CREATE OR REPLACE FUNCTION app.touch_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.updated_at := app.now();
    NEW.version := OLD.version + 1;
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.touch_version() IS 'Trigger: instant, version and transaction of the last change.';

-- The same for a new row: nobody starts at another version than 1 or in another transaction than theirs.
CREATE OR REPLACE FUNCTION app.first_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.version := 1;
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.first_version() IS 'Trigger: version and transaction of a new row.';
