"""The events of this desk that the server has not judged, and those it refused afterwards, on the Today screen.

A kept event is amber until its answer comes; only the answer makes it green. A refused one is red and said once,
however many are refused together. See docs/design.md, "The desk protocol" (append, paint, send).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.attendance import AttendanceState, EventAnswer, OutcomeKind
from console.domain.desk import RosterEntry
from console.domain.sync import AttentionItem
from console.models.marks import Trouble
from console.models.refused import claimed, entries, short_reason, why
from console.models.tones import Tone
from console.views.front_desk.day import DeskDay
from console.views.front_desk.outcomes import Outcome

_TELL_AFTER_MS = 300
_REMEMBERED = 200


class KeptEvents(QObject):
    """Paints kept events and hears their answers."""

    toast = Signal(object)
    """An Outcome: something this desk recorded needs attention."""
    settled = Signal(object)
    """The EventAnswer of an event of this desk that had been kept."""

    def __init__(self, day: DeskDay) -> None:
        """Paint into `day`."""
        super().__init__()
        self._day, self._roster = day, day.roster
        self._early: dict[UUID, EventAnswer] = {}
        self._troubles: dict[UUID, Trouble] = {}
        self._untold: list[tuple[str, Trouble]] = []
        self._tell_later = QTimer(self)
        self._tell_later.setSingleShot(True)
        self._tell_later.setInterval(_TELL_AFTER_MS)
        self._tell_later.timeout.connect(self._tell)

    def stop(self) -> None:
        """Say nothing more: the page is closing."""
        self._tell_later.stop()

    def came_already(self, answer: EventAnswer) -> EventAnswer:
        """The server's answer where it overtook the desk's own, else `answer`."""
        return self._early.pop(answer.event_id, answer) if answer.kept else answer

    def keep(self, entry: RosterEntry, answer: EventAnswer) -> None:
        """Paint a booking as a kept event leaves it."""
        self._roster.keep(entry, answer.event_id)

    def settle(self, answer: EventAnswer) -> None:
        """The server has judged an event that was kept: paint what is true now."""
        found = self._roster.settle(answer.event_id)
        if found is None:
            # Its action may not have returned yet; or it is older than this page, and the refresh shows it.
            self._early[answer.event_id] = answer
            while len(self._early) > _REMEMBERED:
                self._early.pop(next(iter(self._early)))
        else:
            entry, over = found
            known = self._roster.known(entry.booking_id)
            if answer.outcome is OutcomeKind.REJECTED:
                self._refused(entry, answer)
            if over:
                row = self._roster.row(entry.booking_id)
                self._roster.put(_as_answered(row.entry if row is not None else entry, answer, known))
        self._day.answered(answer.booking_id)
        self.settled.emit(answer)

    def show_attention(self, items: Sequence[AttentionItem]) -> None:
        """Show which bookings have an event that needs attention; those that are no longer listed lose their red."""
        zone = self._day.zone
        self._troubles = {}
        for item in items:
            event, answer = item.queued.event, item.queued.answer
            booking = event.booking_id or (answer.booking_id if answer else None)
            if booking is not None:
                self._troubles[booking] = Trouble(
                    event.id, short_reason(answer, zone), why(answer, zone), claimed(event.kind)
                )
        self._roster.set_troubles(self._troubles)

    def _refused(self, entry: RosterEntry, answer: EventAnswer) -> None:
        zone = self._day.zone
        trouble = Trouble(answer.event_id, short_reason(answer, zone), why(answer, zone), entry.state)
        self._troubles[entry.booking_id] = trouble
        self._roster.set_troubles(self._troubles)
        self._untold.append((entry.first_name, trouble))
        self._tell_later.start()

    def _tell(self) -> None:
        untold, self._untold = self._untold, []
        if len(untold) == 1:
            name, trouble = untold[0]
            title, detail = f"{name} needs attention", trouble.sentence
        else:
            title, detail = f"{entries(len(untold))} need attention", "Needs attention says why."
        self.toast.emit(Outcome("refused", title, detail, heard=Tone.ATTENTION))


def _as_answered(entry: RosterEntry, answer: EventAnswer, before: RosterEntry | None) -> RosterEntry:
    """A booking that was kept, as the server's answer leaves it; `before` is how it was before the event."""
    known = replace(entry, waiting=False)
    if answer.outcome is OutcomeKind.REJECTED:
        if answer.state is None and before is not None and not before.waiting:
            return before
        state = answer.state or AttendanceState.EXPECTED
        seen = state is not AttendanceState.EXPECTED
        return replace(
            known, state=state, state_at=answer.state_at if seen else None, state_desk=None, state_by=None,
            collected_by=None, undo=None,
        )  # fmt: skip
    if answer.outcome is OutcomeKind.ALREADY:
        detail = answer.detail
        return replace(
            known, state=answer.state or entry.state, state_at=detail.at or answer.state_at,
            state_desk=detail.desk, state_by=detail.person, undo=None,
        )  # fmt: skip
    if answer.state is None or answer.state is entry.state:
        return known
    # Something else happened meanwhile: the refresh that follows brings the rest.
    return replace(known, state=answer.state, state_at=answer.state_at, undo=None)
