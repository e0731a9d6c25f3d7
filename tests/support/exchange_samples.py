"""A gateway of the exchange that answers believable things at once, and hands out places nobody has to choose."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.domain.exchange import (
    Columns,
    Opened,
    Outcome,
    Overlap,
    Published,
    Reading,
    Report,
    ReportRow,
    Sheet,
    Taken,
    Wish,
    Written,
)
from console.domain.programme import Choices, Room
from console.errors import ConsoleError
from console.models.gateway_exchange import ExchangeGateway, Progress

TODAY = date(2026, 3, 2)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh and friends, an afternoon for everybody who likes clay"
SHEET = Sheet(
    {"course": "Course", "days": "Days", "from": "From", "until": "Until", "begins": "Begins", "length": "Length",
     "studio": "Studio or other place in the building where it is held"},
    ((2, {"course": "Clay", "days": "Tue, Thu", "from": "2026-03-03", "until": "", "begins": "16:00", "length": "60",
          "studio": "Studio A"}),),
    (),
    "ab" * 32,
)  # fmt: skip
GUESS = Columns(
    "series", {"title": "course", "weekdays": "days", "first": "from", "last": "until", "start": "begins",
               "minutes": "length", "room": "studio"},
)  # fmt: skip
ROWS = (
    ReportRow(2, "Clay", "series", Outcome.CREATED, made=26, rooms=1),
    ReportRow(3, "Junior Judo", "series", Outcome.CHANGED, altered=12, ended=1, bookings=9, told=8),
    ReportRow(4, LONG, "session", Outcome.CREATED, made=1, activities=1, overlaps=(
        Overlap("room", "Studio A", date(2026, 3, 7), "Ballet for beginners"),
        Overlap("instructor", "Ana", date(2026, 3, 7), "Ballet for beginners"))),
    ReportRow(5, "Storytime", "series", Outcome.SAME),
    ReportRow(7, "Board games", "unread", Outcome.REFUSED,
              refusal="It repeats monthly; the console keeps weekly series only."),
    ReportRow(9, None, "session", Outcome.REFUSED, refusal="It lasts all day; a session has a start and an end."),
)  # fmt: skip
REPORT = Report("f" * 64, ROWS)


class FakeExchange:
    """Answers at once; `error` is raised by the next call that would answer."""

    def __init__(
        self, *, is_table: bool = True, report: Report = REPORT, kept: Published | None = None
    ) -> None:
        self.is_table, self.report, self.kept = is_table, report, kept
        self.error: ConsoleError | None = None
        self.looked: list[tuple[Columns | None, int]] = []
        self.taken: list[Report] = []
        self.written: list[tuple[Wish, Path]] = []
        self.addresses: list[tuple[str, bool]] = []

    def _fail(self) -> None:
        error, self.error = self.error, None
        if error is not None:
            raise error

    async def choices(self) -> Choices:
        """Two rooms and an instructor."""
        rooms = (Room(UUID(int=1), "Studio A", 12), Room(UUID(int=2), LONG, None))
        return Choices((), rooms, ("Ana", "Cleo"), ())

    async def export(self, wish: Wish, path: Path) -> Written:
        """Remember it."""
        self._fail()
        self.written.append((wish, path))
        return Written(str(path), 12)

    async def open_file(self, path: Path, progress: Progress) -> Opened:
        """A table, or a calendar."""
        progress(1, 2)
        self._fail()
        if self.is_table:
            return Opened(path.name, "table", sheet=SHEET, columns=GUESS)
        return Opened(path.name, "calendar", Reading("Calendar", ()))

    async def open_address(self, address: str, private: bool, progress: Progress) -> Opened:
        """A calendar."""
        self.addresses.append((address, private))
        self._fail()
        return Opened(address, "calendar", Reading("Calendar", ()))

    async def look(
        self, opened: Opened, columns: Columns | None, capacity: int, progress: Progress
    ) -> Report:
        """The report."""
        self._fail()
        self.looked.append((columns, capacity))
        return self.report

    async def take(self, report: Report) -> Taken:
        """Remember it."""
        self._fail()
        self.taken.append(report)
        return Taken(2, 1, 1, 2, 8)

    def published(self) -> Published | None:
        """What is kept."""
        return self.kept

    async def publish(self, wish: Published | None) -> Published | None:
        """Keep it."""
        self._fail()
        self.kept = wish
        return wish


class Places:
    """A picker that answers what it was told."""

    def __init__(self, folder: Path = Path("/nowhere"), *, nothing: bool = False) -> None:
        self.folder_path, self.nothing = folder, nothing
        self.suggested: list[str] = []

    async def file(self, window: QWidget) -> Path | None:
        """A file."""
        return None if self.nothing else self.folder_path / "programme.csv"

    async def folder(self, window: QWidget) -> Path | None:
        """A folder."""
        return None if self.nothing else self.folder_path

    async def save(self, window: QWidget, suggested: str) -> Path | None:
        """A place."""
        self.suggested.append(suggested)
        return None if self.nothing else self.folder_path / suggested


def fake() -> ExchangeGateway:
    """One, held to the contract."""
    return FakeExchange()
