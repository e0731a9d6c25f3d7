"""Fails a test during which something was logged that nobody expected.

An error that only reaches the log is an error nobody sees. A test that provokes one asks for `expected_logs` and looks
at what was written. See docs/design.md, "Tests".
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from console import logs

_WATCHED = (logs.ROOT_LOGGER, "asyncio")


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line per record."""
        error = f": {record.exc_info[1]!r}" if record.exc_info else ""
        self.lines.append(f"{record.levelname} {record.name} {record.getMessage()}{error}")


@pytest.fixture(autouse=True)
def _log_watch(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Collect warnings and worse; put the console's logging back as it was."""
    root = logging.getLogger(logs.ROOT_LOGGER)
    before = (list(root.handlers), root.propagate, root.level)
    keeper = _Keeper()
    for name in _WATCHED:
        logging.getLogger(name).addHandler(keeper)
    yield keeper.lines
    for name in _WATCHED:
        logging.getLogger(name).removeHandler(keeper)
    for handler in [one for one in root.handlers if one not in before[0]]:
        root.removeHandler(handler)
        handler.close()
    root.propagate, root.level = before[1], before[2]
    if keeper.lines and "expected_logs" not in request.fixturenames:
        pytest.fail("unexpected in the log:\n" + "\n".join(keeper.lines))


@pytest.fixture
def expected_logs(_log_watch: list[str]) -> list[str]:
    """The lines logged so far, for a test that provokes them and checks what they say."""
    return _log_watch
