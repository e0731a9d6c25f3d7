"""What headquarters tells venues: what runs, what is planned, what is over, and who has read it.

See docs/design.md, "Borrowed from neighbouring systems" (announcements as a banner).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.venue_file import Announcement
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_venue_file import AnnouncementGateway
from console.models.runner import TaskRunner
from console.views.announcements import words
from console.views.announcements.sheet import AnnouncementSheet, Venues
from console.views.announcements.strip import AnnouncementStrip
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.choices import ChoiceList
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import banner_strip, flush, ground, master_side, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.text import breakable, label
from console.views.widgets.waiting import EmptyState, Skeleton


class AnnouncementsPage(QWidget):
    """The page."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self, hub: ThemeHub, gateway: AnnouncementGateway, *, venues: Venues, clock: Clock, zone: tzinfo
    ) -> None:
        """Nothing is asked before it is shown; `venues` answers (id, name) of every venue, for the checklist."""
        super().__init__()
        self.hub, self._gateway, self._venues = hub, gateway, venues
        self._clock, self._zone = clock, zone
        self._found: list[Announcement] = []
        self._known = self._busy = False
        self.sheet: AnnouncementSheet | None = None
        self.question: QuestionDialog | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Announcements")
        self.new_button = Button(hub, "New announcement…", "primary", icon="ph.plus", scale="compact")
        self.new_button.setToolTip("Tell venues something (Ctrl+N)")
        self.new_button.clicked.connect(lambda _checked=False: self.write())
        self.banner = Banner(hub, above=12)
        self.list = ChoiceList(hub, "Announcements")
        self.list.moved.connect(lambda _value: self._show_current())
        self.skeleton = Skeleton(hub, rows=6)
        self.empty = EmptyState(
            hub, "ph.broadcast", "Nothing was announced yet",
            "What you announce stands over every page of the venues you choose.",
        )  # fmt: skip
        self.detail = PageHeader(hub, "", "", detail=True)
        self.chip = Chip(hub, "")
        self.withdraw_button = Button(hub, "Withdraw…", "refuse", icon="ph.arrow-u-up-left")
        self.withdraw_button.setToolTip("Show it no longer (Ctrl+Del)")
        self.withdraw_button.clicked.connect(lambda _checked=False: self.withdraw())
        self.preview = AnnouncementStrip(hub, preview=True)
        self.facts = QGridLayout()
        self._lay_out()
        action = partial(Action, heard=False, group="Announcements")
        self.page_actions = (
            action("announcements:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("announcements:new", "New announcement", self.write, "Ctrl+N", "ph.plus"),
            action("announcements:withdraw", "Withdraw", self.withdraw, "Ctrl+Del", "ph.arrow-u-up-left"),
        )
        listen(self, self.page_actions)
        lead_focus(self, self.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def current(self) -> Announcement | None:
        """The announcement on show."""
        found = self.list.current
        return found if isinstance(found, Announcement) else None

    def refresh(self) -> None:
        """Ask again; the list keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write a new one."""
        if self.sheet is None:
            self.sheet = AnnouncementSheet(
                self.hub,
                self.window(),
                self._gateway,
                venues=self._venues,
                clock=self._clock,
                zone=self._zone,
            )
            self.sheet.told.connect(self._told)
            self.sheet.closed.connect(self._sheet_closed)
            self.sheet.open()

    def withdraw(self) -> None:
        """Ask, and show it no longer."""
        one = self.current
        if one is None or self._busy or words.state(one, self._clock.now()) not in _ALIVE or is_asked(self):
            return
        text, figures = words.withdrawal(one, self._clock.now())
        card = QuestionCard(
            self.hub, f"Withdraw “{one.title}”?", text, do="Withdraw it", keep="Leave it",
            figures=figures, parent=self.window(),
        )  # fmt: skip
        self.question = QuestionDialog(self.hub, self.window(), card)
        self.question.answered.connect(lambda yes: self._withdraw(one) if yes else None)
        self.question.open()

    def _withdraw(self, one: Announcement) -> None:
        async def go() -> None:
            await self._gateway.withdraw_announcement(one)
            self._busy = False
            self.toast_wanted.emit(f"“{one.title}” is withdrawn.")
            await self._load()

        self._busy = True
        self.runner.start(go())

    def _told(self, one: Announcement) -> None:
        self.toast_wanted.emit(f"“{one.title}” is told to {words.audience(one)}.")
        self.runner.start(self._load(show=one), "load")

    def _sheet_closed(self) -> None:
        self.sheet = None

    # -- loading and showing -----------------------------------------------------------------------------------------

    async def _load(self, show: Announcement | None = None) -> None:
        found = await self._gateway.announcements()
        self.reached.emit(None)
        self.banner.clear()
        self._stop_waiting()
        self._known = True
        self._show(found, show)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._stop_waiting()
        if isinstance(error, Conflict | NotFound):
            self.runner.start(self._load_after(error), "load")
        else:
            self.reached.emit(error)
            self.banner.show_error(error, action=("Try again", self.refresh))

    async def _load_after(self, error: ConsoleError) -> None:
        await self._load()
        self.banner.show_message(error.sentence, error.hint or "", "blue")

    def _show(self, found: Sequence[Announcement], show: Announcement | None) -> None:
        now = self._clock.now()
        self._found = list(found)
        rows = words.choices(self._found, now, self._zone)
        wanted = next((one for one in self._found if show is not None and one.id == show.id), None)
        if wanted is not None:
            self.list.show_choices(rows, current=wanted)
        else:
            self.list.refresh_choices(
                rows, lambda value: value.id if isinstance(value, Announcement) else value
            )
        running = sum(words.state(one, now) == "running" for one in self._found)
        self.header.caption.setText(f"{running:,} running" if running else "None is running")
        if not self._found and self.window().focusWidget() is self.list:
            self.new_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._body.setVisible(bool(self._found))
        self.empty.setVisible(not self._found)
        self._show_current()

    def _show_current(self) -> None:
        one, now = self.current, self._clock.now()
        self._right.setVisible(one is not None)
        if one is None:
            return
        self.detail.title.setText(one.title)
        self.detail.caption.setText(words.span(one, now, self._zone))
        self.chip.show_chip(words.state_chip(one, now))
        self.withdraw_button.setVisible(words.state(one, now) in _ALIVE)
        self.preview.show_announcement(one)
        self._show_facts(one)

    def _show_facts(self, one: Announcement) -> None:
        while (item := self.facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        now = self._clock.now()
        pairs = [
            ("Read by", words.read_by(one)), ("Told to", words.audience_in_full(one)),
            ("From", words.moment(one.starts_at, now, self._zone)),
            ("Until", words.moment(one.ends_at, now, self._zone)),
            ("Written by", one.created_by or ""),
            ("Withdrawn", words.moment(one.withdrawn_at, now, self._zone) if one.withdrawn_at else ""),
        ]  # fmt: skip
        for row, (name, said) in enumerate((name, said) for name, said in pairs if said):
            self.facts.addWidget(label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            text = label(breakable(said), wrap=True, selectable=True)
            self.facts.addWidget(text, row, 1, Qt.AlignmentFlag.AlignTop)

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
        tab_in_order(self.new_button, self.banner, self.list, self.withdraw_button)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()

    def _lay_out(self) -> None:
        inner = ground(self)
        self.header.add(self.new_button)
        inner.addWidget(self.header)
        inner.addLayout(banner_strip(self.banner))
        self._body = QWidget()
        self._body.setProperty("clear", "true")
        across = flush(QHBoxLayout(self._body))
        side = master_side(self.hub, across)
        side.addWidget(self.skeleton)
        self.skeleton.hide()
        side.addWidget(self.list, 1)
        self._right = QWidget()
        self._right.setProperty("clear", "true")
        right = flush(QVBoxLayout(self._right))
        self.detail.lead(None, self.chip)
        self.detail.add(self.withdraw_button)
        right.addWidget(self.detail)
        inside = QWidget()
        inside.setProperty("clear", "true")
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(8)
        column.addWidget(label("As venues see it", "section"))
        column.addWidget(self.preview)
        column.addSpacing(12)
        self.facts.setHorizontalSpacing(16)
        self.facts.setVerticalSpacing(6)
        self.facts.setColumnStretch(1, 1)
        column.addLayout(self.facts)
        column.addStretch(1)
        scroll = quiet_scroll(inside)
        scroll.viewport().setAutoFillBackground(False)
        right.addWidget(scroll, 1)
        across.addWidget(self._right, 1)
        across.addStretch(0)
        self._right.hide()
        inner.addWidget(self._body, 1)
        inner.addWidget(self.empty, 1)
        self.empty.hide()


_ALIVE = ("running", "planned")
