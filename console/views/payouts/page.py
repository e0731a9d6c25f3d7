"""The area of payouts: one venue's months for its finance; for the platform also runs, holds and books.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.person import VenueRef
from console.models.gateway_payouts import PayoutReads, PayoutWork
from console.views.payouts.books import BooksPart
from console.views.payouts.detail import DocumentPrinter
from console.views.payouts.holds import HoldsPart, Venues
from console.views.payouts.overview import PayoutsView
from console.views.payouts.runs import RunsPart
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import flush
from console.views.widgets.header import PageHeader
from console.views.widgets.toggles import ChoiceRow

_TABS = (("payouts", "Payouts"), ("runs", "Runs"), ("holds", "Holds"), ("books", "Books"))


class PayoutsPage(QWidget):
    """The page. `actions_changed` says that the keys are another part's now."""

    toast_wanted = Signal(str, str)
    actions_changed = Signal()
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        reads: PayoutReads,
        work: PayoutWork | None = None,
        *,
        zone: tzinfo,
        clock: Clock,
        venue: VenueRef | None,
        venues: Venues | None = None,
        printer: DocumentPrinter | None = None,
        memory: FilterMemory | None = None,
        may_export: bool = True,
    ) -> None:
        """Payouts of one `venue`, or of all without; `work` adds what the platform's finance does, told in `zone`.

        `venues` are those a hold can be placed on (id and name), `printer` shows a statement before it is printed.
        """
        super().__init__()
        self.hub, self._work = hub, work
        self.payouts = PayoutsView(
            hub, reads, work, clock=clock, venue_id=venue.id if venue is not None else None, printer=printer,
            memory=memory, may_export=may_export,
        )  # fmt: skip
        self.runs = (
            RunsPart(hub, work, zone=zone, clock=clock, may_export=may_export) if work is not None else None
        )
        self.holds = (
            HoldsPart(hub, work, venues, zone=zone, may_export=may_export) if work is not None else None
        )
        self.books = BooksPart(hub, work, zone=zone, may_export=may_export) if work is not None else None
        self.header = PageHeader(hub, "Payouts", margin=32)
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="Part of payouts")
        self.new_button = Button(hub, "New run…", "primary", icon="ph.plus")
        self.stack = QStackedWidget()
        column = flush(QVBoxLayout(self))
        column.addWidget(self.header)
        column.addWidget(self.stack, 1)
        for part in self.parts:
            self.stack.addWidget(part)
            part.toast_wanted.connect(self.toast_wanted)
            part.reached.connect(self.reached)
        self._wire()
        self._actions = self._all_actions()
        # The tabs hear the keys of the part on show: whoever came by them goes on at once.
        self._heard: dict[str, list[QShortcut]] = {}
        for key, actions in self._actions.items():
            listen(self if key == "all" else self._part(key), actions)
            if key != "all":
                self._heard[key] = listen(self.header, actions)
        self._hear()
        lead_focus(self, self.payouts.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """The keys of the page and of the part on show."""
        return (*self._actions["all"], *self._actions[self.tabs.chosen])

    def refresh(self) -> None:
        """Ask again what is on show."""
        now = self.stack.currentWidget()
        for part in self.parts:
            if part is now:
                part.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        for part in self.parts:
            part.stop()

    def open_payout(self, payout_id: UUID) -> None:
        """Show one payout: from the palette or from a booking."""
        self.show_part("payouts")
        self.payouts.open_payout(payout_id)

    def go_to(self, key: str) -> None:
        """Show a part by its key: the keyboard goes into its rows."""
        self.show_part(key)
        part = self._part(key)
        if isinstance(part, PayoutsView):
            part.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            part.start(lead=True)

    def show_part(self, key: str) -> None:
        """Show payouts, runs, holds or books."""
        part = self._part(key)
        if self.stack.currentWidget() is part:
            return
        self.tabs.choose(key)
        self.stack.setCurrentWidget(part)
        if not isinstance(part, PayoutsView):
            part.start()
        lead_focus(self, part.list if isinstance(part, PayoutsView) else part.table)
        self._hear()
        self._order()
        self.actions_changed.emit()

    def new_run(self) -> None:
        """Look at what a month comes to, and make its payouts."""
        if self.runs is not None:
            self.show_part("runs")
            self.runs.new_run()

    @property
    def action_bar(self) -> QWidget | None:
        """What can be done with the marked run, hold or month: no toast lies over it."""
        part = self._part(self.tabs.chosen)
        return None if isinstance(part, PayoutsView) else part.strip

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- inside ------------------------------------------------------------------------------------------------------

    @property
    def parts(self) -> tuple[PayoutsView | RunsPart | HoldsPart | BooksPart, ...]:
        """Payouts, and for the platform runs, holds and books."""
        known = (self.payouts, self.runs, self.holds, self.books)
        return tuple(part for part in known if part is not None)

    def _part(self, key: str) -> PayoutsView | RunsPart | HoldsPart | BooksPart:
        at = [name for name, _ in _TABS].index(key)
        return self.parts[at]

    def _show_month(self, period: object) -> None:
        if isinstance(period, date):
            self.show_part("payouts")
            self.payouts.show_month(period)
            self.payouts.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _wire(self) -> None:
        platform = self._work is not None
        self.header.setVisible(platform)
        self.tabs.changed.connect(self.show_part)
        self.payouts.currency_told.connect(self.header.caption.setText)
        self.new_button.clicked.connect(lambda _checked=False: self.new_run())
        self.header.add(self.tabs)
        self.header.add(self.new_button)
        if self.books is not None:
            self.books.month_wanted.connect(self._show_month)

    def _hear(self) -> None:
        for key, shortcuts in self._heard.items():
            for shortcut in shortcuts:
                shortcut.setEnabled(key == self.tabs.chosen)

    def _order(self) -> None:
        now = self.stack.currentWidget()
        part = next(one for one in self.parts if one is now)
        tab_in_order(self.tabs, self.new_button, *part.stops)

    def _all_actions(self) -> dict[str, tuple[Action, ...]]:
        action = partial(Action, heard=False, group="Payouts")
        every = [action("payouts:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise")]
        made = {"payouts": tuple(self.payouts.deeds(action))}
        if self.runs is not None and self.holds is not None and self.books is not None:
            for place, (key, title) in enumerate(_TABS, 1):
                run: Callable[[], object] = partial(self.go_to, key)
                every.append(
                    action(f"payouts:part:{key}", f"Show {title.lower()}", run, f"Alt+{place}", "ph.bank")
                )
            made["runs"] = tuple(self.runs.deeds(action))
            made["holds"] = tuple(self.holds.deeds(action))
            made["books"] = tuple(self.books.deeds(action))
            every.append(action("payouts:run", "New run", self.new_run, "Ctrl+N", "ph.plus"))
        return {"all": tuple(every), **made}

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self._order()
        now = self.stack.currentWidget()
        for part in self.parts:
            if part is now and not isinstance(part, PayoutsView):
                part.start()
