"""New families taken down while no server answers, and what becomes of them: over real files and a cut network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.desk import HealthKind
from console.domain.families import NewChild, NewFamily, NewHealthNote, NewPickupPerson, Payment
from console.domain.sealed_notes import NotesCount, NoteState, sign_out_words
from console.errors import Unavailable
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.offline_samples import CuttableDatabase, DeskAtWork, Lobby

ZOE = NewChild(
    "Zoë",
    date(2019, 5, 1),
    (NewHealthNote(HealthKind.ALLERGY, 1, "Nuts", "All nuts", "Pen in bag."),),
    (NewPickupPerson("Rose", "grandmother"), NewPickupPerson("Sam", may_collect=False)),
)


def newcomers(email: str = "ada@example.org") -> NewFamily:
    return NewFamily(uuid4(), "Ada", "Lovell", "+1 555 010 7788", email, ZOE, "Ada Lovell")


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


@pytest.fixture
async def database(jonas: Person) -> AsyncIterator[CuttableDatabase]:
    made = CuttableDatabase(jonas.dsn)
    await made.set_token(jonas.token)
    yield made
    await made.close()


@pytest.fixture
async def lobby(
    world: World, jonas: Person, database: CuttableDatabase, tmp_path: Path
) -> AsyncIterator[Lobby]:
    made = Lobby(world, jonas, database, tmp_path)
    await made.desk.fetch()
    yield made
    made.desk.close()


async def take_down(lobby: Lobby, made: NewFamily) -> UUID:
    """A new family is taken down offline and its child walks in; the number of the booking."""
    registered = await lobby.desk.desk.register(made)
    booked = await lobby.desk.desk.take_place(
        lobby.session, Payment.OWED, child_id=registered.child_id, check_in=True
    )
    assert booked.kept
    return booked.booking_id


async def test_a_new_family_is_registered_and_in_once_the_server_is_back(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await take_down(lobby, newcomers())
    (entry,) = lobby.desk.rosters.roster(lobby.session) or []
    assert (entry.first_name, entry.age_months, entry.parent_first_name) == ("Zoë", 82, "Ada")
    assert [note.label for note in entry.health] == ["Nuts"]
    assert ([(one.name, one.may_collect) for one in entry.pickup], entry.notes) == (
        [("Sam", False)],
        "May be collected by Rose (grandmother).",
    )
    lobby.restart()
    assert await lobby.desk.notes.count() == NotesCount(walk_ins=1, families=1)
    await lobby.desk.back()
    child = lobby.world.one("SELECT id, first_name FROM children WHERE first_name = 'Zoë'")
    assert (lobby.kept(number)["child_id"], lobby.kept(number)["state"]) == (child["id"], "in")
    assert await lobby.desk.notes.count() == NotesCount()
    assert lobby.desk.cache.sealed_file.rows("SELECT count(*) FROM family_notes") == [(0,)]


async def test_a_family_taken_down_here_is_found_again(lobby: Lobby) -> None:
    lobby.desk.cut()
    made = newcomers()
    await lobby.desk.desk.register(made)
    await lobby.desk.desk.register(made)
    lobby.restart()
    lobby.desk.link.lost()
    (found,) = await lobby.desk.desk.find_families("zo")
    assert (found.parent_first_name, found.phone_end, found.credits) == ("Ada", "7788", None)
    (choice,) = [
        one
        for one in await lobby.desk.desk.session_choices(NOON.date(), child_id=found.children[0].id)
        if one.session_id == lobby.session
    ]
    assert choice.blocked is None
    assert await lobby.desk.notes.count() == NotesCount(families=1)


async def test_a_family_registered_in_between_is_still_the_same_child(lobby: Lobby) -> None:
    lobby.desk.cut()
    registered = await lobby.desk.desk.register(newcomers())
    await lobby.desk.back()
    booked = await lobby.desk.desk.take_place(lobby.session, Payment.OWED, child_id=registered.child_id)
    child = lobby.world.one("SELECT id FROM children WHERE first_name = 'Zoë'")["id"]
    assert (booked.kept, lobby.kept(booked.booking_id)["child_id"]) == (False, child)


async def test_a_lost_answer_registers_one_family(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await take_down(lobby, newcomers())
    lobby.database.arrives, lobby.database.loses = True, "FROM"
    with pytest.raises(Unavailable):
        await lobby.desk.notes.send()
    await lobby.desk.back()
    assert len(lobby.world.all("SELECT 1 FROM children WHERE first_name = 'Zoë'")) == 1
    assert lobby.kept(number)["state"] == "in"


async def test_a_known_address_needs_somebody_and_may_be_mended(lobby: Lobby) -> None:
    factories.user(lobby.world.admin, email="ada@example.org")
    lobby.desk.cut()
    number = await take_down(lobby, made := newcomers())
    await lobby.desk.back()
    (kept,) = await lobby.desk.notes.family_notes()
    assert kept.state is NoteState.ATTENTION
    assert kept.refusal is not None
    assert kept.refusal.sentence == "A family with this e-mail address is known."
    await lobby.desk.notes.mend_family(made.request_id, replace(made, email="lovell@example.org"))
    await lobby.desk.back()
    assert lobby.kept(number)["state"] == "in"


async def test_a_family_that_turns_out_to_be_known_gives_its_walk_in_to_that_child(lobby: Lobby) -> None:
    factories.user(lobby.world.admin, email="ada@example.org")
    lobby.desk.cut()
    number = await take_down(lobby, made := newcomers())
    await lobby.desk.back()
    await lobby.desk.notes.is_known_family(made.request_id, lobby.child)
    await lobby.desk.back()
    assert lobby.kept(number)["child_id"] == lobby.child


async def test_somebody_else_sends_walk_ins_and_leaves_the_families_alone(lobby: Lobby) -> None:
    maya = lobby.world.person(name="Maya", desk=lobby.jonas.dsn_role)
    lobby.desk.cut()
    await take_down(lobby, newcomers())
    number = await lobby.walk_in()
    lobby.desk.close()
    await lobby.database.set_token(maya.token)
    hers = DeskAtWork(lobby.folder, lobby.database, lobby.world.venue, maya)
    await hers.back()
    assert lobby.kept(number)["state"] == "in"
    assert await hers.notes.count() == NotesCount(walk_ins=1)
    hers.close()
    await lobby.database.set_token(lobby.jonas.token)
    await lobby.start().back()
    assert await lobby.desk.notes.count() == NotesCount()


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (NotesCount(walk_ins=3), ""),
        (
            NotesCount(families=1),
            "1 new family is not registered yet; it stays on this computer until you sign in here again.",
        ),
        (
            NotesCount(families=2),
            "2 new families are not registered yet; they stay on this computer until you sign in here again.",
        ),
    ],
)
def test_sign_out_says_how_many_families_wait(count: NotesCount, words: str) -> None:
    assert sign_out_words(count) == words


async def test_what_needs_the_server_says_so(lobby: Lobby) -> None:
    lobby.desk.cut()
    for call in (
        lobby.desk.desk.move(lobby.booking, lobby.session),
        lobby.desk.desk.join_waitlist(lobby.session, child_id=lobby.child),
        lobby.desk.desk.facts(lobby.booking),
        lobby.desk.desk.add_child(uuid4(), ZOE, request_id=uuid4(), signed_by="Ada Lovell"),
    ):
        with pytest.raises(Unavailable) as caught:
            await call
        assert "has to wait until this desk is online again." in caught.value.sentence


async def test_no_name_is_in_any_file(lobby: Lobby) -> None:
    lobby.desk.cut()
    await take_down(lobby, newcomers())
    await lobby.walk_in()
    lobby.desk.close()
    for file in lobby.folder.iterdir():
        text = file.read_bytes()
        assert not any(name.encode() in text for name in ("Zoë", "Lovell", "ada@example.org", "Nia"))
    lobby.start()
    # Of the walk-ins' own file not even its key tells a name: it holds ids and times.
    facts = str([one.note for one in await lobby.desk.notes.walk_in_history()])
    assert not any(name in facts for name in ("Zoë", "Lovell", "Nia", "Rose"))
