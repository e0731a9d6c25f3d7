"""The cache of one person: what was put in comes out as it was, all of it or nothing, and only for its key."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.attendance import AttendanceState
from console.errors import Unavailable
from console.storage.cache import CacheFile
from console.storage.cache_rows import entry_text
from console.storage.snapshot import ChildRow, FetchedSnapshot, SessionRow, packed
from tests.support.sealed_samples import (
    AT,
    CHILD,
    KEY,
    OTHER_KEY,
    VENUE,
    entry,
    flip,
    killed,
    person,
    session,
    snapshot,
)

TODAY = AT.date()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "cache.db"


def test_sessions_and_rosters_come_out_as_they_went_in(path: Path) -> None:
    judo, ballet = session("Ben", CHILD, "Ana"), session(at=AT + timedelta(hours=2), closed_at=AT)
    cache = CacheFile(path, KEY)
    cache.put(snapshot(judo, ballet))
    assert cache.state(VENUE) == (AT, "100@2026-11-21")
    assert cache.sessions(VENUE, TODAY) == [judo.summary, ballet.summary]
    assert cache.sessions(VENUE, TODAY + timedelta(days=1)) == []
    roster = cache.roster(judo.summary.id)
    assert roster == [judo.entries[2], judo.entries[0], judo.entries[1]]
    assert cache.roster(ballet.summary.id) == []
    assert cache.roster(uuid4()) is None
    wanted = judo.entries[1]
    assert cache.entry_by_code(VENUE, wanted.confirmation_code) == wanted
    assert cache.entry_by_code(uuid4(), wanted.confirmation_code) is None
    assert cache.entry_by_code(VENUE, "0000-0000-0") is None
    cache.close()
    again = CacheFile(path, KEY)
    assert again.recovered is None
    assert again.roster(judo.summary.id) == roster
    again.close()


def test_counts_are_those_of_the_roster(path: Path) -> None:
    judo = session("Ben")
    states = [AttendanceState.IN, AttendanceState.IN, AttendanceState.OUT, AttendanceState.ABSENT]
    entries = tuple(entry(judo.summary.id, state=state) for state in states)
    cache = CacheFile(path, KEY)
    cache.put(snapshot(replace(judo, entries=entries)))
    (found,) = cache.sessions(VENUE, TODAY)
    assert (found.booked, found.in_count, found.out_count, found.absent, found.expected) == (4, 2, 1, 1, 0)
    cache.close()


def test_a_session_belongs_to_the_venues_day(path: Path) -> None:
    late = session(at=AT.replace(hour=5))  # nine in the evening before, in Los Angeles
    cache = CacheFile(path, KEY)
    cache.remember(person(), AT)
    cache.put(snapshot(late))
    assert cache.sessions(VENUE, TODAY) == []
    assert len(cache.sessions(VENUE, date(2026, 11, 20))) == 1
    cache.close()


def test_a_later_answer_replaces_what_changed_and_removes_what_is_gone(path: Path) -> None:
    judo, ballet, chess = session("Ben", "Ana"), session("Cleo"), session("Dan")
    cache = CacheFile(path, KEY)
    cache.put(snapshot(judo, ballet, chess))
    fewer = replace(judo, entries=judo.entries[:1])
    part = snapshot(
        fewer, whole=False, xmin="200@2026-11-21", gone=(ballet.summary.id, chess.entries[0].booking_id)
    )
    cache.put(part)
    assert cache.roster(judo.summary.id) == [judo.entries[0]]
    assert cache.roster(ballet.summary.id) is None
    assert cache.roster(chess.summary.id) == []
    assert cache.state(VENUE) == (AT, "200@2026-11-21")
    cache.close()


def test_a_fetched_part_replaces_rows_by_booking(path: Path) -> None:
    cache = CacheFile(path, KEY)
    judo, ballet = str(uuid4()), str(uuid4())

    def child(booking: str, of: str, state: str) -> ChildRow:
        made = entry(UUID(of), booking_id=UUID(booking), state=AttendanceState(state))
        return ChildRow(booking[:8], booking, entry_text(made))

    one, two, three = (str(uuid4()) for _ in range(3))
    rows = tuple(SessionRow(number, TODAY.isoformat(), "{}") for number in (judo, ballet))
    children = {
        judo: packed([child(one, judo, "expected"), child(two, judo, "expected")]),
        ballet: packed([child(three, ballet, "expected")]),
    }
    cache.put_fetched(FetchedSnapshot(VENUE, AT, "1@x", True, rows, children))
    # One is in, two is cancelled, three has moved to the first session, and the second is no longer in the week.
    changed = {judo: packed([child(one, judo, "in"), child(three, judo, "out")])}
    cache.put_fetched(FetchedSnapshot(VENUE, AT, "2@x", False, rows[:1], changed, (two,)))
    roster = cache.roster(UUID(judo))
    assert roster is not None
    assert {str(found.booking_id): found.state.value for found in roster} == {one: "in", three: "out"}
    assert cache.roster(UUID(ballet)) is None
    assert cache.entry_by_code(VENUE, two[:8]) is None
    for booking in (one, three):
        found = cache.entry_by_code(VENUE, booking[:8])
        assert found is not None
        assert str(found.booking_id) == booking
    # A whole one says everything anew.
    cache.put_fetched(FetchedSnapshot(VENUE, AT, "3@x", True, rows, children))
    for number, count in ((judo, 2), (ballet, 1)):
        assert len(cache.roster(UUID(number)) or ()) == count
    cache.close()


def test_venues_do_not_touch_each_other(path: Path) -> None:
    other = uuid4()
    cache = CacheFile(path, KEY)
    judo, ballet = session("Ben"), session("Ana", venue_id=other)
    cache.put(snapshot(judo))
    cache.put(snapshot(ballet, venue_id=other))
    cache.put(snapshot())
    assert cache.roster(judo.summary.id) is None
    assert cache.roster(ballet.summary.id) == list(ballet.entries)
    cache.close()


def test_who_it_belongs_to_is_kept_whole(path: Path) -> None:
    cache = CacheFile(path, KEY)
    assert (cache.person(), cache.signed_in_at(), cache.seen_at()) == (None, None, None)
    jonas = person()
    cache.remember(jonas, AT)
    assert cache.person() == jonas
    assert (cache.signed_in_at(), cache.seen_at()) == (AT, AT)
    cache.saw(AT + timedelta(hours=1))
    cache.saw(AT)  # never back
    assert (cache.signed_in_at(), cache.seen_at()) == (AT, AT + timedelta(hours=1))
    cache.close()


@pytest.mark.parametrize("damage", ["first page", "a page", "cut off", "another key", "a text"])
def test_what_is_damaged_or_foreign_is_set_aside_and_never_read(path: Path, damage: str) -> None:
    cache = CacheFile(path, KEY)
    judo = session(*["Ben"] * 30)
    cache.put(snapshot(judo))
    cache.close()
    if damage == "first page":
        flip(path, 0)
    elif damage == "a page":
        flip(path, 5)
    elif damage == "cut off":
        os.truncate(path, 9_000)
    elif damage == "a text":
        path.write_text("no such file\n" * 2_000)
    before = path.read_bytes()
    again = CacheFile(path, OTHER_KEY if damage == "another key" else KEY, now=AT)
    assert again.recovered is not None
    assert Path(again.recovered.set_aside).name == "cache.db.damaged-20261121T140000"
    assert Path(again.recovered.set_aside).read_bytes() == before
    assert again.state(VENUE) is None
    assert again.roster(judo.summary.id) is None
    again.put(snapshot(judo))
    assert again.roster(judo.summary.id) is not None
    again.close()


def test_no_name_is_anywhere_on_the_disk(path: Path) -> None:
    cache = CacheFile(path, KEY)
    cache.remember(person(), AT)
    cache.put(snapshot(session(*[CHILD] * 50)))
    for file in path.parent.iterdir():
        content = file.read_bytes()
        for word in (CHILD.encode(), b"Theodora", b"Peanut", b"Rosalind", b"Jonas", b"riverside"):
            assert word not in content, file.name
    cache.close()


def test_a_full_disk_keeps_what_was_there(path: Path) -> None:
    cache = CacheFile(path, KEY)
    judo = session("Ben")
    cache.put(snapshot(judo))
    cache.sealed_file.rows("PRAGMA max_page_count = 1")
    with pytest.raises(Unavailable, match="disk is full"):
        cache.put(snapshot(*[session(*["Ana"] * 40) for _ in range(20)]))
    assert cache.roster(judo.summary.id) == list(judo.entries)
    cache.close()


def test_wiping_destroys_it(path: Path) -> None:
    cache = CacheFile(path, KEY)
    cache.put(snapshot(session("Ben")))
    cache.wipe()
    assert list(path.parent.iterdir()) == []
    with pytest.raises(Unavailable):
        cache.state(VENUE)


_PUTTING = """
import sys, itertools
from pathlib import Path
from console.storage.cache import CacheFile
from tests.support.sealed_samples import KEY, session, snapshot
cache = CacheFile(Path(sys.argv[1]), KEY)
assert cache.recovered is None, cache.recovered
weeks = [snapshot(*[session(*[name] * 30) for _ in range(10)], xmin=name) for name in ("Ana", "Ben")]
for week in itertools.cycle(weeks):
    print("putting", flush=True)
    cache.put(week)
"""


def test_killed_in_the_middle_of_a_snapshot_it_holds_one_or_the_other(path: Path) -> None:
    for times in (2, 3, 5, 8):
        killed(_PUTTING, str(path), when=lambda lines, times=times: len(lines) > times)  # type: ignore[misc]
        cache = CacheFile(path, KEY)
        assert cache.recovered is None
        state = cache.state(VENUE)
        assert state is not None
        sessions = cache.sessions(VENUE, TODAY)
        assert len(sessions) == 10
        names = {found.first_name for one in sessions for found in cache.roster(one.id) or ()}
        assert names == {state[1]}
        assert sum(one.booked for one in sessions) == 300
        cache.close()
