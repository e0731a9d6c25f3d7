-- Payouts to venues, invoices to employers, and the documents that were handed out.

CREATE TABLE documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind document_kind NOT NULL,
    venue_id uuid REFERENCES venues ON DELETE RESTRICT,
    file_name varchar(255) NOT NULL,
    media_type varchar(100) NOT NULL,
    content bytea NOT NULL,
    size_bytes integer NOT NULL GENERATED ALWAYS AS (length(content)) STORED,
    sha256 bytea NOT NULL GENERATED ALWAYS AS (sha256(content)) STORED,
    created_by uuid REFERENCES users ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT documents_not_empty CHECK (length(content) > 0)
);
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE documents IS 'Statements, invoices and other files exactly as handed out, with their hash; append-only.';
CREATE INDEX documents_venue ON documents (venue_id, created_at DESC) WHERE venue_id IS NOT NULL;
CREATE INDEX documents_created_by ON documents (created_by) WHERE created_by IS NOT NULL;

CREATE TABLE venue_payouts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    payout_period_start date NOT NULL,
    payout_period_end date NOT NULL,
    total_bookings integer NOT NULL DEFAULT 0 CHECK (total_bookings >= 0),
    total_attendees integer NOT NULL DEFAULT 0 CHECK (total_attendees >= 0),
    credit_value numeric(12, 4) NOT NULL DEFAULT 1 CHECK (credit_value > 0),
    currency varchar(3) NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    gross_revenue numeric(12, 2) NOT NULL DEFAULT 0 CHECK (gross_revenue >= 0),
    platform_fee_percentage numeric(5, 2) NOT NULL CHECK (platform_fee_percentage BETWEEN 0 AND 100),
    platform_fee_amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (platform_fee_amount >= 0),
    adjustments_amount numeric(12, 2) NOT NULL DEFAULT 0,
    adjustments_notes text,
    -- What earlier payouts left owing (never positive), and what this one leaves to the next.
    carried_in numeric(12, 2) NOT NULL DEFAULT 0 CHECK (carried_in <= 0),
    carried_out numeric(12, 2) NOT NULL DEFAULT 0 CHECK (carried_out <= 0),
    net_payout numeric(12, 2) NOT NULL DEFAULT 0 CHECK (net_payout >= 0),
    status varchar(20) NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'processing', 'paid', 'failed', 'on_hold')),
    hold_reason text,
    stripe_payout_id varchar(255),
    stripe_transfer_id varchar(255),
    idempotency_key varchar(255) UNIQUE,
    paid_at timestamptz,
    payment_method varchar(50) CHECK (payment_method IN ('bank_transfer', 'stripe_connect')),
    payment_reference varchar(255),
    failure_reason text,
    retry_count integer NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    statement_url varchar(500),
    statement_generated_at timestamptz,
    statement_document_id uuid REFERENCES documents ON DELETE RESTRICT,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT unique_venue_payout_period UNIQUE (venue_id, payout_period_start),
    CONSTRAINT venue_payouts_id_venue_key UNIQUE (id, venue_id),
    CONSTRAINT venue_payouts_in_order CHECK (payout_period_end >= payout_period_start),
    CONSTRAINT venue_payouts_adds_up CHECK (
        net_payout + carried_out = gross_revenue - platform_fee_amount + adjustments_amount + carried_in),
    CONSTRAINT venue_payouts_carry_or_pay CHECK (net_payout = 0 OR carried_out = 0),
    CONSTRAINT venue_payouts_paid_whole CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    CONSTRAINT venue_payouts_failed_says_why CHECK (status <> 'failed' OR failure_reason IS NOT NULL),
    CONSTRAINT venue_payouts_hold_says_why CHECK (status <> 'on_hold' OR hold_reason IS NOT NULL)
);
ALTER TABLE venue_payouts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_payouts IS 'What a venue earned in a period and is paid; a debt is carried to the next, never paid out as negative.';
CREATE INDEX idx_venue_payouts_status ON venue_payouts (status) WHERE status IN ('pending', 'processing');
CREATE INDEX idx_venue_payouts_period ON venue_payouts (payout_period_start, payout_period_end);
CREATE INDEX idx_venue_payouts_document ON venue_payouts (statement_document_id) WHERE statement_document_id IS NOT NULL;

CREATE TABLE payout_lines (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payout_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    kind payout_line_kind NOT NULL,
    booking_id uuid,
    adjusts_payout_id uuid,
    description varchar(255),
    credits integer NOT NULL DEFAULT 0,
    gross numeric(12, 2) NOT NULL DEFAULT 0,
    fee_share numeric(12, 2) NOT NULL DEFAULT 0,
    net numeric(12, 2) NOT NULL GENERATED ALWAYS AS (gross - fee_share) STORED,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT payout_lines_booking CHECK (kind <> 'booking' OR booking_id IS NOT NULL),
    CONSTRAINT payout_lines_adjusts CHECK (adjusts_payout_id IS NULL OR kind = 'adjustment'),
    FOREIGN KEY (payout_id, venue_id) REFERENCES venue_payouts (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (adjusts_payout_id, venue_id) REFERENCES venue_payouts (id, venue_id) ON DELETE RESTRICT,
    FOREIGN KEY (booking_id, venue_id) REFERENCES bookings (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE payout_lines ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payout_lines IS 'Why a payout is that amount: one line per booking, plus adjustments and what was carried forward.';
-- A booking is paid for once; what changes later is an adjustment.
CREATE UNIQUE INDEX payout_lines_booking_once ON payout_lines (booking_id) WHERE kind = 'booking';
CREATE INDEX payout_lines_payout ON payout_lines (payout_id, venue_id);
CREATE INDEX payout_lines_venue ON payout_lines (venue_id);
CREATE INDEX payout_lines_booking ON payout_lines (booking_id, venue_id) WHERE booking_id IS NOT NULL;
CREATE INDEX payout_lines_adjusts_payout ON payout_lines (adjusts_payout_id, venue_id) WHERE adjusts_payout_id IS NOT NULL;

-- The next number of a series and year is this row's, taken under its lock by the transaction that issues: without
-- gaps, because a transaction that fails gives the number back.
CREATE TABLE invoice_series (
    series varchar(10) NOT NULL CHECK (series ~ '^[A-Z]{1,10}$'),
    year integer NOT NULL CHECK (year BETWEEN 2000 AND 2999),
    next_number integer NOT NULL DEFAULT 1 CHECK (next_number > 0),
    PRIMARY KEY (series, year)
);
ALTER TABLE invoice_series ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE invoice_series IS 'The counters from which invoices and credit notes take their numbers.';

CREATE TABLE invoices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    invoice_number varchar(50) UNIQUE,
    corporate_id uuid NOT NULL REFERENCES corporates ON DELETE RESTRICT,
    subscription_id uuid NOT NULL,
    billing_period_start date NOT NULL,
    billing_period_end date NOT NULL,
    subtotal numeric(12, 2) NOT NULL CHECK (subtotal >= 0),
    tax_amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (tax_amount >= 0),
    total_amount numeric(12, 2) NOT NULL CHECK (total_amount >= 0),
    currency varchar(3) NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    status varchar(20) NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'issued', 'sent', 'paid', 'overdue', 'cancelled')),
    issued_at timestamptz,
    due_date date,
    paid_at timestamptz,
    paid_amount numeric(12, 2) CHECK (paid_amount >= 0),
    payment_method varchar(50),
    payment_reference varchar(255),
    stripe_invoice_id varchar(255),
    pdf_url varchar(500),
    document_id uuid REFERENCES documents ON DELETE RESTRICT,
    line_items jsonb NOT NULL CHECK (jsonb_typeof(line_items) = 'array'),
    tax_lines jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(tax_lines) = 'array'),
    -- Copied in when issued, so that a later change of address does not change an old invoice.
    issuer jsonb,
    recipient jsonb,
    notes text,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT invoices_adds_up CHECK (total_amount = subtotal + tax_amount),
    CONSTRAINT invoices_in_order CHECK (billing_period_end >= billing_period_start),
    -- A draft that is thrown away never had a number; whatever was issued has all of this.
    CONSTRAINT invoices_issued_whole CHECK (CASE
        WHEN status = 'draft' THEN num_nonnulls(invoice_number, issued_at) = 0
        WHEN status = 'cancelled' THEN num_nonnulls(invoice_number, issued_at) IN (0, 2)
        ELSE num_nulls(invoice_number, issued_at, due_date, issuer, recipient) = 0 END),
    CONSTRAINT invoices_paid_whole CHECK (status <> 'paid' OR num_nulls(paid_at, paid_amount) = 0),
    FOREIGN KEY (subscription_id, corporate_id) REFERENCES corporate_subscriptions (id, corporate_id) ON DELETE RESTRICT
);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE invoices IS 'What an employer owes for a month; immutable once issued, but for what happens to its payment.';
CREATE UNIQUE INDEX invoices_once_per_period ON invoices (subscription_id, billing_period_start) WHERE status <> 'cancelled';
CREATE INDEX idx_invoices_corporate_id ON invoices (corporate_id);
CREATE INDEX idx_invoices_subscription ON invoices (subscription_id, corporate_id);
CREATE INDEX idx_invoices_status ON invoices (status);
CREATE INDEX idx_invoices_due_date ON invoices (due_date) WHERE status = 'sent';
CREATE INDEX idx_invoices_document ON invoices (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE credit_notes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    credit_note_number varchar(50) NOT NULL UNIQUE,
    invoice_id uuid NOT NULL REFERENCES invoices ON DELETE RESTRICT,
    reason text NOT NULL,
    subtotal numeric(12, 2) NOT NULL CHECK (subtotal >= 0),
    tax_amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (tax_amount >= 0),
    total_amount numeric(12, 2) NOT NULL CHECK (total_amount > 0),
    currency varchar(3) NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    line_items jsonb NOT NULL CHECK (jsonb_typeof(line_items) = 'array'),
    issuer jsonb NOT NULL,
    recipient jsonb NOT NULL,
    document_id uuid REFERENCES documents ON DELETE RESTRICT,
    issued_at timestamptz NOT NULL DEFAULT app.now(),
    issued_by uuid REFERENCES users ON DELETE RESTRICT,
    CONSTRAINT credit_notes_adds_up CHECK (total_amount = subtotal + tax_amount)
);
ALTER TABLE credit_notes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE credit_notes IS 'Corrections of issued invoices; append-only.';
CREATE INDEX credit_notes_invoice ON credit_notes (invoice_id);
CREATE INDEX credit_notes_document ON credit_notes (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX credit_notes_issued_by ON credit_notes (issued_by) WHERE issued_by IS NOT NULL;
