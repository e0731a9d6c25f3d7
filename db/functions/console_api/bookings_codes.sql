-- Confirmation codes: eight symbols of Crockford's base 32 and a check symbol, written K7Q4-2MXR-6. The same arithmetic as
-- console/domain/codes.py; tests/db/test_codes_agree.py holds the two together.

-- The check symbol of eight canonical symbols: a weighted sum over the field of 32 elements (x^5 + x^2 + 1), offset by 16.
CREATE OR REPLACE FUNCTION bookings.code_check(body text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    symbols constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    total integer := 0;
BEGIN
    FOR place IN 1..8 LOOP
        total := total << 1;
        IF total & 32 <> 0 THEN
            total := total # 37;
        END IF;
        total := total # (strpos(symbols, substr(body, place, 1)) - 1);
    END LOOP;
    total := total << 1;
    IF total & 32 <> 0 THEN
        total := total # 37;
    END IF;
    RETURN substr(symbols, (total # 16) + 1, 1);
END
$$;
COMMENT ON FUNCTION bookings.code_check(text) IS 'The ninth symbol of a confirmation code.';

-- What was typed or scanned as it is stored, or NULL where it is not one valid code. Case, spaces and dashes do not
-- matter; O reads as 0, I and L as 1.
CREATE OR REPLACE FUNCTION bookings.read_code(typed text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    symbols text := translate(upper(translate(typed, '- ', '')), 'OIL', '011');
BEGIN
    IF symbols !~ '^[0-9A-HJKMNP-TV-Z]{9}$' OR bookings.code_check(left(symbols, 8)) <> right(symbols, 1) THEN
        RETURN NULL;
    END IF;
    RETURN left(symbols, 4) || '-' || substr(symbols, 5, 4) || '-' || right(symbols, 1);
END
$$;
COMMENT ON FUNCTION bookings.read_code(text) IS 'The canonical form of a typed confirmation code, or NULL.';

-- A code nobody has yet: 40 bits from the server's strong random source. At least one symbol is 2 to 9, so that a code
-- typed without its dashes is never mistaken for a name.
CREATE OR REPLACE FUNCTION bookings.new_code() RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    symbols constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    -- The bytes of a random UUID that carry no version or variant bits.
    random_bytes constant integer[] := ARRAY[0, 1, 2, 3, 4, 5, 10, 11];
    dice bytea;
    body text;
    made text;
BEGIN
    LOOP
        dice := uuid_send(gen_random_uuid());
        body := '';
        FOR place IN 1..8 LOOP
            body := body || substr(symbols, (get_byte(dice, random_bytes[place]) & 31) + 1, 1);
        END LOOP;
        made := left(body, 4) || '-' || right(body, 4) || '-' || bookings.code_check(body);
        EXIT WHEN body ~ '[2-9]'
            AND NOT EXISTS (SELECT 1 FROM public.bookings AS b WHERE b.confirmation_code = made);
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION bookings.new_code() IS 'An unguessable confirmation code that no booking has.';
GRANT EXECUTE ON FUNCTION bookings.code_check(text), bookings.read_code(text)
    TO console_owner, console_jobs, console_worker, console_client;
GRANT EXECUTE ON FUNCTION bookings.new_code() TO console_owner, console_jobs;
