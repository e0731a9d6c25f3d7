-- Who asks to become a venue, what each venue must show, and how it was decided.

-- What a venue is in law; kept apart from the name parents read. suspended_at says since when it takes no new bookings.
ALTER TABLE venues
    ADD COLUMN legal_name varchar(255) CHECK (btrim(legal_name) <> ''),
    ADD COLUMN tax_number varchar(50) CHECK (btrim(tax_number) <> ''),
    ADD COLUMN suspended_at timestamptz,
    ADD COLUMN suspension_reason varchar(500);

-- What two applications or venues are compared by: lower case, no accents, no punctuation, no forms of company; digits of a
-- telephone or tax number. Made by vetting.keys(), so that a desk and an import find the same.
CREATE TABLE venue_keys (
    venue_id uuid PRIMARY KEY REFERENCES venues ON DELETE CASCADE,
    name_key text NOT NULL DEFAULT '',
    address_key text NOT NULL DEFAULT '',
    phone_key text NOT NULL DEFAULT '',
    tax_key text NOT NULL DEFAULT '',
    -- Beginnings of the name and of its telling words: names that share none are not compared letter by letter.
    name_blocks text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT app.now()
);
ALTER TABLE venue_keys ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_keys IS 'What venues are compared by when somebody may have applied twice.';
CREATE INDEX venue_keys_name ON venue_keys (name_key) WHERE name_key <> '';
CREATE INDEX venue_keys_address ON venue_keys (address_key) WHERE address_key <> '';
CREATE INDEX venue_keys_phone ON venue_keys (phone_key) WHERE phone_key <> '';
CREATE INDEX venue_keys_tax ON venue_keys (tax_key) WHERE tax_key <> '';
-- An import asks right after it wrote.
CREATE INDEX venue_keys_blocks ON venue_keys USING gin (name_blocks) WITH (fastupdate = off);

CREATE TYPE application_state AS ENUM ('draft', 'submitted', 'withdrawn');

-- A draft is the applicant's own; handing it in makes a venue that waits for approval, and a case.
CREATE TABLE venue_applications (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    state application_state NOT NULL DEFAULT 'draft',
    applicant_id uuid REFERENCES users ON DELETE RESTRICT,
    venue_id uuid UNIQUE REFERENCES venues ON DELETE RESTRICT,
    source varchar(20) NOT NULL DEFAULT 'form' CHECK (source IN ('form', 'import')),
    -- The row of the file it came from; the same row comes in once.
    source_key varchar(200) UNIQUE,
    name varchar(255) NOT NULL DEFAULT '',
    legal_name varchar(255),
    tax_number varchar(50),
    category activity_category,
    description text CHECK (length(description) <= 4000),
    address_line1 varchar(255),
    address_line2 varchar(255),
    city varchar(100),
    state_code varchar(100),
    postal_code varchar(20),
    country varchar(100) NOT NULL DEFAULT 'USA',
    latitude numeric(10, 8) CHECK (latitude BETWEEN -90 AND 90),
    longitude numeric(11, 8) CHECK (longitude BETWEEN -180 AND 180),
    timezone varchar(50),
    contact_name varchar(100),
    contact_email varchar(255),
    contact_phone varchar(50),
    website_url varchar(500),
    ages_from integer CHECK (ages_from BETWEEN 0 AND 18),
    ages_to integer CHECK (ages_to BETWEEN 0 AND 18),
    submitted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- A draft may be withdrawn, and so may what was handed in, which keeps its venue.
    CONSTRAINT venue_applications_submitted_whole CHECK (
        (submitted_at IS NULL) = (venue_id IS NULL)
        AND (state <> 'submitted' OR venue_id IS NOT NULL) AND (state <> 'draft' OR venue_id IS NULL)),
    CONSTRAINT venue_applications_ages CHECK (ages_to >= ages_from),
    CONSTRAINT venue_applications_whose CHECK (applicant_id IS NOT NULL OR source = 'import')
);
ALTER TABLE venue_applications ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_applications IS 'Asking to become a venue: a draft, then handed in once.';
CREATE INDEX venue_applications_applicant ON venue_applications (applicant_id) WHERE applicant_id IS NOT NULL;

CREATE TYPE case_kind AS ENUM ('new_venue', 'yearly_check', 'reinstatement', 'renewal');
CREATE TYPE case_state AS ENUM ('open', 'asked', 'decided');
CREATE TYPE case_outcome AS ENUM ('approved', 'approved_with_exception', 'rejected', 'withdrawn');

-- One thing to decide about a venue. `asked`: the venue was asked for changes, and headquarters waits for it.
CREATE TABLE venue_cases (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    kind case_kind NOT NULL,
    state case_state NOT NULL DEFAULT 'open',
    outcome case_outcome,
    opened_by uuid REFERENCES users ON DELETE RESTRICT,
    opened_at timestamptz NOT NULL DEFAULT app.now(),
    -- When it is to be decided by: opened_at and the service level of its kind.
    due_at timestamptz NOT NULL,
    asked_at timestamptz,
    claimed_by uuid REFERENCES users ON DELETE RESTRICT,
    claimed_at timestamptz,
    claimed_until timestamptz,
    decided_by uuid REFERENCES users ON DELETE RESTRICT,
    decided_at timestamptz,
    feedback text CHECK (length(feedback) <= 4000),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT venue_cases_claim_whole CHECK (num_nonnulls(claimed_by, claimed_at, claimed_until) IN (0, 3)),
    CONSTRAINT venue_cases_decided_whole CHECK (
        (state = 'decided') = (outcome IS NOT NULL) AND (state = 'decided') = (decided_at IS NOT NULL)),
    CONSTRAINT venue_cases_id_venue_key UNIQUE (id, venue_id)
);
ALTER TABLE venue_cases ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_cases IS 'What headquarters has to decide about a venue: claimed by one person at a time, decided once.';
-- A venue has one open case of a kind.
CREATE UNIQUE INDEX venue_cases_one ON venue_cases (venue_id, kind) WHERE state <> 'decided';
CREATE INDEX venue_cases_venue ON venue_cases (venue_id, opened_at DESC);
CREATE INDEX venue_cases_queue ON venue_cases (due_at, id) WHERE state = 'open';
CREATE INDEX venue_cases_waiting ON venue_cases (due_at, id) WHERE state = 'asked';
CREATE INDEX venue_cases_done ON venue_cases (decided_at DESC, id DESC) WHERE state = 'decided';
CREATE INDEX venue_cases_opened_by ON venue_cases (opened_by) WHERE opened_by IS NOT NULL;
CREATE INDEX venue_cases_claimed_by ON venue_cases (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX venue_cases_decided_by ON venue_cases (decided_by) WHERE decided_by IS NOT NULL;

-- What is filed for a requirement: the facts of one certificate, report or check, and what became of it.
CREATE TYPE filing_state AS ENUM ('draft', 'filed', 'accepted', 'declined', 'withdrawn', 'replaced');

CREATE TABLE requirement_filings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    requirement requirement_kind NOT NULL,
    state filing_state NOT NULL DEFAULT 'filed',
    -- insurance: provider, policy_number, coverage_amount; safety_audit: score, auditor, remarks; payout_account: last_four,
    -- holder, bank; background_checks and reverification: nothing but their people and documents.
    facts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    valid_from date,
    expires_on date,
    note varchar(1000),
    filed_by uuid REFERENCES users ON DELETE RESTRICT,
    filed_at timestamptz NOT NULL DEFAULT app.now(),
    decided_by uuid REFERENCES users ON DELETE RESTRICT,
    decided_at timestamptz,
    reason varchar(1000),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT requirement_filings_decided_whole CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT requirement_filings_declined_says_why CHECK (state <> 'declined' OR btrim(reason) <> ''),
    CONSTRAINT requirement_filings_in_order CHECK (expires_on >= valid_from),
    CONSTRAINT requirement_filings_id_venue_key UNIQUE (id, venue_id)
);
ALTER TABLE requirement_filings ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE requirement_filings IS 'What a venue, or headquarters for it, filed for a requirement, and what was decided about it.';
CREATE INDEX requirement_filings_venue ON requirement_filings (venue_id, requirement, filed_at DESC);
CREATE UNIQUE INDEX requirement_filings_one_accepted ON requirement_filings (venue_id, requirement) WHERE state = 'accepted';
CREATE UNIQUE INDEX requirement_filings_one_waiting ON requirement_filings (venue_id, requirement) WHERE state = 'filed';
CREATE INDEX requirement_filings_filed_by ON requirement_filings (filed_by) WHERE filed_by IS NOT NULL;
CREATE INDEX requirement_filings_decided_by ON requirement_filings (decided_by) WHERE decided_by IS NOT NULL;

-- The people whose background is checked. First names only; the report itself stays with whoever made it.
CREATE TABLE background_checks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    first_name varchar(100) NOT NULL CHECK (btrim(first_name) <> ''),
    works_as varchar(100) NOT NULL CHECK (btrim(works_as) <> ''),
    ordered_on date NOT NULL,
    result varchar(10) NOT NULL DEFAULT 'pending' CHECK (result IN ('pending', 'clear', 'failed')),
    decided_on date,
    expires_on date,
    left_on date,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT background_checks_decided_whole CHECK ((result = 'pending') = (decided_on IS NULL)),
    CONSTRAINT background_checks_in_order CHECK (decided_on >= ordered_on AND expires_on > decided_on)
);
ALTER TABLE background_checks ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE background_checks IS 'Whose background a venue had checked, and whether the answer came back clear.';
CREATE INDEX background_checks_venue ON background_checks (venue_id, ordered_on);

-- Files put to a filing: certificates, reports, photographs. What they are is in documents, of kind compliance.
CREATE TABLE filing_documents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    filing_id uuid NOT NULL,
    document_id uuid NOT NULL REFERENCES documents ON DELETE RESTRICT,
    title varchar(150) NOT NULL CHECK (btrim(title) <> ''),
    pages integer CHECK (pages > 0),
    -- In the order they were attached.
    position integer NOT NULL DEFAULT 1 CHECK (position > 0),
    added_by uuid REFERENCES users ON DELETE RESTRICT,
    added_at timestamptz NOT NULL DEFAULT app.now(),
    FOREIGN KEY (filing_id, venue_id) REFERENCES requirement_filings (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE filing_documents ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE filing_documents IS 'The files of a filing.';
CREATE INDEX filing_documents_filing ON filing_documents (filing_id, venue_id);
CREATE INDEX filing_documents_venue ON filing_documents (venue_id);
CREATE INDEX filing_documents_document ON filing_documents (document_id);
CREATE INDEX filing_documents_added_by ON filing_documents (added_by) WHERE added_by IS NOT NULL;

-- Who looked at which file, and when first.
CREATE TABLE document_reads (
    document_id uuid NOT NULL REFERENCES documents ON DELETE RESTRICT,
    user_id uuid NOT NULL REFERENCES users ON DELETE RESTRICT,
    read_at timestamptz NOT NULL DEFAULT app.now(),
    PRIMARY KEY (document_id, user_id)
);
ALTER TABLE document_reads ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE document_reads IS 'When a reviewer first opened a document.';
CREATE INDEX document_reads_user ON document_reads (user_id);

-- A requirement may be waived for a while; until then it counts as met.
ALTER TABLE venue_requirements ADD COLUMN excepted_until date;
-- When the last exception ran out with nothing in its place: from then on the requirement has expired, not merely missing.
ALTER TABLE venue_requirements ADD COLUMN exception_ended_on date;
-- Set when the venue was told that it will be suspended: not before the day after.
ALTER TABLE venue_requirements ADD COLUMN grace_until date;
ALTER TABLE venue_requirements ADD CONSTRAINT venue_requirements_exception_ends
    CHECK (excepted_until IS NULL OR state = 'excepted');

-- What happened to a venue, in order, as people read it: the history of its case and of its file.
CREATE TABLE venue_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE RESTRICT,
    case_id uuid,
    kind varchar(40) NOT NULL CHECK (kind ~ '^[a-z][a-z_]*$'),
    requirement requirement_kind,
    -- Numbers and words the sentence is made of; `reason` is what somebody wrote.
    facts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    reason text,
    by_user uuid REFERENCES users ON DELETE RESTRICT,
    at timestamptz NOT NULL DEFAULT app.now(),
    FOREIGN KEY (case_id, venue_id) REFERENCES venue_cases (id, venue_id) ON DELETE RESTRICT
);
ALTER TABLE venue_events ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE venue_events IS 'What was decided about a venue and what happened to it; append-only.';
CREATE INDEX venue_events_venue ON venue_events (venue_id, at DESC, id DESC);
CREATE INDEX venue_events_case ON venue_events (case_id, venue_id) WHERE case_id IS NOT NULL;
CREATE INDEX venue_events_by ON venue_events (by_user) WHERE by_user IS NOT NULL;

-- Words that a decision begins from; a person adds to them.
CREATE TABLE decision_templates (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    decision varchar(20) NOT NULL CHECK (decision IN ('reject', 'ask', 'suspend', 'reinstate', 'decline', 'except')),
    title varchar(100) NOT NULL CHECK (btrim(title) <> ''),
    body text NOT NULL CHECK (btrim(body) <> '' AND length(body) <= 2000),
    position integer NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT app.now(),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    version integer NOT NULL DEFAULT 1,
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT decision_templates_once UNIQUE (decision, title)
);
ALTER TABLE decision_templates ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE decision_templates IS 'Words to begin a decision from.';

INSERT INTO platform_settings (key, value, data_type, category, description) VALUES
    ('approval_claim_minutes', '20', 'number', 'compliance', 'How long a claimed approval stays with the person who claimed it.'),
    ('approval_service_days', '5', 'number', 'compliance', 'Within how many days an approval is to be decided.'),
    ('safety_audit_minimum', '70', 'number', 'compliance', 'The least score of a safety audit.'),
    ('reverification_months', '12', 'number', 'compliance', 'How often a venue is verified anew.'),
    ('compliance_suspends', 'false', 'boolean', 'compliance', 'Whether a venue is suspended when a requirement has expired.'),
    ('compliance_grace_days', '14', 'number', 'compliance', 'How long after the expiry a venue is suspended, where it is.');
