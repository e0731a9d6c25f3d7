"""The Background jobs screen: what ran and how it ended, run now, a missing worker, the mail that is stuck."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from console.clock import FixedClock
from console.domain.jobs import JobLine, MailCounts, RunOutcome
from console.domain.paging import PageRequest
from console.errors import Conflict, Unavailable
from console.views.jobs import words
from console.views.jobs.page import BUSY_MS, CALM_MS, JobsPage
from console.views.theme import ThemeHub
from tests.support import today_samples as sample
from tests.support.jobs_samples import MAIL_SAID, FakeJobs, everything, job, message, run
from tests.support.qt import present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NOW, ZONE = sample.NOW, sample.ZONE


class Screen:
    """The page on show."""

    def __init__(self, hub: ThemeHub, gateway: FakeJobs | None = None) -> None:
        self.gateway = gateway or FakeJobs()
        self.clock = FixedClock(NOW)
        self.page = JobsPage(hub, self.clock, ZONE, self.gateway)
        models = (self.page.list.choices, self.page.detail.model, self.page.mail.model)
        self.testers = [QAbstractItemModelTester(one, _FATAL) for one in models]
        self.toasts: list[tuple[str, str]] = []
        self.reached: list[object] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))
        self.page.reached.connect(self.reached.append)

    async def show(self) -> None:
        present(self.page, 1240, 840)
        await self.rest()

    async def rest(self) -> None:
        for _ in range(3):
            await self.page.runner.settled()
            await self.page.detail.model.settled()
            await self.page.mail.model.settled()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, held)
        await self.rest()

    async def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget() or self.page, text)
        await self.rest()

    async def choose(self, name: str) -> None:
        names = [row.value for row in self.page.list.choices.choices]
        self.page.list.setCurrentIndex(self.page.list.choices.index(names.index(name)))
        await self.rest()

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        return [
            (row.title, "/".join(chip.text for chip in row.chips), row.detail)
            for row in self.page.list.choices.choices
        ]

    def cells(self, column: int) -> list[str]:
        model = self.page.mail.model if self.page.tabs.chosen == "mail" else self.page.detail.model
        return [str(model.index(row, column).data()) for row in range(model.rowCount())]


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.show()
    return made


# -- the jobs ---------------------------------------------------------------------------------------------------------


async def test_every_job_says_how_it_is(screen: Screen) -> None:
    assert screen.rows == [
        ("Make the sessions of every series", "", "Done today 14:42 · next today 16:42"),
        ("Give unsold platform places back", "Waiting", "Done today 15:27 · next today 15:57"),
        ("Close sessions that nobody closed", "Running", "Running since today 15:40 · next today 15:57"),
        ("Send messages by mail", "Failed", "Failed today 15:41 · next today 15:46"),
        ("Work out every parent's first screen", "Stopped", "Stopped today 15:27 · next today 15:57"),
        ("Expire credits of billing periods that are over", "", "Done today 02:22 · next today 22:22"),
        ("Remove old searches", "", "Never ran · next today 22:22"),
    ]
    page = screen.page
    assert page.header.caption.text() == "7 jobs · 1 failed · worker heard of today 15:41"
    assert page.detail.header.title.text() == "Make the sessions of every series"
    assert page.detail.header.caption.text() == "Every hour · next today 16:42 · last today 14:42, took 2.3 s"
    assert not page.detail.banner.isVisible()
    assert not page.worker_banner.isVisible()
    assert screen.reached == [None]


async def test_the_last_runs_of_a_job_stand_beside_it(screen: Screen) -> None:
    await screen.choose("deliver_mail")
    detail = screen.page.detail
    assert screen.cells(0) == ["today 15:42", "today 14:42", "today 13:42", "today 11:42"]
    assert screen.cells(1) == ["2.3 s"] * 4
    assert screen.cells(2) == [MAIL_SAID] * 3 + ["3 sessions made."]
    assert detail.banner.text == f"Failed 3 times in a row. {MAIL_SAID} It is tried again today 15:46."
    assert detail.strip.heading.text() == "Failed today 15:42 · 2.3 s · by Back office"
    assert detail.strip.body.text() == MAIL_SAID
    detail.table.selectRow(3)
    assert detail.strip.body.text() == "3 sessions made."
    await screen.choose("purge_search_logs")
    assert detail.empty.isVisible()
    assert not detail.strip.isVisible()


async def test_a_job_is_run_from_the_keyboard_and_watched_until_it_has_run(screen: Screen) -> None:
    page = screen.page
    assert QApplication.focusWidget() is page.filter or page.filter.setFocus() is None
    screen.gateway.lines = [job("a", "First"), job("b", "Second")]
    page.refresh()
    await screen.rest()
    assert page.asks_every == CALM_MS
    await screen.key(Qt.Key.Key_Down)
    await screen.key(Qt.Key.Key_Return)
    assert screen.gateway.done == [("run", "b")]
    assert screen.toasts == [("“Second” is queued", "It runs as soon as a worker is free.")]
    assert [row[1] for row in screen.rows] == ["", "Waiting"]
    assert not page.detail.button.isEnabled()
    assert page.asks_every == BUSY_MS
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.toasts[-1][0] == "“Second” waits already"
    screen.gateway.lines[1] = job("b", "Second", last_at=NOW, last_did="2 things done.")
    screen.gateway.of["b"] = [run(0, did="2 things done.")]
    page.refresh()
    await screen.rest()
    assert page.asks_every == CALM_MS
    assert page.detail.button.isEnabled()
    assert screen.cells(2) == ["2 things done."]


async def test_a_press_of_the_mouse_shows_a_job_and_runs_nothing(screen: Screen) -> None:
    page = screen.page
    middle = page.list.visualRect(page.list.choices.index(4)).center()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    await screen.rest()
    assert page.detail.header.title.text() == "Work out every parent's first screen"
    assert screen.gateway.done == []
    QTest.mouseClick(page.detail.button, Qt.MouseButton.LeftButton)
    await screen.rest()
    assert screen.gateway.done == [("run", "refresh_dashboard")]


async def test_a_refresh_moves_nothing(screen: Screen) -> None:
    await screen.choose("expire_credits")
    screen.page.detail.table.selectRow(2)
    screen.gateway.lines[0] = replace(screen.gateway.lines[0], last_outcome=RunOutcome.FAILED, last_why="No.")
    await screen.key(Qt.Key.Key_F5)
    assert screen.rows[0][1] == "Failed"
    assert screen.page.job is not None
    assert screen.page.job.name == "expire_credits"
    assert screen.page.detail.table.currentIndex().row() == 2


async def test_nobody_looks_nothing_is_asked(screen: Screen) -> None:
    screen.page.hide()
    assert screen.page.asks_every == 0
    screen.page.show()
    await screen.rest()
    assert screen.page.asks_every > 0
    screen.page.stop()
    assert screen.page.asks_every == 0


async def test_typing_narrows_the_jobs_by_their_words_and_by_how_they_are(screen: Screen) -> None:
    screen.page.filter.setFocus()
    await screen.type("FAILED mail")
    assert [row[0] for row in screen.rows] == ["Send messages by mail"]
    assert screen.page.detail.header.title.text() == "Send messages by mail"
    await screen.type(" zzz")
    assert screen.page.no_match.isVisible()
    assert not screen.page.detail.isVisible()
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.gateway.done == []
    await screen.key(Qt.Key.Key_Escape)
    assert len(screen.rows) == 7
    assert screen.page.detail.isVisible()


async def test_without_a_worker_it_says_what_to_do(hub: ThemeHub) -> None:
    gateway = FakeJobs([job("a", "First", worker_seen_at=NOW - timedelta(minutes=3), queued=True)])
    screen = Screen(hub, gateway)
    await screen.show()
    page = screen.page
    assert page.worker_banner.text == (
        "No background worker runs. It was last heard of today 15:39. Start it with: nexus-console worker"
    )
    assert page.asks_every == CALM_MS, "nothing moves before a worker is there"
    gateway.lines = [job("a", "First", worker_seen_at=None)]
    page.refresh()
    await screen.rest()
    assert page.worker_banner.text == "No background worker runs. Start it with: nexus-console worker"
    page.act()
    await screen.rest()
    assert screen.toasts[-1] == ("“First” is queued", "It runs once a worker is started.")
    gateway.lines = [job("a", "First")]
    page.refresh()
    await screen.rest()
    assert not page.worker_banner.isVisible()


async def test_before_the_first_worker_there_is_no_job(hub: ThemeHub) -> None:
    screen = Screen(hub, FakeJobs([], []))
    await screen.show()
    assert screen.page.empty.isVisible()
    said = [one.text() for one in screen.page.empty.findChildren(QLabel)]
    assert "Start the worker with: nexus-console worker" in said
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.gateway.done == []


async def test_without_a_server_the_page_says_so_and_keeps_what_it_shows(screen: Screen) -> None:
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    screen.page.refresh()
    await screen.rest()
    assert isinstance(screen.reached[-1], Unavailable)
    assert screen.page.banner.text == "The server cannot be reached."
    assert len(screen.rows) == 7
    screen.page.refresh()
    await screen.rest()
    assert not screen.page.banner.isVisible()


async def test_runs_that_could_not_be_fetched_are_asked_for_again(screen: Screen) -> None:
    page = screen.page
    page.list.setCurrentIndex(page.list.choices.index(3))
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    await screen.rest()
    assert page.banner.text == "The server cannot be reached."
    assert not page.detail.card.isVisible(), "another job's runs do not stand under this one's name"
    page.refresh()
    await screen.rest()
    assert screen.cells(2)[0] == MAIL_SAID
    assert page.detail.card.isVisible()


# -- the mail ---------------------------------------------------------------------------------------------------------


async def test_the_mail_is_counted_and_what_is_stuck_is_listed(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_2, ALT)
    mail = screen.page.mail
    assert [(one.text(), said.text()) for one, said in mail.figures] == [
        ("5", "waiting, 2 for quiet hours"),
        ("1", "being sent"),
        ("41", "sent in 24 hours"),
        ("2", "not delivered"),
        ("1", "may have arrived"),
    ]
    assert screen.cells(0) == ["today 14:42", "today 13:42", "11 Mar 09:42"]
    assert screen.cells(1) == ["Session cancelled", "Waitlist offer", "Booking moved"]
    assert screen.cells(4) == ["d…@home.example", "m…@post.example", "d…@home.example"]
    assert mail.strip.heading.text() == "Session cancelled · to d…@home.example · written today 14:42 · 1 try"
    assert mail.strip.body.text() == "The mailbox does not exist (550)."
    assert not mail.late.isVisible()
    await screen.key(Qt.Key.Key_1, ALT)
    assert screen.page.detail.isVisible()


async def test_what_was_refused_is_sent_again_at_once(screen: Screen) -> None:
    screen.page.show_tab("mail")
    await screen.rest()
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert screen.gateway.done == [("again", UUID(int=8001))]
    assert screen.toasts == [
        ("“Session cancelled” is queued again", "It is sent as soon as a worker is free.")
    ]
    assert screen.cells(1) == ["Waitlist offer", "Booking moved"]
    assert screen.page.mail.figures[3][0].text() == "1"


async def test_what_may_have_arrived_is_asked_about_first(screen: Screen) -> None:
    screen.page.show_tab("mail")
    await screen.rest()
    mail = screen.page.mail
    mail.table.setFocus()
    await screen.key(Qt.Key.Key_Down)
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert mail.question is not None
    said = [one.text() for one in mail.question.card.findChildren(QLabel)]
    assert "“Waitlist offer” to m…@post.example may have arrived. Sent again, it may arrive twice." in said
    await screen.key(Qt.Key.Key_Escape)
    assert screen.gateway.done == []
    screen.page.act()
    assert mail.question is not None
    mail.question.card.do.click()
    await screen.rest()
    assert screen.gateway.done == [("again", UUID(int=8002))]


async def test_one_that_was_sent_meanwhile_leaves_the_list(screen: Screen) -> None:
    screen.page.show_tab("mail")
    await screen.rest()
    screen.gateway.failure = Conflict("This message is already on its way or was sent.")
    screen.gateway.mail = screen.gateway.mail[1:]
    screen.page.act()
    await screen.rest()
    assert screen.page.banner.text == "This message is already on its way or was sent."
    assert screen.cells(1) == ["Waitlist offer", "Booking moved"]
    assert screen.page.mail.button.isEnabled()


async def test_more_than_a_page_of_messages_is_fetched_while_going_down_and_found_by_typing(
    hub: ThemeHub,
) -> None:
    mail = [message(number) for number in range(1, 451)]
    mail[430] = replace(mail[430], venue="Alder Hall")
    screen = Screen(hub, FakeJobs(mail=mail))
    await screen.show()
    screen.page.show_tab("mail")
    await screen.rest()
    # Whoever watches the models goes down by themselves.
    assert screen.gateway.asked.count("undelivered") == 3
    assert [screen.page.mail.model.index(at, 0).data() for at in (0, 449)] == [
        "today 14:42",
        "21 Feb 20:42",
    ]
    await screen.key(Qt.Key.Key_F5)
    assert len(set(screen.cells(0))) == len(screen.cells(0)) == 450
    await screen.type("alder")
    screen.page.mail.narrow()
    await screen.rest()
    assert screen.cells(5) == ["Alder Hall"]
    await screen.type(" zzz")
    screen.page.mail.narrow()
    await screen.rest()
    assert screen.page.mail.no_match.isVisible()
    assert not screen.page.mail.strip.isVisible()


async def test_nothing_stuck_is_said_as_such(hub: ThemeHub) -> None:
    gateway = FakeJobs(mail=[])
    gateway.counts = MailCounts(1, 0, 0, 0, 0, 0, NOW - timedelta(hours=1))
    screen = Screen(hub, gateway)
    await screen.show()
    screen.page.show_tab("mail")
    await screen.rest()
    assert screen.page.mail.empty.isVisible()
    assert screen.page.mail.late.text() == "The oldest message waits since today 14:42."
    screen.page.act()
    await screen.rest()
    assert gateway.done == []


# -- the words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.04, "under 0.1 s"), (9.94, "9.9 s"), (12.4, "12 s"), (125.0, "2 min 5 s")],
)
def test_how_long_it_took(seconds: float | None, said: str) -> None:
    assert words.took(seconds) == said


def test_what_is_overdue_is_due_now() -> None:
    late = job("a", "First", next_at=NOW - timedelta(minutes=1), failures=1, last_outcome=RunOutcome.FAILED)
    assert words.upcoming(late, NOW, ZONE) == "due now"
    assert words.failure(late, NOW, ZONE) == ("The last run failed.", "It is tried again now.")


def test_a_failed_job_that_runs_again_still_says_that_it_failed() -> None:
    mended: JobLine = replace(everything()[3], running_since=NOW, queued=True)
    assert [chip.text for chip in words.job_choice(mended, NOW, ZONE).chips] == ["Running", "Failed"]
    assert "asked for once more" in words.job_caption(mended, NOW, ZONE)


def test_every_end_of_a_run_has_words() -> None:
    stopped = run(1, RunOutcome.STOPPED, why=None)
    assert words.run_did(stopped) == "The worker ended in the middle; nothing of it stayed."
    going = run(1, RunOutcome.RUNNING, finished_at=None, did=None, why=None)
    assert (words.run_did(going), words.run_took(going)) == ("Still running", "")
    for outcome in RunOutcome:
        assert words.run_look(run(1, outcome)).icon
    assert words.run_full(run(1), datetime(2026, 3, 13, 22, tzinfo=UTC), ZONE)[0].startswith("Done 12 Mar ")


async def test_jobs_their_runs_and_stuck_mail_are_saved_as_files(screen: Screen, tmp_path: Path) -> None:
    await screen.show()

    async def saved(name: str) -> list[list[str]]:
        (dialog,) = screen.page.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.reject()
        await screen.rest()
        return list(csv.reader((tmp_path / name).read_text(encoding="utf-8-sig").splitlines()))

    await screen.key(Qt.Key.Key_E, CTRL | ALT)
    rows = await saved("jobs.csv")
    assert [row[0] for row in rows[1:]] == [row[0] for row in screen.rows]
    assert screen.toasts[-1] == (f"{len(rows) - 1:,} jobs saved", "jobs.csv")
    job = screen.page.job
    assert job is not None
    screen.page.detail.export_button.click()
    rows = await saved("runs.csv")
    assert len(rows) == 1 + screen.page.detail.model.rowCount()
    assert rows[0] == ["Started", "Ended", "How it ended", "Rows", "What it did", "Worker"]
    screen.page.show_tab("mail")
    await screen.rest()
    screen.page.export_button.click()
    rows = await saved("mail.csv")
    assert len(rows) == 1 + screen.page.mail.model.rowCount()
    assert all("…@" in row[rows[0].index("To")] for row in rows[1:])
    screen.page.run_exports.write(PageRequest("when", text=job.name), tmp_path / "runs.xlsx")
    await screen.rest()
    assert openpyxl.load_workbook(tmp_path / "runs.xlsx").active.title == "Runs"
