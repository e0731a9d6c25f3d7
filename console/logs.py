"""Where the console writes down what went wrong.

One rotating file of the user's own, readable by nobody else, with UTC times. What is logged names records by id:
never a child, a parent, a password or a token (docs/design.md, "Rules of the domain", privacy).
"""

from __future__ import annotations

import logging
import os
import time
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from console import paths

ROOT_LOGGER = "console"
_BYTES = 2_000_000
_KEPT = 3


class _PrivateFile(RotatingFileHandler):
    """A rotating file that only its owner may read, also after it has been rotated."""

    def _open(self) -> TextIOWrapper:
        return open(
            self.baseFilename, "a", encoding=self.encoding, opener=_private
        )  # Path.open has no opener


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def configure(level: str = "info", name: str = "console.log") -> Path:
    """Start logging to the user's file; calling it again only changes the level. Raises OSError where it cannot.

    Processes beside each other have files of other names: two that rotate one file lose lines.
    """
    folder = paths.log_dir()
    file = folder / name
    root = logging.getLogger(ROOT_LOGGER)
    root.setLevel(level.upper())
    root.propagate = False
    if not any(isinstance(one, _PrivateFile) and one.baseFilename == str(file) for one in root.handlers):
        folder.mkdir(parents=True, exist_ok=True)
        handler = _PrivateFile(file, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8")
        formatter = logging.Formatter(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
        root.addHandler(handler)
    return file


def logger(name: str) -> logging.Logger:
    """The logger of a module; `name` is its __name__."""
    return logging.getLogger(name if name.startswith(ROOT_LOGGER) else f"{ROOT_LOGGER}.{name}")
