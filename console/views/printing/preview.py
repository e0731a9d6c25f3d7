"""The preview: a document over the window, with a printer to choose and Print under the Enter key.

Like every question it lies on a scrim and runs no loop of its own. What the person chooses waits in a queue, so that
Enter pressed before the document is ready is not lost. See docs/design.md, "Screens".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.views.printing.outlet import Target
from console.views.printing.pages import POINTS_PER_INCH, page_sizes, render_page
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.banner import Banner
from console.views.widgets.base import ThemedWidget, is_press, surface, torn_down
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.dialog import Scrim
from console.views.widgets.fields import Field, SelectBox
from console.views.widgets.text import label

_WIDTH, _HEIGHT, _SIDE = 920, 800, 264
_MOST_COPIES = 5
_CLOSEST = 2.6
"""Pixels for a point at most: a label does not fill the window."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person wants: `main` is the button under the Enter key, `file` asks for a place to save."""

    what: Literal["main", "file", "close"]
    printer: str = ""
    copies: int = 1


class PageView(ThemedWidget):
    """One page as it will look on paper, as large as there is room."""

    resized = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """An empty sheet until `show_page`."""
        super().__init__(hub)
        self._image = QImage()
        self._page = (595.0, 842.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(160, 160))

    def set_page_size(self, width: float, height: float) -> None:
        """The size in points of the page to come."""
        self._page = (width, height)
        self.update()

    def show_page(self, image: QImage, words: str) -> None:
        """Show a rendered page; `words` is what a screen reader says."""
        self._image = image
        self.setAccessibleName(words)
        self.update()

    @property
    def dots_per_inch(self) -> float:
        """The resolution at which the page fills its place."""
        return self._sheet().width() / self._page[0] * POINTS_PER_INCH * self.devicePixelRatio()

    @property
    def has_page(self) -> bool:
        """Whether a page is shown."""
        return not self._image.isNull()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the page anew: it is rendered for its place."""
        super().resizeEvent(event)
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the sheet with its edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(0, 0, self.width() + 20, self.height() + 20)  # only its first corner is the card's
        paint.rounded(
            painter, ground, self.theme.radius("dialog") - 1, self.theme.color("surface.sunken"), None
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        sheet = self._sheet()
        painter.fillRect(sheet, Qt.GlobalColor.white)
        if not self._image.isNull():
            painter.drawImage(sheet, self._image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("border.default"), 1))
        painter.drawRect(sheet.adjusted(-1, -1, 0, 0))

    def _sheet(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(20, 20, -20, -20)
        scale = max(0.01, min(room.width() / self._page[0], room.height() / self._page[1], _CLOSEST))
        width, height = round(self._page[0] * scale), round(self._page[1] * scale)
        left, top = round(room.center().x() - width / 2), round(room.center().y() - height / 2)
        return QRectF(left, top, width, height)


class Preview(QObject):
    """The preview's card over a scrim; Escape and a press beside it close it."""

    def __init__(self, hub: ThemeHub, window: QWidget, title: str, facts: str) -> None:
        """Prepare the preview of a document; `open` shows it."""
        super().__init__(window)
        self._window = window
        self._before: QWidget | None = None
        self._pdf = b""
        self._sizes: list[tuple[float, float]] = []
        self._number = 0
        self._targets: list[Target] = []
        self._choices: asyncio.Queue[Choice] = asyncio.Queue()
        self.banner = Banner(hub)
        self._tasks = TaskRunner(self.banner.show_error)
        self.scrim = Scrim(hub, window)
        self.card = surface("dialog", self.scrim)
        self.card.setAccessibleName(f"Print: {title}")
        self.page = PageView(hub)
        self.page.resized.connect(self._render)
        self.printer = SelectBox(hub)
        self.copies = SelectBox(hub, [str(number) for number in range(1, _MOST_COPIES + 1)])
        self.print_button = Button(hub, "Print", "primary", icon="ph.printer")
        self.file_button = Button(hub, "Save as PDF…")
        self.close_button = Button(hub, "Close")
        self.before_button = IconButton(
            hub, "ph.caret-left", "Page before (Page up)", "quiet", scale="compact"
        )
        self.after_button = IconButton(
            hub, "ph.caret-right", "Next page (Page down)", "quiet", scale="compact"
        )
        self.count = label("", "muted")
        self._printer_field = Field(hub, "Printer", self.printer)
        self._copies_field = Field(hub, "Copies", self.copies)
        self._lay_out(title, facts)
        self.print_button.clicked.connect(lambda _checked=False: self._choose("main"))
        self.file_button.clicked.connect(lambda _checked=False: self._choose("file"))
        self.close_button.clicked.connect(lambda _checked=False: self._choose("close"))
        self.before_button.clicked.connect(lambda _checked=False: self._turn(-1))
        self.after_button.clicked.connect(lambda _checked=False: self._turn(1))
        self.scrim.pressed.connect(lambda: self._choose("close"))
        self.scrim.installEventFilter(self)
        self.card.installEventFilter(self)
        self._count_pages()

    # -- for who shows it --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show it, and return at once. The keyboard is with Print, and comes back where it was."""
        self._before = QApplication.focusWidget()
        self.scrim.setGeometry(self._window.rect())
        self.scrim.show()
        self.scrim.raise_()
        self._place()
        self.print_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_printers(self, targets: Sequence[Target], chosen: str) -> None:
        """The printers to choose from. Without any, the main button saves a file."""
        self._targets = list(targets)
        self.printer.clear()
        self.printer.addItems([target.words for target in targets])
        names = [target.name for target in targets]
        self.printer.setCurrentIndex(names.index(chosen) if chosen in names else 0)
        self._printer_field.setVisible(bool(targets))
        self._copies_field.setVisible(bool(targets))
        self.file_button.setVisible(bool(targets))
        self.print_button.setText("Print" if targets else "Save as PDF")
        self.print_button.set_icon("ph.printer" if targets else "ph.floppy-disk")
        if not targets:
            self.banner.show_message(
                "No printer is installed.", "Save the file and print it elsewhere.", "blue"
            )

    @property
    def chosen_printer(self) -> str:
        """The printer that is chosen now; empty while none is known."""
        at = self.printer.currentIndex()
        return self._targets[at].name if 0 <= at < len(self._targets) else ""

    async def show_document(self, pdf: bytes) -> None:
        """Show the first page of a finished document."""
        self._sizes = await asyncio.to_thread(page_sizes, pdf)
        self._pdf = pdf
        self._count_pages()
        self._render()

    def dismiss(self) -> None:
        """Take the page off the screen at once; the keyboard is left where it will be put. `close` then follows."""
        self.scrim.hide()
        self._choose("close")

    async def choice(self) -> Choice:
        """Wait until the person chooses."""
        return await self._choices.get()

    def show_error(self, error: ConsoleError) -> None:
        """Say what went wrong; the preview stays."""
        self.banner.show_error(error)
        self.print_button.setEnabled(True)
        self.print_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def close(self) -> None:
        """Take it away and give the keyboard back."""
        if torn_down(self):
            return
        self._tasks.cancel_all()
        if not isValid(self.scrim):
            return  # the window is gone
        shown = not self.scrim.isHidden()
        self.scrim.hide()
        self.scrim.removeEventFilter(self)
        self.card.removeEventFilter(self)
        if shown and self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.scrim.deleteLater()
        self.deleteLater()

    # -- inside ------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the card in its place, and hear Escape, Enter and the page keys."""
        if torn_down(self):
            return False
        if watched is self.scrim and event.type() is QEvent.Type.Resize:
            self._place()
        if watched is not self.card:
            return False
        if is_press(event, Qt.Key.Key_Escape):
            self._choose("close")
        elif is_press(event, Qt.Key.Key_Return) or is_press(event, Qt.Key.Key_Enter):
            focused = QApplication.focusWidget()
            (focused if isinstance(focused, QAbstractButton) else self.print_button).click()
        elif is_press(event, Qt.Key.Key_PageDown):
            self._turn(1)
        elif is_press(event, Qt.Key.Key_PageUp):
            self._turn(-1)
        else:
            return False
        return True

    def _choose(self, what: Literal["main", "file", "close"]) -> None:
        if what == "main":
            self.banner.clear()
            self.print_button.setEnabled(False)  # a second Enter is not a second print
        self._choices.put_nowait(Choice(what, self.chosen_printer, self.copies.currentIndex() + 1))

    def _turn(self, step: int) -> None:
        number = self._number + step
        if 0 <= number < len(self._sizes):
            self._number = number
            self._count_pages()
            self._render()

    def _render(self) -> None:
        if self._pdf and self._choices.empty():  # who has chosen already does not wait for a picture
            self._tasks.start(self._rendered(), "page")

    async def _rendered(self) -> None:
        self.page.set_page_size(*self._sizes[self._number])
        image = await asyncio.to_thread(render_page, self._pdf, self._number, self.page.dots_per_inch)
        self.page.show_page(image, self.count.text())

    def _count_pages(self) -> None:
        many = len(self._sizes)
        self.count.setText(f"Page {self._number + 1} of {many}" if many else "Making the pages…")
        # Not disabled: a button that has the keyboard would lose it at the last page.
        self.before_button.setVisible(many > 1)
        self.after_button.setVisible(many > 1)

    def _lay_out(self, title: str, facts: str) -> None:
        row = QHBoxLayout(self.card)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.page, 1)
        turning = QHBoxLayout()
        turning.setContentsMargins(16, 8, 16, 8)
        turning.setSpacing(8)
        turning.addStretch(1)
        turning.addWidget(self.before_button)
        turning.addWidget(self.count)
        turning.addWidget(self.after_button)
        turning.addStretch(1)
        left.addLayout(turning)
        row.addLayout(left, 1)
        side = QWidget()
        side.setFixedWidth(_SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(24, 21, 24, 20)
        column.setSpacing(0)
        column.addWidget(label(title, "title", wrap=True))
        column.addSpacing(4)
        column.addWidget(label(facts, "secondary", wrap=True))
        column.addSpacing(16)
        column.addWidget(self.banner)
        column.addSpacing(16)
        column.addWidget(self._printer_field)
        column.addSpacing(12)
        column.addWidget(self._copies_field)
        column.addStretch(1)
        answers = QVBoxLayout()
        answers.setSpacing(8)
        for button in (self.print_button, self.file_button, self.close_button):
            answers.addWidget(button)
        column.addLayout(answers)
        row.addWidget(side)

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 32)
        height = min(_HEIGHT, self._window.height() - 48)
        left, top = (self._window.width() - width) // 2, (self._window.height() - height) // 2
        self.card.setGeometry(left, top, width, height)
