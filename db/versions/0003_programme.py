"""What a venue's programme and the work that runs by itself need: weekly intervals, closures, messages, jobs.

The statements are plain SQL beside this module (`0003/`), run in the order of their names. See db/CONVENTIONS.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from alembic import op
from psycopg import sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    _make_queue(driver)
    for file in sorted(Path(__file__).with_name("0003").glob("*.sql")):
        driver.execute(file.read_bytes())


def _make_queue(driver: psycopg.Connection[Any]) -> None:
    """The worker's queue is a package's: its own statements, in a schema that remembers which release they are of.

    `30_jobs.sql` closes it to everybody but the worker.
    """
    from procrastinate import schema

    newest = max(file.stem for file in schema.migrations_path.glob("[0-9]*.sql"))
    driver.execute("SET LOCAL search_path = jobs")
    driver.execute(schema.SchemaManager.get_schema())
    driver.execute(
        sql.SQL("COMMENT ON SCHEMA jobs IS {}").format(sql.Literal(f"procrastinate {newest[:11]}"))
    )
    # What follows names tables of public without their schema.
    driver.execute("SET LOCAL search_path = public")


def downgrade() -> None:
    """Refuse: going back would lose what was written down. A backup is the way back."""
    raise RuntimeError("This schema is not taken back; restore a backup instead.")
