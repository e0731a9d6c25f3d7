-- Since version 0006.
-- Applications from a file: each row once, whatever file it comes in. docs/design.md, "Screens" (platform).

-- What becomes of each row: new, known or refused, with venues that may be the same one. `rows` is a list of objects with `row`
-- (its number in the file), maybe `source_key`, and the facts. Nothing is written unless `take`.
CREATE OR REPLACE FUNCTION vetting.import_applications(rows jsonb, take boolean)
    RETURNS TABLE ("row" integer, name text, fate text, why text, candidates jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 2000
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    one record;
    facts jsonb;
    fault record;
    missing text[];
    key text;
    seen jsonb := '{}';
    alike jsonb;
    made uuid;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    IF jsonb_typeof(rows) IS DISTINCT FROM 'array' OR jsonb_array_length(rows) > 5000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An import has at most 5,000 rows.', HINT = 'Split the file.',
            DETAIL = 'too_many_rows';
    END IF;
    SELECT coalesce(jsonb_object_agg(g.n, g.found), '{}') INTO alike
      FROM (SELECT c.n, jsonb_agg(to_jsonb(c) - 'n') AS found
              FROM vetting.candidates((SELECT jsonb_agg(vetting.clean_facts(r.value) || jsonb_build_object('n', r.n))
                                         FROM jsonb_array_elements(rows) WITH ORDINALITY AS r (value, n)
                                        WHERE jsonb_typeof(r.value) = 'object')) AS c GROUP BY c.n) AS g;
    FOR one IN SELECT r.value, r.n FROM jsonb_array_elements(rows) WITH ORDINALITY AS r (value, n) ORDER BY r.n LOOP
        facts := CASE jsonb_typeof(one.value) WHEN 'object' THEN vetting.clean_facts(one.value) ELSE '{}' END;
        "row" := CASE WHEN one.value ->> 'row' ~ '^[0-9]{1,9}$' THEN (one.value ->> 'row')::integer ELSE one.n END;
        name := coalesce(facts ->> 'name', '');
        fate := 'refused';
        candidates := coalesce(alike -> one.n::text, '[]');
        fault := vetting.fault_of(facts);
        missing := vetting.missing_of(facts);
        key := coalesce('key:' || left(nullif(btrim(one.value ->> 'source_key'), ''), 190),
            'row:' || left(encode(sha256(convert_to((SELECT concat_ws('|', k.name_key, k.address_key, k.phone_key, k.tax_key)
                FROM vetting.keys(facts ->> 'name', facts ->> 'address_line1', facts ->> 'city', facts ->> 'postal_code',
                                  facts ->> 'contact_phone', facts ->> 'tax_number') AS k), 'UTF8')), 'hex'), 40));
        IF fault.field IS NOT NULL THEN
            why := fault.sentence;
        ELSIF cardinality(missing) > 0 THEN
            why := format('Still missing: %s.', array_to_string(missing, ', '));
        ELSIF seen ? key THEN
            fate := 'known';
            why := format('The same as row %s.', seen ->> key);
        ELSIF EXISTS (SELECT 1 FROM public.venue_applications AS a WHERE a.source_key = key) THEN
            fate := 'known';
            why := 'It came in before.';
        ELSE
            fate := 'new';
            why := NULL;
            IF take THEN
                INSERT INTO public.venue_applications (source, source_key, name) VALUES ('import', key, name)
                ON CONFLICT (source_key) DO NOTHING RETURNING id INTO made;
                IF made IS NULL THEN
                    fate := 'known';
                    why := 'It came in before.';
                ELSE
                    PERFORM vetting.put_facts(made, facts);
                    PERFORM vetting.make_venue(made, 'application_imported');
                END IF;
            END IF;
        END IF;
        IF fate <> 'refused' AND NOT seen ? key THEN
            seen := seen || jsonb_build_object(key, "row");
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION vetting.import_applications(jsonb, boolean) IS 'What becomes of the rows of a file of applications; takes the new ones.';
GRANT EXECUTE ON FUNCTION vetting.import_applications(jsonb, boolean) TO console_client;
