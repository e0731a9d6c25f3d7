"""What a whole day at the front desk needs beside the first schema: notes, pickup tags, owed credits, registrations.

The statements are plain SQL beside this module (`0002/`), run in the order of their names. See db/CONVENTIONS.md.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    for file in sorted(Path(__file__).with_name("0002").glob("*.sql")):
        driver.execute(file.read_bytes())


def downgrade() -> None:
    """Refuse: going back would lose what was written down. A backup is the way back."""
    raise RuntimeError("This schema is not taken back; restore a backup instead.")
