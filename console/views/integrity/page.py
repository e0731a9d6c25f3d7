"""The screen of the daily check: the checks at the left, what they found beside them, and what is done about it.

See docs/design.md, "Screens" (platform). An issue goes away when what it says is put right; one that is meant to be so
is ignored with a reason. The screen only ever changes who looks after an issue and whether it is reported.
"""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import tzinfo
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.integrity import IntegrityCheck, IntegrityIssue
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_integrity import IntegrityGateway
from console.models.runner import TaskRunner
from console.models.table import KeysetTableModel
from console.views.bookings.export import ExportBar
from console.views.integrity import words
from console.views.payouts.asking import ask_reason
from console.views.payouts.rows import DeedStrip
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.dialog import QuestionDialog
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import flush, ground, master_side, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.table import DataTable, TableCard
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_POLL_MS = 30_000
_DELAY_MS = 180
_FILTER_WIDTH = 240
_LEAST_TABLE = 168


class IntegrityPage(QWidget):
    """The page."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: IntegrityGateway,
        *,
        clock: Clock,
        zone: tzinfo,
        me: UUID,
        may_settle: bool,
    ) -> None:
        """Nothing is asked before it is shown; `may_settle` False: it can only be read."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self._me, self._may_settle = me, may_settle
        self._checks: list[IntegrityCheck] = []
        self._known = self._busy = self._checking = False
        self.question: QuestionDialog | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Daily check")
        self.export_button = Button(hub, "Export", icon="ph.export", scale="compact")
        self.export_button.clicked.connect(lambda _checked=False: self.export(".xlsx"))
        self.check_button = Button(hub, "Check now", icon="ph.checks", scale="compact")
        self.check_button.setToolTip("Check money and attendance now (Ctrl+Enter)")
        self.check_button.clicked.connect(lambda _checked=False: self.check_now())
        self.overdue = Banner(hub, above=12)
        self.banner = Banner(hub, above=12)
        self.list = ChoiceList(hub, "Checks")
        self.list.moved.connect(lambda _value: self._marked())
        self.list.chosen.connect(lambda _value: self._to_issues())
        title, explains = words.explained((), words.ALL)
        self.title, self.explained = ElidedLabel(title, "strong"), label(explains, "secondary", wrap=True)
        self.filter = TextInput(hub, placeholder="Filter issues")
        self.filter.setAccessibleName("Filter issues")
        self.filter.setMaxLength(80)
        self.filter.setMaximumWidth(hub.theme.scaled(_FILTER_WIDTH))
        self.states = ChoiceRow(hub, words.STATES, style="tabs", name="Which issues")
        self.states.changed.connect(lambda _key: self._narrow())
        self.model = KeysetTableModel(
            words.columns(self._title_of, clock, zone), gateway.issues, lambda one: one.id, sort="state"
        )
        self.table = DataTable(hub, self.model, name="issues", looks={"state": words.state_look})
        self.model.setParent(self.table)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._offer())
        self.card = TableCard(hub, self.table)
        self.skeleton = Skeleton(hub, rows=8)
        self.agrees = EmptyState(
            hub, "ph.check-circle", "Everything agrees", "The books are checked again every day."
        )
        self.this_agrees = EmptyState(
            hub,
            "ph.check-circle",
            "This check found nothing",
            "What the others found stands under All checks.",
        )
        self.unchecked = EmptyState(
            hub, "ph.clock", "Nothing was checked yet", "The books are checked every day by the background worker."
        )  # fmt: skip
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No issues match", "Type less, choose another state, or clear the filter."
        )  # fmt: skip
        self.mine_button = self._deed("Look after it", "ph.user", self.assign_to_me, "Ctrl+M")
        self.nobody_button = self._deed(
            "Give it back", "ph.user-minus", self.assign_to_nobody, "Ctrl+Shift+M"
        )
        self.ignore_button = self._deed("Ignore…", "ph.eye-slash", self.ignore, "Ctrl+I")
        self.reopen_button = self._deed("Report again", "ph.arrow-u-up-left", self.reopen, "Ctrl+R")
        self._deeds = (self.mine_button, self.nobody_button, self.ignore_button, self.reopen_button)
        self.strip = DeedStrip(self._deeds if may_settle else ())
        self.exports = ExportBar(
            hub, gateway.issues, words.file_columns(self._title_of, zone), runner=self.runner, owner=self,
            failed=self.banner, rows="issues",
        )  # fmt: skip
        self.exports.done.connect(self.toast_wanted)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._narrow)
        self.filter.textChanged.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(self._to_issues)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self._failed)
        self._lay_out()
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self.refresh)
        self.page_actions = self._keys()
        listen(self, self.page_actions)
        lead_focus(self, self.filter)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def issue(self) -> IntegrityIssue | None:
        """The issue that is marked."""
        at = self.table.currentIndex()
        return self.model.row(at.row()) if at.isValid() and at.row() < self.model.rowCount() else None

    def refresh(self) -> None:
        """Ask again; everything keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._poll.stop()
        self._later.stop()
        self.runner.cancel_all()
        self.model.cancel()

    @property
    def action_bar(self) -> QWidget:
        """What can be done with the marked issue: no toast lies over it."""
        return self.strip

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def check_now(self) -> None:
        """Run every check; the toast says how many issues are open."""
        if self._may_settle and not self._checking:
            self._checking = True
            self.check_button.setText("Checking…")
            self.check_button.setEnabled(False)
            self.runner.start(self._check())

    def assign_to_me(self) -> None:
        """Look after the marked issue."""
        if (issue := self._free(self.mine_button)) is not None:
            self._settle(self._gateway.assign(issue, self._me), "You look after it")

    def assign_to_nobody(self) -> None:
        """Let somebody else look after the marked issue."""
        if (issue := self._free(self.nobody_button)) is not None:
            self._settle(self._gateway.assign(issue, None), "Nobody looks after it")

    def ignore(self) -> None:
        """Ask why the marked issue is meant to be so, and report it no more."""
        if (issue := self._free(self.ignore_button)) is None:
            return
        self.question = ask_reason(
            self.hub, self, "Ignore this issue?",
            f"{issue.detail} It is not reported again while it stays as it is; nothing in the books changes.",
            do="Ignore", keep="Keep it open",
            given=lambda why: self._settle(self._gateway.ignore(issue, why), "The issue is ignored"),
        )  # fmt: skip

    def reopen(self) -> None:
        """Report the marked issue, which was ignored, again."""
        if (issue := self._free(self.reopen_button)) is not None:
            self._settle(self._gateway.reopen(issue), "The issue is open again")

    def export(self, ending: str) -> None:
        """Save the issues on show."""
        key = str(self.list.current or "all")
        self.exports.ask(self.model.request, f"daily-check-{key.replace('_', '-')}", ending)

    def show_state(self, key: str) -> None:
        """Show the open, the ignored, the fixed or all issues."""
        self.states.choose(key)
        self._narrow()

    def clear(self) -> None:
        """Show the open issues of every check again."""
        self.filter.clear()
        self.states.choose("open")
        if self.list.choices.choices:
            self.list.setCurrentIndex(self.list.choices.index(0))
        self._narrow()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _free(self, button: Button) -> IntegrityIssue | None:
        """The marked issue, where the deed of that button may be done with it now."""
        return self.issue if self._may_settle and not self._busy and button.isEnabled() else None

    def _settle(self, deed: Coroutine[Any, Any, IntegrityIssue], said: str) -> None:
        async def settle() -> None:
            issue = await deed
            self._busy = False
            self.toast_wanted.emit(said, f"{self._title_of(issue)}: {issue.detail}")
            self.refresh()

        self._busy = True
        self._offer()
        self.runner.start(settle())

    async def _check(self) -> None:
        found = await self._gateway.check_now()
        self._stop_checking()
        if found:
            self.toast_wanted.emit(f"{words.are_open(found)}.", "The books were checked just now.")
        else:
            self.toast_wanted.emit("Everything agrees.", "The books were checked just now.")
        self.refresh()

    def _stop_checking(self) -> None:
        self._checking = False
        self.check_button.setText("Check now")
        self.check_button.setEnabled(True)

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _load(self, *, keep_banner: bool = False) -> None:
        self._checks = list(await self._gateway.checks())
        self.reached.emit(None)
        if not keep_banner:
            self.banner.clear()
        self._show_checks()
        if self._known:
            self.model.refresh()
        else:
            self._known = True
            self.model.preset(self.filter.text(), self._filters)
            self.model.restart()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._stop_checking()
        self._stop_waiting()
        self._offer()
        if isinstance(error, Conflict | NotFound):
            # Somebody was faster: everything is shown as it is now.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(keep_banner=True), "load")
        else:
            self.reached.emit(error)
            self.banner.show_error(error, action=("Try again", self.refresh))

    # -- showing -----------------------------------------------------------------------------------------------------

    @property
    def _filters(self) -> dict[str, str]:
        return {"state": self.states.chosen, "check": str(self.list.current or words.ALL)}

    def _to_issues(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _narrow(self) -> None:
        self._later.stop()
        if self._known:
            self.model.narrow(self.filter.text(), self._filters)

    def _marked(self) -> None:
        title, explains = words.explained(self._checks, str(self.list.current or words.ALL))
        self.title.setText(title)
        self.explained.setText(explains)
        self._narrow()

    def _show_checks(self) -> None:
        now = self._clock.now()
        self.header.caption.setText(words.caption(self._checks, now, self._zone))
        late = words.overdue(self._checks, now, self._zone)
        if late is None:
            self.overdue.clear()
        elif self.overdue.text != " ".join(late):
            self.overdue.show_message(*late, "amber")
        rows = words.check_choices(self._checks, now, self._zone)
        if [row.value for row in rows] == [row.value for row in self.list.choices.choices]:
            self.list.choices.retell(rows)
        else:
            self.list.refresh_choices(rows, lambda value: value)
        self.states.set_counts(
            {
                "open": sum(one.open_issues for one in self._checks),
                "ignored": sum(one.ignored for one in self._checks),
            }
        )

    def _loaded(self) -> None:
        self._stop_waiting()
        count = self.model.rowCount()
        self._body.setCurrentWidget(self.card if count else self._nothing())
        self.card.set_foot(
            words.issues(count) if self.model.is_complete else f"{count:,}+ issues shown",
            f"Filter: {self.filter.text().strip()}" if self.filter.text().strip() else "",
        )
        if count and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._offer()

    def _nothing(self) -> EmptyState:
        """What stands where no issue is: only what was checked agrees."""
        if words.last_run(self._checks) is None:
            return self.unchecked
        if self.filter.text().strip() or self.states.chosen in ("ignored", "fixed"):
            return self.no_match
        return self.agrees if self.list.current in (None, words.ALL) else self.this_agrees

    def _offer(self) -> None:
        issue = self.issue
        self.strip.setVisible(issue is not None)
        is_open = issue is not None and issue.state == "open" and not self._busy
        self.mine_button.setEnabled(is_open)
        self.nobody_button.setEnabled(is_open and issue is not None and issue.assigned_to is not None)
        self.ignore_button.setEnabled(is_open)
        self.reopen_button.setEnabled(issue is not None and issue.state == "ignored" and not self._busy)
        if issue is not None:
            said = words.in_full(issue, self._title_of(issue), self._clock.now(), self._zone)
            self.strip.heading.setText(said[0])
            self.strip.body.setText(said[1])
            self.strip.setAccessibleName(". ".join(said))

    def _title_of(self, issue: IntegrityIssue) -> str:
        return words.title_of(self._checks)(issue)

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        self._body.show()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self._body.hide()
            self.skeleton.show()
            self.skeleton.start()
            # Else the window gives the keyboard to what comes first, which is a button of the header.
            self.filter.setFocus(Qt.FocusReason.OtherFocusReason)
        tab_in_order(
            self.export_button, self.check_button, self.list, self.filter, self.states, self.banner,
            self.table, self.strip,
        )  # fmt: skip
        self.refresh()
        self._poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks, nothing is asked."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._poll.stop()

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def _deed(self, text: str, icon: str, run: Any, keys: str) -> Button:  # noqa: ANN401 - any slot
        made = Button(self.hub, text, icon=icon)
        made.setToolTip(f"{text.rstrip('…')} ({keys})")
        made.clicked.connect(lambda _checked=False: run())
        return made

    def _keys(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Daily check")
        made = [action("integrity:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise")]
        if self._may_settle:
            made += [
                action("integrity:check", "Check now", self.check_now, "Ctrl+Return", "ph.checks"),
                action("integrity:mine", "Look after the issue", self.assign_to_me, "Ctrl+M", "ph.user"),
                action(
                    "integrity:nobody", "Give the issue back", self.assign_to_nobody, "Ctrl+Shift+M", "ph.user-minus"
                ),
                action("integrity:ignore", "Ignore the issue", self.ignore, "Ctrl+I", "ph.eye-slash"),
                action("integrity:reopen", "Report the issue again", self.reopen, "Ctrl+R", "ph.arrow-u-up-left"),
            ]  # fmt: skip
        made += [
            action(
                f"integrity:{key or 'all'}", f"{word} issues", partial(self.show_state, key), f"Alt+{at}", "ph.funnel"
            )
            for at, (key, word) in enumerate(words.STATES, 1)
        ]  # fmt: skip
        return (
            *made,
            action("integrity:filter", "Filter", self.filter.setFocus, "Ctrl+F", "ph.funnel"),
            action("integrity:clear", "Clear the filter", self.clear, "Esc", offered=False),
            action("integrity:xlsx", "Export as a workbook", partial(self.export, ".xlsx"), "", "ph.export"),
            action("integrity:csv", "Export as CSV", partial(self.export, ".csv"), "", "ph.export"),
        )

    def _lay_out(self) -> None:
        inner = ground(self)
        self.header.add(self.export_button)
        self.header.add(self.check_button)
        if not self._may_settle:
            for deed in (self.check_button, *self._deeds):
                deed.setParent(self)
                deed.hide()
        inner.addWidget(self.header)
        across = flush(QHBoxLayout())
        side = master_side(self.hub, across)
        side.addWidget(self.list, 1)
        right = flush(QVBoxLayout())
        told = flush(QVBoxLayout())
        told.setContentsMargins(24, 0, 24, 0)
        told.addWidget(self.overdue)
        told.addWidget(self.banner)
        told.addWidget(self.exports)
        right.addLayout(told)
        inside = surface("canvas")
        held = QVBoxLayout(inside)
        held.setContentsMargins(24, 16, 24, 16)
        held.setSpacing(12)
        said = flush(QVBoxLayout())
        said.setSpacing(2)
        said.addWidget(self.title)
        said.addWidget(self.explained)
        held.addLayout(said)
        bar = QHBoxLayout()
        bar.setSpacing(12)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.states)
        bar.addStretch(1)
        held.addLayout(bar)
        self._body = QStackedWidget()
        for part in (self.card, self.agrees, self.this_agrees, self.unchecked, self.no_match):
            self._body.addWidget(part)
        held.addWidget(self.skeleton)
        self.skeleton.hide()
        held.addWidget(self._body, 1)
        held.addStretch(0)
        self._body.setMinimumHeight(self.hub.theme.scaled(_LEAST_TABLE))
        right.addWidget(quiet_scroll(inside), 1)
        right.addWidget(self.strip)
        self.strip.hide()
        across.addLayout(right, 1)
        inner.addLayout(across, 1)
