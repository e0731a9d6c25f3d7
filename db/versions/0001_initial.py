"""The first schema: every table, enum and index, in files by subject.

The statements are plain SQL beside this module (`0001/`), because SQL is what they are reviewed as. Functions,
triggers, policies and grants are not here: they are re-applied whole at each upgrade from `functions/` and
`policies/`, so that the newest text is always what runs. See db/CONVENTIONS.md.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FILES = (
    "00_state.sql",
    "01_clock.sql",
    "02_enums.sql",
    "10_people.sql",
    "20_venues.sql",
    "auth.sql",
    "30_activities.sql",
    "40_children.sql",
    "50_credits.sql",
    "60_bookings.sql",
    "70_attendance.sql",
    "80_platform.sql",
    "82_feedback.sql",
    "84_money.sql",
    "86_quality.sql",
    "88_search.sql",
    "90_operations.sql",
)


def upgrade() -> None:
    """Create everything, in the order in which one file needs another."""
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    folder = Path(__file__).with_name("0001")
    for name in FILES:
        driver.execute((folder / name).read_bytes())


def downgrade() -> None:
    """Refuse: going back would lose money and attendance facts. A backup is the way back."""
    raise RuntimeError("The first schema is not taken back; restore a backup instead.")
