"""The pages of a desk without its server, registered beside those of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.attendance import EventKind
from console.domain.sync import Mode, OutboxCount, SyncStatus
from console.views.attention.page import AttentionPage
from console.views.entry.leaving import leaving_question
from console.views.entry.sign_in import SignInPage
from console.views.front_desk.page import TodayPage
from console.views.shell.window import ShellWindow
from tests.support import attention_samples
from tests.support import today_samples as sample
from tests.support.pages import ELENA, JONAS, LONG, _area, page, rest, show_account


def _away(window: ShellWindow) -> None:
    at = sample.NOW - timedelta(minutes=6)
    status = SyncStatus(Mode.OFFLINE, at, OutboxCount(123, 2), at, timedelta(minutes=3))
    window.status.show_status(status)


def _attention(
    window: ShellWindow, found: attention_samples.FakeAttention, *, manager: bool
) -> AttentionPage:
    made = AttentionPage(window.hub, FixedClock(sample.NOW), sample.ZONE, found, manager)
    made.child_wanted.connect(lambda _item: None)
    window.rail.set_badge("today", 2, "red")
    _area(window, made, "today")
    return made


@page("today, away")
async def show_away(window: ShellWindow) -> QWidget:
    """Children whose events wait, and one who needs attention, whose card is open."""
    desk = sample.DeskWithOutbox()
    made = TodayPage(
        window.hub, FixedClock(sample.NOW), desk, zone=sample.ZONE, desk="Desk 1", person="Jonas",
        may_undo_any=True, poll_seconds=0,
    )  # fmt: skip
    desk.settle = made.settle_kept
    _area(window, made, "today")
    made.start()
    await rest(0.1)
    desk.away = True
    for row in [made.day.roster.rows[number] for number in (2, 3, 5)]:
        made.deeds.check_in(row.entry, "row")
    await rest(0.1)
    made.show_attention([attention_samples.item(13, "Priya")])
    made.middle.roster.select(sample.booking_id(13))
    _away(window)
    await rest(0.2)
    return window


@page("needs attention")
async def show_attention(window: ShellWindow) -> QWidget:
    """What the server refused, with a child and a session of long names."""
    found = attention_samples.items()
    first = replace(found[2], child=LONG, session=LONG)
    _attention(window, attention_samples.FakeAttention([first, *found[:2], found[3]]), manager=True)
    await rest(0.2)
    return window


@page("needs attention, front desk")
async def show_attention_here(window: ShellWindow) -> QWidget:
    """The same for somebody who may only try again."""
    _attention(window, attention_samples.FakeAttention(), manager=False)
    await rest(0.2)
    return window


@page("needs attention, nothing")
async def show_no_attention(window: ShellWindow) -> QWidget:
    """Everything has been sent."""
    _attention(window, attention_samples.FakeAttention([]), manager=True)
    await rest(0.2)
    return window


@page("discard")
async def show_discard(window: ShellWindow) -> QWidget:
    """The reason for which an event is put away."""
    made = _attention(window, attention_samples.FakeAttention(), manager=True)
    await rest(0.2)
    made.discard()
    await rest(0.1)
    question = made.question
    assert question is not None
    return question.card


@page("sign in, away")
async def show_unlock(window: ShellWindow) -> QWidget:
    """A desk whose server is away."""

    async def unlock(_email: str, _password: str, _code: str | None) -> object:
        return None

    made = SignInPage(window.hub, FixedClock(sample.NOW), unlock, people=[JONAS, ELENA], version="1.4.2")
    made.set_offline(True)
    window.show_full(made)
    _away(window)
    await rest(0.1)
    return window


@page("leaving with events that wait")
async def show_leaving(window: ShellWindow) -> QWidget:
    """What is asked before somebody signs out."""
    await show_account(window)
    question = leaving_question(window.hub, window, [EventKind.CHECK_IN] * 3)
    question.open()
    await rest(0.1)
    return question.card
