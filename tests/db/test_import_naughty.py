"""Hostile strings in every text field of every layout: kept exactly, or refused with their line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.domain.importing import ImportOptions, ImportReport
from console.services.imports.importer import ImportRequest, import_sessions
from tests.support import session_files
from tests.support.databases import Connection, Database

NOW = datetime(2026, 1, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def naughty(shared_data: Path) -> list[str]:
    """The public list, and some of what it lacks."""
    listed = json.loads((shared_data / "naughty_strings" / "blns.json").read_text(encoding="utf-8"))
    more = [
        "nul\x00inside",
        "bell\x07",
        "line\nbreak",
        "carriage\rreturn",
        "tab\tinside",
        "\ud800",
        "\x85",
        "x" * 300,
    ]
    return [*listed, *more]


def imported(database: Database, folder: Path, text: bytes, venues: str | None = None) -> ImportReport:
    path = folder / "sessions"
    path.write_bytes(text)
    facts = None
    if venues is not None:
        facts = folder / "venues.csv"
        facts.write_text(venues, encoding="utf-8", newline="")
    request = ImportRequest(path, venues=facts, options=ImportOptions(capacity=5), skip_bad=True)
    return import_sessions(database.admin_dsn, request, now=NOW)


def kept(connection: Connection, query: str) -> list[Any]:
    return [value for (value,) in connection.execute(query.encode()).fetchall()]


def check(strings: list[str], kept_by_course: dict[str, Any], report: ImportReport) -> None:
    """Every string is there as it was, without the blanks around it, or stands among the refused."""
    missing = [at for at, string in enumerate(strings) if str(at) not in kept_by_course]
    assert len(missing) == len(report.rejected)
    assert all(one.reason.endswith(".") and one.reason.isprintable() for one in report.rejected)
    for course, value in kept_by_course.items():
        assert value == strings[int(course)].strip()
    # Refusals are for what is empty, too long or no text; everything else is somebody's name.
    assert len(missing) < 40


@pytest.mark.parametrize(
    ("label", "column"),
    [("Course Title", "a.name"), ("Section", "a.activity_tags ->> 'section'")],
)
def test_in_a_csv_cell(
    fresh_database: Database, admin: Connection, tmp_path: Path, naughty: list[str], label: str, column: str
) -> None:
    rows = [
        session_files.drop_in_row(**{"Course_ID": at, label: string}) for at, string in enumerate(naughty)
    ]
    text = session_files.drop_in(*rows).encode("utf-8", "surrogatepass").replace(b"\xed\xa0\x80", b"\x00")
    report = imported(fresh_database, tmp_path, text)
    found = admin.execute(
        f"""SELECT r.key::jsonb ->> 1, {column} FROM activities AS a
            JOIN import_refs AS r ON r.entity_id = a.id AND r.entity_type = 'activity'""".encode()
    ).fetchall()
    check(naughty, dict(found), report)
    # Slugs are made of whatever letters there are, and no two are the same.
    slugs = kept(admin, "SELECT slug FROM activities")
    assert len(set(slugs)) == len(slugs)
    assert all(slug.replace("-", "").isalnum() and slug.isascii() for slug in slugs)


@pytest.mark.parametrize("label", ["Location ID", "Course_ID"])
def test_in_a_csv_key(
    fresh_database: Database, admin: Connection, tmp_path: Path, naughty: list[str], label: str
) -> None:
    distinct = list(dict.fromkeys(naughty))
    rows = [session_files.drop_in_row(**{label: string}) for string in distinct]
    text = session_files.drop_in(*rows).encode("utf-8", "replace")
    report = imported(fresh_database, tmp_path, text)
    assert report.applied is not None
    part = 0 if label == "Location ID" else 1
    keys = kept(admin, f"SELECT key::jsonb ->> {part} FROM import_refs WHERE entity_type = 'activity'")
    wanted = {string.strip() for string in distinct}
    # The lone surrogate became a question mark.
    assert len([key for key in keys if key not in wanted]) <= 1
    assert len(keys) + len(report.rejected) + report.repeated == len(rows)
    again = imported(fresh_database, tmp_path, text)
    assert again.applied is not None
    assert (again.applied.sessions.created, again.applied.venues.created) == (0, 0)


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("name", "a.name"),
        ("description", "a.full_description"),
        ("location_name", "v.name"),
        ("street", "v.address_line1"),
        ("city", "v.city"),
    ],
)
def test_in_a_json_value(
    fresh_database: Database, admin: Connection, tmp_path: Path, naughty: list[str], field: str, column: str
) -> None:
    activities = []
    for at, string in enumerate(naughty):
        made = session_files.activity(id=str(at), location_id=str(at))
        if field in made:
            made[field] = string
        else:
            made["location_address"] = made["location_address"] | {field: string}
        activities.append(made)
    report = imported(fresh_database, tmp_path, session_files.philadelphia(*activities).encode())
    found: dict[str, Any] = dict(
        admin.execute(
            f"""SELECT r.key::jsonb ->> 1, {column} FROM activities AS a JOIN venues AS v ON v.id = a.venue_id
                JOIN import_refs AS r ON r.entity_id = a.id AND r.entity_type = 'activity'""".encode()
        ).fetchall()
    )
    # What is blank in an optional field is a fact that is not there.
    blank = {at for at, value in found.items() if not naughty[int(at)].strip()}
    assert all(found[at] in {None, f"Location {at}"} for at in blank)
    solid = {at: value for at, value in found.items() if at not in blank}
    assert {at: naughty[int(at)].strip() for at in solid} == solid
    assert len(found) + len(report.rejected) == len(naughty)
    assert len(report.rejected) < 40


def test_in_the_venues_file(
    fresh_database: Database, admin: Connection, tmp_path: Path, naughty: list[str]
) -> None:
    strings = [one.strip() for one in naughty if one.strip() and len(one) < 200 and one.isprintable()]
    assert len(strings) > 300
    rows = [session_files.drop_in_row(**{"Location ID": at}) for at in range(len(strings))]
    venues = [
        session_files.VENUE | {"location": at, "name": one, "address_line1": one}
        for at, one in enumerate(strings)
    ]
    report = imported(
        fresh_database, tmp_path, session_files.drop_in(*rows).encode(), session_files.venues(*venues)
    )
    assert report.applied is not None
    assert len(report.applied.activated) == len(strings)
    found = kept(admin, "SELECT name FROM venues ORDER BY address_line1, name")
    assert sorted(found) == sorted(strings)
    assert admin.execute("SELECT count(*) FROM venues WHERE name <> address_line1").fetchone() == (0,)
