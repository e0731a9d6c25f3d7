"""`nexus-console import sessions` as it is typed: exit codes, one sentence for a refusal, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import __main__ as front
from console.domain.importing import REQUIRED_OF_VENUE
from tests.support import databases, session_files
from tests.support.databases import Connection, Database
from tests.support.session_files import drop_in, drop_in_row, weekly


class Command:
    """The command against one database."""

    def __init__(self, database: Database, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.database = database
        self.folder = folder
        self.capsys = capsys

    def __call__(self, content: str | bytes, *options: str) -> tuple[int, str, str]:
        path = self.file("sessions.csv", content)
        code = front.main(["import", "sessions", path, *options, "--admin-dsn", self.database.admin_dsn])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return str(path)


@pytest.fixture
def command(fresh_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(fresh_database, tmp_path, capsys)


def test_the_report_counts_everything_and_says_what_waits(command: Command) -> None:
    code, out, err = command(drop_in(*weekly("2026-01-06", [0, 1, 3])), "--capacity", "12")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:8] == [
        "sessions.csv: Toronto drop-in sessions (CSV), 3 rows.",
        "Imported:",
        "  venues           1  1 new",
        "  rooms            0",
        "  activities       1  1 new",
        "  series           1  1 new",
        "  exceptions       1  1 new",
        "  sessions         3  3 new",
    ]
    assert lines[8:11] == [
        f"1 venue waiting (no {', '.join(REQUIRED_OF_VENUE.values())}): Location 7.",
        "1 activity without a category: not published before there is one (--category gives it to all).",
        "1 activity without a price in credits: not published before there is one (--credits gives it to all).",
    ]
    again = command(drop_in(*weekly("2026-01-06", [0, 1, 3])), "--capacity", "12")
    assert "  sessions         3  3 unchanged" in again[1]


def test_options_give_what_the_file_lacks(command: Command, admin: Connection) -> None:
    facts = command.file("venues.csv", session_files.venues())
    code, out, _ = command(
        drop_in(), "--capacity", "9", "--credits", "3", "--category", "reading", "--timezone", "America/Vancouver",
        "--venues", facts, "--shift-weeks", "-1",
    )  # fmt: skip
    assert code == 0
    assert "All dates are moved by -1 weeks." in out
    assert "1 venue complete and now active: Harbour Hall." in out
    assert "without" not in out
    row = admin.execute(
        """SELECT a.credits_required, a.category::text, s.total_capacity, s.starts_at::text, v.status::text
           FROM activity_sessions AS s JOIN activities AS a ON a.id = s.activity_id
           JOIN venues AS v ON v.id = s.venue_id"""
    ).fetchone()
    assert row is not None
    assert row[:3] == (3, "reading", 9)
    assert row[4] == "active"


def test_bad_rows_are_listed_and_nothing_is_imported(command: Command, admin: Connection) -> None:
    text = drop_in(drop_in_row(), drop_in_row(**{"Start Hour": 24}), drop_in_row(DayOftheWeek="Sunday"))
    code, out, err = command(text, "--capacity", "5")
    assert code == 1
    assert out.splitlines() == [
        "sessions.csv: Toronto drop-in sessions (CSV), 3 rows.",
        "Line 3: Start Hour is “24”; it must be a whole number from 0 to 23.",
        "Line 4: The row says Sunday, but 2026-01-06 is a Tuesday.",
    ]
    assert (
        err == "Nothing was imported: 2 rows cannot be used. Mend them, or leave them out with --skip-bad.\n"
    )
    assert admin.execute("SELECT count(*) FROM venues").fetchone() == (0,)
    code, out, err = command(text, "--capacity", "5", "--skip-bad")
    assert (code, err) == (0, "")
    assert "  rejected         2  left out" in out


def test_no_usable_row_at_all(command: Command) -> None:
    code, _, err = command(drop_in(drop_in_row(**{"Start Hour": 24})), "--capacity", "5", "--skip-bad")
    assert (code, err) == (1, "None of the 1 row can be imported.\n")


def test_a_dry_run_says_so(command: Command, admin: Connection) -> None:
    code, out, _ = command(drop_in(), "--capacity", "5", "--dry-run")
    assert code == 0
    assert "This would be done:" in out
    assert admin.execute("SELECT count(*) FROM venues").fetchone() == (0,)


def test_a_kept_session_is_named(command: Command, admin: Connection) -> None:
    command(drop_in(), "--capacity", "5")
    admin.execute("UPDATE activity_sessions SET changed_by_hand = true")
    _, out, _ = command(drop_in(drop_in_row(**{"End Hour": 19})), "--capacity", "5")
    assert "Kept as it is, because it was changed by hand: Chess, Location 7, 2026-01-06 16:00." in out


def test_another_layout_needs_a_mapping(command: Command, admin: Connection) -> None:
    text = "Where;What;When;From;Until\nHall;Choir;2026-03-02;18:00;19:00\n"
    code, _, err = command(text, "--capacity", "5")
    assert code == 1
    assert err == (
        "The layout of this file is not known. Describe its columns in a mapping file and give that with --layout.\n"
    )
    layout = command.file(
        "choir.toml",
        """
        [layout]
        name = "Choir list"
        source = "choir"
        country = "Kyrgyzstan"
        delimiter = ";"
        [columns]
        location = "Where"
        title = "What"
        date = "When"
        start = "From"
        end = "Until"
        """,
    )
    code, _, err = command(text, "--capacity", "5", "--layout", layout)
    assert (
        err
        == "The file does not say in which time zone its times are. Give --timezone, such as America/Toronto.\n"
    )
    code, out, _ = command(text, "--capacity", "5", "--layout", layout, "--timezone", "Asia/Bishkek")
    assert code == 0
    assert out.startswith("sessions.csv: Choir list, 1 row.")
    assert admin.execute("SELECT timezone, session_date::text FROM activity_sessions").fetchall() == [
        ("Asia/Bishkek", "2026-03-02")
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 64,
        b"\xff\xfe\x00",
        bytes(range(256)) * 20,
        b"PK\x03\x04",
        b"{",
        b'{"rows": ' + b"[" * 50_000,
        b"a,b\n1,2\n",
        b'"' * 1001,
        drop_in().encode("utf-16")[:-1],
        (session_files.csv_text(session_files.DROP_IN_HEADER, []) + "\x00,\n").encode(),
        b"\x1a",
    ],
)
def test_whatever_the_file_holds_a_refusal_is_one_sentence(command: Command, content: bytes) -> None:
    code, _, err = command(content, "--capacity", "5", "--skip-bad")
    assert code == 1
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert "went wrong inside" not in err


@pytest.mark.parametrize(
    "options",
    [
        ["--capacity", "0"],
        ["--capacity", "many"],
        ["--capacity", "٣"],
        ["--shift-weeks", "soon"],
        ["--category", "knitting"],
        ["--timezone", "EST5EDT4"],
        ["--credits", "-1"],
    ],
)
def test_a_wrong_option_is_a_wrong_command_line(command: Command, options: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        command(drop_in(), *options)
    assert raised.value.code == 2


def test_a_new_database_gets_its_tables_and_an_older_one_is_refused(
    command: Command, admin: Connection, fresh_database: Database
) -> None:
    empty = Database(fresh_database.server, f"{fresh_database.name}_empty")
    admin.execute(f"CREATE DATABASE {empty.name}".encode())
    try:
        assert Command(empty, command.folder, command.capsys)(drop_in(), "--capacity", "5")[0] == 0
        with empty.connect() as connection:
            assert connection.execute("SELECT count(*) FROM activity_sessions").fetchone() == (1,)
            connection.execute("DELETE FROM app.schema_files")
        code, _, err = Command(empty, command.folder, command.capsys)(drop_in(), "--capacity", "5")
        assert (code, err) == (1, "The database is older than this console. Run: nexus-console db upgrade\n")
    finally:
        databases.drop(empty)
