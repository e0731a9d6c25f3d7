"""The week through the desk's printer: the preview opens, Enter prints, and the paper says what was on the screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.views.printing.desk_printer import PrintContext, QtDeskPrinter
from console.views.printing.outlet import Target
from console.views.theme import ThemeHub
from tests.support import paper_samples as paper
from tests.support import programme_samples as sample
from tests.support.qt import settle


class Memory:
    """A workstation that remembers its printer."""

    printer = "Office"
    label_printer = ""
    label_size = ""


class Outlet:
    """One printer that keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def printers(self) -> list[Target]:
        return [Target("Office")]

    def send(self, pdf: bytes, printer: str, *, name: str, copies: int = 1) -> None:
        assert (printer, name, copies) == ("Office", "Week 2026-03-09", 1)
        self.sent.append(pdf)


async def test_a_week_goes_to_the_printer_after_its_preview(
    hub: ThemeHub, clock: FixedClock, tmp_path: Path
) -> None:
    window, outlet = QWidget(), Outlet()
    settle(window, 1240, 872)
    context = PrintContext("Riverside Studio", sample.ZONE, "Elena")
    printer = QtDeskPrinter(hub, window, Memory(), lambda: context, clock, outlet=outlet, documents=tmp_path)
    printing = asyncio.ensure_future(printer.print_week(sample.week(), sample.ZONE))
    await asyncio.sleep(0)
    assert printer.preview is not None
    printer.preview.print_button.click()
    assert await printing
    (pdf,) = outlet.sent
    (page,) = paper.texts(pdf)
    assert "Mon 9 March – Sun 15 March 2026" in page
    assert "made 2026-03-12 15:42 by Elena" in page
