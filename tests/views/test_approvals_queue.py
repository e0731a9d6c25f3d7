"""The approval queue by keyboard: tabs, filters, marks, several at once, and what stands where nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from console.domain.vetting import CaseState, Decision
from console.errors import Unavailable
from console.views.approvals.decision_sheet import DecisionSheet
from console.views.approvals.results_sheet import ResultsSheet
from console.views.theme import ThemeHub
from console.views.widgets.choices import CHOICE_ROLE
from tests.support import approvals_screen as sample
from tests.views.approvals import ALT, CTRL, SHIFT, Screen


async def test_the_first_case_is_on_show_and_the_rows_say_everything(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    side = screen.page.side
    QAbstractItemModelTester(side.list.choices, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert screen.names[0] == screen.on_show.venue == "Cedar Street Makers"
    assert side.list.hasFocus()
    assert [side.tabs.option(key).accessibleName() for key in ("open", "mine", "asked")] == [
        "Open, 5",
        "Mine, 1",
        "",
    ]
    said = str(side.list.choices.index(2).data(int(Qt.ItemDataRole.AccessibleTextRole)))
    assert said.startswith("Harbour Dance Loft, 3 of 5 met, Lucas, 6 min, insurance satisfied, ")
    assert said.endswith("New venue · Seattle, WA, 1 d")
    assert screen.reached[-1] is None


async def test_arrows_show_a_case_and_enter_takes_it(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_Down)
    assert screen.on_show.id == sample.FINS
    assert screen.page.detail.claim_line.text() == "Not claimed"
    assert not screen.asked("claim"), "looking takes nothing"
    await screen.key(Qt.Key.Key_Return)
    assert screen.asked("claim") == [("claim", sample.FINS)]
    assert screen.on_show.claimed_by_me
    assert screen.page.detail.claim_line.text() == "Claimed by you until 16:02"
    assert screen.names[1] == "Little Fins Swim School", "nothing moved"
    await screen.key(Qt.Key.Key_Return)
    assert len(screen.asked("claim")) == 1, "a second Enter leads into the evidence"
    assert screen.page.detail.isAncestorOf(screen.page.focusWidget())


async def test_n_takes_the_most_urgent_of_those_nobody_holds(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_N)
    assert screen.on_show.id == sample.FINS
    assert screen.page.side.list.case is not None
    assert screen.page.side.list.case.id == sample.FINS
    screen.page.go_to_tab("decided")
    await screen.rest()
    await screen.key(Qt.Key.Key_N)
    assert screen.page.side.tabs.chosen == "open", "it is not in the tab that was on show"
    assert screen.on_show.id == sample.BLUE
    await screen.key(Qt.Key.Key_N)
    await screen.key(Qt.Key.Key_N)
    assert screen.toasts[-1] == "Nothing else is open"


async def test_two_quick_presses_take_one_case(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.page.next_case()
    screen.page.next_case()
    await screen.rest()
    assert screen.asked("claim") == [("claim", sample.FINS)]
    await screen.key(Qt.Key.Key_N)
    assert len(screen.asked("claim")) == 2


async def test_letters_do_nothing_while_somebody_types(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_F)
    field = screen.page.side.filters.text
    assert field.hasFocus()
    QTest.keyClicks(field, "njoax")
    assert field.text() == "njoax"
    assert not screen.asked("next")
    assert screen.page.deeds.sheet is None


async def test_the_list_is_narrowed_by_name_kind_and_lateness(hub: ThemeHub) -> None:
    gateway = sample.FakeCases()
    gateway.change(sample.BLUE, due_at=gateway.clock.now() - timedelta(days=1))
    screen = await Screen(hub, gateway).open()
    side = screen.page.side
    assert side.header.caption.text() == "1 late"
    await screen.key(Qt.Key.Key_F)
    side.filters.text.setText("harb")
    side.restart()
    await screen.rest()
    assert screen.names == ["Harbour Dance Loft"]
    side.filters.text.setText("nothing like it")
    side.restart()
    await screen.rest()
    assert side.no_match.isVisible()
    assert not side.empties["open"].isVisible()
    side.clear_filter()
    await screen.rest()
    assert len(screen.names) == 5
    box = side.filters.boxes["overdue"]
    box.set_key("yes")
    box.activated.emit(box.currentIndex())
    await screen.rest()
    assert screen.names == ["Blue Door Theatre"]


async def test_each_tab_says_what_it_would_hold(hub: ThemeHub) -> None:
    screen = await Screen(hub, sample.FakeCases([])).open()
    side = screen.page.side
    for place, key in enumerate(("open", "mine", "asked", "decided")):
        await screen.key(Qt.Key(Qt.Key.Key_1 + place), ALT)
        assert [name for name, empty in side.empties.items() if empty.isVisible()] == [key]
        assert not screen.page.nothing.isVisible()
        assert not screen.page.detail.isVisible()


async def test_a_queue_that_cannot_be_read_says_so_and_tries_again(hub: ThemeHub) -> None:
    gateway = sample.FakeCases()
    gateway.failure = Unavailable("The server cannot be reached.", hint="Try again.")
    screen = await Screen(hub, gateway).open()
    assert screen.page.side.banner.text == "The server cannot be reached. Try again."
    assert isinstance(screen.reached[-1], Unavailable)
    gateway.failure = None
    await screen.key(Qt.Key.Key_F5)
    assert not screen.page.side.banner.isVisible()
    assert screen.on_show.id == sample.CEDAR


async def test_rows_come_by_key_as_one_goes_down(hub: ThemeHub) -> None:
    known = [
        replace(sample.rows()[1], id=UUID(int=0xFA000 + place), venue=f"Venue {place:04}")
        for place in range(450)
    ]
    screen = await Screen(hub, sample.FakeCases(known)).open()
    side = screen.page.side
    assert len(side.list.rows) == 200
    await screen.key(Qt.Key.Key_End)
    assert len(side.list.rows) == 400
    await screen.key(Qt.Key.Key_End)
    assert len(side.list.rows) == 450
    side.list.verticalScrollBar().setValue(9000)
    chosen = side.list.case
    await screen.key(Qt.Key.Key_F5)
    assert side.list.verticalScrollBar().value() == 9000
    assert side.list.case == chosen
    assert len(side.list.rows) == 450, "a refresh asks for as many as are shown"


async def test_rows_are_marked_by_space_shift_and_ctrl(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    rows = screen.page.side.list
    await screen.key(Qt.Key.Key_Space)
    await screen.key(Qt.Key.Key_Down, SHIFT)
    await screen.key(Qt.Key.Key_Down, SHIFT)
    assert [row.id for row in rows.marked] == [sample.CEDAR, sample.FINS, sample.HARBOUR]
    await screen.key(Qt.Key.Key_Down)
    assert len(rows.marked) == 3, "going on takes no mark away"
    assert screen.on_show.id == sample.BLUE
    await screen.key(Qt.Key.Key_Space)
    await screen.key(Qt.Key.Key_Space)
    assert len(rows.marked) == 3
    place = rows.visualRect(rows.choices.index(4)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, CTRL, QPoint(place))
    assert rows.marked[-1].id == sample.ORCHARD
    assert screen.page.side.claim_button.text() == "Claim 4"
    assert screen.page.side.ask_button.text() == "Ask 4 venues…"
    assert str(rows.choices.index(4).data(CHOICE_ROLE).spoken).startswith("Orchard Forest School, marked, ")
    await screen.key(Qt.Key.Key_Escape)
    assert not rows.marked
    assert not screen.page.side.bulk.isVisible()
    await screen.key(Qt.Key.Key_A, CTRL)
    assert len(rows.marked) == 5


async def test_several_are_claimed_with_a_result_each(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    for case_id in (sample.FINS, sample.HARBOUR, sample.BLUE):
        screen.page.side.list.mark(case_id)
    await screen.key(Qt.Key.Key_C, SHIFT)
    sheet = screen.sheet(ResultsSheet)
    assert {one.venue: one.why for one in sheet.results} == {
        "Little Fins Swim School": None, "Harbour Dance Loft": "Lucas holds this until 15:48.",
        "Blue Door Theatre": None,
    }  # fmt: skip
    assert sheet.caption.text() == "2 venues claimed, 1 refused"
    assert sum(row.claimed_by_me for row in screen.page.side.list.rows) == 3


async def test_several_venues_are_asked_the_same_and_claimed_on_the_way(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    for case_id in (sample.CEDAR, sample.HARBOUR, sample.BLUE):
        screen.page.side.list.mark(case_id)
    await screen.key(Qt.Key.Key_K, SHIFT)
    sheet = screen.sheet(DecisionSheet)
    sheet.text.setPlainText("Please file the newest certificate.")
    await screen.key(Qt.Key.Key_Return, CTRL)
    results = screen.sheet(ResultsSheet).results
    assert {one.venue: one.done for one in results} == {
        "Harbour Dance Loft": False, "Cedar Street Makers": True, "Blue Door Theatre": True,
    }  # fmt: skip
    decided = [one[2] for one in screen.asked("decide")]
    assert {(one.decision, one.feedback) for one in decided} == {  # type: ignore[attr-defined]  # each is a Verdict
        (Decision.ASK, "Please file the newest certificate.")
    }
    assert screen.gateway.known[sample.BLUE].state is CaseState.ASKED
    screen.sheet(ResultsSheet).close()
    await screen.rest()
    left = [row.id for row in screen.page.side.list.marked]
    assert left == [sample.HARBOUR], "what left the list is not marked any more, what was refused is"


async def test_time_goes_by_in_the_list_too(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.gateway.clock.advance(timedelta(minutes=3))
    for _ in range(30):
        screen.page.tick()
    choice = screen.page.side.list.choices.index(2).data(CHOICE_ROLE)
    assert choice.chips[1].text == "Lucas, 3 min"
