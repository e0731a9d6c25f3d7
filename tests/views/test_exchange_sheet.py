"""The sheet for import and export: each step by keyboard, what is said where something is wrong, and what is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.domain.exchange import Outcome, Published, Report
from console.errors import Conflict, Invalid, Unavailable
from console.views.exchange import words
from console.views.exchange.sheet import ExchangeSheet
from console.views.theme import ThemeHub
from tests.support.exchange_samples import GUESS, REPORT, ROWS, TODAY, FakeExchange, Places
from tests.support.qt import present


class Bench:
    """The sheet over a window, and what it said."""

    def __init__(
        self, hub: ThemeHub, gateway: FakeExchange, *, may_import: bool = True, nothing: bool = False
    ) -> None:
        self.window = QWidget()
        present(self.window, 1100, 700)
        self.gateway, self.places = gateway, Places(nothing=nothing)
        self.toasts: list[tuple[str, str]] = []
        self.changes = 0
        self.sheet = ExchangeSheet(
            hub,
            self.window,
            gateway,
            today=TODAY,
            venue="Riverside",
            may_import=may_import,
            picker=self.places,
        )
        self.sheet.toast_wanted.connect(lambda *said: self.toasts.append(said))
        self.sheet.changed.connect(self._changed)
        self.sheet.open()

    def _changed(self) -> None:
        self.changes += 1

    async def press(self, button: QWidget) -> None:
        """Click, and wait until nothing runs."""
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await self.sheet.runner.settled()


async def test_a_table_goes_through_its_columns_to_the_report_and_in(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange())
    sheet = bench.sheet
    sheet.choose.places.setText("14")
    await bench.press(sheet.choose.file)
    assert sheet.step == "columns"
    assert sheet.columns.columns == GUESS
    # A column that is needed and chosen for nothing is asked for.
    sheet.columns.boxes["weekdays"].setCurrentIndex(0)
    await bench.press(sheet.next)
    assert (sheet.step, sheet.banner.text) == ("columns", "Say which column holds: Weekdays.")
    sheet.columns.boxes["weekdays"].setCurrentIndex(2)
    await bench.press(sheet.next)
    assert sheet.step == "report"
    assert bench.gateway.looked == [(GUESS, 14)]
    assert sheet.apply_button.text() == "Import 3 entries"
    await bench.press(sheet.apply_button)
    assert bench.gateway.taken == [REPORT]
    assert bench.toasts == [("Imported", "2 new, 1 changed, 8 families told")]
    assert bench.changes == 1
    assert not sheet.is_open


async def test_back_leads_through_the_steps_and_keeps_what_was_chosen(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange())
    sheet = bench.sheet
    await sheet.open_path(Path("programme.csv"))
    sheet.columns.boxes["capacity"].setCurrentIndex(6)
    await bench.press(sheet.next)
    assert sheet.step_back()
    assert sheet.columns.columns.of["capacity"] == "length"
    assert sheet.step_back()
    assert sheet.step == "choose"
    assert not sheet.step_back()


async def test_rows_that_are_sessions_have_other_facts(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange())
    await bench.sheet.open_path(Path("programme.csv"))
    columns = bench.sheet.columns
    QTest.mouseClick(columns.kind.option("session"), Qt.MouseButton.LeftButton)
    assert columns.boxes["day"].isVisible()
    assert not columns.boxes["weekdays"].isVisible()
    assert columns.columns.kind == "session"
    assert "weekdays" not in columns.columns.of
    assert columns.columns.missing() == ("Day",)


async def test_the_report_is_narrowed_by_typing_and_by_outcome(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange(is_table=False))
    await bench.sheet.open_path(Path("programme.ics"))
    report = bench.sheet.report

    def shown() -> list[str]:
        model = report.list.model()
        return [str(model.index(row, 0).data(Qt.ItemDataRole.DisplayRole)) for row in range(model.rowCount())]

    assert len(shown()) == len(ROWS)
    assert "Board games" in shown()[0]  # what is refused stands first
    report.filter.setText("judo")
    assert len(shown()) == 1
    report.filter.setText("zzz")
    assert shown() == []
    assert report.nothing.isVisible()
    report.filter.clear()
    QTest.mouseClick(report.outcome.option(Outcome.REFUSED.value), Qt.MouseButton.LeftButton)
    assert len(shown()) == 2


async def test_a_report_that_does_nothing_cannot_be_confirmed(hub: ThemeHub) -> None:
    same = tuple(row for row in ROWS if row.outcome is Outcome.SAME)
    bench = Bench(hub, FakeExchange(is_table=False, report=Report("f", same)))
    await bench.sheet.open_path(Path("programme.ics"))
    assert bench.sheet.apply_button.text() == "Nothing to import"
    assert not bench.sheet.apply_button.isEnabled()


async def test_a_report_that_no_longer_holds_is_made_anew_and_said(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange(is_table=False))
    sheet = bench.sheet
    await sheet.open_path(Path("programme.ics"))
    bench.gateway.error = Conflict("Something changed since you looked.", code="plan_changed")
    await bench.press(sheet.apply_button)
    assert len(bench.gateway.looked) == 2
    assert "Something changed" in sheet.banner.text
    assert sheet.apply_button.isEnabled()
    # A lost connection may be tried again.
    bench.gateway.error = Unavailable("The server cannot be reached.")
    await bench.press(sheet.apply_button)
    assert sheet.apply_button.isEnabled()
    assert bench.gateway.taken == []


async def test_what_cannot_be_read_is_said_and_tried_again(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange())
    sheet = bench.sheet
    bench.gateway.error = Invalid("This is not a calendar file.")
    await bench.press(sheet.choose.file)
    assert (sheet.step, sheet.banner.text.startswith("This is not a calendar file.")) == ("choose", True)
    assert sheet.choose.file.isEnabled()
    assert not sheet.choose.progress.isVisible()
    sheet.choose.places.setText("none")
    await bench.press(sheet.choose.file)
    assert sheet.choose.places_field.below.text() == "Enter a number from 1 to 10,000."
    sheet.choose.places.setText("3")
    await bench.press(sheet.choose.file)
    assert sheet.step == "columns"


async def test_an_address_is_fetched_as_it_was_typed(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange())
    sheet = bench.sheet
    await bench.press(sheet.choose.fetch)
    assert sheet.choose.field.below.text() == "Enter an address, or choose a file."
    sheet.choose.address.setFocus()
    QTest.keyClicks(sheet.choose.address, "https://calendar.example/a.ics")
    sheet.choose.private.setChecked(True)
    QTest.keyClick(sheet.choose.address, Qt.Key.Key_Return)
    await sheet.runner.settled()
    assert bench.gateway.addresses == [("https://calendar.example/a.ics", True)]
    assert sheet.step == "report"
    sheet.step_back()
    assert sheet.choose.address.text() == "https://calendar.example/a.ics"


async def test_an_export_goes_where_it_is_saved(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange())
    sheet = bench.sheet
    QTest.mouseClick(sheet.tabs.option("export"), Qt.MouseButton.LeftButton)
    await sheet.runner.settled()
    sheet.export.format.setCurrentIndex(4)
    sheet.export.whose.setCurrentIndex(1)
    sheet.export.first.setText("2026-05-01")
    sheet.export.last.setText("2026-04-01")
    await bench.press(sheet.save_button)
    assert sheet.export.fields["last"].below.text() == "It is before the first day."
    sheet.export.last.setText("tomorrow")
    await bench.press(sheet.save_button)
    assert sheet.export.fields["last"].below.text() == "Write the day as 2026-03-31."
    sheet.export.last.setText("2029-04-01")
    await bench.press(sheet.save_button)
    assert "at most 800 days" in sheet.export.fields["last"].below.text()
    sheet.export.last.setText("2026-06-01")
    await bench.press(sheet.save_button)
    ((wish, path),) = bench.gateway.written
    assert (wish.format, wish.what, wish.room_id is not None, wish.instructor) == (
        "xlsx",
        "session",
        True,
        None,
    )
    assert path.name == "Riverside - Studio A - sessions.xlsx"
    assert bench.toasts == [("Saved as Riverside - Studio A - sessions.xlsx", "12 entries")]


async def test_a_calendar_is_kept_in_a_folder_and_no_longer(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange(), may_import=False)
    sheet = bench.sheet
    await sheet.runner.settled()
    assert sheet.title.text() == "Export"
    assert not sheet.export.stop.isVisible()
    sheet.export.whose.setCurrentIndex(3)
    await bench.press(sheet.export.keep)
    assert bench.gateway.kept == Published("/nowhere", None, "Ana")
    assert sheet.export.place.text() == "In /nowhere"
    await bench.press(sheet.export.stop)
    assert bench.gateway.kept is None
    assert not sheet.export.stop.isVisible()


async def test_changing_ones_mind_does_nothing(hub: ThemeHub) -> None:
    bench = Bench(hub, FakeExchange(), nothing=True)
    await bench.press(bench.sheet.choose.file)
    assert bench.sheet.step == "choose"
    bench.sheet.show_export()
    await bench.sheet.runner.settled()
    await bench.press(bench.sheet.save_button)
    await bench.press(bench.sheet.export.keep)
    assert (bench.gateway.written, bench.gateway.kept) == ([], None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (2, "A series, 26 sessions · makes the room"),
        (3, "12 sessions changed, 1 session ended · 9 bookings, 8 families told"),
        (
            4,
            "One session · makes the activity as a draft · Studio A also has Ballet for beginners on 7 Mar and 1 more",
        ),
        (5, "Nothing changes"),
        (7, "It repeats monthly; the console keeps weekly series only."),
    ],
)
def test_each_row_says_what_becomes_of_it(line: int, said: str) -> None:
    (row,) = [row for row in ROWS if row.line == line]
    assert words.sentence(row) == said
