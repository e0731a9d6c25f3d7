-- Since version 0006.
-- What venues are compared by. Only the letters that stand here are folded, so that no server's locale changes what is found;
-- console/domain/sameness.py says the same in Python and a property test holds the two together. docs/design.md, "Screens"
-- (platform).

-- Small letters without accents, words between single blanks, nothing else.
CREATE OR REPLACE FUNCTION vetting.plain(raw text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
RETURN btrim(regexp_replace(regexp_replace(
    replace(replace(replace(replace(translate(coalesce(raw, ''),
            'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïðñòóôõöøùúûüýÿĀāĂăĄ'
            || 'ąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦħĨĩĪīĬĭĮįİıĲĴĵĶķĹĺĻļĽľĿŁłŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤ'
            || 'ťŦŧŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžΆ·ΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰςϊϋόύώЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБ'
            || 'ВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯйѐёѓїќѝўẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồ'
            || 'ỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ',
            'abcdefghijklmnopqrstuvwxyzaaaaaaæceeeeiiiidnoooooouuuuyþaaaaaaceeeeiiiidnoooooouuuuyyaaaaa'
            || 'accccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiĳjjkkllllllŀllnnnnnnŋooooooœrrrrrrssssssssttt'
            || 'tttuuuuuuuuuuuuwwyyyzzzzzzα·εηιουωιαβγδεζηθικλμνξοπρστυφχψωιυαεηιυσιυουωееђгєѕііјљњћкиуџаб'
            || 'вгдежзииклмнопрстуфхцчшщъыьэюяиеегікиуaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooo'
            || 'oooooooooooooooouuuuuuuuuuuuuuyyyyyyyy'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    '[''`.\u00ad\u00b4\u0300-\u036f\u2018\u2019\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]', '', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff\u3000-\u303f\uff00-\uff0f\U0001f000-\U0001faff]+',
    ' ', 'g'), ' ');

-- A name without its form of company; with it, where nothing else is left.
CREATE OR REPLACE FUNCTION vetting.name_key(name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT coalesce(string_agg(w.word, ' ' ORDER BY w.n) FILTER (WHERE w.word <> ALL (ARRAY[
            'ab', 'ag', 'and', 'aps', 'as', 'bv', 'co', 'company', 'corp', 'corporation', 'ev', 'gmbh', 'inc',
            'incorporated', 'kg', 'limited', 'llc', 'llp', 'lp', 'ltd', 'nv', 'oao', 'ohg', 'ooo', 'oy', 'plc',
            'pllc', 'sa', 'sarl', 'sas', 'sl', 'slu', 'spa', 'srl', 'the', 'ug', 'zao', 'ао', 'зао', 'ип', 'оао',
            'ооо', 'пао'])),
        string_agg(w.word, ' ' ORDER BY w.n), '')
      FROM string_to_table(vetting.plain(name), ' ') WITH ORDINALITY AS w (word, n));

-- The beginnings that names must share at least one of to be compared.
CREATE OR REPLACE FUNCTION vetting.name_blocks(key text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN key = '' THEN '{}'::text[] ELSE ARRAY(
    SELECT b.block FROM (
        SELECT '^' || left(replace(key, ' ', ''), 5) AS block
        UNION
        SELECT left(w.word, 5) FROM (
            SELECT t.word FROM string_to_table(key, ' ') WITH ORDINALITY AS t (word, n)
             WHERE length(t.word) >= 4 AND t.word <> ALL (ARRAY[
            'academy', 'arts', 'center', 'centre', 'children', 'childrens', 'club', 'dance', 'family', 'house',
            'kids', 'music', 'play', 'room', 'school', 'schools', 'space', 'sports', 'studio', 'studios'])
             ORDER BY t.n LIMIT 6) AS w) AS b
     ORDER BY b.block COLLATE "C") END;

-- The street line with its usual short words, and the postal code, or the city where there is none.
CREATE OR REPLACE FUNCTION vetting.address_key(line text, city text, postal_code text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    words constant text := vetting.plain(line);
    code text := replace(vetting.plain(postal_code), ' ', '');
BEGIN
    IF words = '' THEN
        RETURN '';
    END IF;
    IF code ~ '^[0-9]{9}$' THEN
        code := left(code, 5);
    END IF;
    RETURN btrim((
        SELECT string_agg(CASE w.word
                   WHEN 'street' THEN 'st' WHEN 'avenue' THEN 'ave' WHEN 'av' THEN 'ave' WHEN 'road' THEN 'rd'
                   WHEN 'boulevard' THEN 'blvd' WHEN 'drive' THEN 'dr' WHEN 'lane' THEN 'ln' WHEN 'court' THEN 'ct'
                   WHEN 'place' THEN 'pl' WHEN 'square' THEN 'sq' WHEN 'highway' THEN 'hwy' WHEN 'parkway' THEN 'pkwy'
                   WHEN 'terrace' THEN 'ter' WHEN 'suite' THEN 'ste' WHEN 'apartment' THEN 'apt' WHEN 'building' THEN 'bldg'
                   WHEN 'floor' THEN 'fl' WHEN 'north' THEN 'n' WHEN 'south' THEN 's' WHEN 'east' THEN 'e'
                   WHEN 'west' THEN 'w' WHEN 'northwest' THEN 'nw' WHEN 'northeast' THEN 'ne' WHEN 'southwest' THEN 'sw'
                   WHEN 'southeast' THEN 'se' WHEN 'calle' THEN 'c' WHEN 'avenida' THEN 'avda' WHEN 'strasse' THEN 'str'
                   WHEN 'улица' THEN 'ул' WHEN 'проспект' THEN 'пр' WHEN 'переулок' THEN 'пер' WHEN 'дом' THEN 'д'
                   ELSE w.word END, ' ' ORDER BY w.n)
          FROM string_to_table(words, ' ') WITH ORDINALITY AS w (word, n))
        || ' ' || coalesce(nullif(code, ''), vetting.plain(city)), ' ');
END
$$;

-- The last ten digits without an extension; nothing for what is too short to be a telephone number.
CREATE OR REPLACE FUNCTION vetting.phone_key(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT CASE WHEN length(d.digits) >= 7 THEN right(d.digits, 10) ELSE '' END
          FROM (SELECT regexp_replace((regexp_split_to_array(coalesce(phone, ''), '[xX#;]|[eE][xX][tT]'))[1],
                                      '[^0-9]', '', 'g')) AS d (digits));

-- Letters and digits of a tax number; nothing for what is too short to be one.
CREATE OR REPLACE FUNCTION vetting.tax_key(number text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT CASE WHEN length(f.found) >= 5 THEN f.found ELSE '' END
          FROM (SELECT translate(regexp_replace(coalesce(number, ''), '[^0-9A-Za-z]', '', 'g'),
                                 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')) AS f (found));

CREATE OR REPLACE FUNCTION vetting.keys(name text, address_line text, city text, postal_code text, phone text, tax_number text,
    OUT name_key text, OUT address_key text, OUT phone_key text, OUT tax_key text, OUT name_blocks text[])
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    name_key := vetting.name_key(name);
    address_key := vetting.address_key(address_line, city, postal_code);
    phone_key := vetting.phone_key(phone);
    tax_key := vetting.tax_key(tax_number);
    name_blocks := vetting.name_blocks(name_key);
END
$$;
COMMENT ON FUNCTION vetting.keys(text, text, text, text, text, text) IS 'What venues are compared by when somebody may have applied twice.';
GRANT EXECUTE ON FUNCTION vetting.plain(text), vetting.name_key(text), vetting.name_blocks(text),
    vetting.address_key(text, text, text), vetting.phone_key(text), vetting.tax_key(text),
    vetting.keys(text, text, text, text, text, text) TO console_owner;

-- Other venues that may be the ones asked about: the same tax number, telephone, address or name, or a name that begins alike.
-- `wanted` is a list of objects with n, venue_id (left out of the answer), name, address_line1, city, postal_code,
-- contact_phone, tax_number: one statement for a whole import. Which are likely is for the caller to rank.
CREATE OR REPLACE FUNCTION vetting.candidates(wanted jsonb)
    RETURNS TABLE (n integer, venue_id uuid, venue text, city text, status text, address text,
                   same_name boolean, same_address boolean, same_phone boolean, same_tax boolean)
    LANGUAGE plpgsql STABLE ROWS 100
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT w.n, v.id, v.name::text, vetting.city_words(v.city, v.state), v.status::text, concat_ws(', ', v.address_line1, v.city),
           w.name_key <> '' AND k.name_key = w.name_key, w.address_key <> '' AND k.address_key = w.address_key,
           w.phone_key <> '' AND k.phone_key = w.phone_key, w.tax_key <> '' AND k.tax_key = w.tax_key
      FROM (SELECT r.n, r.venue_id AS self, m.*
              FROM jsonb_to_recordset(wanted) AS r (n integer, venue_id uuid, name text, address_line1 text, city text,
                                                    postal_code text, contact_phone text, tax_number text)
              CROSS JOIN LATERAL vetting.keys(r.name, r.address_line1, r.city, r.postal_code, r.contact_phone, r.tax_number) AS m
            OFFSET 0) AS w
      CROSS JOIN LATERAL (
          SELECT f.venue_id
            FROM ((SELECT x.venue_id, 8 AS weight FROM public.venue_keys AS x
                    WHERE x.tax_key = w.tax_key AND x.tax_key <> '' LIMIT 20)
                  UNION ALL
                  (SELECT x.venue_id, 4 FROM public.venue_keys AS x
                    WHERE x.phone_key = w.phone_key AND x.phone_key <> '' LIMIT 20)
                  UNION ALL
                  (SELECT x.venue_id, 4 FROM public.venue_keys AS x
                    WHERE x.address_key = w.address_key AND x.address_key <> '' LIMIT 20)
                  UNION ALL
                  (SELECT x.venue_id, 6 FROM public.venue_keys AS x
                    WHERE x.name_key = w.name_key AND x.name_key <> '' LIMIT 20)
                  UNION ALL
                  (SELECT x.venue_id, 1 FROM public.venue_keys AS x WHERE x.name_blocks && w.name_blocks LIMIT 100)) AS f
           WHERE f.venue_id IS DISTINCT FROM w.self
           GROUP BY f.venue_id ORDER BY sum(f.weight) DESC, f.venue_id LIMIT 40) AS c
      JOIN public.venue_keys AS k ON k.venue_id = c.venue_id
      JOIN public.venues AS v ON v.id = c.venue_id
     ORDER BY w.n, v.id;
END
$$;

-- "Portland, OR".
CREATE OR REPLACE FUNCTION vetting.city_words(city text, state text) RETURNS text
    LANGUAGE sql IMMUTABLE
RETURN concat_ws(', ', nullif(btrim(city), ''), nullif(btrim(state), ''));
