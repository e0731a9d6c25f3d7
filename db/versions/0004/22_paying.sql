-- Where an attempt sends the money is fixed with its key: the same key asked again with another account would be another payment.
ALTER TABLE payout_attempts
    ADD COLUMN destination varchar(255),
    -- A key is recognised for a day: what is older is looked up, never asked again.
    ADD COLUMN first_asked_at timestamptz,
    -- Set when the other side's answer contradicts what was asked: a person has to look, and nothing is paid again meanwhile.
    ADD COLUMN needs_person boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT payout_attempts_person_says_why CHECK (NOT needs_person OR failure IS NOT NULL);
CREATE UNIQUE INDEX payout_attempts_provider_id ON payout_attempts (method, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX payout_attempts_looked_at ON payout_attempts (next_at) WHERE state = 'paid' AND next_at IS NOT NULL;
