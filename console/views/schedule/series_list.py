"""Every weekly pattern of a venue in a table, those that still run first; Enter edits.

There are at most some hundreds, so they are fetched at once, and sorted and narrowed here. See docs/design.md,
"Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.paging import Page, PageRequest
from console.domain.programme import Series
from console.models.table import Column, KeysetTableModel
from console.models.words import short_date
from console.views.schedule import words
from console.views.schedule.lanes import Wanted
from console.views.theme import ThemeHub
from console.views.widgets.focus import lead_focus
from console.views.widgets.table import CellLook, DataTable, TableCard
from console.views.widgets.waiting import EmptyState

_LATEST = date.max


class SeriesList(QWidget):
    """The table. `failed` carries the ConsoleError of a fetch."""

    opened = Signal(object)
    """(series id)"""
    failed = Signal(Exception)

    def __init__(
        self,
        hub: ThemeHub,
        fetch: Callable[[], Awaitable[tuple[Series, ...]]],
        begin: Callable[[], object] | None,
    ) -> None:
        """`fetch` answers every series; `begin` starts a new one, where that is allowed."""
        super().__init__()
        self._fetch = fetch
        self._wanted = Wanted()
        self._rooms: Mapping[UUID, str] = {}
        self.model: KeysetTableModel[Series] = KeysetTableModel(
            self._columns(), self._page, lambda row: row.id, sort="activity"
        )
        self.table = DataTable(hub, self.model, name="series", looks={"activity": _look})
        self.card = TableCard(hub, self.table)
        action = ("ph.plus", "New series", begin) if begin is not None else None
        self.empty = EmptyState(
            hub,
            "ph.calendar-blank",
            "No series yet",
            "A series is a session that repeats every week.",
            action=action,
        )
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No series match", "Type less, or choose less."
        )
        self._stack = QStackedWidget()
        for part in (self.card, self.empty, self.no_match):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 16)
        column.addWidget(self._stack)
        self.table.row_activated.connect(lambda row: self.opened.emit(row.id))
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self.failed)
        self._asked = False
        lead_focus(self, self.table)

    def show_rooms(self, rooms: Mapping[UUID, str]) -> None:
        """The names of rooms."""
        self._rooms = rooms

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what the filters let through."""
        if wanted != self._wanted:
            self._wanted = wanted
            if self._asked:
                self.model.restart()

    def load(self) -> None:
        """Ask, the first time for everything, then for what changed; nothing moves."""
        if self._asked:
            self.model.refresh()
        else:
            self._asked = True
            self.model.restart()

    def stop(self) -> None:
        """Drop what is under way."""
        self.model.cancel()

    def _room(self, row: Series) -> str:
        room = row.facts.room_id
        return words.NO_ROOM if room is None else self._rooms.get(room, "")

    def _columns(self) -> tuple[Column[Series], ...]:
        return (
            Column("activity", "Series", lambda row: row.facts.name or row.activity, width=132, stretch=True),
            Column("days", "Days", _days, width=168, tooltip=_days),
            Column("time", "Time", lambda row: words.series_times(row.facts), width=108),
            Column("room", "Room", self._room, width=104, gives_way=2),
            Column("instructor", "Instructor", lambda row: row.facts.instructor or "", width=120, gives_way=3),
            Column("span", "Runs", words.series_span, width=192, gives_way=4),
            Column("next", "Next", lambda row: short_date(row.next_on) if row.next_on else "", width=68),
            Column("upcoming", "To come", lambda row: str(row.upcoming), numeric=True, width=76),
            Column("booked", "Booked", lambda row: str(row.booked), numeric=True, width=72),
            Column("hand", "By hand", lambda row: str(row.changed_by_hand or ""), numeric=True, width=80, gives_way=1),
        )  # fmt: skip

    async def _page(self, request: PageRequest) -> Page[Series]:
        rows = [row for row in await self._fetch() if self._lets(row)]
        keys: dict[str, Callable[[Series], Any]] = {
            "activity": lambda row: (row.facts.name or row.activity).casefold(),
            "days": lambda row: [
                (day - 1) % 7 for day in sorted(row.facts.weekdays, key=lambda day: (day - 1) % 7)
            ],
            "time": lambda row: row.facts.start,
            "room": lambda row: self._room(row).casefold(),
            "instructor": lambda row: (row.facts.instructor or "").casefold(),
            "span": lambda row: (row.facts.first, row.facts.last or _LATEST),
            "next": lambda row: row.next_on or _LATEST,
            "upcoming": lambda row: row.upcoming,
            "booked": lambda row: row.booked,
            "hand": lambda row: row.changed_by_hand,
        }
        rows.sort(key=lambda row: row.facts.start)
        rows.sort(key=keys[request.sort], reverse=request.descending)
        rows.sort(key=lambda row: not row.is_active)
        return Page(rows, None)

    def _lets(self, row: Series) -> bool:
        wanted, facts = self._wanted, row.facts
        if wanted.rooms and str(facts.room_id or "") not in wanted.rooms:
            return False
        if wanted.instructors and (facts.instructor or "") not in wanted.instructors:
            return False
        if wanted.activities and str(facts.activity_id) not in wanted.activities:
            return False
        sought = f"{row.activity}\n{facts.name or ''}\n{facts.instructor or ''}\n{self._room(row)}".casefold()
        return all(word in sought for word in wanted.text.casefold().split())

    def _loaded(self) -> None:
        rows = self.model.rowCount()
        if rows:
            shown: QWidget = self.card
        else:
            shown = self.no_match if self._wanted.narrows else self.empty
        self._stack.setCurrentWidget(shown)
        to_come = sum(self.model.row(at).upcoming for at in range(rows))
        self.card.set_foot(count(rows, "series", "series"), f"{count(to_come, 'session')} to come")
        if rows and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 0))


def _look(row: Series) -> CellLook:
    """A pattern that has ended is quieter."""
    return CellLook() if row.is_active else CellLook(tone="muted", suffix="ended")


def _days(row: Series) -> str:
    return words.pattern(row.facts)
