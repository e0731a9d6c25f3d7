"""What is remembered on this workstation: how the window looks, and who signed in here lately.

Kept in a small file, never in the database. Of people it holds what the cards of the sign-in page show and the
address they sign in with; it holds no password and nothing of children.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from console import paths
from console.views.entry.people import KnownPerson
from console.views.tokens import MODES, Mode

REMEMBERED_FOR = timedelta(days=7)
_MOST_PEOPLE = 5


class Preferences:
    """The remembered choices of the window; a file that cannot be written costs the memory, not the work."""

    def __init__(self, file: Path | None = None) -> None:
        """Read `file`, by default `window.ini` in the user's configuration folder."""
        chosen = file or paths.config_dir() / "window.ini"
        self._settings = QSettings(str(chosen), QSettings.Format.IniFormat)

    @property
    def mode(self) -> Mode | None:
        """Light or dark, where the person chose one."""
        kept = str(self._settings.value("mode", ""))
        return next((mode for mode in MODES if mode == kept), None)

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._settings.setValue("mode", mode)

    @property
    def rail_collapsed(self) -> bool:
        """Whether the rail shows icons only."""
        return str(self._settings.value("rail_collapsed", "false")) == "true"

    @rail_collapsed.setter
    def rail_collapsed(self, collapsed: bool) -> None:
        self._settings.setValue("rail_collapsed", "true" if collapsed else "false")

    def remember_person(self, email: str, name: str, role: str, at: datetime, needs_code: bool) -> None:
        """Somebody signed in here: their card comes first for a week."""
        kept = [one for one in self._people() if one["email"] != email]
        fresh = {"email": email, "name": name, "role": role, "at": at.isoformat(), "needs_code": needs_code}
        self._settings.setValue("people", json.dumps([fresh, *kept][:_MOST_PEOPLE]))
        self._settings.sync()

    def known_people(self, now: datetime) -> list[KnownPerson]:
        """Who signed in here in the last seven days, the latest first."""
        known = []
        for one in self._people():
            at = datetime.fromisoformat(one["at"])
            if now - at > REMEMBERED_FOR:
                continue
            local, today = at.astimezone(), now.astimezone().date()
            when = f"today {local:%H:%M}" if local.date() == today else f"{local:%A}"
            detail = f"{one['role']}, {when}"
            known.append(KnownPerson(one["name"], detail, one["email"], needs_code=one["needs_code"]))
        return known

    def _people(self) -> list[dict[str, Any]]:
        try:
            found = json.loads(str(self._settings.value("people", "[]")))
            return [one for one in found if datetime.fromisoformat(one["at"]).tzinfo and one["email"]]
        except (ValueError, TypeError, KeyError):
            return []  # a damaged file costs the memory, not the sign-in
