-- Since version 0004.
-- Parents' credits as headquarters sees them: somebody is found, their ledger is read, both leave a trace. Correcting them is
-- credits.adjust. docs/design.md, "Credits".

-- Parents by address, name or booking code, at most 50. Their address comes out masked: enough to tell two people apart. An
-- address is only compared whole, so that nobody can feel their way along one.
CREATE OR REPLACE FUNCTION credits.find_parents(typed text)
    RETURNS TABLE (parent_id uuid, full_name text, masked_email text, corporate text, spendable integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    query constant text := lower(btrim(regexp_replace(coalesce(typed, ''), '[[:cntrl:]\s]+', ' ', 'g')));
    code constant text := bookings.read_code(query);
    me record := auth.caller();
    found uuid[];
BEGIN
    PERFORM auth.require('credits.adjust', NULL);
    IF length(query) < 3 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Type at least three letters.', DETAIL = 'too_short';
    ELSIF length(query) > 255 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is too long to look for.', DETAIL = 'too_long';
    END IF;
    INSERT INTO public.audit_logs (user_id, device_id, session_id, action_category, action_type, entity_type)
    VALUES (me.user_id, me.device_id, me.session_id, 'credits', 'find', 'ledgers');
    IF strpos(query, '@') > 0 THEN
        found := ARRAY(SELECT u.id FROM public.users AS u WHERE lower(u.email) = query AND u.role = 'parent');
    ELSE
        -- By position, not by pattern: what is typed has no wildcards.
        found := ARRAY(
            SELECT u.id FROM public.users AS u
             WHERE u.role = 'parent' AND u.anonymised_at IS NULL AND strpos(lower(u.first_name || ' ' || u.last_name), query) > 0
             ORDER BY lower(u.last_name), lower(u.first_name), u.id LIMIT 50);
        IF code IS NOT NULL THEN
            found := found || ARRAY(SELECT b.booked_by FROM public.bookings AS b WHERE b.confirmation_code = code);
        END IF;
    END IF;
    RETURN QUERY
    SELECT a.id, a.full_name, a.masked_email, a.corporate, a.spendable
      FROM (SELECT DISTINCT f.id FROM unnest(found) AS f (id)) AS f
     CROSS JOIN LATERAL credits.account_of(f.id) AS a
     ORDER BY lower(a.full_name), a.id LIMIT 50;
END
$$;
COMMENT ON FUNCTION credits.find_parents(text) IS 'Parents by address, name or booking code, for headquarters; addresses masked.';

-- Not for desks: it asks nobody's permission.
CREATE OR REPLACE FUNCTION credits.account_of(parent uuid)
    RETURNS TABLE (id uuid, full_name text, masked_email text, corporate text, spendable integer)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT u.id, btrim(u.first_name || ' ' || u.last_name), notify.masked(u.email),
           coalesce(nullif(btrim(c.display_name), ''), c.company_name)::text, credits.spendable(u.id)
      FROM public.users AS u LEFT JOIN public.corporates AS c ON c.id = u.corporate_id
     WHERE u.id = parent AND u.role = 'parent';
END
$$;

-- A parent's ledger: the newest entries before number `before_number` (all, NULL) and the sums of every period. Entries are
-- numbered from the first one on in the order in which they happened; balance_after is their period's.
CREATE OR REPLACE FUNCTION credits.ledger_page(parent uuid, before_number integer, at_most integer) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
    account record;
    listed jsonb;
    more integer;
BEGIN
    PERFORM auth.require('credits.adjust', NULL);
    IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Read between 1 and 1,000 entries at a time.', DETAIL = 'at_most';
    END IF;
    SELECT a.* INTO account FROM credits.account_of(parent) AS a;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such parent.', DETAIL = 'no_parent';
    END IF;
    INSERT INTO public.audit_logs (user_id, device_id, session_id, action_category, action_type, entity_type, entity_id)
    VALUES (me.user_id, me.device_id, me.session_id, 'credits', 'read', 'ledgers', parent);
    WITH numbered AS (
        SELECT l.id, l.created_at, l.transaction_type, l.amount, l.forfeited_amount, l.balance_after, l.booking_id,
               l.description, l.adjusted_by, b.billing_period_start,
               row_number() OVER (ORDER BY l.created_at, b.billing_period_start, l.entry_no)::integer AS number
          FROM public.credit_ledger AS l JOIN public.user_credit_balances AS b ON b.id = l.balance_id
         WHERE l.user_id = parent
    ), shown AS (
        SELECT n.* FROM numbered AS n WHERE before_number IS NULL OR n.number < before_number ORDER BY n.number DESC LIMIT at_most
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', s.id, 'number', s.number, 'at', s.created_at, 'kind', s.transaction_type, 'amount', s.amount,
               'forfeited', s.forfeited_amount, 'balance_after', s.balance_after, 'period_start', s.billing_period_start,
               'booking_id', s.booking_id, 'booking_code', k.confirmation_code, 'description', s.description,
               'by', nullif(concat_ws(' ', p.first_name, p.last_name), '')) ORDER BY s.number DESC), '[]'),
           CASE WHEN min(s.number) > 1 THEN min(s.number) END
      INTO listed, more
      FROM shown AS s
      LEFT JOIN public.bookings AS k ON k.id = s.booking_id
      LEFT JOIN public.users AS p ON p.id = s.adjusted_by;
    RETURN jsonb_build_object(
        'account', jsonb_build_object('id', account.id, 'name', account.full_name, 'masked_email', account.masked_email,
                                      'corporate', account.corporate, 'credits', account.spendable),
        'entries', listed, 'more_before', more,
        'periods', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'start', b.billing_period_start, 'end', b.billing_period_end, 'allocated', b.credits_allocated,
                       'used', b.credits_used, 'refunded', b.credits_refunded, 'forfeited', b.credits_forfeited,
                       'available', b.credits_available) ORDER BY b.billing_period_start DESC)
              FROM public.user_credit_balances AS b WHERE b.user_id = parent), '[]'));
END
$$;
COMMENT ON FUNCTION credits.ledger_page(uuid, integer, integer) IS 'A parent''s entries, newest first, and the sums of each period.';
GRANT EXECUTE ON FUNCTION credits.find_parents(text), credits.ledger_page(uuid, integer, integer) TO console_client;
