-- Since version 0004.
-- One invoice whole, as every function that changes one answers it: amounts as text, so that no float comes in anywhere.
-- docs/design.md, "Invoices".

-- An employer as it stands on an invoice.
CREATE OR REPLACE FUNCTION invoices.recipient(of_corporate uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'name', c.company_name, 'tax_id', nullif(btrim(c.tax_id), ''), 'email', coalesce(c.billing_email, c.primary_contact_email),
        'address', to_jsonb(array_remove(ARRAY[
            nullif(btrim(c.billing_address_line1), ''), nullif(btrim(c.billing_address_line2), ''),
            nullif(concat_ws(', ', nullif(btrim(c.billing_city), ''),
                             nullif(concat_ws(' ', nullif(btrim(c.billing_state), ''), nullif(btrim(c.billing_postal_code), '')), '')), ''),
            nullif(btrim(c.billing_country), '')], NULL)))
      FROM public.corporates AS c WHERE c.id = of_corporate
$$;

-- Who issues invoices, out of the setting; NULL where it names nobody.
CREATE OR REPLACE FUNCTION invoices.issuer() RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'name', btrim(s.value ->> 'name'), 'tax_id', nullif(btrim(s.value ->> 'tax_id'), ''),
        'email', nullif(btrim(s.value ->> 'email'), ''),
        'address', CASE jsonb_typeof(s.value -> 'address') WHEN 'array' THEN s.value -> 'address' ELSE '[]' END)
        -- How to pay, line by line, where the setting says it.
        || CASE jsonb_typeof(s.value -> 'payment') WHEN 'array' THEN jsonb_build_object('payment', s.value -> 'payment') ELSE '{}' END
      FROM public.platform_settings AS s WHERE s.key = 'invoice_issuer' AND btrim(coalesce(s.value ->> 'name', '')) <> ''
$$;

CREATE OR REPLACE FUNCTION invoices.credit_note_facts(of_note uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'id', n.id, 'number', n.credit_note_number, 'issued_at', n.issued_at, 'invoice_id', i.id,
        'invoice_number', i.invoice_number, 'invoice_issued_at', i.issued_at, 'reason', n.reason, 'lines', n.line_items,
        'subtotal', n.subtotal::text, 'taxes', i.tax_lines, 'tax', n.tax_amount::text, 'total', n.total_amount::text,
        'currency', n.currency, 'purchase_order', i.purchase_order_number, 'issuer', n.issuer, 'recipient', n.recipient,
        'document_id', n.document_id)
      FROM public.credit_notes AS n JOIN public.invoices AS i ON i.id = n.invoice_id WHERE n.id = of_note
$$;

-- NULL where there is none. A draft's parties are as they would be copied now.
CREATE OR REPLACE FUNCTION invoices.facts(of_invoice uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'id', i.id, 'version', i.version, 'number', i.invoice_number, 'corporate_id', i.corporate_id,
        'corporate', coalesce(nullif(btrim(c.display_name), ''), c.company_name), 'subscription_id', i.subscription_id,
        'period_start', i.billing_period_start, 'period_end', i.billing_period_end, 'state', i.status,
        'subtotal', i.subtotal::text, 'taxes', i.tax_lines, 'tax', i.tax_amount::text, 'total', i.total_amount::text,
        'paid', coalesce(i.paid_amount, 0.00)::text, 'currency', i.currency, 'issued_at', i.issued_at, 'due_on', i.due_date,
        'sent_at', i.sent_at, 'paid_at', i.paid_at, 'send_state', i.send_state, 'send_error', i.send_error,
        'lines', i.line_items, 'purchase_order', i.purchase_order_number, 'notes', i.notes,
        'issuer', CASE WHEN i.issued_at IS NULL THEN invoices.issuer() ELSE i.issuer END,
        'recipient', CASE WHEN i.issued_at IS NULL THEN invoices.recipient(i.corporate_id) ELSE i.recipient END,
        'document_id', i.document_id, 'created_at', i.created_at, 'updated_at', i.updated_at,
        'terms_days', CASE WHEN i.issued_at IS NULL THEN c.payment_terms_days
                           ELSE i.due_date - (i.issued_at AT TIME ZONE 'UTC')::date END,
        'credit_note', invoices.credit_note_facts(i.credited_by_id),
        'payments', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'id', p.id, 'amount', p.amount::text, 'paid_on', p.paid_on, 'method', p.method, 'reference', p.reference,
                       'recorded_by', nullif(concat_ws(' ', u.first_name, u.last_name), ''), 'recorded_at', p.recorded_at)
                       ORDER BY p.recorded_at, p.id)
              FROM public.invoice_payments AS p LEFT JOIN public.users AS u ON u.id = p.recorded_by
             WHERE p.invoice_id = i.id), '[]'))
      FROM public.invoices AS i JOIN public.corporates AS c ON c.id = i.corporate_id WHERE i.id = of_invoice
$$;

CREATE OR REPLACE FUNCTION invoices.refuse_unknown() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such invoice.', DETAIL = 'no_invoice';
END
$$;

CREATE OR REPLACE FUNCTION invoices.invoice(of_invoice uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    found jsonb;
BEGIN
    PERFORM auth.require('invoices.read', NULL);
    found := invoices.facts(of_invoice);
    IF found IS NULL THEN
        PERFORM invoices.refuse_unknown();
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION invoices.invoice(uuid) IS 'One invoice whole, with its payments and credit note.';

-- A kept paper, byte for byte; of invoices and credit notes only.
CREATE OR REPLACE FUNCTION invoices.document(of_document uuid)
    RETURNS TABLE (file_name text, media_type text, content bytea, sha256 bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('invoices.read', NULL);
    RETURN QUERY SELECT d.file_name::text, d.media_type::text, d.content, d.sha256 FROM public.documents AS d
                  WHERE d.id = of_document AND d.kind IN ('invoice', 'credit_note');
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such document.', DETAIL = 'no_document';
    END IF;
END
$$;
COMMENT ON FUNCTION invoices.document(uuid) IS 'The kept paper of an invoice or credit note.';
GRANT EXECUTE ON FUNCTION invoices.invoice(uuid), invoices.document(uuid) TO console_client;
