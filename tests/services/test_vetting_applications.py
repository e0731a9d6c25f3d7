"""Applications through the console's own service: a form's drafts, and files as spreadsheets save them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.domain.vetting import ApplicationFacts
from console.errors import Conflict, Denied, Invalid
from console.models.gateway_vetting import ApplicationGateway
from console.services import application_files
from console.services.applications import ApplicationService
from console.storage.applications import ApplicationQueries
from console.storage.database import Database as DeskDatabase
from console.storage.evidence import EvidenceQueries
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.vetting import FACTS, someone

_TYPED: dict[str, Any] = {
    name: Decimal(value) if name in ("latitude", "longitude") else int(value) if "ages" in name else value
    for name, value in FACTS.items()
}
WHOLE = ApplicationFacts(**_TYPED)
HEAD = "name,category,address,city,state,zip,lat,lon,timezone,email,phone,tax_number\n"
LINE = (
    "{name},Arts & Crafts,{n} Main St,Portland,OR,97209,45.5,-122.6,America/Los_Angeles,"
    "a@b.example,503 555 0{n:03},93-00{n:03}\n"
)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def service_of(person: Person) -> tuple[DeskDatabase, ApplicationService]:
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)
    service = ApplicationService(ApplicationQueries(database), EvidenceQueries(database))
    gateway: ApplicationGateway = service
    assert gateway is service
    return database, service


@pytest.fixture
async def headquarters(world: World) -> AsyncIterator[ApplicationService]:
    database, service = await service_of(someone(world, "platform_admin", "Ana"))
    yield service
    await database.close()


@pytest.fixture
async def manager(world: World) -> AsyncIterator[ApplicationService]:
    database, service = await service_of(someone(world, "manager", "Nora"))
    yield service
    await database.close()


def written(folder: Path, content: str | bytes, name: str = "applications.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


async def test_a_form_is_kept_handed_in_and_withdrawn(manager: ApplicationService) -> None:
    draft = await manager.begin()
    assert (draft.facts, draft.state, draft.venue_id) == (ApplicationFacts(), "draft", None)
    with pytest.raises(Invalid) as caught:
        await manager.save(draft, replace(WHOLE, category="lions"))
    assert caught.value.code == "category"
    kept = await manager.save(draft, replace(WHOLE, name="Bright\x00 Hands", ages_to=None))
    assert kept.facts == replace(WHOLE, name="Bright Hands", ages_to=None)
    with pytest.raises(Conflict):
        await manager.save(draft, WHOLE)
    made = await manager.submit(kept)
    assert made.case is not None
    assert (made.state, made.case.id, made.case.met) == ("submitted", made.case.id, 0)
    assert await manager.applications() == [made]
    with pytest.raises(Conflict) as asked:
        await manager.answer(made, WHOLE, "")
    assert asked.value.code == "not_asked"
    assert [one.standing.value for one in await manager.requirements(made.case.venue_id)] == ["missing"] * 5
    assert (await manager.withdraw_application(made)).state == "withdrawn"


async def test_a_file_is_looked_at_taken_and_then_changes_nothing(
    world: World, headquarters: ApplicationService, tmp_path: Path
) -> None:
    rows = (
        HEAD + LINE.format(name="Clay Corner", n=1) + LINE.format(name="Judo Hall", n=2) + "Half,,,,,,,,,,,\n"
    )
    path = written(tmp_path, rows + LINE.format(name="Clay corner", n=1) + '"open\n')
    for look in (headquarters.read_file, headquarters.take_file):
        found = await look(path)
        assert [(one.row, one.name, one.fate) for one in found] == [
            (2, "Clay Corner", "new"),
            (3, "Judo Hall", "new"),
            (4, "Half", "refused"),
            (5, "Clay corner", "known"),
            (6, "", "refused"),
        ]
    venues = "SELECT count(*) AS n FROM venues"
    before = world.one(venues)["n"]
    again = await headquarters.take_file(path)
    assert [one.fate for one in again] == ["known", "known", "refused", "known", "refused"]
    assert world.one(venues)["n"] == before
    alike = again[0].likenesses[0]
    assert (alike.venue, alike.score, set(alike.alike)) == (
        "Clay Corner",
        100.0,
        {"name", "address", "phone", "tax number"},
    )


async def test_the_same_rows_as_json_are_the_same_applications(
    headquarters: ApplicationService, tmp_path: Path
) -> None:
    await headquarters.take_file(written(tmp_path, HEAD + LINE.format(name="Clay Corner", n=1)))
    one = dict(
        zip(HEAD.strip().split(","), LINE.format(name="Clay Corner", n=1).strip().split(","), strict=True)
    )
    numbers = one | {"lat": 45.5, "lon": -122.6}
    for content in ([one], {"applications": [numbers, {"name": ["x"]}, 7]}, {"rows": [numbers]}):
        found = await headquarters.read_file(written(tmp_path, json.dumps(content), "a.json"))
        assert found[0].fate == "known"
        assert {one.fate for one in found[1:]} <= {"refused"}


async def test_byte_order_marks_semicolons_and_code_pages_are_read(
    headquarters: ApplicationService, tmp_path: Path
) -> None:
    text = HEAD + LINE.format(name="Café Niño", n=1)
    semicolons = text.replace(",", ";").replace("45.5", "45,5").replace("-122.6", "-122,6")
    for content in (text.encode("utf-8-sig"), text.encode("utf-16"), semicolons.encode()):
        found = await headquarters.read_file(written(tmp_path, content))
        assert [(one.name, one.fate, one.why) for one in found] == [("Café Niño", "new", None)]
    found = await headquarters.read_file(written(tmp_path, text.encode("cp1252")))
    assert (found[0].name, found[0].fate) == ("Café Niño", "new")
    assert "read as Windows-1252" in (found[0].why or "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "a.csv is empty."),
        (b"%PDF-1.7 nothing", "a.csv is a PDF document, not a CSV or JSON file."),
        (
            b"\xef\xbb\xbfname\n\xff\xfe\n",
            "Line 2 of a.csv holds bytes that are not UTF-8, which the file says it is.",
        ),
        (b"colour,size\nred,2\n", "a.csv has no column \u201cname\u201d."),
        (b"name,colour\nX,red\n", "a.csv has a column \u201ccolour\u201d that is not known."),
        (b"name,zip,postcode\nX,1,2\n", "a.csv says \u201cpostal_code\u201d in two columns."),
        (b"name\n", "a.csv has no applications in it."),
        (b'{"people": []}', "a.csv has no list of applications."),
        (b'[{"name": }]', "The JSON is broken (expecting value) (line 1)."),
        (b"name\n" + b"X\n" * 5001, "a.csv has 5,001 rows; at most 5,000 come in at once."),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(Invalid) as caught:
        application_files.read(written(tmp_path, content, "a.csv"))
    assert caught.value.sentence == sentence


async def test_a_manager_imports_nothing(manager: ApplicationService, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + LINE.format(name="Clay Corner", n=1))
    with pytest.raises(Denied):
        await manager.read_file(path)
    with pytest.raises(Denied):
        await manager.take_file(path)
