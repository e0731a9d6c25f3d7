-- Since version 0004.
-- The arithmetic of invoices, once in the database: lines to the cent, tax once for each rate on the rate's total, halves away
-- from zero. console/domain/invoices.py says the same in Python; tests/db/test_invoices_amounts.py holds the two together.
-- docs/design.md, "Invoices".

-- A number as a person's line has it, or NULL: up to `whole` digits, then up to `fraction` that count.
CREATE OR REPLACE FUNCTION invoices.number_in(raw text, whole integer, fraction integer) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Asked first and turned second, in two steps: a single expression may be worked out in any order.
    IF raw IS NULL OR length(raw) > 40 OR raw !~ format('^-?\d{1,%s}(\.\d{1,%s}0*)?$', whole, fraction) THEN
        RETURN NULL;
    END IF;
    RETURN trim_scale(raw::numeric);
END
$$;

-- Money as text with its cents, and more only where there is more.
CREATE OR REPLACE FUNCTION invoices.money_text(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN (CASE WHEN scale(trim_scale(amount)) < 2 THEN round(amount, 2) ELSE trim_scale(amount) END)::text;

-- Multiplied, never divided: a quotient would be rounded before it is rounded.
CREATE OR REPLACE FUNCTION invoices.line_amount(quantity numeric, unit_price numeric, discount numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN round(quantity * unit_price * (100 - discount) * 0.01, 2);

CREATE OR REPLACE FUNCTION invoices.refuse_line(at_line bigint, why text, key text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = format('Line %s: %s', at_line, why), DETAIL = key;
END
$$;

-- Lines as they are kept, out of lines as they were entered: checked one by one, with their amounts.
CREATE OR REPLACE FUNCTION invoices.lines(raw jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    words text;
    quantity numeric;
    price numeric;
    rate numeric;
    discount numeric;
    kept jsonb[] := '{}';
BEGIN
    IF raw IS NULL OR jsonb_typeof(raw) <> 'array' OR jsonb_array_length(raw) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An invoice has at least one line.', DETAIL = 'lines';
    ELSIF jsonb_array_length(raw) > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An invoice has at most 500 lines.', DETAIL = 'lines';
    END IF;
    FOR one IN SELECT e.value AS line, e.ordinality AS at FROM jsonb_array_elements(raw) WITH ORDINALITY AS e LOOP
        IF jsonb_typeof(one.line) <> 'object' THEN
            PERFORM invoices.refuse_line(one.at, 'say what it is for.', 'text');
        END IF;
        words := btrim(regexp_replace(coalesce(one.line ->> 'text', ''), '[[:cntrl:]\s]+', ' ', 'g'));
        quantity := invoices.number_in(one.line ->> 'quantity', 6, 4);
        price := invoices.number_in(one.line ->> 'unit_price', 10, 4);
        rate := invoices.number_in(one.line ->> 'tax_rate', 3, 2);
        discount := invoices.number_in(coalesce(one.line ->> 'discount', '0'), 3, 2);
        IF words = '' THEN
            PERFORM invoices.refuse_line(one.at, 'say what it is for.', 'text');
        ELSIF length(words) > 300 THEN
            PERFORM invoices.refuse_line(one.at, 'its text has at most 300 letters.', 'text');
        ELSIF quantity IS NULL THEN
            PERFORM invoices.refuse_line(one.at, 'a quantity is a number below a million, such as 2 or 1.5.', 'quantity');
        ELSIF price IS NULL THEN
            PERFORM invoices.refuse_line(one.at, 'a price is an amount such as 12.50.', 'unit_price');
        ELSIF rate IS NULL OR rate NOT BETWEEN 0 AND 100 THEN
            PERFORM invoices.refuse_line(one.at, 'a tax rate is between 0 and 100 %.', 'tax_rate');
        ELSIF discount IS NULL OR discount NOT BETWEEN -100 AND 100 THEN
            PERFORM invoices.refuse_line(one.at, 'a discount is between -100 and 100 %.', 'discount');
        ELSIF coalesce(one.line ->> 'kind', 'extra') NOT IN ('subscription', 'proration', 'extra', 'discount') THEN
            PERFORM invoices.refuse_line(one.at, 'there is no such kind of line.', 'kind');
        END IF;
        kept := kept || jsonb_build_object(
            'text', words, 'quantity', quantity::text, 'unit_price', invoices.money_text(price), 'tax_rate', rate::text,
            'discount', discount::text, 'kind', coalesce(one.line ->> 'kind', 'extra'),
            'amount', invoices.line_amount(quantity, price, discount)::text);
    END LOOP;
    RETURN to_jsonb(kept);
END
$$;

-- What kept lines come to: rates in ascending order, a rate of 0 without a tax line of its own. No upper limit here.
CREATE OR REPLACE FUNCTION invoices.add_up(
    kept jsonb, OUT subtotal numeric, OUT taxes jsonb, OUT tax numeric, OUT total numeric)
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH rates AS (
        SELECT (l ->> 'tax_rate')::numeric AS rate, sum((l ->> 'amount')::numeric) AS base
          FROM jsonb_array_elements(kept) AS l GROUP BY (l ->> 'tax_rate')::numeric
    ), taxed AS (
        SELECT r.rate, r.base, round(r.base * r.rate * 0.01, 2) AS tax FROM rates AS r WHERE r.rate <> 0
    ), sums AS (
        SELECT coalesce((SELECT sum(r.base) FROM rates AS r), 0.00) AS subtotal,
               coalesce((SELECT sum(t.tax) FROM taxed AS t), 0.00) AS tax
    )
    SELECT s.subtotal,
           coalesce((SELECT jsonb_agg(jsonb_build_object('rate', trim_scale(t.rate)::text, 'base', t.base::text, 'tax', t.tax::text)
                                      ORDER BY t.rate) FROM taxed AS t), '[]'),
           s.tax, s.subtotal + s.tax
      FROM sums AS s
$$;

-- The same, of what can be an invoice.
CREATE OR REPLACE FUNCTION invoices.require_sums(
    kept jsonb, OUT subtotal numeric, OUT taxes jsonb, OUT tax numeric, OUT total numeric)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT s.subtotal, s.taxes, s.tax, s.total INTO subtotal, taxes, tax, total FROM invoices.add_up(kept) AS s;
    IF subtotal < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = format('The lines come to %s; an invoice is not below zero.', subtotal),
            HINT = 'Take less off, or cancel an earlier invoice by a credit note.', DETAIL = 'negative_total';
    ELSIF tax < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = format('The tax comes to %s; tax is not below zero.', tax),
            HINT = 'Take the discount off lines with the same tax rate.', DETAIL = 'negative_tax';
    ELSIF total >= 10000000000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The total is too large for one invoice.', DETAIL = 'total';
    END IF;
END
$$;

-- Whether a row's lines come to its amounts, counted from quantities and prices.
CREATE OR REPLACE FUNCTION invoices.adds_up(of_row public.invoices) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sums record;
BEGIN
    IF EXISTS (
        SELECT 1 FROM jsonb_array_elements(of_row.line_items) AS l
         WHERE jsonb_typeof(l) <> 'object' OR invoices.number_in(l ->> 'tax_rate', 3, 2) IS NULL
            OR invoices.number_in(l ->> 'amount', 20, 2) IS DISTINCT FROM invoices.line_amount(
                   invoices.number_in(l ->> 'quantity', 6, 4), invoices.number_in(l ->> 'unit_price', 10, 4),
                   invoices.number_in(coalesce(l ->> 'discount', '0'), 3, 2)))
    THEN
        RETURN false;
    END IF;
    SELECT s.* INTO sums FROM invoices.add_up(of_row.line_items) AS s;
    RETURN (sums.subtotal, sums.tax, sums.total) = (of_row.subtotal, of_row.tax_amount, of_row.total_amount)
       AND sums.taxes = of_row.tax_lines;
END
$$;
