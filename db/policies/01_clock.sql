-- Whoever asks for the time reads this table.
DROP POLICY IF EXISTS fixed_clock_read ON app.fixed_clock;
CREATE POLICY fixed_clock_read ON app.fixed_clock FOR SELECT USING (true);
