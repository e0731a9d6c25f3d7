-- Since version 0006.
-- What venues are compared by, for those from before and wherever the rules have changed: here, because here all functions
-- and all rights are in place.

DO $keys$
BEGIN
    INSERT INTO public.venue_keys AS k (venue_id, name_key, address_key, phone_key, tax_key, name_blocks)
    SELECT v.id, m.name_key, m.address_key, m.phone_key, m.tax_key, m.name_blocks
      FROM public.venues AS v
      CROSS JOIN LATERAL vetting.keys(v.name, v.address_line1, v.city, v.postal_code, v.contact_phone, v.tax_number) AS m
    ON CONFLICT (venue_id) DO UPDATE SET
        name_key = excluded.name_key, address_key = excluded.address_key, phone_key = excluded.phone_key,
        tax_key = excluded.tax_key, name_blocks = excluded.name_blocks, updated_at = app.now()
     WHERE (k.name_key, k.address_key, k.phone_key, k.tax_key, k.name_blocks)
           IS DISTINCT FROM (excluded.name_key, excluded.address_key, excluded.phone_key, excluded.tax_key, excluded.name_blocks);
END
$keys$;
