"""What people of the demo did on which day: put down in any order, done in the order of its instants.

The months of payouts and those of invoices are told apart from one another and happen side by side, and each function
of the database has to see the books as they stood at its hour.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from console.demo import calendar
from console.errors import BugError
from console.storage.demo_past import Past

T = TypeVar("T")
HEADQUARTERS = ZoneInfo("America/Los_Angeles")


class Agenda:
    """The things to be done, each at its instant and by somebody."""

    def __init__(self, past: Past, until: datetime) -> None:
        """Nothing happens before `carry_out`, and nothing later than `until`."""
        self._past, self._until = past, until
        self._entries: list[tuple[datetime, int, str, Callable[[], None]]] = []

    def put(self, instant: datetime, person: str, deed: Callable[[], None]) -> None:
        """Let the person (an id) do something then; of two things at one instant the first put comes first."""
        self._entries.append((min(instant, self._until), len(self._entries), person, deed))

    def carry_out(self) -> None:
        """Do everything, the oldest first. A deed may not put down another one."""
        for instant, _, person, deed in sorted(self._entries, key=lambda entry: entry[:2]):
            self._past.at(instant)
            self._past.become(person)
            deed()


def answer(question: Coroutine[Any, Any, T]) -> T:
    """What a query answers that waits for nothing, because its database is a `Past`."""
    try:
        question.send(None)
    except StopIteration as done:
        found: T = done.value
        return found
    question.close()
    raise BugError("A query of the demo waited for something.", code="demo_waits")


def office_hour(day: date, clock: str) -> datetime:
    """The instant when the clock at headquarters shows "09:10" on that day."""
    hours, minutes = (int(part) for part in clock.split(":"))
    return calendar.instant(HEADQUARTERS, day, hours * 60 + minutes)


def month_after(month: date, count: int = 1) -> date:
    """The first day of the month so many months later, or earlier below zero."""
    months = month.year * 12 + month.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def day_of(month: date, number: int) -> date:
    """A day of the month by its number, at most 28."""
    return month + timedelta(days=number - 1)
