"""The mail: how much waits, was sent or did not arrive, and the messages somebody has to look at.

A message that may have arrived is only sent again by a person who was told so. See docs/design.md, "Screens"
(platform) and docs/decisions/0013-when-a-message-counts-as-sent.md.
"""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.jobs import MailCounts, UndeliveredMessage
from console.domain.paging import Page, PageRequest
from console.models.gateway_jobs import JobsGateway
from console.models.runner import TaskRunner
from console.models.table import Column, KeysetTableModel
from console.models.words import day_and_time
from console.views.jobs import words
from console.views.jobs.strip import Strip
from console.views.theme import ThemeHub
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.fields import TextInput
from console.views.widgets.table import CellLook, DataTable, TableCard
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import EmptyState, Skeleton

_PAGE = 200
"""As many messages as the gateway answers at once."""
_FILTER_DELAY_MS = 180


class MailPart(QWidget):
    """The mail's half of the page."""

    toast_wanted = Signal(str, str)
    failed = Signal(Exception)
    """The ConsoleError of messages that could not be fetched."""
    sent = Signal()
    """A message was handed back to the worker: the numbers are others now."""

    def __init__(
        self, hub: ThemeHub, clock: Clock, zone: tzinfo, gateway: JobsGateway, runner: TaskRunner
    ) -> None:
        """Nothing is asked before `refresh`; errors of what is done go where the runner's go."""
        super().__init__()
        self.hub, self._clock, self._zone, self._gateway = hub, clock, zone, gateway
        self._runner = runner
        self._busy = self._started = False
        self.question: QuestionDialog | None = None
        self.setProperty("clear", "true")
        self.figures = [(label("–", "title"), ElidedLabel("", "caption")) for _ in range(5)]
        self.late = label("", "secondary", wrap=True)
        self.filter = TextInput(hub, placeholder="Filter messages")
        self.filter.setFixedWidth(280)
        self.filter.setAccessibleName("Filter messages")
        self.model = self._model()
        looks = {"why": lambda _one: CellLook(tone="secondary"), "state": _state_look}
        self.table = DataTable(hub, self.model, name="undelivered messages", looks=looks)
        self.model.setParent(self.table)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._say())
        self.card = TableCard(hub, self.table)
        self.empty = EmptyState(
            hub, "ph.check-circle", "Nothing is stuck",
            "A message that could not be sent, or may not have arrived, appears here.",
        )  # fmt: skip
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No messages match", "Type less, or clear the filter."
        )
        self.skeleton = Skeleton(hub, rows=8)
        self.strip = Strip()
        self.button = Button(hub, "Send again", "primary", icon="ph.paper-plane-tilt")
        self.button.setToolTip("Let the worker try this message again (Ctrl+Enter)")
        self.button.clicked.connect(lambda _checked=False: self.send_again())
        self.strip.add(self.button)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_FILTER_DELAY_MS)
        self._later.timeout.connect(self.narrow)
        self.filter.textEdited.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(self.table.setFocus)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self._fetch_failed)
        self._lay_out()

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def message(self) -> UndeliveredMessage | None:
        """The message that is marked."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        if self._started:
            self.model.refresh()
            return
        self._started = True
        self.skeleton.start()
        self.model.restart()

    def narrow(self) -> None:
        """Show what the filter says now."""
        self._later.stop()
        self.model.narrow(self.filter.text(), {})

    def clear(self) -> None:
        """Show every message again."""
        self.filter.clear()
        self.narrow()

    def show_counts(self, counts: MailCounts) -> None:
        """Show how much mail is where."""
        for (figure, what), (number, said) in zip(self.figures, words.mail_figures(counts), strict=True):
            figure.setText(number)
            what.setText(said)
        late = words.mail_late(counts, self._clock.now(), self._zone)
        self.late.setText(late)
        self.late.setVisible(bool(late))

    def idle(self) -> None:
        """What was being done is over."""
        self._busy = False
        self._say()

    def stop(self) -> None:
        """Drop a fetch under way."""
        self._later.stop()
        self.model.cancel()

    # -- sending again -----------------------------------------------------------------------------------------------

    def send_again(self) -> None:
        """Let the worker try the marked message again; ask first where it may have arrived."""
        message = self.message
        if message is None or self._busy or is_asked(self):
            return
        if message.state != "uncertain":
            self._start(message)
            return
        card = QuestionCard(
            self.hub, "Send this message again?",
            f"“{message.template}” to {message.address} may have arrived. Sent again, it may arrive twice.",
            do="Send again", keep="Leave it", danger=False,
        )  # fmt: skip

        def answered(agreed: bool) -> None:
            self.question = None
            if agreed:
                self._start(message)

        self.question = QuestionDialog(self.hub, self.window(), card)
        self.question.answered.connect(answered)
        self.question.open()

    def _start(self, message: UndeliveredMessage) -> None:
        self._busy = True
        self._say()
        self._runner.start(self._send(message))

    async def _send(self, message: UndeliveredMessage) -> None:
        await self._gateway.send_again(message.id)
        self.idle()
        self.toast_wanted.emit(
            f"“{message.template}” is queued again", "It is sent as soon as a worker is free."
        )
        self.sent.emit()

    # -- the list ----------------------------------------------------------------------------------------------------

    def _model(self) -> KeysetTableModel[UndeliveredMessage]:
        columns: list[Column[UndeliveredMessage]] = [
            Column("when", "Written", self._when, sortable=False, width=120),
            Column("template", "Message", lambda one: one.template, sortable=False, width=190, stretch=True),
            Column("state", "State", lambda _one: "", sortable=False, width=156),
            Column(
                "why", "Why", lambda one: one.why or "", sortable=False, width=190, stretch=True, gives_way=2,
                tooltip=lambda one: one.why or "",
            ),
            Column("address", "To", lambda one: one.address, sortable=False, width=170, gives_way=1),
            Column("venue", "Venue", lambda one: one.venue or "", sortable=False, width=150, gives_way=3),
        ]  # fmt: skip
        return KeysetTableModel(columns, self.fetch, lambda one: one.id, sort="when", descending=True)

    def _when(self, message: UndeliveredMessage) -> str:
        return day_and_time(message.written_at, self._clock.now(), self._zone)

    async def fetch(self, request: PageRequest) -> Page[UndeliveredMessage]:
        """Pages of what matches: the database knows no text to look for here, and there are never many."""
        found: list[UndeliveredMessage] = []
        after = request.after[0] if request.after is not None else None
        assert after is None or isinstance(after, UndeliveredMessage)
        while True:
            messages = await self._gateway.undelivered(after)
            found.extend(one for one in messages if words.mail_fits(one, request.text))
            complete = len(messages) < _PAGE
            after = messages[-1] if messages else after
            if complete or len(found) >= request.limit:
                break
        return Page(found, None if complete or after is None else (after,))

    def _loaded(self) -> None:
        self.skeleton.stop()
        rows = self.model.rowCount()
        typed = self.filter.text().strip()
        self._body.setCurrentWidget(self.card if rows else self.no_match if typed else self.empty)
        shown = count(rows, "message") if self.model.is_complete else f"{rows:,}+ messages shown"
        self.card.set_foot(shown, f"Filter: {typed}" if typed else "")
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))
        self._say()

    def _fetch_failed(self, error: Exception) -> None:
        self.skeleton.stop()
        self.failed.emit(error)

    def _say(self) -> None:
        message = self.message
        self.strip.setVisible(message is not None)
        self.button.setEnabled(message is not None and not self._busy)
        if message is not None:
            self.strip.say(*words.message_full(message, self._clock.now(), self._zone))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        held = QVBoxLayout()
        held.setContentsMargins(24, 16, 24, 16)
        held.setSpacing(12)
        box = surface("card")
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for at, (figure, what) in enumerate(self.figures):
            if at:
                row.addWidget(line(vertical=True, strong=True))
            row.addLayout(_cell(figure, what), 1)
        held.addWidget(box)
        held.addWidget(self.late)
        self.late.hide()
        held.addWidget(self.filter)
        waiting = QWidget()
        bars = QVBoxLayout(waiting)
        bars.setContentsMargins(0, 0, 0, 0)
        bars.addWidget(self.skeleton)
        bars.addStretch(1)
        self._body = QStackedWidget()
        for part in (waiting, self.card, self.empty, self.no_match):
            self._body.addWidget(part)
        held.addWidget(self._body, 1)
        column.addLayout(held, 1)
        column.addWidget(self.strip)
        self.strip.hide()


def _cell(figure: QLabel, what: QLabel) -> QVBoxLayout:
    cell = QVBoxLayout()
    cell.setContentsMargins(16, 8, 12, 10)
    cell.setSpacing(2)
    cell.addWidget(figure)
    cell.addWidget(what)
    return cell


def _state_look(message: UndeliveredMessage) -> CellLook:
    return CellLook(chip=words.mail_chip(message))
