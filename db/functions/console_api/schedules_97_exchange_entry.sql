-- Since version 0003.
-- The door through which a file comes in. Looking does everything and takes it back; doing does the same, if the report is
-- still the one that was shown. docs/design.md, "Rules of the domain" (schedules).

-- The row that an entry became before: one of this console's own exports names it, others are remembered by their keys.
CREATE OR REPLACE FUNCTION schedules.entry_known(at_venue uuid, of_source text, entry jsonb, OUT row_id uuid, OUT facts jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT coalesce(
        (SELECT r.id FROM public.activity_recurring_schedules AS r
          WHERE entry ->> 'kind' = 'series' AND r.id::text = entry ->> 'own_id' AND r.venue_id = at_venue),
        (SELECT s.id FROM public.activity_sessions AS s
          WHERE entry ->> 'kind' = 'session' AND s.id::text = entry ->> 'own_id' AND s.venue_id = at_venue)) INTO row_id;
    IF row_id IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT i.entity_id, i.facts INTO row_id, facts FROM public.import_refs AS i
     WHERE i.source = of_source AND i.entity_type = entry ->> 'kind' AND i.key = entry ->> 'key'
       AND (EXISTS (SELECT 1 FROM public.activity_recurring_schedules AS r WHERE r.id = i.entity_id AND r.venue_id = at_venue)
            OR EXISTS (SELECT 1 FROM public.activity_sessions AS s WHERE s.id = i.entity_id AND s.venue_id = at_venue));
END
$$;

-- An entry without what it said already when it was taken in: what was changed here since then stays.
CREATE OR REPLACE FUNCTION schedules.entry_news(entry jsonb, before jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN before IS NULL THEN entry ELSE entry || jsonb_build_object(
        'title', nullif(entry -> 'title', before -> 'title'),
        'facts', (SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') FROM jsonb_each(entry -> 'facts') AS f
                   WHERE f.value IS DISTINCT FROM before -> 'facts' -> f.key),
        'skipped', (SELECT coalesce(jsonb_agg(d.value ORDER BY d.value), '[]')
                      FROM jsonb_array_elements(coalesce(entry -> 'skipped', '[]')) AS d
                     WHERE NOT coalesce(before -> 'skipped', '[]') @> d.value),
        'changed', (SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}') FROM jsonb_each(coalesce(entry -> 'changed', '{}')) AS c
                     WHERE c.value IS DISTINCT FROM before -> 'changed' -> c.key)) END
$$;

-- One entry, whole or not at all: what it became, or the sentence that refuses it.
CREATE OR REPLACE FUNCTION schedules.exchange_entry(at_venue uuid, of_source text, entry jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rooms constant bigint := (SELECT count(*) FROM public.rooms AS r WHERE r.venue_id = at_venue);
    activities constant bigint := (SELECT count(*) FROM public.activities AS a WHERE a.venue_id = at_venue);
    known record;
    news jsonb;
    done jsonb;
    code text;
    said text;
    advice text;
    what text;
BEGIN
    BEGIN
        IF jsonb_typeof(entry) IS DISTINCT FROM 'object' OR jsonb_typeof(entry -> 'facts') IS DISTINCT FROM 'object'
           OR coalesce(entry ->> 'key', '') = '' OR length(entry ->> 'key') > 1000
           OR coalesce(entry ->> 'kind', '') NOT IN ('series', 'session') THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This entry cannot be read.', DETAIL = 'entry';
        END IF;
        known := schedules.entry_known(at_venue, of_source, entry);
        news := schedules.entry_news(entry, known.facts);
        done := CASE entry ->> 'kind' WHEN 'series' THEN schedules.exchange_series(at_venue, news, known.row_id)
                                      ELSE schedules.exchange_session(at_venue, news, known.row_id) END;
        IF (known.row_id IS NULL OR known.facts IS NOT NULL) AND num_nonnulls(done ->> 'series_id', done ->> 'session_id') > 0 THEN
            INSERT INTO public.import_refs AS i (source, entity_type, key, entity_id, facts)
            VALUES (of_source, entry ->> 'kind', entry ->> 'key', coalesce(done ->> 'series_id', done ->> 'session_id')::uuid,
                    entry - '{line,own_id,capacity}'::text[])
            ON CONFLICT (source, entity_type, key) DO UPDATE SET entity_id = excluded.entity_id, facts = excluded.facts
             WHERE (i.entity_id, i.facts) IS DISTINCT FROM (excluded.entity_id, excluded.facts);
        END IF;
        done := done || jsonb_build_object(
            'rooms', (SELECT count(*) FROM public.rooms AS r WHERE r.venue_id = at_venue) - rooms,
            'activities', (SELECT count(*) FROM public.activities AS a WHERE a.venue_id = at_venue) - activities);
    EXCEPTION
        WHEN SQLSTATE 'NX422' OR SQLSTATE 'NX409' OR SQLSTATE 'NX404' OR SQLSTATE 'NX403' THEN
            GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, advice = PG_EXCEPTION_HINT, what = PG_EXCEPTION_DETAIL;
            done := jsonb_build_object('outcome', 'refused', 'refusal', said, 'hint', nullif(advice, ''), 'code', what);
        WHEN data_exception OR integrity_constraint_violation THEN
            GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE;
            done := jsonb_build_object('outcome', 'refused', 'refusal', 'This entry cannot be kept as it is.', 'code', code);
    END;
    RETURN (done - '{series_id,session_id,until}'::text[])
        || jsonb_build_object('line', entry -> 'line', 'title', entry -> 'title', 'kind', entry -> 'kind');
END
$$;

CREATE OR REPLACE FUNCTION schedules.exchange(
    at_venue uuid, source text, entries jsonb, dry boolean, fingerprint text, new_id uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    of_source constant text := format('venue:%s:%s', at_venue, source);
    report jsonb := '[]';
    answer jsonb;
    seen text;
    known boolean;
BEGIN
    PERFORM auth.require('schedule.edit', at_venue);
    IF coalesce(btrim(source), '') = '' OR length(source) > 300 OR jsonb_typeof(entries) IS DISTINCT FROM 'array'
       OR dry IS NULL OR (NOT dry AND num_nulls(fingerprint, new_id) > 0) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Look at what would happen first.', DETAIL = 'fingerprint';
    ELSIF jsonb_array_length(entries) > 5000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'At most 5,000 entries can be taken in at once.',
            HINT = 'Divide the file.', DETAIL = 'too_many_entries';
    END IF;
    -- One change of a venue's programme at a time; bookings and check-ins go on.
    PERFORM 1 FROM public.venues AS v WHERE v.id = at_venue FOR NO KEY UPDATE;
    SELECT c.answer INTO answer FROM public.programme_changes AS c WHERE c.id = new_id AND c.venue_id = at_venue AND NOT dry;
    known := FOUND;
    IF known THEN
        RETURN answer;
    END IF;
    BEGIN
        SELECT coalesce(jsonb_agg(schedules.exchange_entry(at_venue, of_source, e.entry) ORDER BY e.place), '[]') INTO report
          FROM jsonb_array_elements(entries) WITH ORDINALITY AS e (entry, place);
        -- What was done is taken back, and the report stays.
        IF dry THEN
            RAISE EXCEPTION USING ERRCODE = 'NX000', MESSAGE = 'Nothing is written.';
        END IF;
    EXCEPTION WHEN SQLSTATE 'NX000' THEN
        NULL;
    END;
    seen := encode(sha256(convert_to(jsonb_build_array(source, entries, report)::text, 'UTF8')), 'hex');
    IF dry THEN
        RETURN jsonb_build_object('fingerprint', seen, 'rows', report);
    ELSIF seen <> fingerprint THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something changed since you looked.',
            HINT = 'Look at the new report and confirm again.', DETAIL = 'plan_changed';
    END IF;
    SELECT jsonb_build_object('told', coalesce(sum((r.row ->> 'told')::integer), 0)) || jsonb_build_object(
               'created', count(*) FILTER (WHERE r.row ->> 'outcome' = 'created'),
               'changed', count(*) FILTER (WHERE r.row ->> 'outcome' = 'changed'),
               'same', count(*) FILTER (WHERE r.row ->> 'outcome' = 'same'),
               'refused', count(*) FILTER (WHERE r.row ->> 'outcome' = 'refused'))
      INTO answer FROM jsonb_array_elements(report) AS r (row);
    INSERT INTO public.programme_changes (id, venue_id, kind, change, answer, person_id, device_id)
    VALUES (new_id, at_venue, 'import', jsonb_build_object('source', source, 'fingerprint', seen), answer, auth.user_id(), auth.device_id());
    RETURN answer;
END
$$;
COMMENT ON FUNCTION schedules.exchange(uuid, text, jsonb, boolean, text, uuid)
    IS 'What a file would make of a venue''s programme, or making it so: in one transaction, each entry whole or not at all.';
GRANT EXECUTE ON FUNCTION schedules.exchange(uuid, text, jsonb, boolean, text, uuid) TO console_client;
