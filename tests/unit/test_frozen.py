"""The frozen build: made from this checkout and run where no Python and no checkout is in sight. Takes minutes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_frozen_build_makes_and_opens_its_own_database() -> None:
    place = Path(tempfile.mkdtemp(prefix="nexus-f-"))
    place.chmod(0o755)  # the server's user has to pass through
    try:
        command = [sys.executable, str(ROOT / "build_spec.py"), "--out", str(place / "dist")]
        subprocess.run(command, check=True, timeout=600)
        program = place / "dist" / "nexus-console" / "nexus-console"
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "NEXUS_DATA_DIR": str(place / "data"),
                       "NEXUS_CONFIG_DIR": str(place / "config"), "NEXUS_LOG_DIR": str(place / "log")}  # fmt: skip

        def console(*arguments: str) -> str:
            done = subprocess.run([program, *arguments], cwd="/", env=environment, check=True, capture_output=True,
                                  text=True, timeout=120)  # fmt: skip
            return done.stdout

        console("db", "upgrade")
        findings = {one["area"]: one for one in json.loads(console("doctor", "--json"))}
        assert "(frozen)" in findings["program"]["text"]
        assert findings["schema"]["state"] == "ok"
        assert "PostgreSQL 18" in findings["database"]["text"]
    finally:
        shutil.rmtree(place, ignore_errors=True)
