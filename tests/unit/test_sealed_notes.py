"""The files of notes: durable, sealed, and read as far as they can be when they are damaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.domain.desk import HealthKind
from console.domain.families import NewChild, NewFamily, NewHealthNote, NewPickupPerson, Payment
from console.domain.sealed_notes import FamilyNote, NotesCount, NoteState, Refusal, WalkInNote
from console.errors import Conflict
from console.storage.cache import CacheFile
from console.storage.sealed_notes import FamilyNotesFile, WalkInFile

AT = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
VENUE, JONAS = UUID(int=7), UUID(int=1)
FULL = Refusal("This session is full.", "Offer the waitlist.", "session_full")


def walk_in(**facts: Any) -> WalkInNote:
    made = WalkInNote(uuid4(), VENUE, uuid4(), AT, JONAS, Payment.CREDITS, uuid4(), uuid4(), event_id=uuid4())
    return replace(made, **facts)


def family(**facts: Any) -> FamilyNote:
    nuts = NewHealthNote(HealthKind.ALLERGY, 1, "Nuts", "All nuts", "Pen in bag.")
    child = NewChild("Zoë", date(2019, 5, 1), (nuts,), (NewPickupPerson("Rose", "grandmother", "+1 555"),))
    given = NewFamily(uuid4(), "Ada", "Lovell", "+1 555 010 7788", "ada@example.org", child, "Ada Lovell")
    return replace(FamilyNote(given, VENUE, AT, JONAS), **facts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "walk-ins.db"


@pytest.fixture
def file(path: Path) -> Iterator[WalkInFile]:
    made = WalkInFile(path, KEY)
    yield made
    made.close()


@pytest.fixture
def families(tmp_path: Path) -> Iterator[FamilyNotesFile]:
    cache = CacheFile(tmp_path / "cache.db", KEY)
    yield FamilyNotesFile(cache.sealed_file)
    cache.close()


def test_what_is_kept_is_read_back_whole_after_a_restart(file: WalkInFile, path: Path) -> None:
    notes = [
        walk_in(),
        walk_in(known_booking=None, known_session=None, child_id=uuid4(), payment=Payment.OWED),
        walk_in(known_booking=None, known_session=None, family_note=uuid4(), event_id=None),
    ]
    for note in notes:
        assert file.add(note) == note
    file.close()
    again = WalkInFile(path, KEY)
    assert [(one.note, one.state) for one in again.unsettled()] == [
        (note, NoteState.WAITING) for note in notes
    ]
    assert again.recovered is None
    again.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_note_is_kept_once(file: WalkInFile) -> None:
    note = file.add(walk_in())
    assert file.add(replace(note, payment=Payment.OWED)) == note
    assert len(file.unsettled()) == 1


def test_a_refused_note_is_told_again_or_put_away_and_only_once(file: WalkInFile) -> None:
    first, second = file.add(walk_in()), file.add(walk_in(venue_id=UUID(int=8)))
    with pytest.raises(Conflict):
        file.retry(first.id)
    with pytest.raises(Conflict):
        file.discard(first.id, "x", JONAS, AT)
    for note in (first, second):
        file.refused(note.id, FULL)
    assert [(one.state, one.refusal) for one in file.unsettled(VENUE)] == [(NoteState.ATTENTION, FULL)]
    file.retry(first.id, Payment.OWED)
    (again,) = file.unsettled(VENUE)
    assert (again.state, again.refusal, again.note.payment) == (NoteState.WAITING, None, Payment.OWED)
    file.discard(second.id, "Went home.", JONAS, AT)
    kept = {one.note.id: one for one in file.history()}[second.id]
    assert (kept.state, kept.why, kept.by, kept.settled_at) == (NoteState.DISCARDED, "Went home.", JONAS, AT)
    with pytest.raises(Conflict):
        file.retry(second.id)


def test_settled_notes_go_after_a_week_and_waiting_ones_never(file: WalkInFile) -> None:
    done, waiting = file.add(walk_in()), file.add(walk_in())
    file.taken(done.id, AT)
    file.taken(file.add(walk_in()).id, AT + timedelta(days=7))
    assert {done.id, waiting.id} <= {one.note.id for one in file.history()}
    file.taken(file.add(walk_in()).id, AT + timedelta(days=400))
    assert [one.note.id for one in file.unsettled()] == [waiting.id]
    assert done.id not in {one.note.id for one in file.history()}


def test_the_walk_ins_of_a_family_follow_it(file: WalkInFile) -> None:
    note, other = uuid4(), uuid4()
    first = file.add(walk_in(known_booking=None, known_session=None, family_note=note))
    file.add(walk_in(known_booking=None, known_session=None, family_note=other))
    assert first.waits_for_family
    file.follow(note, child := uuid4())
    file.follow(note, uuid4())
    assert [one.note.child_id for one in file.unsettled()] == [child, None]


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "text", "another key"])
def test_a_damaged_file_is_set_aside_and_what_is_left_is_saved(path: Path, damage: str) -> None:
    file = WalkInFile(path, KEY)
    notes = [file.add(walk_in()) for _ in range(60)]
    file.close()
    whole = path.read_bytes()
    pages = len(whole) // 4096
    key = OTHER_KEY if damage == "another key" else KEY
    if damage == "flipped":
        spot = 4096 * (pages // 2) + 100
        path.write_bytes(whole[:spot] + bytes([whole[spot] ^ 255]) + whole[spot + 1 :])
    elif damage in ("cut", "empty", "text"):
        path.write_bytes({"cut": whole[: 4096 * (pages - 2)], "empty": b"", "text": b"hello " * 2000}[damage])
    found = WalkInFile(path, key, now=AT)
    saved = {one.note.id for one in found.unsettled()}
    assert found.recovered is not None
    assert Path(found.recovered.set_aside).exists()
    assert found.recovered.events == len(saved)
    assert saved <= {note.id for note in notes}
    assert (len(saved) > 30) == (damage in ("flipped", "cut"))
    extra = found.add(walk_in())
    found.close()
    again = WalkInFile(path, key)
    assert extra.id in {one.note.id for one in again.unsettled()}
    assert again.recovered is None
    again.close()


def test_a_family_note_is_whole_and_its_names_go_when_it_is_settled(families: FamilyNotesFile) -> None:
    note = family()
    families.add(note)
    families.add(note)
    (kept,) = families.unsettled(VENUE)
    assert (kept.note, kept.state, kept.refusal) == (note, NoteState.WAITING, None)
    assert families.unsettled(UUID(int=8)) == []
    families.settled(note.id)
    assert families.unsettled() == []


def test_a_refused_family_may_be_mended_under_its_number(families: FamilyNotesFile) -> None:
    note = family()
    families.add(note)
    with pytest.raises(Conflict):
        families.mend(note.id, note.family)
    families.refused(note.id, FULL)
    assert [(one.state, one.refusal) for one in families.unsettled()] == [(NoteState.ATTENTION, FULL)]
    families.mend(note.id, replace(note.family, request_id=uuid4(), email="lovell@example.org"))
    (kept,) = families.unsettled()
    assert (kept.state, kept.note.id, kept.note.family.email) == (
        NoteState.WAITING,
        note.id,
        "lovell@example.org",
    )


def test_family_notes_outlive_a_fresh_snapshot_and_stay_in_their_cache(tmp_path: Path) -> None:
    cache = CacheFile(tmp_path / "cache.db", KEY)
    FamilyNotesFile(cache.sealed_file).add(note := family())
    cache.close()
    assert b"Lovell" not in (tmp_path / "cache.db").read_bytes()
    again = CacheFile(tmp_path / "cache.db", KEY)
    assert [one.note for one in FamilyNotesFile(again.sealed_file).unsettled()] == [note]
    again.close()


def test_the_count_adds_up() -> None:
    assert NotesCount(2, 1, 1).total == 3
