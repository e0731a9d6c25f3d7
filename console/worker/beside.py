"""The worker as a child of the console, for as long as the console has a server of its own.

The child reads its standard input, which nobody writes to: when the console ends, in whatever way, the pipe closes and
the child stops. So no worker outlives its console, not even one that is killed. See docs/design.md, "The database"
(embedded default).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from console.settings import Settings

PATIENCE_SECONDS = 20.0


class WorkerBeside:
    """One worker process beside this one. All calls block for at most some seconds: make them in a thread."""

    def __init__(self, settings: Settings) -> None:
        """Describe it; nothing is started before `start`."""
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The child's process number, while it lives."""
        return self._process.pid if self._process is not None and self.running else None

    def start(self) -> None:
        """Start it, where it does not run and the console has its own server. The server has to run already."""
        if self.running or not self._settings.embedded:
            return
        # Without a window of its own on Windows.
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        self._process = subprocess.Popen(
            [*command(), "worker", "--beside"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
            creationflags=flags,
        )

    def stop(self) -> None:
        """Tell it to stop and wait until it has; a job in the middle is done by the next worker."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _environment(self) -> dict[str, str]:
        # The child works on the same database, whatever told the console which that is.
        found = dict(os.environ)
        found["NEXUS_DATABASE_NAME"] = self._settings.database_name
        if self._settings.embedded_port is not None:
            found["NEXUS_EMBEDDED_PORT"] = str(self._settings.embedded_port)
        found["NEXUS_SECRETS"] = self._settings.secrets
        found["NEXUS_LOG_LEVEL"] = self._settings.log_level
        found.pop("DATABASE_URL", None)
        if not getattr(sys, "frozen", False):
            package = str(Path(__file__).resolve().parents[2])
            rest = found.get("PYTHONPATH")
            found["PYTHONPATH"] = f"{package}{os.pathsep}{rest}" if rest else package
        return found


def command() -> list[str]:
    """How this console starts itself again: the frozen program, or Python with the package."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "console"]
