-- Since version 0006.
-- Asking to become a venue: a draft that is the applicant's own, handed in once, answered, withdrawn. docs/design.md, "Screens"
-- (platform).

CREATE OR REPLACE FUNCTION vetting.is_zone(zone text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (zone = 'UTC' OR zone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)+$') AND timezone(zone, app.now()) IS NOT NULL;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END
$$;

-- What was typed, without what is no text; an empty field is left out. Unknown fields are dropped.
CREATE OR REPLACE FUNCTION vetting.clean_facts(facts jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT coalesce(jsonb_object_agg(f.key, f.kept) FILTER (WHERE f.kept <> ''), '{}')
      FROM (SELECT e.key, btrim(CASE e.key
                       WHEN 'description' THEN regexp_replace(e.value, '[\u0001-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+',
                                                             ' ', 'g')
                       ELSE regexp_replace(e.value, '[\u0001-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\s]+', ' ', 'g') END, E' \n') AS kept
              FROM jsonb_each_text(facts) AS e
             WHERE e.key IN ('name', 'legal_name', 'tax_number', 'category', 'description', 'address_line1', 'address_line2',
                             'city', 'state_code', 'postal_code', 'country', 'latitude', 'longitude', 'timezone',
                             'contact_name', 'contact_email', 'contact_phone', 'website_url', 'ages_from', 'ages_to')) AS f);

-- The first field that cannot be kept as it is, and the sentence; NULL where all can.
CREATE OR REPLACE FUNCTION vetting.fault_of(facts jsonb, OUT field text, OUT sentence text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    SELECT l.field, format('%s has %s characters; at most %s are allowed.', l.label, length(facts ->> l.field), l.most)
      INTO field, sentence
      FROM (VALUES ('name', 'The name', 255), ('legal_name', 'The legal name', 255), ('tax_number', 'The tax number', 50),
                   ('description', 'The description', 4000), ('address_line1', 'The address', 255),
                   ('address_line2', 'The second line of the address', 255), ('city', 'The city', 100),
                   ('state_code', 'The state', 100), ('postal_code', 'The postal code', 20), ('country', 'The country', 100),
                   ('timezone', 'The time zone', 50), ('contact_name', 'The contact', 100), ('contact_email', 'The email', 255),
                   ('contact_phone', 'The phone', 50), ('website_url', 'The website', 500)) AS l (field, label, most)
     WHERE length(facts ->> l.field) > l.most LIMIT 1;
    IF field IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT l.field, format('%s must be a number from %s to %s.', l.label, l.least, l.most) INTO field, sentence
      FROM (VALUES ('latitude', 'The latitude', -90, 90, '^[+-]?[0-9]{1,3}(\.[0-9]{1,15})?$'),
                   ('longitude', 'The longitude', -180, 180, '^[+-]?[0-9]{1,3}(\.[0-9]{1,15})?$'),
                   ('ages_from', 'The youngest age', 0, 18, '^[0-9]{1,2}$'),
                   ('ages_to', 'The oldest age', 0, 18, '^[0-9]{1,2}$')) AS l (field, label, least, most, shape)
     WHERE facts ? l.field
       AND CASE WHEN facts ->> l.field ~ l.shape THEN (facts ->> l.field)::numeric NOT BETWEEN l.least AND l.most ELSE true END
     LIMIT 1;
    IF field IS NOT NULL THEN
        RETURN;
    END IF;
    IF facts ? 'category' AND NOT EXISTS (
            SELECT 1 FROM unnest(enum_range(NULL::public.activity_category)) AS c (label) WHERE c.label::text = facts ->> 'category') THEN
        field := 'category';
        sentence := 'Choose a category from the list.';
    ELSIF facts ? 'timezone' AND NOT vetting.is_zone(facts ->> 'timezone') THEN
        field := 'timezone';
        sentence := 'Choose a time zone from the list, such as America/New_York.';
    ELSIF facts ->> 'contact_email' !~ '^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$' THEN
        field := 'contact_email';
        sentence := 'That is no email address.';
    ELSIF facts ->> 'website_url' !~* '^https?://[^\s/]+\.[^\s]+$' THEN
        field := 'website_url';
        sentence := 'A website begins with https://.';
    ELSIF (facts ->> 'ages_from')::integer > (facts ->> 'ages_to')::integer THEN
        field := 'ages_to';
        sentence := 'The oldest age is below the youngest.';
    END IF;
END
$$;

-- What keeps an application from being handed in, in the words of the form.
CREATE OR REPLACE FUNCTION vetting.missing_of(facts jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN ARRAY(
    SELECT l.label
      FROM (VALUES (1, 'name', 'Name'), (2, 'category', 'Category'), (3, 'address_line1', 'Address'), (4, 'city', 'City'),
                   (5, 'state_code', 'State'), (6, 'postal_code', 'Postal code'), (7, 'latitude', 'Latitude'),
                   (8, 'longitude', 'Longitude'), (9, 'timezone', 'Time zone'), (10, 'contact_email', 'Email'),
                   (11, 'contact_phone', 'Phone')) AS l (n, field, label)
     WHERE coalesce(facts ->> l.field, '') = '' ORDER BY l.n);

CREATE OR REPLACE FUNCTION vetting.facts_of(a public.venue_applications) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN vetting.clean_facts(to_jsonb(a));

-- Write facts that have no fault into an application.
CREATE OR REPLACE FUNCTION vetting.put_facts(of_application uuid, facts jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.venue_applications AS a SET
        name = coalesce(facts ->> 'name', ''), legal_name = facts ->> 'legal_name', tax_number = facts ->> 'tax_number',
        category = (facts ->> 'category')::public.activity_category, description = facts ->> 'description',
        address_line1 = facts ->> 'address_line1', address_line2 = facts ->> 'address_line2', city = facts ->> 'city',
        state_code = facts ->> 'state_code', postal_code = facts ->> 'postal_code',
        country = coalesce(facts ->> 'country', 'USA'), latitude = (facts ->> 'latitude')::numeric,
        longitude = (facts ->> 'longitude')::numeric, timezone = facts ->> 'timezone', contact_name = facts ->> 'contact_name',
        contact_email = facts ->> 'contact_email', contact_phone = facts ->> 'contact_phone',
        website_url = facts ->> 'website_url', ages_from = (facts ->> 'ages_from')::integer,
        ages_to = (facts ->> 'ages_to')::integer
     WHERE a.id = of_application;
END
$$;

-- Faults of what was typed, said once; then the cleaned facts.
CREATE OR REPLACE FUNCTION vetting.require_facts(facts jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept jsonb;
    fault record;
BEGIN
    IF jsonb_typeof(facts) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'These facts cannot be read.', DETAIL = 'facts';
    END IF;
    kept := vetting.clean_facts(facts);
    fault := vetting.fault_of(kept);
    IF fault.field IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = fault.sentence, DETAIL = fault.field;
    END IF;
    RETURN kept;
END
$$;

-- The venue of an application that is whole: it waits for approval, with its requirements open and a case.
CREATE OR REPLACE FUNCTION vetting.make_venue(of_application uuid, event text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a public.venue_applications;
    base text;
    made uuid;
    of_case uuid;
    tried integer := 0;
BEGIN
    SELECT x.* INTO a FROM public.venue_applications AS x WHERE x.id = of_application;
    base := coalesce(nullif(left(btrim(regexp_replace(vetting.plain(a.name), '[^a-z0-9]+', '-', 'g'), '-'), 200), ''), 'venue');
    LOOP
        tried := tried + 1;
        INSERT INTO public.venues (name, slug, full_description, primary_category, status, address_line1, address_line2, city,
                                   state, postal_code, country, latitude, longitude, timezone, contact_email, contact_phone,
                                   website_url, legal_name, tax_number)
        VALUES (a.name, rtrim(base, '-') || CASE WHEN tried = 1 THEN '' WHEN tried < 10 THEN '-' || tried
                                                 ELSE '-' || left(gen_random_uuid()::text, 8) END,
                a.description, a.category, 'pending_approval', a.address_line1, a.address_line2, a.city, a.state_code,
                a.postal_code, a.country, a.latitude, a.longitude, a.timezone, a.contact_email, a.contact_phone, a.website_url,
                a.legal_name, a.tax_number)
        ON CONFLICT (slug) DO NOTHING RETURNING id INTO made;
        EXIT WHEN made IS NOT NULL;
    END LOOP;
    -- Nothing can have been filed for a venue that is this young.
    INSERT INTO public.venue_requirements (venue_id, requirement)
    SELECT made, k.kind FROM unnest(enum_range(NULL::public.requirement_kind)) AS k (kind)
    ON CONFLICT DO NOTHING;
    UPDATE public.venue_applications AS x SET state = 'submitted', submitted_at = app.now(), venue_id = made WHERE x.id = a.id;
    of_case := vetting.open_case(made, 'new_venue');
    PERFORM vetting.write_event(made, of_case, event);
    PERFORM vetting.tell_venue(made, 'application_received', jsonb_build_object('due_at',
        (SELECT c.due_at FROM public.venue_cases AS c WHERE c.id = of_case)), 'application_received:' || a.id);
    RETURN made;
END
$$;

-- Applications as their applicants see them: who at headquarters works on one is not theirs to know.
CREATE OR REPLACE FUNCTION vetting.shown_applications(of_applications uuid[]) RETURNS SETOF jsonb
    LANGUAGE sql STABLE ROWS 10
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
               'id', a.id, 'version', a.version, 'state', a.state, 'facts', vetting.facts_of(a),
               'missing', to_jsonb(vetting.missing_of(vetting.facts_of(a))), 'venue_id', a.venue_id,
               'submitted_at', a.submitted_at, 'updated_at', a.updated_at,
               'case', (SELECT to_jsonb(r) || '{"claimed_by": null, "claimed_by_me": false, "claimed_until": null,
                                                "decided_by": null}'
                          FROM vetting.case_rows(ARRAY[c.id]) AS r),
               'feedback', CASE WHEN c.state <> 'open' THEN c.feedback END)
      FROM public.venue_applications AS a
      LEFT JOIN LATERAL (
          SELECT x.id, x.state, x.feedback FROM public.venue_cases AS x
           WHERE x.venue_id = a.venue_id AND x.kind = 'new_venue' ORDER BY x.opened_at DESC, x.id LIMIT 1) AS c ON true
     WHERE a.id = ANY (of_applications)
     ORDER BY a.created_at DESC, a.id
$$;

-- The person who asks, who must be a manager somewhere or of the platform.
CREATE OR REPLACE FUNCTION vetting.require_applicant() RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT auth.has('venue.edit') THEN
        PERFORM auth.require('venue.edit', NULL);
    END IF;
    RETURN auth.user_id();
END
$$;

-- Lock an application of the person who asks; the same answer for one that is absent and one of somebody else.
CREATE OR REPLACE FUNCTION vetting.own_application(of_application uuid) RETURNS public.venue_applications
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    me constant uuid := vetting.require_applicant();
    a public.venue_applications;
BEGIN
    SELECT x.* INTO a FROM public.venue_applications AS x
     WHERE x.id = of_application AND (x.applicant_id = me OR (x.applicant_id IS NULL AND auth.has('venues.approve', NULL)))
       FOR UPDATE;
    IF a.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such application.', DETAIL = 'no_application';
    END IF;
    RETURN a;
END
$$;

CREATE OR REPLACE FUNCTION vetting.refuse_application_version(kept integer, expected integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF kept IS DISTINCT FROM expected THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This application was changed in another window.',
            HINT = 'Open it again.', DETAIL = 'version_changed';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION vetting.applications() RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me constant uuid := vetting.require_applicant();
BEGIN
    RETURN QUERY SELECT * FROM vetting.shown_applications(ARRAY(
        SELECT a.id FROM public.venue_applications AS a
         WHERE a.applicant_id = me
            OR (a.applicant_id IS NULL AND auth.has('venues.approve', NULL) AND a.venue_id IN (
                   SELECT c.venue_id FROM public.venue_cases AS c WHERE c.state = 'asked'))
         ORDER BY a.created_at DESC, a.id LIMIT 200));
END
$$;
COMMENT ON FUNCTION vetting.applications() IS 'The applications of the person who asks, newest first; to headquarters also imported ones that wait for an answer.';

CREATE OR REPLACE FUNCTION vetting.begin() RETURNS SETOF jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me constant uuid := vetting.require_applicant();
    made uuid;
BEGIN
    IF me IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You are signed out.', HINT = 'Sign in again.', DETAIL = 'signed_out';
    END IF;
    -- An untouched draft is as good as a new one.
    SELECT a.id INTO made FROM public.venue_applications AS a
     WHERE a.applicant_id = me AND a.state = 'draft' AND a.version = 1 LIMIT 1;
    IF made IS NULL THEN
        IF (SELECT count(*) FROM public.venue_applications AS a WHERE a.applicant_id = me AND a.state = 'draft') >= 50 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'You have 50 drafts already.',
                HINT = 'Withdraw one you no longer need.', DETAIL = 'too_many_drafts';
        END IF;
        INSERT INTO public.venue_applications (applicant_id) VALUES (me) RETURNING id INTO made;
    END IF;
    RETURN QUERY SELECT * FROM vetting.shown_applications(ARRAY[made]);
END
$$;
COMMENT ON FUNCTION vetting.begin() IS 'An empty draft of the person who asks.';

CREATE OR REPLACE FUNCTION vetting.save(of_application uuid, expected integer, facts jsonb) RETURNS SETOF jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    a constant public.venue_applications := vetting.own_application(of_application);
BEGIN
    PERFORM vetting.refuse_application_version(a.version, expected);
    IF a.state <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This application was handed in or withdrawn.',
            HINT = 'It can only be changed when headquarters asks.', DETAIL = 'not_a_draft';
    END IF;
    PERFORM vetting.put_facts(a.id, vetting.require_facts(facts));
    RETURN QUERY SELECT * FROM vetting.shown_applications(ARRAY[a.id]);
END
$$;
COMMENT ON FUNCTION vetting.save(uuid, integer, jsonb) IS 'Keep a draft.';

-- Hand it in. Pressed twice, the second time finds it handed in.
CREATE OR REPLACE FUNCTION vetting.submit(of_application uuid, expected integer) RETURNS SETOF jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    a constant public.venue_applications := vetting.own_application(of_application);
    missing text[];
BEGIN
    IF a.state = 'withdrawn' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This application was withdrawn.', HINT = 'Begin a new one.',
            DETAIL = 'withdrawn';
    ELSIF a.state = 'draft' THEN
        PERFORM vetting.refuse_application_version(a.version, expected);
        missing := vetting.missing_of(vetting.require_facts(vetting.facts_of(a)));
        IF cardinality(missing) > 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'missing',
                MESSAGE = format('Still missing: %s.', array_to_string(missing, ', '));
        END IF;
        PERFORM vetting.make_venue(a.id, 'application_received');
    END IF;
    RETURN QUERY SELECT * FROM vetting.shown_applications(ARRAY[a.id]);
END
$$;
COMMENT ON FUNCTION vetting.submit(uuid, integer) IS 'Hand an application in: a venue that waits, and a case.';

-- Send back what was asked for. Locks go case, venue.
CREATE OR REPLACE FUNCTION vetting.answer(of_application uuid, expected integer, facts jsonb, note text) RETURNS SETOF jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    a constant public.venue_applications := vetting.own_application(of_application);
    kept constant jsonb := vetting.require_facts(facts);
    missing constant text[] := vetting.missing_of(kept);
    asked uuid;
BEGIN
    SELECT c.id INTO asked FROM public.venue_cases AS c
     WHERE c.venue_id = a.venue_id AND c.kind = 'new_venue' AND c.state = 'asked' FOR UPDATE;
    IF a.state <> 'submitted' OR asked IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Headquarters is not waiting for an answer.',
            HINT = 'Look at it again.', DETAIL = 'not_asked';
    END IF;
    PERFORM vetting.refuse_application_version(a.version, expected);
    IF cardinality(missing) > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = format('Still missing: %s.', array_to_string(missing, ', ')),
            DETAIL = 'missing';
    ELSIF length(note) > 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A note has at most 1,000 characters.', DETAIL = 'note';
    END IF;
    IF kept <> vetting.facts_of(a) THEN
        PERFORM vetting.put_facts(a.id, kept);
        UPDATE public.venues AS v SET
            name = x.name, full_description = x.description, primary_category = x.category, address_line1 = x.address_line1,
            address_line2 = x.address_line2, city = x.city, state = x.state_code, postal_code = x.postal_code,
            country = x.country, latitude = x.latitude, longitude = x.longitude, timezone = x.timezone,
            contact_email = x.contact_email, contact_phone = x.contact_phone, website_url = x.website_url,
            legal_name = x.legal_name, tax_number = x.tax_number
          FROM public.venue_applications AS x
         WHERE x.id = a.id AND v.id = a.venue_id AND v.status = 'pending_approval';
        PERFORM vetting.write_event(a.venue_id, asked, 'application_changed');
    END IF;
    PERFORM vetting.answered(a.venue_id, note);
    RETURN QUERY SELECT * FROM vetting.shown_applications(ARRAY[a.id]);
END
$$;
COMMENT ON FUNCTION vetting.answer(uuid, integer, jsonb, text) IS 'Send back what headquarters asked for.';

-- Take it back; its case is closed with it. What has been decided stays decided.
CREATE OR REPLACE FUNCTION vetting.withdraw_application(of_application uuid, expected integer) RETURNS SETOF jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    a constant public.venue_applications := vetting.own_application(of_application);
    c public.venue_cases;
BEGIN
    IF a.state = 'submitted' THEN
        SELECT x.* INTO c FROM public.venue_cases AS x
         WHERE x.venue_id = a.venue_id AND x.kind = 'new_venue' AND x.state <> 'decided' FOR UPDATE;
        IF c.id IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This application has been decided.', HINT = 'Look at it again.',
                DETAIL = 'decided_already';
        END IF;
    END IF;
    IF a.state <> 'withdrawn' THEN
        PERFORM vetting.refuse_application_version(a.version, expected);
        UPDATE public.venue_applications AS x SET state = 'withdrawn' WHERE x.id = a.id;
    END IF;
    IF c.id IS NOT NULL THEN
        PERFORM 1 FROM public.venues AS v WHERE v.id = a.venue_id FOR NO KEY UPDATE;
        UPDATE public.venue_cases AS x SET state = 'decided', outcome = 'withdrawn', decided_at = app.now(),
               decided_by = auth.user_id(), claimed_by = NULL, claimed_at = NULL, claimed_until = NULL WHERE x.id = c.id;
        UPDATE public.venues AS v SET status = 'rejected', rejection_reason = 'Withdrawn by the applicant.',
               rejection_date = app.now() WHERE v.id = a.venue_id;
        PERFORM vetting.write_event(a.venue_id, c.id, 'application_withdrawn');
    END IF;
    RETURN QUERY SELECT * FROM vetting.shown_applications(ARRAY[a.id]);
END
$$;
COMMENT ON FUNCTION vetting.withdraw_application(uuid, integer) IS 'Take an application back.';
GRANT EXECUTE ON FUNCTION vetting.applications(), vetting.begin(), vetting.save(uuid, integer, jsonb),
    vetting.submit(uuid, integer), vetting.answer(uuid, integer, jsonb, text), vetting.withdraw_application(uuid, integer)
    TO console_client;
