-- Whoever asks for the time reads this table.
GRANT SELECT ON app.fixed_clock TO console_auth, console_api, console_jobs, console_worker, console_client;
CREATE POLICY fixed_clock_read ON app.fixed_clock FOR SELECT USING (true);
