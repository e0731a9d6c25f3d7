"""Which folder may import which package: one table, read from the source itself.

import-linter watches the floors inside the console; this watches what comes from outside. See docs/design.md,
"Layout".
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Package -> where it may be imported: a folder (with everything below it) or a file.
ALLOWED: dict[str, tuple[str, ...]] = {
    "PySide6": (
        "console/loop.py",
        "console/app",
        "console/models",
        "console/views",
        "console/tour",
    ),
    "shiboken6": ("console/views", "console/models"),
    "qasync": ("console/loop.py",),
    "qtawesome": ("console/views",),
    "sqlalchemy": ("console/storage", "db"),
    "psycopg": ("console/storage", "db"),
    "psycopg_pool": ("console/storage",),
    "sqlcipher3": ("console/storage",),
    "alembic": ("console/storage", "db"),
    "keyring": ("console/storage",),
    "argon2": ("console/storage", "console/services"),
    "reportlab": ("console/reports",),
    "pypdfium2": ("console/views/printing", "console/services/evidence_process.py"),
    "PIL": ("console/services/evidence_process.py",),
    "segno": ("console/reports", "console/views"),
    "xlsxwriter": ("console/reports",),
    "miniaudio": ("console/views/sound.py",),
    "matplotlib": ("console/views", "console/reports"),
    "httpx": ("console/services", "console/worker"),
    "procrastinate": ("console/worker", "db"),
    "aiosmtplib": ("console/worker",),
    "icalendar": ("console/services",),
    "openpyxl": ("console/services",),
    "platformdirs": ("console/paths.py",),
    "rapidfuzz": ("console/models", "console/services"),
}
SOURCES = sorted([*(ROOT / "console").rglob("*.py"), *(ROOT / "db").rglob("*.py")])


def imports(source: str) -> Iterator[str]:
    """The top-level names a source imports, wherever in it they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def may_import(path: str, package: str) -> bool:
    """Whether the file at `path` (from the root, with slashes) may import `package`."""
    if package in sys.stdlib_module_names or package == "console":
        return True
    return any(path == place or path.startswith(f"{place}/") for place in ALLOWED.get(package, ()))


def test_each_file_imports_only_what_its_folder_may() -> None:
    wrong: dict[str, list[str]] = {}
    for path in SOURCES:
        place = path.relative_to(ROOT).as_posix()
        names = [name for name in imports(path.read_text("utf-8")) if not may_import(place, name)]
        if names:
            wrong[place] = names
    assert wrong == {}


def test_the_table_refuses() -> None:
    assert not may_import("console/domain/codes.py", "sqlalchemy")
    assert not may_import("console/services/attendance.py", "PySide6")
    assert not may_import("console/services/attendance.py", "a_package_nobody_heard_of")
    assert may_import("console/storage/desk.py", "sqlalchemy")
    assert list(imports("def f():\n    from PySide6.QtCore import QObject\n")) == ["PySide6"]


def test_every_file_was_looked_at() -> None:
    assert len(SOURCES) > 50
