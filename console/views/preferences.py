"""What a person prefers to see on this workstation: kept in a small file, never in the database."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from console import paths
from console.views.tokens import MODES, Mode


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
