"""The roster, the session list and their filter as item models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.domain.attendance import AttendanceState
from console.domain.desk import HealthKind
from console.models.find import RosterFilter, RosterView, folded, matches, rank
from console.models.marks import Mark
from console.models.roster import RosterModel
from console.models.sessions import SessionListModel
from tests.support import today_samples as sample
from tests.support.today_samples import NOW, ZONE, at, booking_id, child, note, session_id

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def roster(qapp: QApplication) -> Iterator[RosterModel]:
    """The picture's roster, watched by a fatal model tester."""
    model = RosterModel(ZONE)
    tester = QAbstractItemModelTester(model, FATAL)
    model.replace_all(sample.roster())
    yield model
    del tester


@pytest.fixture
def rows(roster: RosterModel) -> Iterator[RosterFilter]:
    """A filter over it, watched too."""
    proxy = RosterFilter(RosterModel.RowRole)
    proxy.setSourceModel(roster)
    tester = QAbstractItemModelTester(proxy, FATAL)
    yield proxy
    del tester


def names(rows: RosterFilter) -> list[str]:
    return [str(rows.index(at, 0).data()) for at in range(rows.rowCount())]


def test_rows_are_in_order_of_name_whatever_their_state(roster: RosterModel) -> None:
    shown = [row.name for row in roster.rows]
    assert shown == sorted(shown)
    assert len(shown) == 16


def test_a_refresh_moves_no_row_that_stays(roster: RosterModel) -> None:
    keep = QPersistentModelIndex(roster.index(roster.position(booking_id(9))))
    resets: list[bool] = []
    roster.modelAboutToBeReset.connect(lambda: resets.append(True))
    entries = [entry for entry in sample.roster() if entry.booking_id != booking_id(1)]
    entries.append(child(77, "Bela", 6, "Kim"))
    roster.set_entries(entries)
    assert not resets
    assert keep.isValid()
    row = roster.row(booking_id(9))
    assert row is not None
    assert keep.row() == roster.position(booking_id(9))
    assert keep.data() == "Nia"


def test_a_refresh_repaints_only_what_changed(roster: RosterModel) -> None:
    changed: list[int] = []
    roster.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    entries = sample.roster()
    at_femi = next(at for at, entry in enumerate(entries) if entry.first_name == "Femi")
    fixed = [row.entry for row in roster.rows]
    fresh = {entry.booking_id: entry for entry in fixed}
    femi = entries[at_femi].booking_id
    fresh[femi] = replace(fresh[femi], state=AttendanceState.IN, state_at=NOW, state_desk="Desk 2")
    roster.set_entries(list(fresh.values()))
    assert changed == [roster.position(femi)]


def test_a_mark_stays_on_top_of_a_refresh_and_is_never_green(roster: RosterModel) -> None:
    femi = booking_id(4)
    roster.set_mark(femi, Mark(AttendanceState.IN, NOW))
    row = roster.row(femi)
    assert row is not None
    assert (row.look, row.word, row.detail, row.action) == ("sending", "In", "15:42", "")
    roster.set_entries([each.entry for each in roster.rows])
    row = roster.row(femi)
    assert row is not None
    assert row.pending
    roster.set_mark(femi, Mark(AttendanceState.IN, NOW, slow=True))
    row = roster.row(femi)
    assert row is not None
    assert row.word == "In · sending"
    assert roster.counts()[AttendanceState.IN] == 10
    assert roster.waiting == 1
    roster.set_mark(femi, None)
    assert roster.counts()[AttendanceState.IN] == 9


def test_chips_show_the_two_worst_notes_and_count_the_rest(qapp: QApplication) -> None:
    model = RosterModel(ZONE)
    notes = (
        note("Vegetarian", "Vegetarian", None, HealthKind.DIETARY, 4),
        note("Asthma", "Asthma", None, HealthKind.MEDICAL, 2),
        note("Peanut", "Peanut allergy"),
    )
    model.replace_all([child(1, "Nia", 7, "Dana", health=notes)])
    row = model.rows[0]
    assert [chip[0] for chip in row.chips] == ["Peanut", "Asthma"]
    assert row.more == 1


def test_a_filter_shows_one_state_and_keeps_a_row_until_it_is_chosen_again(
    roster: RosterModel, rows: RosterFilter
) -> None:
    rows.set_view(RosterView.EXPECTED)
    before = names(rows)
    assert before == ["Ethan", "Femi", "Iris", "Leo", "Priya"]
    femi = roster.row(booking_id(4))
    assert femi is not None
    roster.put(replace(femi.entry, state=AttendanceState.IN, state_at=NOW))
    assert names(rows) == before
    rows.set_view(RosterView.EXPECTED)
    assert names(rows) == ["Ethan", "Iris", "Leo", "Priya"]
    rows.set_view(RosterView.ALL)
    rows.set_health(True)
    assert names(rows) == ["Ava", "Femi", "Leo", "Nia"]


def test_a_typed_name_looks_through_all_states(rows: RosterFilter) -> None:
    rows.set_view(RosterView.ABSENT)
    rows.set_text("le")
    assert names(rows) == ["Leo", "Leo", "Yusuf"]  # Yusuf's parent is Leila
    rows.set_text("l")
    assert names(rows) == ["Kenji"]


def test_names_are_found_without_accents_by_any_word_and_by_the_parent() -> None:
    entry = child(1, "Éloïse Marie", 7, "Noël")
    assert folded("ÉLOÏSE") == "eloise"
    assert matches(entry, "elo")
    assert matches(entry, "mar")
    assert matches(entry, "noel")
    assert matches(entry, "eloise ma")
    assert not matches(entry, "oise")
    assert [rank(entry, text) for text in ("elo", "mar", "noel")] == [0, 1, 2]


def test_the_session_list_keeps_its_rows_and_counts_with_the_roster(qapp: QApplication) -> None:
    model = SessionListModel(ZONE)
    tester = QAbstractItemModelTester(model, FATAL)
    model.set_sessions(sample.sessions(), NOW)
    judo = QPersistentModelIndex(model.index(model.position(session_id(4))))
    model.set_sessions(sample.sessions()[1:], NOW)
    assert judo.isValid()
    assert judo.row() == 2
    model.set_counts(session_id(4), inside=10, expected=4, out=1, absent=1, unmarked=0, waiting=1)
    row = model.row(session_id(4))
    assert row is not None
    assert list(row.shares) == pytest.approx([9 / 18, 1 / 18, 4 / 18])
    assert "10 in, 4 expected, 18 places" in row.spoken
    del tester


def test_only_rows_whose_words_changed_are_repainted_when_time_passes(qapp: QApplication) -> None:
    model = SessionListModel(ZONE)
    model.set_sessions(sample.sessions(), NOW)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    model.tick(NOW + timedelta(seconds=1))
    assert changed == []
    model.tick(NOW + timedelta(minutes=1))
    assert model.position(session_id(5)) in changed


def test_a_session_shrinks_when_over_but_not_while_it_is_open(qapp: QApplication) -> None:
    model = SessionListModel(ZONE)
    later = at(19)
    model.set_sessions([replace(one, in_count=0) for one in sample.sessions()], later)
    model.set_open(session_id(4))
    compact = {one.id: model.row(one.id) for one in model.sessions}
    judo, ballet = compact[session_id(4)], compact[session_id(6)]
    assert judo is not None
    assert ballet is not None
    assert not judo.compact
    assert ballet.compact
    model.set_open(None)
    judo = model.row(session_id(4))
    assert judo is not None
    assert judo.compact


def test_an_index_beyond_the_rows_answers_nothing(roster: RosterModel) -> None:
    assert roster.data(QModelIndex(), RosterModel.RowRole) is None
    assert roster.row(None) is None
    assert roster.position(booking_id(999)) == -1
