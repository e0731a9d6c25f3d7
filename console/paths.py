"""Where things lie: the only module that knows.

The same code runs from a checkout (`db/` and `resources/` beside `console/`), from an installed wheel (both inside
`console/_bundle/`) and from a frozen one-directory build (both beside the frozen modules). It also names the
directories of the user's own files. Nothing here creates a directory except where a docstring says so.
See docs/design.md, "Layout".
"""

from __future__ import annotations

import os
import re
import sys
from enum import StrEnum
from pathlib import Path

APP_NAME = "nexus-console"
ROOT_HOME = Path("/var/lib") / APP_NAME


class Layout(StrEnum):
    """The three ways the console is laid out on disk."""

    CHECKOUT = "checkout"
    WHEEL = "wheel"
    FROZEN = "frozen"


def layout() -> Layout:
    """How this copy of the console is laid out."""
    if getattr(sys, "frozen", False):
        return Layout.FROZEN
    if (_package() / "_bundle").is_dir():
        return Layout.WHEEL
    return Layout.CHECKOUT


def db_dir() -> Path:
    """The SQL and the migrations: roles.sql, versions/, functions/, policies/."""
    return _base() / "db"


def resources_dir() -> Path:
    """Style template, tokens, sounds, translations."""
    return _base() / "resources"


def data_dir() -> Path:
    """The user's durable files, the embedded database among them.

    `NEXUS_DATA_DIR` overrides it. Run as root it is under /var/lib, because the database server has to run as
    another user, who cannot look into root's home.
    """
    override = os.environ.get("NEXUS_DATA_DIR")
    if override:
        return Path(override).expanduser().absolute()
    return ROOT_HOME if is_root() else Path(_users("data"))


def desk_dir(role: str) -> Path:
    """Where one enrolled desk keeps its outbox and its rosters; `role` is its login.

    Each enrolment has a role of its own at its server: its name tells this desk's files for one server from another's.
    """
    return data_dir() / "desk" / re.sub(r"[^A-Za-z0-9_.-]", "_", role or "desk")


def config_dir() -> Path:
    """The user's settings file and, without a keyring, the desk's secret. `NEXUS_CONFIG_DIR` overrides it."""
    override = os.environ.get("NEXUS_CONFIG_DIR")
    if override:
        return Path(override).expanduser().absolute()
    return Path(_users("config"))


def cache_dir() -> Path:
    """Files that may be lost without harm, apart from the time to make them again."""
    override = os.environ.get("NEXUS_CACHE_DIR")
    if override:
        return Path(override).expanduser().absolute()
    return Path(_users("cache"))


def log_dir() -> Path:
    """The console's own log files. `NEXUS_LOG_DIR` overrides it."""
    override = os.environ.get("NEXUS_LOG_DIR")
    if override:
        return Path(override).expanduser().absolute()
    return Path(_users("log"))


def frozen_dir() -> Path:
    """Where a frozen build keeps the files it brought along; meaningless in the other layouts."""
    # PyInstaller names the directory of unpacked data; other freezers put it beside the executable.
    return Path(getattr(sys, "_MEIPASS", Path(sys.executable).resolve().parent))


def is_root() -> bool:
    """Whether this process is root; never on Windows."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _users(kind: str) -> str:
    # Loaded here because a console that is told where its files are does without it.
    import platformdirs

    found: str = getattr(platformdirs, f"user_{kind}_dir")(APP_NAME, appauthor=False)
    return found


def _package() -> Path:
    return Path(__file__).resolve().parent


def _base() -> Path:
    found = layout()
    if found is Layout.FROZEN:
        return frozen_dir()
    return _package() / "_bundle" if found is Layout.WHEEL else _package().parent
