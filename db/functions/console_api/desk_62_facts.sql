-- What families tell a desk, checked before it is written: one sentence for each thing that cannot be taken.

CREATE OR REPLACE FUNCTION desk.invalid(sentence text, key text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = sentence, DETAIL = key;
END
$$;

-- A text as it is kept: without blanks around it, NULL for nothing. `what` names it in the refusal, `key` to the machine. Of the
-- control characters only the line's end passes, and only where `lines` says so.
CREATE OR REPLACE FUNCTION desk.kept_text(
    given text, what text, key text, most integer, needed boolean DEFAULT true, lines boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept constant text := nullif(regexp_replace(given, '^\s+|\s+$', '', 'g'), '');
BEGIN
    -- Something must be there to be seen: letters that take no room are no name.
    IF needed AND (kept IS NULL OR kept !~ '[^\s\u00AD\u200B-\u200F\u2060\uFEFF]') THEN
        PERFORM desk.invalid(format('Enter %s.', what), key);
    ELSIF length(kept) > most THEN
        PERFORM desk.invalid(format('Shorten %s to %s letters.', what, most), key);
    ELSIF (CASE WHEN lines THEN translate(kept, E'\n', '') ELSE kept END) ~ '[\u0001-\u001F\u007F-\u009F]' THEN
        PERFORM desk.invalid(format('Take the special characters out of %s.', what), key);
    END IF;
    RETURN kept;
END
$$;

CREATE OR REPLACE FUNCTION desk.kept_list(given jsonb, what text, key text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF given IS NULL OR given = 'null' THEN
        RETURN '[]';
    ELSIF jsonb_typeof(given) <> 'array' OR given @? '$[*] ? (@.type() != "object")' THEN
        PERFORM desk.invalid(format('The list of %s cannot be read.', what), key);
    ELSIF jsonb_array_length(given) > 10 THEN
        PERFORM desk.invalid(format('Enter at most 10 %s.', what), key);
    END IF;
    RETURN given;
END
$$;

-- A phone number that could be called, or NULL.
CREATE OR REPLACE FUNCTION desk.kept_phone(given text, needed boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept constant text := desk.kept_text(given, 'a phone number', 'phone', 50, needed);
BEGIN
    IF length(regexp_replace(kept, '[^0-9]', '', 'g')) < 7 THEN
        PERFORM desk.invalid('A phone number has at least 7 digits.', 'phone');
    END IF;
    RETURN kept;
END
$$;

-- Health notes of a child, added to what is there. Who confirmed them is a name, on the venue's day.
CREATE OR REPLACE FUNCTION desk.add_health(child uuid, given jsonb, confirmed_by text, today date) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one jsonb;
BEGIN
    FOR one IN SELECT e.value FROM jsonb_array_elements(desk.kept_list(given, 'health notes', 'health')) AS e LOOP
        IF NOT coalesce(one ->> 'kind' = ANY (enum_range(NULL::public.health_kind)::text[]), false) THEN
            PERFORM desk.invalid('Say what kind of health note it is.', 'kind');
        ELSIF coalesce(one ->> 'severity', '') !~ '^[123]$' THEN
            PERFORM desk.invalid('Say how grave the health note is, from 1 to 3.', 'severity');
        END IF;
        INSERT INTO public.child_health_notes (child_id, kind, severity, label, title, instructions, confirmed_by_name,
                                               confirmed_on)
        VALUES (child, (one ->> 'kind')::public.health_kind, (one ->> 'severity')::smallint,
                desk.kept_text(one ->> 'label', 'the word on the chip', 'label', 24),
                desk.kept_text(one ->> 'title', 'what it is', 'title', 100),
                desk.kept_text(one ->> 'instructions', 'what to do', 'instructions', 2000, false, true), confirmed_by, today);
    END LOOP;
END
$$;

-- A list of pickup people as it is kept, in its order; each name stands once.
CREATE OR REPLACE FUNCTION desk.kept_people(given jsonb)
    RETURNS TABLE (place integer, name text, relationship text, phone text, may_collect boolean, note text)
    LANGUAGE plpgsql STABLE ROWS 5
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    one record;
    named text[] := '{}';
BEGIN
    FOR one IN SELECT e.value AS facts, e.ordinality AS place
                 FROM jsonb_array_elements(desk.kept_list(given, 'people', 'pickup')) WITH ORDINALITY AS e ORDER BY 2 LOOP
        place := one.place;
        name := desk.kept_text(one.facts ->> 'name', 'the name of who collects', 'pickup_name', 100);
        IF lower(name) = ANY (named) THEN
            PERFORM desk.invalid(format('%s is on the list twice.', name), 'pickup_name');
        ELSIF one.facts ? 'may_collect' AND jsonb_typeof(one.facts -> 'may_collect') <> 'boolean' THEN
            PERFORM desk.invalid(format('Say whether %s may collect.', name), 'may_collect');
        END IF;
        named := named || lower(name);
        relationship := desk.kept_text(one.facts ->> 'relationship', 'the relationship', 'relationship', 50, false);
        phone := desk.kept_phone(one.facts ->> 'phone', false);
        may_collect := coalesce((one.facts ->> 'may_collect')::boolean, true);
        note := desk.kept_text(one.facts ->> 'note', 'the note', 'note', 100, false);
        RETURN NEXT;
    END LOOP;
END
$$;

-- A child of a parent with its health notes, pickup people and its parent's consent, all from `facts`; the answer is its id.
CREATE OR REPLACE FUNCTION desk.enter_child(parent uuid, at_venue uuid, new_id uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    child constant jsonb := CASE WHEN jsonb_typeof(facts -> 'child') = 'object' THEN facts -> 'child' ELSE '{}' END;
    today constant date := desk.today(at_venue);
    signed text;
    words text;
    edition text;
    born date;
    guardian record;
BEGIN
    signed := desk.kept_text(facts ->> 'signed_by', 'the name of who signs the consent', 'signed_by', 100);
    words := desk.kept_text(facts ->> 'consent_text', 'the consent''s text', 'consent_text', 20000, true, true);
    edition := desk.kept_text(facts ->> 'consent_version', 'the consent''s version', 'consent_version', 20);
    BEGIN
        IF child ->> 'date_of_birth' ~ '^\d{4}-\d\d-\d\d$' THEN
            born := (child ->> 'date_of_birth')::date;
        END IF;
    EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
        born := NULL;
    END;
    IF born IS NULL THEN
        PERFORM desk.invalid('Enter the child''s birthday.', 'date_of_birth');
    ELSIF born > today THEN
        PERFORM desk.invalid('A birthday lies in the past.', 'date_of_birth');
    ELSIF desk.months_old(born, today) >= 216 THEN
        PERFORM desk.invalid('A child is under 18.', 'date_of_birth');
    END IF;
    INSERT INTO public.children (id, parent_id, first_name, date_of_birth, parental_consent_given, parental_consent_date)
    VALUES (new_id, parent, desk.kept_text(child ->> 'first_name', 'the child''s first name', 'first_name', 100), born, true,
            app.now());
    INSERT INTO public.parental_consent_records (parent_id, child_id, consent_type, consent_version, consent_given,
                                                 consent_method, consent_text, consented_at, signed_by)
    SELECT parent, new_id, t.kind, edition, true, 'signature', words, app.now(), signed
      FROM unnest(ARRAY['data_collection', 'data_processing', 'activity_booking']) AS t (kind);
    PERFORM desk.add_health(new_id, child -> 'health', signed, today);
    -- The guardian first, unless the list names the same person; then as the list goes.
    SELECT btrim(u.first_name || ' ' || u.last_name) AS name, u.phone INTO guardian
      FROM public.users AS u WHERE u.id = parent;
    INSERT INTO public.pickup_people (child_id, name, relationship, phone, may_collect, note, created_at, confirmed_by_name,
                                      confirmed_on)
    SELECT new_id, p.name, p.relationship, p.phone, p.may_collect, p.note, app.now() + p.place * interval '1 microsecond',
           signed, today
      FROM (SELECT 0 AS place, left(guardian.name, 100) AS name, 'guardian' AS relationship, guardian.phone::text AS phone,
                   true AS may_collect, NULL AS note
            UNION ALL
            SELECT k.* FROM desk.kept_people(child -> 'pickup') AS k) AS p
     WHERE p.place > 0 OR NOT EXISTS (SELECT 1 FROM desk.kept_people(child -> 'pickup') AS k
                                       WHERE lower(k.name) = lower(guardian.name));
END
$$;

-- Note a request under its number with the ids it will be answered with, or answer with those of the first time. The number
-- belongs to one person, venue and kind.
CREATE OR REPLACE FUNCTION desk.first_time(request uuid, of_kind text, at_venue uuid, made jsonb, OUT is_new boolean, OUT answer jsonb)
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me record := auth.caller();
    known record;
BEGIN
    IF request IS NULL THEN
        PERFORM desk.invalid('A registration needs a number of its own.', 'request_id');
    END IF;
    INSERT INTO public.desk_requests (id, kind, venue_id, person_id, device_id, answer)
    VALUES (request, of_kind, at_venue, me.user_id, me.device_id, made) ON CONFLICT (id) DO NOTHING;
    is_new := FOUND;
    SELECT r.answer, r.kind, r.venue_id, r.person_id INTO known FROM public.desk_requests AS r WHERE r.id = request;
    IF (known.kind, known.venue_id, known.person_id) IS DISTINCT FROM (of_kind, at_venue, me.user_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This registration''s number is taken.', HINT = 'Try again.',
            DETAIL = 'request_id_taken';
    END IF;
    answer := known.answer;
END
$$;
