"""What can be set from outside: environment variables first, then a small file, then the defaults.

Settings say where things are and how the console looks; they never hold a secret of a person, and the desk's own
secret lies in console/storage/secrets.py. A wrong value is refused with its name and place, because a silently
ignored line is worse than none. See docs/design.md, "The database" (embedded default).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from console import paths
from console.errors import Invalid

FILE_NAME = "settings.toml"
THEMES = ("system", "light", "dark")
SECRET_PLACES = ("auto", "keyring", "file")
LOG_LEVELS = ("debug", "info", "warning")

# Setting -> environment variable. DATABASE_URL is the name every hosting service uses for it.
_VARIABLES = {
    "database_url": "DATABASE_URL",
    "admin_url": "NEXUS_ADMIN_URL",
    "database_name": "NEXUS_DATABASE_NAME",
    "embedded_port": "NEXUS_EMBEDDED_PORT",
    "theme": "NEXUS_THEME",
    "language": "NEXUS_LANGUAGE",
    "secrets": "NEXUS_SECRETS",
    "log_level": "NEXUS_LOG_LEVEL",
}
_CHOICES = {"theme": THEMES, "secrets": SECRET_PLACES, "log_level": LOG_LEVELS}


@dataclass(frozen=True)
class Settings:
    """How this console is set up.

    database_url: the server this desk works on; None means the console's own, embedded one.
    admin_url: an administrator's connection, for `db`, `device`, `user` and `import` only; never stored by the console.
    database_name: the database inside the embedded server.
    embedded_port: a fixed port of the embedded server (1024 to 65535); None remembers a free one.
    theme: "system", "light" or "dark". language: a tag such as "es"; None follows the system.
    secrets: where the desk's secret lies; "auto" is the system's keyring, else a private file.
    """

    database_url: str | None = None
    admin_url: str | None = None
    database_name: str = "nexus"
    embedded_port: int | None = None
    theme: str = "system"
    language: str | None = None
    secrets: str = "auto"
    log_level: str = "info"

    @property
    def embedded(self) -> bool:
        """Whether the console runs its own server."""
        return self.database_url is None


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises Invalid, naming the place, for an unknown setting or a value of the wrong kind."""
    variables = os.environ if environment is None else environment
    path = file or paths.config_dir() / FILE_NAME
    values: dict[str, Any] = {}
    for name, value in _read(path).items():
        values[name] = _checked(name, value, f"setting {name} in {path}")
    for name, variable in _VARIABLES.items():
        text = variables.get(variable, "").strip()
        if text:
            values[name] = _checked(name, text, f"environment variable {variable}")
    return Settings(**values)


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The settings file {path} cannot be read: {error}.", code="settings_syntax") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"The settings file {path} is not UTF-8 text.", code="settings_syntax") from error
    except OSError as error:
        raise Invalid(
            f"The settings file {path} cannot be read: {error.strerror}.", code="settings_file"
        ) from error
    known = {field.name for field in fields(Settings)}
    for name in found:
        if name not in known:
            raise Invalid(
                f"The settings file {path} has an unknown setting, {name}.",
                hint=f"Known are {', '.join(sorted(known))}.",
                code="settings_unknown",
            )
    return found


def _checked(name: str, value: object, where: str) -> str | int:
    if name == "embedded_port":
        try:
            number = int(str(value))
        except ValueError:
            number = 0
        if not 1024 <= number <= 65535:
            raise Invalid(f"The {where} must be a port between 1024 and 65535.", code="settings_value")
        return number
    if not isinstance(value, str):
        raise Invalid(f"The {where} must be text in quotes.", code="settings_value")
    allowed = _CHOICES.get(name)
    if allowed and value not in allowed:
        raise Invalid(f"The {where} must be one of {', '.join(allowed)}, not {value}.", code="settings_value")
    if name == "database_name" and not value.replace("_", "").isalnum():
        raise Invalid(f"The {where} may have letters, digits and _ only.", code="settings_value")
    return value
