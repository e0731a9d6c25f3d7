"""Importing again: only what the file says differently, and never over what people decided."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from console.domain.importing import ImportOptions, Tally
from tests.support import factories, session_files
from tests.support.databases import Connection, Database
from tests.support.importing import Importing, rows, session_on, state
from tests.support.session_files import drop_in, drop_in_row, weekly


@pytest.fixture
def importing(fresh_database: Database, tmp_path: Path) -> Importing:
    """Imports into a database of this test alone."""
    return Importing(fresh_database, tmp_path)


EXPECTED_REASONS = {
    "booking": "has bookings",
    "by hand": "changed by hand",
    "cancelled": "cancelled",
    "closed": "already closed",
    "waiting": "has a waiting list",
}


def test_importing_again_changes_nothing(importing: Importing, admin: Connection) -> None:
    text = drop_in(*weekly("2026-01-06", [0, 1, 3]), drop_in_row("2026-01-09"))
    importing(text, venues=session_files.venues())
    before = state(admin)
    audit = rows(admin, "SELECT count(*) FROM audit_logs")
    again = importing(text, venues=session_files.venues())
    assert again.applied is not None
    assert again.applied.sessions == Tally(unchanged=4)
    assert again.applied.series == again.applied.venues == again.applied.activities == Tally(unchanged=1)
    assert again.applied.exceptions == Tally(unchanged=1)
    assert state(admin) == before
    assert rows(admin, "SELECT count(*) FROM audit_logs") == audit


def test_a_changed_file_changes_what_it_says_and_no_more(importing: Importing, admin: Connection) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1, 2])))
    admin.execute("UPDATE activities SET full_description = 'Edited here', name = 'Chess club'")
    ids = rows(admin, "SELECT id FROM activity_sessions ORDER BY session_date")
    later = [
        drop_in_row("2026-01-06"),
        drop_in_row("2026-01-13", **{"End Hour": 18}),
        drop_in_row("2026-01-27"),
    ]
    report = importing(drop_in(*later, drop_in_row("2026-01-20", **{"Age Max": 12})))
    assert report.applied is not None
    # One moved its end, one is new, two stay; the series was cut around the odd one.
    assert report.applied.sessions == Tally(created=1, changed=1, unchanged=2)
    assert rows(admin, "SELECT name, full_description FROM activities") == [("Chess club", "Edited here")]
    found = rows(admin, "SELECT id, end_time::text FROM activity_sessions ORDER BY session_date")
    assert [one[0] for one in found[:3]] == [one[0] for one in ids]
    assert [one[1] for one in found] == ["17:30:00", "18:30:00", "17:30:00", "17:30:00"]


def test_a_row_that_disappears_takes_its_session_along(importing: Importing, admin: Connection) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1, 2, 3])))
    report = importing(drop_in(*weekly("2026-01-06", [0, 2, 3])))
    assert report.applied is not None
    assert report.applied.sessions == Tally(removed=1, unchanged=3)
    assert report.applied.series == Tally(changed=1)
    assert report.applied.exceptions == Tally(created=1)
    assert rows(admin, "SELECT exception_date FROM schedule_exceptions") == [(date(2026, 1, 13),)]
    back = importing(drop_in(*weekly("2026-01-06", [0, 1, 2, 3])))
    assert back.applied is not None
    assert back.applied.sessions == Tally(created=1, unchanged=3)
    assert back.applied.exceptions == Tally(removed=1)


def test_the_next_months_file_leaves_the_last_months_sessions(
    importing: Importing, admin: Connection
) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1, 2])))
    report = importing(drop_in(*weekly("2026-01-20", [0, 1, 2])))
    assert report.applied is not None
    assert report.applied.sessions.removed == 0
    assert rows(admin, "SELECT count(*) FROM activity_sessions") == [(5,)]


def test_an_extract_takes_no_other_course_away(importing: Importing, admin: Connection) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1]), *weekly("2026-01-06", [0, 1], Course_ID=200)))
    report = importing(drop_in(*weekly("2026-01-06", [0, 1])))
    assert report.applied is not None
    assert report.applied.sessions == Tally(unchanged=2)
    assert report.applied.series == Tally(unchanged=1)
    assert rows(admin, "SELECT count(*) FROM activity_sessions") == [(4,)]


def test_a_rejected_row_is_no_reason_to_remove_its_session(importing: Importing, admin: Connection) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1, 2])))
    broken = [
        drop_in_row("2026-01-06"),
        drop_in_row("2026-01-13", **{"Start Hour": "four"}),
        drop_in_row("2026-01-20"),
    ]
    report = importing(drop_in(*broken), skip_bad=True)
    assert report.applied is not None
    assert report.applied.withheld == 1
    assert rows(admin, "SELECT count(*) FROM activity_sessions") == [(3,)]


@pytest.mark.parametrize("stake", ["booking", "by hand", "cancelled", "closed", "waiting"])
def test_what_people_decided_stays(importing: Importing, admin: Connection, stake: str) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1, 2, 3])))
    moved, dropped = session_on(admin, "2026-01-13"), session_on(admin, "2026-01-20")
    for session in (moved, dropped):
        if stake == "booking":
            factories.booking(admin, session_id=session)
        elif stake == "by hand":
            admin.execute("UPDATE activity_sessions SET changed_by_hand = true WHERE id = %s", [session])
        elif stake == "cancelled":
            admin.execute(
                "UPDATE activity_sessions SET is_cancelled = true, cancelled_at = app.now() WHERE id = %s",
                [session],
            )
        elif stake == "closed":
            admin.execute("UPDATE activity_sessions SET closed_at = app.now() WHERE id = %s", [session])
        else:
            parent = factories.parent(admin)
            child = factories.child(admin, parent_id=parent)
            admin.execute(
                "INSERT INTO waitlist (session_id, venue_id, child_id, user_id)"
                " SELECT id, venue_id, %s, %s FROM activity_sessions WHERE id = %s",
                [child, parent, session],
            )
    query = "SELECT id, starts_at, ends_at FROM activity_sessions WHERE id = ANY (%s) ORDER BY id"
    before = rows(admin, query, [moved, dropped])
    changed = [
        drop_in_row("2026-01-06"),
        drop_in_row("2026-01-13", **{"End Hour": 19}),
        drop_in_row("2026-01-27"),
    ]
    report = importing(drop_in(*changed))
    assert report.applied is not None
    assert [(one.starts_at.date(), one.reason) for one in report.applied.kept] == [
        (date(2026, 1, 13), EXPECTED_REASONS[stake]),
        (date(2026, 1, 20), EXPECTED_REASONS[stake]),
    ]
    assert rows(admin, query, [moved, dropped]) == before


def test_everything_that_points_at_a_session_is_considered(admin: Connection) -> None:
    """A new table that points at sessions must be thought of in import_sessions, or a removal fails."""
    found = rows(
        admin,
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        " AND confrelid = 'activity_sessions'::regclass AND confdeltype NOT IN ('c', 'n') ORDER BY 1",
    )
    assert {name for (name,) in found} <= {"bookings", "waitlist", "attendance_events", "review_items"}


def test_another_shift_moves_the_same_sessions(importing: Importing, admin: Connection) -> None:
    text = drop_in(*weekly("2026-01-06", [0, 1, 3, 4]))
    importing(text)
    ids = rows(admin, "SELECT id FROM activity_sessions ORDER BY starts_at")
    report = importing(text, ImportOptions(capacity=12, shift_weeks=1))
    assert report.applied is not None
    assert report.applied.sessions == Tally(changed=4)
    assert report.applied.series == Tally(changed=1)
    assert rows(admin, "SELECT id FROM activity_sessions ORDER BY starts_at") == ids
    assert rows(admin, "SELECT session_date, start_time::text FROM activity_sessions ORDER BY 1") == [
        (date(2026, 1, 13) + timedelta(weeks=week), "16:00:00") for week in (0, 1, 3, 4)
    ]
    assert rows(admin, "SELECT count(*) FROM activity_sessions WHERE recurring_schedule_id IS NULL") == [(0,)]
    assert rows(admin, "SELECT exception_date FROM schedule_exceptions") == [(date(2026, 1, 27),)]


def test_a_booked_session_keeps_its_place_when_others_move_there(
    importing: Importing, admin: Connection
) -> None:
    text = drop_in(*weekly("2026-01-06", [0, 1, 2]))
    importing(text)
    factories.booking(admin, session_id=session_on(admin, "2026-01-13"))
    report = importing(text, ImportOptions(capacity=12, shift_weeks=1))
    assert report.applied is not None
    assert report.applied.sessions == Tally(changed=2, unchanged=1)
    assert len(report.applied.kept) == 1
    assert rows(
        admin, "SELECT session_date, recurring_schedule_id IS NOT NULL FROM activity_sessions ORDER BY 1, 2"
    ) == [(date(2026, 1, 13), False), (date(2026, 1, 13), True), (date(2026, 1, 27), True)]


def test_sessions_that_the_console_generated_are_taken_over(importing: Importing, admin: Connection) -> None:
    importing(drop_in(*weekly("2026-01-06", [0, 1])))
    admin.execute(
        """INSERT INTO activity_sessions
             (activity_id, venue_id, recurring_schedule_id, starts_at, ends_at, total_capacity)
           SELECT activity_id, venue_id, recurring_schedule_id,
             starts_at + interval '7 days', ends_at + interval '7 days', 9
           FROM activity_sessions WHERE session_date = '2026-01-13'"""
    )
    report = importing(drop_in(*weekly("2026-01-06", [0, 1, 2])))
    assert report.applied is not None
    assert report.applied.sessions == Tally(unchanged=3)
    assert rows(admin, "SELECT count(*) FROM activity_sessions") == [(3,)]


def test_places_of_one_publisher_are_one_venue_in_both_layouts(
    importing: Importing, admin: Connection
) -> None:
    importing(drop_in())
    importing(session_files.registered())
    assert rows(admin, "SELECT name FROM venues") == [("Harbour Hall",)]
    again = importing(drop_in())
    assert again.applied is not None
    assert again.applied.venues == Tally(unchanged=1)
    assert rows(admin, "SELECT name FROM venues") == [("Harbour Hall",)]


def test_edits_made_here_survive_the_same_file(importing: Importing, admin: Connection) -> None:
    importing(drop_in(), venues=session_files.venues())
    admin.execute("UPDATE venues SET contact_phone = '+1 416 555 0111'")
    admin.execute("UPDATE activities SET min_age_months = 60")
    report = importing(drop_in(), venues=session_files.venues())
    assert report.applied is not None
    assert report.applied.venues == report.applied.activities == Tally(unchanged=1)
    assert rows(admin, "SELECT contact_phone FROM venues") == [("+1 416 555 0111",)]
    assert rows(admin, "SELECT min_age_months FROM activities") == [(60,)]
