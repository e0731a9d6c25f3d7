"""dev.py: what it refuses, in which words, and that a second run does nothing."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import dev

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that dev.py takes for the checkout, with no environment in it."""
    (tmp_path / "requirements.lock").write_text("nothing==1\n")
    for name, path in {"ROOT": ".", "VENV": ".venv", "LOCK": "requirements.lock"}.items():
        monkeypatch.setattr(dev, name, tmp_path / path)
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv" / "setup-stamp.json")
    return tmp_path


class Programs:
    """Stands in for the programs that dev.py would start, and remembers them."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, answer: Callable[[list[str]], tuple[int, str]]
    ) -> None:
        self.calls: list[list[str]] = []
        self._answer = answer
        monkeypatch.setattr(subprocess, "run", self._run)

    def _run(self, command: list[str], **_: object) -> SimpleNamespace:
        self.calls.append(command)
        code, text = self._answer(command)
        return SimpleNamespace(returncode=code, stdout=text, stderr="")


def test_it_uses_the_standard_library_only_and_no_shell() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text())
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {
        (node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    assert names <= set(sys.stdlib_module_names)
    keywords = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assert "shell" not in keywords
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not attributes & {"fork", "system", "popen"}


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0), (2, 7, 18)])
def test_wrong_python_is_refused(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(dev.Stop, match=r"needs Python 3.11, 3.12 or 3.13"):
        dev.check_python()


def test_wrong_python_names_a_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 0))
    monkeypatch.setattr(shutil, "which", lambda name: "/somewhere" if name == "python3.12" else None)
    with pytest.raises(dev.Stop, match=r"run it with python3.12"):
        dev.check_python()


def test_it_can_still_be_read_by_an_old_python() -> None:
    """Or the refusal would be a syntax error: the sentence has to be reachable from Python 3.8."""
    ast.parse((ROOT / "dev.py").read_text(), feature_version=(3, 8))


def test_second_set_up_starts_no_program(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "check_native", lambda programs: None)
    dev.VENV.mkdir()
    dev.venv_python().parent.mkdir()
    dev.venv_python().write_text("")
    dev.STAMP.write_text(json.dumps(dev.stamp()))
    programs = Programs(monkeypatch, lambda _: (1, "not to be called"))
    dev.setup()
    assert programs.calls == []
    (checkout / "requirements.lock").write_text("something==2\n")
    with pytest.raises(dev.Stop):
        dev.setup()
    assert programs.calls
    assert not dev.STAMP.exists()


def test_packages_are_installed_with_hashes_and_without_asking_an_index_for_the_project(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "check_native", lambda programs: None)
    dev.VENV.mkdir()
    programs = Programs(monkeypatch, lambda _: (0, ""))
    dev.setup()
    venv, lock, project = (" ".join(call) for call in programs.calls)
    assert "-m venv --clear" in venv
    assert "--require-hashes" in lock
    assert "--only-binary :all:" in lock
    assert "--no-deps --no-build-isolation --no-index -e" in project
    assert json.loads(dev.STAMP.read_text()) == dev.stamp()


def test_too_little_room_is_said_first(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "check_native", lambda programs: None)
    usage = shutil.disk_usage(checkout)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(dev.Stop, match=r"too little disk space .* free at least 1.5 GB"):
        dev.setup()
    assert not dev.VENV.exists()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "disk ran full"),
        ("NewConnectionError: Temporary failure in name resolution", "check the network connection"),
        ("ERROR: No matching distribution found for x", "check the network connection"),
        ("ERROR: THESE PACKAGES do not match the hashes from the requirements file", "not the pinned one"),
        ("[Errno 13] Permission denied: '.venv'", "may not write"),
        ("line one\nsomething odd.\n\n", "The packages could not be installed: something odd."),
    ],
)
def test_each_failure_of_pip_is_one_sentence(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, output: str, words: str
) -> None:
    dev.VENV.mkdir()
    Programs(monkeypatch, lambda _: (1, output))
    with pytest.raises(dev.Stop, match=words) as caught:
        dev.pip("install")
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_missing_library_is_installed_by_root_on_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev, "loads", lambda name: name != "libxcb-cursor.so.0")
    monkeypatch.setattr(dev, "is_root", lambda: True)
    monkeypatch.setattr(dev, "has_apt", lambda: True)
    programs = Programs(monkeypatch, lambda _: (0, ""))
    dev.check_native(programs=False)
    assert programs.calls == [
        ["apt-get", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", "libxcb-cursor0"],
    ]


def test_missing_library_is_named_with_the_command_for_everybody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev, "loads", lambda name: name not in ("libEGL.so.1", "libGL.so.1"))
    monkeypatch.setattr(dev, "is_root", lambda: False)
    monkeypatch.setattr(dev, "has_apt", lambda: True)
    with pytest.raises(
        dev.Stop, match="run `sudo apt-get install -y --no-install-recommends libgl1 libegl1`"
    ):
        dev.check_native(programs=False)
    monkeypatch.setattr(dev, "has_apt", lambda: False)
    with pytest.raises(dev.Stop, match="install what Debian calls libgl1 libegl1"):
        dev.check_native(programs=False)


def test_window_libraries_are_not_asked_of_a_user_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(dev, "is_root", lambda: False)
    monkeypatch.setattr(dev, "loads", lambda name: name in dev.LIBRARIES)
    dev.check_native(programs=False)
    monkeypatch.setenv("DISPLAY", ":0")
    with pytest.raises(dev.Stop, match="libxcb-cursor0"):
        dev.check_native(programs=False)


def test_failed_apt_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "is_root", lambda: True)
    monkeypatch.setattr(dev, "has_apt", lambda: True)
    Programs(monkeypatch, lambda command: (100 if "install" in command else 0, "E: Unable to fetch\nmore"))
    with pytest.raises(
        dev.Stop, match=r"Libraries could not be installed: run `apt-get install -y .* to see why"
    ):
        dev.install_packages(["libgl1"], "libraries")


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["setup", "--nonsense"], ["run", "extra"]])
def test_bad_command_line_exits_with_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "dev.py", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage: dev.py" in done.stderr


def test_what_follows_two_dashes_goes_to_the_console() -> None:
    known, rest = dev.parse(["run", "--no-demo", "--", "--tour", "x"])
    assert (known.command, known.no_demo, rest) == ("run", True, ["--tour", "x"])
    known, rest = dev.parse(["test", "--long", "tests/unit", "-k", "dev"])
    assert (known.long, rest) == (True, ["tests/unit", "-k", "dev"])


def test_sentence_goes_to_stderr_with_exit_code_1(tmp_path: Path) -> None:
    """The whole program, in a place where nothing may be written and no lock lies."""
    shutil.copy(ROOT / "dev.py", tmp_path / "dev.py")
    done = subprocess.run(
        [sys.executable, tmp_path / "dev.py", "setup"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "requirements.lock" in done.stderr


def test_build_server_runs_the_same_command() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert script.splitlines()[-1].endswith("exec python3 dev.py test")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_lock_pins_with_hashes_and_names_no_index() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [number for number, line in enumerate(lines) if line and line[0].isalpha()]
    assert len(pins) > 50
    assert all("==" in lines[number] for number in pins)
    assert all("--hash=sha256:" in lines[number + 1] for number in pins)
    assert not [line for line in lines if "://" in line or "index" in line.split("#")[0]]
