-- Runs of payouts, holds, transfers, closed books, payments of invoices, and what the daily check of the books found.

CREATE TABLE payout_runs (
    id uuid PRIMARY KEY,
    period_start date NOT NULL CHECK (extract(day FROM period_start) = 1),
    -- NULL: every venue.
    venue_ids uuid[],
    state varchar(20) NOT NULL DEFAULT 'made' CHECK (state IN ('made', 'approved', 'withdrawn')),
    made_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    made_at timestamptz NOT NULL DEFAULT app.now(),
    approved_by uuid REFERENCES users ON DELETE RESTRICT,
    approved_at timestamptz,
    note varchar(300) CHECK (btrim(note) <> ''),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT payout_runs_approved_whole CHECK ((state = 'approved') = (approved_at IS NOT NULL)),
    CONSTRAINT payout_runs_approver CHECK ((approved_at IS NULL) = (approved_by IS NULL))
);
ALTER TABLE payout_runs ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payout_runs IS 'A month''s payouts made together; id is made on the desk, so that a run sent twice is one.';
CREATE INDEX payout_runs_period ON payout_runs (period_start);
CREATE INDEX payout_runs_made_by ON payout_runs (made_by);
CREATE INDEX payout_runs_approved_by ON payout_runs (approved_by) WHERE approved_by IS NOT NULL;

ALTER TABLE venue_payouts ADD COLUMN run_id uuid REFERENCES payout_runs ON DELETE RESTRICT;
ALTER TABLE venue_payouts ADD COLUMN carried_from_id uuid;
ALTER TABLE venue_payouts ADD CONSTRAINT venue_payouts_carried_from FOREIGN KEY (carried_from_id, venue_id)
    REFERENCES venue_payouts (id, venue_id) ON DELETE RESTRICT;
-- The seen state of the database when its lines were made: what changed since is the next payout's business.
ALTER TABLE venue_payouts ADD COLUMN counted_xmin xid8;
ALTER TABLE venue_payouts ADD COLUMN sent_at timestamptz;
CREATE INDEX venue_payouts_run ON venue_payouts (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX venue_payouts_carried_from_index ON venue_payouts (carried_from_id, venue_id) WHERE carried_from_id IS NOT NULL;

-- How a line came to be, as one of few words; the moment and the session lie with its booking.
ALTER TABLE payout_lines ADD COLUMN reason varchar(30)
    CHECK (reason IN ('attended', 'no_show', 'cancelled_late', 'late_check_in', 'refunded', 'decided', 'owed_settled', 'other'));
ALTER TABLE payout_lines ADD COLUMN position integer;

CREATE TABLE payout_holds (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    reason varchar(300) NOT NULL CHECK (btrim(reason) <> ''),
    placed_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    placed_at timestamptz NOT NULL DEFAULT app.now(),
    released_by uuid REFERENCES users ON DELETE RESTRICT,
    released_at timestamptz,
    release_reason varchar(300) CHECK (btrim(release_reason) <> ''),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT payout_holds_released_whole CHECK (num_nonnulls(released_at, released_by, release_reason) IN (0, 3))
);
ALTER TABLE payout_holds ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payout_holds IS 'Venues that are not paid for now, and why; released holds stay as history.';
CREATE UNIQUE INDEX payout_holds_one ON payout_holds (venue_id) WHERE released_at IS NULL;
CREATE INDEX payout_holds_venue ON payout_holds (venue_id);
CREATE INDEX payout_holds_placed_by ON payout_holds (placed_by);
CREATE INDEX payout_holds_released_by ON payout_holds (released_by) WHERE released_by IS NOT NULL;

CREATE TABLE payout_attempts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payout_id uuid NOT NULL,
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    attempt integer NOT NULL CHECK (attempt > 0),
    method varchar(20) NOT NULL CHECK (method IN ('transfer', 'bank_file')),
    idempotency_key varchar(255) NOT NULL UNIQUE,
    amount numeric(12, 2) NOT NULL CHECK (amount > 0),
    currency varchar(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- unknown: asked, and no answer came; the same key is asked again before anything else happens.
    state varchar(20) NOT NULL DEFAULT 'ready'
        CHECK (state IN ('ready', 'asking', 'unknown', 'accepted', 'paid', 'failed', 'reversed')),
    provider_id varchar(255),
    failure varchar(300),
    asked_at timestamptz,
    answered_at timestamptz,
    next_at timestamptz,
    times_asked integer NOT NULL DEFAULT 0 CHECK (times_asked >= 0),
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT payout_attempts_once UNIQUE (payout_id, attempt),
    CONSTRAINT payout_attempts_failed_says_why CHECK (state NOT IN ('failed', 'reversed') OR failure IS NOT NULL),
    FOREIGN KEY (payout_id, venue_id) REFERENCES venue_payouts (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE payout_attempts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE payout_attempts IS 'Each try to pay a payout, with its idempotency key and what the other side said.';
CREATE INDEX payout_attempts_payout ON payout_attempts (payout_id, venue_id);
CREATE INDEX payout_attempts_venue ON payout_attempts (venue_id);
CREATE INDEX payout_attempts_open ON payout_attempts (next_at) WHERE state IN ('ready', 'asking', 'unknown', 'accepted');
-- Money leaves once: one attempt at a time may be on its way or have arrived.
CREATE UNIQUE INDEX payout_attempts_one_alive ON payout_attempts (payout_id)
    WHERE state IN ('ready', 'asking', 'unknown', 'accepted', 'paid');

CREATE TABLE book_closings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    period_start date NOT NULL CHECK (extract(day FROM period_start) = 1),
    closed_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    closed_at timestamptz NOT NULL DEFAULT app.now(),
    reopened_by uuid REFERENCES users ON DELETE RESTRICT,
    reopened_at timestamptz,
    reopen_reason varchar(300) CHECK (btrim(reopen_reason) <> ''),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT book_closings_reopened_whole CHECK (num_nonnulls(reopened_at, reopened_by, reopen_reason) IN (0, 3))
);
ALTER TABLE book_closings ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE book_closings IS 'Months whose books are closed; reopening leaves the row and says why.';
CREATE UNIQUE INDEX book_closings_one ON book_closings (period_start) WHERE reopened_at IS NULL;
CREATE INDEX book_closings_closed_by ON book_closings (closed_by);
CREATE INDEX book_closings_reopened_by ON book_closings (reopened_by) WHERE reopened_by IS NOT NULL;

ALTER TABLE corporates
    ADD COLUMN invoice_currency varchar(3) NOT NULL DEFAULT 'USD' CHECK (invoice_currency ~ '^[A-Z]{3}$'),
    ADD COLUMN tax_rate numeric(5, 2) NOT NULL DEFAULT 0 CHECK (tax_rate BETWEEN 0 AND 100),
    ADD COLUMN purchase_order_number varchar(50),
    ADD COLUMN billing_email varchar(255) CHECK (billing_email ~ '^[^@[:space:]]+@[^@[:space:]]+$');

ALTER TABLE invoices
    ADD COLUMN purchase_order_number varchar(50),
    ADD COLUMN credited_by_id uuid REFERENCES credit_notes ON DELETE RESTRICT,
    ADD COLUMN send_state varchar(20) CHECK (send_state IN ('waiting', 'sending', 'sent', 'failed', 'uncertain')),
    ADD COLUMN send_error varchar(300);
CREATE INDEX idx_invoices_credited_by ON invoices (credited_by_id) WHERE credited_by_id IS NOT NULL;
CREATE INDEX idx_invoices_to_send ON invoices (id) WHERE send_state IN ('waiting', 'sending');

CREATE TABLE invoice_payments (
    id uuid PRIMARY KEY,
    invoice_id uuid NOT NULL REFERENCES invoices ON DELETE RESTRICT,
    amount numeric(12, 2) NOT NULL CHECK (amount <> 0),
    paid_on date NOT NULL,
    method varchar(50) NOT NULL CHECK (method IN ('bank_transfer', 'card', 'cheque', 'other')),
    reference varchar(255),
    recorded_by uuid REFERENCES users ON DELETE RESTRICT,
    recorded_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE invoice_payments ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE invoice_payments IS 'What an employer paid of an invoice; a mistake is taken back by a payment of the opposite amount. Append-only.';
CREATE INDEX invoice_payments_invoice ON invoice_payments (invoice_id);
CREATE INDEX invoice_payments_recorded_by ON invoice_payments (recorded_by) WHERE recorded_by IS NOT NULL;

CREATE TABLE integrity_issues (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    check_key varchar(50) NOT NULL,
    subject_type varchar(50) NOT NULL,
    subject_id uuid,
    subject_key varchar(100) NOT NULL,
    venue_id uuid REFERENCES venues ON DELETE RESTRICT,
    detail varchar(500) NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT app.now(),
    last_seen_at timestamptz NOT NULL DEFAULT app.now(),
    state varchar(20) NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'fixed', 'ignored')),
    assigned_to uuid REFERENCES users ON DELETE RESTRICT,
    settled_at timestamptz,
    settled_by uuid REFERENCES users ON DELETE RESTRICT,
    reason varchar(300) CHECK (btrim(reason) <> ''),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT integrity_issues_ignored_says_why CHECK (state <> 'ignored' OR num_nulls(reason, settled_by) = 0),
    CONSTRAINT integrity_issues_settled_whole CHECK ((state = 'open') = (settled_at IS NULL))
);
ALTER TABLE integrity_issues ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE integrity_issues IS 'What the daily check of money and attendance found; an issue that goes away is fixed, one that is meant is ignored with a reason.';
CREATE UNIQUE INDEX integrity_issues_once ON integrity_issues (check_key, subject_key) WHERE state <> 'fixed';
CREATE INDEX integrity_issues_state ON integrity_issues (state, last_seen_at DESC);
CREATE INDEX integrity_issues_venue ON integrity_issues (venue_id) WHERE venue_id IS NOT NULL;
CREATE INDEX integrity_issues_assigned ON integrity_issues (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX integrity_issues_settled_by ON integrity_issues (settled_by) WHERE settled_by IS NOT NULL;

INSERT INTO platform_settings (key, value, data_type, category, description) VALUES
    ('payouts_need_two_people', 'true', 'boolean', 'financial', 'Whether a run of payouts is approved by somebody other than who made it.'),
    ('invoice_issuer', '{"name": "Nexus Family Pass", "address": [], "tax_id": "", "email": ""}', 'json', 'financial',
     'Who issues invoices and statements, as printed on them.'),
    ('invoice_series', '"NFP"', 'string', 'financial', 'The letters before the number of an invoice.'),
    ('credit_note_series', '"NCN"', 'string', 'financial', 'The letters before the number of a credit note.');
