"""The page of reviews: the queue of headquarters by keyboard, its thresholds, and a venue's answers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.clock import FixedClock
from console.domain.feedback import Cause
from console.domain.listing import ActivityChoice
from console.errors import Conflict, Invalid, Unavailable
from console.views.feedback import words
from console.views.feedback.page import FeedbackPage
from console.views.theme import ThemeHub
from console.views.widgets.choices import Choice
from console.views.widgets.fields import TextInput
from tests.support.feedback_screen import ACTIVITIES, VENUE_ID, FakeFeedback, review
from tests.support.qt import present
from tests.support.today_samples import NOW, ZONE

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class Screen:
    def __init__(
        self, hub: ThemeHub, gateway: FakeFeedback | None = None, *, venue: bool = False, **may: bool
    ) -> None:
        self.gateway = gateway or FakeFeedback()
        given: dict[str, Any] = {"may_moderate": not venue, "may_reply": venue, "may_export": True} | may
        self.page = FeedbackPage(
            hub, self.gateway, venue_id=VENUE_ID if venue else None, clock=FixedClock(NOW), zone=ZONE, memory=None,
            activities=self.activities, **given,
        )  # fmt: skip
        self.toasts: list[str] = []
        self.reached: list[object] = []
        self.page.toast_wanted.connect(self.toasts.append)
        self.page.reached.connect(self.reached.append)

    async def activities(self) -> list[ActivityChoice]:
        return ACTIVITIES

    async def open(self, width: int = 1240) -> Screen:
        present(self.page, width, 840)
        self.page.activateWindow()
        await self.rest()
        return self

    async def rest(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)
            await self.page.runner.settled()

    async def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, modifier)
        await self.rest()

    async def reason(self, said: str) -> None:
        question = self.page.question
        assert question is not None
        line = question.card.findChild(TextInput)
        assert line is not None
        assert not question.card.do.isEnabled()
        QTest.keyClicks(line, said)
        QTest.keyClick(line, Qt.Key.Key_Return)
        await self.rest()

    @property
    def rows(self) -> list[Choice]:
        return list(self.page.list.choices.choices)

    @property
    def said(self) -> str:
        return "\n".join(one.text() for one in self.page.panel.findChildren(QLabel)).replace("\u200b", "")


async def test_the_queue_says_why_each_waits_and_goes_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page, gateway = screen.page, screen.gateway
    assert QApplication.focusWidget() is page.list
    assert page.header.caption.text() == "7 visible · 1 hidden · 3 waiting"
    assert page.figure.text() == "3.43"
    assert "5 stars: 3" in page.bars.accessibleName()
    assert [[chip.text for chip in one.chips] for one in screen.rows] == [
        ["hospital", "3.6 stars off"], ["6 in 24 h"], ["A parent says it is abo…"],
    ]  # fmt: skip
    assert "It is 3.6 stars from the average of 4.62 over 31 reviews." in screen.said
    assert screen.rows[0].spoken.startswith("Clay for beginners, 1 of 5 stars: My son")
    first, second, third = (one.id for one in gateway.known if one.causes)
    await screen.key(Qt.Key.Key_K)
    assert gateway.done == [("keep", first)]
    assert screen.toasts == ["The review stays; it was looked at."]
    assert page.current is not None
    assert page.current.id == second
    assert QApplication.focusWidget() is page.list
    await screen.key(Qt.Key.Key_H)
    await screen.reason("It names   a child")
    assert gateway.done[-1] == ("hide", second, "It names a child")
    assert page.current.id == third
    await screen.key(Qt.Key.Key_3, ALT)
    assert next(one.value.id for one in screen.rows if hasattr(one.value, "id")) == second
    assert "Nobody sees it. It names a child" in screen.said
    assert "Hidden by Amara" in screen.said
    await screen.key(Qt.Key.Key_R)
    await screen.reason("A mistake")
    assert gateway.done[-1] == ("restore", second, "A mistake")
    assert screen.reached[-1] is None


async def test_letters_typed_into_the_filter_decide_nothing(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    await screen.key(Qt.Key.Key_F, CTRL)
    assert QApplication.focusWidget() is screen.page.filter
    QTest.keyClicks(screen.page.filter, "hkr")
    await asyncio.sleep(0.25)
    await screen.rest()
    assert screen.gateway.done == []
    assert screen.page.no_match.isVisible()
    assert not screen.page.panel.isVisible()
    await screen.key(Qt.Key.Key_Escape)
    assert len(screen.rows) == 3
    assert QApplication.focusWidget() is screen.page.filter
    screen.page.cause.set_key("burst")
    screen.page.choices.changed.emit()
    await screen.rest()
    assert screen.gateway.requests[-1].filters == {"cause": "burst", "waiting": "yes"}
    assert len(screen.rows) == 1


async def test_who_only_reads_decides_nothing_and_sees_no_queue(hub: ThemeHub) -> None:
    screen = await Screen(hub, may_moderate=False).open()
    page = screen.page
    assert page.tabs.chosen == "all"
    for deed in (page.keep, page.hide_it, page.restore, page.change_rules, page.send, page.take_back):
        deed()
    await screen.rest()
    assert screen.gateway.done == []
    assert page.question is None
    assert not page.panel.bar.isVisible()
    assert "Why it is here" not in screen.said


async def test_where_nothing_waits_it_says_so_and_an_error_leaves_the_rows(hub: ThemeHub) -> None:
    screen = await Screen(hub, FakeFeedback([])).open()
    assert screen.page.nothing_waits.isVisible()
    assert screen.page.tabs.isAncestorOf(QApplication.focusWidget() or screen.page), (
        "the keyboard stays in the page"
    )
    await screen.key(Qt.Key.Key_2, ALT)
    assert screen.page.none_yet.isVisible()
    screen.gateway.known = FakeFeedback().known
    screen.page.refresh()
    await screen.rest()
    assert QApplication.focusWidget() is screen.page.list
    full = await Screen(hub).open()
    full.gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    full.page.refresh()
    await full.rest()
    assert full.page.banner.text == "The server cannot be reached. Try again in a minute."
    assert len(full.rows) == 3
    assert isinstance(full.reached[-1], Unavailable)
    full.gateway.failure = Conflict("Lucas has looked at this review.", code="looked_at")
    full.page.keep()
    await full.rest()
    assert full.page.banner.text == "Lucas has looked at this review."
    assert full.page.panel.keep_button.isEnabled()


async def test_more_reviews_come_when_the_end_is_near(hub: ThemeHub) -> None:
    gateway = FakeFeedback([review(number, 5) for number in range(30)])
    gateway.page_rows = 12
    screen = await Screen(hub, gateway, may_moderate=False).open()
    assert len(screen.rows) == 12
    await screen.key(Qt.Key.Key_End)
    assert len(screen.rows) > 12
    assert len({one.value.id for one in screen.rows if hasattr(one.value, "id")}) == len(screen.rows)


async def test_thresholds_show_examples_before_they_are_saved(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    page.change_rules()
    sheet = page.sheet
    assert sheet is not None
    await sheet.runner.settled()
    assert not sheet.save_button.isEnabled()
    assert "this would wait" in sheet.examples_title.text()
    sheet.input("burst_reviews").setText("many")
    assert not sheet.save_button.isEnabled()
    assert sheet.fields["burst_reviews"].below.text() == "Write a whole number."
    sheet.input("burst_reviews").setText("1,000")
    sheet.input("extreme_stars").setText("1,5")
    sheet.risky.setPlainText("awful\n  awful \n\nmud  bath")
    await asyncio.sleep(0.4)
    await sheet.runner.settled()
    assert screen.gateway.kept.burst_reviews == 5, "nothing is saved by looking"
    assert [one.text() for one in sheet.card.findChildren(QLabel) if "Riverside Studio:" in one.text()] == []
    QTest.keyClick(sheet.risky, Qt.Key.Key_Return, CTRL)
    await sheet.runner.settled()
    await screen.rest()
    kept = screen.gateway.kept
    assert (kept.burst_reviews, kept.extreme_stars, kept.risky_words) == (1000, 1.5, ("awful", "mud bath"))
    assert screen.toasts[-1] == "The queue follows the new numbers."
    assert page.sheet is None


async def test_a_refused_threshold_is_said_at_its_field(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    screen.page.change_rules()
    sheet = screen.page.sheet
    assert sheet is not None
    await sheet.runner.settled()
    sheet.input("burst_hours").setText("999")
    screen.gateway.failure = Invalid("A burst lasts from 1 to 720 hours.", code="burst_hours")
    sheet.save()
    await sheet.runner.settled()
    assert sheet.fields["burst_hours"].below.text() == "A burst lasts from 1 to 720 hours."
    assert sheet.is_open
    sheet.close()


async def test_a_venue_answers_and_its_draft_is_kept_as_it_is_typed(hub: ThemeHub) -> None:
    screen = await Screen(hub, venue=True).open()
    page, gateway, editor = screen.page, screen.gateway, screen.page.panel.reply
    first = gateway.known[0].id
    assert all(not any(chip.text == "hospital" for chip in one.chips) for one in screen.rows)
    assert "Riverside Studio" not in screen.said
    assert editor.most == 500
    assert not editor.send_button.isEnabled()
    editor.text.setFocus()
    QTest.keyClicks(editor.text, "We are sorry.")
    assert editor.field.note.text() == "13 of 500"
    page.list.setFocus()
    await screen.key(Qt.Key.Key_Down)
    assert gateway.done == [("draft", first, "We are sorry.")]
    assert editor.body == ""
    await screen.key(Qt.Key.Key_Up)
    assert editor.body == "We are sorry."
    assert editor.state.text() == "Draft kept. Parents cannot read it."
    editor.text.setFocus()
    editor.text.moveCursor(editor.text.textCursor().MoveOperation.End)
    QTest.keyClicks(editor.text, " Call us.")
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert gateway.done[-1] == ("reply", first, 2, "We are sorry. Call us.")
    assert screen.toasts[-1] == "Your answer is sent."
    assert page.list.hasFocus(), "the field that had the keyboard is gone"
    assert editor.back_button.isVisible()
    assert not editor.text.isVisible()
    assert "Answered by Elena" in screen.said
    page.take_back()
    await screen.rest()
    assert editor.body == "We are sorry. Call us."
    assert editor.send_button.isVisible()


async def test_a_draft_is_kept_a_moment_after_the_last_key_and_when_the_page_is_left(hub: ThemeHub) -> None:
    screen = await Screen(hub, venue=True).open()
    page, gateway, editor = screen.page, screen.gateway, screen.page.panel.reply
    editor.text.setFocus()
    QTest.keyClicks(editor.text, "Thank ")
    await asyncio.sleep(0.8)
    await screen.rest()
    assert [one[2] for one in gateway.done] == ["Thank "]
    assert editor.text.textCursor().position() == 6, "the caret stays where it was"
    QTest.keyClicks(editor.text, "you")
    page.hide()
    await screen.rest()
    assert [one[2] for one in gateway.done] == ["Thank ", "Thank you"]


async def test_words_typed_just_before_signing_out_are_kept(hub: ThemeHub) -> None:
    screen = Screen(hub, venue=True)
    await screen.open()
    page, gateway, editor = screen.page, screen.gateway, screen.page.panel.reply
    left: list[Coroutine[Any, Any, None]] = []
    page._afterwards = left.append
    editor.text.setFocus()
    QTest.keyClicks(editor.text, "Thank you")
    page.stop()
    assert gateway.done == []
    (last,) = left
    await last
    assert [one[2] for one in gateway.done] == ["Thank you"]
    page.stop()
    assert len(left) == 1, "what is kept is not kept again"


async def test_a_draft_that_was_under_way_at_signing_out_is_kept(hub: ThemeHub) -> None:
    screen = await Screen(hub, venue=True).open()
    page, gateway, editor = screen.page, screen.gateway, screen.page.panel.reply
    left: list[Coroutine[Any, Any, None]] = []
    page._afterwards = left.append
    editor.text.setFocus()
    QTest.keyClicks(editor.text, "Thank you")
    gateway.slow = asyncio.Event()
    page.drafts.flush()
    await asyncio.sleep(0)
    page.stop()
    gateway.slow.set()
    (last,) = left
    await last
    assert [one[2] for one in gateway.done] == ["Thank you"]


async def test_an_answer_that_is_too_long_is_not_sent(hub: ThemeHub) -> None:
    screen = await Screen(hub, venue=True).open()
    editor = screen.page.panel.reply
    editor.text.setPlainText("a" * 501)
    assert editor.field.below.text() == "1 character too many."
    screen.page.send()
    await screen.rest()
    assert not any(one[0] == "reply" for one in screen.gateway.done)


async def test_words_typed_stay_when_somebody_else_was_faster_or_the_way_is_broken(hub: ThemeHub) -> None:
    screen = await Screen(hub, venue=True).open()
    page, gateway, editor = screen.page, screen.gateway, screen.page.panel.reply
    editor.text.setPlainText("Mine")
    gateway.failure = Conflict("Elena writes an answer to this review.", code="draft_changed")
    page.drafts.flush()
    await screen.rest()
    assert page.banner.text == "Elena writes an answer to this review."
    assert editor.body == "Mine"
    page.drafts.flush()
    await screen.rest()
    assert len([one for one in gateway.done if one[0] == "draft"]) == 1, "it is not sent again by itself"
    gateway.failure = Unavailable("The server cannot be reached.")
    editor.text.setPlainText("Mine still")
    page.drafts.flush()
    await screen.rest()
    assert editor.body == "Mine still"
    page.drafts.flush()
    await screen.rest()
    assert gateway.known[0].draft == "Mine still"


async def test_a_venue_narrows_by_activity_and_by_what_is_answered(hub: ThemeHub) -> None:
    screen = await Screen(hub, venue=True).open()
    page = screen.page
    assert [page.activity.itemText(at) for at in range(page.activity.count())][1:] == [
        one.name for one in ACTIVITIES
    ]
    page.activity.set_key(str(ACTIVITIES[0].id))
    page.choices.changed.emit()
    await screen.key(Qt.Key.Key_3, ALT)
    filters = screen.gateway.requests[-1].filters
    assert filters == {"activity": str(ACTIVITIES[0].id), "visible": "yes", "replied": "yes"}
    assert len(screen.rows) == 1
    page.sort.set_key("lowest")
    page.choices.changed.emit()
    await screen.rest()
    assert (screen.gateway.requests[-1].sort, screen.gateway.requests[-1].descending) == ("rating", False)


async def test_the_reviews_on_show_are_saved(hub: ThemeHub, tmp_path: Path) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    page.runner.start(page._export(page._request(), tmp_path / "reviews.xlsx"))
    await screen.rest()
    assert screen.gateway.done == [("export", None, {"waiting": "yes"}, "reviews.xlsx")]
    assert screen.toasts == ["3 reviews saved in reviews.xlsx."]


def test_causes_read_as_short_chips_and_whole_sentences() -> None:
    assert words.cause_chip(Cause.BURST, "9 within 1 hour", 1).text == "9 in 1 h"
    assert words.cause_chip(Cause.EXTREME, "average 4.90 of 1,204", 2).text == "2.9 stars off"
    assert words.cause_chip(Cause.FLAGGED, "", 2).text == "Flagged"
    assert words.cause_sentence(Cause.EXTREME, "average 4.90 of 1,204", 2).endswith("over 1,204 reviews.")
    assert words.cause_sentence(Cause.RISKY_WORDS, "cut", 1) == "It has words that are looked at: cut."
    assert words.cause_sentence(Cause.BURST, "?", 1) == "Many reviews of this venue came at once."
    one = replace(review(2, 3), words=" \n ")
    assert words.on_one_line(one.words) == ""
