-- Sending an invoice by mail, at most once: leased, then marked as handed over, then its words go out.

ALTER TABLE invoices
    ADD COLUMN send_lease uuid,
    ADD COLUMN send_leased_at timestamptz,
    ADD COLUMN send_handed_at timestamptz,
    ADD COLUMN send_next_at timestamptz,
    ADD COLUMN send_attempts integer NOT NULL DEFAULT 0 CHECK (send_attempts >= 0),
    ADD CONSTRAINT invoices_send_leased CHECK ((send_state IS NOT DISTINCT FROM 'sending') = (send_lease IS NOT NULL)
        AND (send_lease IS NULL) = (send_leased_at IS NULL)),
    ADD CONSTRAINT invoices_send_says_why CHECK (send_state IS NULL OR send_state NOT IN ('failed', 'uncertain')
        OR send_error IS NOT NULL);
