-- Since version 0006.
-- What venues are compared by follows their facts, whoever writes them. docs/design.md, "Screens" (platform).

CREATE OR REPLACE FUNCTION app.venue_keys() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    INSERT INTO public.venue_keys AS k (venue_id, name_key, address_key, phone_key, tax_key, name_blocks)
    SELECT NEW.id, m.name_key, m.address_key, m.phone_key, m.tax_key, m.name_blocks
      FROM vetting.keys(NEW.name, NEW.address_line1, NEW.city, NEW.postal_code, NEW.contact_phone, NEW.tax_number) AS m
    ON CONFLICT (venue_id) DO UPDATE SET
        name_key = excluded.name_key, address_key = excluded.address_key, phone_key = excluded.phone_key,
        tax_key = excluded.tax_key, name_blocks = excluded.name_blocks, updated_at = app.now();
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION app.venue_keys() IS 'Keeps what a venue is compared by in step with its facts.';

CREATE OR REPLACE TRIGGER a_keys AFTER INSERT OR UPDATE OF name, address_line1, city, postal_code, contact_phone, tax_number
    ON public.venues FOR EACH ROW EXECUTE FUNCTION app.venue_keys();
