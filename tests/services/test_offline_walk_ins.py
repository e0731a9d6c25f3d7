"""Walk-ins while no server answers: over real files and a real desk's login, through a network that is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.attendance import AttendanceState, OutcomeKind, RefusalReason
from console.domain.desk import HealthKind
from console.domain.families import NewChild, NewFamily, NewHealthNote, NewPickupPerson, NoPlace, Payment
from console.domain.sealed_notes import NotesCount, NoteState, sign_out_words
from console.errors import Conflict, NotFound, Unavailable
from console.models.gateway import FamilyGateway
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.offline_samples import CuttableDatabase, DeskAtWork
from tests.support.places import family, priced

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


class Lobby:
    """The morning of these tests: a session to walk into, and Nia, who is booked for another day of the week."""

    def __init__(self, world: World, jonas: Person, database: CuttableDatabase, folder: Path) -> None:
        self.world, self.jonas, self.database, self.folder = world, jonas, database, folder
        self.session = priced(world, 2, "Pottery", starts_at=SOON)
        self.child = family(world, "Nia")
        week = world.other_session("Ballet", starts_at=SOON + timedelta(days=2))
        self.booking = world.booking(self.child, session=week)
        self.desk = self.start()

    def start(self) -> DeskAtWork:
        """The console starts, again perhaps."""
        self.desk = DeskAtWork(self.folder, self.database, self.world.venue, self.jonas)
        return self.desk

    def restart(self) -> DeskAtWork:
        """The console is ended and starts again."""
        self.desk.close()
        return self.start()

    async def nia(self) -> UUID:
        """Nia's number, as the desk finds her."""
        ((found,), *others) = [one.children for one in await self.desk.desk.find_families("ni")]
        assert (found.first_name, others) == ("Nia", [])
        return found.id

    async def walk_in(self) -> UUID:
        """Nia walks in, offline; the number of her booking."""
        booked = await self.desk.desk.take_place(
            self.session, Payment.CREDITS, child_id=await self.nia(), check_in=True
        )
        assert booked.kept
        assert booked.answer is not None
        assert booked.answer.kept
        return booked.booking_id

    def kept(self, number: UUID) -> dict[str, object]:
        """The booking at the server."""
        return self.world.one(
            """SELECT child_id, session_id, attendance_state::text AS state, attendance_at AS at
                 FROM bookings WHERE id = %s""",
            number,
        )


@pytest.fixture
async def lobby(
    world: World, jonas: Person, database: CuttableDatabase, tmp_path: Path
) -> AsyncIterator[Lobby]:
    made = Lobby(world, jonas, database, tmp_path)
    await made.desk.fetch()
    yield made
    made.desk.close()


async def test_it_is_what_the_screens_ask(lobby: Lobby) -> None:
    gateway: FamilyGateway = lobby.desk.desk
    assert [one.parent_first_name for one in await gateway.find_families("nia")] != []


async def test_a_known_child_gets_a_place_and_is_in_once_the_server_is_back(lobby: Lobby) -> None:
    lobby.desk.cut()
    choices = await lobby.desk.desk.session_choices(NOON.date(), child_id=await lobby.nia())
    assert [
        (one.activity_name, one.blocked, one.price) for one in choices if one.activity_name == "Pottery"
    ] == [("Pottery", None, None)]
    number = await lobby.walk_in()
    assert lobby.desk.outbox.count().waiting == 1
    (entry,) = lobby.desk.rosters.roster(lobby.session) or []
    assert (entry.booking_id, entry.first_name, entry.state) == (number, "Nia", AttendanceState.EXPECTED)
    (shown,) = [
        one for one in lobby.desk.rosters.sessions(lobby.world.venue, NOON.date()) if one.id == lobby.session
    ]
    assert (shown.booked, shown.expected) == (1, 1)
    assert lobby.world.all("SELECT 1 FROM bookings WHERE id = %s", number) == []

    await lobby.desk.back()
    assert lobby.kept(number) == {
        "child_id": lobby.child,
        "session_id": lobby.session,
        "state": "in",
        "at": NOON,
    }
    assert await lobby.desk.notes.count() == NotesCount()
    assert lobby.desk.outbox.count().waiting == 0
    await lobby.desk.fetch()
    assert [one.booking_id for one in lobby.desk.rosters.roster(lobby.session) or []] == [number]


async def test_nothing_of_it_is_lost_when_the_console_ends(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await lobby.walk_in()
    lobby.restart()
    assert await lobby.desk.notes.count() == NotesCount(walk_ins=1)
    assert [one.booking_id for one in lobby.desk.rosters.roster(lobby.session) or []] == [number]
    await lobby.desk.back()
    assert lobby.kept(number)["state"] == "in"


async def test_a_console_that_ended_between_note_and_check_in_still_records_it(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    lobby.desk.cut()
    nia = await lobby.nia()

    def full(*_: object) -> None:
        raise Unavailable("This computer's disk is full; nothing was recorded.")

    with monkeypatch.context() as broken:
        broken.setattr(lobby.desk.outbox, "append", full)
        with pytest.raises(Unavailable):
            await lobby.desk.desk.take_place(lobby.session, Payment.CREDITS, child_id=nia, check_in=True)
    lobby.restart()
    ((kept,), waiting) = await lobby.desk.notes.walk_ins(), lobby.desk.outbox.count().waiting
    assert waiting == 0
    await lobby.desk.back()
    assert lobby.kept(kept.note.id)["state"] == "in"


async def test_a_lost_answer_books_once(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await lobby.walk_in()
    lobby.database.arrives, lobby.database.loses = True, "FROM"
    with pytest.raises(Unavailable):
        await lobby.desk.notes.send()
    assert await lobby.desk.notes.count() == NotesCount(walk_ins=1)
    await lobby.desk.back()
    assert lobby.kept(number)["state"] == "in"
    assert len(lobby.world.all("SELECT 1 FROM credit_ledger WHERE booking_id = %s", number)) == 1


async def test_a_place_in_doubt_is_the_same_place(lobby: Lobby) -> None:
    nia = await lobby.nia()
    lobby.database.loses = "bookings.take_place"
    booked = await lobby.desk.desk.take_place(lobby.session, Payment.CREDITS, child_id=nia, check_in=True)
    # The server has it and the desk does not know: it keeps the place, under the same number.
    assert booked.kept
    assert lobby.kept(booked.booking_id)["state"] == "in"
    await lobby.desk.back()
    assert len(lobby.world.all("SELECT 1 FROM bookings WHERE session_id = %s", lobby.session)) == 1
    outcomes = lobby.world.all("SELECT outcome::text AS o FROM attendance_events ORDER BY outcome")
    assert [one["o"] for one in outcomes] == ["applied", "already"]


async def test_a_child_found_online_walks_in_after_the_network_went(lobby: Lobby) -> None:
    nia = await lobby.nia()
    assert nia == lobby.child
    lobby.desk.cut()
    booked = await lobby.desk.desk.take_place(lobby.session, Payment.OWED, child_id=nia, check_in=True)
    (entry,) = lobby.desk.rosters.roster(lobby.session) or []
    assert entry.first_name == "Nia"
    await lobby.desk.back()
    assert lobby.kept(booked.booking_id)["child_id"] == lobby.child


async def test_a_child_found_offline_can_be_booked_once_the_desk_is_online(lobby: Lobby) -> None:
    lobby.desk.cut()
    nia = await lobby.nia()
    await lobby.desk.back()
    booked = await lobby.desk.desk.take_place(lobby.session, Payment.CREDITS, child_id=nia)
    assert (booked.kept, booked.charged) == (False, 2)


async def test_a_child_of_no_roster_waits_for_the_server(lobby: Lobby) -> None:
    stranger = family(lobby.world, "Otto")
    lobby.desk.cut()
    with pytest.raises(Unavailable) as caught:
        await lobby.desk.desk.take_place(lobby.session, Payment.CREDITS, child_id=stranger, check_in=True)
    assert caught.value.code == "child_not_cached"
    assert await lobby.desk.notes.count() == NotesCount()


async def test_what_the_desk_can_tell_itself_is_refused_at_once(lobby: Lobby) -> None:
    full = priced(lobby.world, 2, "Chess", starts_at=SOON, total_capacity=1)
    lobby.world.booking("Max", full)
    older = factories.activity(
        lobby.world.admin, lobby.world.venue, name="Fencing", min_age_months=190, max_age_months=None
    )
    teens = factories.session(lobby.world.admin, older, starts_at=SOON)
    await lobby.desk.fetch()
    lobby.desk.cut()
    nia = await lobby.nia()
    for session, code in ((full, "session_full"), (teens, "too_young")):
        with pytest.raises(Conflict) as caught:
            await lobby.desk.desk.take_place(session, Payment.CREDITS, child_id=nia)
        assert caught.value.code == code
    with pytest.raises(NotFound):
        await lobby.desk.desk.take_place(uuid4(), Payment.CREDITS, child_id=nia)
    await lobby.walk_in()
    with pytest.raises(Conflict) as twice:
        await lobby.walk_in()
    assert twice.value.code == "already_booked"
    allowed = await lobby.desk.desk.take_place(
        teens, Payment.CREDITS, child_id=nia, overrule=frozenset({NoPlace.TOO_YOUNG, NoPlace.ELSEWHERE})
    )
    assert set(allowed.warnings) == {NoPlace.TOO_YOUNG, NoPlace.ELSEWHERE}


async def test_a_walk_in_of_the_afternoon_has_its_place_and_is_not_in(lobby: Lobby) -> None:
    later = priced(lobby.world, 2, "Choir", starts_at=NOON + timedelta(hours=5))
    await lobby.desk.fetch()
    lobby.desk.cut()
    booked = await lobby.desk.desk.take_place(
        later, Payment.CREDITS, child_id=await lobby.nia(), check_in=True
    )
    assert booked.answer is not None
    assert (booked.answer.outcome, booked.answer.reason) == (OutcomeKind.REJECTED, RefusalReason.TOO_EARLY)
    await lobby.desk.back()
    assert lobby.kept(booked.booking_id)["state"] == "expected"


async def test_a_place_that_is_gone_needs_somebody_and_says_why(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await lobby.walk_in()
    lobby.world.admin.execute(
        "UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [lobby.session]
    )
    taken = lobby.world.booking("Max", lobby.session)
    await lobby.desk.back()
    (kept,) = await lobby.desk.notes.walk_ins()
    assert kept.state is NoteState.ATTENTION
    assert kept.refusal is not None
    assert (kept.refusal.sentence, kept.refusal.code) == ("This session is full.", "session_full")
    assert await lobby.desk.notes.count() == NotesCount(walk_ins=1, attention=1)
    # The check-in is not lost either: it waits with its place.
    assert [one.event.booking_id for one in lobby.desk.outbox.attention()] == [number]
    lobby.world.admin.execute(
        "UPDATE bookings SET status = 'cancelled_parent', cancelled_at = %s WHERE id = %s", [NOON, taken]
    )
    await lobby.desk.notes.retry(kept.note.id)
    await lobby.desk.back()
    assert lobby.kept(number)["state"] == "in"
    assert lobby.desk.outbox.attention() == []
    with pytest.raises(Conflict):
        await lobby.desk.notes.retry(kept.note.id)


async def test_missing_credits_may_be_owed_afterwards(lobby: Lobby) -> None:
    lobby.world.admin.execute("UPDATE activities SET credits_required = 40")
    lobby.desk.cut()
    number = await lobby.walk_in()
    await lobby.desk.back()
    (kept,) = await lobby.desk.notes.walk_ins()
    assert kept.refusal is not None
    assert kept.refusal.sentence == "30 credits are missing."
    await lobby.desk.notes.retry(number, Payment.OWED)
    await lobby.desk.back()
    assert lobby.kept(number)["state"] == "in"
    assert lobby.world.one("SELECT amount FROM owed_credits WHERE booking_id = %s", number) == {"amount": 40}


async def test_a_walk_in_that_is_put_away_takes_its_check_in_along(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await lobby.walk_in()
    lobby.world.admin.execute(
        "UPDATE activity_sessions SET is_cancelled = true, cancelled_at = %s WHERE id = %s",
        [NOON, lobby.session],
    )
    await lobby.desk.back()
    await lobby.desk.notes.discard(number, "The family went home.")
    assert await lobby.desk.notes.count() == NotesCount()
    assert lobby.desk.outbox.attention() == []
    (kept,) = await lobby.desk.notes.walk_in_history()
    assert (kept.state, kept.why, kept.by) == (NoteState.DISCARDED, "The family went home.", lobby.jonas.id)
    assert lobby.desk.rosters.roster(lobby.session) == []


async def test_a_session_that_was_over_by_then_is_booked_as_it_was(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await lobby.walk_in()
    lobby.world.at(NOON + timedelta(hours=9))
    await lobby.desk.back()
    assert (lobby.kept(number)["state"], lobby.kept(number)["at"]) == ("in", NOON)


async def test_a_check_in_that_overtook_its_place_is_tried_again(lobby: Lobby) -> None:
    lobby.desk.cut()
    number = await lobby.walk_in()
    lobby.database.arrives = True
    await lobby.desk.recorder.flush()
    (early,) = lobby.desk.outbox.attention()
    assert early.answer is not None
    assert early.answer.reason is RefusalReason.UNKNOWN_CODE
    await lobby.desk.back()
    assert lobby.kept(number) == {
        "child_id": lobby.child,
        "session_id": lobby.session,
        "state": "in",
        "at": NOON,
    }
    assert lobby.desk.outbox.attention() == []


async def test_sending_twice_at_once_tells_each_once(lobby: Lobby) -> None:
    lobby.desk.cut()
    await lobby.walk_in()
    lobby.database.arrives = True
    await asyncio.gather(lobby.desk.notes.send(), lobby.desk.notes.send())
    assert len(lobby.world.all("SELECT 1 FROM bookings WHERE session_id = %s", lobby.session)) == 1


# New families.


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
