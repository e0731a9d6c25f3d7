-- Since version 0006.
-- The threshold of curation stands in the settings too, where whoever curates reads it; saving a formula keeps both equal.
CREATE POLICY score_functions_set ON platform_settings FOR UPDATE TO console_api
    USING (key = 'venue_score_curation_threshold') WITH CHECK (key = 'venue_score_curation_threshold');
GRANT UPDATE (value, updated_by) ON platform_settings TO console_api;
