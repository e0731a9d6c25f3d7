"""The frame of the window: who sees which area, what the bar says, and everything by keyboard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QPoint, QRect, Qt, QTimeZone
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.clock import FixedClock
from console.domain.sync import Mode, OutboxCount, SyncStatus
from console.errors import BugError
from console.permissions import Permission
from console.views.preferences import Preferences
from console.views.shell.areas import Action, Area, allowed_areas, listen, spoken_keys
from console.views.shell.own_zone import own_zone
from console.views.shell.palette import matches
from console.views.shell.palette_list import PaletteEntry, PaletteModel
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from console.views.widgets.chips import Keycap
from console.views.widgets.focus import lead_focus
from tests.support.qt import NOW, settle


def _areas(made: list[str] | None = None) -> list[Area]:
    def page(name: str) -> QWidget:
        if made is not None:
            made.append(name)
        return QLabel(name)

    return [
        Area("today", "Today", "ph.clipboard-text", Permission.ROSTER_READ, lambda: page("today")),
        Area("week", "This week", "ph.calendar-blank", Permission.SESSIONS_READ, lambda: page("week")),
        Area(
            "payouts", "Payouts", "ph.bank", Permission.PAYOUTS_READ, lambda: page("payouts"), group="Money"
        ),
        Area("help", "About", "ph.info", None, lambda: page("help")),
    ]


DESK = frozenset({Permission.ROSTER_READ, Permission.SESSIONS_READ})


@pytest.fixture
def window(hub: ThemeHub, clock: FixedClock, tmp_path: Path) -> ShellWindow:
    """A window of a front desk, on Today."""
    made = ShellWindow(hub, clock, Preferences(tmp_path / "window.ini"))
    made.set_venue("Riverside Studio", "America/Los_Angeles")
    made.set_areas(_areas(), DESK)
    made.set_person("Jonas", "Front desk, Desk 1", desk="Desk 1")
    settle(made, 1440, 900)
    made.activateWindow()
    made.open_area("today")
    QApplication.processEvents()
    return made


def test_only_what_the_role_may_use_is_offered() -> None:
    assert [area.key for area in allowed_areas(_areas(), DESK)] == ["today", "week", "help"]
    assert [area.key for area in allowed_areas(_areas(), frozenset())] == ["help"]


def test_a_page_is_made_on_its_first_visit_and_kept(hub: ThemeHub, clock: FixedClock) -> None:
    made: list[str] = []
    window = ShellWindow(hub, clock)
    window.set_areas(_areas(made))
    settle(window, 1440, 900)
    assert made == []
    window.open_area("today")
    first = window.page()
    window.open_area("week")
    window.open_area("today")
    assert made == ["today", "week"]
    assert window.page() is first
    assert window.windowTitle() == "Today – Nexus Console"
    with pytest.raises(KeyError):
        window.open_area("nowhere")


def test_areas_of_the_person_before_are_gone(window: ShellWindow) -> None:
    window.set_areas(_areas(), frozenset({Permission.PAYOUTS_READ}))
    keys = {action.key for action in window.actions_registry.actions}
    assert "area:payouts" in keys
    assert "area:today" not in keys
    with pytest.raises(KeyError):
        window.open_area("today")


def test_the_rail_collapses_by_choice_and_in_a_narrow_window(window: ShellWindow, tmp_path: Path) -> None:
    assert window.rail.width() == 200
    window.toggle_rail()
    assert window.rail.width() == 56
    assert Preferences(tmp_path / "window.ini").rail_collapsed
    window.toggle_rail()
    assert window.rail.width() == 200
    window.resize(1100, 700)
    QApplication.processEvents()
    assert window.rail.width() == 56
    window.grab()
    window.resize(1440, 900)
    QApplication.processEvents()
    assert window.rail.width() == 200


def test_the_smallest_window_is_the_designs(window: ShellWindow) -> None:
    assert (window.minimumWidth(), window.minimumHeight()) == (1100, 700)


def test_areas_open_by_key_and_by_press(window: ShellWindow) -> None:
    shown: list[str] = []
    window.area_shown.connect(shown.append)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(window.rail._items["today"], Qt.MouseButton.LeftButton)
    assert shown == ["week", "today"]
    window.rail.set_badge("week", 3, "amber")
    assert window.rail._items["week"].accessibleName() == "This week, 3"
    window.grab()


def test_opening_an_area_gives_it_the_keyboard(hub: ThemeHub, clock: FixedClock) -> None:
    def page_with_a_field() -> QWidget:
        page = QWidget()
        page.setFocusProxy(QLineEdit(page))
        return page

    def page_with_tabs_first() -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        field = QLineEdit()
        for part in (QPushButton("One"), field):
            column.addWidget(part)
        lead_focus(page, field)
        return page

    window = ShellWindow(hub, clock)
    window.set_areas([
        Area("today", "Today", "ph.clipboard-text", None, page_with_a_field),
        Area("money", "Money", "ph.bank", None, page_with_tabs_first),
    ])  # fmt: skip
    settle(window, 1440, 900)
    window.activateWindow()
    for key in ("today", "money"):
        window.open_area(key)
        QApplication.processEvents()
        focused = QApplication.focusWidget()
        assert isinstance(focused, QLineEdit), key
        page = window.page()
        assert page is not None
        assert page.isAncestorOf(focused)


def test_light_and_dark_are_remembered(window: ShellWindow, tmp_path: Path) -> None:
    assert Preferences(tmp_path / "window.ini").mode is None
    window.toggle_mode()
    assert window.hub.mode == "dark"
    assert Preferences(tmp_path / "window.ini").mode == "dark"
    window.grab()


def test_the_person_can_lock_and_leave(window: ShellWindow) -> None:
    asked: list[str] = []
    window.lock_requested.connect(lambda: asked.append("lock"))
    window.sign_out_requested.connect(lambda: asked.append("out"))
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    menu = window.person_menu()
    words = {action.text(): action for action in menu.actions()}
    assert {"Dark", "Lock this desk", "Sign out", "Shortcuts", "Collapse the rail"} <= set(words)
    words["Sign out"].trigger()
    assert asked == ["lock", "out"]
    menu.deleteLater()


def test_nothing_of_the_shell_is_reached_before_signing_in(window: ShellWindow) -> None:
    asked: list[str] = []
    window.lock_requested.connect(lambda: asked.append("lock"))
    window.show_full(QLabel("sign in"))
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert asked == []
    assert not window.palette_box.is_open
    assert window.rail.isHidden()
    window.open_area("today")
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["lock"]


def test_closing_is_told(window: ShellWindow) -> None:
    told: list[int] = []
    window.closing.connect(lambda: told.append(1))
    window.close()
    assert told == [1]


@pytest.mark.parametrize("families", [None, ["DejaVu Sans"]])
def test_long_names_do_not_push_the_window_wider(
    hub: ThemeHub, clock: FixedClock, families: list[str] | None
) -> None:
    long = "Wolfeschlegelsteinhausenbergerdorff " * 5
    shown = ThemeHub("dark", families=families)
    shown.apply()
    window = ShellWindow(shown, clock)
    window.set_venue(long, "America/Los_Angeles", long)
    window.set_areas([Area("a", long, "ph.bank", None, QLabel, group=long)])
    window.set_person(long, long, desk=long)
    settle(window, 1100, 700)
    window.open_area("a")
    window.status.show_status(SyncStatus(Mode.OFFLINE, NOW, OutboxCount(300), NOW, timedelta(minutes=75)))
    window.status.set_note(long)
    window.status.set_sending(12)
    window.toast(long, long, undo=lambda: None)
    QApplication.processEvents()
    assert (window.width(), window.minimumSizeHint().width() <= 1100) == (1100, True)
    bar = window.status._segments
    assert bar["connection"].width() == bar["connection"].sizeHint().width(), "numbers are whole"
    assert bar["place"].width() < bar["place"].sizeHint().width()
    assert bar["place"].toolTip().endswith("15:42")
    assert bar["person"].geometry().right() <= 1100 - 12
    window.toggle_rail()
    window.grab()
    hub.apply()


# -- actions, palette, shortcuts -------------------------------------------------------------------------------


def test_one_key_means_one_thing(window: ShellWindow) -> None:
    with pytest.raises(BugError, match="Ctrl"):
        window.actions_registry.add(Action("mine", "Mine", lambda: None, "Ctrl+K"))
    ran: list[int] = []
    window.actions_registry.add(Action("mine", "Mine", lambda: ran.append(1), "Ctrl+Shift+M"))
    window.actions_registry.add(Action("mine", "Mine", lambda: ran.append(2), "Ctrl+Shift+M"))
    QTest.keyClick(
        window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    window.actions_registry.run("mine")
    window.actions_registry.remove("mine", "never there")
    QTest.keyClick(
        window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert ran == [2, 2]
    assert spoken_keys("Ctrl+K") == "Ctrl K"
    assert spoken_keys("?") == "?"


def test_the_palette_finds_and_does_by_keyboard(window: ShellWindow) -> None:
    tester = QAbstractItemModelTester(
        window.palette_box.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    before = QLineEdit(window)
    before.show()
    before.setFocus()
    palette = window.palette_box
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert palette.is_open
    assert palette.card.width() == 640
    assert palette.card.y() == 112
    assert QApplication.focusWidget() is palette.field
    QTest.keyClicks(palette.field, "WEEK th")
    assert [palette.model.data(palette.model.index(row)) for row in range(palette.model.rowCount())] == [
        "Areas",
        "This week",
    ]
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.is_open
    assert window.windowTitle().startswith("This week")
    assert QApplication.focusWidget() is window.page(), "the area that was opened has the keyboard"
    before.setFocus()
    palette.open()
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is before
    tester.deleteLater()


def test_the_palette_steps_over_headings_and_stays_in_its_list(window: ShellWindow) -> None:
    palette = window.palette_box
    palette.open()
    assert palette.list.currentIndex().row() == 1, "the first line is a heading"
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == 1
    for _ in range(40):
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == palette.model.rowCount() - 1
    palette.list.grab()
    QTest.keyClick(palette.field, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is palette.field
    palette.field.setText(">")
    groups = {entry.group for row in range(palette.model.rowCount()) if (entry := palette.model.entry(row))}
    assert groups == {"Actions"}
    palette.field.setText("zzz")
    assert palette.model.rowCount() == 0
    assert palette._none.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.is_open, "nothing found, nothing done"
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.is_open


def test_a_late_answer_to_an_old_question_is_dropped(window: ShellWindow) -> None:
    palette = window.palette_box
    done: list[str] = []
    entry = PaletteEntry("Sessions", "Junior Judo", lambda: done.append("judo"), detail="today 15:30")
    palette.open()
    palette.field.setText("judo")
    palette.offer("jud", [entry])
    assert palette.model.rowCount() == 0
    palette.offer("judo", [entry])
    palette.list.grab()
    assert palette._count.text() == "1 found"
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["judo"]
    palette.offer("judo", [entry])
    assert not palette.is_open


def test_every_word_of_a_question_counts() -> None:
    assert matches("lock DESK", "Lock this desk")
    assert not matches("lock door", "Lock this desk")
    assert matches("", "anything")


def test_headings_of_the_palette_are_not_choices(hub: ThemeHub) -> None:
    model = PaletteModel()
    model.show_entries(
        [PaletteEntry("A", "one", list), PaletteEntry("A", "two", list), PaletteEntry("B", "three", list)]
    )
    flags = [bool(model.flags(model.index(row)) & Qt.ItemFlag.ItemIsSelectable) for row in range(5)]
    assert flags == [False, True, True, False, True]
    assert model.entry(99) is None


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Question])
def test_the_sheet_of_keys_lists_each_once(window: ShellWindow, key: Qt.Key) -> None:
    QTest.keyClick(window, key)
    sheets = [
        child
        for child in window.findChildren(QWidget)
        if child.accessibleName() == "Shortcuts" and child.isVisible()
    ]
    card = next(child for child in sheets if child.findChildren(Keycap))
    caps = [cap.text() for cap in card.findChildren(Keycap)]
    assert {"Ctrl K", "F1", "Ctrl L", "Ctrl 1"} <= set(caps)
    assert len(caps) == len(set(caps))
    card.grab()
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_the_sheet_of_keys_goes_by_its_own_key_and_with_the_person(window: ShellWindow) -> None:
    def on_show() -> int:
        return sum(cap.isVisible() for cap in window.findChildren(Keycap) if cap.text() == "F1")

    window.show_shortcuts()
    assert on_show() == 1
    window.show_shortcuts()
    assert on_show() == 0
    window.show_shortcuts()
    window.show_full(QLabel("sign in"))
    assert on_show() == 0


class _PageWithKeys(QWidget):
    """A page that listens to a key of its own."""

    def __init__(self, ran: list[str]) -> None:
        super().__init__()
        self.page_actions = (
            Action("page:back", "Go back", lambda: ran.append("back"), "Alt+Left", group="Page", heard=False),
            Action("page:up", "Up", lambda: ran.append("up"), "Up", group="Page", heard=False, offered=False),
        )
        listen(self, self.page_actions)


def test_keys_of_a_page_are_told_of_while_it_is_open_and_heard_once(window: ShellWindow) -> None:
    ran: list[str] = []
    page = _PageWithKeys(ran)
    window.show_page(page)
    QTest.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert ran == ["back"]
    window.palette_box.open()
    window.palette_box.field.setText(">")
    shown = [
        window.palette_box.model.data(window.palette_box.model.index(row))
        for row in range(window.palette_box.model.rowCount())
    ]
    assert "Go back" in shown
    assert "Up" not in shown
    window.palette_box.close()
    told = {action.key for action in window.actions_registry.actions}
    assert {"page:back", "page:up"} <= told
    window.open_area("week")
    assert not {action.key for action in window.actions_registry.actions} & {"page:back", "page:up"}
    window.show_page(page)
    window.show_full(QLabel("sign in"))
    assert not {action.key for action in window.actions_registry.actions} & {"page:back", "page:up"}


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ("Front desk, Desk 1", "Front desk, Desk 1"),
        ("Platform finance, Office upstairs", "Platform finance"),
        ("Front desk, Venue finance, Manager, Desk 1", "Front desk"),
    ],
)
def test_the_rail_says_of_a_person_what_there_is_room_for(
    window: ShellWindow, detail: str, shown: str
) -> None:
    window.set_person("Priya", detail)
    assert window.rail.person_button.shown_detail() == shown


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (b"Asia/Bishkek", "Asia/Bishkek"),
        (b"", "UTC"),
        (b"America", "UTC"),
        (b"Nowhere/Known", "UTC"),
        (b"../etc/passwd", "UTC"),
    ],
)
def test_a_desk_without_a_venue_shows_its_own_time(
    monkeypatch: pytest.MonkeyPatch, found: bytes, shown: str
) -> None:
    monkeypatch.setattr(QTimeZone, "systemTimeZoneId", lambda: QByteArray(found))
    assert own_zone() == shown


def test_a_toast_lies_over_no_button_of_the_page(window: ShellWindow) -> None:
    class Page(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.action_bar = QWidget(self)

    page = Page()
    window.set_areas([Area("page", "Page", "ph.tray", None, lambda: page)])
    window.open_area("page")
    page.action_bar.setGeometry(page.width() - 300, page.height() - 90, 300, 90)
    page.action_bar.show()
    window.toast("The series is saved.")
    toast = window.toasts.toast
    bar = QRect(page.action_bar.mapTo(window, QPoint(0, 0)), page.action_bar.size())
    assert not toast.geometry().intersects(bar)
    page.action_bar.hide()
    window.toast("Again.")
    assert toast.geometry().intersects(bar), "without buttons it keeps its corner"


def test_a_toast_stays_over_its_corner(window: ShellWindow) -> None:
    undone: list[int] = []
    window.toast("Nia is in", "15:41", undo=lambda: undone.append(1))
    toast = window.toasts.toast
    assert toast.isVisible()
    window.resize(1200, 800)
    QApplication.processEvents()
    assert toast.geometry().bottomRight() == QPoint(1200 - 16 - 1, 800 - 28 - 16 - 1)
    window.show_full(QLabel("sign in"))
    assert not toast.isVisible(), "what the person before did is not shown to the next"
