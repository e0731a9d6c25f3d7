-- Since version 0006.
-- The files of a filing: kept as they came, told by their bytes, read only by whoever may edit the venue.
-- A desk looked at them before; it cannot be trusted, so what can be told in SQL is told again.
-- docs/decisions/0023-evidence-files.md; docs/design.md, "The database" (authorisation).

-- Whether bytes begin as their kind does. The kinds are those of console/domain/evidence.py.
CREATE OR REPLACE FUNCTION vetting.is_of_kind(content bytea, media_type text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE media_type
    WHEN 'application/pdf' THEN substr(content, 1, 5) = '\x255044462d'
    WHEN 'image/png' THEN substr(content, 1, 8) = '\x89504e470d0a1a0a'
    WHEN 'image/jpeg' THEN substr(content, 1, 3) = '\xffd8ff'
    WHEN 'image/webp' THEN substr(content, 1, 4) = '\x52494646' AND substr(content, 9, 4) = '\x57454250'
    ELSE false END;

-- A name that is safe as a file's anywhere: no folders, nothing invisible or turning the text, never empty.
CREATE OR REPLACE FUNCTION vetting.is_safe_name(file_name text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN length(file_name) BETWEEN 1 AND 120 AND file_name !~ '[\u0001-\u001f\u007f-\u009f/\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]'
    AND file_name !~ '^[. ]|[. ]$';

-- Keep the files of a filing. Internal: the caller holds the venue's lock.
CREATE OR REPLACE FUNCTION vetting.keep_papers(of_venue uuid, of_filing uuid, papers jsonb, contents bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most constant integer := 20 * 1024 * 1024;
    one jsonb;
    content bytea;
    title text;
    kept uuid;
    place integer := 0;
BEGIN
    IF jsonb_typeof(papers) IS DISTINCT FROM 'array' OR contents IS NULL
            OR jsonb_array_length(papers) <> cardinality(contents) THEN
        PERFORM vetting.refuse_field('documents', 'These files cannot be read.');
    ELSIF cardinality(contents) > 10 THEN
        PERFORM vetting.refuse_field('documents', 'At most 10 files can be attached.');
    END IF;
    FOR one IN SELECT p.paper FROM jsonb_array_elements(papers) WITH ORDINALITY AS p (paper, place) ORDER BY p.place LOOP
        place := place + 1;
        content := contents[place];
        title := coalesce(nullif(notify.one_line(one ->> 'title'), ''), one ->> 'file_name');
        IF content IS NULL OR length(content) = 0 THEN
            PERFORM vetting.refuse_field('documents', 'This file is empty.');
        ELSIF length(content) > most THEN
            PERFORM vetting.refuse_field('documents', 'A file has at most 20 MB.');
        ELSIF NOT coalesce(vetting.is_of_kind(content, one ->> 'media_type'), false) THEN
            PERFORM vetting.refuse_field('documents', 'This file is not what it says; attach a PDF or a picture.');
        ELSIF NOT coalesce(vetting.is_safe_name(one ->> 'file_name'), false) THEN
            PERFORM vetting.refuse_field('documents', 'This file needs another name.');
        ELSIF one ->> 'media_type' = 'application/pdf' AND (position('/JavaScript'::bytea IN content) > 0
                OR position('/EmbeddedFile'::bytea IN content) > 0 OR position('/Launch'::bytea IN content) > 0) THEN
            PERFORM vetting.refuse_field('documents', 'This PDF has a script or a file inside; print it to a new PDF and attach that.');
        ELSIF one ->> 'pages' IS NOT NULL AND one ->> 'pages' !~ '^[1-9][0-9]{0,2}$' THEN
            PERFORM vetting.refuse_field('documents', 'These files cannot be read.');
        END IF;
        INSERT INTO public.documents (kind, venue_id, file_name, media_type, content, created_by)
        VALUES ('compliance', of_venue, one ->> 'file_name', one ->> 'media_type', content, auth.user_id())
        RETURNING id INTO kept;
        INSERT INTO public.filing_documents (venue_id, filing_id, document_id, title, pages, position, added_by)
        VALUES (of_venue, of_filing, kept, left(title, 150), (one ->> 'pages')::integer, place, auth.user_id());
    END LOOP;
END
$$;

-- One file as it was handed in. When a reviewer first opens it is written down.
CREATE OR REPLACE FUNCTION vetting.document(of_document uuid)
    RETURNS TABLE (id uuid, file_name text, media_type text, content bytea, sha256 bytea, added_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue uuid;
BEGIN
    IF NOT auth.has('venue.edit') THEN
        PERFORM auth.require('venue.edit', NULL);
    END IF;
    SELECT l.venue_id INTO at_venue FROM public.filing_documents AS l WHERE l.document_id = of_document LIMIT 1;
    IF at_venue IS NULL OR NOT (auth.has('venue.edit', at_venue) OR vetting.is_applicant(at_venue)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such document here.', DETAIL = 'no_document';
    END IF;
    IF auth.user_id() IS NOT NULL AND auth.has('venues.approve', NULL) THEN
        INSERT INTO public.document_reads (document_id, user_id) VALUES (of_document, auth.user_id()) ON CONFLICT DO NOTHING;
    END IF;
    RETURN QUERY SELECT d.id, d.file_name::text, d.media_type::text, d.content, d.sha256, d.created_at
                   FROM public.documents AS d WHERE d.id = of_document;
END
$$;
COMMENT ON FUNCTION vetting.document(uuid) IS 'A file of a filing; reading it is noted for a reviewer.';
GRANT EXECUTE ON FUNCTION vetting.document(uuid) TO console_client;
