"""The three layouts: a checkout, an installed wheel, a frozen build."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from console import paths

ROOT = Path(__file__).resolve().parents[2]


def test_checkout_has_both_directories_beside_the_package() -> None:
    assert paths.layout() is paths.Layout.CHECKOUT
    assert paths.db_dir() == ROOT / "db"
    assert (paths.db_dir() / "roles.sql").is_file()
    assert paths.resources_dir() == ROOT / "resources"
    assert paths.resources_dir().is_dir()


def test_frozen_build_has_them_beside_its_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.layout() is paths.Layout.FROZEN
    assert paths.db_dir() == tmp_path / "db"
    assert paths.resources_dir() == tmp_path / "resources"


def test_frozen_build_of_another_tool_has_them_beside_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nexus-console"))
    assert paths.db_dir() == tmp_path / "db"


def test_wheel_carries_everything_and_finds_it(tmp_path: Path) -> None:
    """Built from a copy, so that a build never writes into the checkout."""
    source = tmp_path / "source"
    listed = subprocess.run(["git", "ls-files", "console", "db", "resources", "pyproject.toml", "README.md"],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # fmt: skip
    for name in listed:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-q",
        "-w",
    ]
    subprocess.run([*command, str(tmp_path / "wheel"), str(source)], check=True, timeout=120)
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    inside = {
        name: name if name.startswith("console/") else f"console/_bundle/{name}"
        for name in listed
        if "/" in name
    }
    missing = [
        name for name, place in inside.items() if (source / name).exists() and not (site / place).is_file()
    ]
    assert missing == []
    code = "from console import paths; print(paths.layout()); print(paths.db_dir()); print(paths.resources_dir())"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(site)},
                          capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
    bundle = site / "console" / "_bundle"
    assert done.stdout.split() == ["wheel", str(bundle / "db"), str(bundle / "resources")]


@pytest.mark.parametrize(
    ("variable", "function"),
    [
        ("NEXUS_DATA_DIR", paths.data_dir),
        ("NEXUS_CONFIG_DIR", paths.config_dir),
        ("NEXUS_CACHE_DIR", paths.cache_dir),
        ("NEXUS_LOG_DIR", paths.log_dir),
    ],
)
def test_each_directory_can_be_moved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, function: object
) -> None:
    assert callable(function)
    monkeypatch.setenv(variable, str(tmp_path))
    assert function() == tmp_path
    monkeypatch.delenv(variable)
    assert function() != tmp_path
    assert "nexus-console" in str(function())


def test_root_keeps_data_where_the_server_can_reach_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEXUS_DATA_DIR")
    monkeypatch.setattr(paths, "is_root", lambda: True)
    assert paths.data_dir() == Path("/var/lib/nexus-console")
