"""The public files in ../shared/data, which are read where they lie and never copied.

A test that needs them asks for `shared_data`. Where the folder is absent the test is skipped, says so, and the number
of such skips stands on the last lines of the run, so that nobody takes them for passed; with NEXUS_REQUIRE_SHARED_DATA
set (as in CI) a skip fails the run. See docs/design.md, "Tests".
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REASON = "the public files of ../shared are absent"


def folder() -> Path:
    """Where the public files lie: beside the checkout, or where NEXUS_SHARED_DATA says."""
    given = os.environ.get("NEXUS_SHARED_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public files; the test is skipped, and counted, where it is absent."""
    found = folder()
    require(found / "README.md")
    return found


def require(file: Path) -> Path:
    """The file itself; the test that asks is skipped, and counted, where it is absent."""
    if not file.is_file():
        pytest.skip(_REASON)
    return file


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests that did not run for want of the public files."""
    count = _absent(terminalreporter)
    if count:
        tests = "test" if count == 1 else "tests"
        terminalreporter.write_line(f"{count} {tests} did not run: {_REASON}.", yellow=True, bold=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for such skips where the public files are required."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and os.environ.get("NEXUS_REQUIRE_SHARED_DATA") and _absent(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _absent(reporter: pytest.TerminalReporter) -> int:
    skips = reporter.stats.get("skipped", [])
    return sum(_REASON in str(report.longrepr) for report in skips)
