"""The formula: weights and threshold tried out over all venues before anything is saved, and every version so far.

See docs/design.md, "Rules of the domain" (scores). Trying writes nothing; a saved version counts from the next week on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.scores import Component, Formula, Weights, WhatIf
from console.errors import Conflict, ConsoleError, Invalid
from console.models.gateway_scores import ScoreGateway
from console.models.money import plain_number
from console.models.runner import TaskRunner
from console.views.scores import words
from console.views.scores.number import NumberField
from console.views.scores.trying import VersionTable, WhatIfPart
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import flush, ground, quiet_scroll
from console.views.widgets.text import Section, label
from console.views.widgets.waiting import Skeleton

_DELAY_MS = 250
_SIDE = 344
_NUMBER = 164
_BESIDE_FROM = 960
_WIDEST = 16_777_215  # what Qt calls no limit
_LONGEST = 500
_WHOLE = Decimal(100)
_CENT = Decimal("0.01")


class FormulaPart(QWidget):
    """The part. `saved` carries the new formula, `known` the one in force."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    venue_wanted = Signal(object)
    known = Signal(object)

    def __init__(
        self, hub: ThemeHub, gateway: ScoreGateway, *, clock: Clock, zone: tzinfo, may_change: bool
    ) -> None:
        """Nothing is asked before `refresh`; without `may_change` the formula can only be read."""
        super().__init__()
        self.hub, self._gateway, self._may_change = hub, gateway, may_change
        self.formula: Formula | None = None
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.banner = Banner(hub, above=12)
        self.skeleton = Skeleton(hub, rows=6)
        self.weights = {one: NumberField(hub, one.words, "per cent") for one in Component}
        self.threshold = NumberField(hub, "Curated from", "points")
        self._edited: Component | None = None
        for component, weight in self.weights.items():
            weight.edited.connect(partial(self._remember, component))
        for field in (*self.weights.values(), self.threshold):
            field.changed.connect(self._changed)
            field.set_read_only(not may_change)
        self.sum = label("", "strong", wrap=True)
        self.spread_button = Button(hub, "Spread the rest")
        self.spread_button.setToolTip(
            "The weight you typed last stays; the others share what it leaves, as they are to each other"
        )
        self.spread_button.clicked.connect(lambda _checked=False: self.spread())
        self.reset_button = Button(hub, "As it is now", "quiet")
        self.reset_button.setToolTip("Show the weights and the threshold in force again")
        self.reset_button.clicked.connect(lambda _checked=False: self.reset())
        self.reason = TextInput(hub, placeholder="Stays on record")
        self.reason.setMaxLength(_LONGEST)
        self.reason.textChanged.connect(lambda _text: self._offer())
        self.reason.returnPressed.connect(self.save)
        self.field = Field(hub, "Why it changes", self.reason, note="needed")
        self.save_button = Button(hub, "Save", "primary", icon="ph.check")
        self.save_button.clicked.connect(lambda _checked=False: self.save())
        self.rest = label("", "caption", wrap=True)
        self.what_if = WhatIfPart(hub)
        self.what_if.venue_wanted.connect(self.venue_wanted)
        self.versions = VersionTable(hub, clock=clock, zone=zone)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._try)
        self._lay_out()

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def weights_first(self) -> QWidget:
        """Where the keyboard begins."""
        return self.weights[Component.FEEDBACK].line

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (
            self.banner, *(self.weights[one] for one in Component), self.threshold, self.spread_button,
            self.reason, self.reset_button, self.save_button, self.what_if, self.versions,
        )  # fmt: skip

    @property
    def wanted(self) -> Weights | None:
        """What stands in the fields; None while they are no formula."""
        found = {one: field.value for one, field in self.weights.items()}
        known = {one: value for one, value in found.items() if value is not None}
        threshold = self.threshold.value
        if len(known) < len(found) or sum(known.values()) != _WHOLE or threshold is None:
            return None
        return Weights(known, threshold)

    def refresh(self) -> None:
        """Ask again; what was typed stays."""
        if self.formula is None:
            self.skeleton.show()
            self.skeleton.start()
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._later.stop()
        self.runner.cancel_all()

    def order(self) -> None:
        """Tab goes from the weights over the reason to the tables."""
        tab_in_order(*self.stops)

    # -- doing -------------------------------------------------------------------------------------------------------

    def spread(self) -> None:
        """Share what the weight that was typed last leaves of 100 among the others, in the proportion they have."""
        found = {one: field.value for one, field in self.weights.items()}
        if self._busy or not self._may_change or any(value is None for value in found.values()):
            return
        values = {one: value or Decimal(0) for one, value in found.items()}
        # What was typed last is what somebody wants: the others share what it leaves.
        kept = self._edited if any(values.values()) else None
        others = {one: value for one, value in values.items() if one is not kept}
        room = _WHOLE - (values[kept] if kept is not None else Decimal(0))
        if not any(others.values()):
            others = dict.fromkeys(others, Decimal(1))
        whole = sum(others.values(), Decimal(0))
        made = {one: (value * room / whole).quantize(_CENT) for one, value in others.items()}
        largest = max(made, key=lambda one: made[one])
        made[largest] += room - sum(made.values(), Decimal(0))
        for one, value in made.items():
            self.weights[one].set_value(value)

    def reset(self) -> None:
        """Show the formula in force again."""
        if self.formula is not None and not self._busy:
            self._edited = None
            for one, field in self.weights.items():
                field.set_value(self.formula.weights[one])
            self.threshold.set_value(self.formula.threshold)
            self.reason.clear()

    def save(self) -> None:
        """Save what stands in the fields as a new version."""
        wanted, said = self.wanted, " ".join(self.reason.text().split())
        if wanted is None or self.formula is None or not said or not self.save_button.isEnabled():
            return
        self._busy = True
        self._offer()
        self.runner.start(self._save(self.formula, wanted, said))

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _load(self, *, keep_news: bool = False) -> None:
        versions = await self._gateway.formulas()
        self.reached.emit(None)
        if not keep_news:
            self.banner.clear()
        self.skeleton.stop()
        self.skeleton.hide()
        self._show(versions)

    def _try(self) -> None:
        wanted = self.wanted
        if wanted is not None and self._changes(wanted):
            self.runner.start(self._tried(wanted), "try")

    async def _tried(self, wanted: Weights) -> None:
        found = await self._gateway.what_if(wanted)
        if self.wanted == wanted:
            self._found(found, wanted)

    async def _save(self, before: Formula, wanted: Weights, said: str) -> None:
        formula = await self._gateway.save_formula(before, wanted, said)
        self._busy = False
        self.formula = formula
        self.reset()
        self.toast_wanted.emit(f"Version {formula.version} is saved\nIt counts from the next week on.")
        await self._load()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self.skeleton.stop()
        self.skeleton.hide()
        self._offer()
        if isinstance(error, Invalid):
            self.banner.show_error(error)
        elif isinstance(error, Conflict):
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(keep_news=True), "load")
        else:
            self.reached.emit(error)
            self.what_if.say("The server did not answer.")
            self.banner.show_error(error, action=("Try again", self._again))

    def _again(self) -> None:
        self.refresh()
        self._later.start()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, versions: Sequence[Formula]) -> None:
        before, newest = self.formula, versions[0]
        untouched = before is None or not self._touched(before)
        self.formula = newest
        self._body.show()
        self.versions.show_versions(versions)
        self.known.emit(newest)
        self.save_button.setText(f"Save as version {newest.version + 1}")
        self.rest.setText(
            f"Counted over {newest.window_weeks} weeks. A part needs {newest.least_opinions} opinions, "
            f"{newest.least_families} families or {newest.least_bookings} bookings, and the parts that are there at "
            f"least {words.percent(newest.least_weight)} of the weight. A late fact changes the last "
            f"{newest.revised_weeks} weeks."
        )
        if untouched:
            self.reset()
        self._changed()

    def _touched(self, formula: Formula) -> bool:
        """Whether a field says something else than that formula."""
        same = all(field.value == formula.weights[one] for one, field in self.weights.items())
        return not same or self.threshold.value != formula.threshold

    def _changes(self, wanted: Weights) -> bool:
        formula = self.formula
        return formula is not None and (dict(wanted.weights), wanted.threshold) != (
            dict(formula.weights), formula.threshold,
        )  # fmt: skip

    def _remember(self, component: Component) -> None:
        self._edited = component

    def _changed(self) -> None:
        self._later.stop()
        self.runner.cancel("try")
        self._tell_sum()
        wanted = self.wanted
        if wanted is None:
            self.what_if.say(
                "Once the weights make 100 and the threshold is a number, this shows what would change."
            )
        elif not self._changes(wanted):
            self.what_if.say(
                "Change a weight or the threshold to see what it would do to every venue. Nothing is saved by that."
                if self._may_change
                else "Who manages the settings can try other weights here."
            )
        else:
            self.what_if.wait()
            self._later.start()
        self._offer()

    def _tell_sum(self) -> None:
        found = [field.value for field in self.weights.values()]
        if any(value is None for value in found) or self.threshold.value is None:
            self.sum.setText("Numbers from 0 to 100, with at most two decimals.")
            return
        left = _WHOLE - sum((value or Decimal(0) for value in found), Decimal(0))
        if left == 0:
            self.sum.setText("100 % together.")
        elif left > 0:
            self.sum.setText(f"{plain_number(left)} % remain to make 100.")
        else:
            self.sum.setText(f"{plain_number(-left)} % too much to make 100.")

    def _found(self, found: WhatIf, wanted: Weights) -> None:
        threshold = self.formula.threshold if self.formula is not None else wanted.threshold
        self.what_if.show_result(found, threshold, wanted.threshold)

    def _offer(self) -> None:
        wanted = self.wanted
        changes = wanted is not None and self._changes(wanted)
        may = self._may_change and not self._busy
        numbers = all(field.value is not None for field in self.weights.values())
        self.spread_button.setEnabled(
            may and numbers and sum(f.value or Decimal(0) for f in self.weights.values()) != 100
        )
        self.reset_button.setEnabled(may and self.formula is not None and self._touched(self.formula))
        self.save_button.setEnabled(may and changes and bool(self.reason.text().strip()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is too little room the tables stand below the weights."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        scaled = self.hub.theme.scaled
        beside = self.width() >= scaled(_BESIDE_FROM)
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._across.direction() is not way:
            self._across.setDirection(way)
        self._side.setMinimumWidth(scaled(_SIDE))
        self._side.setMaximumWidth(scaled(_SIDE) if beside else _WIDEST)
        for field in (*self.weights.values(), self.threshold):
            field.setFixedWidth(scaled(_NUMBER))

    def _lay_out(self) -> None:
        inner = ground(self)
        told = flush(QVBoxLayout())
        told.setContentsMargins(24, 0, 24, 0)
        told.addWidget(self.banner)
        inner.addLayout(told)
        inner.addWidget(self.skeleton)
        self._body = surface("canvas")
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._body)
        self._across.setContentsMargins(24, 16, 24, 16)
        self._across.setSpacing(24)
        side = self._side = QWidget()
        left = flush(QVBoxLayout(side))
        left.setSpacing(12)
        left.addWidget(Section("Weights"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for at, (one, field) in enumerate(self.weights.items()):
            grid.addWidget(label(f"{one.words}, %"), at, 0)
            grid.addWidget(field, at, 1)
        left.addLayout(grid)
        across = QHBoxLayout()
        across.setSpacing(8)
        across.addWidget(self.sum, 1)
        across.addWidget(self.spread_button)
        left.addLayout(across)
        left.addWidget(Section("Threshold"))
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(label("Curated from"), 1)
        below.addWidget(self.threshold)
        left.addLayout(below)
        left.addWidget(self.rest)
        left.addWidget(self.field)
        deeds = QHBoxLayout()
        deeds.setSpacing(8)
        deeds.addWidget(self.reset_button)
        deeds.addStretch(1)
        deeds.addWidget(self.save_button)
        left.addLayout(deeds)
        left.addStretch(1)
        for part in (self.field, self.save_button, self.reset_button, self.spread_button):
            part.setVisible(self._may_change)
        right = flush(QVBoxLayout())
        right.setSpacing(12)
        right.addWidget(Section("What would change"))
        right.addWidget(self.what_if, 3)
        right.addWidget(Section("Versions"))
        right.addWidget(self.versions.card, 2)
        self._across.addWidget(side, 0, Qt.AlignmentFlag.AlignTop)
        self._across.addLayout(right, 1)
        self.hub.changed.connect(self._fit)
        self._fit()
        inner.addWidget(quiet_scroll(self._body), 1)
        self._body.hide()
