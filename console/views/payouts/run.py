"""A new run: a month, all venues or some, what each would be paid and what finance should know first.

Nothing is written before the button; what moved meanwhile is shown again instead of being made. See docs/design.md,
"Rules of the domain" (payouts).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.payouts import Caution, PayoutState, RunPreview, VenuePreview
from console.errors import Conflict, ConsoleError
from console.models.gateway_payouts import PayoutWork
from console.models.money import money, signed
from console.models.runner import TaskRunner
from console.models.table import Column
from console.models.words import month_title
from console.views.payouts.rows import KnownRows, marked, table_of
from console.views.payouts.words import STATE_CHIPS, shown_amount
from console.views.theme import ThemeHub
from console.views.widgets.base import torn_down
from console.views.widgets.fields import Field, SelectBox
from console.views.widgets.paint import ChipSpec
from console.views.widgets.sheet import Sheet
from console.views.widgets.table import CellLook
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import ProgressCard, Skeleton

_MONTHS = 24
_ZERO = Decimal(0)
_NEW = ChipSpec("New", "blue", "ph.plus-bold")
_SHORT = {
    Caution.NOT_OVER: "Month not over",
    Caution.ON_HOLD: "On hold",
    Caution.NO_ACCOUNT: "No payout account",
    Caution.OPEN_REVIEWS: "Reports to decide",
    Caution.NOT_CLOSED: "Sessions not closed",
    Caution.NEGATIVE: "Below zero",
    Caution.EARLIER_NOT_CLOSED: "Earlier month open",
}


def cautions(venue: VenuePreview) -> list[str]:
    """What finance should know before this venue is paid, a sentence each."""
    reviews = count(venue.open_reviews, "report")
    said = {
        Caution.NOT_OVER: "There the month is not over yet: its payout can be made when it is.",
        Caution.ON_HOLD: "On hold: the payout is made, and not paid before it is released.",
        Caution.NO_ACCOUNT: "There is no payout account: it cannot be paid yet.",
        Caution.OPEN_REVIEWS: f"{reviews} nobody has decided: what is decided later becomes an adjustment.",
        Caution.NOT_CLOSED: "Sessions of the month are not closed: who came may still change.",
        Caution.NEGATIVE: "It ends below zero: nothing is paid, the next month begins with it.",
        Caution.EARLIER_NOT_CLOSED: "The books of an earlier month are still open.",
    }
    return [said[one] for one in venue.warnings]


class RunSheet(Sheet):
    """The sheet. `made` carries the Run."""

    made = Signal(object)

    def __init__(self, hub: ThemeHub, window: QWidget, work: PayoutWork, *, clock: Clock) -> None:
        """Begins with the month that ended last."""
        super().__init__(hub, window, "New run", width=1080)
        self._work = work
        self.preview: RunPreview | None = None
        self._left_out: set[UUID] = set()
        self._making = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.months = _ended_months(clock.now().date())
        self.month = SelectBox(hub, [month_title(one) for one in self.months])
        self.month.activated.connect(lambda _index: self._look())
        self.which = ChoiceRow(hub, (("all", "All venues"), ("some", "Some venues")), name="Which venues")
        self.which.changed.connect(self._choose_which)
        self.model = KnownRows(_columns(), "venue_id", sort="venue", value=_value)
        looks = {"venue": self._venue_look, "warnings": _warning_look, "state": _state_look}
        self.table = table_of(hub, self.model, "Venues of the run", looks)
        self.table.edge_padding = 12
        self.table.row_activated.connect(self._toggle)
        self.table.clicked.connect(self._clicked)
        self.table.installEventFilter(self)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._explain())
        self.skeleton = Skeleton(hub, rows=8)
        self.totals = label("", "strong", wrap=True)
        self.known = label("", "secondary", wrap=True)
        self.leave = self.answer("Close", self.close)
        self.make_button = self.answer("Make payouts", self.make, "primary")
        self.set_answers(self.leave, self.make_button)
        self._progress: ProgressCard | None = None
        self._show_form()

    def open(self) -> None:
        """Show it with the keyboard on the month, and look."""
        super().open()
        self.month.setFocus(Qt.FocusReason.OtherFocusReason)
        self._look()

    # -- choosing ----------------------------------------------------------------------------------------------------

    @property
    def period(self) -> date:
        """The first day of the month that is chosen."""
        return self.months[max(self.month.currentIndex(), 0)]

    @property
    def chosen(self) -> list[VenuePreview]:
        """The venues that a payout would be made for."""
        venues = self.preview.venues if self.preview is not None else ()
        wanted = [one for one in venues if self.which.chosen == "all" or one.venue_id not in self._left_out]
        return [one for one in wanted if one.state in (PayoutState.OPEN, PayoutState.PENDING)]

    def toggle(self) -> None:
        """Leave the marked venue out, or take it in again."""
        self._toggle(marked(self.table))

    def _toggle(self, row: object) -> None:
        if self.which.chosen == "some" and isinstance(row, VenuePreview) and not self._making:
            self._left_out ^= {row.venue_id}
            self.table.viewport().update()
            self._offer()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == 0:
            self._toggle(self.model.row(index.row()))

    def _choose_which(self, _key: str) -> None:
        self.table.viewport().update()
        self._offer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space takes a venue in or leaves it out."""
        if torn_down(self):
            return False
        if (
            watched is self.table
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Space
        ):
            self.toggle()
            return True
        return super().eventFilter(watched, event)

    # -- looking and making ------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the payouts of the chosen venues."""
        if self._making or not self.make_button.isEnabled():
            return
        self._making = True
        self.banner.clear()
        self._offer()
        card = self._progress = ProgressCard(self.hub, f"Making {count(len(self.chosen), 'payout')}")
        card.cancelled.connect(self._stop)
        self._held.addWidget(card)
        self.runner.start(self._make(), "make")

    def step_back(self) -> bool:
        """Escape stops what is being made, before it closes."""
        if self._making:
            self._stop()
        return self._making

    def _look(self) -> None:
        self._left_out.clear()
        self.preview = None
        self.skeleton.show()
        self.skeleton.start()
        self.table.hide()
        self._offer()
        self.runner.start(self._preview(), "preview")

    async def _preview(self) -> None:
        preview = await self._work.preview(self.period, None)
        if preview.period_start != self.period:
            return
        self.preview = preview
        self.skeleton.stop()
        self.skeleton.hide()
        self.table.show()
        self.model.show_rows(preview.venues)
        await self.model.settled()
        if self.model.rowCount() and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        if preview.is_closed:
            self.banner.show_message(
                f"The books of {month_title(preview.period_start)} are closed.",
                "What came later becomes an adjustment of the next month.",
                "blue",
            )
        self._offer()
        self._explain()

    async def _make(self) -> None:
        preview = self.preview
        assert preview is not None
        venues: Sequence[UUID] | None = None
        try:
            if self.which.chosen == "some" and self._left_out:
                venues = [one.venue_id for one in self.chosen]
                preview = await self._work.preview(self.period, venues)
            run = await self._work.make(preview, venues)
        finally:
            self._making = False
            self._forget_progress()
            self._offer()
        self.made.emit(run)
        self.close()

    def _stop(self) -> None:
        self.runner.cancel("make")
        self.banner.show_message("Stopped: nothing was made.", "", "blue")

    def _forget_progress(self) -> None:
        card, self._progress = self._progress, None
        if card is not None:
            card.hide()
            self._held.removeWidget(card)
            card.deleteLater()

    def _failed(self, error: ConsoleError) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        if isinstance(error, Conflict) and error.code == "plan_changed":
            self._look()
            self.banner.show_message(
                "The numbers moved while you looked.", "They are shown as they are now.", "blue"
            )
            return
        self.banner.show_error(error, action=("Try again", self._look))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        chosen, preview = self.chosen, self.preview
        closed = preview is not None and preview.is_closed
        self.make_button.setText(f"Make {count(len(chosen), 'payout')}" if chosen else "Make payouts")
        early = sum(Caution.NOT_OVER in one.warnings for one in chosen)
        self.make_button.setEnabled(bool(chosen) and not early and not closed and not self._making)
        if preview is None:
            self.totals.setText("Working out what the month comes to…")
            self.known.setText("")
            return
        gross = sum((one.sums.gross for one in chosen), _ZERO)
        fee = sum((one.sums.fee for one in chosen), _ZERO)
        net = sum((one.sums.net for one in chosen), _ZERO)
        done = len(preview.venues) - sum(
            one.state in (PayoutState.OPEN, PayoutState.PENDING) for one in preview.venues
        )
        again = sum(one.state is PayoutState.PENDING for one in chosen)
        warned = sum(bool(one.warnings) for one in chosen)
        moved = (
            ("adjusted", sum((one.sums.adjustments for one in chosen), _ZERO)),
            ("carried in", sum((one.sums.carried_in for one in chosen), _ZERO)),
            ("carried on", -sum((one.sums.carried_out for one in chosen), _ZERO)),
        )
        between = "".join(f"{name} {money(amount)}, " for name, amount in moved if amount)
        self.totals.setText(
            f"{count(len(chosen), 'venue')}: gross {money(gross)}, fee {signed(fee)}, {between}net {money(net)} "
            f"{preview.currency}"
        )
        parts = [
            f"{count(again, 'payout')} {'is' if again == 1 else 'are'} made anew" if again else "",
            f"{count(done, 'venue')} {'is' if done == 1 else 'are'} approved already and left alone"
            if done
            else "",
            f"{count(warned, 'venue')} with something to know first" if warned else "",
        ]
        if early:
            month = month_title(preview.period_start).split()[0]
            self.known.setText(
                f"{month} is not over at {count(early, 'venue')} yet: leave out what is marked so, or wait."
            )
            return
        said = "; ".join(part for part in parts if part)
        self.known.setText(f"{said}." if said else "Nothing stands in the way.")

    def _explain(self) -> None:
        row = marked(self.table)
        said = cautions(row) if isinstance(row, VenuePreview) else []
        self.about.setText(f"{row.venue}. {' '.join(said)}" if said else "")
        self.about.setVisible(bool(said))

    def _show_form(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(16)
        month = Field(self.hub, "Month", self.month)
        month.setMaximumWidth(self.hub.theme.scaled(240))
        row.addWidget(month, 1)
        row.addWidget(self.which, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.totals)
        column.addWidget(self.known)
        self._held = QVBoxLayout()
        column.addLayout(self._held)
        column.addWidget(self.skeleton)
        column.addWidget(self.table, 1)
        self.table.setMinimumHeight(self.hub.theme.scaled(200))
        self.about = label("", "secondary", wrap=True)
        column.addWidget(self.about)
        self.about.hide()
        column.addStretch(0)
        self.show_step(body, "Nothing is written before you say so.")

    def _venue_look(self, row: VenuePreview) -> CellLook:
        if row.state not in (PayoutState.OPEN, PayoutState.PENDING):
            return CellLook("muted")
        if self.which.chosen == "all":
            return CellLook()
        out = row.venue_id in self._left_out
        return CellLook("muted" if out else "primary", icon="ph.square" if out else "ph.check-square")


def _columns() -> list[Column[VenuePreview]]:
    return [
        Column("venue", "Venue", lambda one: one.venue, width=184, stretch=True),
        Column("state", "State", lambda _one: "", width=128),
        Column("warnings", "Know first", _first_caution, width=152, tooltip=_all_cautions),
        Column(
            "bookings", "Bookings", lambda one: f"{one.sums.bookings:,}", numeric=True, width=80, gives_way=3
        ),
        Column("gross", "Gross", lambda one: money(one.sums.gross), numeric=True, width=96, gives_way=2),
        Column("fee", "Fee", lambda one: signed(one.sums.fee), numeric=True, width=88, gives_way=4),
        Column("adjustments", "Adjusted", _adjusted, numeric=True, width=84, gives_way=5),
        Column("carried_in", "Carried", _carried, numeric=True, width=76, gives_way=6),
        Column("net", "Net", lambda one: money(shown_amount(one.sums)), numeric=True, width=100),
    ]


def _value(row: VenuePreview, key: str) -> object:
    if key == "warnings":
        return len(row.warnings)
    return getattr(row.sums, key) if hasattr(row.sums, key) else getattr(row, key)


def _adjusted(row: VenuePreview) -> str:
    return money(row.sums.adjustments) if row.adjustment_lines else ""


def _carried(row: VenuePreview) -> str:
    return money(row.sums.carried_in) if row.sums.carried_in else ""


def _first_caution(row: VenuePreview) -> str:
    if not row.warnings:
        return ""
    more = f" +{len(row.warnings) - 1}" if len(row.warnings) > 1 else ""
    return f"{_SHORT[row.warnings[0]]}{more}"


def _all_cautions(row: VenuePreview) -> str:
    return "\n".join(cautions(row))


def _warning_look(row: VenuePreview) -> CellLook:
    return CellLook(icon="ph.warning", icon_color="amber.text") if row.warnings else CellLook()


def _state_look(row: VenuePreview) -> CellLook:
    return CellLook(chip=_NEW if row.state is PayoutState.OPEN else STATE_CHIPS[row.state])


def _ended_months(today: date) -> list[date]:
    """The months that are over, the last one first."""
    months, first = [], today.replace(day=1)
    for _ in range(_MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return months
