"""The component sheet: every shared widget in every state on one page.

It is looked at beside the design's own sheet whenever a widget changes, by a person and by the guided tour.
Run `python -m console.views.gallery --out DIR` to write it in light and dark.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.views.gallery_table import empty_table, sample_table
from console.views.theme import ThemeHub
from console.views.tokens import MODES
from console.views.widgets.attendance import AttendanceState
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Badge, Chip, Keycap
from console.views.widgets.dialog import QuestionCard
from console.views.widgets.fields import Field, SelectBox, TextInput
from console.views.widgets.focus import FixedRing
from console.views.widgets.outcome import OutcomeBand
from console.views.widgets.table import TableCard
from console.views.widgets.text import Section, label
from console.views.widgets.toast import Toast
from console.views.widgets.toggles import CheckBox, RadioButton
from console.views.widgets.waiting import EmptyState, ProgressCard, Skeleton

_LEFT = 400


def render_gallery(hub: ThemeHub) -> QWidget:
    """The component sheet as a widget of 1440 x 900."""
    page = surface("canvas")
    page.resize(*_window())
    row = QHBoxLayout(page)
    row.setContentsMargins(24, 20, 24, 18)
    row.setSpacing(28)
    for width, build in ((_LEFT, _left), (484, _middle), (452, _right)):
        column = QWidget()
        column.setFixedWidth(width)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        build(hub, layout)
        layout.addStretch(1)
        row.addWidget(column)
    row.addStretch(1)
    return page


def picture(widget: QWidget) -> QPixmap:
    """The widget as it looks once laid out; on a real screen it does not appear, and so has no focus."""
    if QApplication.platformName() != "offscreen":
        widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.show()
    widget.activateWindow()
    QApplication.processEvents()
    return widget.grab()


def _window() -> tuple[int, int]:
    return 1440, 900


def _left(hub: ThemeHub, column: QVBoxLayout) -> None:
    column.addWidget(Section("Buttons"))
    column.addSpacing(10)
    column.addWidget(_buttons(hub))
    column.addSpacing(32)
    column.addWidget(Section("Inputs"))
    column.addSpacing(10)
    column.addLayout(_inputs(hub))
    column.addSpacing(28)
    column.addWidget(Section("Chips and badges"))
    column.addSpacing(10)
    for chips in _in_rows(_chips(hub), _LEFT):
        column.addLayout(_line(chips, 8))
        column.addSpacing(8)
    column.addSpacing(24)
    column.addWidget(Section("Attendance"))
    column.addSpacing(10)
    grid = QGridLayout()
    grid.setVerticalSpacing(10)
    grid.setHorizontalSpacing(16)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, 192)
    states = (
        ("expected", "Expected", "due 15:30"),
        ("in", "In", "15:41 · Desk 1"),
        ("out", "Out", "15:40 · Desk 1"),
        ("absent", "Absent", "marked 15:35"),
        ("queued", "In · waiting", "15:38 · Desk 1"),
        ("sending", "Out · sending", "15:42 · Desk 1"),
        ("unmarked", "Unmarked", "at closing"),
        ("attention", "Needs attention", "cancelled 15:20"),
    )
    for number, (state, word, detail) in enumerate(states):
        grid.addWidget(AttendanceState(hub, state, word, detail), number // 2, number % 2)
    column.addLayout(grid)


def _buttons(hub: ThemeHub) -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(10)
    for at, words in enumerate(("rest", "hover", "pressed", "focus", "off")):
        head = label(words, "caption")
        head.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        grid.addWidget(head, 0, at)
    rows = (("Save", "primary"), ("Print", "plain"), ("Undo", "quiet"), ("Delete", "danger"))
    for down, (words, kind) in enumerate(rows, start=1):
        for at in range(5):
            button = Button(hub, words, kind)  # type: ignore[arg-type]  # the four kinds by name
            button.ensurePolished()
            wide = button.sizeHint().width()
            if wide > 68:  # a wide font: the words stay whole and the gaps give way
                grid.setHorizontalSpacing(8)
            button.setMinimumWidth(max(68, wide))
            if at == 1:
                button.setProperty("pretend", "hover")
            elif at == 2:
                button.setDown(True)
            elif at == 3:
                FixedRing(hub, button)
            elif at == 4:
                button.setEnabled(False)
            grid.addWidget(button, down, at)
    return page


def _inputs(hub: ThemeHub) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(12)
    places = TextInput(hub, "18")
    places.setStyleSheet(
        f"QLineEdit {{ border: 2px solid {hub.theme.hex('focus.ring')}; padding: 0 9px; min-height: 28px; }}"
    )
    ends = Field(hub, "Ends", TextInput(hub, "15:15"))
    ends.set_error("Ends before it starts at 15:30.")
    value = TextInput(hub, "1.00 USD")
    value.setEnabled(False)
    grid.addWidget(Field(hub, "Activity", SelectBox(hub, ["Junior Judo"])), 0, 0)
    grid.addWidget(Field(hub, "Places", places), 0, 1)
    grid.addWidget(ends, 1, 0)
    grid.addWidget(Field(hub, "Credit value", value, help_text="Set for the whole platform."), 1, 1)
    column.addLayout(grid)
    column.addSpacing(8)
    toggles = (
        CheckBox(hub, "Tell parents", checked=True),
        CheckBox(hub, "Weekends"),
        RadioButton(hub, "Only this", checked=True),
        RadioButton(hub, "All future"),
    )
    for pieces in _in_rows(toggles, _LEFT, gap=18):
        column.addLayout(_line(pieces, 18))
    return column


def _line(pieces: Sequence[QWidget], gap: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(gap)
    for piece in pieces:
        row.addWidget(piece)
    row.addStretch(1)
    return row


def _in_rows(shapes: Sequence[QWidget], width: int, *, gap: int = 8) -> list[list[QWidget]]:
    """Shapes that are never cut, as many to a row as fit."""
    rows: list[list[QWidget]] = [[]]
    used = 0
    for shape in shapes:
        needed = shape.sizeHint().width() + gap
        if used + needed > width + gap:
            rows.append([])
            used = 0
        rows[-1].append(shape)
        used += needed
    return rows


def _chips(hub: ThemeHub) -> tuple[QWidget, ...]:
    return (
        Chip(hub, "Pending", "neutral", "ph.clock-bold"),
        Chip(hub, "Processing", "blue", "ph.arrows-clockwise-bold"),
        Chip(hub, "Paid", "green", "ph.check-bold"),
        Chip(hub, "Failed", "red", "ph.warning-bold"),
        Chip(hub, "On hold", "amber", "ph.pause-circle-bold"),
        Chip(hub, "Carried", "neutral", "ph.arrow-elbow-down-right-bold"),
        Chip(hub, "Peanut", "red", "ph.warning-fill"),
        Chip(hub, "Asthma", "red", "ph.first-aid-fill"),
        Chip(hub, "3 waiting", "amber", "ph.cloud-arrow-up-bold", dashed=True),
        Chip(hub, "Now", "accent"),
        Chip(hub, "Full"),
        Chip(hub, "Lucas, 6 min", "neutral", "ph.lock-simple-bold"),
        Badge(hub, 5),
        Badge(hub, 3, "amber"),
        Badge(hub, 2, "red"),
        Keycap(hub, "Ctrl K"),
    )


def _middle(hub: ThemeHub, column: QVBoxLayout) -> None:
    column.addWidget(Section("Table, sorted by start"))
    column.addSpacing(10)
    table = TableCard(hub, sample_table(hub), "6 of 42 sessions · 1 selected", "Filter: this week")
    table.setFixedHeight(255)
    column.addWidget(table)
    column.addSpacing(26)
    column.addWidget(Section("Loading, after 200 ms"))
    column.addSpacing(10)
    waiting = QWidget()
    inner = QVBoxLayout(waiting)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(0)
    heads = empty_table(hub)
    heads.setFixedHeight(33)
    bars = Skeleton(hub, ((0.033, 0.116), (0.208, 0.244), (0.556, 0.112), (0.772, 0.066), (0.938, 0.028)))
    bars.reveal()
    inner.addWidget(heads)
    inner.addWidget(bars)
    card = TableCard(hub, waiting)
    card.setFixedHeight(131)
    column.addWidget(card)
    column.addSpacing(26)
    column.addWidget(Section("Empty"))
    column.addSpacing(10)
    nobody = surface("card")
    box = QVBoxLayout(nobody)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(
        EmptyState(
            hub,
            "ph.hourglass-medium",
            "No one is waiting for Junior Judo",
            "When it fills up, parents can join. You can also add a family.",
            action=("ph.plus", "Add a family", _idle),
            link=("Show other sessions", _idle),
        )
    )
    nobody.setFixedHeight(166)
    column.addWidget(nobody)
    column.addSpacing(26)
    column.addWidget(Section("Progress, can be cancelled"))
    column.addSpacing(10)
    work = ProgressCard(hub, "Making statements for February")
    work.set_progress(128, 214, "about 6 s")
    column.addWidget(work)


def _right(hub: ThemeHub, column: QVBoxLayout) -> None:
    column.addWidget(Section("Outcome of a scan"))
    column.addSpacing(10)
    outcomes = (
        ("done", "Nia is in", "Junior Judo, Main Hall · 15:41 · labels printed"),
        ("kept", "Theo is in, waiting to send", "Junior Judo · 15:41 · kept on this desk"),
        ("again", "Already in: 15:31 at Desk 2, by Maya", "Ava, Junior Judo · nothing was changed"),
        ("refused", "Not this session", "Hugo is booked for 16:45 Ballet 8–10"),
    )
    for outcome, title, detail in outcomes:
        band = OutcomeBand(hub)
        way_out = ("Open it", _idle) if outcome == "refused" else None
        band.show_outcome(outcome, title, detail, action=way_out, hold=False)
        column.addWidget(band)
        column.addSpacing(8)
    column.addSpacing(6)
    column.addWidget(Section("Banner and toast"))
    column.addSpacing(10)
    banner = Banner(hub)
    banner.show_message(
        "The bank refused this payout.",
        "Account ending 4821 is closed. Ask the venue for a new one, then send it again.",
        action=("Retry", _idle),
    )
    column.addWidget(banner)
    column.addSpacing(10)
    toast = Toast(hub)
    toast.fill("Room B closed, 3 sessions skipped", undo=True, keys="Ctrl Z")
    toast.setFixedHeight(48)
    column.addWidget(toast)
    column.addSpacing(20)
    column.addWidget(Section("Question, with the consequence in numbers"))
    column.addSpacing(10)
    card = QuestionCard(
        hub,
        "Cancel Street Dance on Thu 12 March?",
        "17:45–18:45, Main Hall. This cannot be undone.",
        do="Cancel 16 bookings",
        keep="Keep session",
        figures=(
            ("16", "bookings"),
            ("224", "credits back"),
            ("16", "families told"),
            ("5", "leave the waitlist"),
        ),
        extra=Field(hub, "Reason, shown to parents", SelectBox(hub, ["Instructor is ill"])),
    )
    FixedRing(hub, card.keep)
    column.addWidget(card)


def _idle() -> None:
    """Nothing happens on a sheet of samples."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sheet in light and dark; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m console.views.gallery", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    for mode in MODES:
        hub = ThemeHub(mode, reduced_motion=True)
        hub.apply()
        page = render_gallery(hub)
        picture(page).save(str(out / f"gallery_{mode}.png"))
        page.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
