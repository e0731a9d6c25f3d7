#!/usr/bin/env python3
"""Everything a fresh machine needs, with nothing but Python: `python3 dev.py run` and `python3 dev.py test`.

It makes `.venv` from the pinned lock, checks the native libraries that Qt needs, and starts the console or the
checks. Standard library only, because it runs before anything is installed; every failure is one sentence that says
what to do, with exit code 1. It uses no shell, no fixed temporary path and no fork, so it also serves on Windows and
macOS. See docs/design.md, "Layout" and "Tests".
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "setup-stamp.json"
WINDOWS = sys.platform == "win32"
OLDEST, NEWEST = (3, 11), (3, 13)
ROOM_NEEDED = 1_500_000_000  # bytes: the environment takes half of it, pip's downloads the rest for a while

# Library file -> Debian package. What importing Qt needs, and what a real window needs besides.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
WINDOW_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
TEST_PROGRAMS = {
    "Xvfb": "xvfb", "xauth": "xauth", "xdotool": "xdotool", "qpdf": "qpdf", "pdftotext": "poppler-utils",
}  # fmt: skip


class Stop(Exception):
    """Why this cannot go on, as one sentence for the person at the terminal."""


# -- the environment -------------------------------------------------------------------------------------------


def check_python() -> None:
    """Refuse a Python the pinned packages were not made for, naming one that would do where there is one."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    other = next((name for name in names if shutil.which(name)), None)
    advice = f"run it with {other}" if other else "install one of them first"
    raise Stop(
        f"Nexus Console needs Python 3.11, 3.12 or 3.13, and this is {sys.version.split()[0]}: {advice}."
    )


def venv_python() -> Path:
    """The interpreter of the environment."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def stamp() -> dict[str, str]:
    """What the environment depends on; while this is unchanged there is nothing to install."""
    return {
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "python": f"{sys.version.split()[0]} {sys.base_prefix}",
        "root": str(ROOT),
    }


def setup(*, programs: bool = False) -> None:
    """Make the environment and the native libraries complete. A second run only compares and returns."""
    check_python()
    check_native(programs=programs)
    wanted = stamp()
    try:
        made = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        made = None
    if made == wanted and venv_python().exists():
        return
    if shutil.disk_usage(ROOT).free < ROOM_NEEDED:
        raise Stop(f"There is too little disk space in {ROOT}: free at least 1.5 GB and try again.")
    STAMP.unlink(missing_ok=True)
    usable = (
        made is not None and made.get("python") == wanted["python"] and made.get("root") == wanted["root"]
    )
    if not usable or not venv_python().exists():
        make_venv()
    say("Installing the packages; the first time takes about a minute ...")
    pip("install", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK))
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
    STAMP.write_text(json.dumps(wanted) + "\n", "utf-8")


def make_venv() -> None:
    """Create an empty environment, with the system's missing part of Python where that can be installed."""
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info[1]}-venv"
        install_packages([package if apt_knows(package) else "python3-venv"], "Python's venv module")
        importlib.invalidate_caches()
    if VENV.is_symlink():
        raise Stop(f"{VENV} belongs to another checkout. Remove the link, and it is made here.")
    say(f"Making {VENV.name} ...")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Stop(explain(done.stdout + done.stderr, f"Python could not make {VENV}"))


def pip(*arguments: str) -> None:
    """Run the environment's pip, quietly; its own words only where there is no sentence for them."""
    command = [
        str(venv_python()),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        *arguments,
        "--quiet",
    ]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd=ROOT,
    )
    if done.returncode != 0:
        (VENV / "setup.log").write_text(done.stdout, "utf-8")
        raise Stop(explain(done.stdout, "The packages could not be installed"))


def explain(output: str, otherwise: str) -> str:
    """One sentence for what pip or venv printed before it failed."""
    known = (
        (("No space left", "Disk quota"), f"The disk ran full in {ROOT}: free some space and try again."),
        (("do not match the hashes",), "A downloaded package is not the pinned one: check your package index."),
        (("Permission denied", "Access is denied"), f"You may not write to {VENV}: remove it or give it to your user."),
        (
            ("NewConnectionError", "Temporary failure", "Max retries", "ReadTimeout", "Could not find a version",
             "No matching distribution", "ConnectionReset", "ProxyError", "SSLError"),
            "The packages could not be downloaded: check the network connection and try again.",
        ),
    )  # fmt: skip
    for marks, sentence in known:
        if any(mark in output for mark in marks):
            return sentence
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "no message")
    return f"{otherwise}: {last.rstrip('.')}."


# -- native libraries ------------------------------------------------------------------------------------------


def check_native(*, programs: bool) -> None:
    """See that Qt's libraries load (Linux only); on Debian and Ubuntu, install what is missing when root."""
    if not sys.platform.startswith("linux"):
        return
    display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    wanted = dict(LIBRARIES)
    if programs or display or is_root():
        wanted.update(WINDOW_LIBRARIES)
    missing = [package for library, package in wanted.items() if not loads(library)]
    if programs:
        missing += [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
    if missing:
        install_packages(
            missing, "libraries that windows need" if not programs else "libraries the tests need"
        )


def loads(library: str) -> bool:
    """Whether the system can load a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def is_root() -> bool:
    """Whether this is root; never on Windows."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_apt() -> bool:
    """Whether this system installs its packages with apt (Debian, Ubuntu and what is made from them)."""
    return shutil.which("apt-get") is not None


def apt_knows(package: str) -> bool:
    """Whether apt can install a package of that name."""
    if not has_apt():
        return False
    shown = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return shown.returncode == 0


def install_packages(packages: list[str], what: str) -> None:
    """Install system packages as root on Debian or Ubuntu; anywhere else say exactly what to do."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *dict.fromkeys(packages)]
    if not has_apt():
        raise Stop(
            f"This system lacks {what}: install what Debian calls {' '.join(dict.fromkeys(packages))}."
        )
    if not is_root():
        raise Stop(f"This system lacks {what}: run `sudo {' '.join(command)}` and try again.")
    say(f"Installing {what}: {' '.join(dict.fromkeys(packages))} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    output = ""
    for attempt in (["apt-get", "update"], command):
        done = subprocess.run(
            attempt, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        output += done.stdout
    if done.returncode != 0:
        if "No space left" in output or "enough free space" in output:
            raise Stop("The disk ran full while installing system packages: free some space and try again.")
        raise Stop(
            f"{what[:1].upper()}{what[1:]} could not be installed: run `{' '.join(command)}` to see why."
        )


# -- the commands ----------------------------------------------------------------------------------------------


def console(*arguments: str) -> int:
    """Run the console in the environment; on POSIX this process becomes it, so that signals reach it."""
    command = [str(venv_python()), "-m", "console", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if not WINDOWS:
        sys.stdout.flush()
        os.execve(command[0], command, environment)  # noqa: S606 - a list, no shell
    return subprocess.call(command, env=environment)


class Check:
    """A check begun at once. With `aside` its words are kept until it is waited for, so that none are mixed."""

    def __init__(self, name: str, *command: str, aside: bool = False) -> None:
        """Begin `command`, which belongs to the environment's Python."""
        self.name, self._started = name, time.monotonic()
        if not aside:
            say(f"-- {name}")
        self._process = subprocess.Popen(
            [str(venv_python()), *command],
            cwd=ROOT,
            env=test_environment(),
            stdout=subprocess.PIPE if aside else None,
            stderr=subprocess.STDOUT if aside else None,
        )

    def code(self) -> int:
        """Wait for the end, tell how it went, and give the exit code."""
        output = self._process.communicate()[0]
        if output:
            say(f"-- {self.name}\n{output.decode(errors='replace').rstrip()}")
        code: int = self._process.returncode
        seconds = time.monotonic() - self._started
        say(f"-- {self.name}: {'ok' if code == 0 else 'FAILED'} ({seconds:.1f} s)")
        return code


def begin_lint() -> list[Check]:
    """Style, types and floors, begun side by side: each of them uses one processor."""
    importing = "from importlinter.cli import lint_imports_command as main; main()"
    return [
        Check("mypy --strict", "-m", "mypy", aside=True),
        Check("ruff check", "-m", "ruff", "check", "--quiet", ".", aside=True),
        Check("ruff format", "-m", "ruff", "format", "--check", "--quiet", ".", aside=True),
        Check("import floors", "-c", importing, aside=True),
    ]


def lint(*, fix: bool = False) -> int:
    """Style, types and floors; the exit code. With `fix`, what can be mended is mended first."""
    if fix:
        Check("ruff --fix", "-m", "ruff", "check", "--fix", "--quiet", ".").code()
        Check("ruff format", "-m", "ruff", "format", "--quiet", ".").code()
    return max(check.code() for check in reversed(begin_lint()))


def test_environment() -> dict[str, str]:
    """The environment of every check and test."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "PYTHONUTF8": "1"}
    if os.environ.get("CI"):
        environment["NEXUS_REQUIRE_SHARED_DATA"] = "1"  # a build server must not pass by leaving tests out
    # Containers like to forbid it: then each of some hundred processes compiles everything for itself.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def read_tests() -> None:
    """Have every test module compiled once, where else each of the processes that share them would do it all.

    Whatever cannot be read is told by the run itself, with its reason.
    """
    command = [str(venv_python()), "-m", "pytest", "--collect-only", "-qq"]
    subprocess.call(
        command, cwd=ROOT, env=test_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def workers() -> str:
    """How many processes share the tests: one more than a small machine has processors, as tests also wait."""
    return str(min(4, max(2, os.cpu_count() or 2) + 1))


def test(arguments: argparse.Namespace, rest: list[str]) -> int:
    """Set up, then every check and every test; with pytest arguments, only those tests."""
    setup(programs=True)
    long = ["--long"] if arguments.long else []
    if rest:
        return Check("tests", "-m", "pytest", "-q", *long, *rest).code()
    checks = begin_lint()
    read_tests()
    system = ["-m", "tests.support.system_postgres", *(["--all"] if arguments.long else [])]
    before = [Check("tests on the system's PostgreSQL", *system).code(), *(check.code() for check in checks)]
    code = Check("tests", "-m", "pytest", "-q", "-n", workers(), *long).code()
    if any(before):
        print("A check before the tests failed: look above for FAILED.", file=sys.stderr)
    return code or max(before)


def lock() -> int:
    """Pin every package anew, for all platforms, with hashes and without the address of any index."""
    setup()
    command = [str(venv_python()), "-m", "uv", "pip", "compile", "--universal", "--generate-hashes", "--no-header",
               "--no-emit-index-url", "--python-version", "3.11", "--group", "dev", "--quiet",
               "pyproject.toml", "-o", "requirements.lock"]  # fmt: skip
    return subprocess.call(command, cwd=ROOT)


def say(line: str) -> None:
    """One line of progress."""
    print(line, flush=True)


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The command line; what follows `--`, or what `test` and `bench` do not know, is handed on."""
    parser = argparse.ArgumentParser(prog="dev.py", description="Nexus Console: set up, run and check.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("setup", help="make the environment")
    run = commands.add_parser("run", help="set up and open the console; what follows -- goes to it")
    run.add_argument("--no-demo", action="store_true", help="start with an empty database")
    tests = commands.add_parser("test", help="every check and test, or only the pytest arguments given")
    tests.add_argument("--long", action="store_true", help="also the tests that take minutes")
    commands.add_parser(
        "bench", help="measure, beside a reference in the same run: [NAME ...] [--json] [--list]"
    )
    linting = commands.add_parser("lint", help="style, types and import floors")
    linting.add_argument("--fix", action="store_true", help="mend what can be mended first")
    commands.add_parser("lock", help="pin the packages anew")
    rest: list[str] = []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, rest = arguments[:split], arguments[split + 1 :]
    known, unknown = parser.parse_known_args(arguments)
    if unknown and known.command not in ("test", "bench"):
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return known, unknown + rest


def main(arguments: list[str]) -> int:
    """Do what the command line asks; the exit code."""
    known, rest = parse(arguments)
    if known.command == "setup":
        setup()
        say("The environment is ready.")
        return 0
    if known.command == "run":
        setup()
        return console("run", *(["--no-demo"] if known.no_demo else []), *rest)
    if known.command == "test":
        return test(known, rest)
    if known.command == "bench":
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for the figures
            setup()
        return subprocess.call([str(venv_python()), "-m", "tests.bench", *rest], cwd=ROOT)
    if known.command == "lint":
        setup()
        return lint(fix=known.fix)
    return lock()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        print(reason, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        print(f"The system refused: {error.strerror or error} ({error.filename or ROOT}).", file=sys.stderr)
        sys.exit(1)
