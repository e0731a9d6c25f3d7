"""The command line: laziness, exit codes, and never a traceback."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from console import __main__ as front
from console import __version__
from console.cli import common
from console.errors import BugError, Invalid, NotFound


def fake_command(monkeypatch: pytest.MonkeyPatch, outcome: BaseException | int) -> None:
    """Put a command `try` in place that returns or raises `outcome`."""

    def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        def func(args: argparse.Namespace) -> int:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        subparsers.add_parser("try").set_defaults(func=func)

    monkeypatch.setitem(front.COMMANDS, "try", ("try", "only here"))
    monkeypatch.setattr("importlib.import_module", lambda _: SimpleNamespace(register=register))


def test_result_of_a_command_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_command(monkeypatch, 3)
    assert front.main(["try"]) == 3


def test_refusal_is_one_sentence_and_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_command(monkeypatch, NotFound("There is no such desk.", hint="See device list."))
    assert front.main(["try"]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "There is no such desk. See device list.\n")


def test_bug_is_said_without_a_traceback_and_kept_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    expected_logs: list[str],
) -> None:
    monkeypatch.setenv("NEXUS_LOG_DIR", str(tmp_path))
    fake_command(monkeypatch, ZeroDivisionError("inner detail"))
    assert front.main(["try"]) == 1
    assert expected_logs == ["ERROR console.__main__ command failed: ZeroDivisionError('inner detail')"]
    err = capsys.readouterr().err
    log = tmp_path / "console.log"
    assert err == f"Something went wrong inside the console. The details are in {log}.\n"
    assert "inner detail" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_own_bug_error_is_logged_with_its_cause(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    expected_logs: list[str],
) -> None:
    monkeypatch.setenv("NEXUS_LOG_DIR", str(tmp_path))
    error = BugError("This went wrong.")
    error.__cause__ = KeyError("the cause")
    fake_command(monkeypatch, error)
    assert front.main(["try"]) == 1
    assert capsys.readouterr().err == "This went wrong.\n"
    assert "the cause" in (tmp_path / "console.log").read_text()
    assert len(expected_logs) == 1


def test_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_command(monkeypatch, KeyboardInterrupt())
    assert front.main(["try"]) == 130


@pytest.mark.parametrize("arguments", [["nonsense"], ["run", "--nonsense"], ["doctor", "extra"]])
def test_bad_command_line_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        front.main(arguments)
    assert caught.value.code == 2
    assert "usage: nexus-console" in capsys.readouterr().err


def test_help_names_every_command_and_loads_none() -> None:
    code = (
        "import sys; from console.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('console.cli') or name in ('psycopg', 'PySide6')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert all(f"\n    {name} " in done.stdout for name in front.COMMANDS)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        front.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"nexus-console {__version__}\n"


@pytest.mark.parametrize("command", sorted(front.COMMANDS))
def test_every_command_registers_itself_with_a_function(command: str) -> None:
    parser = front.build_parser(command)
    (choices,) = [
        action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    ]
    found = choices[command]
    leaves = [
        action.choices.values() for action in found._actions if isinstance(action, argparse._SubParsersAction)
    ]
    for leaf in [one for group in leaves for one in group] or [found]:
        assert callable(leaf.get_default("func"))


def test_no_command_opens_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bool] = []

    def open_window(settings: object, *, demo: bool) -> int:
        opened.append(demo)
        return 0

    monkeypatch.setattr("console.app.run", open_window)
    assert front.main([]) == 0
    assert front.main(["run", "--no-demo"]) == 0
    assert opened == [True, False]


def test_without_a_screen_it_says_so_and_takes_the_tour(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    taken: list[Path] = []

    def guided_tour(out: Path) -> int:
        taken.append(out)
        return 0

    monkeypatch.setattr("console.app.guided_tour", guided_tour)
    assert front.main(["run", "--tour", str(tmp_path)]) == 0
    assert taken == [tmp_path]
    assert capsys.readouterr().out.startswith("There is no screen here")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


def test_desk_connection_is_not_an_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk@db.test/nexus")
    with (
        pytest.raises(Invalid, match="only a desk's"),
        common.administrator(argparse.Namespace(admin_dsn=None)),
    ):
        pass
    given = argparse.Namespace(admin_dsn="host=elsewhere")
    with common.administrator(given) as dsn:
        assert dsn == "host=elsewhere"
    monkeypatch.setenv("NEXUS_ADMIN_URL", "host=from-environment")
    with common.administrator(argparse.Namespace(admin_dsn=None)) as dsn:
        assert dsn == "host=from-environment"


def test_doctor_reports_each_part_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    front.main(["doctor", "--json"])
    findings = {one["area"]: one for one in json.loads(capsys.readouterr().out)}
    assert {"program", "packages", "settings", "room", "libraries", "secrets", "database"} <= set(findings)
    assert (
        findings["database"]["state"] == "note"
    )  # no database yet in a test's home: nothing is started for it
    assert findings["program"]["text"].startswith(f"nexus-console {__version__}")


def test_doctor_says_what_to_do_about_a_problem(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("console.native.missing_libraries", lambda: ["libxcb-cursor.so.0"])
    monkeypatch.setenv("NEXUS_THEME", "sepia")
    assert front.main(["doctor", "--admin-dsn", "host=127.0.0.1 port=1 connect_timeout=2"]) == 1
    out = capsys.readouterr().out
    assert "cannot open without libxcb-cursor.so.0" in out
    assert "-> Run python3 dev.py setup" in out
    assert "must be one of system, light, dark" in out
    assert "The database cannot be reached." in out
    assert out.endswith("3 to mend.\n")
