"""Connect: which server this desk works with, and the file that enrols it there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from console.clock import Clock
from console.errors import ConsoleError
from console.views.entry.panel import DeskPanel, EntryPage, add_heading
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.text import IconLabel, label

Connect = Callable[[str, Path], Awaitable[object]]
SCHEMES = ("postgresql://", "postgres://")


class ConnectPage(EntryPage):
    """The connect page."""

    connected = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        connect: Connect,
        *,
        address: str = "",
        own: Callable[[], object] | None = None,
        version: str = "",
    ) -> None:
        """`connect(address, file)` answers what `connected` then carries, or raises a ConsoleError.

        `own` starts a database on this computer instead, where that is offered.
        """
        super().__init__(hub, DeskPanel(hub, clock, version=version))
        self._connect = connect
        self._task: asyncio.Future[None] | None = None
        self._dialog: QFileDialog | None = None
        form = self.form
        form.setContentsMargins(4, 0, 4, 0)
        add_heading(hub, form, "Connect this desk", "Once, with what your administrator gave you")
        form.addSpacing(8)
        self.address = TextInput(hub, address, placeholder="postgresql://server.example/nexus", scale="desk")
        self.address_field = Field(hub, "Server", self.address, note="its address, without a password")
        form.addWidget(self.address_field)
        form.addSpacing(16)
        self.file = TextInput(hub, placeholder="desk-1.enrolment", scale="desk")
        chooser = Button(hub, "Choose…", scale="desk")
        chooser.clicked.connect(self._browse)
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.file, 1)
        row.addWidget(chooser)
        self.file_field = Field(hub, "Enrolment file", pair, note="works once")
        self.file.setAccessibleName("Enrolment file")
        form.addWidget(self.file_field)
        form.addSpacing(24)
        self.button = Button(hub, "Connect", "primary", scale="desk")
        self.button.clicked.connect(self.submit)
        form.addWidget(self.button)
        self.banner = Banner(hub, above=16)
        form.addWidget(self.banner)
        form.addSpacing(16)
        note = QHBoxLayout()
        note.setSpacing(8)
        note.addWidget(IconLabel(hub, "ph.key", "text.muted"), 0, Qt.AlignmentFlag.AlignTop)
        words = (
            "The file gives this desk its own key, kept by the system’s keyring. Delete the file afterwards."
        )
        note.addWidget(label(words, "small", wrap=True), 1)
        form.addLayout(note)
        if own is not None:
            form.addSpacing(16)
            alone = Button(hub, "Use a database on this computer", "link", scale="compact")
            alone.clicked.connect(lambda _checked=False: own())
            form.addWidget(alone, 0, Qt.AlignmentFlag.AlignLeft)
        for field in (self.address, self.file):
            field.returnPressed.connect(self.submit)
            field.textEdited.connect(self._edited)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._task is not None

    def submit(self) -> None:
        """Connect with what stands in the fields."""
        if self.busy or not self._check():
            return
        self.banner.clear()
        self._task = asyncio.ensure_future(
            self._try(self.address.text().strip(), Path(self.file.text().strip()))
        )
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard is where typing begins."""
        super().showEvent(event)
        first = self.file if self.address.text() else self.address
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """A page that goes away asks nothing more."""
        super().hideEvent(event)
        if self._task is not None and not event.spontaneous():
            self._task.cancel()

    async def _try(self, address: str, file: Path) -> None:
        try:
            answer = await self._connect(address, file)
        except ConsoleError as error:
            self.banner.show_error(error)
            return
        finally:
            self._task = None
            self._refresh()
        self.connected.emit(answer)

    def _check(self) -> bool:
        address, file = self.address.text().strip(), self.file.text().strip()
        good_address = address.startswith(SCHEMES)
        good_file = bool(file) and Path(file).is_file()
        self.address_field.set_error(
            "" if good_address else "Begin with postgresql:// and the server’s name."
        )
        self.file_field.set_error("" if good_file else "Choose the file your administrator made.")
        self.file.set_invalid(not good_file)
        return good_address and good_file

    def _edited(self) -> None:
        for field in (self.address_field, self.file_field):
            field.set_error("")
        self.file.set_invalid(False)

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Enrolment file")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.file.setText)
        self._dialog = dialog
        dialog.open()

    def _refresh(self) -> None:
        self.button.setText("Connecting…" if self.busy else "Connect")
        self.button.setEnabled(not self.busy)
