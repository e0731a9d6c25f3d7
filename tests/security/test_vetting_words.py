"""What venues and headquarters may type or attach and it is more than words or a picture: filters, braces, bytes, JSON.

docs/design.md, "Rules of the domain" (compliance, scores) and "The database" (authorisation).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.storage.embedded import EmbeddedServer
from tests.support import factories
from tests.support.compliance import (
    FACTS,
    FILE,
    PDF,
    PNG,
    day,
    file,
    paper,
    refused,
    somebody,
)
from tests.support.desk_world import Person, World
from tests.support.factories import NOON
from tests.support.vetting import CLAIM, DECIDE, at_a_new_venue, case, row, verdict, world_of_its_own

JPEG, WEBP = b"\xff\xd8\xff\xe0" + b"\x00" * 40, b"RIFF\x00\x00\x00\x00WEBPVP8 "
NAUGHTY: tuple[Any, ...] = (
    None, True, "", "x", "%", "_", "\\", "'; DROP TABLE venues; --", "$1", "%s", "{{reason}}", -1, 2**31, 2**63, 1e308,
    "infinity", "NaN", "5874898-01-01", "24:00", "2026-02-31", [], {}, [None], [[]], {"x": {}}, "x" * 5000,
    "\u202e\n\r\t", "11111111-1111-4111-8111-111111111111",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(_template: EmbeddedServer) -> Iterator[World]:
    with world_of_its_own(_template, "words") as made:
        yield made


@pytest.fixture
def world(whole: World) -> World:
    """A venue of its own for each test."""
    return at_a_new_venue(whole)


@pytest.fixture(scope="module")
def noor(whole: World) -> Person:
    """Somebody of headquarters and nothing else."""
    return somebody(whole, "platform_admin", "Noor")


# -- files that lie ------------------------------------------------------------------------------------------------


def test_a_file_is_what_its_bytes_say_or_it_is_not_kept(world: World) -> None:
    maya = somebody(world, "manager", "Maya")
    contents = {
        "application/pdf": PDF, "image/png": PNG, "image/jpeg": JPEG, "image/webp": WEBP,
        "text/html": b"<!doctype html><script>alert(1)</script>", "image/svg+xml": b"<svg xmlns='x' onload='y'/>",
        "application/zip": b"PK\x03\x04", "application/x-dosexec": b"MZ\x90\x00", "": b"\x00" * 64,
    }  # fmt: skip
    kept = 0
    for said in contents:
        for real, content in contents.items():
            papers = ((paper(media_type=said), content),)
            if said == real and said in list(contents)[:4]:
                kept = len(file(maya, world.venue, "reverification", papers=papers)["waiting"]["documents"])
                continue
            with pytest.raises(psycopg.Error) as caught:
                file(maya, world.venue, "reverification", papers=papers)
            assert caught.value.sqlstate == "NX422", (said, real)
    assert kept == 1
    assert len(world.all("SELECT id FROM documents WHERE venue_id = %s", world.venue)) == 4


@pytest.mark.parametrize(
    "contents",
    [
        "NULL", "'{NULL}'", "'{{a},{b}}'", "'[0:0]={\\\\x255044462d31}'", "'{\"\"}'",
        "ARRAY[repeat('%PDF-', 4400000)::bytea]",
    ],
    ids=["nothing", "null", "two_dimensions", "from_zero", "empty", "of_21_MB"],
)  # fmt: skip
def test_arrays_of_bytes_cannot_smuggle_anything_in(world: World, contents: str) -> None:
    maya = somebody(world, "manager", "Maya")
    statement = f"SELECT vetting.file(%s, 'reverification', '{{}}', NULL, NULL, NULL, %s, {contents})"
    said = Jsonb([paper()] * (2 if "b" in contents and "{{" in contents else 1))
    assert refused(maya, statement.replace("%PDF-", "%%PDF-"), world.venue, said) == ("NX422", "documents")
    assert world.all("SELECT id FROM documents WHERE venue_id = %s", world.venue) == []


# -- words that are more than words --------------------------------------------------------------------------------


def test_what_is_typed_into_a_filter_is_looked_for_as_it_is(world: World, noor: Person) -> None:
    odd = r"50%_off \ 'quoted' $1 %s {{x}}"
    one = case(world)
    world.admin.execute("UPDATE venues SET name = %s WHERE id = %s", [odd, row(world, one)["venue_id"]])
    listing = "SELECT venue FROM vetting.cases(%s)"
    overview = "SELECT venue FROM vetting.compliance(%s)"
    scored = "SELECT venue FROM scores.list('score', true, %s, '{}', NULL, 10)"
    world.admin.execute("UPDATE venues SET status = 'active' WHERE id = %s", [row(world, one)["venue_id"]])
    for typed in ("%_OFF", "\\ '", "$1", "%s", "{{x}}", odd):
        for found in (
            noor.call(listing, json.dumps({"text": typed})),
            noor.call(overview, json.dumps({"text": typed})),
            noor.call(scored, typed),
        ):
            assert [each["venue"] for each in found] == [odd], typed
    for typed in ("%off", "5_%", "' OR true --", "\\\\", ".*"):
        assert noor.call(listing, json.dumps({"text": typed})) == []
        assert noor.call(scored, typed) == []


def test_braces_in_names_and_reasons_are_not_filled(world: World, noor: Person) -> None:
    world.admin.execute("UPDATE venues SET name = '{{feedback}} {{until}}' WHERE id = %s", [world.venue])
    maya = somebody(world, "manager", "Maya")
    one = factories.insert(
        world.admin,
        "venue_cases",
        {"venue_id": world.venue, "kind": "yearly_check", "due_at": NOON + timedelta(days=5)},
    )
    version = noor.call(CLAIM, one, 1)[0]["version"]
    noor.call(DECIDE, one, version, verdict("ask", "{{venue}} and\u202e {{venue_id}}"))
    (told,) = world.all(
        """SELECT title, body FROM notifications WHERE user_id = %s AND template_key = 'changes_asked'
            AND channel = 'in_app'""",
        maya.id,
    )
    assert "{{feedback}} {{until}}" in told["title"] + told["body"]
    assert "{{venue}} and" in told["body"]
    assert str(world.venue) not in told["body"]
    assert "\u202e" not in told["body"]


def test_a_name_that_turns_the_text_around_is_straightened(world: World, noor: Person) -> None:
    maya = somebody(world, "manager", "Maya")
    draft = maya.call("SELECT vetting.begin() AS a")[0]["a"]
    name = "Nice\u202e\u2066gnivarts\u2069\ufeff\u200f Club"
    save = "SELECT vetting.save(%s, %s, %s) AS a"
    kept = maya.call(save, draft["id"], draft["version"], Jsonb({"name": name, "description": name}))[0]["a"]
    assert kept["facts"]["name"] == "Nice gnivarts Club"
    assert kept["facts"]["description"].split() == ["Nice", "gnivarts", "Club"]
    maya.call("SELECT vetting.withdraw_application(%s, %s)", draft["id"], kept["version"])


@pytest.mark.parametrize(
    "weights",
    [
        "{{25,25},{25,25}}",
        "{NaN,50,25,25}",
        "{Infinity,0,0,0}",
        "{25,25,50}",
        "{}",
        "{NULL,50,25,25}",
        "[0:3]={25,25,25,25}",
    ],
)
def test_weights_are_four_numbers_and_nothing_else(noor: Person, weights: str) -> None:
    for statement in ("SELECT * FROM scores.what_if(%s, 60)", "SELECT scores.save_formula(1, %s, 60, 'x')"):
        assert refused(noor, statement, weights)[0] == "NX422"


WORDS_IN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SELECT * FROM vetting.cases(%(it)s)", ("tab", "kind", "text", "overdue")),
    ("SELECT * FROM vetting.cases('{}', 'due', false, %(it)s)", ("0", "1")),
    ("SELECT * FROM vetting.decide(%(case)s, %(version)s, %(it)s)", ("decision", "feedback", "waivers", "seen")),
    ("SELECT * FROM vetting.import_applications(%(list)s, true)", ("row", "source_key", "name", "latitude", "country")),
    ("SELECT * FROM vetting.save(%(draft)s, 1, %(it)s)", ("name", "category", "latitude", "ages_from", "website_url")),
    ("SELECT * FROM vetting.compliance(%(it)s)", ("status", "standing", "requirement", "text")),
    ("SELECT vetting.save_compliance_settings(%(it)s)", ("version", "suspends", "grace_days", "insurance_minimum")),
    ("SELECT vetting.suspensions(%(it)s)", ("suspends", "grace_days")),
    ("SELECT vetting.file(%(venue)s, 'insurance', %(it)s, NULL, '2026-09-01', NULL)", tuple(FACTS["insurance"])),
    ("SELECT vetting.file(%(venue)s, 'safety_audit', %(it)s, '2026-03-01', NULL, NULL)", ("score", "auditor")),
    ("SELECT * FROM feedback.reviews(NULL, %(it)s)", ("stars", "activity", "cause", "waiting", "text", "visible")),
    ("SELECT * FROM feedback.save_settings(0, %(it)s)", ("risky_words", "burst_hours", "extreme_stars")),
    ("SELECT * FROM feedback.examples(%(it)s)", ("risky_words", "burst_hours", "extreme_stars")),
    ("SELECT * FROM scores.list('score', true, '', %(it)s, NULL, 9)", ("curated", "category", "insufficient")),
)  # fmt: skip


REFUSALS = {"", "NX409", "NX422", "NX404", "22P02", "22007", "22008", "22003"}


def outcome(who: Person, statement: str, values: dict[str, Any]) -> str:
    """How a statement ends that leaves nothing behind: its SQLSTATE and words, or nothing."""
    try:
        with who.connection.transaction(force_rollback=True):
            who.connection.execute(statement.encode(), values)
    except psycopg.Error as error:
        return f"{error.sqlstate} {error}"
    return ""


@pytest.mark.parametrize(("statement", "keys"), WORDS_IN)
def test_no_json_makes_more_than_a_refusal(
    world: World, noor: Person, statement: str, keys: tuple[str, ...]
) -> None:
    """What is no value of its kind is refused as ours or as no such value, never as a fault of a function."""
    one = case(world)
    version = noor.call(CLAIM, one, 1)[0]["version"]
    draft = noor.call("SELECT vetting.begin() AS a")[0]["a"]["id"]
    known = {"case": one, "version": version, "venue": world.venue, "draft": draft}
    attempts: list[Any] = [*NAUGHTY, *({key: value} for key in keys for value in NAUGHTY)]
    for attempt in attempts:
        values = known | {"it": Jsonb(attempt), "list": Jsonb([attempt])}
        refusal = outcome(noor, statement, values)
        assert refusal[:5] in REFUSALS, (attempt, refusal)
    noor.call("SELECT vetting.withdraw_application(%s, 1)", draft)


def test_settings_of_a_connection_change_nothing_that_is_written(world: World) -> None:
    """Dates, numbers and names mean the same however a desk set its connection."""
    maya = somebody(world, "manager", "Maya")

    def filed(*settings: str) -> object:
        with maya.connection.transaction(force_rollback=True):
            for setting in settings:
                maya.connection.execute(setting.encode())
            arguments: list[object] = [
                world.venue,
                "insurance",
                Jsonb(FACTS["insurance"]),
                None,
                day(20),
                None,
            ]
            maya.call(FILE, *arguments, Jsonb([paper()]), [PDF])
            pages = maya.call("SELECT vetting.requirements(%s)::text AS said", world.venue)[0]["said"]
            found = json.loads(pages)[0]
            return (
                found["standing"],
                found["waiting"]["expires_on"],
                found["waiting"]["facts"],
                found["lacks"],
            )

    expected = filed()
    for settings in (
        ["SET LOCAL timezone = 'Pacific/Kiritimati'", "SET LOCAL datestyle = 'SQL, DMY'"],
        ["SET LOCAL datestyle = 'German'", "SET LOCAL intervalstyle = 'sql_standard'"],
        ["SET LOCAL extra_float_digits = -15", "SET LOCAL transform_null_equals = on"],
        ["SET LOCAL search_path = vetting, public", "SET LOCAL bytea_output = 'escape'"],
    ):
        assert filed(*settings) == expected, settings
