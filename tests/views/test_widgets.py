"""The shared widgets do what their pictures promise, with the keyboard and with long words too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from console.domain.paging import Page, PageRequest
from console.errors import Unavailable
from console.models.table import Column, KeysetTableModel
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.attendance import AttendanceState, Disc
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Badge, Chip
from console.views.widgets.dialog import QuestionCard, QuestionDialog
from console.views.widgets.fields import Field, PasswordInput, SelectBox, TextInput
from console.views.widgets.focus import FocusRing
from console.views.widgets.meter import Meter
from console.views.widgets.outcome import OutcomeBand
from console.views.widgets.table import CellLook, DataTable
from console.views.widgets.text import ElidedLabel
from console.views.widgets.toast import ToastHost
from console.views.widgets.toggles import CheckBox, ChoiceRow
from console.views.widgets.waiting import EmptyState, ProgressCard, Skeleton
from tests.support.qt import settle

WIDE = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh the Extraordinarily Long Named"


def _ground(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


# -- buttons, chips, labels ------------------------------------------------------------------------------------


def test_button_heights_are_those_of_the_design(hub: ThemeHub) -> None:
    heights = []
    for scale in ("compact", "default", "desk"):
        button = Button(hub, "Save", scale=scale)
        button.ensurePolished()
        heights.append(button.sizeHint().height())
    assert heights == [28, 32, 40]


def test_an_icon_button_says_what_it_does(hub: ThemeHub) -> None:
    button = IconButton(hub, "ph.printer", "Print the roster")
    assert (button.accessibleName(), button.toolTip(), button.text()) == (
        "Print the roster",
        "Print the roster",
        "",
    )
    button.ensurePolished()
    assert button.sizeHint().width() == button.sizeHint().height() == 32


def test_buttons_follow_the_theme(hub: ThemeHub) -> None:
    button = Button(hub, "Save", "primary", icon="ph.check-bold")
    settle(button, 120, 32)
    assert _ground(button, 8, 16) == hub.theme.color("accent.fill").name()
    hub.set_mode("dark")
    QApplication.processEvents()
    assert _ground(button, 8, 16) == hub.theme.color("accent.fill").name()
    hub.set_mode("light")


@pytest.mark.parametrize("families", [None, ["DejaVu Sans"]])
def test_chips_never_lose_a_letter(qapp: QApplication, families: list[str] | None) -> None:
    hub = ThemeHub("light", families=families)
    chip = Chip(hub, WIDE, "red", "ph.warning-fill")
    needed = paint.text_width(hub.theme.font("caption", 600), WIDE)
    assert chip.sizeHint().width() >= needed + 12 + 12
    assert chip.minimumSizeHint() == chip.sizeHint()
    assert chip.text() == WIDE


def test_a_badge_of_nothing_is_no_badge(hub: ThemeHub) -> None:
    badge = Badge(hub, 0)
    assert badge.isHidden()
    badge.set_count(120, "red")
    assert (badge.text(), badge.isHidden()) == ("99+", False)
    assert badge.sizeHint().width() > badge.sizeHint().height()


def test_an_elided_label_keeps_the_whole_as_tool_tip(hub: ThemeHub) -> None:
    label = ElidedLabel(WIDE, "strong")
    settle(label, 120, 20)
    assert label.toolTip() == WIDE
    label.setText("Mia")
    assert label.toolTip() == ""
    assert label.minimumSizeHint().width() < 120


@pytest.mark.parametrize(
    "state", ["expected", "in", "out", "absent", "unmarked", "queued", "sending", "attention"]
)
def test_every_state_has_a_shape_of_its_own(hub: ThemeHub, state: str) -> None:
    disc = Disc(hub, state)
    settle(disc, 28, 28)
    assert disc.accessibleName()
    others = [name for name in ("expected", "in", "out", "absent", "unmarked", "attention") if name != state]
    if state == "sending":
        others = [name for name in others if name != "queued"]
    image = disc.grab().toImage().convertToFormat(disc.grab().toImage().Format.Format_Grayscale8)
    for other in others:
        disc.set_state(other)
        assert disc.grab().toImage().convertToFormat(image.format()) != image, f"{state} and {other} in grey"


def test_a_state_is_spoken_with_its_time(hub: ThemeHub) -> None:
    assert AttendanceState(hub, "in", "In", "15:41 · Desk 1").accessibleName() == "In, 15:41 · Desk 1"


def test_a_meter_never_overflows(hub: ThemeHub) -> None:
    meter = Meter(hub, "Places")
    meter.set_parts([(0.7, "green.solid"), (0.6, "neutral.border")])
    settle(meter, 200, 4)
    assert meter.value() == meter.maximum()
    assert _ground(meter, 100, 2) == hub.theme.color("green.solid").name()
    assert _ground(meter, 180, 2) == hub.theme.color("neutral.border").name()


# -- inputs ----------------------------------------------------------------------------------------------------


def test_a_refused_input_says_why_and_keeps_its_height(hub: ThemeHub) -> None:
    field = Field(hub, "Ends", TextInput(hub, "15:15"), help_text="Local time.")
    settle(field, 200, 90)
    height = field.editor.height()
    field.set_error("Ends before it starts at 15:30.")
    QApplication.processEvents()
    assert isinstance(field.editor, TextInput)
    assert field.editor.invalid
    assert field.editor.accessibleDescription() == "Ends before it starts at 15:30."
    assert field.editor.height() == height
    field.set_error("")
    assert not field.editor.invalid
    assert field.below.text() == "Local time."


def test_a_focused_input_does_not_jump(hub: ThemeHub) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    first, second = TextInput(hub, "18", scale="desk"), TextInput(hub, "19", scale="desk")
    column.addWidget(first)
    column.addWidget(second)
    settle(page, 240, 120)
    page.activateWindow()
    first.setFocus()
    QApplication.processEvents()
    before = second.geometry(), second.sizeHint()
    second.setFocus()
    QApplication.processEvents()
    assert (second.geometry(), second.sizeHint()) == before
    assert second.height() == 40


def test_caps_lock_is_noticed_from_what_is_typed(hub: ThemeHub) -> None:
    password = PasswordInput(hub)
    settle(password, 200, 32)
    news: list[bool] = []
    password.caps_lock.connect(news.append)

    def press(text: str, *, shift: bool = False, key: Qt.Key = Qt.Key.Key_A) -> None:
        held = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(password, QKeyEvent(QEvent.Type.KeyPress, key, held, text))

    press("a")
    press("A", shift=True)
    press("7", key=Qt.Key.Key_7)
    assert news == []
    press("A")
    assert news == [True]
    press("a", shift=True)
    assert news == [True], "still on: shift makes it small"
    press("", key=Qt.Key.Key_CapsLock)
    assert news == [True, False]


def test_the_eye_shows_the_password(hub: ThemeHub) -> None:
    password = PasswordInput(hub)
    password.setText("secret")
    settle(password, 200, 32)
    assert password.echoMode() is QLineEdit.EchoMode.Password
    password._eye.click()
    assert password.echoMode() is QLineEdit.EchoMode.Normal
    assert password._eye.accessibleName() == "Hide password"


def test_choices_move_with_the_arrows_and_move_nothing_else(hub: ThemeHub) -> None:
    row = ChoiceRow(hub, [("all", "All"), ("expected", "Expected"), ("in", "In")], "tabs", name="Show")
    row.set_counts({"all": 16, "expected": 5, "in": 9})
    settle(row, 400, 28)
    chosen: list[str] = []
    row.changed.connect(chosen.append)
    places = [row.option(key).geometry() for key in ("all", "expected", "in")]
    row.option("all").setFocus()
    QTest.keyClick(row.option("all"), Qt.Key.Key_Right)
    QTest.keyClick(row.option("expected"), Qt.Key.Key_Left)
    QTest.keyClick(row.option("all"), Qt.Key.Key_Left)
    assert chosen == ["expected", "all", "in"]
    assert [row.option(key).geometry() for key in ("all", "expected", "in")] == places
    assert row.option("expected").accessibleName() == "Expected, 5"


def test_words_of_a_check_box_can_be_pressed(hub: ThemeHub) -> None:
    box = CheckBox(hub, "Tell parents")
    settle(box, 160, 28)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(90, 14))
    assert box.isChecked()


def test_a_select_box_elides_and_opens(hub: ThemeHub) -> None:
    box = SelectBox(hub, ["Junior Judo", WIDE])
    settle(box, 150, 32)
    box.setCurrentIndex(1)
    box.grab()
    assert box.currentText() == WIDE
    assert box.minimumSizeHint().width() == 64


# -- the outcome band ------------------------------------------------------------------------------------------


async def test_a_new_outcome_fills_the_band_and_then_settles(
    hub: ThemeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hub.theme.tokens.data["duration"], "bandHold", 30)
    band = OutcomeBand(hub)
    settle(band, 480, 64)
    band.show_outcome(
        "done", "Nia is in", "Junior Judo", action=("Undo", lambda: None), keys="Ctrl Z", icon="ph.x"
    )
    assert band.filled
    assert _ground(band, 470, 8) == hub.theme.color("green.solid").name()
    for _ in range(50):
        await asyncio.sleep(0.01)
        if not band.filled:
            break
    assert not band.filled
    assert _ground(band, 470, 8) == hub.theme.color("green.bg").name()
    assert _ground(band, 8, 32) == hub.theme.color("green.solid").name()
    assert band.accessibleName() == "Nia is in. Junior Judo"


def test_the_band_keeps_its_height_and_its_way_out(hub: ThemeHub) -> None:
    band = OutcomeBand(hub)
    pressed: list[str] = []
    settle(band, 300, 64)
    for outcome in ("done", "left", "kept", "again", "refused", "idle"):
        band.show_outcome(outcome, WIDE, WIDE, hold=False)
        band.grab()
        assert band.height() == 64
    band.show_outcome("refused", "Not this session", action=("Open it", lambda: pressed.append("open")))
    button = band.findChildren(Button)[-1]
    assert button.isVisible(), "a way out is there while the band is filled too"
    button.click()
    assert pressed == ["open"]
    band.clear()
    assert (band.outcome, band.title, band.filled) == ("idle", "Ready to scan", False)


# -- banner, toast, dialog -------------------------------------------------------------------------------------


def test_a_banner_says_the_error_and_what_to_do(hub: ThemeHub) -> None:
    banner = Banner(hub)
    assert banner.isHidden()
    tried: list[int] = []
    banner.show_error(
        Unavailable("The server <b>does</b> not answer.", hint="Try again."),
        action=("Retry", lambda: tried.append(1)),
    )
    assert banner.text == "The server <b>does</b> not answer. Try again."
    assert "<b>" not in banner._words.text(), "text is text, never markup"
    banner.findChildren(Button)[0].click()
    assert tried == [1]
    banner.clear()
    assert banner.isHidden()


async def test_a_toast_goes_by_itself_but_not_under_the_pointer(
    hub: ThemeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(hub.theme.tokens.data["duration"], "toast", 40)
    window = QWidget()
    settle(window, 1100, 700)
    host = ToastHost(hub, window, foot=28)
    host.show("Room B closed", undo=lambda: None)
    assert host.toast.geometry().right() == 1100 - 16 - 1
    assert host.toast.geometry().bottom() == 700 - 28 - 16 - 1
    assert host.toast.focusPolicy() is Qt.FocusPolicy.NoFocus
    middle = host.toast.rect().center().toPointF()
    QApplication.sendEvent(host.toast, QEnterEvent(middle, middle, middle))
    await asyncio.sleep(0.08)
    assert host.toast.isVisible(), "read at leisure"
    host._left = 10
    QApplication.sendEvent(host.toast, QEvent(QEvent.Type.Leave))
    await asyncio.sleep(0.08)
    assert host.toast.isHidden()


def test_undo_on_a_toast_undoes_once(hub: ThemeHub) -> None:
    window = QWidget()
    settle(window, 1100, 700)
    host = ToastHost(hub, window)
    undone: list[int] = []
    host.show("Nia is in", "15:41", undo=lambda: undone.append(1))
    host.toast.undone.emit()
    host.toast.undone.emit()
    assert undone == [1]
    assert host.toast.isHidden()


def _question(hub: ThemeHub, window: QWidget) -> tuple[QuestionDialog, list[bool]]:
    card = QuestionCard(
        hub,
        "Cancel Street Dance?",
        "This cannot be undone.",
        do="Cancel 16 bookings",
        keep="Keep session",
        figures=(("16", "bookings"),),
    )
    dialog = QuestionDialog(hub, window, card)
    answers: list[bool] = []
    dialog.answered.connect(answers.append)
    dialog.open()
    QApplication.processEvents()
    return dialog, answers


def test_a_question_focuses_the_safe_answer_and_keeps_the_keyboard(hub: ThemeHub) -> None:
    window = QWidget()
    behind = QLineEdit(window)
    settle(window, 1100, 700)
    window.activateWindow()
    behind.setFocus()
    dialog, answers = _question(hub, window)
    assert QApplication.focusWidget() is dialog.card.keep
    QTest.keyClick(dialog.card.keep, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is dialog.card.do
    QTest.keyClick(dialog.card.do, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is dialog.card.keep
    QTest.keyClick(dialog.card.keep, Qt.Key.Key_Escape)
    assert answers == [False]
    assert QApplication.focusWidget() is behind


@pytest.mark.parametrize(
    ("press", "answer"), [(lambda d: d.card.do.click(), True), (lambda d: d.scrim.pressed.emit(), False)]
)
def test_a_question_is_answered_once(
    hub: ThemeHub, press: Callable[[QuestionDialog], None], answer: bool
) -> None:
    window = QWidget()
    settle(window, 1100, 700)
    dialog, answers = _question(hub, window)
    press(dialog)
    press(dialog)
    assert answers == [answer]


# -- waiting ---------------------------------------------------------------------------------------------------


async def test_a_skeleton_waits_before_it_shows(hub: ThemeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(hub.theme.tokens.data["duration"], "skeletonDelay", 30)
    bones = Skeleton(hub, ((0.0, 0.5), (0.6, 0.3)), rows=2)
    settle(bones, 200, 64)
    bones.start()
    plain = bones.grab().toImage()
    await asyncio.sleep(0)
    assert bones.grab().toImage() == plain
    await asyncio.sleep(0.08)
    assert bones.grab().toImage() != plain
    bones.stop()
    assert bones.grab().toImage() == plain


def test_progress_can_be_stopped_once(hub: ThemeHub) -> None:
    card = ProgressCard(hub, WIDE)
    settle(card, 400, 60)
    stops: list[int] = []
    card.cancelled.connect(lambda: stops.append(1))
    card.set_progress(0, 0)
    card.set_progress(128, 214, "about 6 s")
    assert card._count.text() == "128 of 214 · about 6 s"
    card._cancel.click()
    card._cancel.click()
    assert stops == [1]


def test_an_empty_state_says_what_to_do(hub: ThemeHub) -> None:
    done: list[str] = []
    empty = EmptyState(
        hub,
        "ph.hourglass-medium",
        "No one is waiting",
        "Add a family.",
        action=("ph.plus", "Add", lambda: done.append("add")),
        link=("Others", lambda: done.append("others")),
    )
    for button in empty.findChildren(Button):
        button.click()
    assert done == ["add", "others"]
    assert empty.accessibleName() == "No one is waiting. Add a family."


# -- focus ring and table --------------------------------------------------------------------------------------


def test_the_ring_is_around_the_button_with_the_keyboard(hub: ThemeHub) -> None:
    window = QWidget()
    ring = FocusRing(hub, window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    button, field = Button(hub, "Save"), TextInput(hub)
    column.addWidget(button)
    column.addWidget(field)
    settle(window, 300, 120)
    window.activateWindow()
    button.setFocus()
    QApplication.processEvents()
    assert ring.target is button
    frame = ring._ring
    assert frame is not None
    assert frame.geometry() == button.geometry().adjusted(-4, -4, 4, 4)
    window.resize(400, 160)
    QApplication.processEvents()
    assert frame.geometry() == button.geometry().adjusted(-4, -4, 4, 4)
    field.setFocus()
    QApplication.processEvents()
    assert ring.target is None, "an input shows its own edge"


Pair = tuple[str, int]


async def _page(request: PageRequest) -> Page[Pair]:
    rows = [(name, at) for at, name in enumerate(["Ava", WIDE, "Theo"])]
    return Page(sorted(rows, reverse=request.descending), None)


def _table(hub: ThemeHub) -> tuple[DataTable, KeysetTableModel[Pair]]:
    columns: tuple[Column[Pair], ...] = (
        Column("name", "Name", lambda row: row[0], width=100, stretch=True),
        Column("count", "Count", lambda row: str(row[1]), numeric=True, width=80),
    )
    model = KeysetTableModel(columns, _page, lambda row: row[0], sort="name")
    look = {
        "name": lambda row: CellLook(
            "muted", struck=True, chip=paint.ChipSpec("Cancelled"), suffix="x", icon="ph.x"
        )
    }
    table = DataTable(hub, model, name="Children", looks=look)
    return table, model


async def test_a_table_sorts_by_its_heading_and_shows_long_names(hub: ThemeHub) -> None:
    table, model = _table(hub)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    settle(table, 300, 200)
    model.restart()
    await model.settled()
    assert model.rowCount() == 3
    table.grab()
    header = table.horizontalHeader()
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    await model.settled()
    assert model.index(0, 0).data() == WIDE
    assert model.sorted_by[1] == Qt.SortOrder.DescendingOrder
    assert table.columnWidth(0) + table.columnWidth(1) == table.viewport().width()
    tester.deleteLater()


async def test_a_table_leaves_select_all_to_the_page_and_follows_the_pointer(hub: ThemeHub) -> None:
    table, model = _table(hub)
    settle(table, 300, 200)
    model.restart()
    await model.settled()
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert not table.selectionModel().hasSelection()
    QTest.mouseMove(table.viewport(), QPoint(20, 40))
    QApplication.processEvents()
    assert table.hovered_row == 1
    QApplication.sendEvent(table, QEvent(QEvent.Type.Leave))
    assert table.hovered_row == -1
    opened: list[object] = []
    table.row_activated.connect(opened.append)
    table.setCurrentIndex(model.index(2, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened == [model.row(2)]
