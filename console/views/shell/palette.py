"""Ctrl+K: one box that finds every action, area and record.

Actions and areas answer at once. Records come from asynchronous sources, asked after a pause in typing; an answer to an
older question is dropped, and one that comes late never moves what is already chosen. A record that could be wanted
in several ways offers them on Tab. See docs/design.md, "Screens" (palette).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.errors import ConsoleError
from console.models import finder
from console.models.runner import TaskRunner
from console.views.shell.palette_list import (
    HEADING,
    LineDelegate,
    PaletteEntry,
    PaletteFoot,
    PaletteModel,
    spoken,
)
from console.views.shell.palette_order import Memory, Remembers, answers, before_typing, remember
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line, surface, torn_down
from console.views.widgets.dialog import Scrim
from console.views.widgets.text import ElidedLabel, IconLabel, label

_TOP = 112
_HEAD = 56
_FOOT = 36
_MOST_ROWS = 9
_PAUSE_MS = 80
_MOST_LENGTH = 200

Source = Callable[[str], Sequence[PaletteEntry]]
AsyncSource = Callable[[str], Awaitable[Sequence[PaletteEntry]]]


def matches(question: str, text: str) -> bool:
    """Whether every word of the question is in the text, forgiving case, accents and a slip."""
    return finder.match(question, text) is not None


class Palette(QObject):
    """The palette over one window."""

    opened = Signal()
    failed = Signal(object)
    """A source of records failed with a ConsoleError; the palette has already said so."""

    def __init__(self, hub: ThemeHub, window: QWidget, memory: Remembers | None = None) -> None:
        """A closed palette; `memory` keeps what was chosen lately beyond this window."""
        super().__init__(window)
        self.hub = hub
        self._window = window
        self._memory: Remembers = memory if memory is not None else Memory()
        self._sources: list[Source] = []
        self._async: list[AsyncSource] = []
        self._late: dict[object, tuple[PaletteEntry, ...]] = {}
        self._unheard: set[object] = set()
        self._failing = False
        self._inside: PaletteEntry | None = None
        self._outer = ("", "")
        self._shown_for = ""
        self._only_choices = ""
        self._before: QWidget | None = None
        self._runner = TaskRunner(self._source_failed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask_records)
        self.scrim = Scrim(hub, window)
        self.scrim.pressed.connect(self.close)
        self.card: QFrame = surface("dialog", self.scrim)
        self.card.setAccessibleName("Find or do")
        column = QVBoxLayout(self.card)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addWidget(line(strong=True))
        self.model = PaletteModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self._delegate = LineDelegate(hub, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setStyleSheet("background: transparent;")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Found")
        self.list.clicked.connect(lambda index: self._run(index.row()))
        column.addWidget(self.list)
        self._none = label("Nothing is called that. Try a shorter word.", "muted")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        fix_height(self._none, hub, 72)
        column.addWidget(self._none)
        self._trouble = label("Sessions and bookings cannot be searched just now.", "caption")
        self._trouble.setContentsMargins(16, 0, 16, 0)
        fix_height(self._trouble, hub, 28)
        column.addWidget(self._trouble)
        self._foot = PaletteFoot(hub)
        column.addWidget(self._foot)
        self.scrim.installEventFilter(self)
        hub.changed.connect(self._themed)
        self._themed()

    def _make_head(self) -> QWidget:
        top = QWidget()
        fix_height(top, self.hub, _HEAD)
        head = QHBoxLayout(top)
        head.setContentsMargins(16, 0, 16, 0)
        head.setSpacing(12)
        self.field = QLineEdit()
        self.field.setProperty("bare", "true")
        self.field.setMaxLength(_MOST_LENGTH)
        self.field.setAccessibleName("Find or do")
        self.field.textChanged.connect(self._ask)
        self.field.installEventFilter(self)
        self._record = ElidedLabel("", "strong")
        self._record.setMaximumWidth(280)
        self._record.hide()
        self._count = label("", "caption")
        head.addWidget(IconLabel(self.hub, "ph.magnifying-glass", "accent.text", 20))
        head.addWidget(self._record)
        head.addWidget(self.field, 1)
        head.addWidget(self._count)
        return top

    # -- what others say -------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it lies over the window."""
        return not self.scrim.isHidden()

    @property
    def busy(self) -> bool:
        """Whether records are still asked for."""
        return self._pause.isActive() or self._runner.busy

    @property
    def current(self) -> PaletteEntry | None:
        """The chosen line."""
        return self.model.entry(self.list.currentIndex().row())

    def add_source(self, source: Source) -> None:
        """Ask `source` too, each time what is typed changes; it answers at once."""
        self._sources.append(source)

    def add_async_source(self, source: AsyncSource) -> None:
        """Ask `source` for records at every pause in typing. A ConsoleError of it is said in one quiet line."""
        self._async.append(source)

    def remove_async_sources(self) -> None:
        """Forget the sources of records: another person, or another venue."""
        self._runner.cancel_all()
        self._async.clear()
        self._forget()

    def open(self) -> None:
        """Show it, empty, with the keyboard."""
        if not self.is_open:
            self._before = QApplication.focusWidget()
        self._inside = None
        self._only_choices = ""
        self._forget()
        self.field.clear()
        self._ask("")
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self._place()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.opened.emit()

    def open_choices(self, title: str, placeholder: str, entries: Sequence[PaletteEntry]) -> None:
        """Show a few things to choose from under a title; typing filters them, Esc closes."""
        self.open()
        self._inside = PaletteEntry("", title, lambda: None, more=tuple(entries))
        self._only_choices = placeholder
        self._show()

    def close(self) -> None:
        """Take it away and give the keyboard back. Nothing that was found stays in it."""
        if not self.is_open:
            return
        self.scrim.hide()
        self._pause.stop()
        self._runner.cancel_all()
        self._forget()
        self._inside = None
        self.model.show_entries([])
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer(self, question: str, entries: Sequence[PaletteEntry], *, source: object = None) -> None:
        """Hand in a later answer of one source; it is dropped when something else is asked by now."""
        asked = self._outer[0] if self._inside is not None else self.field.text()
        if not self.is_open or question != asked:
            return
        self._late[source] = tuple(entries)
        self._unheard.discard(source)
        if self._inside is None:
            self._show()

    # -- keys ------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list while the keyboard is in the field."""
        if torn_down(self):
            return False
        if watched is self.scrim and event.type() is QEvent.Type.Resize:
            self._place()
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._pressed(Qt.Key(event.key()))
        return False

    def _pressed(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            for _ in range(_MOST_ROWS - 1):
                self._step(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex().row())
        elif key == Qt.Key.Key_Tab:
            self.show_more()
        elif key == Qt.Key.Key_Escape or (
            key == Qt.Key.Key_Backspace and self._inside and not self.field.text()
        ):
            self._leave()
        else:
            return False
        return True

    def _step(self, step: int) -> None:
        row = self.list.currentIndex().row() + step
        while 0 <= row < self.model.rowCount():
            if self.model.entry(row) is not None:
                self._choose(row)
                if row == 1:
                    self.list.scrollToTop()
                return
            row += step

    def _run(self, row: int) -> None:
        entry = self.model.entry(row)
        if entry is None:
            return
        chosen = entry if entry.key or self._inside is None else self._inside
        remember(self._memory, chosen.key)
        self.close()
        entry.run()

    def show_more(self) -> None:
        """Tab: what else can be done with the chosen record."""
        entry = self.current
        if entry is None or not entry.more or self._inside is not None:
            return
        self._outer = (self.field.text(), entry.identity)
        self._pause.stop()
        self._inside = entry
        self.field.clear()
        self._ask("")

    def _leave(self) -> None:
        """Esc: back to the list, or away."""
        if self._inside is None or self._only_choices:
            self.close()
            return
        question, identity = self._outer
        self._inside = None
        self.field.setText(question)
        self._show()
        row = self.model.row_of(identity)
        if row >= 0:
            self._choose(row)
        if self._unheard:
            self._pause.start()

    # -- asking ----------------------------------------------------------------------------------------------

    def _ask(self, question: str) -> None:
        if self._inside is not None or (not self.is_open and question):
            self._show()
            return
        # Until the new answer is there, what was found and still fits stays where it is.
        self._late = {
            source: tuple(
                e for e in entries if question.strip() and finder.match(question, e.title, e.detail)
            )
            for source, entries in self._late.items()
        }
        self._failing = False
        wanted = bool(question.strip()) and not question.startswith(">")
        self._unheard = set(range(len(self._async))) if wanted else set()
        if not wanted:
            self._late.clear()
            self._runner.cancel_all()
            self._pause.stop()
        elif self._async:
            self._pause.start()
        self._show()

    def _ask_records(self) -> None:
        question = self.field.text()
        for number in range(len(self._async)):
            # By name, so that a newer question takes the place of the older one.
            self._runner.start(self._answer(number, question), f"records {number}")

    async def _answer(self, number: int, question: str) -> None:
        try:
            found = await self._async[number](question)
        except ConsoleError as error:
            if question == self.field.text() and self.is_open:
                self._late.pop(number, None)
                self._unheard.discard(number)
                self._failing = True
                self._show()
            self.failed.emit(error)
            return
        self.offer(question, found, source=number)

    def _source_failed(self, error: ConsoleError) -> None:
        self.failed.emit(error)

    def _forget(self) -> None:
        self._late.clear()
        self._unheard.clear()
        self._failing = False

    # -- showing ---------------------------------------------------------------------------------------------

    def _found(self) -> list[PaletteEntry]:
        question = self.field.text()
        if self._inside is not None:
            return [entry for entry in self._inside.more if finder.match(question, entry.title, entry.detail)]
        local = [entry for source in self._sources for entry in source(question)]
        late = [entry for entries in self._late.values() for entry in entries]
        recent = self._memory.recent
        if not question.strip():
            return before_typing(local, recent)
        return answers(question.removeprefix(">"), local, late, recent)

    def _show(self) -> None:
        entries = self._found()
        current = self.current
        question = self.field.text()
        self._delegate.question = question.removeprefix(">").strip()
        self._record.setText(self._inside.title if self._inside else "")
        self._record.setVisible(self._inside is not None)
        inside = self._only_choices or "What to do with it"
        self.field.setPlaceholderText(inside if self._inside else "Type what to find or do")
        self.model.show_entries(entries)
        waiting = bool(self._unheard)
        asked = bool(question.strip())
        self._count.setText(f"{len(entries)} found" if asked and (entries or not waiting) else "")
        self._none.setVisible(not entries and not waiting)
        self._trouble.setVisible(self._failing)
        self.list.setVisible(bool(entries))
        # While the question is the same, another answer does not move what is chosen.
        same, self._shown_for = question == self._shown_for, question
        row = self.model.row_of(current.identity) if current and same else -1
        first = next((row for row in range(self.model.rowCount()) if self.model.entry(row)), -1)
        if max(row, first) >= 0:
            self._choose(row if row >= 0 else first)
        self._place()

    def _choose(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row))
        entry = self.model.entry(row)
        self.field.setAccessibleDescription(spoken(entry) if entry else "")
        more = any(isinstance(one, PaletteEntry) and one.more for one in self.model.lines)
        self._foot.show_keys(more=more, inside=self._inside is not None, back=not self._only_choices)

    def _themed(self) -> None:
        px = self.hub.theme.tokens.type("name")["px"]
        self.field.setStyleSheet(f"font-size: {px}px;")
        if self.is_open:
            self._place()

    def _place(self) -> None:
        theme = self.hub.theme
        width = min(theme.scaled(theme.size("palette")), self._window.width() - 32)
        heights = [self._delegate.line_height(not isinstance(one, str)) for one in self.model.lines]
        other = theme.scaled(_HEAD) + theme.scaled(_FOOT) + 40 + (theme.scaled(28) if self._failing else 0)
        room = self._window.height() - _TOP - other
        most = _MOST_ROWS * theme.size("row.palette") + 3 * theme.scaled(HEADING)
        self.list.setFixedHeight(max(min(sum(heights), most, room), 0))
        self.card.setFixedWidth(width)
        self.card.adjustSize()
        self.card.move((self._window.width() - width) // 2, _TOP)
