"""A test that lacks the public files is skipped, counted on the last line, and fails a run that requires them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTED = "tests/services/test_import_text.py::test_the_public_dialect_cases"


def run(folder: Path, *, required: bool) -> tuple[int, list[str]]:
    """The exit code and the lines of a run of one test that needs the public files."""
    environment = {name: value for name, value in os.environ.items() if name != "NEXUS_REQUIRE_SHARED_DATA"}
    environment |= {"NEXUS_SHARED_DATA": str(folder)} | (
        {"NEXUS_REQUIRE_SHARED_DATA": "1"} if required else {}
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", COUNTED, "-q", "-p", "no:xdist"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("required", [False, True])
def test_absent_files_are_counted(tmp_path: Path, required: bool) -> None:
    code, lines = run(tmp_path, required=required)
    assert any(line.startswith("1 test did not run: the public files of") for line in lines)
    assert code == (1 if required else 0)
