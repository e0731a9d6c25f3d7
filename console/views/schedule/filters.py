"""The bar above the calendar: what is typed, which rooms, instructors and activities are seen, and what a lane is.

Each choice is a button with a list of boxes under it, a child of the window that runs no loop of its own. What was
chosen is remembered on this workstation, what was typed is not. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.domain.programme import Calendar
from console.views.saved_filters import FilterMemory
from console.views.schedule import words
from console.views.schedule.editor.inputs import LongBox
from console.views.schedule.lanes import NOWHERE, By, Wanted
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.text import ElidedLabel

_MEMORY_KEY = "schedule"
_WIDEST, _HIGHEST = 320, 360
_CARET = 12
_BESIDE = 56
"""Pixels beside the words of a box: the box itself and the margins."""
_CANCELLED = "cancelled"


class PickList(QFrame):
    """The boxes under a button. Up and Down go through them, Escape closes, a press elsewhere too."""

    changed = Signal()

    def __init__(self, hub: ThemeHub, window: QWidget, name: str, options: Sequence[tuple[str, str]]) -> None:
        """`options` are (key, words); nothing is ticked."""
        super().__init__(window)
        self.hub, self._window = hub, window
        self.setProperty("surface", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().setAutoFillBackground(False)
        inner = QWidget()
        inner.setProperty("clear", "true")
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(12, 8, 12, 8)
        rows.setSpacing(2)
        self._said = [said for _key, said in options]
        self.boxes: dict[str, LongBox] = {}
        for key, said in options:
            box = LongBox(hub, said)
            box.clicked.connect(lambda _checked=False: self.changed.emit())
            self.boxes[key] = box
            rows.addWidget(box)
        rows.addStretch(1)
        scroll.setWidget(inner)
        inner.setAutoFillBackground(False)
        column.addWidget(scroll)
        self._scroll, self._inner = scroll, inner
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    @property
    def ticked(self) -> frozenset[str]:
        """The keys that are ticked."""
        return frozenset(key for key, box in self.boxes.items() if box.isChecked())

    def tick(self, keys: Iterable[str]) -> None:
        """Tick these and no others."""
        wanted = set(keys)
        for key, box in self.boxes.items():
            box.setChecked(key in wanted)

    def open_under(self, button: QWidget) -> None:
        """Show it under its button, with the keyboard in the first box."""
        window, scaled = self._window, self.hub.theme.scaled
        hint = self._inner.sizeHint()
        font = self.hub.theme.font("body")
        widest = max((paint.text_width(font, said) for said in self._said), default=0.0) + _BESIDE
        bar = 0 if hint.height() <= scaled(_HIGHEST) else self._scroll.verticalScrollBar().sizeHint().width()
        width = max(button.width(), min(int(widest) + bar, scaled(_WIDEST)))
        place = button.mapTo(window, QPoint(0, button.height() + 4))
        height = min(hint.height() + 2, scaled(_HIGHEST), window.height() - place.y() - 8)
        self.setGeometry(max(0, min(place.x(), window.width() - width - 8)), place.y(), width, height)
        self.show()
        self.raise_()
        first = next(iter(self.boxes.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through the boxes, Escape closes."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key, boxes = Qt.Key(event.key()), list(self.boxes.values())
        if key == Qt.Key.Key_Escape:
            self.hide()
        elif key in steps and boxes:
            at = next((number for number, box in enumerate(boxes) if box.hasFocus()), 0)
            following = boxes[max(0, min(at + steps[key], len(boxes) - 1))]
            following.setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(following, 0, 8)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = next((box for box in boxes if box.hasFocus()), None)
            if focused is not None:
                focused.click()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab goes round in the list: what lies below it is out of reach while it is open."""
        boxes = list(self.boxes.values())
        at = next((number for number, box in enumerate(boxes) if box.hasFocus()), -1)
        if not boxes:
            return False
        box = boxes[(at + (1 if following else -1)) % len(boxes)]
        box.setFocus(Qt.FocusReason.TabFocusReason)
        self._scroll.ensureWidgetVisible(box, 0, 8)
        return True

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if (
            isValid(self)
            and self.isVisible()
            and new is not None
            and new is not self
            and not self.isAncestorOf(new)
        ):
            self.hide()


class PickButton(Button):
    """A button that says what is chosen and opens its list; `changed` follows every tick."""

    changed = Signal()

    def __init__(self, hub: ThemeHub, name: str, *, of: bool = False) -> None:
        """`of` also says how many there are while all are seen: "Rooms 3 of 3"."""
        self._name, self._of = name, of
        super().__init__(hub, name, icon="ph.caret-down", scale="compact")
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setAccessibleName(name)
        self._options: tuple[tuple[str, str], ...] = ()
        self.chosen: frozenset[str] = frozenset()
        self._list: PickList | None = None
        self.clicked.connect(lambda _checked=False: self.open())

    @property
    def list(self) -> PickList | None:
        """The list while it is open."""
        return (
            self._list if self._list is not None and isValid(self._list) and self._list.isVisible() else None
        )

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer other choices; what was chosen stays, also where it is not among them now."""
        if tuple(options) != self._options:
            self._options = tuple(options)
            if self.list is None:
                self._drop()
        self._say()

    def choose(self, keys: Iterable[str]) -> None:
        """Choose without a signal."""
        self.chosen = frozenset(keys)
        if self._list is not None and isValid(self._list):
            self._list.tick(self.chosen)
        self._say()

    def open(self) -> None:
        """Open the list, or close it."""
        if self.list is not None:
            self.list.hide()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._drop()
        made = PickList(self.hub, self.window(), self._name, self._options)
        made.tick(self.chosen)
        made.changed.connect(self._ticked)
        self._list = made
        made.open_under(self)

    def _drop(self) -> None:
        if self._list is not None and isValid(self._list):
            self._list.hide()
            self._list.deleteLater()
        self._list = None

    def _ticked(self) -> None:
        if self._list is not None:
            offered = {key for key, _said in self._options}
            self.chosen = (self.chosen - offered) | self._list.ticked
            self._say()
            self.changed.emit()

    def _say(self) -> None:
        offered = [key for key, _said in self._options]
        mine = len(self.chosen)
        if self._of:
            said = f"{self._name} {mine or len(offered)} of {len(offered)}" if offered else self._name
        else:
            said = f"{self._name} {mine}" if mine else self._name
        self.setText(said)
        self.setAccessibleName(said)

    def _draw_icon(self) -> None:
        # The caret stands at the right, so its gap is before it.
        icon = QIcon()
        for mode, ink in ((QIcon.Mode.Normal, "text.secondary"), (QIcon.Mode.Disabled, "text.disabled")):
            plain = self.hub.theme.pixmap("ph.caret-down", ink, _CARET)
            ratio = plain.devicePixelRatio()
            wide = QPixmap(plain.size() + QSize(round(4 * ratio), 0))
            wide.setDevicePixelRatio(ratio)
            wide.fill(Qt.GlobalColor.transparent)
            painter = QPainter(wide)
            painter.drawPixmap(QPoint(4, 0), plain)
            painter.end()
            icon.addPixmap(wide, mode)
        self.setIconSize(QSize(_CARET + 4, _CARET))
        self.setIcon(icon)


class FilterBar(QWidget):
    """The bar. `changed` says that `wanted` is another."""

    changed = Signal()

    def __init__(self, hub: ThemeHub, memory: FilterMemory | None) -> None:
        """Start with the choices of the last visit."""
        super().__init__()
        self.hub, self._memory = hub, memory
        self._known: dict[str, str] = {}
        fix_height(self, hub, lambda theme: theme.size("control.compact") + 12)
        self.text = TextInput(hub, placeholder="Filter sessions", scale="compact")
        self.text.setAccessibleName("Filter sessions")
        self.text.setMaxLength(100)
        self.text.setMinimumWidth(96)
        self.text.setMaximumWidth(208)
        self.rooms = PickButton(hub, "Rooms", of=True)
        self.instructors = PickButton(hub, "Instructor")
        self.activities = PickButton(hub, "Activity")
        self.show_ = PickButton(hub, "Show")
        self.show_.offer((("instructors", "Instructors as lanes"), (_CANCELLED, "Cancelled sessions")))
        self.totals = ElidedLabel("", "caption")
        self.totals.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.text, 2)
        for button in self.buttons:
            row.addWidget(button)
            button.changed.connect(self._chosen)
        row.addWidget(self.totals, 3)
        self.text.textChanged.connect(lambda _text: self.changed.emit())
        self._restore()

    @property
    def buttons(self) -> tuple[PickButton, ...]:
        """The choices from left to right."""
        return (self.rooms, self.instructors, self.activities, self.show_)

    @property
    def wanted(self) -> Wanted:
        """What is to be seen."""
        shown = self.show_.chosen
        return Wanted(
            By.INSTRUCTOR if "instructors" in shown else By.ROOM,
            self.rooms.chosen,
            self.instructors.chosen,
            self.activities.chosen,
            self.text.text().strip(),
            _CANCELLED in shown,
        )

    def offer(self, calendar: Calendar) -> None:
        """Offer what there is in the days on show."""
        used = {one.room_id for one in calendar.sessions}
        rooms = [(str(room.id), room.name) for room in calendar.rooms if room.is_active or room.id in used]
        if None in used:
            rooms.append((NOWHERE, words.NO_ROOM))
        # A room that is gone filters no more; a person or an activity may be back next week and stays a choice.
        self.rooms.choose(self.rooms.chosen & {key for key, _name in rooms})
        self.rooms.offer(rooms)
        people = {one.instructor or NOWHERE for one in calendar.sessions} | self.instructors.chosen
        self.instructors.offer(
            [
                (name, name or words.NO_INSTRUCTOR)
                for name in sorted(people, key=lambda name: (not name, name.casefold()))
            ]
        )
        self._known |= {str(one.activity_id): one.activity for one in calendar.sessions}
        there = {str(one.activity_id) for one in calendar.sessions} | self.activities.chosen
        activities = {key: self._known.get(key, "Another activity") for key in there}
        self.activities.offer(sorted(activities.items(), key=lambda pair: pair[1].casefold()))

    def show_activity(self, activity_id: UUID) -> None:
        """Let through one activity only, without remembering it."""
        self.text.clear()
        for button in (self.rooms, self.instructors):
            button.choose(())
        self.activities.choose([str(activity_id)])
        self.changed.emit()

    def clear(self) -> None:
        """Let everything through again; lanes stay what they are."""
        self.text.blockSignals(True)
        self.text.clear()
        self.text.blockSignals(False)
        for button in (self.rooms, self.instructors, self.activities):
            button.choose(())
        self._chosen()

    def in_order(self) -> None:
        """Let Tab go from left to right."""
        tab_in_order(self.text, *self.buttons)

    def _chosen(self) -> None:
        if self._memory is not None:
            self._memory.save_filters(_MEMORY_KEY, [self._kept()])
        self.changed.emit()

    def _kept(self) -> dict[str, list[str]]:
        names = ("rooms", "instructors", "activities", "show")
        return {name: sorted(button.chosen) for name, button in zip(names, self.buttons, strict=True)}

    def _restore(self) -> None:
        kept = self._memory.filters(_MEMORY_KEY) if self._memory is not None else []
        last = kept[0] if kept else {}
        for name, button in zip(("rooms", "instructors", "activities", "show"), self.buttons, strict=True):
            found = last.get(name)
            if isinstance(found, list):
                button.choose(str(one) for one in found)
