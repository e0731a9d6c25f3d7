-- Alembic makes its own table; it is closed like every other.
ALTER TABLE app.alembic_version ENABLE ROW LEVEL SECURITY;
