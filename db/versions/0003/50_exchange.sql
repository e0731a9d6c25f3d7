-- How the columns of a venue's own tables were read the last time, so that the next file of that shape needs no answers.

CREATE TABLE import_mappings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    venue_id uuid NOT NULL REFERENCES venues ON DELETE CASCADE,
    -- What tells one file's columns from another's: a hash of the headings, in order.
    shape varchar(64) NOT NULL CHECK (shape ~ '^[0-9a-f]{64}$'),
    mapping jsonb NOT NULL CONSTRAINT import_mappings_is_object CHECK (jsonb_typeof(mapping) = 'object'),
    updated_at timestamptz NOT NULL DEFAULT app.now(),
    CONSTRAINT import_mappings_shape_key UNIQUE (venue_id, shape)
);
ALTER TABLE import_mappings ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE import_mappings IS 'Which column of a venue''s own tables holds which fact, by the shape of the table.';
