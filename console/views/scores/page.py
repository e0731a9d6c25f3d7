"""The area of scores at headquarters: all venues, what they say against their scores, and the formula.

See docs/design.md, "Screens" (platform) and "Rules of the domain" (scores).
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.scores import Formula
from console.models.gateway_scores import ScoreGateway
from console.models.money import plain_number
from console.views.saved_filters import FilterMemory
from console.views.scores.disputes import DisputesPart
from console.views.scores.formula import FormulaPart
from console.views.scores.venues import VenuesPart
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.focus import lead_focus
from console.views.widgets.frames import flush
from console.views.widgets.header import PageHeader
from console.views.widgets.toggles import ChoiceRow

_TABS = (("venues", "Venues"), ("disputes", "Disputes"), ("formula", "Formula"))


class ScoresPage(QWidget):
    """The page. `venue_wanted` carries the id of a venue whose scores are to be opened."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    venue_wanted = Signal(object)
    actions_changed = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ScoreGateway,
        *,
        clock: Clock,
        memory: FilterMemory | None = None,
        may_change: bool = False,
        zone: tzinfo = UTC,
    ) -> None:
        """`may_change`: disputes can be answered and the formula saved. Instants are told in `zone`."""
        super().__init__()
        self.hub = hub
        self.venues = VenuesPart(hub, gateway, clock=clock, memory=memory)
        self.disputes = DisputesPart(hub, gateway, clock=clock, zone=zone, may_change=may_change)
        self.formula = FormulaPart(hub, gateway, clock=clock, zone=zone, may_change=may_change)
        self.header = PageHeader(hub, "Scores")
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="Part of scores")
        self.tabs.changed.connect(self.show_part)
        self.export_button = Button(hub, "Export", icon="ph.export", scale="compact")
        self.export_button.setToolTip("Save the venues on show as a file (Ctrl+E)")
        self.export_button.clicked.connect(lambda _checked=False: self.venues.export())
        self.header.add(self.tabs)
        self.header.add(self.export_button)
        self.stack = QStackedWidget()
        column = flush(QVBoxLayout(self))
        column.addWidget(self.header)
        column.addWidget(self.stack, 1)
        self._parts: dict[str, VenuesPart | DisputesPart | FormulaPart] = {
            "venues": self.venues, "disputes": self.disputes, "formula": self.formula,
        }  # fmt: skip
        for part in self._parts.values():
            self.stack.addWidget(part)
            part.toast_wanted.connect(self.toast_wanted)
            part.reached.connect(self.reached)
            part.venue_wanted.connect(self.venue_wanted)
        self.disputes.counted.connect(lambda count: self.tabs.set_counts({"disputes": count}))
        self.formula.known.connect(self._formula_known)
        self.venues.model.loaded.connect(self._ask_formula)
        self._asked_formula = False
        self._every = self._actions()
        listen(self, self._every)
        self._own = {"venues": self.venues.page_actions, **self._deeds()}
        # The tabs hear the keys of the part on show: whoever came by them goes on at once. The list of venues listens
        # itself.
        listen(self.disputes, self._own["disputes"])
        listen(self.formula, self._own["formula"])
        self._heard: dict[str, list[QShortcut]] = {
            key: listen(self.header, actions) for key, actions in self._own.items()
        }
        self._hear()
        lead_focus(self, self.venues.filter)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """The keys of the page and of the part on show."""
        return (*self._every, *self._own[self.tabs.chosen])

    def refresh(self) -> None:
        """Ask again what is on show."""
        part = self._parts[self.tabs.chosen]
        if isinstance(part, VenuesPart):
            part.model.refresh()
        else:
            part.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        for part in self._parts.values():
            part.stop()

    def show_part(self, key: str) -> None:
        """Show venues, disputes or the formula."""
        part = self._parts[key]
        self.tabs.choose(key)
        self.stack.setCurrentWidget(part)
        self.export_button.setVisible(key == "venues")
        if not isinstance(part, VenuesPart):
            part.refresh()
            part.order()
        leads = {"venues": self.venues.filter, "disputes": self.disputes.list,
                 "formula": self.formula.weights_first}  # fmt: skip
        lead_focus(self, leads[key])
        self._hear()
        self.actions_changed.emit()

    def go_to(self, key: str) -> None:
        """Show a part by its key, with the keyboard in it."""
        self.show_part(key)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        for key, shortcuts in self._heard.items():
            for shortcut in shortcuts:
                shortcut.setEnabled(key == self.tabs.chosen)

    def _formula_known(self, formula: object) -> None:
        if isinstance(formula, Formula):
            self.venues.hold_to(formula.threshold)
            line = plain_number(formula.threshold)
            self.header.caption.setText(
                f"Over {formula.window_weeks} weeks, curated from {line}, formula {formula.version}"
            )

    def _actions(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Scores")
        made = [
            action(f"scores:part:{key}", f"Show {title.lower()}", partial(self.go_to, key), f"Alt+{at}", "ph.star")
            for at, (key, title) in enumerate(_TABS, 1)
        ]  # fmt: skip
        return tuple(made)

    def _deeds(self) -> dict[str, tuple[Action, ...]]:
        action = partial(Action, heard=False, group="Scores")
        disputes, formula = self.disputes, self.formula
        return {
            "disputes": (
                action("disputes:refresh", "Refresh", disputes.refresh, "F5", "ph.arrow-clockwise"),
                action("disputes:open", "Open the venue's score", disputes.open_venue, "Ctrl+O", "ph.chart-line"),
            ),
            "formula": (
                action("formula:refresh", "Refresh", formula.refresh, "F5", "ph.arrow-clockwise"),
                action("formula:spread", "Spread the rest of the weights", formula.spread, "Ctrl+R", "ph.scales"),
                action("formula:save", "Save the formula", formula.save, "Ctrl+Return", "ph.check"),
            ),
        }  # fmt: skip

    def _ask_formula(self) -> None:
        # After the rows, which do not wait for it: the lines are then held to the threshold.
        if not self._asked_formula:
            self._asked_formula = True
            self.formula.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now, and how many disputes are open."""
        super().showEvent(event)
        if not event.spontaneous():
            self.disputes.refresh()
