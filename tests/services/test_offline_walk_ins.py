"""Walk-ins while no server answers: over real files and a real desk's login, through a network that is cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from console.domain.attendance import AttendanceState, OutcomeKind, RefusalReason
from console.domain.families import NoPlace, Payment
from console.domain.sealed_notes import NotesCount, NoteState
from console.errors import Conflict, NotFound, Unavailable
from console.models.gateway import FamilyGateway
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.offline_samples import CuttableDatabase, Lobby
from tests.support.places import family, priced


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
