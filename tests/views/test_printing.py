"""Printing from the desk: the preview by keyboard, labels at once, printers that fail, and what lands on paper."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from console.clock import FixedClock
from console.errors import Unavailable
from console.models.printing import DeskPrinter
from console.reports.labels import labels as make_labels
from console.views.printing.desk_printer import PrintContext, QtDeskPrinter
from console.views.printing.outlet import FOLDER, QtOutlet, Target, file_name, paint, save
from console.views.printing.pages import page_sizes, render_page
from console.views.printing.preview import Preview
from console.views.theme import ThemeHub
from tests.support import paper_samples as paper
from tests.support import today_samples as today
from tests.support.qt import present

SESSION = today.sessions()[3]
FAMILY = [paper.label(1, "Nia", health=paper.NOTES), paper.label(2, "Theo")]


class FakeOutlet:
    """Printers that take everything, until they are told to fail."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.sent: list[tuple[str, str, int, bytes]] = []
        self.refusal: Unavailable | None = None

    def printers(self) -> list[Target]:
        return [Target(name, usual=index == 0) for index, name in enumerate(self.names)]

    def send(self, pdf: bytes, printer: str, *, name: str, copies: int = 1) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append((printer, name, copies, pdf))


class Desk:
    """A window with a field that has the keyboard, and a printer for it."""

    def __init__(self, hub: ThemeHub, clock: FixedClock, folder: Path, *printers: str) -> None:
        self.window = QWidget()
        self.field = QLineEdit()
        column = QVBoxLayout(self.window)
        column.addWidget(self.field)
        present(self.window, 1100, 700)
        self.field.setFocus()
        self.outlet = FakeOutlet(*printers)
        self.memory = SimpleNamespace(printer="", label_printer="", label_size="62x29")
        self.folder = folder
        self.chosen: Path | None = None
        self.printer = QtDeskPrinter(
            hub,
            self.window,
            self.memory,
            lambda: PrintContext(paper.VENUE, paper.ZONE, "Maya"),
            clock,
            outlet=self.outlet,
            documents=folder,
            choose_file=self._choose,
        )

    async def _choose(self, window: QWidget, suggested: Path) -> Path | None:
        self.suggested = suggested
        return self.chosen

    def roster(self) -> Coroutine[Any, Any, str]:
        return self.printer.print_roster(SESSION, today.roster())

    async def open(self, work: Coroutine[Any, Any, str]) -> tuple[Preview, asyncio.Task[str]]:
        """Start a print and wait for its first page."""
        task = asyncio.ensure_future(work)
        await until(lambda: self.printer.preview is not None and self.printer.preview.page.has_page)
        assert self.printer.preview is not None
        return self.printer.preview, task


@pytest.fixture
def desk(hub: ThemeHub, clock: FixedClock, tmp_path: Path) -> Desk:
    return Desk(hub, clock, tmp_path / "documents", "Lobby laser", "Brother QL")


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass within five seconds")


def press(preview: Preview, key: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


# -- the preview by keyboard -------------------------------------------------------------------------------------


async def test_one_more_key_prints_even_before_the_pages_are_ready(desk: Desk) -> None:
    task = asyncio.ensure_future(desk.roster())
    await asyncio.sleep(0)
    assert desk.printer.preview is not None
    assert QApplication.focusWidget() is desk.printer.preview.print_button
    assert not desk.printer.preview.page.has_page
    press(desk.printer.preview, Qt.Key.Key_Return)
    assert await task == "Roster sent to Lobby laser"
    ((printer, name, copies, pdf),) = desk.outlet.sent
    assert (printer, copies) == ("Lobby laser", 1)
    assert (
        name == f"Roster {SESSION.activity_name} 2026-03-12 {SESSION.starts_at.astimezone(paper.ZONE):%H%M}"
    )
    assert "Nia" in paper.texts(pdf)[0]
    assert desk.memory.printer == "Lobby laser"
    assert desk.memory.label_printer == ""
    assert desk.printer.preview is None
    assert QApplication.focusWidget() is desk.field


async def test_escape_closes_and_prints_nothing(desk: Desk) -> None:
    preview, task = await desk.open(desk.roster())
    press(preview, Qt.Key.Key_Escape)
    assert await task == ""
    assert desk.outlet.sent == []
    assert QApplication.focusWidget() is desk.field
    assert desk.printer.preview is None


async def test_page_keys_turn_pages_and_tab_stays_inside(desk: Desk) -> None:
    preview, task = await desk.open(desk.printer.print_roster(SESSION, today.roster() * 3))
    assert preview.count.text() == "Page 1 of 3"
    press(preview, Qt.Key.Key_PageUp)
    assert preview.count.text() == "Page 1 of 3"
    for _ in range(5):
        press(preview, Qt.Key.Key_PageDown)
    assert preview.count.text() == "Page 3 of 3"
    await until(lambda: preview.page.accessibleName() == "Page 3 of 3")
    for _ in range(12):
        press(preview, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        assert preview.card.isAncestorOf(focused)
    press(preview, Qt.Key.Key_Escape)
    await task


async def test_a_second_press_of_the_print_key_opens_no_second_preview(desk: Desk) -> None:
    preview, task = await desk.open(desk.roster())
    assert await desk.roster() == ""
    assert desk.printer.preview is preview
    press(preview, Qt.Key.Key_Escape)
    await task


async def test_enter_in_the_list_of_printers_prints_there(desk: Desk) -> None:
    preview, task = await desk.open(desk.roster())
    preview.printer.setFocus()
    press(preview, Qt.Key.Key_Down)
    preview.copies.setCurrentIndex(2)
    press(preview, Qt.Key.Key_Return)
    press(preview, Qt.Key.Key_Return)
    assert await task == "Roster sent to Brother QL"
    assert [one[:1] + one[2:3] for one in desk.outlet.sent] == [("Brother QL", 3)], "once, in three copies"
    preview, task = await desk.open(desk.roster())
    assert preview.chosen_printer == "Brother QL", "the printer is remembered"
    press(preview, Qt.Key.Key_Escape)
    await task


async def test_a_printer_that_fails_says_so_and_can_be_tried_again(desk: Desk) -> None:
    desk.outlet.refusal = Unavailable("The printer did not take the pages.", hint="Check its paper.")
    preview, task = await desk.open(desk.roster())
    press(preview, Qt.Key.Key_Return)
    await until(lambda: preview.banner.isVisible())
    assert preview.banner.text == "The printer did not take the pages. Check its paper."
    assert desk.memory.printer == ""
    desk.outlet.refusal = None
    press(preview, Qt.Key.Key_Return)
    assert await task == "Roster sent to Lobby laser"


async def test_a_print_that_is_cancelled_takes_its_preview_along(desk: Desk) -> None:
    _, task = await desk.open(desk.roster())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.printer.preview is None
    assert QApplication.focusWidget() is desk.field


async def test_a_locked_desk_shows_no_page(desk: Desk) -> None:
    desk.printer.dismiss()  # nothing is open: nothing happens
    preview, task = await desk.open(desk.roster())
    desk.printer.dismiss()
    assert not preview.card.isVisible()
    assert await task == ""
    assert desk.outlet.sent == []
    assert desk.printer.preview is None


# -- files -------------------------------------------------------------------------------------------------------


async def test_without_a_printer_enter_saves_a_file_and_says_where(
    hub: ThemeHub, clock: FixedClock, tmp_path: Path
) -> None:
    desk = Desk(hub, clock, tmp_path / "documents")
    said = []
    for _ in range(2):
        preview, task = await desk.open(desk.printer.print_roll_call(paper.building()))
        assert preview.print_button.text() == "Save as PDF"
        assert "No printer is installed." in preview.banner.text
        assert not preview.printer.isVisible()
        press(preview, Qt.Key.Key_Return)
        said.append(await task)
    assert said == [
        f"Saved as Roll call 2026-03-12 1600.pdf in {desk.folder}",
        f"Saved as Roll call 2026-03-12 1600 (2).pdf in {desk.folder}",
    ]
    first, second = sorted(desk.folder.iterdir())
    assert first.read_bytes() == second.read_bytes()
    assert "3 children in the building" in paper.texts(first.read_bytes())[0]


async def test_save_as_asks_where_and_a_changed_mind_keeps_the_preview(desk: Desk, tmp_path: Path) -> None:
    preview, task = await desk.open(desk.printer.print_day(paper.day_summary()))
    preview.file_button.click()
    await until(lambda: hasattr(desk, "suggested"))
    assert desk.suggested == desk.folder / "Day 2026-03-12.pdf"
    assert not task.done()
    desk.chosen = tmp_path / "missing" / "day.pdf"
    preview.file_button.click()
    await until(lambda: preview.banner.isVisible())
    assert preview.banner.text == "The file could not be written. Choose another folder."
    desk.chosen = tmp_path / "day.pdf"
    preview.file_button.click()
    assert await task == f"Saved as day.pdf in {tmp_path}"
    assert "Thursday 12 March 2026" in paper.texts(desk.chosen.read_bytes())[0]
    assert desk.outlet.sent == []


def test_a_file_gets_a_name_every_system_takes(tmp_path: Path) -> None:
    assert file_name('Roster A/B: "Judo"? 15:30.') == "Roster A B Judo 15 30"
    assert file_name("///") == "Document"
    assert len(file_name("x" * 300)) == 80
    (tmp_path / "taken").write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        save(b"", tmp_path / "taken", "x")


# -- labels ------------------------------------------------------------------------------------------------------


async def test_labels_go_out_at_once_where_a_label_printer_is_known(desk: Desk) -> None:
    desk.memory.label_printer = "Brother QL"
    assert await desk.printer.print_labels(FAMILY) == "Labels sent to Brother QL"
    assert await desk.printer.print_labels(FAMILY) == "Labels sent to Brother QL"
    first, again = desk.outlet.sent
    assert first == again, "a reprint is the first print again"
    assert first[1] == "Labels 2026-03-12", "no name of a child in a printer's queue"
    assert len(paper.texts(first[3])) == 3


async def test_the_first_labels_ask_for_a_printer_and_it_is_remembered(desk: Desk) -> None:
    desk.memory.label_size = "89x36"
    preview, task = await desk.open(desk.printer.print_labels(FAMILY))
    preview.printer.setCurrentIndex(1)
    press(preview, Qt.Key.Key_Enter)
    assert await task == "Labels sent to Brother QL"
    assert (desk.memory.label_printer, desk.memory.printer) == ("Brother QL", "")
    assert page_sizes(desk.outlet.sent[0][3])[0][0] == pytest.approx(89 / 25.4 * 72, abs=0.1)
    assert await desk.printer.print_labels(FAMILY) == "Labels sent to Brother QL"


async def test_a_label_printer_that_is_gone_leads_to_the_preview(desk: Desk) -> None:
    desk.memory.label_printer = "Old one"
    desk.outlet.refusal = Unavailable("The printer Old one is not connected any more.")
    preview, task = await desk.open(desk.printer.print_labels(FAMILY))
    assert preview.banner.text == "The printer Old one is not connected any more."
    desk.outlet.refusal = None
    press(preview, Qt.Key.Key_Return)
    assert await task == "Labels sent to Lobby laser"


async def test_no_labels_are_no_print(desk: Desk) -> None:
    desk.memory.label_printer = "Brother QL"
    assert await desk.printer.print_labels([]) == ""
    assert desk.outlet.sent == []


# -- paper -------------------------------------------------------------------------------------------------------


async def test_a_folder_stands_for_a_printer(
    desk: Desk, hub: ThemeHub, clock: FixedClock, tmp_path: Path
) -> None:
    desk.memory.printer = f"{FOLDER}{tmp_path / 'out'}"
    real = QtDeskPrinter(
        hub, desk.window, desk.memory, lambda: PrintContext(paper.VENUE, paper.ZONE, "Maya"), clock
    )
    checked: DeskPrinter = real
    task = asyncio.ensure_future(checked.print_roster(SESSION, today.roster()))
    await until(lambda: real.preview is not None)
    assert real.preview is not None
    press(real.preview, Qt.Key.Key_Return)
    assert await task == f"Roster saved: files in {tmp_path / 'out'}"
    (file,) = (tmp_path / "out").iterdir()
    assert "Nia" in paper.texts(file.read_bytes())[0]


@pytest.mark.parametrize("size", ["62x29", "89x36"])
@pytest.mark.parametrize("dots", [203, 300])
def test_what_a_printer_paints_has_the_size_and_the_code(
    qapp: QApplication, tmp_path: Path, size: str, dots: int
) -> None:
    pdf = make_labels(FAMILY, paper.ZONE, venue=paper.VENUE, size=size)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "painted.pdf"))
    printer.setResolution(dots)
    paint(printer, pdf, name="Labels", copies=2)
    painted = (tmp_path / "painted.pdf").read_bytes()
    assert len(page_sizes(painted)) in (3, 6), "copies are the printer's, or painted one after the other"
    for got, wanted in zip(page_sizes(painted), page_sizes(pdf), strict=False):
        assert got == pytest.approx(wanted, abs=1.5)
    assert all(paper.codes(image) == ["7K4Q"] for image in paper.images(painted, dots))


def test_a_lying_page_lies_on_the_paper(qapp: QApplication, tmp_path: Path) -> None:
    from console.reports.day_summary import day_summary

    pdf = day_summary(paper.day_summary(), paper.imprint())
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "painted.pdf"))
    paint(printer, pdf, name="Day")
    ((width, height),) = page_sizes((tmp_path / "painted.pdf").read_bytes())
    assert (width, height) == pytest.approx((842, 595), abs=2)
    assert printer.resolution() == 300


def test_a_printer_that_is_gone_or_refuses_is_said_in_a_sentence(qapp: QApplication, tmp_path: Path) -> None:
    pdf = make_labels(FAMILY, paper.ZONE)
    with pytest.raises(Unavailable, match="is not connected any more"):
        QtOutlet().send(pdf, "A printer nobody has", name="Labels")
    assert all(target.name for target in QtOutlet().printers())


def test_a_rendered_page_is_the_page(qapp: QApplication) -> None:
    pdf = make_labels(FAMILY, paper.ZONE)
    image = render_page(pdf, 0, 203)
    assert (image.width(), image.height()) == (496, 232)
    document = pypdfium2.PdfDocument(pdf)
    same = document[0].render(scale=203 / 72).to_pil().convert("L")
    document.close()
    for spot in ((400, 40), (60, 60), (10, 225)):
        assert image.pixelColor(*spot).red() == same.getpixel(spot)
