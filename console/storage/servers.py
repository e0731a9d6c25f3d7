"""Which history of each server this computer has seen last, kept across restarts.

After a failover the former primary may come back and take writes, with a history that ends where the new one went on.
Nothing in what it answers shows that, so the desk remembers how far the history had come: a server of the same
identity with an older timeline is an outdated copy. See docs/design.md, "The database" (availability).
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

from console import logs, paths
from console.errors import ConsoleError
from console.storage.embedded_files import exclusive, write_private

FILE = "servers.json"
_log = logs.logger(__name__)


def usual_place() -> Path:
    """The file that every console of this user shares."""
    return paths.data_dir() / FILE


class KnownServers:
    """The newest timeline seen of each server, by the server's own identifier. For any thread."""

    def __init__(self, path: Path | None = None) -> None:
        """Use `path`, or the usual place; it is read when it is first asked."""
        self._path = path or usual_place()
        self._lock = threading.Lock()
        self._seen: dict[str, int] | None = None

    def timeline(self, server: str) -> int:
        """The newest timeline seen of that server, 0 for one never seen."""
        with self._lock:
            return self._known().get(server, 0)

    def remember(self, server: str, timeline: int) -> None:
        """Keep a timeline, on disk, unless it or a newer one is known. May take as long as a disk does.

        A disk that cannot be written to is no reason to refuse a server: it is remembered until the console ends.
        """
        with self._lock:
            if timeline <= self._known().get(server, 0):
                return
            try:
                with exclusive(self._path.with_suffix(".lock"), seconds=5):
                    # Another console of this computer may have seen more meanwhile.
                    newest = _read(self._path)
                    newest[server] = max(timeline, newest.get(server, 0))
                    self._seen = newest
                    write_private(self._path, json.dumps(newest, indent=1, sort_keys=True) + "\n")
            except (OSError, ConsoleError) as error:
                self._known()[server] = timeline
                _log.warning("the server's timeline could not be kept: %s", error)

    def _known(self) -> dict[str, int]:
        if self._seen is None:
            self._seen = _read(self._path)
        return self._seen


def _read(path: Path) -> dict[str, int]:
    try:
        kept = json.loads(path.read_text("utf-8"))
        return {str(server): int(timeline) for server, timeline in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # nothing seen yet, or nothing that can be read: what is seen next is kept anew
