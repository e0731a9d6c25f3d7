"""One payout: its sums and how each came to be, its statement, every line of it, and the trail of the marked line.

For the platform's finance also what can be done about it: try again what failed, hold or release the venue, see every
try to pay it. See docs/design.md, "Rules of the domain" (payouts) and "Screens" (finance).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.paging import PageRequest
from console.domain.payouts import Hold, Payout, PayoutLine, PayoutState
from console.errors import Conflict, ConsoleError, FileTrouble
from console.models.gateway_payouts import PayoutReads, PayoutWork
from console.models.money import money
from console.models.runner import TaskRunner
from console.models.words import local_day, month_title
from console.views.payouts import words
from console.views.payouts.asking import ask, ask_reason, ask_where
from console.views.payouts.attempts import AttemptsSheet
from console.views.payouts.lines import MARGIN, LinesBox
from console.views.payouts.thumbnail import Thumbnail
from console.views.payouts.trail import TrailStrip
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.sums import SumLine, SumsGrid

_MOST_CORRECTIONS = 200
_THUMB_FROM = 760
_SUM_ROW = 33
_ALL_BUTTONS_FROM = 780


class DocumentPrinter(Protocol):
    """What shows a finished document: the preview, with a printer to choose."""

    async def print_document(self, title: str, facts: str, file: str, pdf: bytes) -> str:
        """The preview; answers a sentence for a toast, empty where the person closed it."""
        ...


class PayoutDetail(QWidget):
    """The right side of the page. `changed` says that something was done and the list is older than it."""

    toast_wanted = Signal(str, str)
    changed = Signal()
    list_wanted = Signal()
    """The list of payouts is to be saved: asked for here, where every file is asked for."""
    reached = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        reads: PayoutReads,
        work: PayoutWork | None,
        *,
        clock: Clock,
        of_venue: bool,
        printer: DocumentPrinter | None,
        may_export: bool,
    ) -> None:
        """Without `work` it is only read; without a `printer` there is no preview."""
        super().__init__()
        self.hub, self._reads, self._work, self._clock = hub, reads, work, clock
        self._of_venue, self._printer, self._may_export = of_venue, printer, may_export
        self.payout: Payout | None = None
        self._pdf: tuple[tuple[UUID | None, int], bytes] | None = None
        self._corrected: Sequence[date] = ()
        self._hold: Hold | None = None
        self._troubled = False
        self.sheet: AttemptsSheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "", "", detail=True, margin=MARGIN)
        self.chip = Chip(hub, "")
        self.header.lead(None, self.chip)
        self.banner = Banner(hub, above=12)
        self.sums = SumsGrid(_SUM_ROW, with_currency=False)
        self.thumb = Thumbnail(hub)
        self.thumb.wanted.connect(self.preview)
        self.lines = LinesBox(hub, reads)
        self.lines.moved.connect(self._line_moved)
        self.lines.model.failed.connect(self._failed)
        self.trail = TrailStrip(hub, MARGIN)
        self._buttons()
        self._lay_out()
        hub.changed.connect(self._fit)

    # -- for the page ------------------------------------------------------------------------------------------------

    def open(self, payout: Payout) -> None:
        """Show a payout; the same one again keeps what is marked."""
        before, self.payout = self.payout, payout
        other = before is None or (before.id, before.venue_id, before.period_start) != (
            payout.id, payout.venue_id, payout.period_start,
        )  # fmt: skip
        if other:
            self._corrected, self._hold = (), None
            self.thumb.clear()
            self.trail.hide()
            self.banner.clear()
        today = local_day(self._clock.now(), words.zone_of(payout))
        month = month_title(payout.period_start)
        self.header.title.setText(month if self._of_venue else payout.venue)
        self.header.caption.setText(words.caption(payout, today, of_venue=self._of_venue))
        self.chip.show_chip(words.STATE_CHIPS[payout.state])
        self._show_sums(payout)
        self._tell_trouble(payout)
        self.lines.open(payout)
        self._fit()
        self.runner.start(self._load(payout), "detail")
        if payout.id is not None and (other or self._pdf is None or self._pdf[0] != _version(payout)):
            self.runner.start(self._load_statement(payout), "statement")

    def _show_sums(self, payout: Payout) -> None:
        net = SumLine("Net payout", words.net_words(payout), money(payout.sums.net))
        self.sums.show_sums(
            words.sums(payout, self._corrected), net, payout.currency, words.reference(payout)
        )

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.lines.stop()
        self.runner.cancel_all()

    def preview(self) -> None:
        """Show the statement as it will be on paper."""
        if self._printer is not None and self.payout is not None and self.payout.id is not None:
            self.runner.start(self._preview(self._printer, self.payout), "preview")

    def export(self, ending: str) -> None:
        """Ask for a file and write the statement into it: .pdf, .xlsx or .csv with the same numbers."""
        payout = self.payout
        if payout is None or payout.id is None or not self._may_export:
            return
        name = f"payout-{payout.period_start:%Y-%m}"
        if not self._of_venue:
            name = f"{name}-{'-'.join(payout.venue.lower().split())[:40]}"
        ask_where(self, "Save the statement", name, ending, partial(self.save, payout))

    def save(self, payout: Payout, path: Path) -> None:
        """Write the statement of this payout to a file."""
        self.runner.start(self._save(payout, path))

    # -- what the platform does --------------------------------------------------------------------------------------

    def retry(self) -> None:
        """Ask, then try to pay again what failed."""
        payout = self.payout
        if self._work is None or payout is None or payout.state is not PayoutState.FAILED:
            return
        ask(
            self.hub, self, "Pay it again?",
            f"{payout.venue}, {month_title(payout.period_start)}. {_ended(payout.failure or 'The last try failed')} "
            "The new try has a key of its own, so nothing is paid twice.",
            do="Try again", keep="Leave it", agreed=lambda: self._do(self._retry(payout)),
            figures=((money(payout.sums.net), payout.currency),),
        )  # fmt: skip

    def hold(self) -> None:
        """Ask for the reason, then pay this venue nothing until it is released."""
        payout = self.payout
        if self._work is not None and payout is not None and self._hold is None:
            ask_reason(
                self.hub, self, f"Hold {payout.venue}?",
                "It is paid nothing until the hold is released. What is on its way already arrives.",
                do="Hold", keep="Leave it", given=lambda why: self._do(self._place(payout, why)),
            )  # fmt: skip

    def release(self) -> None:
        """Ask for the reason, then pay this venue again."""
        held = self._hold
        if self._work is not None and held is not None:
            ask_reason(
                self.hub, self, f"Release {held.venue}?", f"Held because: {_ended(held.reason)}",
                do="Release", keep="Keep the hold", given=lambda why: self._do(self._release(held, why)),
            )  # fmt: skip

    def show_attempts(self) -> None:
        """Every try to pay this payout."""
        payout = self.payout
        if self._work is None or payout is None or payout.id is None:
            return
        self.sheet = AttemptsSheet(self.hub, self.window(), self._work, payout)
        self.sheet.settled.connect(lambda said: self._settled(said, payout))
        self.sheet.open()

    def _settled(self, said: str, payout: Payout) -> None:
        self.toast_wanted.emit(said, payout.venue)
        self.changed.emit()

    def _do(self, work: object) -> None:
        self.banner.clear()
        self.runner.start(work)  # type: ignore[arg-type]

    async def _retry(self, payout: Payout) -> None:
        assert self._work is not None
        assert payout.id is not None
        await self._work.retry(payout.id)
        self.toast_wanted.emit("It is tried again", payout.venue)
        self.changed.emit()

    async def _place(self, payout: Payout, reason: str) -> None:
        assert self._work is not None
        await self._work.hold(payout.venue_id, reason)
        self.toast_wanted.emit(f"{payout.venue} is on hold", reason)
        self.changed.emit()

    async def _release(self, held: Hold, reason: str) -> None:
        assert self._work is not None
        await self._work.release(held, reason)
        self._hold = None
        self.toast_wanted.emit(f"{held.venue} is paid again", reason)
        self.changed.emit()

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _load(self, payout: Payout) -> None:
        if payout.id is not None:
            self.lines.show_counts(await self._reads.counts(payout.id))
            if payout.adjustment_lines:
                request = PageRequest("position", filters={"reason": "adjustment"}, limit=_MOST_CORRECTIONS)
                found = (await self._reads.lines(payout.id, request)).rows
                self._corrected = [one.adjusts_period for one in found if one.adjusts_period is not None]
                self._show_sums(payout)
        else:
            self.lines.show_counts({})
        if self._work is not None:
            holds = await self._work.holds()
            self._hold = next(
                (one for one in holds if one.venue_id == payout.venue_id and one.released_at is None), None
            )
            self._tell_trouble(payout)
        self.reached.emit(None)

    async def _load_statement(self, payout: Payout) -> None:
        assert payout.id is not None
        try:
            pdf = await self._reads.statement(payout.id)
        except ConsoleError:
            return  # its place stays empty; asking for it says why
        if self.payout is not None and self.payout.id == payout.id:
            self._pdf = (_version(payout), pdf)
            await self.thumb.show_statement(pdf)
            self.thumb.button.setVisible(self._printer is not None)

    async def _bytes(self, payout: Payout) -> bytes:
        if self._pdf is not None and self._pdf[0] == _version(payout):
            return self._pdf[1]
        assert payout.id is not None
        return await self._reads.statement(payout.id)

    async def _preview(self, printer: DocumentPrinter, payout: Payout) -> None:
        month = month_title(payout.period_start)
        facts = f"{payout.venue}, {month}. {money(payout.sums.net)} {payout.currency}."
        said = await printer.print_document(
            "Payout statement", facts, f"Payout statement {payout.venue} {month}", await self._bytes(payout)
        )
        if said:
            self.toast_wanted.emit(said, "")

    async def _save(self, payout: Payout, path: Path) -> None:
        if path.suffix.lower() == ".pdf":
            pdf = await self._bytes(payout)
            try:
                await asyncio.to_thread(path.write_bytes, pdf)
            except OSError as error:
                raise FileTrouble("The file could not be written.", hint="Choose another folder.") from error
        else:
            assert payout.id is not None
            await self._reads.export(payout.id, path)
        self.toast_wanted.emit("The statement is saved", path.name)

    def _line_moved(self, line: object) -> None:
        if isinstance(line, PayoutLine):
            self.runner.start(self._load_trail(line), "trail")
        else:
            self.trail.hide()

    async def _load_trail(self, line: PayoutLine) -> None:
        steps = await self._reads.trail(line.id)
        now, payout = self.lines.current, self.payout
        if now is None or now.id != line.id or payout is None:
            return
        self.trail.show_trail(
            f"How {line.code or 'this line'} came to be", words.trail(steps, words.zone_of(payout))
        )
        self.trail.show()

    def _failed(self, error: ConsoleError) -> None:
        if isinstance(error, Conflict):
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.changed.emit()
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.changed.emit))

    def _tell_trouble(self, payout: Payout) -> None:
        """A hold or a failure stands above the sums, with what can be done about it."""
        works, troubled = self._work is not None, self._troubled
        self._troubled = True
        if payout.state is PayoutState.FAILED:
            action = ("Try again…", self.retry) if works else None
            self.banner.show_message(
                "The payment failed.",
                _ended(payout.failure or "The bank gave no reason"),
                "red",
                action=action,
            )
        elif payout.state is PayoutState.ON_HOLD or self._hold is not None:
            why = payout.hold_reason or (self._hold.reason if self._hold is not None else "")
            release = ("Release…", self.release) if works and self._hold is not None else None
            self.banner.show_message("On hold: nothing is paid.", _ended(why), "amber", action=release)
        else:
            self._troubled = False
            if troubled:
                self.banner.clear()

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def deeds(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done with the payout on show; `action` makes one that the page hears."""
        made = [
            action("payouts:lines", "Filter lines", self._to_lines, "Ctrl+Shift+F", "ph.funnel"),
        ]
        if self._printer is not None:
            made.append(action("payouts:preview", "Preview the statement", self.preview, "Ctrl+P", "ph.eye"))
        if self._may_export:
            for ending, keys, title in (
                (".pdf", "Ctrl+S", "Save the statement as PDF"),
                (".xlsx", "Ctrl+E", "Save the payout as a workbook"),
                (".csv", "Ctrl+Shift+E", "Save the payout as CSV"),
            ):
                run = partial(self.export, ending)
                made.append(action(f"payouts:{ending[1:]}", title, run, keys, "ph.download-simple"))
        if self._work is not None:
            made += [
                action("payouts:attempts", "Tries to pay it", self.show_attempts, "Ctrl+T", "ph.bank"),
                action("payouts:retry", "Try to pay it again", self.retry, "Ctrl+R", "ph.arrow-clockwise"),
                action("payouts:hold", "Hold this venue", self.hold, "Ctrl+H", "ph.pause-circle"),
                action(
                    "payouts:release", "Release this venue", self.release, "Ctrl+Shift+H", "ph.check-circle"
                ),
            ]
        return made

    def _to_lines(self) -> None:
        self.lines.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.lines.filter.selectAll()

    def _buttons(self) -> None:
        self.pdf_button = Button(self.hub, "Statement PDF", icon="ph.file-pdf")
        self.xlsx_button = Button(self.hub, "XLSX", icon="ph.download-simple")
        self.csv_button = Button(self.hub, "CSV", icon="ph.download-simple")
        self.more = Button(self.hub, "More", icon="ph.dots-three")
        for button, ending in (
            (self.pdf_button, ".pdf"), (self.xlsx_button, ".xlsx"), (self.csv_button, ".csv"),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, ending=ending: self.export(ending))
            self.header.add(button)
        self.more.clicked.connect(lambda _checked=False: self._show_more())
        self.header.add(self.more)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons of the header, for the order of Tab."""
        return (self.pdf_button, self.xlsx_button, self.csv_button, self.more)

    def _show_more(self) -> None:
        menu = QMenu(self)
        payout = self.payout
        if not self.xlsx_button.isVisible() and self._may_export:
            menu.addAction("Save as XLSX…", partial(self.export, ".xlsx"))
            menu.addAction("Save as CSV…", partial(self.export, ".csv"))
        if not self.thumb.isVisible() and self._printer is not None:
            menu.addAction("Preview the statement", self.preview)
        if self._work is not None and payout is not None:
            menu.addAction("Tries to pay it…", self.show_attempts).setEnabled(payout.id is not None)
            failed = payout.state is PayoutState.FAILED
            menu.addAction("Try again…", self.retry).setEnabled(failed)
            held = self._hold is not None
            menu.addAction(
                "Release this venue…" if held else "Hold this venue…", self.release if held else self.hold
            )
        if self._may_export:
            menu.addAction("Export the list of payouts…", self.list_wanted.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What there is no room for is behind "More"."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        scaled, payout = self.hub.theme.scaled, self.payout
        made = payout is not None and payout.id is not None
        roomy = self.width() >= scaled(
            _ALL_BUTTONS_FROM if self._work is not None else _ALL_BUTTONS_FROM - 180
        )
        pictured = made and self.width() >= scaled(_THUMB_FROM)
        self.thumb.setVisible(pictured)
        self.pdf_button.setVisible(made and self._may_export)
        self.xlsx_button.setVisible(made and self._may_export and roomy)
        self.csv_button.setVisible(made and self._may_export and roomy)
        hidden = made and ((self._may_export and not roomy) or (self._printer is not None and not pictured))
        self.more.setVisible(self._work is not None or hidden)

    def _lay_out(self) -> None:
        column = flush(QVBoxLayout(self))
        column.addWidget(self.header)
        strip = flush(QVBoxLayout())
        strip.setContentsMargins(MARGIN, 0, MARGIN, 0)
        strip.addWidget(self.banner)
        column.addLayout(strip)
        inside = QWidget()
        inside.setProperty("clear", "true")
        body = flush(QVBoxLayout(inside))
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN, 12, MARGIN, 12)
        top.setSpacing(40)
        top.addWidget(self.sums, 1, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.thumb, 0, Qt.AlignmentFlag.AlignTop)
        body.addLayout(top)
        body.addWidget(self.lines, 1)
        body.addWidget(self.trail)
        area = quiet_scroll(inside)
        area.viewport().setAutoFillBackground(False)
        column.addWidget(area, 1)
        self.trail.hide()


def _version(payout: Payout) -> tuple[UUID | None, int]:
    return payout.id, payout.version


def _ended(sentence: str) -> str:
    said = sentence.strip()
    return said if not said or said[-1] in ".!?" else f"{said}."
