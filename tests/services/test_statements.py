"""Statements through the console's own service, over real logins: previewed, handed out once, kept byte for byte."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest

from console.domain.statements import statement_number
from console.errors import BugError, Conflict, Denied, Invalid, NotFound, Unavailable
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.paper_samples import texts
from tests.support.statement_world import MONTH, NAMES, Books, make_books, payout


def files(folder: Path) -> list[Path]:
    """What was written, by name."""
    return sorted(folder.iterdir())


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
async def books(world: World) -> AsyncIterator[Books]:
    made = make_books(world)
    yield made
    for database in made.people:
        await database.close()


async def test_a_payout_that_can_change_has_a_preview(books: Books) -> None:
    service = await books.service(books.world.person("platform_finance", desk=books.world.desk("HQ")))
    for page in texts(await service.statement(books.payout)):
        assert "Preview" in page
    assert books.world.all("SELECT 1 FROM documents") == []
    with pytest.raises(Conflict) as refused:
        await service._queries.keep(books.payout, b"%PDF-1.4 mine")
    assert refused.value.code == "not_settled"


async def test_the_first_that_is_handed_out_is_kept_for_everybody(books: Books) -> None:
    world = books.world
    books.approve()
    finance = await books.service(world.person("platform_finance", desk=world.desk("HQ")))
    venue = await books.service(world.person("venue_finance", name="Priya", desk=world.desk("Office")))
    assert "Preview" in texts(await venue.statement(books.payout))[0], "a venue does not make it final"
    first = await finance.printed(books.payout)
    assert first.is_final
    words = " ".join(texts(first.pdf))
    assert "Preview" not in words
    for amount in ("60.00", "\u221210.50", "\u221211.55", "USD 37.95", "\u22122.63", "12.38", "11.55"):
        assert amount in words
    number = statement_number(books.payout, MONTH)
    for said in (
        number,
        "Riverside & Söhne",
        "ending 4821",
        "February 2026",
        "corrects January 2026",
        "TRF-99120",
    ):
        assert said in words
    world.at(world.now + timedelta(days=40))
    world.admin.execute("UPDATE venues SET name = 'Somebody else' WHERE id = %s", [world.venue])
    assert await finance.statement(books.payout) == first.pdf
    assert await venue.statement(books.payout) == first.pdf
    kept = world.one("SELECT * FROM documents")
    assert (kept["kind"], kept["file_name"], kept["venue_id"]) == ("statement", f"{number}.pdf", world.venue)
    assert bytes(kept["sha256"]) == sha256(first.pdf).digest()
    row = world.one("SELECT * FROM venue_payouts WHERE id = %s", books.payout)
    assert row["statement_document_id"] == kept["id"]
    assert row["statement_generated_at"] is not None


async def test_two_who_hand_it_out_at_once_hand_out_the_same(books: Books) -> None:
    books.approve()
    desks = [books.world.person("platform_finance", desk=books.world.desk(f"HQ {at}")) for at in range(2)]
    services = [await books.service(person) for person in desks]
    one, other = await asyncio.gather(*(service.statement(books.payout) for service in services))
    assert one == other
    assert len(books.world.all("SELECT 1 FROM documents")) == 1


async def test_no_child_is_named_anywhere(books: Books, tmp_path: Path) -> None:
    books.approve()
    person = books.world.person("venue_finance", desk=books.world.desk("Office"))
    service = await books.service(person)
    said = " ".join(texts(await service.statement(books.payout)))
    await service.export(books.payout, tmp_path / "lines.csv")
    said += (tmp_path / "lines.csv").read_text("utf-8-sig")
    facts = person.call("SELECT payouts.statement_facts(%s)::text AS said", books.payout)
    said += facts[0]["said"]
    assert not [name for name in (*NAMES, "Xanthe") if name in said]


async def test_who_may_see_and_who_may_hand_out(books: Books) -> None:
    world = books.world
    books.approve()
    other = factories.venue(world.admin, name="Other Studio")
    stranger = world.person("venue_finance", desk=world.desk("Elsewhere"), venues=(other,))
    with pytest.raises(NotFound):
        await (await books.service(stranger)).statement(books.payout)
    for role in ("front_desk", "manager"):
        person = world.person(role, desk=world.desk(f"Desk of {role}"))
        service = await books.service(person)
        with pytest.raises(Denied):
            await service.statement(books.payout)
        with pytest.raises(Denied):
            await service.statements(MONTH, Path("nowhere"))


async def test_what_is_kept_is_a_pdf_of_reasonable_size(books: Books) -> None:
    books.approve()
    service = await books.service(books.world.person("platform_finance", desk=books.world.desk("HQ")))
    for paper in (b"", b"PK\x03\x04 a sheet"):
        with pytest.raises(Invalid):
            await service._queries.keep(books.payout, paper)
    assert books.world.all("SELECT 1 FROM documents") == []


async def test_lines_that_do_not_come_to_the_sums_are_not_printed(books: Books) -> None:
    books.world.admin.execute(
        "UPDATE venue_payouts SET gross_revenue = 61, net_payout = 38.95 WHERE id = %s", [books.payout]
    )
    books.approve()
    service = await books.service(books.world.person("platform_finance", desk=books.world.desk("HQ")))
    with pytest.raises(BugError, match="do not come to its sums"):
        await service.statement(books.payout)
    assert books.world.all("SELECT 1 FROM documents") == []


async def test_the_tables_say_the_same(books: Books, tmp_path: Path) -> None:
    service = await books.service(books.world.person("venue_finance", desk=books.world.desk("Office")))
    await service.export(books.payout, tmp_path / "lines.csv")
    with (tmp_path / "lines.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == 5
    assert sum(Decimal(row["Net"]) for row in found) == Decimal("37.95")
    assert sum(Decimal(row["Gross"]) for row in found if row["Kind"] == "booking") == Decimal("60.00")
    assert sum(Decimal(row["Fee share"]) for row in found if row["Kind"] == "booking") == Decimal("10.50")
    assert found[0]["Corrects"] == "2026-01-01"
    await service.export(books.payout, tmp_path / "lines.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "lines.xlsx").active
    assert sheet is not None
    heads, *cells = sheet.iter_rows(values_only=True)
    net = heads.index("Net")
    assert sum(Decimal(str(row[net])) for row in cells) == Decimal("37.95")
    with pytest.raises(Invalid):
        await service.export(books.payout, tmp_path / "lines.pdf")


async def test_a_month_goes_to_a_folder(books: Books, tmp_path: Path) -> None:
    world = books.world
    books.approve()
    other = factories.venue(world.admin, name="../..\\Other: Studio?")
    payout(world, other, MONTH)
    service = await books.service(world.person("platform_finance", desk=world.desk("HQ")))
    told: list[tuple[int, int]] = []
    assert await service.statements(MONTH, tmp_path, lambda done, of: told.append((done, of))) == 2
    assert told == [(1, 2), (2, 2)]
    names = [path.name for path in files(tmp_path)]
    assert names[0].startswith("Other Studio PS-2026-02-")
    assert names[0].endswith(" preview.pdf")
    assert names[1] == f"Riverside & Söhne {statement_number(books.payout, MONTH)}.pdf"
    kept = world.one("SELECT content FROM documents")
    assert (tmp_path / names[1]).read_bytes() == bytes(kept["content"])
    venue = await books.service(world.person("venue_finance", desk=world.desk("Office")))
    assert await venue.statements(MONTH, tmp_path) == 1
    assert await venue.statements(date(2025, 1, 1), tmp_path) == 0
    with pytest.raises(Unavailable):
        await service.statements(MONTH, tmp_path / "nowhere")


async def test_a_batch_that_is_cancelled_leaves_whole_files_only(books: Books, tmp_path: Path) -> None:
    world = books.world
    for at in range(30):
        payout(world, factories.venue(world.admin, name=f"Venue {at:02d}"), MONTH)
    service = await books.service(world.person("platform_finance", desk=world.desk("HQ")))
    some = asyncio.Event()
    batch = asyncio.ensure_future(service.statements(MONTH, tmp_path, lambda _done, _of: some.set()))
    await some.wait()
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    written = files(tmp_path)
    assert 0 < len(written) < 31
    assert all(path.read_bytes().rstrip().endswith(b"%%EOF") for path in written if path.suffix == ".pdf")


async def test_the_number_is_the_same_everywhere(books: Books) -> None:
    service = await books.service(books.world.person("venue_finance", desk=books.world.desk("Office")))
    facts = await service._queries.facts(books.payout)
    assert facts.statement.number == statement_number(books.payout, MONTH)
    assert facts.statement.adds_up
    assert not replace(facts.statement, lines=facts.statement.lines[1:]).adds_up


async def test_who_pays_stands_on_it_as_the_setting_says(books: Books) -> None:
    issuer = {
        "name": "Nexus East",
        "address": ["1 Quay"],
        "tax_id": " ",
        "email": "",
        "payment": ["Bank of Quay"],
    }
    factories.setting(books.world.admin, "invoice_issuer", issuer)
    service = await books.service(books.world.person("venue_finance", desk=books.world.desk("Office")))
    page = texts(await service.statement(books.payout))[0]
    assert "Nexus East 1 Quay" in page
    assert "Tax number" not in page
    assert books.world.one("SELECT invoices.issuer() -> 'payment' AS lines")["lines"] == ["Bank of Quay"]
