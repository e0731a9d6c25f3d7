"""A scanner at the Today screen, wherever the keyboard happens to be; and many children, and names of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem

from console.domain.attendance import AttendanceState
from console.domain.desk import RosterEntry
from console.models.roster import RosterModel, RosterRow
from console.models.tones import Tone
from console.views.front_desk.roster_delegate import RosterDelegate
from console.views.theme import ThemeHub
from tests.support.running_samples import FakeDay
from tests.support.today_samples import FakeGateway, child, code, session_id
from tests.views.today import Screen, scan


@pytest.fixture
async def screen(hub: ThemeHub) -> AsyncIterator[Screen]:
    """The picture's afternoon, with notes and closing."""
    gateway = FakeGateway()
    made = await Screen(hub, gateway, running=FakeDay(gateway)).open()
    yield made
    made.page.stop()


async def test_two_scans_at_once_check_in_two_children(screen: Screen) -> None:
    scan(screen.line, code(4))
    scan(screen.line, code(6))
    await screen.rest()
    assert screen.calls("scan") == [code(4), code(6)]
    assert (screen.word(4), screen.word(6)) == (("in", "In"), ("in", "In"))


async def test_a_scan_while_a_name_is_half_typed_is_only_the_ticket(screen: Screen) -> None:
    await screen.type("oli")
    scan(screen.line, code(4), end=Qt.Key.Key_Tab)
    await screen.rest()
    assert screen.calls("scan") == [code(4)]
    assert screen.page.middle.scan.text == ""
    assert len(screen.names) == 16


async def test_oliver_is_never_a_failed_scan_and_accents_and_case_do_not_matter(hub: ThemeHub) -> None:
    children = [child(1, "Oliver", 7, "Grace"), child(2, "Éloïse", 8, "Zoë"), child(3, "ÖZGÜR", 8, "Ayşe")]
    screen = await Screen(hub, FakeGateway(rosters={session_id(4): children})).open()
    for typed, name in (("OLIVER", "Oliver"), ("eloi", "Éloïse"), ("ozgur", "ÖZGÜR"), ("zoe", "Éloïse")):
        await screen.type(typed)
        assert screen.names == [name]
        await screen.key(Qt.Key.Key_Escape)
    await screen.type("Oliver")
    await screen.enter()
    assert screen.word(1) == ("in", "In")
    assert Tone.REFUSED not in screen.tones
    assert screen.calls("scan") == []
    screen.page.stop()


async def test_a_scan_never_becomes_part_of_a_note(screen: Screen) -> None:
    screen.select(9)
    screen.page.card.write_note(incident=True)
    editor = screen.page.card.editor
    assert editor is not None
    QTest.keyClicks(editor.text, "Fell")
    type_scan_into(screen, code(4))
    await screen.rest()
    assert screen.calls("scan") == [code(4)]
    assert screen.word(4) == ("in", "In")
    assert screen.page.card.drafts[screen.page.day.roster.rows[10].entry.booking_id].text == "Fell"
    assert screen.page.middle.scan.line.hasFocus()
    screen.select(9)
    editor = screen.page.card.editor
    assert editor is not None
    editor.action.setFocus()
    editor.action.setText("Ice")
    type_scan_into(screen, code(6))
    await screen.rest()
    assert screen.word(6) == ("in", "In")
    screen.select(9)
    assert screen.page.card.editor is not None
    assert screen.page.card.editor.draft.action_taken == "Ice"


async def test_a_scan_during_a_question_is_refused_audibly_and_presses_nothing(screen: Screen) -> None:
    screen.page.running.close_session()
    sheet = screen.page.running.sheet
    assert sheet is not None
    assert sheet.do is not None
    sheet.do.setFocus()
    type_scan_into(screen, code(4))
    await screen.rest()
    assert sheet.is_open
    assert screen.calls("scan") == []
    assert screen.running is not None
    assert [name for name, _fact in screen.running.calls if name == "close"] == []
    assert screen.tones == [Tone.REFUSED]
    assert screen.toasts[-1][0] == "Finish this first, then scan again"
    sheet.close()


async def test_a_scan_that_begins_on_a_button_is_whole(screen: Screen) -> None:
    screen.select(9)
    screen.button("Check out…").setFocus(Qt.FocusReason.TabFocusReason)
    type_scan_into(screen, code(4))
    await screen.rest()
    assert screen.calls("scan") == [code(4)]
    assert screen.page.card.chooser is None
    assert screen.word(4) == ("in", "In")


async def test_a_hand_that_types_a_note_is_left_alone(screen: Screen) -> None:
    screen.select(9)
    screen.page.card.write_note(incident=False)
    editor = screen.page.card.editor
    assert editor is not None
    for mark in "Nadia came":
        press_window(screen, mark, gap=90)
    press_window(screen, "\r", gap=90)
    assert editor.text.toPlainText() == "Nadia came\n"
    assert screen.calls("scan") == []


def type_scan_into(screen: Screen, text: str) -> None:
    """A scan that goes where the keyboard is, by way of the window."""
    screen.page.window().activateWindow()
    screen.window_scan(text)


def press_window(screen: Screen, mark: str, *, gap: int) -> None:
    """One key of a hand, by way of the window."""
    key = Qt.Key.Key_Return if mark == "\r" else Qt.Key.Key_unknown
    screen.window_key(key, mark, gap)


# -- many children, and names of every kind ----------------------------------------------------------------------------


def two_hundred() -> FakeGateway:
    """One session with two hundred children."""
    names = (
        "Amara",
        "Bartholomew-Maximilian Alexander Konstantin the Younger, of L",
        "مريم",
        "王小明",
        "Œdipe",
        "שירה",
    )
    entries = [
        child(200 + n, names[n % 6] + (f" {n}" if n % 6 == 0 else ""), 5 + n % 5, "Dana") for n in range(200)
    ]
    assert max(len(one.first_name) for one in entries) >= 60
    return FakeGateway(rosters={session_id(4): entries})


async def test_two_hundred_children_are_painted_a_screenful_at_a_time(
    hub: ThemeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    real = RosterDelegate.paint

    def paint(
        self: RosterDelegate, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        painted.append(index.row())
        real(self, painter, option, index)

    monkeypatch.setattr(RosterDelegate, "paint", paint)
    screen = await Screen(hub, two_hundred()).open()
    QApplication.processEvents()
    roster = screen.page.middle.roster
    visible = roster.list.viewport().height() // hub.theme.size("row.roster") + 2
    assert len(screen.names) == 200
    assert len(set(painted)) <= visible, "only what is seen is painted"
    rendered: list[int] = []
    monkeypatch.setattr(RosterModel, "_render", lambda *_args: rendered.append(1))
    roster.list.verticalScrollBar().setValue(4000)
    roster.list.viewport().repaint()
    await screen.key(Qt.Key.Key_Down)
    assert rendered == [], "scrolling puts no row into words again"
    monkeypatch.undo()
    screen.page.stop()


async def test_typing_among_two_hundred_asks_once_and_one_check_in_renders_one_row(
    hub: ThemeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await Screen(hub, two_hundred()).open()
    await screen.type("amara 6")
    assert screen.calls("search") == ["amara 6"], "a quick hand is not searched letter by letter"
    rendered: list[int] = []
    real = RosterModel._render

    def count(self: RosterModel, entry: RosterEntry, by_name: dict[str, list[RosterEntry]]) -> RosterRow:
        rendered.append(1)
        return real(self, entry, by_name)

    monkeypatch.setattr(RosterModel, "_render", count)
    await screen.enter()
    await screen.rest(0.3)
    assert screen.band[0] in ("done", "again")
    assert len(rendered) <= 8, "the child's row, not everybody's, the refresh after it included"
    screen.page.stop()


async def test_names_in_any_script_are_found_shown_and_said_whole(hub: ThemeHub) -> None:
    screen = await Screen(hub, two_hundred(), width=1154).open()
    for name in ("مريم", "王小明", "שירה", "Œdipe"):
        await screen.type(name[:2])
        assert name in screen.names
        row = screen.page.middle.roster.current
        assert row is not None
        assert row.spoken.startswith(row.name)
        screen.page.grab()
        await screen.key(Qt.Key.Key_Escape)
    await screen.type("barth")
    long = screen.page.middle.roster.current
    assert long is not None
    assert len(long.name) >= 60
    assert screen.page.width() == 1154, "a long name does not widen the page"
    assert long.state is AttendanceState.EXPECTED
    screen.page.stop()
