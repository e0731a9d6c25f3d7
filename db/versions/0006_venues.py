"""What vetting venues needs: applications, cases, filings, scores and disputes, reviews, announcements.

The statements are plain SQL beside this module (`0006/`), run in the order of their names. See db/CONVENTIONS.md.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    for file in sorted(Path(__file__).with_name("0006").glob("*.sql")):
        driver.execute(file.read_bytes())


def downgrade() -> None:
    """Refuse: going back would lose what was written down. A backup is the way back."""
    raise RuntimeError("This schema is not taken back; restore a backup instead.")
