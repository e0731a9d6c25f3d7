"""One venue's score: how it stands, what it is made of, what moved it, and disputing a week. console/views/scores/."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from console.clock import FixedClock
from console.domain.scores import Component, Move
from console.errors import Conflict, Unavailable
from console.views.scores import words
from console.views.scores.parts import MoveBars
from console.views.scores.venue import VenueScorePage
from console.views.theme import ThemeHub
from console.views.widgets.sparkline import Sparkline, spoken
from tests.support import scores_screen as sample
from tests.support.pages_scores import settled
from tests.support.qt import present, settle


class Screen:
    """The page on show, and what it told the window."""

    def __init__(
        self, hub: ThemeHub, gateway: sample.SampleScores | None = None, *, may: bool = True
    ) -> None:
        self.gateway = gateway or sample.SampleScores()
        self.page = VenueScorePage(
            hub, self.gateway, venue_id=sample.venue_id(0), clock=FixedClock(sample.NOW), may_dispute=may,
            may_export=may,
        )  # fmt: skip
        self.toasts: list[str] = []
        self.reached: list[object] = []
        self.page.toast_wanted.connect(self.toasts.append)
        self.page.reached.connect(self.reached.append)

    async def close(self) -> None:
        self.page.stop()
        await settled(self.page)

    async def open(self) -> Screen:
        present(self.page, 1240, 840)
        await settled(self.page)
        return self


async def test_a_score_is_shown_with_its_counts_change_peers_and_suggestions(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert (page.score.text(), page.weeks_counted.text()) == ("75.5", "(10 of 12 weeks)")
    assert page.change.words.text() == "down 1.8 in a week"
    assert page.against.words.text() == "Reaches 60, from which a venue is curated"
    assert [bar.value.text() for bar in page.side.bars.bars] == [
        "68.2 (30 of 44)", "70.0 (21 of 30)", "95.2 (1,180 of 1,240)", "78.0 (312 of 400)",
    ]  # fmt: skip
    shown = [row for row in page.side.moves.rows if not row.isHidden()]
    assert [row.points.text() for row in shown] == ["−6.37", "+1.67", "+1.58", "+1.31"]
    assert page.side.moves.total.text() == "Together −1.81 points in a week"
    assert page.advice.peers.words.text() == (
        "Scores more than 72 % of the other science and technology venues (24 compared, 68.3 on average)."
    )
    assert page.advice.suggestions[0].words.text().startswith("14 of 44 opinions were not good")
    assert screen.reached == [None]
    await screen.close()


async def test_a_week_of_the_table_is_explained_and_an_earlier_version_stands_below_it(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page, table = screen.page, screen.page.table
    rows = [
        [str(table.table.index(row, at).data()) for at in range(8)] for row in range(table.table.rowCount())
    ]
    assert rows[2][0] == rows[3][0] == "16 to 22 Feb"
    assert (rows[2][7], rows[3][7]) == ("A late check-in arrived.", "Earlier version")
    table.setFocus()
    table.selectRow(2)
    assert page.side.said.text() == "Score 76.2, version 2. A late check-in arrived."
    assert page.dispute_button.isEnabled()
    QTest.keyClick(table, Qt.Key.Key_Down)
    assert not page.dispute_button.isEnabled(), "only the newest version can be disputed"
    little = next(at for at, row in enumerate(rows) if row[1] == "–")
    table.selectRow(little)
    assert page.side.said.text() == "No score: the parts that are there weigh 0\xa0%, 50\xa0% are needed."
    assert page.side.bars.bars[0].why.text() == "Left out: 3 of 5 opinions needed"
    assert page.side.moves.total.text() == "There is no score of the week before to compare with."
    await screen.close()


async def test_the_chart_has_gaps_revisions_and_the_threshold_and_is_saved_as_three_kinds(
    hub: ThemeHub, tmp_path: Path
) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    chart = page.chart.chart
    assert chart is not None
    assert len(chart.labels) == 12
    assert [value is None for value in chart.measures[0].values].count(True) == 2
    assert [at for at, value in enumerate(chart.measures[1].values) if value is not None] == [9]
    assert chart.limit is not None
    assert chart.limit.value == 60
    QTest.keyClick(page.spans, Qt.Key.Key_Right)
    assert page.chart.chart is not None
    assert len(page.chart.chart.labels) == 26
    page.lines.option("parts").click()
    assert [measure.name for measure in page.chart.chart.measures] == [one.words for one in Component]
    await settled(page)
    for name in ("score.png", "score.pdf", "score.csv"):
        page.chart.save(tmp_path / name)
        await settled(page)
    assert screen.toasts == [f"The chart is saved to score.{kind}" for kind in ("png", "pdf", "csv")]
    assert not QImage(str(tmp_path / "score.png")).isNull()
    assert (tmp_path / "score.pdf").read_bytes().startswith(b"%PDF")
    assert "Feedback" in (tmp_path / "score.csv").read_text("utf-8-sig")
    page.write(tmp_path / "weeks.xlsx")
    await settled(page)
    assert screen.toasts[-1] == "40 weeks saved to weeks.xlsx"
    page.chart.save(tmp_path / "missing" / "score.png")
    await settled(page)
    assert page.banner.text == "The file cannot be written. Choose another folder."
    assert screen.reached == [None], "the server is as it was"
    await screen.close()


async def test_a_week_is_disputed_once_and_taken_back(hub: ThemeHub) -> None:
    screen = await Screen(hub, sample.SampleScores(disputes=())).open()
    page = screen.page
    assert page.disputes.isHidden() or not page.disputes.buttons
    QTest.keyClick(page.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    sheet = page.sheet
    assert sheet is not None
    assert sheet.radios["feedback"].text() == "Feedback, 68.2 (30 of 44)"
    assert not sheet.send_button.isEnabled()
    sheet.radios["no_shows"].click()
    sheet.reason.setPlainText("  The desk was offline on Tuesday.  ")
    screen.gateway.error = Conflict("Dana asked about this score already.", code="open_already")
    sheet.send_button.click()
    await sheet.runner.settled()
    assert sheet.banner.text == "Dana asked about this score already."
    assert sheet.reason.toPlainText().strip() == "The desk was offline on Tuesday."
    screen.gateway.error = None
    QTest.keyClick(sheet.reason, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await sheet.runner.settled()
    await settled(page)
    newest = screen.gateway.made.weeks[-1]
    assert screen.gateway.done == [("dispute", newest.id, "no_shows", "The desk was offline on Tuesday.")]
    assert screen.toasts == ["The platform is asked\nIts answer will stand here."]
    assert page.sheet is None
    assert page.table.hasFocus()
    assert not page.dispute_button.isEnabled(), "one open question for a week"
    assert page.asked.isVisible()
    (withdraw,) = page.disputes.buttons
    withdraw.click()
    await settled(page)
    assert screen.gateway.done[-1][0] == "withdraw"
    assert page.dispute_button.isEnabled()
    assert page.disputes.buttons == []
    await screen.close()


async def test_a_new_venue_is_told_when_its_first_score_comes(hub: ThemeHub) -> None:
    screen = await Screen(hub, sample.SampleScores(weeks_known=0, disputes=())).open()
    assert screen.page.nothing.isVisible()
    assert "on Monday 16 March 2026" in screen.page.nothing.accessibleName()
    assert not screen.page.export_button.isEnabled()
    screen.page.dispute()
    assert screen.page.sheet is None
    await screen.close()


async def test_finance_reads_without_disputing_and_an_error_keeps_what_is_shown(hub: ThemeHub) -> None:
    screen = await Screen(hub, may=False).open()
    page = screen.page
    assert not page.dispute_button.isVisible()
    assert not page.export_button.isVisible()
    assert page.disputes.buttons == []
    screen.gateway.error = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    page.refresh()
    await settled(page)
    assert page.banner.text.startswith("The server cannot be reached.")
    assert page.score.text() == "75.5"
    await screen.close()


async def test_too_little_to_go_by_is_said_in_words_never_as_zero(hub: ThemeHub) -> None:
    gateway = sample.SampleScores()
    known = list(gateway.made.weeks)
    known[-1] = replace(known[-1], composite=None, change=None)
    gateway.made = replace(gateway.made, weeks=known, moves=())
    screen = await Screen(hub, gateway).open()
    page = screen.page
    assert (page.score.text(), page.weeks_counted.text()) == ("–", "too little to go by (9 of 12 weeks)")
    assert page.against.words.text().endswith("stays as it was")
    assert not page.change.isVisible()
    await screen.close()


def test_a_score_below_the_threshold_is_never_rounded_up_to_it() -> None:
    line = Decimal(60)
    assert words.points(Decimal("59.96"), line) == "59.96"
    assert words.points(Decimal("59.94"), line) == "59.9"
    assert words.points(Decimal("60.00"), line) == "60.0"
    assert words.points(None, line) == "–"
    assert words.change(Decimal("-0.03"))[0] == "same"
    assert words.threshold_words(Decimal("59.96"), sample.formula())[0].startswith("0.04 points below 60")


def test_words_of_weeks_and_peers() -> None:
    page = sample.page()
    assert words.week_words(sample.NEWEST, year=True) == "2 to 8 Mar 2026"
    assert words.week_words(sample.NEWEST.replace(day=30)) == "30 Mar to 5 Apr"
    few = replace(page, percentile=None, peer_count=1, peers="all venues", peer_average=None)
    assert (
        words.peers(few)
        == "Compared once five other venues have a score for the week; now 1 other venue has one."
    )
    assert words.peers(replace(few, peer_count=9)) == "Compared with others as soon as there is a score."


def test_a_line_of_weeks_is_painted_with_gaps_and_said(hub: ThemeHub) -> None:
    line = Sparkline(hub)
    settle(line, 200, 48)
    empty = line.grab().toImage()
    values = [Decimal(70), None, None, Decimal(75), Decimal(72)]
    line.show_values(values, Decimal(60))
    drawn = line.grab().toImage()
    assert drawn != empty
    line.show_values(values)
    assert line.grab().toImage() != drawn, "the threshold is a line of its own"
    line.show_values([*values[:1], Decimal(71), Decimal(73), *values[3:]], Decimal(60))
    assert line.grab().toImage() != drawn, "weeks without a score are not drawn through"
    assert line.accessibleDescription() == "from 70.0 to 72.0, 5 of 5 weeks with a score"
    assert spoken(values) == "from 70.0 to 72.0, 3 of 5 weeks with a score"
    assert spoken([None, None]) == "no scores yet"
    line.show_values([None])
    assert line.grab().toImage() == empty


def test_parts_that_came_or_went_are_told_as_one(hub: ThemeHub) -> None:
    bars = MoveBars(hub)
    settle(bars, 300, 200)
    bars.show_moves(
        (Move(Component.FEEDBACK, Decimal("1.50")), Move(None, Decimal("-0.25"))), Decimal("1.25")
    )
    assert [row.name.text() for row in bars.rows if not row.isHidden()] == [
        "Feedback",
        "Parts left out or back",
    ]
    assert bars.total.text() == "Together +1.25 points in a week"
    bars.show_moves((), Decimal(0))
    assert bars.total.text() == "Nothing moved it: the score is as it was the week before."


async def test_headquarters_goes_back_to_the_list_and_on_to_the_venue(hub: ThemeHub) -> None:
    page = VenueScorePage(
        hub, sample.SampleScores(), venue_id=sample.venue_id(0), clock=FixedClock(sample.NOW), may_dispute=False,
        may_export=True, has_way_back=True,
    )  # fmt: skip
    went: list[object] = []
    page.venue_wanted.connect(went.append)
    page.back_wanted.connect(lambda: went.append("back"))
    present(page, 1240, 840)
    await settled(page)
    QTest.keyClick(page.table, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    page.venue_button.click()
    QTest.keyClick(page.table, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    page.back_button.click()
    assert went == [sample.venue_id(0), sample.venue_id(0), "back", "back"]
    page.stop()
    await settled(page)
