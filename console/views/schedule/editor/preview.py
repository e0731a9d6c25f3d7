"""The card "If you save": what a plan would do, with the conflicts to settle, before anything is written.

It keeps the old plan until a new one is there, so that nothing jumps while somebody types. See docs/design.md,
"Screens" (schedule) and the look of picture 03.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.changing import Plan, Settled
from console.domain.counting import count
from console.views.schedule.editor import plan_words
from console.views.theme import ThemeHub
from console.views.widgets.base import line, restyle
from console.views.widgets.buttons import Button
from console.views.widgets.text import ElidedLabel, IconLabel, label

_FEW = 3
_FEW_ROOMS = 2


class PlanCard(QFrame):
    """The preview of one form."""

    settled = Signal(object, object)
    """A date, and what was decided about it (Settled), or None to take that back."""
    hits_wanted = Signal()
    focus_lost = Signal()
    """The button that had the keyboard is gone with its row."""

    def __init__(self, hub: ThemeHub, zone: tzinfo, room: Callable[[UUID | None], str | None]) -> None:
        """An empty card; `room` answers a room's name."""
        super().__init__()
        self.hub, self._zone, self._room = hub, zone, room
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("If you save")
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(12, 7, 12, 7)
        head.setSpacing(8)
        self._title = label("If you save", "strong")
        head.addWidget(self._title)
        self._note = ElidedLabel("nothing saved yet", "caption")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._note, 1)
        column.addLayout(head)
        self._column = column
        self._body: QWidget | None = None
        self._shown: tuple[object, ...] = ()

    def set_title(self, title: str) -> None:
        """Say what is previewed, and forget what was."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self._shown = ()

    def show_plan(self, plan: Plan, settled: Mapping[date, Settled], *, by_date: bool) -> None:
        """Show what a plan would do; `by_date` allows to leave dates out."""
        shown = (plan, tuple(sorted(settled.items(), key=lambda one: one[0])), by_date)
        self._note.setText("nothing saved yet")
        if shown == self._shown:
            return
        rows = plan_words.card_rows(plan, self._zone, of_series=by_date)
        body = self._fresh(shown)
        last = len([row for row in rows if row.key in ("created", "changed", "moved")])
        for row in rows[:last]:
            self._row(body, row)
        self._conflicts(body, plan, by_date=by_date)
        self._decided(body, settled)
        for row in rows[last:]:
            self._row(body, row)
        self._put(body)

    def show_error(self, sentence: str, hint: str = "") -> None:
        """Say why there is no preview."""
        shown = ("error", sentence, hint)
        if shown == self._shown:
            return
        body = self._fresh(shown)
        sign = plan_words.CardRow(
            "error", "ph.warning-circle-fill", "red.text", sentence, (hint,) if hint else ()
        )
        self._row(body, sign)
        self._put(body)

    def show_note(self, text: str) -> None:
        """Say what is missing, without alarm."""
        shown = ("note", text)
        if shown == self._shown:
            return
        body = self._fresh(shown)
        self._row(body, plan_words.CardRow("note", "ph.info", "text.secondary", "", (text,)))
        self._put(body)

    def wait(self) -> None:
        """A new preview is on its way; what is on show stays."""
        self._note.setText("looking…")

    # -- rows --------------------------------------------------------------------------------------------------------

    def _fresh(self, shown: tuple[object, ...]) -> QWidget:
        self._shown = shown
        body = QWidget()
        body.setProperty("clear", "true")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        return body

    def _put(self, body: QWidget) -> None:
        before, self._body = self._body, body
        now = QApplication.focusWidget()
        had_keyboard = before is not None and now is not None and before.isAncestorOf(now)
        if before is not None:
            self._column.removeWidget(before)
            before.hide()
            before.deleteLater()
        self._column.addWidget(body)
        restyle(body)
        body.show()
        if had_keyboard:
            left = [one for one in body.findChildren(Button) if one.isEnabled()]
            if left:
                left[0].setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self.focus_lost.emit()

    def _row(self, body: QWidget, row: plan_words.CardRow) -> QVBoxLayout:
        column = body.layout()
        assert isinstance(column, QVBoxLayout)
        column.addWidget(line())
        across = QHBoxLayout()
        across.setContentsMargins(12, 8, 12, 8)
        across.setSpacing(8)
        across.addWidget(IconLabel(self.hub, row.icon, row.color), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        if row.title:
            texts.addWidget(label(row.title, "strong", wrap=True))
        for detail in row.details:
            texts.addWidget(label(detail, "caption", wrap=True))
        across.addLayout(texts, 1)
        column.addLayout(across)
        if row.key == "hits":
            texts.addSpacing(4)
            self._button(texts, "Show what they read", self.hits_wanted.emit)
        return texts

    def _conflicts(self, body: QWidget, plan: Plan, *, by_date: bool) -> None:
        groups = plan_words.conflict_groups(plan)
        if not groups:
            return
        head = plan_words.CardRow("conflict", "ph.warning-fill", "red.text", count(len(groups), "conflict"))
        texts = self._row(body, head)
        for group in groups[:_FEW]:
            for one in group.conflicts[:_FEW]:
                texts.addWidget(label(plan_words.conflict_line(one, self._zone), "caption", wrap=True))
            texts.addSpacing(4)
            self._ways_out(texts, group, by_date=by_date)
            texts.addSpacing(6)
        if len(groups) > _FEW:
            texts.addWidget(label(f"and {len(groups) - _FEW} more", "caption"))
        if len(groups) > 1:
            dates = [group.on for group in groups]
            allow = self._small(
                f"Allow all {len(groups)}", lambda: self._settle_all(dates, Settled(allow=True))
            )
            offered = [allow]
            if by_date:
                skip = Settled(skip=True)
                offered.insert(
                    0, self._small(f"Skip all {len(groups)}", lambda: self._settle_all(dates, skip))
                )
            _flow(texts, offered)

    def _ways_out(self, texts: QVBoxLayout, group: plan_words.ConflictGroup, *, by_date: bool) -> None:
        offered: list[tuple[str, Settled]] = []
        if by_date:
            offered.append(("Skip this date", Settled(skip=True)))
        for room_id in group.free_rooms[:_FEW_ROOMS]:
            name = self._room(room_id)
            if name is not None:
                offered.append((f"Use {name}", Settled(room_id=room_id)))
        offered.append(("Allow it", Settled(allow=True)))
        buttons = []
        for text, how in offered:
            made = Button(self.hub, text, scale="compact")
            made.setAccessibleName(f"{text}, {group.on.day} {group.on:%B}")
            made.clicked.connect(lambda _checked=False, chosen=how: self.settled.emit(group.on, chosen))
            buttons.append(made)
        _flow(texts, buttons)

    def _decided(self, body: QWidget, settled: Mapping[date, Settled]) -> None:
        if not settled:
            return
        title = f"{count(len(settled), 'date')} decided by you"
        texts = self._row(body, plan_words.CardRow("decided", "ph.check-circle", "text.secondary", title))
        for on, how in sorted(settled.items())[: 2 * _FEW]:
            what = (
                "skipped"
                if how.skip
                else ("the overlap is allowed" if how.allow else self._room(how.room_id) or "")
            )
            texts.addWidget(label(plan_words.settled_line(on, what), "caption", wrap=True))
        undo = "Take it back" if len(settled) == 1 else "Take all back"
        texts.addSpacing(4)
        self._button(texts, undo, lambda: self._settle_all(list(settled), None))

    def _settle_all(self, dates: list[date], how: Settled | None) -> None:
        for on in dates:
            self.settled.emit(on, how)

    def _small(self, text: str, run: Callable[[], object]) -> Button:
        made = Button(self.hub, text, scale="compact")
        made.clicked.connect(lambda _checked=False: run())
        return made

    def _button(self, texts: QVBoxLayout, text: str, run: Callable[[], object]) -> None:
        texts.addWidget(self._small(text, run), 0, Qt.AlignmentFlag.AlignLeft)


def _flow(texts: QVBoxLayout, buttons: list[Button]) -> None:
    """Two buttons beside each other where they are short, each on its own line otherwise."""
    short = [one for one in buttons if len(one.text()) <= 16]
    rows = [short[at : at + 2] for at in range(0, len(short), 2)]
    rows += [[one] for one in buttons if one not in short]
    for pair in rows:
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 4)
        across.setSpacing(8)
        for one in pair:
            across.addWidget(one)
        across.addStretch(1)
        texts.addLayout(across)
