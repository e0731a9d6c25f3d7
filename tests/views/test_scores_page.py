"""The scores of all venues: the list, its filters and file, disputes answered, weights tried. console/views/scores/."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from console.clock import FixedClock
from console.domain.paging import PageRequest
from console.domain.scores import Component, Weights
from console.errors import Conflict, Unavailable
from console.views.scores.page import ScoresPage
from console.views.theme import ThemeHub
from tests.support import scores_screen as sample
from tests.support.pages_payouts import MemoryFilters
from tests.support.pages_scores import settled
from tests.support.qt import present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Screen:
    """The page on show, and what it told the window."""

    def __init__(
        self, hub: ThemeHub, gateway: sample.SampleScores | None = None, *, may_change: bool = True
    ) -> None:
        self.gateway = gateway or sample.SampleScores()
        self.memory = MemoryFilters()
        self.page = ScoresPage(
            hub, self.gateway, clock=FixedClock(sample.NOW), memory=self.memory, may_change=may_change
        )
        self.testers = [
            QAbstractItemModelTester(model, _FATAL)
            for model in (self.page.venues.model, self.page.formula.what_if.model)
        ]
        self.toasts: list[str] = []
        self.reached: list[object] = []
        self.wanted: list[object] = []
        self.page.toast_wanted.connect(self.toasts.append)
        self.page.reached.connect(self.reached.append)
        self.page.venue_wanted.connect(self.wanted.append)

    async def close(self) -> None:
        self.page.stop()
        await settled(self.page)

    async def open(self, part: str = "venues") -> Screen:
        present(self.page, 1240, 840)
        await settled(self.page)
        if part != "venues":
            self.page.go_to(part)
            await settled(self.page)
        return self

    async def tried(self) -> None:
        await asyncio.sleep(0.3)
        await settled(self.page)

    def cell(self, row: int, key: str) -> str:
        model = self.page.venues.model
        at = [column.key for column in model.columns].index(key)
        return str(model.index(row, at).data())

    def weigh(self, *weights: str) -> None:
        for field, weight in zip(self.page.formula.weights.values(), weights, strict=True):
            field.line.setText(weight)

    @property
    def saved(self) -> list[tuple[object, ...]]:
        return [one for one in self.gateway.done if one[0] in ("save", "answer", "export_all")]


async def test_the_list_shows_numbers_counts_arrows_and_the_marks(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert screen.reached[-1] is None
    assert screen.cell(0, "venue") == "Cedar Street Makers"
    assert screen.cell(0, "score").endswith("(10 of 12)")
    assert screen.cell(0, "change").startswith("up ")
    assert "of 12 weeks with a score" in screen.cell(0, "trend")
    looks = page.venues.table
    first, columns = page.venues.model.row(0), [column.key for column in page.venues.model.columns]
    assert first.open_dispute
    assert not first.is_curated
    assert screen.cell(0, "curated") == "no"
    mark = looks.look(page.venues.model.index(0, columns.index("dispute"))).chip
    assert mark is not None
    assert mark.text == "Open"
    nothing = next(at for at in range(40) if page.venues.model.row(at).venue == "Alder Hall")
    little = next(at for at in range(40) if page.venues.model.row(at).venue == "Fir Climbing")
    assert screen.cell(nothing, "score") == "–"
    assert screen.cell(little, "score") == "too little"
    tip = page.venues.model.index(little, columns.index("feedback")).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "Left out: 3 opinions are too few"
    await screen.close()


async def test_the_list_is_narrowed_kept_sorted_opened_and_saved_by_keyboard(
    hub: ThemeHub, tmp_path: Path
) -> None:
    screen = await Screen(hub).open()
    page, venues = screen.page, screen.page.venues
    QTest.keyClicks(venues.filter, "harbour")
    await asyncio.sleep(0.25)
    await settled(page)
    assert {venues.model.row(at).venue[:13] for at in range(venues.model.rowCount())} == {"Harbour Dance"}
    venues.choices.boxes["curated"].set_key("yes")
    venues.choices.boxes["curated"].activated.emit(1)
    await settled(page)
    assert dict(screen.gateway.asked[-1].filters) == {"curated": "yes"}
    assert venues.filter_words() == "harbour, Curated"
    assert screen.memory.kept["scores"][0]["filters"] == {"curated": "yes"}
    columns = [column.key for column in venues.model.columns]
    for key in (
        "city",
        "score",
        "change",
        "feedback",
        "repeat",
        "cancellations",
        "no_shows",
        "curated",
        "dispute",
    ):
        venues.table.horizontalHeader().sectionClicked.emit(columns.index(key))
        await settled(page)
        assert screen.gateway.asked[-1].sort == key
    venues.write(tmp_path / "scores.xlsx")
    await venues.runner.settled()
    asked = screen.saved[-1][1]
    assert isinstance(asked, PageRequest)
    assert (asked.text, dict(asked.filters), asked.after) == ("harbour", {"curated": "yes"}, None)
    assert screen.toasts == ["40 venues saved to scores.xlsx"]
    venues.table.setFocus()
    venues.table.selectRow(0)
    QTest.keyClick(venues.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert screen.wanted == [venues.model.row(0).venue_id]
    await screen.close()


async def test_an_error_stands_over_rows_that_stay_and_the_window_hears_of_it(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.gateway.error = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    screen.page.refresh()
    await settled(screen.page)
    assert screen.page.venues.banner.text.startswith("The server cannot be reached.")
    assert screen.page.venues.model.rowCount() == 40
    assert screen.reached[-1] is screen.gateway.error
    await screen.close()


async def test_a_dispute_is_read_with_its_numbers_and_answered_with_words(hub: ThemeHub) -> None:
    screen = await Screen(hub).open("disputes")
    page, part = screen.page, screen.page.disputes
    assert page.tabs.option("disputes").accessibleName() == "Disputes, 1"
    assert part.says.text().startswith("On Tuesday the desk was offline.")
    assert part.bars.bars[3].value.text() == "69.3 (277 of 400)"
    assert not part.uphold_button.isEnabled()
    part.answer.setPlainText("x" * 2001)
    assert part.field.below.text() == "1 character too many."
    assert not part.uphold_button.isEnabled()
    part.answer.setPlainText("  The log shows all six.  ")
    rows = part.list.choices.choices
    part.list.setCurrentIndex(part.list.choices.index(len(rows) - 1))
    assert part.answer.toPlainText() == ""
    part.list.setCurrentIndex(part.list.choices.index(0))
    assert part.answer.toPlainText() == "  The log shows all six.  ", "words wait while another is read"
    asked = part.dispute
    assert asked is not None
    part.uphold_button.click()
    await settled(page)
    assert screen.saved == [("answer", asked.id, True, "The log shows all six.")]
    assert screen.toasts == ["Upheld, the week is worked out again\nCedar Street Makers is told."]
    assert page.tabs.option("disputes").accessibleName() == "Disputes, 0"
    assert not part.uphold_button.isVisible()
    assert part.list.hasFocus()
    part.open_button.click()
    assert screen.wanted == [asked.venue_id]
    await screen.close()


async def test_an_answer_that_somebody_else_gave_is_told_and_shown(
    hub: ThemeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await Screen(hub).open("disputes")
    part = screen.page.disputes

    async def answer(*_facts: object) -> None:
        known = screen.gateway.made.disputes
        gone = replace(known[0], state="declined", answer="No", answered_by="Lucas", answered_at=sample.NOW)
        screen.gateway.made = replace(screen.gateway.made, disputes=(gone, *known[1:]))
        raise Conflict("Lucas answered this already.", code="answered")

    monkeypatch.setattr(screen.gateway, "answer", answer)
    part.answer.setPlainText("Yes")
    part.decline_button.click()
    await settled(screen.page)
    assert part.banner.text == "Lucas answered this already."
    assert screen.toasts == []
    assert screen.page.tabs.option("disputes").accessibleName() == "Disputes, 0"
    await screen.close()


async def test_nobody_disputes_and_who_may_not_change_only_reads(hub: ThemeHub) -> None:
    screen = await Screen(hub, sample.SampleScores(disputes=())).open("disputes")
    assert screen.page.disputes.nothing.isVisible()
    await screen.close()
    screen = await Screen(hub, may_change=False).open("disputes")
    assert not screen.page.disputes.uphold_button.isVisible()
    screen.page.go_to("formula")
    await settled(screen.page)
    formula = screen.page.formula
    assert not formula.save_button.isVisible()
    QTest.keyClick(formula.weights[Component.FEEDBACK].line, Qt.Key.Key_Up)
    assert formula.weights[Component.FEEDBACK].value == 40
    await screen.close()


async def test_the_keys_of_a_part_are_heard_on_the_tabs_too(hub: ThemeHub) -> None:
    screen = await Screen(hub).open("formula")
    formula, tabs = screen.page.formula, screen.page.tabs
    tabs.setFocus(Qt.FocusReason.TabFocusReason)
    screen.weigh("36", "25", "20", "15")
    assert formula.sum.text() == "4 % remain to make 100."
    QTest.keyClick(tabs.focusWidget(), Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert formula.sum.text() == "100 % together."
    screen.page.show_part("disputes")
    await settled(screen.page)
    QTest.keyClick(tabs.focusWidget(), Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert screen.wanted, "the venue of the dispute is asked for"
    screen.weigh("36", "25", "20", "15")
    QTest.keyClick(tabs.focusWidget(), Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert formula.sum.text() == "4 % remain to make 100.", "only the part on show hears its keys"
    screen.page.show_part("venues")
    loads = len(screen.gateway.asked)
    QTest.keyClick(tabs.focusWidget(), Qt.Key.Key_F5)
    await settled(screen.page)
    assert len(screen.gateway.asked) == loads + 1, "once, and not by two that listen"
    await screen.close()


async def test_weights_have_to_make_a_hundred_and_the_rest_can_be_spread(hub: ThemeHub) -> None:
    screen = await Screen(hub).open("formula")
    part = screen.page.formula
    assert part.sum.text() == "100 % together."
    feedback = part.weights[Component.FEEDBACK]
    QTest.keyClick(feedback.line, Qt.Key.Key_PageDown)
    QTest.keyClick(feedback.line, Qt.Key.Key_Up)
    assert feedback.value == 36
    assert part.sum.text() == "4 % remain to make 100."
    assert part.wanted is None
    assert "weights make 100" in part.what_if.said.text()
    part.spread_button.click()
    assert part.sum.text() == "100 % together."
    assert feedback.value == 36, "what was typed stays"
    assert [part.weights[one].value for one in list(Component)[1:]] == [
        Decimal("26.67"),
        Decimal("21.33"),
        Decimal(16),
    ]
    screen.weigh("50", "50", "20", "15")
    assert part.sum.text() == "35 % too much to make 100."
    screen.weigh("0", "0", "0", "0")
    part.spread()
    assert [field.value for field in part.weights.values()] == [25, 25, 25, 25]
    for wrong in ("", "abc", "-1", "101", "1.234", "1e1", "NaN", "٣"):
        feedback.line.setText(wrong)
        assert feedback.value is None, wrong
        assert feedback.line.invalid
        assert not part.save_button.isEnabled()
    feedback.line.setText("12,5")
    assert feedback.value == Decimal("12.5")
    await screen.close()


async def test_other_weights_show_gains_losses_and_every_venue_that_changes_before_saving(
    hub: ThemeHub,
) -> None:
    screen = await Screen(hub).open("formula")
    part = screen.page.formula
    assert not [one for one in screen.gateway.done if one[0] == "what_if"], "nothing is tried unasked"
    screen.weigh("10", "50", "10", "30")
    await screen.tried()
    tried = Weights(dict(zip(Component, map(Decimal, (10, 50, 10, 30)), strict=True)), Decimal(60))
    found = await screen.gateway.what_if(tried)
    assert screen.gateway.done[-2] == ("what_if", tried), "one question for four numbers"
    assert part.what_if.losses.words.text() == f"{found.losses} no longer curated"
    assert part.what_if.gains.words.text() == f"{found.gains} become curated"
    assert found.losses
    model = part.what_if.model
    assert model.rowCount() == len([one for one in found.rows if one.now != one.then])
    first = model.row(0)
    assert (first.curated_now, first.curated_then) == (True, False)
    part.what_if.table.row_activated.emit(first)
    assert screen.wanted == [first.venue_id]
    assert not part.save_button.isEnabled(), "it needs a reason"
    part.reason.setText("Families say most")
    QTest.keyClick(part.reason, Qt.Key.Key_Return)
    await settled(screen.page)
    assert screen.saved == [("save", tried, "Families say most")]
    assert screen.toasts == ["Version 4 is saved\nIt counts from the next week on."]
    assert (part.reason.text(), part.save_button.text()) == ("", "Save as version 5")
    assert str(part.versions.table.index(0, 3).data()) == "Families say most"
    assert screen.page.header.caption.text() == "Over 12 weeks, curated from 60, formula 4"
    await screen.close()


async def test_a_formula_that_somebody_else_saved_is_shown_and_what_was_typed_stays(hub: ThemeHub) -> None:
    screen = await Screen(hub).open("formula")
    part = screen.page.formula
    screen.weigh("10", "50", "10", "30")
    part.reason.setText("Families say most")
    screen.gateway.versions.insert(0, sample.formula(4, feedback="30", repeat="35"))
    part.save_button.click()
    await settled(screen.page)
    assert part.banner.text == "Lucas saved another formula. Look at it again."
    assert part.save_button.text() == "Save as version 5"
    assert part.weights[Component.REPEAT].value == 50
    part.reset_button.click()
    assert part.weights[Component.REPEAT].value == 35
    await screen.close()
