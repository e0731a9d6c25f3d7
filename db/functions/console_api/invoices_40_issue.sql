-- Since version 0004.
-- Issuing: a number out of a locked counter in the transaction that issues, the parties copied in; then its paper, which can only
-- be made once the number is known and is kept once. Locks go invoices in id order, then the counter.
-- docs/design.md, "Invoices".

-- The next number of a series in the year of today (UTC), as NFP-2026-00001. Whoever asks waits for whoever asked before; a
-- transaction that fails gives the number back.
CREATE OR REPLACE FUNCTION invoices.take_number(setting text) RETURNS text
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    letters constant text := (SELECT s.value #>> '{}' FROM public.platform_settings AS s WHERE s.key = setting);
    this_year constant integer := extract(year FROM app.now() AT TIME ZONE 'UTC');
    taken text;
BEGIN
    IF coalesce(letters, '') !~ '^[A-Z]{1,10}$' OR (
        SELECT count(DISTINCT s.value #>> '{}') FROM public.platform_settings AS s
         WHERE s.key IN ('invoice_series', 'credit_note_series')) <> 2
    THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'series',
            MESSAGE = 'The letters before the numbers of invoices and of credit notes must be capital letters, and not the same.',
            HINT = 'Ask an administrator to set them.';
    END IF;
    INSERT INTO public.invoice_series (series, year) VALUES (letters, this_year) ON CONFLICT DO NOTHING;
    UPDATE public.invoice_series AS s SET next_number = s.next_number + 1
     WHERE s.series = letters AND s.year = this_year RETURNING (s.next_number - 1)::text INTO taken;
    RETURN format('%s-%s-%s', letters, this_year, lpad(taken, greatest(5, length(taken)), '0'));
END
$$;

CREATE OR REPLACE FUNCTION invoices.require_issuer() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found constant jsonb := invoices.issuer();
BEGIN
    IF found IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The settings do not say who issues invoices.',
            HINT = 'Ask an administrator to enter it.', DETAIL = 'issuer';
    END IF;
    RETURN found;
END
$$;

-- Issue drafts, in the order given; of each its facts, or one sentence why not. One that is issued already is answered as it
-- is, so that asking again finishes what an earlier call began.
CREATE OR REPLACE FUNCTION invoices.issue(wanted uuid[]) RETURNS TABLE (invoice_id uuid, refused text, facts jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    one uuid;
    was public.invoices;
    issued_by constant jsonb := invoices.issuer();
    today constant date := (app.now() AT TIME ZONE 'UTC')::date;
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    IF coalesce(cardinality(wanted), 0) NOT BETWEEN 1 AND 200 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Issue between 1 and 200 invoices at a time.', DETAIL = 'ids';
    END IF;
    PERFORM invoices.require_issuer();
    PERFORM 1 FROM public.invoices AS i WHERE i.id = ANY (wanted) ORDER BY i.id FOR UPDATE;
    FOR one IN SELECT w.id FROM unnest(wanted) WITH ORDINALITY AS w (id, place) GROUP BY w.id ORDER BY min(w.place) LOOP
        SELECT * INTO was FROM public.invoices AS i WHERE i.id = one;
        invoice_id := one;
        facts := NULL;
        refused := CASE
            WHEN was.id IS NULL THEN 'There is no such invoice.'
            WHEN was.status = 'cancelled' AND was.issued_at IS NULL THEN 'This draft was thrown away.'
            WHEN was.status = 'cancelled' THEN 'This invoice was cancelled.'
            WHEN was.issued_at IS NULL AND was.total_amount = 0
                THEN 'There is nothing to pay on it: add a line or throw the draft away.' END;
        -- Counted anew: whatever wrote the draft, what is issued adds up.
        IF refused IS NULL AND was.issued_at IS NULL AND NOT invoices.adds_up(was) THEN
            refused := 'Its lines do not come to its total: save the draft again.';
        END IF;
        IF refused IS NULL AND was.issued_at IS NULL THEN
            UPDATE public.invoices AS i
               SET invoice_number = invoices.take_number('invoice_series'), status = 'issued', issued_at = app.now(),
                   due_date = today + c.payment_terms_days, issuer = issued_by, recipient = invoices.recipient(i.corporate_id),
                   paid_amount = 0
              FROM public.corporates AS c WHERE i.id = one AND c.id = i.corporate_id;
        END IF;
        IF refused IS NULL THEN
            facts := invoices.facts(one);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION invoices.issue(uuid[]) IS 'Issue drafts: numbers without gaps, parties copied; refusals one by one.';

-- Keep the papers of issued invoices and of credit notes, each once: what has one keeps it, whatever comes. The answer is which
-- document each has now.
CREATE OR REPLACE FUNCTION invoices.attach(subjects uuid[], papers bytea[]) RETURNS TABLE (subject_id uuid, document_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    one record;
    kept uuid;
    number text;
    of_kind public.document_kind;
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    IF coalesce(cardinality(subjects), 0) NOT BETWEEN 1 AND 200 OR cardinality(papers) IS DISTINCT FROM cardinality(subjects) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Keep between 1 and 200 documents at a time, one for each.',
            DETAIL = 'ids';
    END IF;
    -- Invoices before credit notes, each in id order, like everybody who locks them.
    PERFORM 1 FROM public.invoices AS i WHERE i.id = ANY (subjects) ORDER BY i.id FOR UPDATE;
    PERFORM 1 FROM public.credit_notes AS n WHERE n.id = ANY (subjects) ORDER BY n.id FOR UPDATE;
    FOR one IN SELECT s.id, s.paper FROM unnest(subjects, papers) AS s (id, paper) LOOP
        SELECT 'invoice', i.invoice_number, i.document_id INTO of_kind, number, kept FROM public.invoices AS i
         WHERE i.id = one.id AND i.issued_at IS NOT NULL;
        IF number IS NULL THEN
            SELECT 'credit_note', n.credit_note_number, n.document_id INTO of_kind, number, kept
              FROM public.credit_notes AS n WHERE n.id = one.id;
        END IF;
        IF number IS NULL THEN
            PERFORM invoices.refuse_unknown();
        ELSIF kept IS NULL THEN
            IF one.paper IS NULL OR substr(one.paper, 1, 5) <> '%PDF-'::bytea OR length(one.paper) > 10 * 1024 * 1024 THEN
                RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'document',
                    MESSAGE = format('The document of %s is no PDF of at most 10 MB.', number);
            END IF;
            INSERT INTO public.documents (kind, file_name, media_type, content, created_by)
            VALUES (of_kind, number || '.pdf', 'application/pdf', one.paper, auth.user_id()) RETURNING id INTO kept;
            IF of_kind = 'invoice' THEN
                UPDATE public.invoices AS i SET document_id = kept WHERE i.id = one.id;
            ELSE
                UPDATE public.credit_notes AS n SET document_id = kept WHERE n.id = one.id;
            END IF;
        END IF;
        subject_id := one.id;
        document_id := kept;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION invoices.attach(uuid[], bytea[]) IS 'Keep the papers of invoices and credit notes, each once.';
GRANT EXECUTE ON FUNCTION invoices.issue(uuid[]), invoices.attach(uuid[], bytea[]) TO console_client;
