"""Whether the system libraries that Qt needs are there, found out by loading Qt's own files.

Asking the loader is more reliable than any list: it names the file that is missing. Nothing of Qt runs here, so that
`doctor` can say what is wrong on a machine where a window cannot open. See docs/design.md, "Runtime".
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from pathlib import Path

_FILES = ("lib/libQt6Widgets.so.6", "lib/libQt6Network.so.6", "plugins/platforms/libqxcb.so")


def missing_libraries() -> list[str]:
    """The system libraries that are missing, by file name; empty on Windows and macOS, where Qt needs none."""
    if not sys.platform.startswith("linux"):
        return []
    spec = importlib.util.find_spec("PySide6")
    place = (
        Path(next(iter(spec.submodule_search_locations))) / "Qt"
        if spec and spec.submodule_search_locations
        else None
    )
    if place is None:
        return ["PySide6"]
    missing: list[str] = []
    for name in _FILES:
        try:
            ctypes.CDLL(str(place / name))
        except OSError as error:
            missing.append(str(error).split(":", 1)[0])
    return list(dict.fromkeys(missing))
