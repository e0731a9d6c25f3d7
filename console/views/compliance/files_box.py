"""Files that go with what is filed: dropped or chosen, each looked at before it may be sent.

What is wrong with a file stands under it. See docs/decisions/0023-evidence-files.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QRectF, QStandardPaths, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.compliance import NewDocument
from console.domain.counting import count
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.views.approvals.words import size
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.fields import TextInput
from console.views.widgets.text import ElidedLabel, IconLabel, label

MOST_FILES = 10
_TITLE_LENGTH = 150
KINDS = "Documents and pictures (*.pdf *.png *.jpg *.jpeg *.webp)"


@dataclass(frozen=True, slots=True)
class Held:
    """A file in the box: looked at (`document`), refused (`why`), or still being looked at."""

    path: Path
    document: NewDocument | None = None
    why: str = ""


class _DropZone(ThemedWidget):
    """Where files are let go; the button in it does the same by keyboard."""

    dropped = Signal(list)

    def __init__(self, hub: ThemeHub, button: Button) -> None:
        super().__init__(hub)
        self._over = False
        self.setAcceptDrops(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 12, 12)
        row.setSpacing(10)
        row.addWidget(IconLabel(hub, "ph.upload-simple", "text.secondary"))
        row.addWidget(
            label("Drop files here: PDF, PNG, JPEG or WebP, at most 20 MB each.", "secondary", wrap=True), 1
        )
        row.addWidget(button)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files from the disk are taken, nothing else."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """They were let go here."""
        self._over = False
        self.update()
        self.dropped.emit([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = self.theme.color("surface.selected") if self._over else None
        edge = "focus.ring" if self._over else "border.control"
        pen = paint.dashed_pen(self.theme, edge, 1)
        paint.rounded(painter, QRectF(self.rect()), self.theme.radius("card"), fill, pen)


class _FileRow(QWidget):
    """One file: what it is, what it is called, a way to take it out, and what is wrong with it."""

    removed = Signal()
    titled = Signal(str)

    def __init__(self, hub: ThemeHub, held: Held) -> None:
        super().__init__()
        self.held = held
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        document = held.document
        icon, color = "ph.file", "text.secondary"
        if held.why:
            icon, color = "ph.warning-circle-fill", "red.text"
        elif document is not None:
            icon = "ph.image" if document.media_type.startswith("image/") else "ph.file-pdf"
        row.addWidget(IconLabel(hub, icon, color))
        self.title: TextInput | None = None
        if document is not None:
            self.title = TextInput(hub, document.title)
            self.title.setMaxLength(_TITLE_LENGTH)
            self.title.setAccessibleName(f"What {held.path.name} is")
            self.title.setCursorPosition(0)
            self.title.textChanged.connect(self.titled)
            row.addWidget(self.title, 1)
            pages = f"{count(document.pages, 'page')}, " if document.pages else ""
            row.addWidget(label(f"{pages}{size(len(document.content))}", "caption"))
        else:
            row.addWidget(ElidedLabel(held.path.name), 1)
            if not held.why:
                row.addWidget(label("looking at it…", "caption"))
        self.remove = IconButton(hub, "ph.x", f"Take {held.path.name} out", "quiet", scale="compact")
        self.remove.clicked.connect(lambda _checked=False: self.removed.emit())
        row.addWidget(self.remove)
        column.addLayout(row)
        if held.why:
            column.addWidget(label(held.why, "error", wrap=True))


class FilesBox(QWidget):
    """The box. `changed` tells of every file that came, was looked at or went."""

    changed = Signal()

    def __init__(self, hub: ThemeHub, look: Callable[[Path, str], Awaitable[NewDocument]]) -> None:
        """`look` reads a file off the loop and refuses what is no safe PDF or picture."""
        super().__init__()
        self.hub, self._look = hub, look
        self.held: list[Held] = []
        self.rows: list[_FileRow] = []
        self.runner = TaskRunner(lambda _error: None)
        self.destroyed.connect(self.runner.cancel_all)
        self.choose_button = Button(hub, "Choose files…", scale="compact")
        self.choose_button.clicked.connect(lambda _checked=False: self.choose())
        self.zone = _DropZone(hub, self.choose_button)
        self.zone.dropped.connect(self.add)
        self.wrong = label("", "error", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self.zone)
        self._column.addWidget(self.wrong)
        self.wrong.hide()

    @property
    def documents(self) -> tuple[NewDocument, ...]:
        """What may be sent."""
        return tuple(one.document for one in self.held if one.document is not None)

    @property
    def is_ready(self) -> bool:
        """Whether every file was looked at and none is refused."""
        return all(one.document is not None for one in self.held)

    def choose(self) -> None:
        """Ask for files with the system's own dialog."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "Choose files", folder, KINDS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda chosen: self.add([Path(one) for one in chosen]))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def add(self, paths: list[Path]) -> None:
        """Take files in and look at each."""
        known = {one.path for one in self.held}
        fresh = [path for path in dict.fromkeys(paths) if path not in known]
        room = max(MOST_FILES - len(self.held), 0)
        self.say(f"At most {MOST_FILES} files can be attached." if len(fresh) > room else "")
        for path in fresh[:room]:
            self.held.append(Held(path))
            self.runner.start(self._look_at(path))
        self._show()

    def remove(self, path: Path) -> None:
        """Take a file out again."""
        self.held = [one for one in self.held if one.path != path]
        self.say("")
        self._show()
        self.choose_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, wrong: str) -> None:
        """Say what is wrong with the files together; nothing takes it away."""
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))

    async def _look_at(self, path: Path) -> None:
        try:
            document = await self._look(path, _called(path))
        except ConsoleError as error:
            told = " ".join(part for part in (error.sentence, error.hint) if part)
            self._put(Held(path, None, told))
        else:
            self._put(Held(path, document))

    def _put(self, held: Held) -> None:
        if any(one.path == held.path for one in self.held):
            self.held = [held if one.path == held.path else one for one in self.held]
            self._show()

    def _title(self, path: Path, title: str) -> None:
        said = " ".join(title.split()) or _called(path)
        self.held = [
            replace(one, document=replace(one.document, title=said))
            if one.path == path and one.document is not None
            else one
            for one in self.held
        ]

    def _show(self) -> None:
        # A row that says the same already stays: somebody may be typing in it.
        kept = {row.held.path: row for row in self.rows}
        rows: list[_FileRow] = []
        for held in self.held:
            row = kept.get(held.path)
            if (
                row is None
                or (row.held.document is None) != (held.document is None)
                or row.held.why != held.why
            ):
                row = _FileRow(self.hub, held)
                row.removed.connect(lambda path=held.path: self.remove(path))
                row.titled.connect(lambda title, path=held.path: self._title(path, title))
            rows.append(row)
        for row in self.rows:
            if row not in rows:
                row.hide()
                row.deleteLater()
            self._column.removeWidget(row)
        for row in rows:
            self._column.insertWidget(self._column.count() - 1, row)
            row.show()
        self.rows = rows
        self.changed.emit()


def _called(path: Path) -> str:
    """What a file is called before somebody names it: its name without ending, words apart."""
    return " ".join(path.stem.replace("_", " ").split())[:_TITLE_LENGTH]
