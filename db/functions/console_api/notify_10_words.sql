-- Since version 0003.
-- How the facts of a message become words: instants by the venue's clock, changes named, three languages, nothing else in
-- the text than what a person may read. docs/design.md, "Rules of the domain" (schedules, waitlist).

-- "Thursday 12 March, 15:45".
CREATE OR REPLACE FUNCTION notify.instant_words(at timestamptz, zone text, lang text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    local constant timestamp := at AT TIME ZONE zone;
    weekday constant integer := extract(isodow FROM local);
    month constant integer := extract(month FROM local);
    day constant integer := extract(day FROM local);
    hour constant text := to_char(local, 'HH24:MI');
BEGIN
    CASE lang
        WHEN 'es' THEN RETURN format('%s %s de %s, %s',
            (ARRAY['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'])[weekday], day,
            (ARRAY['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septiembre', 'octubre',
                   'noviembre', 'diciembre'])[month], hour);
        WHEN 'ru' THEN RETURN format('%s, %s %s, %s',
            (ARRAY['понедельник', 'вторник', 'среда', 'четверг', 'пятница', 'суббота', 'воскресенье'])[weekday], day,
            (ARRAY['января', 'февраля', 'марта', 'апреля', 'мая', 'июня', 'июля', 'августа', 'сентября', 'октября',
                   'ноября', 'декабря'])[month], hour);
        ELSE RETURN format('%s %s %s, %s',
            (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[weekday], day,
            (ARRAY['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
                   'November', 'December'])[month], hour);
    END CASE;
END
$$;

-- A name as it may stand in a message: one line, no control characters and none that turn the direction of the text.
CREATE OR REPLACE FUNCTION notify.one_line(raw text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN left(btrim(regexp_replace(
    regexp_replace(raw, '[\u0001-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+', ' ', 'g'), '\s+', ' ', 'g')), 200);

-- "time 15:45 → 16:00, Room A → Room B". `changes` is a list of what changed, as in a plan; what parents cannot see of it
-- (capacity, places, notes) is not named.
CREATE OR REPLACE FUNCTION notify.change_words(facts jsonb, zone text, lang text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    was constant timestamptz := facts ->> 'was_starts_at';
    becomes constant timestamptz := facts ->> 'starts_at';
    until constant timestamptz := facts ->> 'ends_at';
    listed constant jsonb := CASE jsonb_typeof(facts -> 'changes') WHEN 'array' THEN facts -> 'changes' ELSE '[]' END;
    -- time, instructor, length, room
    label constant text[] := CASE lang
        WHEN 'es' THEN ARRAY['hora', 'instructor', 'duración', 'sala']
        WHEN 'ru' THEN ARRAY['время', 'преподаватель', 'продолжительность', 'зал']
        ELSE ARRAY['time', 'instructor', 'length', 'room'] END;
    said text[] := '{}';
BEGIN
    IF was <> becomes THEN
        IF (was AT TIME ZONE zone)::date = (becomes AT TIME ZONE zone)::date THEN
            said := said || format('%s %s → %s', label[1], to_char(was AT TIME ZONE zone, 'HH24:MI'),
                                   to_char(becomes AT TIME ZONE zone, 'HH24:MI'));
        ELSE
            said := said || format('%s → %s', notify.instant_words(was, zone, lang), notify.instant_words(becomes, zone, lang));
        END IF;
    END IF;
    IF listed ? 'length' THEN
        said := said || CASE WHEN until IS NULL THEN label[3]
                             ELSE format('%s–%s', to_char(becomes AT TIME ZONE zone, 'HH24:MI'), to_char(until AT TIME ZONE zone, 'HH24:MI')) END;
    END IF;
    IF facts ->> 'room' IS DISTINCT FROM facts ->> 'was_room' AND facts ->> 'room' <> '' THEN
        said := said || CASE WHEN coalesce(facts ->> 'was_room', '') = '' THEN format('%s: %s', label[4], notify.one_line(facts ->> 'room'))
                             ELSE format('%s → %s', notify.one_line(facts ->> 'was_room'), notify.one_line(facts ->> 'room')) END;
    END IF;
    IF listed ? 'instructor' THEN
        said := said || CASE WHEN coalesce(facts ->> 'instructor', '') = '' THEN label[2]
                             ELSE format('%s: %s', label[2], notify.one_line(facts ->> 'instructor')) END;
    END IF;
    RETURN array_to_string(said, ', ');
END
$$;

-- A requirement of a venue as a reader of the language calls it; what is none stands as it is.
CREATE OR REPLACE FUNCTION notify.requirement_words(requirement text, lang text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE requirement
    WHEN 'insurance' THEN CASE lang WHEN 'es' THEN 'El seguro' WHEN 'ru' THEN 'страховка' ELSE 'The insurance' END
    WHEN 'background_checks' THEN
        CASE lang WHEN 'es' THEN 'La comprobación de antecedentes' WHEN 'ru' THEN 'проверка персонала' ELSE 'The background check' END
    WHEN 'safety_audit' THEN
        CASE lang WHEN 'es' THEN 'La auditoría de seguridad' WHEN 'ru' THEN 'проверка безопасности' ELSE 'The safety audit' END
    WHEN 'reverification' THEN
        CASE lang WHEN 'es' THEN 'La verificación anual' WHEN 'ru' THEN 'ежегодная проверка' ELSE 'The yearly verification' END
    WHEN 'payout_account' THEN
        CASE lang WHEN 'es' THEN 'La cuenta de cobro' WHEN 'ru' THEN 'счёт для выплат' ELSE 'The payout account' END
    ELSE notify.one_line(requirement) END;

-- "12 March 2026".
CREATE OR REPLACE FUNCTION notify.day_words(on_day date, lang text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN format(CASE lang WHEN 'es' THEN '%s de %s de %s' ELSE '%s %s %s' END, extract(day FROM on_day),
    (CASE lang
        WHEN 'es' THEN ARRAY['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septiembre', 'octubre',
                             'noviembre', 'diciembre']
        WHEN 'ru' THEN ARRAY['января', 'февраля', 'марта', 'апреля', 'мая', 'июня', 'июля', 'августа', 'сентября', 'октября',
                             'ноября', 'декабря']
        ELSE ARRAY['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
                   'November', 'December'] END)[extract(month FROM on_day)::integer], extract(year FROM on_day));

-- Every fact as the text that stands for it in a template; what is not known is simply absent.
CREATE OR REPLACE FUNCTION notify.fact_words(facts jsonb, zone text, lang text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    said jsonb := '{}';
BEGIN
    FOR one IN SELECT f.key, f.value FROM jsonb_each_text(facts) AS f WHERE f.value IS NOT NULL LOOP
        said := said || jsonb_build_object(one.key, CASE
            WHEN one.key = 'changes' THEN CASE jsonb_typeof(facts -> 'changes')
                WHEN 'string' THEN notify.one_line(one.value) ELSE notify.change_words(facts, zone, lang) END
            WHEN one.key = 'consented' THEN CASE
                WHEN one.value = 'true' THEN
                    CASE lang WHEN 'es' THEN 'Usted estuvo de acuerdo.' WHEN 'ru' THEN 'Вы на это согласились.' ELSE 'You agreed to this.' END
                ELSE CASE lang WHEN 'es' THEN 'Si no le conviene, puede cancelar sin coste hasta el comienzo.'
                               WHEN 'ru' THEN 'Если это вам не подходит, до начала запись можно отменить бесплатно.'
                               ELSE 'If this does not suit you, you can cancel free of charge until it starts.' END END
            WHEN one.key = 'credits' AND one.value = '0' THEN ''
            -- What somebody wrote to a venue keeps its lines and its length.
            WHEN one.key = 'feedback' THEN regexp_replace(
                one.value, '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+', ' ', 'g')
            WHEN one.key = 'requirement' THEN notify.requirement_words(one.value, lang)
            WHEN one.key LIKE '%\_on' AND one.value ~ '^\d{4}-\d\d-\d\d$' THEN notify.day_words(one.value::date, lang)
            WHEN one.key LIKE '%\_at' THEN notify.instant_words(one.value::timestamptz, zone, lang)
            ELSE notify.one_line(one.value) END);
    END LOOP;
    IF NOT facts ? 'changes' AND facts ? 'was_starts_at' THEN
        said := said || jsonb_build_object('changes', notify.change_words(facts, zone, lang));
    END IF;
    IF facts ? 'sessions' THEN
        said := said || jsonb_build_object('sessions', notify.session_lines(facts, zone, lang));
    END IF;
    RETURN said;
END
$$;

-- A template with its variables replaced, once: what a name contains is never read as a variable again. A line all of whose
-- variables are empty is left out.
CREATE OR REPLACE FUNCTION notify.fill(template text, words jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    line text;
    names text[];
    pieces text[];
    built text;
    has_any boolean;
    lines text[] := '{}';
BEGIN
    IF template IS NULL THEN
        RETURN NULL;
    END IF;
    FOREACH line IN ARRAY string_to_array(template, E'\n') LOOP
        IF position('{{' IN line) > 0 THEN
            names := ARRAY(SELECT m[1] FROM regexp_matches(line, '\{\{([a-z_]+)\}\}', 'g') AS m);
            pieces := regexp_split_to_array(line, '\{\{[a-z_]+\}\}');
            built := pieces[1];
            has_any := cardinality(names) = 0;
            FOR i IN 1 .. cardinality(names) LOOP
                has_any := has_any OR coalesce(words ->> names[i], '') <> '';
                built := built || coalesce(words ->> names[i], '') || pieces[i + 1];
            END LOOP;
            CONTINUE WHEN NOT has_any;
            line := built;
        END IF;
        lines := lines || line;
    END LOOP;
    RETURN btrim(regexp_replace(array_to_string(lines, E'\n'), '\n{3,}', E'\n\n', 'g'), E'\n ');
END
$$;
