"""The workstation's own time zone: what the clock of a desk without a venue shows."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QTimeZone


def own_zone() -> str:
    """The IANA name of the zone this computer is set to; "UTC" where it has none that is known."""
    name = QTimeZone.systemTimeZoneId().toStdString()
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such zone, no name at all, a folder of zones
        return "UTC"
