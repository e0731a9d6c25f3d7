-- Keyed hashes from the one hash PostgreSQL has built in, sha256(); no extension is asked for. Held to the vectors of
-- RFC 4231, RFC 2202, RFC 3174, RFC 4226 and RFC 6238 by tests/db/test_auth_hashes.py. Nobody but their owner may run these.

-- Two byte strings of 32 bytes, xor-ed.
CREATE OR REPLACE FUNCTION auth.xor32(a bytea, b bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    x bit(256) := ('x' || encode(a, 'hex'))::bit(256) # ('x' || encode(b, 'hex'))::bit(256);
BEGIN
    RETURN int8send(substring(x FROM 1 FOR 64)::bigint) || int8send(substring(x FROM 65 FOR 64)::bigint)
        || int8send(substring(x FROM 129 FOR 64)::bigint) || int8send(substring(x FROM 193 FOR 64)::bigint);
END
$$;

-- Whether two byte strings of 32 bytes are equal, in a time that does not depend on where they differ.
CREATE OR REPLACE FUNCTION auth.same32(a bytea, b bytea) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    difference integer := 0;
BEGIN
    IF a IS NULL OR b IS NULL OR length(a) <> 32 OR length(b) <> 32 THEN
        RETURN false;
    END IF;
    FOR i IN 0..31 LOOP
        difference := difference | (get_byte(a, i) # get_byte(b, i));
    END LOOP;
    RETURN difference = 0;
END
$$;

-- A key of at most 64 bytes, padded and xor-ed with one byte throughout: the two inner keys of RFC 2104.
CREATE OR REPLACE FUNCTION auth.hmac_pad(key bytea, with_byte integer) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    padded bytea := key || decode(repeat('00', 64 - length(key)), 'hex');
BEGIN
    FOR i IN 0..63 LOOP
        padded := set_byte(padded, i, get_byte(padded, i) # with_byte);
    END LOOP;
    RETURN padded;
END
$$;

CREATE OR REPLACE FUNCTION auth.hmac_sha256(key bytea, message bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF length(key) > 64 THEN
        key := sha256(key);
    END IF;
    RETURN sha256(auth.hmac_pad(key, 92) || sha256(auth.hmac_pad(key, 54) || message));
END
$$;

-- SHA-1 (RFC 3174), for authenticator codes only: every authenticator app speaks it, and HMAC-SHA-1 is not weakened by
-- the collisions that ended SHA-1 elsewhere.
CREATE OR REPLACE FUNCTION auth.sha1(message bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mask constant bigint := 4294967295;
    h0 bigint := 1732584193;
    h1 bigint := 4023233417;
    h2 bigint := 2562383102;
    h3 bigint := 271733878;
    h4 bigint := 3285377520;
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
    w bigint[];
    padded bytea;
    at integer;
BEGIN
    padded := message || '\x80'::bytea
        || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex')
        || int8send(length(message)::bigint * 8);
    FOR block IN 0..(length(padded) / 64 - 1) LOOP
        w := ARRAY[]::bigint[];
        FOR i IN 0..15 LOOP
            at := block * 64 + i * 4;
            w[i] := (get_byte(padded, at)::bigint << 24) | (get_byte(padded, at + 1) << 16)
                | (get_byte(padded, at + 2) << 8) | get_byte(padded, at + 3);
        END LOOP;
        FOR i IN 16..79 LOOP
            t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
            w[i] := ((t << 1) | (t >> 31)) & mask;
        END LOOP;
        a := h0; b := h1; c := h2; d := h3; e := h4;
        FOR i IN 0..79 LOOP
            IF i < 20 THEN
                f := (b & c) | ((b # mask) & d); k := 1518500249;
            ELSIF i < 40 THEN
                f := b # c # d; k := 1859775393;
            ELSIF i < 60 THEN
                f := (b & c) | (b & d) | (c & d); k := 2400959708;
            ELSE
                f := b # c # d; k := 3395469782;
            END IF;
            t := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i]) & mask;
            e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := t;
        END LOOP;
        h0 := (h0 + a) & mask; h1 := (h1 + b) & mask; h2 := (h2 + c) & mask;
        h3 := (h3 + d) & mask; h4 := (h4 + e) & mask;
    END LOOP;
    RETURN substring(int8send(h0) FROM 5) || substring(int8send(h1) FROM 5) || substring(int8send(h2) FROM 5)
        || substring(int8send(h3) FROM 5) || substring(int8send(h4) FROM 5);
END
$$;

CREATE OR REPLACE FUNCTION auth.hmac_sha1(key bytea, message bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF length(key) > 64 THEN
        key := auth.sha1(key);
    END IF;
    RETURN auth.sha1(auth.hmac_pad(key, 92) || auth.sha1(auth.hmac_pad(key, 54) || message));
END
$$;

-- Base32 (RFC 4648) to bytes; case and padding do not matter, anything else outside the alphabet is refused with NULL.
CREATE OR REPLACE FUNCTION auth.base32_decode(encoded text) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    clean text := rtrim(upper(encoded), '=');
    buffer bigint := 0;
    bits integer := 0;
    value integer;
    decoded bytea := ''::bytea;
BEGIN
    FOR i IN 1..length(clean) LOOP
        value := strpos('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', substr(clean, i, 1)) - 1;
        IF value < 0 THEN
            RETURN NULL;
        END IF;
        buffer := ((buffer << 5) | value) & 8191;
        bits := bits + 5;
        IF bits >= 8 THEN
            bits := bits - 8;
            decoded := decoded || substring(int4send(((buffer >> bits) & 255)::integer) FROM 4);
        END IF;
    END LOOP;
    RETURN decoded;
END
$$;

-- The code of one counter value (RFC 4226), zero-padded to `digits`.
CREATE OR REPLACE FUNCTION auth.hotp(secret bytea, counter bigint, digits integer DEFAULT 6) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    mac bytea := auth.hmac_sha1(secret, int8send(counter));
    at integer := get_byte(mac, 19) & 15;
    number bigint;
BEGIN
    number := ((get_byte(mac, at) & 127)::bigint << 24) | (get_byte(mac, at + 1) << 16)
        | (get_byte(mac, at + 2) << 8) | get_byte(mac, at + 3);
    RETURN lpad((number % (10 ^ digits)::bigint)::text, digits, '0');
END
$$;

-- The 30-second step (RFC 6238) whose code this is, looked for one step either side of `at` and later than `after`;
-- NULL where it is none of them. All three codes are always computed.
CREATE OR REPLACE FUNCTION auth.totp_step(secret bytea, code text, at timestamptz, after bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    now_step bigint := floor(extract(epoch FROM at) / 30)::bigint;
    found bigint;
BEGIN
    FOR step IN (now_step - 1)..(now_step + 1) LOOP
        IF auth.same32(sha256(convert_to(auth.hotp(secret, step), 'UTF8')),
                       sha256(convert_to(coalesce(code, ''), 'UTF8')))
           AND step > coalesce(after, -1) THEN
            found := step;
        END IF;
    END LOOP;
    RETURN found;
END
$$;
