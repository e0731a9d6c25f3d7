"""The list of the approval queue: a row of 92 for each case, of which several can be marked for one action.

Marks are the list's own, beside the one row that is chosen: the arrows go on showing case after case while what was
marked stays marked. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.vetting import CaseRow
from console.views.approvals import words
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.choices import CHOICE_ROLE, AnyIndex, Choice, ChoiceList
from console.views.widgets.requirement_marks import draw_marks, marks_width, spoken

_SIDE = 16
_MARKED = "marked"
_SHIFTED = (Qt.Key.Key_Up, Qt.Key.Key_Down)


class QueueDelegate(QStyledItemDelegate):
    """Three lines: venue and age; what is asked and where; the marks, how many are met, and who holds it."""

    def __init__(self, hub: ThemeHub, view: QueueList) -> None:
        """Paint the rows of `view`."""
        super().__init__(view)
        self.hub, self._view = hub, view

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Every row has the one height."""
        return QSize(0, self.hub.theme.size("row.queue"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        choice = index.data(CHOICE_ROLE)
        if not isinstance(choice, Choice) or not isinstance(choice.value, CaseRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        self._ground(painter, area, option, chosen=chosen, marked=choice.beside == _MARKED)
        self._words(painter, area, choice, choice.value)
        if option.state & QStyle.StateFlag.State_HasFocus and chosen:
            paint.draw_focus(painter, self.hub.theme, area.adjusted(0, 0, 0, -1))
        painter.restore()

    def _ground(
        self, painter: QPainter, area: QRectF, option: QStyleOptionViewItem, *, chosen: bool, marked: bool
    ) -> None:
        theme = self.hub.theme
        if chosen:
            painter.fillRect(area, theme.color("surface.selected"))
            paint.draw_selection_bar(painter, theme, area)
        elif marked:
            painter.fillRect(area, theme.color("accent.bg"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("surface.hover"))
        bottom = QRectF(area.left(), area.bottom() - 1, area.width(), 1)
        painter.fillRect(bottom, theme.color("border.subtle"))

    def _words(self, painter: QPainter, area: QRectF, choice: Choice, row: CaseRow) -> None:
        theme, now = self.hub.theme, self._view.now
        scaled = theme.scaled
        left, right = area.left() + _SIDE, area.right() + 1 - _SIDE
        upper = QRectF(left, area.top() + scaled(10), right - left, scaled(18))
        middle = QRectF(left, area.top() + scaled(28), right - left, scaled(16))
        lower = QRectF(left, area.top() + scaled(52), right - left, scaled(20))
        late = words.is_late(row, now)
        wide = paint.text_width(theme.font("caption", 600 if late else None), choice.right)
        paint.draw_text(
            painter, theme, upper, choice.right, step="caption", weight=600 if late else None,
            color="red.text" if late else "text.muted", align=paint.RIGHT, elide=False,
        )  # fmt: skip
        upper.setRight(right - wide - 12)
        if choice.beside == _MARKED:
            theme.paint_icon(
                painter, "ph.check-square-fill", "accent.text",
                QRectF(upper.left() - 2, upper.top(), scaled(18), upper.height()), scaled(16),
            )  # fmt: skip
            upper.setLeft(upper.left() + scaled(20))
        paint.draw_text(painter, theme, upper, choice.title, step="bodyStrong")
        counted = words.met(row.standings)
        told = paint.text_width(theme.font("caption"), counted)
        held = words.claim_chip(row, now)
        state = "not claimed"
        room = lower.width() - marks_width(theme) - scaled(8) - told - 12
        need = (
            paint.chip_width(theme, held)
            if held is not None
            else paint.text_width(theme.font("caption"), state)
        )
        # Where type is large both do not fit in the one line; neither may be cut.
        line = lower if need <= room else middle
        if held is not None:
            paint.draw_chip(painter, theme, right - need, line.center().y(), held)
        else:
            muted = QRectF(right - need, line.top(), need, line.height())
            paint.draw_text(painter, theme, muted, state, step="caption", color="text.muted", elide=False)
        if line is middle:
            middle.setRight(right - need - 8)
        paint.draw_text(painter, theme, middle, choice.detail, step="caption", color="text.muted")
        x = left + draw_marks(painter, theme, left, lower.center().y(), row.standings) + scaled(8)
        place = QRectF(x, lower.top(), told, lower.height())
        paint.draw_text(painter, theme, place, counted, step="caption", color="text.secondary", elide=False)


class QueueList(ChoiceList):
    """The list itself; the value of a row is its CaseRow."""

    opened = Signal()
    """Enter or a double click on the chosen row."""
    marks_changed = Signal()

    def __init__(self, hub: ThemeHub, zone: tzinfo) -> None:
        """An empty list; instants are told in `zone`."""
        super().__init__(hub, "Cases")
        self._zone = zone
        self._marked: set[UUID] = set()
        self._rows: list[CaseRow] = []
        self._anchor: int | None = None
        self.now = datetime.min.replace(tzinfo=UTC)
        self.setItemDelegate(QueueDelegate(hub, self))
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    # -- what is on show ---------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[CaseRow]:
        """The cases on show."""
        return self._rows

    @property
    def case(self) -> CaseRow | None:
        """The case that is chosen."""
        found = self.current
        return found if isinstance(found, CaseRow) else None

    @property
    def marked(self) -> list[CaseRow]:
        """The cases that are marked, in the order of the list."""
        return [row for row in self._rows if row.id in self._marked]

    def show_rows(self, rows: Sequence[CaseRow], now: datetime) -> None:
        """Show cases as they are at `now`; the chosen one, the marks and the place stay."""
        before = len(self.marked)
        self.now, self._rows = now, list(rows)
        self._marked &= {row.id for row in rows}
        choices = [self._choice(row) for row in rows]
        told = self.blockSignals(True)
        if [one.value.id for one in self.choices.choices if isinstance(one.value, CaseRow)] == [
            r.id for r in rows
        ]:
            self.choices.retell(choices)
            self.viewport().update()
        else:
            self.refresh_choices(choices, _identity)
        self.blockSignals(told)
        if len(self.marked) != before:
            self.marks_changed.emit()

    def tell_time(self, now: datetime) -> None:
        """Say ages and claims as they are now; nothing moves."""
        self.now = now
        self.choices.retell([self._choice(row) for row in self._rows])
        self.viewport().update()

    def choose(self, case_id: UUID) -> bool:
        """Choose a case; False where it is not on show."""
        for at, row in enumerate(self._rows):
            if row.id == case_id:
                self.setCurrentIndex(self.choices.index(at))
                return True
        return False

    def choose_none(self) -> None:
        """No row is chosen: the case on show is not among them any more."""
        told = self.blockSignals(True)
        self.setCurrentIndex(QModelIndex())
        self.blockSignals(told)
        self.viewport().update()

    def _choice(self, row: CaseRow) -> Choice:
        held = words.claim_chip(row, self.now) or paint.ChipSpec("not claimed")
        # The delegate paints these its own way; a screen reader says them.
        said = (
            paint.ChipSpec(f"{words.met(row.standings)} met"),
            held,
            paint.ChipSpec(spoken(row.standings)),
        )
        return Choice(
            row, row.venue, words.row_caption(row), _MARKED if row.id in self._marked else "",
            words.row_right(row, self.now, self._zone), said,
        )  # fmt: skip

    # -- marking -----------------------------------------------------------------------------------------------------

    def mark(self, case_id: UUID) -> None:
        """Mark a case, or take its mark away."""
        self._marked ^= {case_id}
        self._tell_marks()

    def clear_marks(self) -> None:
        """Nothing is marked."""
        if self._marked:
            self._marked.clear()
            self._tell_marks()

    def _tell_marks(self) -> None:
        self.choices.retell([self._choice(row) for row in self._rows])
        self.marks_changed.emit()

    def _mark_to(self, row: int) -> None:
        """Mark everything from where marking began to a row."""
        start = self._anchor if self._anchor is not None else max(self.currentIndex().row(), 0)
        self._anchor = start
        low, high = sorted((start, row))
        self._marked |= {one.id for one in self._rows[low : high + 1]}
        self._tell_marks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens; Space marks; Shift with the arrows marks on the way; Ctrl+A marks all; the rest moves."""
        key, case = Qt.Key(event.key()), self.case
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif key is Qt.Key.Key_Space and case is not None:
            self.mark(case.id)
        elif shift and key in _SHIFTED and case is not None:
            step = 1 if key is Qt.Key.Key_Down else -1
            row = min(max(self.currentIndex().row() + step, 0), len(self._rows) - 1)
            self._mark_to(row)
            self.setCurrentIndex(self.choices.index(row))
        elif key is Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._marked = {row.id for row in self._rows}
            self._tell_marks()
        else:
            self._anchor = None
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ctrl marks the row under the pointer, Shift everything up to it; else it is shown."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.mark(self._rows[index.row()].id)
        elif index.isValid() and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._mark_to(index.row())
        else:
            self._anchor = None
            super().mousePressEvent(event)


def _identity(value: object) -> object:
    return value.id if isinstance(value, CaseRow) else value
