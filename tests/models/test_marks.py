"""What only this desk knows, laid over what was fetched: no refresh takes it back, nothing of it is green."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.domain.attendance import AttendanceState
from console.models.marks import KeptMarks, Mark, Trouble
from console.models.roster import RosterModel
from tests.support import today_samples as sample
from tests.support.today_samples import NOW, ZONE, at, booking_id

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
IN, OUT, EXPECTED = AttendanceState.IN, AttendanceState.OUT, AttendanceState.EXPECTED
FEMI = booking_id(4)
ONE, TWO = UUID(int=1), UUID(int=2)
CANCELLED = Trouble(ONE, "cancelled 15:20", "This booking was cancelled.", IN)


@pytest.fixture
def roster(qapp: QApplication) -> Iterator[RosterModel]:
    """The picture's roster, watched by a fatal model tester."""
    model = RosterModel(ZONE)
    tester = QAbstractItemModelTester(model, FATAL)
    model.replace_all(sample.roster())
    yield model
    del tester


def look(roster: RosterModel) -> str:
    row = roster.row(FEMI)
    assert row is not None
    return row.look


def keep(roster: RosterModel, state: AttendanceState, event: UUID) -> None:
    entry = roster.known(FEMI)
    assert entry is not None
    roster.keep(replace(entry, state=state, state_at=at(15, 38), state_desk="Desk 1"), event)


def test_a_kept_event_outlives_refreshes_and_other_sessions(roster: RosterModel) -> None:
    keep(roster, IN, ONE)
    for change in (roster.set_entries, roster.replace_all):
        change(sample.roster())
        assert look(roster) == "queued"
    roster.replace_all([])
    roster.replace_all(sample.roster())
    assert look(roster) == "queued"
    assert (roster.waiting, roster.kept) == (1, 1)


def test_what_the_server_says_of_other_facts_shows_through(roster: RosterModel) -> None:
    keep(roster, IN, ONE)
    fresh = [
        replace(entry, notes="Leaves early", version=2) if entry.booking_id == FEMI else entry
        for entry in sample.roster()
    ]
    roster.set_entries(fresh)
    row = roster.row(FEMI)
    assert row is not None
    assert (row.entry.notes, row.state, row.look) == ("Leaves early", IN, "queued")


def test_an_older_roster_takes_nothing_back(roster: RosterModel) -> None:
    newer = replace(sample.roster()[3], state=IN, state_at=NOW, version=3)
    roster.set_entries([newer if one.booking_id == FEMI else one for one in sample.roster()])
    roster.set_entries(sample.roster())
    assert look(roster) == "in"
    roster.set_entries(
        [replace(one, version=4) if one.booking_id == FEMI else one for one in sample.roster()]
    )
    assert look(roster) == "expected"


def test_only_the_last_answer_ends_the_waiting(roster: RosterModel) -> None:
    keep(roster, IN, ONE)
    keep(roster, OUT, TWO)
    found = roster.settle(ONE)
    assert found is not None
    assert found[1] is False
    assert roster.settle(UUID(int=9)) is None
    found = roster.settle(TWO)
    assert found is not None
    assert (found[0].state, found[1]) == (OUT, True)
    assert roster.settle(TWO) is None


def test_an_action_under_way_hides_trouble_and_waiting(roster: RosterModel) -> None:
    roster.set_troubles({FEMI: CANCELLED})
    assert look(roster) == "attention"
    roster.set_mark(FEMI, Mark(IN, NOW))
    assert look(roster) == "sending"
    roster.set_mark(FEMI, None)
    keep(roster, IN, TWO)
    assert look(roster) == "queued"
    roster.settle(TWO)
    entry = roster.known(FEMI)
    assert entry is not None
    roster.put(replace(entry, state=IN, state_at=NOW))
    assert look(roster) == "in", "what it claimed has come true"
    roster.put(replace(entry, state=EXPECTED))
    assert look(roster) == "attention"
    roster.set_troubles({})
    assert look(roster) == "expected"


@given(st.lists(st.tuples(st.sampled_from([IN, OUT, EXPECTED]), st.booleans()), max_size=12))
def test_a_booking_waits_exactly_as_long_as_one_of_its_events_does(
    steps: list[tuple[AttendanceState, bool]],
) -> None:
    marks, open_events = KeptMarks(), list[UUID]()
    entry = sample.roster()[3]
    for number, (state, answer_first) in enumerate(steps):
        if answer_first and open_events:
            event = open_events.pop(0)
            found = marks.settle(event)
            assert found is not None
            assert found[1] is (not open_events)
        made = UUID(int=1000 + number)
        marks.keep(replace(entry, state=state), made)
        open_events.append(made)
        shown = marks.over(entry)
        assert (shown.state, shown.waiting) == (state, True)
    for event in list(open_events):
        assert marks.over(entry).waiting
        marks.settle(event)
    assert marks.over(entry) == entry
