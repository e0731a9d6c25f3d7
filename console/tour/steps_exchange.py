"""The tour of import and export: what a calendar of somebody else would make of the schedule, and what goes out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from console.errors import BugError
from console.tour.registry import step
from console.tour.scene import Scene
from console.views.exchange.sheet import ExchangeSheet
from console.views.schedule.page import SchedulePage

_EVENT = """BEGIN:VEVENT
UID:{uid}@tour
SUMMARY:{title}
LOCATION:{room}
DTSTART:{day}T{start}00
DTEND:{day}T{end}00
{rule}
END:VEVENT
"""
_EVENTS = (
    ("clay", "Saturday clay", "Studio A", "20260314", "1000", "1130", "RRULE:FREQ=WEEKLY;COUNT=10"),
    ("open", "Open day", "Attic", "20260321", "1500", "1700", "STATUS:CONFIRMED"),
    ("board", "Meeting of the board", "Office", "20260317", "1900", "2000", "RRULE:FREQ=MONTHLY"),
    ("camp", "Easter camp", "Studio A", "20260330", "0900", "1600", "RRULE:FREQ=DAILY;COUNT=5"),
)
_NAMES = ("uid", "title", "room", "day", "start", "end", "rule")


@step("exchange", "import", role="manager")
async def choose(scene: Scene) -> None:
    """Which file, or which address."""
    await scene.enter_as("manager")
    scene.window.open_area("schedule")
    await scene.settle(0.6)
    page = scene.page
    if not isinstance(page, SchedulePage):
        raise BugError("The tour expected the schedule.")
    page.exchange_wanted.emit()
    await scene.settle(0.4)


@step("exchange", "report", role="manager")
async def report(scene: Scene) -> None:
    """What a calendar would make, entry by entry."""
    events = "".join(_EVENT.format(**dict(zip(_NAMES, one, strict=True))) for one in _EVENTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spring.ics"
        path.write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n", "utf-8")
        await _sheet(scene).open_path(path)
    await scene.settle(0.4)


@step("exchange", "export", role="manager")
async def export(scene: Scene) -> None:
    """What goes out, and what is kept up to date."""
    sheet = _sheet(scene)
    sheet.show_export()
    await scene.settle(0.6)


@step("exchange", "closed", role="manager")
async def closed(scene: Scene) -> None:
    """The schedule again."""
    _sheet(scene).close()
    await scene.settle(0.3)


def _sheet(scene: Scene) -> ExchangeSheet:
    found = scene.window.findChildren(ExchangeSheet)
    if not found:
        raise BugError("The tour expected the sheet for import and export.")
    return found[-1]
