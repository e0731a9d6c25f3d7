"""The Today screen while the server is away and when it comes back: amber, never green, and nothing moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.domain.attendance import (
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.sync import AttentionItem, QueuedEvent, QueueState
from console.models.tones import Tone
from console.views.front_desk.actions import SLOW_MS
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.dialog import is_asked
from tests.support import today_samples as sample
from tests.support.today_samples import VENUE, DeskWithOutbox, at, booking_id, code, roster, session_id
from tests.views.today import Screen, scan

FEMI, ETHAN, IRIS, NIA = 4, 3, 6, 9


class OfflineScreen(Screen):
    """A page whose desk keeps events while the server is away."""

    def __init__(self, hub: ThemeHub, desk: DeskWithOutbox) -> None:
        super().__init__(hub, desk)
        self.desk = desk
        desk.settle = self.page.settle_kept

    async def come_back(self) -> None:
        """The server answers again."""
        self.desk.come_back()
        await self.rest(0.3)


@pytest.fixture
async def screen(hub: ThemeHub) -> AsyncIterator[OfflineScreen]:
    """The picture's afternoon, loaded before the server went away."""
    made = OfflineScreen(hub, DeskWithOutbox())
    await made.open()
    made.desk.away = True
    yield made
    made.page.stop()


def meter(screen: Screen) -> tuple[int, int, int]:
    """The open session's row: in, expected, waiting."""
    session = screen.page.day.session
    assert session is not None
    return session.in_count, session.expected, session.waiting


def refused(number: int, reason: RefusalReason = RefusalReason.CANCELLED) -> AttentionItem:
    """A check-in of this desk that the server refused."""
    event = AttendanceEvent(
        UUID(int=77),
        5,
        EventKind.CHECK_IN,
        at(15, 38),
        Origin.QUEUED,
        booking_id(number),
        None,
        session_id(4),
    )
    answer = EventAnswer(event.id, OutcomeKind.REJECTED, reason, booking_id=booking_id(number))
    return AttentionItem(QueuedEvent(event, VENUE, QueueState.ATTENTION, answer, at(15, 42)))


async def test_a_kept_check_in_is_amber_and_says_that_it_waits(screen: OfflineScreen) -> None:
    await screen.type("fem")
    await screen.enter()
    assert screen.band == ("kept", "Femi is in, waiting to send")
    assert "Junior Judo · 15:42 · kept on this desk" in screen.page.middle.band.accessibleName()
    assert screen.word(FEMI) == ("queued", "In · waiting")
    assert screen.tones == [Tone.IN_WAITING]
    row = screen.page.day.roster.row(booking_id(FEMI))
    assert row is not None
    assert row.spoken == "Femi, 6, in since 15:42, waiting to send, egg allergy"
    assert row.detail == "15:42 · Desk 1"


async def test_the_counts_show_what_waits(screen: OfflineScreen) -> None:
    before = meter(screen)
    await screen.type("fem")
    await screen.enter()
    await screen.type("iris")
    await screen.enter()
    assert meter(screen) == (before[0] + 2, before[1] - 2, 2)
    assert screen.page.middle.title._waiting.text() == "2 waiting"
    assert not screen.page.middle.title._waiting.isHidden()
    row = screen.page.day.sessions.row(session_id(4))
    assert row is not None
    assert row.shares[1] == pytest.approx(2 / 18)
    assert "2 waiting to send" in row.spoken
    await screen.come_back()
    assert meter(screen) == (before[0] + 2, before[1] - 2, 0)
    assert screen.page.middle.title._waiting.isHidden()


async def test_an_action_on_a_row_is_told_in_a_toast_with_undo(screen: OfflineScreen) -> None:
    screen.select(FEMI)
    screen.click("Check in")
    await screen.rest()
    title, detail, undo = screen.toasts[-1]
    assert (title, detail) == ("Femi is in, waiting to send", "15:42 · can be undone until 15:57")
    assert screen.icons[-1] == "ph.cloud-arrow-up"
    assert callable(undo)
    undo()
    await screen.rest()
    assert screen.word(FEMI) == ("queued", "Expected · waiting")
    assert screen.toasts[-1][0] == "Femi is expected again, waiting to send"
    await screen.come_back()
    assert screen.word(FEMI) == ("expected", "Expected")


async def test_a_kept_mark_can_be_taken_back_by_key_and_by_card(screen: OfflineScreen) -> None:
    await screen.type("fem")
    await screen.enter()
    assert screen.button("Undo check-in").isEnabled()
    QTest.keyClick(screen.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    assert len(screen.calls("undo")) == 1
    assert screen.word(FEMI)[0] == "queued"
    assert screen.band == ("kept", "Femi is expected again, waiting to send")


async def test_a_kept_check_out_has_its_own_words_and_tone(screen: OfflineScreen) -> None:
    await screen.type("nia")
    await screen.enter()
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    assert screen.word(NIA) == ("queued", "Out · waiting")
    assert screen.toasts[-1][0] == "Nia has left with Dana, waiting to send"
    assert screen.tones[-1] is Tone.OUT_WAITING
    row = screen.page.day.roster.row(booking_id(NIA))
    assert row is not None
    assert row.caption == "Collected by Dana, mother"
    await screen.come_back()
    assert screen.word(NIA) == ("out", "Out")


async def test_in_and_out_while_away_stay_amber_until_the_last_is_answered(screen: OfflineScreen) -> None:
    await screen.type("fem")
    await screen.enter()
    entry = screen.page.day.roster.rows[3].entry
    assert entry.first_name == "Femi"
    screen.page.deeds.check_out(entry, None, "Adaeze", "row")
    await screen.rest()
    assert screen.word(FEMI) == ("queued", "Out · waiting")
    first, second = (answer for answer, _kind in screen.desk.kept)
    screen.page.settle_kept(replace(first, kept=False))
    assert screen.word(FEMI) == ("queued", "Out · waiting"), "its check-out still waits"
    screen.page.settle_kept(replace(second, kept=False))
    assert screen.word(FEMI) == ("out", "Out")


async def test_only_the_servers_answer_makes_it_green(screen: OfflineScreen) -> None:
    scan(screen.line, code(FEMI))
    await screen.rest()
    assert screen.word(FEMI)[0] == "queued"
    screen.page.refresh()
    await screen.rest()
    assert screen.word(FEMI)[0] == "queued"
    # A roster of the server that does not know the event yet overwrites nothing.
    screen.gateway.rosters[session_id(4)] = roster()
    screen.page.refresh()
    await screen.rest()
    assert screen.word(FEMI)[0] == "queued"
    # Neither does another session and back.
    screen.page.day.open_session(session_id(5))
    await screen.rest()
    screen.page.day.open_session(session_id(4))
    await screen.rest()
    assert screen.word(FEMI) == ("queued", "In · waiting")


async def test_an_answer_that_overtakes_its_action_is_not_lost(screen: OfflineScreen) -> None:
    scan(screen.line, code(ETHAN))
    await screen.rest()
    kept, _kind = screen.desk.kept[0]
    screen.page.deeds.kept.settle(replace(kept, event_id=UUID(int=5), kept=False))
    overtaken = screen.page.deeds.kept.came_already(replace(kept, event_id=UUID(int=5)))
    assert not overtaken.kept
    assert screen.page.deeds.kept.came_already(kept) is kept


async def test_sending_is_a_word_only_after_a_while(screen: OfflineScreen) -> None:
    screen.gateway.hold()
    scan(screen.line, code(FEMI))
    await screen.rest(0.02)
    assert screen.word(FEMI) == ("sending", "In")
    await screen.rest((SLOW_MS + 60) / 1000)
    assert screen.word(FEMI) == ("sending", "In · sending")
    screen.gateway.release()
    await screen.rest(0.05)
    assert screen.word(FEMI) == ("queued", "In · waiting")


async def test_what_the_server_refuses_afterwards_is_red_and_told_once(screen: OfflineScreen) -> None:
    screen.desk.refusing = {
        booking_id(FEMI): RefusalReason.CANCELLED,
        booking_id(IRIS): RefusalReason.NOT_CONFIRMED,
    }
    for name in ("fem", "iris", "eth"):
        await screen.type(name)
        await screen.enter()
    told = len(screen.toasts)
    await screen.come_back()
    assert screen.word(FEMI) == ("attention", "Needs attention")
    assert screen.word(ETHAN) == ("in", "In")
    row = screen.page.day.roster.row(booking_id(FEMI))
    assert row is not None
    assert (row.state, row.detail, row.action) == (AttendanceState.EXPECTED, "cancelled 15:20", "Check in")
    assert row.trouble == "This booking was cancelled."
    await screen.rest(0.4)
    assert [words[:2] for words in screen.toasts[told:]] == [
        ("2 entries need attention", "Needs attention says why.")
    ]
    assert screen.tones[-1] is Tone.ATTENTION
    screen.select(FEMI)
    await screen.rest()
    said = [one.text for one in screen.page.card.findChildren(Banner) if one.isVisible()]
    assert said == ["The server did not accept this. This booking was cancelled."]


async def test_the_list_of_what_needs_attention_paints_rows(screen: OfflineScreen) -> None:
    screen.page.show_attention([refused(FEMI), refused(NIA)])
    assert screen.word(FEMI) == ("attention", "Needs attention")
    assert screen.word(NIA) == ("in", "In"), "the server has her in by now: nothing is wrong any more"
    screen.page.refresh()
    await screen.rest()
    assert screen.word(FEMI)[0] == "attention"
    screen.page.show_attention([])
    assert screen.word(FEMI) == ("expected", "Expected")


async def test_a_child_who_needs_attention_can_be_checked_in_anew(screen: OfflineScreen) -> None:
    screen.page.show_attention([refused(FEMI)])
    await screen.type("fem")
    await screen.enter()
    assert screen.word(FEMI) == ("queued", "In · waiting")


async def test_the_answer_of_another_desk_takes_its_place(screen: OfflineScreen) -> None:
    await screen.type("fem")
    await screen.enter()
    kept, _kind = screen.desk.kept[0]
    detail = replace(kept.detail, at=at(15, 39), desk="Desk 2", person="Maya")
    screen.page.settle_kept(
        replace(kept, kept=False, outcome=OutcomeKind.ALREADY, reason=RefusalReason.ALREADY_IN, detail=detail)
    )
    assert screen.word(FEMI) == ("in", "In")
    row = screen.page.day.roster.row(booking_id(FEMI))
    assert row is not None
    assert row.detail == "15:39 · Desk 2"
    assert row.entry.undo is None, "somebody else's event is not ours to take back"


async def test_a_refused_check_in_can_no_longer_be_undone(screen: OfflineScreen) -> None:
    screen.desk.refusing = {booking_id(FEMI): RefusalReason.CANCELLED}
    await screen.type("fem")
    await screen.enter()
    await screen.come_back()
    screen.page.deeds.undo_last()
    assert screen.band == ("again", "Nothing to undo")


async def test_a_label_is_made_when_the_answer_comes_soon_and_not_when_it_comes_late(
    screen: OfflineScreen,
) -> None:
    made: list[str] = []
    screen.page.deeds.checked_in.connect(lambda entry: made.append(entry.first_name))
    await screen.type("fem")
    await screen.enter()
    assert made == [], "labels come from the server"
    await screen.come_back()
    assert made == ["Femi"]
    screen.desk.away = True
    await screen.type("iris")
    await screen.enter()
    screen.clock.advance(90)
    await screen.come_back()
    assert made == ["Femi"]


async def test_a_morning_by_keyboard_without_the_server_and_its_return(screen: OfflineScreen) -> None:
    reached: list[object] = []
    screen.page.activateWindow()
    screen.page.reached.connect(reached.append)
    for name in ("eth", "fem", "iris", "pri"):
        await screen.type(name)
        await screen.enter()
        screen.clock.advance(20)
    await screen.type("leo")
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    assert screen.calls("check_in") == ["Ethan", "Femi", "Iris", "Priya", "Leo"]
    waiting = [row.name for row in screen.page.day.roster.rows if row.waiting]
    assert waiting == ["Ethan", "Femi", "Iris", "Leo", "Priya"]
    assert not [error for error in reached if error is None], "nobody claims that the server answered"
    assert not is_asked(screen.page)
    # Somebody is half-way through a name when the server comes back.
    await screen.type("am")
    roster_view = screen.page.middle.roster
    before = (
        screen.current, screen.names, screen.page.middle.scan.text,
        roster_view.list.verticalScrollBar().value(), QApplication.focusWidget(),
    )  # fmt: skip
    tones = list(screen.tones)
    await screen.come_back()
    after = (
        screen.current, screen.names, screen.page.middle.scan.text,
        roster_view.list.verticalScrollBar().value(), QApplication.focusWidget(),
    )  # fmt: skip
    assert after == before
    assert before[4] is screen.line, "and this compares something"
    assert screen.band == ("done", "Leo is in"), "the band no longer says that it waits"
    assert screen.tones == tones, "and nobody hears it a second time"
    assert not [row.name for row in screen.page.day.roster.rows if row.waiting or row.pending]
    assert screen.word(FEMI) == ("in", "In")


async def test_nothing_moves_for_who_scrolled_down_and_asks_who_collects(screen: OfflineScreen) -> None:
    await screen.type("fem")
    await screen.enter()
    await screen.type("zoe")
    await screen.enter()
    bar = screen.page.middle.roster.list.verticalScrollBar()
    bar.setValue(bar.maximum())
    chooser = screen.page.card.chooser
    assert chooser is not None
    await screen.key(Qt.Key.Key_Down)
    lit, place = chooser.lit, bar.value()
    await screen.come_back()
    assert screen.page.card.chooser is chooser
    assert (chooser.lit, bar.value(), screen.current) == (lit, place, "Zoe")


async def test_an_undo_runs_out_offline_as_online(screen: OfflineScreen) -> None:
    await screen.type("fem")
    await screen.enter()
    screen.clock.advance(timedelta(minutes=16).total_seconds())
    QTest.keyClick(screen.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await screen.rest()
    assert screen.band == ("again", "Nothing to undo")
    assert screen.calls("undo") == []


async def test_a_row_of_an_earlier_evening_is_amber_from_the_first_look(hub: ThemeHub) -> None:
    desk = DeskWithOutbox(away=True)
    entries = desk.rosters[session_id(4)]
    entries[3] = replace(entries[3], state=AttendanceState.IN, state_at=sample.NOW, waiting=True)
    screen = OfflineScreen(hub, desk)
    await screen.open()
    assert screen.word(FEMI) == ("queued", "In · waiting")
    assert meter(screen)[2] == 1
    answer = EventAnswer(UUID(int=3), OutcomeKind.APPLIED, None, booking_id=booking_id(FEMI))
    entries[3] = replace(entries[3], waiting=False)
    screen.page.settle_kept(answer)
    await screen.rest(0.4)
    assert screen.word(FEMI) == ("in", "In")
    screen.page.stop()


async def test_the_card_says_that_the_history_is_with_the_server(screen: OfflineScreen) -> None:
    def said() -> list[str]:
        return [one.text() for one in screen.page.card.findChildren(QLabel) if one.isVisible()]

    screen.select(IRIS)
    await screen.rest(0.3)
    assert "Shown again when the server answers" in said()
    asked = len(screen.calls("history"))
    await screen.rest(0.4)
    assert len(screen.calls("history")) == asked, "it is not asked for over and over"
    screen.desk.away = False
    screen.page.refresh()
    screen.page.family.show_card()
    await screen.rest(0.3)
    assert "Shown again when the server answers" not in said()
    assert "In, Jonas at Desk 1" in said()


async def test_what_the_server_could_not_take_at_all_leaves_the_child_where_it_was(
    screen: OfflineScreen,
) -> None:
    fetched = screen.page.day.roster.known(booking_id(NIA))
    await screen.type("nia")
    await screen.enter()
    await screen.key(Qt.Key.Key_Down)
    await screen.enter()
    kept, _kind = screen.desk.kept[0]
    screen.page.settle_kept(
        EventAnswer(kept.event_id, OutcomeKind.REJECTED, None, booking_id=kept.booking_id)
    )
    assert screen.word(NIA) == ("attention", "Needs attention")
    row = screen.page.day.roster.row(booking_id(NIA))
    assert row is not None
    assert row.entry == fetched
    assert (row.detail, row.trouble) == ("not accepted", "The server did not accept it.")
