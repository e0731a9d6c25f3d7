"""What a person's claim on the case on show says as time goes by: it warns before it ends, and says when it is over.

A claim that ran out is nobody's, on the server too; the page only says so in time. See docs/design.md, "Rules of the
domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from console.clock import Clock
from console.domain.refusals import clock_time
from console.domain.vetting import CaseRow
from console.views.approvals import words
from console.views.approvals.detail import CaseDetail
from console.views.approvals.words import WARN_BEFORE, minutes_left


class ClaimState(StrEnum):
    """How the claim of the reader stands."""

    NONE = "none"
    RUNNING = "running"
    ENDING = "ending"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ClaimTold:
    """What is to be said of it, and what can be done about it."""

    state: ClaimState
    title: str = ""
    text: str = ""
    action: str = ""


def told(row: CaseRow, now: datetime, zone: tzinfo) -> ClaimTold:
    """What to say of the reader's claim on a case at an instant."""
    until = row.claimed_until
    if not row.claimed_by_me or until is None or row.outcome is not None:
        return ClaimTold(ClaimState.NONE)
    if until <= now:
        return ClaimTold(
            ClaimState.OVER,
            f"Your claim ran out at {clock_time(until, zone)}.",
            "Somebody else may take the case now.",
            "Take it again",
        )
    if until - now <= WARN_BEFORE:
        return ClaimTold(
            ClaimState.ENDING,
            f"Your claim ends at {clock_time(until, zone)}.",
            f"That is in {minutes_left(until, now)} min.",
            "Keep it",
        )
    return ClaimTold(ClaimState.RUNNING)


class ClaimTeller:
    """Says in the detail's banner what becomes of a claim, each thing once."""

    def __init__(
        self,
        detail: CaseDetail,
        clock: Clock,
        zone: tzinfo,
        *,
        keep: Callable[[], object],
        go_on: Callable[[], object],
    ) -> None:
        """`keep` claims again, `go_on` takes another case."""
        self._detail, self._clock, self._zone = detail, clock, zone
        self._keep, self._go_on = keep, go_on
        self._said: ClaimTold | None = None

    def forget(self) -> None:
        """Another case: nothing was said of it yet."""
        self._said = None

    def tell(self, row: CaseRow) -> None:
        """What the reader's own claim says now."""
        now_said, before = told(row, self._clock.now(), self._zone), self._said
        if now_said == before:
            return
        self._said = now_said
        if before is None or before.state is not now_said.state:
            self._detail.show_claim(row)
        if now_said.state in (ClaimState.ENDING, ClaimState.OVER):
            action = (now_said.action, self._keep)
            self._detail.banner.show_message(now_said.title, now_said.text, "amber", action=action)
        elif before is not None and before.state in (ClaimState.ENDING, ClaimState.OVER):
            self._detail.banner.clear()

    def tell_others(self, before: CaseRow, now: CaseRow) -> None:
        """Somebody else was faster: say who, where one looks."""
        if before.outcome is None and now.outcome is not None:
            said = words.decided_line(now, self._zone)
        elif before.claimed_by_me and now.claimed_by is not None and not now.claimed_by_me:
            said = f"{words.claim_line(now, self._clock.now(), self._zone)}."
        else:
            return
        self._said = told(now, self._clock.now(), self._zone)
        self._detail.banner.show_message(said, "", "amber", action=("Next case", self._go_on))
