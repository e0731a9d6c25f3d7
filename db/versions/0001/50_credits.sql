-- What employers buy, and the credits that come of it.

CREATE TABLE corporate_subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    corporate_id uuid NOT NULL REFERENCES corporates ON DELETE RESTRICT,
    tier subscription_tier NOT NULL,
    covered_employees integer NOT NULL CHECK (covered_employees > 0),
    credits_per_employee integer NOT NULL CHECK (credits_per_employee > 0),
    monthly_cost numeric(12, 2) NOT NULL CHECK (monthly_cost >= 0),
    billing_cycle_day integer NOT NULL DEFAULT 1 CHECK (billing_cycle_day BETWEEN 1 AND 28),
    start_date date NOT NULL,
    end_date date,
    auto_renew boolean NOT NULL DEFAULT true,
    premium_venue_access boolean NOT NULL DEFAULT false,
    custom_terms jsonb,
    is_active boolean NOT NULL DEFAULT true,
    cancelled_at timestamptz,
    cancellation_reason text,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT corporate_subscriptions_in_order CHECK (end_date >= start_date),
    CONSTRAINT corporate_subscriptions_id_corporate_key UNIQUE (id, corporate_id)
);
ALTER TABLE corporate_subscriptions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE corporate_subscriptions IS 'The terms under which an employer''s staff receive credits.';
CREATE INDEX idx_subscriptions_corporate_id ON corporate_subscriptions (corporate_id);
CREATE INDEX idx_subscriptions_active ON corporate_subscriptions (corporate_id, is_active) WHERE is_active;
CREATE INDEX idx_subscriptions_end_date ON corporate_subscriptions (end_date);

CREATE TABLE employee_invitations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    corporate_id uuid NOT NULL REFERENCES corporates ON DELETE CASCADE,
    invited_by uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    email varchar(255) NOT NULL,
    first_name varchar(100),
    last_name varchar(100),
    department varchar(100),
    credits_to_allocate integer NOT NULL CHECK (credits_to_allocate > 0),
    invitation_token varchar(255) NOT NULL UNIQUE,
    status invitation_status NOT NULL DEFAULT 'pending',
    expires_at timestamptz NOT NULL,
    accepted_user_id uuid REFERENCES users ON DELETE SET NULL,
    accepted_at timestamptz,
    resend_count integer NOT NULL DEFAULT 0 CHECK (resend_count >= 0),
    last_resent_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES users ON DELETE RESTRICT,
    revoke_reason text,
    batch_import_id uuid,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE employee_invitations ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE employee_invitations IS 'Invitations an employer sent to its staff.';
CREATE INDEX idx_invitations_email ON employee_invitations (corporate_id, lower(email));
CREATE INDEX idx_invitations_status ON employee_invitations (status);
CREATE INDEX idx_invitations_expiry ON employee_invitations (expires_at) WHERE status = 'pending';
CREATE INDEX idx_invitations_batch ON employee_invitations (batch_import_id) WHERE batch_import_id IS NOT NULL;
CREATE INDEX idx_invitations_invited_by ON employee_invitations (invited_by);
CREATE INDEX idx_invitations_accepted_user ON employee_invitations (accepted_user_id) WHERE accepted_user_id IS NOT NULL;
CREATE INDEX idx_invitations_revoked_by ON employee_invitations (revoked_by) WHERE revoked_by IS NOT NULL;

CREATE TABLE user_credit_balances (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    billing_period_start date NOT NULL,
    billing_period_end date NOT NULL,
    -- Kept by the ledger's triggers, never written otherwise.
    credits_allocated integer NOT NULL DEFAULT 0 CHECK (credits_allocated >= 0),
    credits_available integer NOT NULL DEFAULT 0 CHECK (credits_available >= 0),
    credits_used integer NOT NULL DEFAULT 0 CHECK (credits_used >= 0),
    credits_refunded integer NOT NULL DEFAULT 0 CHECK (credits_refunded >= 0),
    credits_forfeited integer NOT NULL DEFAULT 0 CHECK (credits_forfeited >= 0),
    entries integer NOT NULL DEFAULT 0 CHECK (entries >= 0),
    last_refresh_at timestamptz,
    expiry_warning_sent boolean NOT NULL DEFAULT false,
    expiry_warning_sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT unique_user_billing_period UNIQUE (user_id, billing_period_start),
    CONSTRAINT user_credit_balances_id_user_key UNIQUE (id, user_id),
    CONSTRAINT user_credit_balances_in_order CHECK (billing_period_end >= billing_period_start)
);
ALTER TABLE user_credit_balances ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE user_credit_balances IS 'The running sums of credit_ledger, one row per parent and billing period.';
CREATE INDEX idx_credit_balances_expiry ON user_credit_balances (billing_period_end) WHERE NOT expiry_warning_sent;

CREATE TABLE credit_ledger (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    balance_id uuid NOT NULL,
    -- Its place in its balance's history; given, like balance_after, by trigger under the balance's lock.
    entry_no integer NOT NULL CHECK (entry_no > 0),
    transaction_type credit_transaction_type NOT NULL,
    amount integer NOT NULL,
    forfeited_amount integer NOT NULL DEFAULT 0,
    balance_after integer NOT NULL CHECK (balance_after >= 0),
    booking_id uuid,
    description text,
    adjusted_by uuid REFERENCES users ON DELETE RESTRICT,
    idempotency_key varchar(255) CONSTRAINT unique_idempotency_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT credit_ledger_entry_no_key UNIQUE (balance_id, entry_no),
    CONSTRAINT credit_ledger_sign CHECK (CASE transaction_type
        WHEN 'allocation' THEN amount > 0
        WHEN 'booking_debit' THEN amount < 0
        WHEN 'refund_credit' THEN amount > 0
        WHEN 'partial_refund' THEN amount > 0
        WHEN 'forfeit' THEN amount = 0
        WHEN 'adjustment' THEN amount <> 0
        WHEN 'expiry' THEN amount < 0 END),
    -- A forfeit moves nothing: the debit stands. It says how much of it will not come back.
    CONSTRAINT credit_ledger_forfeit CHECK (
        CASE WHEN transaction_type = 'forfeit' THEN forfeited_amount > 0 ELSE forfeited_amount = 0 END),
    CONSTRAINT credit_ledger_booking CHECK (
        booking_id IS NOT NULL OR transaction_type IN ('allocation', 'adjustment', 'expiry')),
    FOREIGN KEY (balance_id, user_id) REFERENCES user_credit_balances (id, user_id) ON DELETE RESTRICT
);
ALTER TABLE credit_ledger ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE credit_ledger IS 'Every movement of credits, append-only; corrections are new entries.';
CREATE INDEX idx_credit_ledger_user_id ON credit_ledger (user_id);
CREATE INDEX idx_credit_ledger_balance_user ON credit_ledger (balance_id, user_id);
CREATE INDEX idx_credit_ledger_booking_id ON credit_ledger (booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX idx_credit_ledger_type ON credit_ledger (transaction_type);
CREATE INDEX idx_credit_ledger_created_at ON credit_ledger (created_at);
CREATE INDEX idx_credit_ledger_adjusted_by ON credit_ledger (adjusted_by) WHERE adjusted_by IS NOT NULL;
