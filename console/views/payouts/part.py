"""What runs, holds and books have in common: a table over the page, a strip that explains, deeds that load it anew.

See docs/design.md, "Screens": every list has the same manners, an error is a banner above rows that stay.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.errors import Conflict, ConsoleError
from console.models.runner import TaskRunner
from console.services.exports import ExportColumn
from console.views.bookings.export import ExportBar
from console.views.payouts.rows import DeedStrip, KnownRows, marked, table_of
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.frames import flush, ground
from console.views.widgets.waiting import EmptyState, Skeleton


class TablePart(QWidget):
    """A part of the page of the platform's finance. `changed` says that payouts are other than they were.

    A subclass answers `_rows`, and says in `_offer` what can be done with the marked one.
    """

    toast_wanted = Signal(str, str)
    changed = Signal()
    reached = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        model: KnownRows,
        name: str,
        looks: Mapping[str, Any],
        *,
        zone: tzinfo,
        empty: EmptyState,
        buttons: Sequence[Button],
        export: Sequence[ExportColumn[Any]],
        rows: str,
        may_export: bool,
    ) -> None:
        """Asks when it is shown; instants are told in `zone`. `export` are the columns of its file, `rows` its name."""
        super().__init__()
        self.hub, self.model, self.empty = hub, model, empty
        self.zone = zone
        self._known = self._busy = self._led = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.banner = Banner(hub, above=12)
        self.table = table_of(hub, model, name, dict(looks))
        self.skeleton = Skeleton(hub, rows=8)
        self.export_button = Button(hub, "Export", icon="ph.export")
        self.export_button.clicked.connect(lambda _checked=False: self.export())
        self._may_export, self._rows_name = may_export, rows
        self.strip = DeedStrip([*buttons, *([self.export_button] if may_export else [])])
        inner = ground(self)
        self.told = flush(QVBoxLayout())
        self.told.setContentsMargins(32, 0, 32, 0)
        self.told.addWidget(self.banner)
        self.exports = ExportBar(
            hub, model.page, export, runner=self.runner, owner=self, failed=self.banner, rows=rows
        )
        self.exports.done.connect(self.toast_wanted)
        self.told.addWidget(self.exports)
        inner.addLayout(self.told)
        inner.addWidget(self.skeleton)
        inner.addWidget(self.table, 1)
        inner.addWidget(self.empty, 1)
        inner.addWidget(self.strip)
        inner.addStretch(0)
        self.table.hide()
        for part in (self.empty, self.strip, self.skeleton):
            part.hide()
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._offer())
        model.loaded.connect(self._loaded)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (self.banner, self.exports, self.empty, self.table, self.strip)

    @property
    def row(self) -> object:
        """The marked row, or None."""
        return marked(self.table)

    def start(self, *, lead: bool = False) -> None:
        """It is looked at: ask; `lead` gives the keyboard to the rows as soon as they are there."""
        self._led = lead
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        self.model.cancel()

    def export(self) -> None:
        """Save all its rows as a file, in the order on show."""
        if self._may_export and self.model.rowCount():
            self.exports.ask(self.model.request, self._rows_name.replace(" ", "-"), ".xlsx")

    def export_deed(self, action: Callable[..., Action]) -> list[Action]:
        """Saving, for those who may."""
        if not self._may_export:
            return []
        name = self._rows_name
        key = f"payouts:export-{name.replace(' ', '-')}"
        return [action(key, f"Export the {name}", self.export, "Ctrl+E", "ph.export")]

    # -- for a subclass ----------------------------------------------------------------------------------------------

    async def _rows(self) -> Sequence[object]:
        """All its rows."""
        return ()

    def _offer(self) -> None:
        """Show what can be done with the marked row now."""

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something, one thing at a time, and show what it changed."""
        self._busy = True
        self.banner.clear()
        self._offer()
        self.runner.start(self._done(work))

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._busy = False
            self._offer()
        await self._load()
        self.changed.emit()

    async def _load(self, *, keep_news: bool = False) -> None:
        rows = await self._rows()
        self.reached.emit(None)
        if not keep_news:
            self.banner.clear()
        self._known = True
        self.model.show_rows(rows)

    def _loaded(self) -> None:
        self._stop_waiting()
        some = bool(self.model.rowCount())
        self.table.setVisible(some)
        self.strip.setVisible(some)
        self.empty.setVisible(not some and self._known)
        if some and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        if some and self._led and self.isVisible():
            self._led = False
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._offer()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def _failed(self, error: ConsoleError) -> None:
        self._stop_waiting()
        if isinstance(error, Conflict):
            # Somebody was faster, or something changed: the rows are shown as they are now.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(keep_news=True), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))
