"""Venues that are not paid for now, and why: placing a hold and releasing it, each with a reason that stays.

See docs/design.md, "Rules of the domain" (payouts).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.payouts import Hold
from console.models.gateway_payouts import PayoutWork
from console.models.table import Column
from console.views.payouts.asking import REASON_LENGTH, ask_reason
from console.views.payouts.export import hold_columns
from console.views.payouts.part import TablePart
from console.views.payouts.rows import KnownRows
from console.views.payouts.words import moment
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.fields import Field, SelectBox, TextInput
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook
from console.views.widgets.waiting import EmptyState

Venues = Callable[[], Awaitable[Sequence[tuple[UUID, str]]]]
_HELD = ChipSpec("On hold", "amber", "ph.pause-bold")
_RELEASED = ChipSpec("Released", "neutral", "ph.check-bold")


class HoldsPart(TablePart):
    """The part."""

    def __init__(
        self,
        hub: ThemeHub,
        work: PayoutWork,
        venues: Venues | None,
        *,
        zone: tzinfo,
        may_export: bool = True,
    ) -> None:
        """`venues` are those that a hold can be placed on; without them a hold is placed from a payout."""
        self._work, self._venues = work, venues
        self.hold_button = Button(hub, "Hold a venue…", icon="ph.pause-circle")
        self.release_button = Button(hub, "Release…", icon="ph.check-circle")
        empty = EmptyState(
            hub, "ph.pause-circle", "Every venue is paid",
            "A hold keeps a venue from being paid, for a reason that stays on record.",
            action=("ph.pause-circle", "Hold a venue…", self.place) if venues is not None else None,
        )  # fmt: skip
        super().__init__(
            hub, KnownRows(self._columns(), "id", sort="placed_at", descending=True), "Holds",
            {"released_at": _state_look}, zone=zone, empty=empty, buttons=(self.release_button, self.hold_button),
            export=hold_columns(zone), rows="holds", may_export=may_export,
        )  # fmt: skip
        self.release_button.clicked.connect(lambda _checked=False: self.release())
        self.hold_button.clicked.connect(lambda _checked=False: self.place())
        self.hold_button.setVisible(venues is not None)
        self.question: QuestionDialog | None = None

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def hold(self) -> Hold | None:
        """The hold that is marked."""
        found = self.row
        return found if isinstance(found, Hold) else None

    def deeds(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done here."""
        made = [
            action("payouts:release-hold", "Release the hold", self.release, "Ctrl+Return", "ph.check-circle")
        ]
        if self._venues is not None:
            made.append(action("payouts:place-hold", "Hold a venue", self.place, "Ctrl+H", "ph.pause-circle"))
        return [*made, *self.export_deed(action)]

    # -- what can be done --------------------------------------------------------------------------------------------

    def release(self) -> None:
        """Ask for the reason, then pay the venue again."""
        held = self.hold
        if held is None or held.released_at is not None or self._busy:
            return
        ask_reason(
            self.hub, self, f"Release {held.venue}?", f"Held because: {held.reason}",
            do="Release", keep="Keep the hold", given=lambda why: self._do(self._release(held, why)),
        )  # fmt: skip

    def place(self) -> None:
        """Ask which venue and why."""
        if self._venues is not None and not self._busy and not is_asked(self):
            self.runner.start(self._ask(self._venues), "ask")

    async def _ask(self, venues: Venues) -> None:
        known = sorted(await venues(), key=lambda one: one[1].casefold())
        if is_asked(self):
            return
        box, reason = SelectBox(self.hub, [name for _, name in known]), TextInput(self.hub)
        reason.setPlaceholderText("Stays on record")
        reason.setMaxLength(REASON_LENGTH)
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Field(self.hub, "Venue", box))
        column.addWidget(Field(self.hub, "Reason", reason, note="needed"))
        card = QuestionCard(
            self.hub, "Hold a venue?",
            "It is paid nothing until the hold is released. What is on its way already arrives.",
            do="Hold", keep="Leave it", extra=form, danger=False, parent=self.window(),
        )  # fmt: skip
        card.do.setEnabled(False)
        reason.textChanged.connect(lambda typed: card.do.setEnabled(bool(typed.strip()) and bool(known)))

        def answered(yes: bool) -> None:
            said = " ".join(reason.text().split())
            if yes and said and box.currentIndex() >= 0:
                self._do(self._place(*known[box.currentIndex()], said))

        self.question = QuestionDialog(self.hub, self.window(), card)
        self.question.answered.connect(answered)
        self.question.open()
        # Measured once more now that its parts are styled: the first time they asked for less.
        form.setMinimumHeight(column.totalMinimumSize().height())
        whole = card.layout()
        if whole is not None:
            whole.activate()
            card.resize(card.width(), whole.totalHeightForWidth(card.width()))
        box.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _release(self, held: Hold, reason: str) -> None:
        await self._work.release(held, reason)
        self.toast_wanted.emit(f"{held.venue} is paid again", reason)

    async def _place(self, venue_id: UUID, venue: str, reason: str) -> None:
        await self._work.hold(venue_id, reason)
        self.toast_wanted.emit(f"{venue} is on hold", reason)

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _rows(self) -> Sequence[Hold]:
        return await self._work.holds()

    def _offer(self) -> None:
        held = self.hold
        self.release_button.setEnabled(held is not None and held.released_at is None and not self._busy)
        self.hold_button.setEnabled(not self._busy)
        if held is None:
            return
        placed = f"Held by {held.placed_by}, {moment(held.placed_at, self.zone)}: {held.reason}"
        released = ""
        if held.released_at is not None:
            released = f" Released {moment(held.released_at, self.zone)}: {held.release_reason or ''}"
        self.strip.say(held.venue, f"{placed}{released}")

    def _columns(self) -> list[Column[Hold]]:
        return [
            Column("venue", "Venue", lambda one: one.venue, width=200, stretch=True),
            Column("released_at", "State", lambda _one: "", width=124),
            Column("reason", "Reason", lambda one: one.reason, width=220, stretch=True),
            Column("placed_at", "Since", lambda one: moment(one.placed_at, self.zone), width=132),
            Column("placed_by", "By", lambda one: one.placed_by, width=140, gives_way=1),
        ]


def _state_look(hold: Hold) -> CellLook:
    return CellLook(chip=_HELD if hold.released_at is None else _RELEASED)
