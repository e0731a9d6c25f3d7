"""The sign-in page of a desk that was here before, shown before the database is even loaded.

Reaching the server takes longer than starting to type, so a known desk shows whom it showed last time and is made ready
meanwhile. What is kept of it is what the page says of the desk: no person, no address, no secret. A demo is not kept:
its accounts come from its own database. See docs/design.md, "Runtime" (start-up).
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from console.domain.person import DeskInfo, DeviceRef
from console.settings import Settings
from console.views.entry.panel import DeskFact

if TYPE_CHECKING:
    from console.services.workstation import Workstation
    from console.views.preferences import Preferences
    from console.views.shell.window import ShellWindow

_BREATH = 0.02  # seconds
_SCREENS = (
    "console.domain.families",
    "console.views.front_desk.session_list",
    "console.views.front_desk.child_card",
    "console.views.front_desk.middle",
    "console.views.front_desk.page",
    "console.views.shell.palette",
    "console.views.shell.records",
    "console.views.widgets.toast",
    "console.app.workplace",
    "console.app.desk",
    "console.services.attendance",
    "console.services.day",
    "console.services.families",
    "console.services.live",
    "console.storage.listener",
)


def kept_desk(preferences: Preferences, settings: Settings, now: datetime) -> DeskInfo | None:
    """What this computer last showed of itself at the server of `settings`; None where it has not been there."""
    kept: dict[str, Any] = preferences.last_desk
    if kept.get("server") != _mark(settings):
        return None
    try:
        device = DeviceRef(
            UUID(kept["id"]), str(kept["name"]), UUID(kept["venue"]) if kept["venue"] else None
        )
        return DeskInfo(device, kept["venue_name"] or None, kept["timezone"] or None, False, now)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # damaged by hand: it costs the sooner page, not the sign-in


def keep_desk(preferences: Preferences, settings: Settings, desk: DeskInfo) -> None:
    """Remember what is shown of this desk, for its next start."""
    device = desk.device
    facts = {
        "server": _mark(settings),
        "id": str(device.id),
        "name": device.name,
        "venue": str(device.venue_id) if device.venue_id else "",
        "venue_name": desk.venue_name or "",
        "timezone": desk.timezone or "",
    }
    wanted = {} if desk.demo else facts
    if preferences.last_desk != wanted:
        preferences.last_desk = wanted


def desk_facts(desk: DeskInfo, *, own: bool, reached: bool) -> list[DeskFact]:
    """How this desk stands, for the sign-in page; `own` is a database on this computer."""
    place = "The database on this computer answers" if own else "The server answers"
    bound = f"For {desk.venue_name}" if desk.venue_name else "For every venue of whoever signs in"
    online = DeskFact("ph.wifi-high", "Online", place, "green.text")
    offline = DeskFact("ph.wifi-slash", "Offline", "The server does not answer", "amber.text")
    facts = [
        online if reached else offline,
        DeskFact("ph.desktop", f"This is {desk.device.name}", bound),
    ]
    if desk.demo:
        facts.append(DeskFact("ph.flask", "Demo data", "Choose a person; the password is filled in"))
    return facts


def load_workstation(settings: Settings, load_demo: Callable[..., object] | None) -> Workstation:
    """Import what reaches the database, in a thread: it takes longer than all of the window."""
    from console.services.workstation import Workstation

    return Workstation(settings, load_demo=load_demo)


def load_storage() -> None:
    """Import what asks the database, in a thread."""
    import console.services.sign_in
    import console.storage.database  # noqa: F401 - only so that it is there


async def load_screens(window: ShellWindow) -> None:
    """Load what the first screen needs while somebody types a password: code only, and nothing of any person."""
    for name in _SCREENS:
        importlib.import_module(name)
        await asyncio.sleep(_BREATH)  # in steps, so that typing is never held up
    _ = window.palette_box


def _mark(settings: Settings) -> str:
    # Which server it was, without its address or the secret in it.
    address = settings.database_url or f"own {settings.database_name}"
    return hashlib.sha256(address.encode()).hexdigest()[:16]
