"""The window's fixtures, for every test of this folder; async tests here run on Qt's loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from console.loop import QtEventLoop
from tests.support import (
    pages_activities,
    pages_announcements,
    pages_approvals,
    pages_compliance,
    pages_desk,
    pages_editor,
    pages_exchange,
    pages_feedback,
    pages_integrity,
    pages_invoices,
    pages_jobs,
    pages_offline,
    pages_payouts,
    pages_programme,
    pages_revenue,
    pages_scores,
    pages_statistics,
    pages_venue_file,
    pages_waitlist,
)
from tests.support.qt import clock, hub, new_loop, qt_loop

# Importing it registers pages, before tests ask for them all.
__all__ = [
    "clock",
    "hub",
    "pages_activities",
    "pages_announcements",
    "pages_approvals",
    "pages_compliance",
    "pages_desk",
    "pages_editor",
    "pages_exchange",
    "pages_feedback",
    "pages_integrity",
    "pages_invoices",
    "pages_jobs",
    "pages_offline",
    "pages_payouts",
    "pages_programme",
    "pages_revenue",
    "pages_scores",
    "pages_statistics",
    "pages_venue_file",
    "pages_waitlist",
    "qt_loop",
]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], QtEventLoop]]:
    """Which loops async tests run on: the console's."""
    return {"qt": new_loop}
