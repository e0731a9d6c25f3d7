"""Widgets that tell and ask: the outcome band, banners, toasts, questions, waiting, focus and tables."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from console.domain.paging import Page, PageRequest
from console.errors import Unavailable
from console.models.table import Column, KeysetTableModel
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import QuestionCard, QuestionDialog
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import FocusRing
from console.views.widgets.outcome import OutcomeBand
from console.views.widgets.table import CellLook, DataTable
from console.views.widgets.toast import ToastHost
from console.views.widgets.waiting import EmptyState, ProgressCard, Skeleton
from tests.support.qt import settle

WIDE = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh the Extraordinarily Long Named"


def _ground(widget: QWidget, x: int, y: int) -> str:
    return widget.grab().toImage().pixelColor(x, y).name()


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


def test_a_detail_beside_two_ways_out_is_read_whole(hub: ThemeHub) -> None:
    band = OutcomeBand(hub)
    settle(band, 544, 64)
    said = "Alexandra is booked for 16:45 Introduction to Robotics"
    band.show_outcome("refused", "Not this session", said, hold=False)
    assert band.detail_lines == (said,)

    def show(detail: str) -> None:
        band.show_outcome(
            "refused", "Not this session", detail, hold=False, keys="F2",
            action=("Open it", band.clear), second=("Move here", band.clear),
        )  # fmt: skip

    show(said)
    assert len(band.detail_lines) == 2
    assert " ".join(band.detail_lines) == said
    show(f"{said} for {WIDE}")
    assert len(band.detail_lines) == 2
    assert "16:45" in " ".join(band.detail_lines), "what is cut is the name"
    band.show_outcome("done", "Nia is in", hold=False)
    assert band.detail_lines == ()


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
    assert not bones.is_waiting
    bones.start()
    assert bones.is_waiting
    plain = bones.grab().toImage()
    await asyncio.sleep(0)
    assert bones.grab().toImage() == plain
    await asyncio.sleep(0.08)
    assert bones.grab().toImage() != plain
    bones.stop()
    assert not bones.is_waiting
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
