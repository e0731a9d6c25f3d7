-- A new family, and another child of a known one. Idempotent by the caller's request_id.

CREATE OR REPLACE FUNCTION desk.register_family(request_id uuid, at_venue uuid, facts jsonb)
    RETURNS TABLE (parent_id uuid, child_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    mail text;
    new_parent constant uuid := gen_random_uuid();
    new_child constant uuid := gen_random_uuid();
    claim record;
BEGIN
    PERFORM desk.require_families(at_venue);
    claim := desk.first_time(request_id, 'register_family', at_venue,
                             jsonb_build_object('parent_id', new_parent, 'child_id', new_child));
    IF claim.is_new THEN
        mail := lower(desk.kept_text(facts ->> 'email', 'an e-mail address', 'email', 255));
        IF mail !~ '^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$' THEN
            PERFORM desk.invalid('This e-mail address is not complete.', 'email');
        END IF;
        INSERT INTO public.users (id, email, role, first_name, last_name, phone, timezone)
        SELECT new_parent, mail, 'parent',
               desk.kept_text(facts ->> 'guardian_first_name', 'the guardian''s first name', 'guardian_first_name', 100),
               desk.kept_text(facts ->> 'guardian_last_name', 'the guardian''s last name', 'guardian_last_name', 100),
               desk.kept_phone(facts ->> 'phone', true), v.timezone
          FROM public.venues AS v WHERE v.id = at_venue
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'email_known',
                MESSAGE = 'A family with this e-mail address is known.', HINT = 'Find it instead.';
        END IF;
        PERFORM desk.enter_child(new_parent, at_venue, new_child, facts);
    END IF;
    RETURN QUERY SELECT (claim.answer ->> 'parent_id')::uuid, (claim.answer ->> 'child_id')::uuid;
END
$$;
COMMENT ON FUNCTION desk.register_family(uuid, uuid, jsonb) IS 'Register a guardian and a child with their consent.';
GRANT EXECUTE ON FUNCTION desk.register_family(uuid, uuid, jsonb) TO console_client;

CREATE OR REPLACE FUNCTION desk.add_child(request_id uuid, at_venue uuid, parent uuid, facts jsonb)
    RETURNS TABLE (parent_id uuid, child_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    new_child constant uuid := gen_random_uuid();
    claim record;
BEGIN
    PERFORM desk.require_families(at_venue);
    IF NOT EXISTS (SELECT 1 FROM public.users AS u
                    WHERE u.id = parent AND u.is_active AND u.anonymised_at IS NULL
                      AND (u.role = 'parent' OR EXISTS (SELECT 1 FROM public.children AS c WHERE c.parent_id = u.id))) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such family.', DETAIL = 'no_family';
    END IF;
    claim := desk.first_time(request_id, 'add_child', at_venue, jsonb_build_object('parent_id', parent, 'child_id', new_child));
    IF claim.is_new THEN
        PERFORM desk.enter_child(parent, at_venue, new_child, facts);
    END IF;
    RETURN QUERY SELECT (claim.answer ->> 'parent_id')::uuid, (claim.answer ->> 'child_id')::uuid;
END
$$;
COMMENT ON FUNCTION desk.add_child(uuid, uuid, uuid, jsonb) IS 'Register another child of a known family, with its consent.';
GRANT EXECUTE ON FUNCTION desk.add_child(uuid, uuid, uuid, jsonb) TO console_client;
