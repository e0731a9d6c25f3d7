"""The outbox: nothing acknowledged is ever lost, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import os
import random
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.domain.attendance import (
    AnswerDetail,
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    Origin,
    OtherSession,
    OutcomeKind,
    RefusalReason,
)
from console.domain.sync import OutboxCount, QueueState
from console.errors import Conflict, Unavailable
from console.services.desk_store import EventStore
from console.storage import sealed
from console.storage.cache import CacheFile
from console.storage.outbox import OutboxFile
from tests.support.sealed_samples import (
    AT,
    CHILD,
    KEY,
    OTHER_KEY,
    VENUE,
    event,
    flip,
    killed,
    session,
    snapshot,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk" / "outbox.db"


def applied(one: AttendanceEvent) -> EventAnswer:
    return EventAnswer(one.id, OutcomeKind.APPLIED, None, booking_id=one.booking_id, state=AttendanceState.IN)


def refused(one: AttendanceEvent) -> EventAnswer:
    return EventAnswer(one.id, OutcomeKind.REJECTED, RefusalReason.CANCELLED)


def test_an_event_is_kept_with_the_next_number(path: Path) -> None:
    outbox: EventStore = OutboxFile(path, KEY)
    everything = event(
        EventKind.CHECK_OUT,
        session_id=uuid4(),
        person_id=uuid4(),
        pickup_name="A neighbour",
        code="K7Q4-2MXR-6",
        again=True,
        annuls=uuid4(),
    )
    first = outbox.append(everything, VENUE)
    second = outbox.append(event(), VENUE)
    assert first == replace(everything, seq=1)
    assert second.seq == 2
    outbox.close()
    again = OutboxFile(path, KEY)
    assert again.recovered is None
    waiting = again.waiting()
    assert [one.event for one in waiting] == [first, second]
    assert {(one.venue_id, one.state, one.answer) for one in waiting} == {(VENUE, QueueState.WAITING, None)}
    assert [one.event.seq for one in again.waiting(1)] == [1]
    assert again.count() == OutboxCount(2, 0)
    again.close()


def test_the_same_event_twice_is_one(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    one = event()
    assert outbox.append(one, VENUE) == outbox.append(replace(one, seq=9), VENUE)
    assert outbox.count().waiting == 1
    outbox.close()


def test_time_never_goes_back(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    outbox.append(event(at=AT), VENUE)
    assert outbox.append(event(at=AT - timedelta(days=1)), VENUE).occurred_at == AT
    outbox.answered([applied(one.event) for one in outbox.waiting()], AT + timedelta(days=30))
    outbox.close()
    outbox = OutboxFile(path, KEY)
    assert outbox.append(event(at=AT - timedelta(days=1)), VENUE).occurred_at == AT
    assert outbox.append(event(at=AT + timedelta(seconds=1)), VENUE).occurred_at == AT + timedelta(seconds=1)
    outbox.close()


def test_answers_are_stored_without_names_and_the_first_one_holds(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    one = outbox.append(event(pickup_person_id=uuid4(), pickup_name="Rosalind"), VENUE)
    other = OtherSession(uuid4(), uuid4(), "Ballet", AT)
    detail = AnswerDetail(AT, "Desk 2", "Maya", True, other, "Rosalind", AT, AT, "Riverside", CHILD)
    answer = EventAnswer(
        one.id, OutcomeKind.ALREADY, RefusalReason.ALREADY_IN, detail, one.booking_id, AttendanceState.IN, AT
    )
    outbox.answered([answer], AT)
    outbox.answered([refused(one)], AT + timedelta(hours=1))
    (kept,) = outbox.history()
    nameless = replace(
        detail,
        desk=None,
        person=None,
        pickup_name=None,
        venue_name=None,
        first_name=None,
        other=replace(other, name=""),
    )
    assert kept.answer == replace(answer, detail=nameless)
    assert (kept.state, kept.answered_at) == (QueueState.ANSWERED, AT)
    assert kept.event == replace(one, pickup_name=None)
    with pytest.raises(ValueError, match="only the server"):
        outbox.answered([replace(answer, kept=True)], AT)
    outbox.close()


def test_a_live_refusal_is_answered_and_a_queued_one_needs_attention(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    live, late, queued = (outbox.append(event(), VENUE) for _ in range(3))
    outbox.became_queued([late.id, queued.id, uuid4()])
    assert [one.event.origin for one in outbox.waiting()] == [Origin.LIVE, Origin.QUEUED, Origin.QUEUED]
    assert [one.event.id for one in outbox.waiting()] == [live.id, late.id, queued.id]
    outbox.answered([refused(live), refused(late), applied(queued), applied(event())], AT)
    assert [one.event.id for one in outbox.attention()] == [late.id]
    assert outbox.count() == OutboxCount(0, 1)
    outbox.became_queued([live.id])  # answered: it stays as it was asked
    assert outbox.history()[-1].event.origin is Origin.LIVE
    outbox.close()


def needing_attention(outbox: OutboxFile) -> AttendanceEvent:
    one = outbox.append(event(origin=Origin.QUEUED), VENUE)
    outbox.answered([refused(one)], AT)
    return one


def test_trying_again_makes_a_new_event_of_the_same_facts(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    one = needing_attention(outbox)
    new_id = uuid4()
    new = outbox.retry(one.id, new_id, AT)
    assert new == replace(one, id=new_id, seq=2)
    assert [kept.event for kept in outbox.waiting()] == [new]
    old = outbox.history()[-1]
    assert (old.state, old.retried_as) == (QueueState.RETRIED, new_id)
    with pytest.raises(Conflict):
        outbox.retry(one.id, uuid4(), AT)
    assert outbox.count() == OutboxCount(1, 0)
    outbox.close()


def test_what_is_discarded_stays_readable_with_its_reason(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    one = needing_attention(outbox)
    manager = uuid4()
    outbox.discard(one.id, "Scanned by mistake", manager, AT)
    assert outbox.attention() == []
    (kept,) = outbox.history()
    assert (kept.state, kept.note, kept.by) == (QueueState.DISCARDED, "Scanned by mistake", manager)
    assert kept.answer is not None
    with pytest.raises(Conflict):
        outbox.discard(one.id, "Again", manager, AT)
    outbox.close()


def test_only_what_was_answered_a_week_ago_is_cleared_away(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    attention, discarded = needing_attention(outbox), needing_attention(outbox)
    outbox.discard(discarded.id, "A mistake", uuid4(), AT)
    answered, waiting = outbox.append(event(), VENUE), outbox.append(event(), VENUE)
    outbox.answered([applied(answered)], AT)
    outbox.answered([], AT + timedelta(days=7))
    assert len(outbox.history()) == 4
    outbox.answered([], AT + timedelta(days=7, seconds=1))
    assert [one.event.id for one in outbox.history()] == [waiting.id, discarded.id, attention.id]
    outbox.close()


def test_numbers_that_the_server_knows_as_used_are_left_out(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    outbox.seq_at_least(10)
    assert outbox.append(event(), VENUE).seq == 10
    outbox.seq_at_least(5)
    assert outbox.append(event(), VENUE).seq == 11
    # Another console of this desk has used up to 14: what waits gets other numbers in the same order and keeps its ids.
    ids = [one.event.id for one in outbox.waiting()]
    outbox.seq_at_least(15)
    assert [(one.event.seq, one.event.id) for one in outbox.waiting()] == list(
        zip((15, 16), ids, strict=True)
    )
    assert outbox.next_seq() == 17
    outbox.seq_at_least(15)
    assert [one.event.seq for one in outbox.waiting()] == [15, 16]
    outbox.close()


def test_two_consoles_of_one_desk_share_the_numbers(path: Path) -> None:
    one, two = OutboxFile(path, KEY), OutboxFile(path, KEY)
    seqs = [outbox.append(event(), VENUE).seq for _ in range(5) for outbox in (one, two)]
    assert seqs == list(range(1, 11))
    two.close()
    one.close()


def test_threads_do_not_disturb_each_other(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    seqs: list[int] = []

    def work() -> None:
        seqs.extend(outbox.append(event(), VENUE).seq for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seqs) == list(range(1, 81))
    outbox.close()


_APPENDING = """
import sys, time
from pathlib import Path
from uuid import UUID
from console.storage.outbox import OutboxFile
from tests.support.sealed_samples import KEY, VENUE, applied_or_not, event
outbox = OutboxFile(Path(sys.argv[1]), KEY)
assert outbox.recovered is None, outbox.recovered
while True:
    one = outbox.append(event(), VENUE)
    print(one.seq, one.id, flush=True)
    if one.seq % 7 == 0:
        outbox.answered([applied_or_not(one)], one.occurred_at)
"""


def test_killed_in_the_middle_of_appends_every_acknowledged_event_is_there(path: Path) -> None:
    chance = random.Random(4)
    acknowledged: dict[UUID, int] = {}
    for _ in range(12):
        after = chance.randrange(1, 60)
        lines = killed(_APPENDING, str(path), when=lambda lines, after=after: len(lines) >= after)  # type: ignore[misc]
        for line in lines:
            seq, event_id = line.split()
            assert UUID(event_id) not in acknowledged
            acknowledged[UUID(event_id)] = int(seq)
    outbox = OutboxFile(path, KEY)
    assert outbox.recovered is None
    kept = {one.event.id: one.event.seq for one in outbox.history(limit=-1)}
    assert acknowledged.items() <= kept.items()
    # At most the one event of each life whose acknowledgement did not get out.
    assert len(kept) - len(acknowledged) <= 12
    assert sorted(kept.values()) == list(range(1, len(kept) + 1))
    outbox.close()


def filled(path: Path, count: int = 300) -> list[UUID]:
    """An outbox of several pages of everything, a third of it answered; the ids in order."""
    outbox = OutboxFile(path, KEY)
    events = [outbox.append(event(session_id=uuid4(), person_id=uuid4()), VENUE) for _ in range(count)]
    outbox.answered([applied(one) for one in events[: count // 3]], AT)
    outbox.close()
    return [one.id for one in events]


def test_any_damaged_page_is_noticed_and_nothing_is_lost_by_it(path: Path) -> None:
    ids = filled(path, 150)
    whole = path.read_bytes()
    for page in range(len(whole) // sealed.PAGE_BYTES):
        path.write_bytes(whole)
        flip(path, page, offset=random.Random(page).randrange(sealed.PAGE_BYTES))
        damaged = path.read_bytes()
        outbox = OutboxFile(path, KEY, now=AT)
        if page == 0 and outbox.recovered is None:
            # Only the salt at the file's very beginning is not sealed; nothing depends on it.
            assert damaged[16:] == whole[16:]
        else:
            assert outbox.recovered is not None, page
            assert Path(outbox.recovered.set_aside).read_bytes() == damaged
            assert outbox.recovered.events == 150, page
        assert [one.event.id for one in reversed(outbox.history())] == ids, page
        assert outbox.count() == OutboxCount(100, 0), page
        assert outbox.append(event(), VENUE).seq > 150
        outbox.close()
        for left in path.parent.iterdir():
            left.unlink()


def test_many_damaged_pages_leave_what_is_on_the_others(path: Path) -> None:
    ids = filled(path)
    pages = path.stat().st_size // sealed.PAGE_BYTES
    for page in range(8, pages, 5):
        flip(path, page)
    outbox = OutboxFile(path, KEY)
    assert outbox.recovered is not None
    assert outbox.recovered.lost_pages
    kept = [one.event.id for one in reversed(outbox.history())]
    assert kept == [one for one in ids if one in set(kept)]
    assert 150 < len(kept) == outbox.recovered.events
    outbox.close()


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off_gives_back_what_is_left(path: Path, share: float) -> None:
    ids = filled(path)
    os.truncate(path, int(path.stat().st_size * share))
    outbox = OutboxFile(path, KEY)
    assert outbox.recovered is not None
    assert outbox.recovered.lost_pages
    assert {one.event.id for one in outbox.history()} <= set(ids)
    assert len(outbox.history()) == outbox.recovered.events > 300 * (share - 0.3)
    assert sorted(file.name for file in path.parent.iterdir() if "damaged" not in file.name)[0] == "outbox.db"
    outbox.close()


@pytest.mark.parametrize("what", ["another key", "empty", "a text", "a cache", "two bytes"])
def test_what_is_no_outbox_of_this_desk_is_set_aside_whole(path: Path, what: str) -> None:
    filled(path, 30)
    key = KEY
    if what == "another key":
        key = OTHER_KEY
    elif what == "empty":
        path.write_bytes(b"")
    elif what == "two bytes":
        path.write_bytes(b"ab")
    elif what == "a text":
        path.write_text("A shopping list.\n" * 900)
    else:
        path.unlink()
        cache = CacheFile(path, KEY)
        cache.put(snapshot(session("Ben")))
        cache.close()
    before = path.read_bytes()
    outbox = OutboxFile(path, key, now=AT)
    assert outbox.recovered is not None
    assert outbox.recovered.events == 0
    assert outbox.recovered.lost_pages
    aside = Path(outbox.recovered.set_aside)
    assert (aside.name, aside.read_bytes()) == ("outbox.db.damaged-20261121T140000", before)
    assert outbox.append(event(), VENUE).seq >= 1
    outbox.close()
    again = OutboxFile(path, key)
    assert again.recovered is None
    assert again.count().waiting == 1
    again.close()


def test_a_recovery_that_was_interrupted_between_its_two_names_is_finished(path: Path) -> None:
    ids = filled(path, 30)
    complete = path.read_bytes()
    sealed.set_aside(path)
    sealed.unfinished_name(path).write_bytes(complete)
    outbox = OutboxFile(path, KEY)
    assert [one.event.id for one in reversed(outbox.history())] == ids
    outbox.close()


_FILLING_THE_DISK = """
import resource, sys
from pathlib import Path
from console.errors import Unavailable
from console.storage.outbox import OutboxFile
from tests.support.sealed_samples import KEY, VENUE, event
outbox = OutboxFile(Path(sys.argv[1]), KEY)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
kept = 0
try:
    while True:
        outbox.append(event(), VENUE)
        kept += 1
except Unavailable as refused:
    print(kept, refused.sentence, flush=True)
for _ in range(3):
    try:
        outbox.append(event(), VENUE)
    except Unavailable as refused:
        print(refused.sentence, outbox.count().waiting, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
outbox.append(event(), VENUE)
print("done", flush=True)
"""


def test_a_full_disk_is_said_and_nothing_is_half_recorded(path: Path) -> None:
    lines = killed(_FILLING_THE_DISK, str(path), when=lambda lines: lines[-1] == "done")
    full = "This computer's disk is full; nothing was recorded."
    kept = int(lines[0].split()[0])
    assert kept > 5
    assert lines == [f"{kept} {full}", *[f"{full} {kept}"] * 3, "done"]
    outbox = OutboxFile(path, KEY)
    assert outbox.recovered is None
    assert [one.event.seq for one in outbox.waiting()] == list(range(1, kept + 2))
    outbox.close()


def test_a_full_disk_is_unavailable_and_the_next_number_is_not_used_up(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    outbox._file.rows("PRAGMA max_page_count = 1")

    def fill() -> None:
        for _ in range(500):
            outbox.append(event(session_id=uuid4()), VENUE)

    with pytest.raises(Unavailable) as refused:
        fill()
    last = outbox.history(1)[0].event.seq
    assert refused.value.sentence == "This computer's disk is full; nothing was recorded."
    outbox._file.rows("PRAGMA max_page_count = 100000")
    assert outbox.append(event(), VENUE).seq == last + 1
    outbox.close()


def test_no_name_is_on_the_disk_and_none_of_a_child_in_the_file(path: Path) -> None:
    outbox = OutboxFile(path, KEY)
    listed = outbox.append(
        event(EventKind.CHECK_OUT, pickup_person_id=uuid4(), pickup_name="Rosalind"), VENUE
    )
    outbox.append(event(EventKind.CHECK_OUT, pickup_name="A neighbour"), VENUE)
    answer = replace(applied(listed), detail=AnswerDetail(first_name=CHILD, person="Maya"))
    outbox.answered([answer], AT)
    for file in path.parent.iterdir():
        content = file.read_bytes()
        for word in (CHILD.encode(), b"Theodora", b"Rosalind", b"neighbour", b"Maya", b"check_out"):
            assert word not in content
    inside = repr(outbox._file.rows("SELECT * FROM events"))
    assert "neighbour" in inside
    for name in (CHILD, "Theodora", "Rosalind", "Maya"):
        assert name not in inside
    outbox.close()
