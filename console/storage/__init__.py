"""Everything that speaks to a database: the embedded server, the engine, queries and migrations.

The only floor that imports SQLAlchemy, psycopg, sqlcipher3 or Alembic; rows leave it as frozen dataclasses of
console.domain (docs/design.md, "Layout").
"""
