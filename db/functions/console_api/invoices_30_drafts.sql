-- Since version 0004.
-- Drafts of what employers owe. A billing period runs from a subscription's billing day to the day before the next one and is
-- invoiced on that next one, when every day of it is known. docs/design.md, "Invoices".

-- Drafts of every period whose next billing day came by `day`, back to three months before; how many are new. A period that
-- has an invoice, or whose draft somebody threw away, gets none; one whose invoice was credited is to be invoiced again.
-- A subscription that began or ended inside the period owes its days of it, so that a change of seats, one subscription
-- ending and another beginning, bills both by days.
CREATE OR REPLACE FUNCTION invoices.make_drafts(day date) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    one record;
    kept jsonb;
    sums record;
    made integer := 0;
BEGIN
    FOR one IN
        WITH running AS (
            SELECT s.id, s.corporate_id, s.tier, s.covered_employees, s.monthly_cost, s.billing_cycle_day, s.start_date,
                   coalesce(s.end_date, (s.cancelled_at AT TIME ZONE 'UTC')::date) AS last_day,
                   c.invoice_currency, c.tax_rate, c.purchase_order_number, s.is_active AND c.is_active AS is_running
              FROM public.corporate_subscriptions AS s JOIN public.corporates AS c ON c.id = s.corporate_id
        ), periods AS (
            SELECT r.*, b.billing_on, (b.billing_on - interval '1 month')::date AS period_from, b.billing_on - 1 AS period_until
              FROM running AS r
             CROSS JOIN LATERAL (
                 SELECT (m + make_interval(days => r.billing_cycle_day - 1))::date AS billing_on
                   FROM generate_series(date_trunc('month', day::timestamp) - interval '3 months',
                                        date_trunc('month', day::timestamp), interval '1 month') AS m) AS b
             -- What was switched off without a last day has no known end: nobody invoices it by itself for ever.
             WHERE (r.is_running OR r.last_day IS NOT NULL)
               AND b.billing_on <= day AND b.billing_on > day - interval '3 months'
        )
        SELECT p.*, greatest(p.period_from, p.start_date) AS starts_on, least(p.period_until, p.last_day) AS ends_on
          FROM periods AS p
         WHERE greatest(p.period_from, p.start_date) <= least(p.period_until, p.last_day)
           AND NOT EXISTS (
               SELECT 1 FROM public.invoices AS i
                WHERE i.subscription_id = p.id AND (i.status <> 'cancelled' OR i.invoice_number IS NULL)
                  AND i.billing_period_start <= p.period_until AND i.billing_period_end >= p.period_from)
         ORDER BY p.billing_on, p.corporate_id, p.id
    LOOP
        kept := invoices.lines(jsonb_build_array(invoices.subscription_line(
            one.tier::text, one.covered_employees, one.monthly_cost, one.tax_rate, one.starts_on, one.ends_on,
            one.period_from, one.period_until)));
        SELECT s.* INTO sums FROM invoices.add_up(kept) AS s;
        CONTINUE WHEN sums.total = 0;
        INSERT INTO public.invoices (corporate_id, subscription_id, billing_period_start, billing_period_end, subtotal, tax_amount,
                                     total_amount, currency, line_items, tax_lines, purchase_order_number)
        VALUES (one.corporate_id, one.id, one.starts_on, one.ends_on, sums.subtotal, sums.tax, sums.total, one.invoice_currency,
                kept, sums.taxes, one.purchase_order_number)
        ON CONFLICT (subscription_id, billing_period_start) WHERE status <> 'cancelled' DO NOTHING;
        made := made + CASE WHEN FOUND THEN 1 ELSE 0 END;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION invoices.make_drafts(date) IS 'Draft the invoices of every billing period that is over; how many are new.';
GRANT EXECUTE ON FUNCTION invoices.make_drafts(date) TO console_jobs;

-- The line of a period, whole or by its days.
CREATE OR REPLACE FUNCTION invoices.subscription_line(
    tier text, employees integer, monthly_cost numeric, tax_rate numeric, starts_on date, ends_on date, period_from date,
    period_until date) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    all_days constant integer := period_until - period_from + 1;
    its_days constant integer := ends_on - starts_on + 1;
    what text := format('%s plan, %s %s, %s', initcap(tier), employees, CASE employees WHEN 1 THEN 'employee' ELSE 'employees' END,
                        invoices.days_text(starts_on, ends_on));
BEGIN
    IF its_days < all_days THEN
        what := format('%s (%s of %s days)', what, its_days, all_days);
    END IF;
    RETURN jsonb_build_object(
        'text', what, 'quantity', '1', 'tax_rate', tax_rate::text, 'discount', '0',
        'unit_price', round(monthly_cost * its_days / all_days, 2)::text,
        'kind', CASE WHEN its_days < all_days THEN 'proration' ELSE 'subscription' END);
END
$$;

-- "1-28 February 2026", "15 January - 14 February 2026", with dashes.
CREATE OR REPLACE FUNCTION invoices.days_text(first_day date, last_day date) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE
    WHEN first_day = last_day THEN to_char(first_day, 'FMDD FMMonth YYYY')
    WHEN date_trunc('month', first_day) = date_trunc('month', last_day)
        THEN to_char(first_day, 'FMDD') || '–' || to_char(last_day, 'FMDD FMMonth YYYY')
    WHEN extract(year FROM first_day) = extract(year FROM last_day)
        THEN to_char(first_day, 'FMDD FMMonth') || ' – ' || to_char(last_day, 'FMDD FMMonth YYYY')
    ELSE to_char(first_day, 'FMDD FMMonth YYYY') || ' – ' || to_char(last_day, 'FMDD FMMonth YYYY') END;

-- The same by a person's hand.
CREATE OR REPLACE FUNCTION invoices.draft_due(day date) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    -- A day of difference, because it may be tomorrow already where the person is.
    IF day IS NULL OR day > (app.now() AT TIME ZONE 'UTC')::date + 1 OR day < date '2000-01-01' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose a day that has come.', DETAIL = 'day';
    END IF;
    RETURN invoices.make_drafts(day);
END
$$;
COMMENT ON FUNCTION invoices.draft_due(date) IS 'Draft what is due to be invoiced by a day; how many are new.';

-- Keep what somebody changed of a draft, unless somebody else did meanwhile.
CREATE OR REPLACE FUNCTION invoices.save(
    of_invoice uuid, read_version integer, new_lines jsonb, purchase_order text, new_notes text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    was public.invoices;
    kept jsonb;
    sums record;
    order_number constant text := nullif(btrim(regexp_replace(purchase_order, '[[:cntrl:]]+', ' ', 'g')), '');
    words constant text := nullif(btrim(regexp_replace(new_notes, '[\u0001-\u0009\u000b-\u001f\u007f]+', ' ', 'g'), E' \n'), '');
BEGIN
    PERFORM auth.require('invoices.issue', NULL);
    IF length(order_number) > 50 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A purchase-order number has at most 50 letters.',
            DETAIL = 'purchase_order';
    ELSIF length(words) > 2000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A note has at most 2,000 letters.', DETAIL = 'notes';
    END IF;
    kept := invoices.lines(new_lines);
    SELECT s.* INTO sums FROM invoices.require_sums(kept) AS s;
    was := invoices.locked(of_invoice);
    IF was.status <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'not_draft',
            MESSAGE = CASE WHEN was.issued_at IS NULL THEN 'This draft was thrown away.'
                           ELSE format('This invoice was issued as %s and does not change any more.', was.invoice_number) END,
            HINT = 'Look at it again.';
    ELSIF was.version IS DISTINCT FROM read_version THEN
        IF (was.line_items, was.purchase_order_number, was.notes) IS NOT DISTINCT FROM (kept, order_number::varchar, words) THEN
            RETURN invoices.facts(of_invoice);  -- asked again, or meant the same
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this invoice.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    UPDATE public.invoices AS i
       SET line_items = kept, tax_lines = sums.taxes, subtotal = sums.subtotal, tax_amount = sums.tax, total_amount = sums.total,
           purchase_order_number = order_number, notes = words
     WHERE i.id = of_invoice;
    RETURN invoices.facts(of_invoice);
END
$$;
COMMENT ON FUNCTION invoices.save(uuid, integer, jsonb, text, text) IS 'Keep the lines, order number and notes of a draft.';
GRANT EXECUTE ON FUNCTION invoices.draft_due(date), invoices.save(uuid, integer, jsonb, text, text) TO console_client;

-- The row under its lock; raises where there is none.
CREATE OR REPLACE FUNCTION invoices.locked(of_invoice uuid) RETURNS public.invoices
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.invoices;
BEGIN
    SELECT * INTO found FROM public.invoices AS i WHERE i.id = of_invoice FOR UPDATE;
    IF found.id IS NULL THEN
        PERFORM invoices.refuse_unknown();
    END IF;
    RETURN found;
END
$$;
