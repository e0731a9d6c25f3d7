-- When the books were checked, and how much was found each time.
CREATE TABLE book_checks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ran_at timestamptz NOT NULL DEFAULT app.now(),
    found integer NOT NULL CHECK (found >= 0),
    person_id uuid REFERENCES users ON DELETE RESTRICT
);
ALTER TABLE book_checks ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE book_checks IS 'Each run of the daily check of money and attendance; person_id is who asked for it, NULL for the worker.';
CREATE INDEX book_checks_ran ON book_checks (ran_at DESC);
CREATE INDEX book_checks_person ON book_checks (person_id) WHERE person_id IS NOT NULL;
