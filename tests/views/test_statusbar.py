"""The status bar: mode, what waits, how old the roster is, a wrong clock, and what gives way in a narrow window."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from console.clock import FixedClock
from console.domain.sync import Mode, OutboxCount, SyncStatus
from console.views.preferences import Preferences
from console.views.shell.statusbar import clock_words
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from tests.support.qt import NOW, settle


@pytest.fixture
def window(hub: ThemeHub, clock: FixedClock, tmp_path: Path) -> ShellWindow:
    """A window of a front desk."""
    made = ShellWindow(hub, clock, Preferences(tmp_path / "window.ini"))
    made.set_venue("Riverside Studio", "America/Los_Angeles")
    made.set_person("Jonas", "Front desk, Desk 1", desk="Desk 1")
    settle(made, 1440, 900)
    return made


def test_the_bar_says_how_things_stand(window: ShellWindow, clock: FixedClock) -> None:
    bar = window.status
    bar.set_synced(NOW - timedelta(seconds=2))
    bar.set_connection("online")
    assert bar.text("connection") == "Online"
    assert bar.text("place") == "Riverside Studio 15:42", (
        "the venue's own time, whatever the workstation's zone"
    )
    assert bar.text("age") == "synced 2 s ago"
    assert bar.text("person") == "Jonas at Desk 1"
    bar.set_connection("offline", waiting=3, since=NOW - timedelta(minutes=6))
    bar.set_synced(NOW - timedelta(minutes=6))
    assert bar.text("connection") == "Offline · 3 waiting"
    assert bar.text("since") == "since 15:36"
    assert bar.text("age") == "roster as of 15:36, 6 min ago"
    bar.set_connection("online")
    assert bar.text("since") == ""
    assert bar.text("age") == "synced 15:36", "after a minute a time says more than an age"
    clock.advance(60)
    bar.refresh()
    assert bar.text("place") == "Riverside Studio 15:43"
    bar.set_sending(1)
    assert bar.text("sending") == "1 sending"
    bar.set_sending(0)
    assert bar.text("sending") == ""
    bar.set_note("Unsaved change", "ph.warning-circle")
    bar.set_scanner("Scanner ready")
    bar.grab()
    window.set_person("", desk="Desk 1")
    assert bar.text("person") == "Not signed in · Desk 1"


def test_the_bar_says_the_mode_what_waits_and_how_old_the_roster_is(
    window: ShellWindow, clock: FixedClock
) -> None:
    bar = window.status
    at = NOW - timedelta(minutes=6)
    bar.set_synced(NOW)
    bar.show_status(SyncStatus(Mode.OFFLINE, at, OutboxCount(3, 1), at))
    assert [bar.text(name) for name in ("connection", "since", "age", "clock")] == [
        "Offline · 3 waiting", "since 15:36", "roster as of 15:36, 6 min ago", "",
    ]  # fmt: skip
    bar.grab()
    bar.show_status(SyncStatus(Mode.OFFLINE, at, OutboxCount(), NOW - timedelta(hours=5)))
    assert (bar.text("connection"), bar.text("age")) == ("Offline", "roster as of 10:42, 5 h ago")
    bar.show_status(SyncStatus(Mode.OFFLINE, NOW - timedelta(days=2), OutboxCount(), NOW - timedelta(days=2)))
    assert (bar.text("since"), bar.text("age")) == (
        "since 10 Mar 15:42",
        "roster as of 10 Mar 15:42, 2 days ago",
    )
    bar.show_status(SyncStatus(Mode.SLOW, at, OutboxCount(2)))
    assert (bar.text("connection"), bar.text("since")) == ("Slow · 2 waiting", "")
    bar.show_status(SyncStatus(Mode.ONLINE))
    assert (bar.text("connection"), bar.text("age")) == ("Online", "synced 0 s ago")


def test_what_is_answered_at_once_is_no_word_of_the_bar(window: ShellWindow, clock: FixedClock) -> None:
    bar = window.status
    bar.show_status(SyncStatus(Mode.ONLINE, None, OutboxCount(1)))
    assert bar.text("connection") == "Online"
    clock.advance(2)
    bar.refresh()
    assert bar.text("connection") == "Online · 1 waiting", "a minute later it would be a riddle"
    bar.show_status(SyncStatus(Mode.ONLINE, None, OutboxCount(0)))
    bar.show_status(SyncStatus(Mode.ONLINE, None, OutboxCount(1)))
    assert bar.text("connection") == "Online"


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(0), ""),
        (timedelta(seconds=60), ""),
        (timedelta(seconds=-59), ""),
        (timedelta(minutes=3, seconds=10), "This computer's clock is 3 min behind"),
        (timedelta(minutes=-3), "This computer's clock is 3 min ahead"),
        (timedelta(hours=2), "This computer's clock is 2 h behind"),
        (timedelta(days=-2), "This computer's clock is 2 days ahead"),
    ],
)
def test_a_wrong_clock_is_said(window: ShellWindow, offset: timedelta, words: str) -> None:
    window.status.show_status(SyncStatus(Mode.ONLINE, offset=offset))
    assert window.status.text("clock") == words
    assert clock_words(offset) == words


def test_large_text_leaves_out_what_matters_least(clock: FixedClock, hub: ThemeHub) -> None:
    shown = ThemeHub("light", text_percent=150, stretch=112)
    shown.apply()
    window = ShellWindow(shown, clock)
    window.set_venue("Riverside Studio", "America/Los_Angeles")
    window.set_person("Jonas", "Front desk, Desk 1", desk="Desk 1")
    window.status.set_scanner("Scanner ready")
    settle(window, 1100, 700)
    bar = window.status
    at = NOW - timedelta(minutes=6)
    bar.show_status(SyncStatus(Mode.OFFLINE, at, OutboxCount(123), at, timedelta(minutes=3)))
    QApplication.processEvents()
    pieces = bar._segments
    assert not pieces["scanner"].isVisible()
    for name in ("connection", "age"):
        assert pieces[name].isVisible()
        assert pieces[name].width() >= pieces[name].sizeHint().width()
    window.resize(1900, 700)
    QApplication.processEvents()
    assert pieces["scanner"].isVisible(), "with room it is said again"
    hub.apply()
