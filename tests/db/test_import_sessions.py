"""Importing into a real database: whole or not at all, and nothing invented."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from console.domain.importing import ImportOptions, Tally
from console.errors import Conflict, ConsoleError, Denied, Invalid, Unavailable
from console.services.imports.importer import ImportRequest, import_sessions
from console.storage import imports
from console.storage.imports import EXCEPTION_REASON
from tests.support import factories, session_files
from tests.support.databases import Connection, Database
from tests.support.importing import CAPACITY, Importing, rows, state
from tests.support.session_files import drop_in, drop_in_row, weekly


@pytest.fixture
def importing(fresh_database: Database, tmp_path: Path) -> Importing:
    """Imports into a database of this test alone."""
    return Importing(fresh_database, tmp_path)


def test_weekly_rows_become_a_series_with_its_skipped_week(importing: Importing, admin: Connection) -> None:
    report = importing(drop_in(*weekly("2026-01-06", [0, 1, 3]), drop_in_row("2026-01-09")))
    assert report.applied is not None
    assert report.applied.sessions == Tally(created=4)
    assert report.applied.exceptions == Tally(created=1)
    assert rows(
        admin,
        "SELECT days_of_week, start_time::text, duration_minutes, capacity, effective_from, effective_until"
        " FROM activity_recurring_schedules",
    ) == [([2], "16:00:00", 90, 12, date(2026, 1, 6), date(2026, 1, 27))]
    assert rows(admin, "SELECT exception_date, kind::text, reason FROM schedule_exceptions") == [
        (date(2026, 1, 20), "skipped", EXCEPTION_REASON)
    ]
    assert rows(
        admin,
        "SELECT session_date, start_time::text, end_time::text, total_capacity, recurring_schedule_id IS NOT NULL"
        " FROM activity_sessions ORDER BY 1",
    ) == [
        (date(2026, 1, 6), "16:00:00", "17:30:00", 12, True),
        (date(2026, 1, 9), "16:00:00", "17:30:00", 12, False),
        (date(2026, 1, 13), "16:00:00", "17:30:00", 12, True),
        (date(2026, 1, 27), "16:00:00", "17:30:00", 12, True),
    ]


def test_nothing_is_invented_about_a_venue_or_an_activity(importing: Importing, admin: Connection) -> None:
    report = importing(drop_in())
    assert rows(
        admin,
        "SELECT name, status::text, timezone, country, city, latitude, contact_email, contact_phone FROM venues",
    ) == [("Location 7", "pending_approval", "America/Toronto", "Canada", None, None, None, None)]
    assert rows(
        admin,
        "SELECT name, category, credits_required, min_age_months, max_age_months, is_published, activity_tags"
        " FROM activities",
    ) == [("Chess", None, None, 72, 155, False, {"section": "Hobbies and Interests - Drop-In"})]
    assert report.applied is not None
    assert (report.applied.uncategorised, report.applied.unpriced) == (1, 1)
    assert report.applied.pending[0].missing == (
        "name", "street address", "city", "state", "postal code", "latitude", "longitude", "e-mail address",
        "phone number",
    )  # fmt: skip


def test_a_venue_is_active_once_its_facts_exist(importing: Importing, admin: Connection) -> None:
    partly = {**session_files.VENUE, "contact_email": ""}
    first = importing(drop_in(), venues=session_files.venues(partly))
    assert first.applied is not None
    assert [(one.name, one.missing) for one in first.applied.pending] == [
        ("Harbour Hall", ("e-mail address",))
    ]
    second = importing(drop_in(), venues=session_files.venues())
    assert second.applied is not None
    assert second.applied.venues == Tally(changed=1)
    assert second.applied.activated == ("Harbour Hall",)
    assert second.applied.pending == ()
    assert rows(admin, "SELECT status::text, approved_at IS NOT NULL, latitude::float FROM venues") == [
        ("active", True, 43.64)
    ]
    # Somebody sends it back to the queue: the same file does not open it again.
    admin.execute("UPDATE venues SET status = 'pending_approval'")
    again = importing(drop_in(), venues=session_files.venues())
    assert again.applied is not None
    assert again.applied.activated == ()
    assert rows(admin, "SELECT status::text FROM venues") == [("pending_approval",)]


def test_a_dry_run_tells_the_truth_and_leaves_no_trace(importing: Importing, admin: Connection) -> None:
    before = state(admin)
    report = importing(drop_in(*weekly("2026-01-06", [0, 1])), dry_run=True)
    assert report.applied is not None
    assert report.applied.sessions == Tally(created=2)
    assert report.dry_run
    assert state(admin) == before


def test_a_bad_row_stops_everything_unless_bad_rows_are_skipped(
    importing: Importing, admin: Connection
) -> None:
    text = drop_in(drop_in_row(), drop_in_row("2026-01-07", DayOftheWeek="Friday"))
    refused = importing(text)
    assert refused.applied is None
    assert [(one.line, one.reason) for one in refused.rejected] == [
        (3, "The row says Friday, but 2026-01-07 is a Wednesday.")
    ]
    assert rows(admin, "SELECT count(*) FROM venues") == [(0,)]
    done = importing(text, skip_bad=True)
    assert done.applied is not None
    assert done.applied.sessions == Tally(created=1)
    assert done.rejected == refused.rejected


def test_auto_moves_the_busiest_week_to_the_present_one(importing: Importing, admin: Connection) -> None:
    text = drop_in(drop_in_row("2025-03-04"), *weekly("2025-03-11", [0]), drop_in_row("2025-03-13"))
    report = importing(text, ImportOptions(capacity=12, shift_weeks=None))
    assert report.shift_weeks == 42
    # The clock went forward on 9 March and not at new year: the time on the wall is what stays.
    assert rows(admin, "SELECT session_date, start_time::text FROM activity_sessions ORDER BY 1") == [
        (date(2025, 12, 23), "16:00:00"),
        (date(2025, 12, 30), "16:00:00"),
        (date(2026, 1, 1), "16:00:00"),
    ]


def test_sessions_cross_midnight(importing: Importing, admin: Connection) -> None:
    importing(drop_in(drop_in_row("2026-01-09", **{"Start Hour": 22, "End Hour": 1, "End Min": 0})))
    assert rows(
        admin,
        "SELECT session_date, start_time::text, end_time::text, ends_at - starts_at FROM activity_sessions",
    ) == [(date(2026, 1, 9), "22:00:00", "01:00:00", timedelta(hours=3))]


def test_rooms_come_from_a_mapping_and_meet_those_that_are_there(
    importing: Importing, admin: Connection
) -> None:
    layout = """
        [layout]
        name = "Club export"
        source = "club"
        timezone = "Europe/London"
        country = "UK"
        [columns]
        location = "Site"
        title = "Class"
        room = "Hall"
        date = "On"
        start = "From"
        end = "Until"
        capacity = "Places"
        category = "Kind"
        credits = "Price"
    """
    header = ("Site", "Class", "Hall", "On", "From", "Until", "Places", "Kind", "Price")
    one = ("Mill", "Ballet", "Studio A", "2026-03-02", "09:00", "10:00", 8, "dance", 3)
    importing(session_files.csv_text(header, [one]), ImportOptions(), layout=layout)
    venue = rows(admin, "SELECT id FROM venues")[0][0]
    factories.room(admin, venue_id=venue, name="studio b")
    two = ("Mill", "Jazz", "Studio B", "2026-03-02", "11:00", "12:00", 8, "dance", 3)
    report = importing(session_files.csv_text(header, [one, two]), ImportOptions(), layout=layout)
    assert report.applied is not None
    assert rows(admin, "SELECT name FROM rooms ORDER BY 1") == [("Studio A",), ("studio b",)]
    assert rows(
        admin,
        "SELECT a.name, r.name FROM activity_sessions s JOIN activities a ON a.id = s.activity_id"
        " JOIN rooms r ON r.id = s.room_id ORDER BY 1",
    ) == [("Ballet", "Studio A"), ("Jazz", "studio b")]
    assert rows(
        admin, "SELECT DISTINCT category::text, credits_required, capacity_per_session FROM activities"
    ) == [("dance", 3, 8)]
    assert (report.applied.uncategorised, report.applied.unpriced) == (0, 0)


def test_cancelling_leaves_nothing_behind(importing: Importing, admin: Connection) -> None:
    seen: list[str] = []

    def progress(stage: str, _done: int, _total: int) -> None:
        seen.append(stage)

    with pytest.raises(ConsoleError) as raised:
        importing(
            drop_in(*weekly("2026-01-06", [0, 1])), progress=progress, cancelled=lambda: "sessions" in seen
        )
    assert raised.value.code == "import_cancelled"
    assert rows(admin, "SELECT count(*) FROM venues") == [(0,)]
    assert list(dict.fromkeys(seen)) == ["venues", "rooms", "activities", "series", "sessions"]


def test_a_second_import_waits_its_turn(
    importing: Importing, admin: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LOCK_WAIT", "50ms")
    with admin.transaction():
        admin.execute("LOCK TABLE import_refs IN SHARE ROW EXCLUSIVE MODE")
        with pytest.raises(Conflict, match="Another import is running"):
            importing(drop_in())
    assert importing(drop_in()).applied is not None


def test_a_file_without_a_usable_row_changes_nothing(importing: Importing, admin: Connection) -> None:
    report = importing(drop_in(drop_in_row("2026-01-06", **{"Start Hour": 25})), skip_bad=True)
    assert report.applied is None
    assert rows(admin, "SELECT count(*) FROM import_refs") == [(0,)]
    with pytest.raises(Invalid, match="has no rows"):
        importing(session_files.csv_text(session_files.DROP_IN_HEADER, []))


def test_a_database_without_tables_is_said(tmp_path: Path, fresh_database: Database) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(drop_in(), encoding="utf-8")
    dsn = fresh_database.server.admin_dsn("postgres")
    with pytest.raises(Unavailable, match="no tables"):
        import_sessions(dsn, ImportRequest(path, options=CAPACITY))


def test_an_administrator_need_not_be_a_superuser(
    importing: Importing, admin: Connection, fresh_database: Database, tmp_path: Path
) -> None:
    admin.execute("CREATE ROLE import_test_admin LOGIN PASSWORD 'x' IN ROLE console_owner")
    admin.execute("CREATE ROLE import_test_nobody LOGIN PASSWORD 'x'")
    admin.execute(
        f"GRANT CONNECT ON DATABASE {fresh_database.name} TO import_test_admin, import_test_nobody".encode()
    )
    path = tmp_path / "sessions.csv"
    path.write_text(drop_in(), encoding="utf-8")
    request = ImportRequest(path, options=CAPACITY)
    try:
        with pytest.raises(Denied, match="administrator"):
            import_sessions(fresh_database.dsn("import_test_nobody", "x"), request)
        report = import_sessions(fresh_database.dsn("import_test_admin", "x"), request)
        assert report.applied is not None
        assert report.applied.sessions == Tally(created=1)
    finally:
        admin.execute(
            f"REVOKE CONNECT ON DATABASE {fresh_database.name} FROM import_test_admin, import_test_nobody".encode()
        )
        admin.execute("DROP ROLE import_test_admin, import_test_nobody")


def test_the_drop_in_file_of_toronto(importing: Importing, admin: Connection, shared_data: Path) -> None:
    text = (shared_data / "toronto" / "drop_in_sessions.csv").read_text(encoding="utf-8-sig")
    options = ImportOptions(capacity=20, shift_weeks=None)
    report = importing(text, options)
    assert report.rejected == ()
    done = report.applied
    assert done is not None
    assert (done.venues.created, done.activities.created, done.sessions.created) == (47, 1025, 5345)
    assert done.rooms.created == 0
    assert len(done.pending) == 47
    # In the database, expanding every series without its exceptions gives exactly its sessions.
    assert rows(
        admin,
        """SELECT count(*) FROM (
             SELECT r.id, d::date AS day FROM activity_recurring_schedules AS r,
                generate_series(r.effective_from, r.effective_until, interval '1 day') AS d
             WHERE r.days_of_week @> to_jsonb(extract(dow FROM d)::int)
                AND NOT EXISTS (SELECT FROM schedule_exceptions e
                    WHERE e.schedule_id = r.id AND e.exception_date = d::date)
           ) AS planned FULL JOIN (
             SELECT recurring_schedule_id AS id, session_date AS day FROM activity_sessions
             WHERE recurring_schedule_id IS NOT NULL) AS held USING (id, day)
           WHERE planned.id IS NULL OR held.id IS NULL""",
    ) == [(0,)]
    # Today, by the given clock, can be worked.
    assert rows(admin, "SELECT count(*) > 100 FROM activity_sessions WHERE session_date = '2026-01-01'") == [
        (True,)
    ]
    before = state(admin)
    again = importing(text, options)
    assert again.applied is not None
    assert again.applied.sessions == Tally(unchanged=5345)
    assert state(admin) == before


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("toronto/registered_programs.csv", (1, 7, 40)),
        ("philadelphia/activities.json", (31, 38, 4909)),
        ("philadelphia/activity.json", (1, 1, 12)),
    ],
)
def test_the_other_public_files(
    importing: Importing, shared_data: Path, name: str, counts: tuple[int, int, int]
) -> None:
    report = importing((shared_data / name).read_text(encoding="utf-8"))
    assert report.rejected == ()
    done = report.applied
    assert done is not None
    assert (done.venues.created, done.activities.created, done.sessions.created) == counts
