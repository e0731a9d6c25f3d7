"""The desk's list of what the server refused: what it says, sending again, and putting away with a reason."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from console.clock import FixedClock
from console.domain.attendance import AnswerDetail, EventKind, RefusalReason
from console.domain.families import NewFamily, Payment
from console.domain.sealed_notes import RefusedFamily, RefusedWalkIn
from console.domain.sync import AttentionItem
from console.errors import Conflict
from console.models.refused import entries, happened, noun, short_reason, why
from console.views.attention import words
from console.views.attention.page import AttentionPage
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.fields import TextInput
from tests.support.attention_samples import FakeAttention, item, new_family, walk_in
from tests.support.qt import present
from tests.support.today_samples import NOW, ZONE, at


class Screen:
    """The page over a gateway in memory."""

    def __init__(
        self, hub: ThemeHub, *, may_discard: bool = True, gateway: FakeAttention | None = None
    ) -> None:
        self.gateway = gateway or FakeAttention()
        self.page = AttentionPage(hub, FixedClock(NOW), ZONE, self.gateway, may_discard)
        self.counts: list[int] = []
        self.toasts: list[tuple[str, str]] = []
        self.page.counted.connect(self.counts.append)
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))

    async def open(self) -> Screen:
        """Show it."""
        present(self.page, 1240, 840)
        await self.rest()
        self.page.activateWindow()
        await self.rest()
        return self

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.sleep(0.02)
        await self.page.runner.settled()
        await asyncio.sleep(0.02)

    @property
    def rows(self) -> list[str]:
        """The names in the list."""
        return [row.title for row in self.page.list.choices.choices]

    def button(self, text: str) -> QPushButton | None:
        """A button on show, anywhere in the window."""
        window: QWidget = self.page.window()
        shown = [one for one in window.findChildren(QPushButton) if one.isVisible()]
        return next((one for one in shown if one.text() == text), None)

    async def press(self, text: str) -> None:
        """Click a button."""
        button = self.button(text)
        assert button is not None, text
        button.click()
        await self.rest()


async def test_the_list_says_who_what_when_and_why(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    assert screen.rows == ["Femi", "Theo", "Marlon", "K7Q4-2MX9-6"], "in the order in which it happened"
    assert screen.counts[-1] == 4
    assert screen.page.header.caption.text() == "4 entries of this desk"
    first = screen.page.list.choices.choices[1]
    assert (first.beside, first.detail) == ("6", "Checked in today 15:38 · Junior Judo")
    assert [chip.text for chip in first.chips] == ["Cancelled 15:20"]


async def test_the_facts_of_one(hub: ThemeHub) -> None:
    marlon = item(11, "Marlon", EventKind.CHECK_OUT, RefusalReason.NOT_IN, detail=AnswerDetail())
    assert words.title(marlon) == "Marlon was checked out"
    assert words.reason(marlon, ZONE) == "This child is not checked in."
    assert words.facts(marlon, NOW, ZONE) == [
        ("When", "today 15:38"),
        ("Session", "Junior Judo, 15:30"),
        ("Collected by", "Nobody was named"),
        ("Recorded", "by Jonas at this desk"),
        ("Refused", "today 15:41"),
    ]
    unknown = item(9, "", reason=RefusalReason.UNKNOWN_CODE, session="", code="K7Q4-2MX9-6")
    assert ("Ticket", "K7Q4-2MX9-6") in words.facts(unknown, NOW, ZONE)
    assert words.title(unknown) == "A child was checked in"


async def test_trying_again_takes_it_off_the_list(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.press("Try again")
    assert screen.gateway.asked == [("retry", item(4, "").queued.event.id)]
    assert screen.rows == ["Theo", "Marlon", "K7Q4-2MX9-6"]
    assert screen.counts[-1] == 3
    assert screen.toasts == [("Femi's absence is sent again", "The answer shows here and at Today.")]
    assert screen.page.current is not None
    assert isinstance(screen.page.current, AttentionItem)
    assert screen.page.current.child == "Theo", "the next one is at hand"


async def test_a_reason_is_needed_to_discard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.press("Discard…")
    do = screen.button("Discard")
    assert do is not None
    assert not do.isEnabled()
    reason = screen.page.window().focusWidget()
    assert isinstance(reason, TextInput)
    QTest.keyClicks(reason, "   ")
    assert not do.isEnabled(), "blanks are no reason"
    QTest.keyClicks(reason, "Scanned the wrong ticket")
    QTest.keyClick(reason, Qt.Key.Key_Return)
    await screen.rest()
    assert screen.gateway.asked == [("discard", "Scanned the wrong ticket")]
    assert screen.toasts == [("Femi's absence was discarded", "The reason is kept with it.")]


async def test_keeping_it_discards_nothing(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.press("Discard…")
    await screen.press("Keep it")
    assert screen.gateway.asked == []
    assert len(screen.rows) == 4


async def test_only_a_manager_may_discard(hub: ThemeHub) -> None:
    screen = await Screen(hub, may_discard=False).open()
    assert screen.button("Discard…") is None
    screen.page.discard()
    await screen.rest()
    assert screen.page.window().findChildren(TextInput) == []
    told = [one.text for one in screen.page.findChildren(Banner) if one.isVisible()]
    assert told == ["The server did not accept it. This session was cancelled."]


async def test_all_of_it_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.page.list.setFocus()
    QTest.keyClick(screen.page.list, Qt.Key.Key_Down)
    await screen.rest()
    assert screen.page.current is not None
    assert isinstance(screen.page.current, AttentionItem)
    assert screen.page.current.child == "Theo"
    QTest.keyClick(screen.page.list, Qt.Key.Key_Return)
    assert screen.page.window().focusWidget() is screen.page.retry_button
    QTest.keyClick(screen.page.retry_button, Qt.Key.Key_Space)
    await screen.rest()
    assert [name for name, _fact in screen.gateway.asked] == ["retry"]
    assert "Theo" not in screen.rows


async def test_the_last_one_leaves_an_empty_page_that_says_so(hub: ThemeHub) -> None:
    screen = await Screen(hub, gateway=FakeAttention([item(14, "Theo")])).open()
    assert screen.page.empty.isHidden()
    await screen.press("Try again")
    assert not screen.page.empty.isHidden()
    assert screen.page.empty.accessibleName().startswith("Nothing needs attention.")
    assert screen.counts[-1] == 0


async def test_a_refresh_moves_nothing(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    QTest.keyClick(screen.page.list, Qt.Key.Key_Down)
    QTest.keyClick(screen.page.list, Qt.Key.Key_Down)
    await screen.rest()
    button = screen.page.retry_button
    screen.page.refresh()
    await screen.rest()
    assert screen.page.current is not None
    assert isinstance(screen.page.current, AttentionItem)
    assert screen.page.current.child == "Marlon"
    assert screen.page.retry_button is button, "what did not change is not built again"


async def test_trouble_is_said_above_rows_that_stay(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.gateway.fail = Conflict("Maya sent this again at 15:40.")
    await screen.press("Try again")
    assert screen.page.banner.text.startswith("Maya sent this again at 15:40.")
    assert len(screen.rows) == 4
    button = screen.button("Try again")
    assert button is not None
    assert button.isEnabled()


async def test_the_child_is_shown_only_where_somebody_listens(hub: ThemeHub) -> None:
    screen = Screen(hub)
    wanted: list[object] = []
    await screen.open()
    assert screen.button("Show at Today") is None
    screen = Screen(hub)
    screen.page.child_wanted.connect(wanted.append)
    await screen.open()
    await screen.press("Show at Today")
    assert wanted == [screen.page.current]


@pytest.mark.parametrize("reason", RefusalReason)
def test_every_reason_has_a_short_and_a_long_form(reason: RefusalReason) -> None:
    answer = item(1, "Nia", reason=reason, detail=AnswerDetail()).queued.answer
    short, long = short_reason(answer, ZONE), why(answer, ZONE)
    assert 0 < len(short) <= 17
    assert long.endswith(".")


def test_words_without_a_reason_or_a_name() -> None:
    unexplained = item(1, "Nia", reason=None).queued.answer
    assert short_reason(unexplained, ZONE) == short_reason(None, ZONE) == "not accepted"
    assert why(unexplained, ZONE) == why(None, ZONE) == "The server did not accept it."
    assert happened(EventKind.ANNUL, "") == "An entry about a child was undone"
    assert [noun(kind) for kind in EventKind] == ["check-in", "check-out", "absence", "undo"]
    assert [entries(1, EventKind.CHECK_IN), entries(3, EventKind.CHECK_OUT), entries(2)] == [
        "1 check-in", "3 check-outs", "2 entries",
    ]  # fmt: skip
    assert short_reason(item(1, "Nia").queued.answer, ZONE) == "cancelled 15:20"
    assert at(15, 20) < NOW


def taken_down(*notes: RefusedWalkIn | RefusedFamily) -> FakeAttention:
    """Nothing but these notes."""
    return FakeAttention([], taken_down=list(notes))


async def test_a_refused_walk_in_says_who_which_session_and_why(hub: ThemeHub) -> None:
    screen = await Screen(hub, gateway=FakeAttention(taken_down=[walk_in(), new_family()])).open()
    assert screen.rows == ["Femi", "Theo", "Marlon", "K7Q4-2MX9-6", "Ada", "Ines"]
    assert screen.counts[-1] == 6, "the badge counts both"
    assert words.title(walk_in()) == "Ada walked in"
    assert words.reason(walk_in(), ZONE) == "2 credits are missing."
    assert words.facts(walk_in(), NOW, ZONE) == [
        ("When", "today 15:50"),
        ("Session", "Junior Judo, 15:30"),
        ("Paid", "With credits"),
        ("Check-in", "Follows when the place is taken"),
        ("Recorded", "by Jonas at this desk"),
    ]


async def test_missing_credits_are_owed_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub, gateway=taken_down(walk_in())).open()
    QTest.keyClick(screen.page.list, Qt.Key.Key_Return)
    assert screen.page.retry_button is not None
    QTest.keyClick(screen.page.retry_button, Qt.Key.Key_Tab)
    assert screen.page.window().focusWidget() is screen.page.owed_button
    assert screen.page.owed_button is not None
    QTest.keyClick(screen.page.owed_button, Qt.Key.Key_Space)
    await screen.rest()
    assert screen.gateway.asked == [("retry_walk_in", Payment.OWED)]
    assert screen.toasts == [("Ada's walk-in is sent again", "The answer shows here and at Today.")]
    assert screen.counts[-1] == 0


async def test_only_missing_credits_can_be_owed(hub: ThemeHub) -> None:
    full = walk_in("session_full", "This session is full.")
    screen = await Screen(hub, gateway=taken_down(full)).open()
    assert screen.button("Mark as owed and try again") is None
    screen.page.retry_owed()
    await screen.rest()
    assert screen.gateway.asked == []
    await screen.press("Try again")
    assert screen.gateway.asked == [("retry_walk_in", None)]


async def test_only_a_manager_discards_a_walk_in_and_says_why(hub: ThemeHub) -> None:
    screen = await Screen(hub, may_discard=False, gateway=taken_down(walk_in())).open()
    assert screen.button("Discard…") is None
    screen.page.discard()
    assert screen.page.question is None
    screen = await Screen(hub, gateway=taken_down(walk_in())).open()
    await screen.press("Discard…")
    reason = screen.page.window().focusWidget()
    QTest.keyClicks(reason, "They went home")
    QTest.keyClick(reason, Qt.Key.Key_Return)
    await screen.rest()
    assert screen.gateway.asked == [("discard_walk_in", "They went home")]


async def test_a_refused_family_is_corrected_in_its_own_words(hub: ThemeHub) -> None:
    screen = await Screen(hub, gateway=taken_down(new_family())).open()
    assert screen.button("Discard…") is None
    await screen.press("Correct…")
    sheet = screen.page.sheet
    assert sheet is not None
    editor = sheet.form.fields["email"].editor
    assert isinstance(editor, TextInput)
    editor.setText("clara@")
    await screen.press("Save and send")
    assert screen.gateway.asked == [], "what is missing is said before it is sent"
    editor.setText("clara@weiss.example")
    await screen.press("Save and send")
    ((name, family),) = screen.gateway.asked
    assert name == "mend_family"
    assert isinstance(family, NewFamily)
    was = new_family().kept.note.family
    assert (family.request_id, family.email, family.child) == (
        was.request_id,
        "clara@weiss.example",
        was.child,
    )
    assert screen.page.sheet is None
    assert screen.rows == []


async def test_a_familys_names_leave_the_screen_with_the_page(hub: ThemeHub) -> None:
    screen = await Screen(hub, gateway=taken_down(new_family())).open()
    await screen.press("Correct…")
    screen.page.stop()
    await screen.rest()
    assert screen.page.sheet is None
    assert screen.button("Save and send") is None
