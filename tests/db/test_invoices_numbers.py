"""Numbers without gaps: eight who issue at once over real logins, one of them killed in the middle."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.invoicing import employer, invoice

ISSUE = "SELECT * FROM invoices.issue(%s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def numbers(world: World, year: int = 2026) -> list[int]:
    found = world.all(
        "SELECT invoice_number AS n FROM invoices WHERE invoice_number LIKE %s ORDER BY 1", f"NFP-{year}-%"
    )
    return [int(str(row["n"]).rsplit("-", 1)[1]) for row in found]


def connection_of(person: Person, *, autocommit: bool = True) -> psycopg.Connection[tuple[object, ...]]:
    made = psycopg.connect(person.dsn, autocommit=autocommit)
    made.execute("SELECT set_config('nexus.token', %s, false)", [person.token])
    if not autocommit:
        made.commit()
    return made


def test_eight_who_issue_at_once_leave_no_gap_although_one_is_killed(world: World) -> None:
    corporate = employer(world.admin)
    drafts = [invoice(world.admin, corporate=corporate) for _ in range(48)]
    people = [world.person("platform_finance", desk=world.desk(f"Finance {n}")) for n in range(8)]
    start = threading.Barrier(8)
    failed: list[str] = []

    def work(person: Person, mine: list[UUID]) -> None:
        with connection_of(person) as connection:
            start.wait()
            for at in range(0, len(mine), 2):
                try:
                    connection.execute(ISSUE, [mine[at : at + 2]])
                except psycopg.Error as error:
                    failed.append(str(error.sqlstate))

    def be_killed(person: Person, mine: list[UUID]) -> None:
        # It has taken numbers, everybody waits for them, and it never commits.
        connection = connection_of(person, autocommit=False)
        start.wait()
        connection.execute(ISSUE, [mine])
        time.sleep(0.2)
        world.admin.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
        connection.close()

    threads = [threading.Thread(target=work, args=(people[n], drafts[n * 6 : n * 6 + 6])) for n in range(7)]
    threads.append(threading.Thread(target=be_killed, args=(people[7], drafts[42:])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert numbers(world) == list(range(1, 43))
    left = {row["id"] for row in world.all("SELECT id FROM invoices WHERE status = 'draft'")}
    assert left == set(drafts[42:])
    people[0].call(ISSUE, drafts[42:])
    assert numbers(world) == list(range(1, 49))
    assert world.one("SELECT next_number AS n FROM invoice_series WHERE series = 'NFP'")["n"] == 49


def test_the_same_drafts_issued_by_two_at_once_get_one_number_each(world: World) -> None:
    drafts = [invoice(world.admin) for _ in range(10)]
    people = [world.person("platform_finance", desk=world.desk(f"Finance {n}")) for n in range(2)]
    start = threading.Barrier(2)
    seen: list[dict[UUID, str]] = []

    def work(person: Person, wanted: list[UUID]) -> None:
        start.wait()
        answers = person.call(ISSUE, wanted)
        seen.append({one["invoice_id"]: one["facts"]["number"] for one in answers})

    # In opposite orders: whoever locks them does so in one order all the same.
    threads = [
        threading.Thread(target=work, args=pair) for pair in zip(people, (drafts, drafts[::-1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen[0] == seen[1]
    assert numbers(world) == list(range(1, 11))


def test_a_number_of_more_than_five_digits_is_whole(world: World) -> None:
    amara = world.person("platform_finance")
    world.admin.execute("INSERT INTO invoice_series (series, year, next_number) VALUES ('NFP', 2026, 99999)")
    for expected in ("NFP-2026-99999", "NFP-2026-100000"):
        (row,) = amara.call(ISSUE, [invoice(world.admin)])
        assert row["facts"]["number"] == expected


def test_credit_notes_count_by_themselves_and_without_gaps(world: World) -> None:
    amara = world.person("platform_finance")
    drafts = [invoice(world.admin) for _ in range(3)]
    issued = amara.call(ISSUE, drafts)
    for one in issued:
        with pytest.raises(psycopg.Error):
            amara.call("SELECT invoices.cancel(%s, %s, ' ')", one["invoice_id"], one["facts"]["version"])
        amara.call("SELECT invoices.cancel(%s, %s, 'Wrong')", one["invoice_id"], one["facts"]["version"])
    found = world.all("SELECT credit_note_number AS n FROM credit_notes ORDER BY 1")
    assert [row["n"] for row in found] == [f"NCN-2026-0000{n}" for n in (1, 2, 3)]
    assert numbers(world) == [1, 2, 3]
