"""Recovery codes, shown once: to copy, to save or to write down, until the person says that they have them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.text import label

_HEAD = "Recovery codes for Nexus Console, {email}\nEach works once, in place of the six figures.\n\n"


class RecoveryCodes(QWidget):
    """The codes with what can be done with them. `kept` says that the person has them."""

    kept = Signal()

    def __init__(self, hub: ThemeHub, email: str) -> None:
        """No codes yet."""
        super().__init__()
        self.hub, self._email = hub, email
        self._codes: tuple[str, ...] = ()
        self._dialog: QFileDialog | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        words = "Each signs you in once when your phone is lost. They are not shown again."
        column.addWidget(label(words, "secondary", wrap=True))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(4)
        column.addLayout(self._grid)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.copy = Button(hub, "Copy", icon="ph.copy")
        self.save = Button(hub, "Save as a file…", icon="ph.floppy-disk")
        row.addWidget(self.copy)
        row.addWidget(self.save)
        row.addStretch(1)
        column.addLayout(row)
        self.banner = Banner(hub)
        column.addWidget(self.banner)
        self.done = Button(hub, "I have kept them", icon="ph.check")
        column.addWidget(self.done, 0, Qt.AlignmentFlag.AlignLeft)
        self.copy.clicked.connect(self._copy)
        self.save.clicked.connect(self._choose_file)
        self.done.clicked.connect(self._kept)

    @property
    def codes(self) -> tuple[str, ...]:
        """What is shown."""
        return self._codes

    @property
    def text(self) -> str:
        """The codes as a page of text, to copy or save."""
        return _HEAD.format(email=self._email) + "\n".join(self._codes) + "\n"

    def show_codes(self, codes: Sequence[str]) -> None:
        """Show these in two columns; none clears them from the screen."""
        self._codes = tuple(codes)
        self.banner.clear()
        while self._grid.count():
            taken = self._grid.takeAt(0)
            old = taken.widget() if taken is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        half = (len(self._codes) + 1) // 2
        for at, code in enumerate(self._codes):
            shown = label(code, "code", selectable=True)
            shown.setFont(self.hub.theme.font("body", mono=True))
            self._grid.addWidget(shown, at % half, at // half)
        self.setAccessibleName("Recovery codes")

    def write(self, path: Path) -> None:
        """Save the codes for their owner alone."""
        try:
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(self.text, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or "The computer refused it."
            self.banner.show_message("The file could not be written.", f"{reason}. Choose another place.")
            return
        self.banner.show_message("Saved.", "Keep the file where others cannot read it.", "green")

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text)
        self.banner.show_message("Copied.", "Paste them where only you can read them.", "green")

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, "Save the recovery codes", "nexus-recovery-codes.txt")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        self._dialog = dialog
        dialog.open()

    def _kept(self) -> None:
        self.show_codes(())
        self.kept.emit()
