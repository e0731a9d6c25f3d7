"""What is remembered on this workstation: how this desk is set up, and who signed in here lately.

Kept in a small file, never in the database. Of people it holds what the cards of the sign-in page show and the
address they sign in with; it holds no password and nothing of children. A value that somebody damaged by hand
counts as its default.
"""

from __future__ import annotations

import json
from collections.abc import Container
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from console import paths
from console.views.entry.people import KnownPerson
from console.views.tokens import MODES, Mode

REMEMBERED_FOR = timedelta(days=7)
LABEL_SIZES = ("62x29", "89x36")
"""Labels in millimetres, width by height, that the reports can lay out."""
TEXT_PERCENTS = (100, 110, 125, 150)
LOCK_MINUTES = (0, 2, 5, 10, 30)
"""The offered times until an untouched desk locks; 0 is never."""
_MOST_PEOPLE = 5
_MOST_RECENT = 20


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
    def mode(self, mode: Mode | None) -> None:
        self._settings.setValue("mode", mode or "")

    @property
    def rail_collapsed(self) -> bool:
        """Whether the rail shows icons only."""
        return self._flag("rail_collapsed", default=False)

    @rail_collapsed.setter
    def rail_collapsed(self, collapsed: bool) -> None:
        self._keep_flag("rail_collapsed", collapsed)

    # -- this desk ---------------------------------------------------------------------------------------------

    @property
    def printer(self) -> str:
        """The printer for lists and rosters by its system name; empty for the system's usual one."""
        return self._text("printer")

    @printer.setter
    def printer(self, name: str) -> None:
        self._settings.setValue("printer", name)

    @property
    def label_printer(self) -> str:
        """The printer for labels by its system name; empty for the same as `printer`."""
        return self._text("label_printer")

    @label_printer.setter
    def label_printer(self, name: str) -> None:
        self._settings.setValue("label_printer", name)

    @property
    def label_size(self) -> str:
        """The label in the label printer, one of `LABEL_SIZES`."""
        kept = self._text("label_size")
        return kept if kept in LABEL_SIZES else LABEL_SIZES[0]

    @label_size.setter
    def label_size(self, size: str) -> None:
        self._settings.setValue("label_size", size)

    @property
    def labels_on_check_in(self) -> bool:
        """Whether a check-in prints the child's label and its pickup tag."""
        return self._flag("labels_on_check_in", default=False)

    @labels_on_check_in.setter
    def labels_on_check_in(self, wanted: bool) -> None:
        self._keep_flag("labels_on_check_in", wanted)

    @property
    def sound(self) -> bool:
        """Whether outcomes are heard."""
        return self._flag("sound", default=True)

    @sound.setter
    def sound(self, heard: bool) -> None:
        self._keep_flag("sound", heard)

    @property
    def volume(self) -> int:
        """How loud, 0 to 100."""
        return self._number("volume", range(101), 70)

    @volume.setter
    def volume(self, percent: int) -> None:
        self._settings.setValue("volume", percent)

    @property
    def text_percent(self) -> int:
        """The size of text, one of `TEXT_PERCENTS`."""
        return self._number("text_percent", TEXT_PERCENTS, 100)

    @text_percent.setter
    def text_percent(self, percent: int) -> None:
        self._settings.setValue("text_percent", percent)

    @property
    def lock_minutes(self) -> int:
        """Minutes until an untouched desk locks, one of `LOCK_MINUTES`; 0 is never."""
        return self._number("lock_minutes", LOCK_MINUTES, 10)

    @lock_minutes.setter
    def lock_minutes(self, minutes: int) -> None:
        self._settings.setValue("lock_minutes", minutes)

    @property
    def last_desk(self) -> dict[str, Any]:
        """What the sign-in page last showed of this desk; empty where nothing is kept."""
        found = self._json("last_desk")
        return found if isinstance(found, dict) else {}

    @last_desk.setter
    def last_desk(self, facts: dict[str, Any]) -> None:
        self._settings.setValue("last_desk", json.dumps(facts))

    # -- what was used lately ----------------------------------------------------------------------------------

    @property
    def recent(self) -> list[str]:
        """Keys of what was chosen in the palette, the latest first; at most 20."""
        found = self._json("recent")
        if not isinstance(found, list):
            return []
        return [one for one in found if isinstance(one, str)][:_MOST_RECENT]

    @recent.setter
    def recent(self, keys: list[str]) -> None:
        self._settings.setValue("recent", json.dumps(list(dict.fromkeys(keys))[:_MOST_RECENT]))

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        """The filters saved for one list, in the order they were saved; each as the list wrote it."""
        found = self._json("filters")
        kept = found.get(page_key) if isinstance(found, dict) else None
        return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        """Keep the filters of one list in place of those it had; they hold words of columns, never of people."""
        found = self._json("filters")
        everything = found if isinstance(found, dict) else {}
        self._settings.setValue("filters", json.dumps({**everything, page_key: filters}))

    # -- people ------------------------------------------------------------------------------------------------

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

    # -- reading -----------------------------------------------------------------------------------------------

    def _text(self, key: str) -> str:
        kept = self._settings.value(key, "")
        return kept if isinstance(kept, str) else ""  # an unquoted comma in the file makes a list of it

    def _flag(self, key: str, *, default: bool) -> bool:
        return {"true": True, "false": False}.get(self._text(key), default)

    def _keep_flag(self, key: str, value: bool) -> None:
        self._settings.setValue(key, "true" if value else "false")

    def _number(self, key: str, allowed: Container[int], default: int) -> int:
        kept = str(self._settings.value(key, ""))
        number = int(kept) if kept.isascii() and kept.isdigit() else -1
        return number if number in allowed else default

    def _json(self, key: str) -> object:
        try:
            return json.loads(self._text(key))
        except ValueError:
            return None
