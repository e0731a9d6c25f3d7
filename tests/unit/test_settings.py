"""Settings: the order of their sources, and refusals that name the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import settings
from console.errors import Invalid


def load(folder: Path, text: str | bytes = "", **environment: str) -> settings.Settings:
    file = folder / "settings.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return settings.load(file, environment)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = settings.load(tmp_path / "none.toml", {})
    assert found == settings.Settings()
    assert found.embedded


def test_environment_goes_before_the_file(tmp_path: Path) -> None:
    text = 'theme = "dark"\nlanguage = "es"\nembedded_port = 6000\n'
    found = load(tmp_path, text, NEXUS_THEME="light", DATABASE_URL="postgresql://desk@db.test/nexus")
    assert (found.theme, found.language, found.embedded_port) == ("light", "es", 6000)
    assert not found.embedded


def test_empty_variable_is_no_value(tmp_path: Path) -> None:
    assert load(tmp_path, DATABASE_URL="  ").embedded


@pytest.mark.parametrize(
    ("text", "environment", "words"),
    [
        ("theme = dark", {}, "cannot be read"),
        (b"theme = '\xff'", {}, "not UTF-8"),
        ('colour = "red"', {}, "unknown setting, colour"),
        ('theme = "sepia"', {}, "one of system, light, dark, not sepia"),
        ("theme = 3", {}, "must be text in quotes"),
        ("embedded_port = 80", {}, "between 1024 and 65535"),
        ("", {"NEXUS_EMBEDDED_PORT": "many"}, "NEXUS_EMBEDDED_PORT must be a port"),
        ('database_name = "x; DROP"', {}, "letters, digits and _ only"),
    ],
)
def test_wrong_settings_are_refused_with_their_place(
    tmp_path: Path, text: str | bytes, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        load(tmp_path, text, **environment)
    assert (caught.value.code or "").startswith("settings_")


def test_every_setting_has_a_variable_and_a_description() -> None:
    names = set(settings.Settings.__dataclass_fields__)
    assert names == set(settings._VARIABLES)
    assert all(f"{name}:" in (settings.Settings.__doc__ or "") for name in names - {"log_level"})
