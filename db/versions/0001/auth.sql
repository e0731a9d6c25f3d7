-- Who may come in: devices, sign-in, tokens, what each role may do. Needs users, venues and device_status; the tables
-- that name a device (attendance events, audit) come after this file.
--
-- Nobody has a grant on most of these tables: desks reach them only through the functions of console_auth.
-- Nothing here is ever updated by a sign-in. Every attempt is a new row, because a row that an attempt has to lock
-- is a row that an attacker's open transaction can hold.

CREATE TYPE auth.permission AS ENUM (
    'sessions.read', 'roster.read', 'attendance.record', 'attendance.undo_any', 'session.close', 'schedule.edit',
    'session.cancel', 'activity.edit', 'venue.read', 'venue.edit', 'waitlist.manage', 'booking.manage', 'reviews.read',
    'reviews.reply', 'score.read', 'review_items.resolve', 'payouts.read', 'payouts.run', 'invoices.read',
    'invoices.issue', 'exports.create', 'credits.adjust', 'venues.approve', 'compliance.manage', 'reviews.moderate',
    'corporates.manage', 'people.manage', 'devices.manage', 'settings.manage', 'audit.read', 'privacy.manage',
    'jobs.manage');
GRANT USAGE ON TYPE auth.permission TO console_auth, console_api, console_jobs, console_worker, console_client;

CREATE TYPE auth.verdict AS ENUM ('granted', 'code_needed', 'code_wrong', 'refused');
GRANT USAGE ON TYPE auth.verdict TO console_auth;

CREATE TABLE auth.devices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    role_name name NOT NULL UNIQUE,
    name varchar(60) NOT NULL CHECK (btrim(name) <> ''),
    venue_id uuid REFERENCES venues ON DELETE RESTRICT,
    status device_status NOT NULL DEFAULT 'active',
    enrolled_at timestamptz NOT NULL DEFAULT app.now(),
    enrolled_by uuid REFERENCES users ON DELETE RESTRICT,
    revoked_at timestamptz,
    revoked_by uuid REFERENCES users ON DELETE RESTRICT,
    CONSTRAINT devices_revoked_has_time CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
ALTER TABLE auth.devices ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.devices IS 'Enrolled workstations, each with its own LOGIN role; bound to one venue where venue_id is set.';
CREATE INDEX devices_venue_id_idx ON auth.devices (venue_id);
CREATE INDEX devices_enrolled_by_idx ON auth.devices (enrolled_by);
CREATE INDEX devices_revoked_by_idx ON auth.devices (revoked_by);
CREATE UNIQUE INDEX devices_active_name_key ON auth.devices (lower(name), venue_id) NULLS NOT DISTINCT
    WHERE status = 'active';

CREATE TABLE auth.role_permissions (
    role staff_role NOT NULL,
    permission auth.permission NOT NULL,
    PRIMARY KEY (role, permission)
);
ALTER TABLE auth.role_permissions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.role_permissions IS 'What each staff role may do; filled by policies/, so that an upgrade corrects it.';

-- One row: the key of the salts that accounts which cannot sign in are answered with, and the iteration counts such an
-- account may plausibly have (a later, higher default is appended, never put in place of the old one).
CREATE TABLE auth.sign_in_secret (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    salt_key bytea NOT NULL CHECK (length(salt_key) = 32),
    plausible_iterations integer[] NOT NULL DEFAULT '{600000}' CHECK (cardinality(plausible_iterations) > 0)
);
ALTER TABLE auth.sign_in_secret ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.sign_in_secret IS 'The key behind the salts of accounts that do not exist; read by console_auth alone.';
INSERT INTO auth.sign_in_secret (salt_key)
    VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- What sign_in_start promised, kept until prove and finish. user_id is null where nobody can sign in with that address;
-- the row is written all the same.
CREATE TABLE auth.sign_in_tickets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    device_id uuid NOT NULL REFERENCES auth.devices ON DELETE RESTRICT,
    user_id uuid REFERENCES users ON DELETE RESTRICT,
    account_key bytea NOT NULL,
    auth_message_start text NOT NULL,
    nonce text NOT NULL,
    stored_key bytea NOT NULL,
    server_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE auth.sign_in_tickets ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.sign_in_tickets IS 'Sign-ins under way: the first half of the SCRAM exchange.';
CREATE INDEX sign_in_tickets_device_id_idx ON auth.sign_in_tickets (device_id);
CREATE INDEX sign_in_tickets_user_id_idx ON auth.sign_in_tickets (user_id);
CREATE INDEX sign_in_tickets_created_at_idx ON auth.sign_in_tickets (created_at);

CREATE TABLE auth.recovery_codes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    UNIQUE (user_id, code_hash)
);
ALTER TABLE auth.recovery_codes ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.recovery_codes IS 'One-time codes for a lost authenticator; a used one is named by the verdict that used it.';

-- What prove found, one per ticket. The xid is there so that finish can tell a committed verdict from one whose
-- transaction is still open and may yet be rolled back.
CREATE TABLE auth.sign_in_verdicts (
    ticket_id uuid PRIMARY KEY REFERENCES auth.sign_in_tickets ON DELETE CASCADE,
    device_id uuid NOT NULL REFERENCES auth.devices ON DELETE RESTRICT,
    user_id uuid REFERENCES users ON DELETE RESTRICT,
    verdict auth.verdict NOT NULL,
    totp_step bigint,
    recovery_code_id uuid REFERENCES auth.recovery_codes ON DELETE RESTRICT,
    server_signature bytea NOT NULL,
    proved_at timestamptz NOT NULL DEFAULT now(),
    proved_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
ALTER TABLE auth.sign_in_verdicts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.sign_in_verdicts IS 'What each proof came to; one per ticket, never changed.';
CREATE INDEX sign_in_verdicts_user_id_idx ON auth.sign_in_verdicts (user_id, totp_step);
CREATE INDEX sign_in_verdicts_device_id_idx ON auth.sign_in_verdicts (device_id);
CREATE INDEX sign_in_verdicts_recovery_code_id_idx ON auth.sign_in_verdicts (recovery_code_id);

CREATE TABLE auth.sign_in_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id uuid NOT NULL,
    account_key bytea NOT NULL,
    device_id uuid NOT NULL REFERENCES auth.devices ON DELETE RESTRICT,
    failed boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
ALTER TABLE auth.sign_in_attempts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.sign_in_attempts IS 'Every proof that was offered, also for addresses nobody has. Counted, never updated.';
-- Not partial on failed: a failure must cost exactly what a success costs.
CREATE INDEX sign_in_attempts_account_key_idx ON auth.sign_in_attempts (account_key, at);
CREATE INDEX sign_in_attempts_device_id_idx ON auth.sign_in_attempts (device_id, at);
CREATE INDEX sign_in_attempts_at_idx ON auth.sign_in_attempts (at);

CREATE TABLE auth.alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind varchar(40) NOT NULL CHECK (kind IN ('many_failed_sign_ins')),
    account_key bytea NOT NULL,
    user_id uuid REFERENCES users ON DELETE RESTRICT,
    devices integer NOT NULL,
    failures integer NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE auth.alerts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.alerts IS 'Accounts somebody tried from several desks at once; a signal for people, not a lock.';
CREATE INDEX alerts_account_key_idx ON auth.alerts (account_key, raised_at);
CREATE INDEX alerts_user_id_idx ON auth.alerts (user_id);

-- A person at a desk. The token itself is never stored; totp_step and recovery_code_id are unique, so that one code
-- opens one session even when two proofs raced.
CREATE TABLE auth.person_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    device_id uuid NOT NULL REFERENCES auth.devices ON DELETE RESTRICT,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    ticket_id uuid UNIQUE,
    totp_step bigint,
    recovery_code_id uuid UNIQUE REFERENCES auth.recovery_codes ON DELETE RESTRICT,
    issued_at timestamptz NOT NULL DEFAULT app.now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_why varchar(40) CHECK (revoked_why IN ('signed_out', 'signed_out_everywhere', 'password_changed',
                                                   'disabled', 'device_revoked', 'administrator')),
    CONSTRAINT person_sessions_revoked_has_reason CHECK ((revoked_at IS NULL) = (revoked_why IS NULL)),
    CONSTRAINT person_sessions_in_order CHECK (expires_at > issued_at),
    CONSTRAINT person_sessions_code_once UNIQUE (user_id, totp_step)
);
ALTER TABLE auth.person_sessions ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.person_sessions IS 'People signed in at desks: hashed tokens, expiry and revocation.';
CREATE INDEX person_sessions_user_open_idx ON auth.person_sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX person_sessions_device_id_idx ON auth.person_sessions (device_id);

-- The NOTIFY channel of a venue: a random name, so that it cannot be guessed, and a new one when somebody loses access.
CREATE TABLE auth.venue_channels (
    venue_id uuid PRIMARY KEY REFERENCES venues ON DELETE CASCADE,
    channel name NOT NULL UNIQUE DEFAULT ('nx_' || replace(gen_random_uuid()::text, '-', '')),
    rotated_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE auth.venue_channels ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.venue_channels IS 'Where each venue''s changes are announced.';

-- Filled only by the demo loader. Where it has rows the database is a demo, and its sign-in page shows them.
CREATE TABLE auth.demo_accounts (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    position smallint NOT NULL UNIQUE CHECK (position > 0),
    password varchar(100) NOT NULL
);
ALTER TABLE auth.demo_accounts ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE auth.demo_accounts IS 'The accounts a demo database offers on its sign-in page, with their published password.';
