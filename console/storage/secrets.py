"""Where this desk's secrets lie: in the operating system's keyring, else in private files.

A desk's secret is the password of its own database role. A keyring protects it against somebody who copies the disk;
servers, kiosks and containers have none, and there a file that only this user may read is the honest second best.
`doctor` says which it is. Calls may block (a keyring may ask the user to unlock it), so the console makes them in a
thread. See docs/design.md, "The database" (roles).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Protocol

from console import paths
from console.errors import Unavailable
from console.settings import Settings
from console.storage.embedded_files import write_private

SERVICE = "nexus-console"
_FOLDER = "secrets"


class SecretStore(Protocol):
    """A place that keeps short texts by name."""

    def get(self, name: str) -> str | None:
        """The secret of that name, or None where there is none."""
        ...

    def set(self, name: str, secret: str) -> None:
        """Keep a secret, replacing an earlier one. Raises Unavailable where the place refuses."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; forgetting one that is not there is fine."""
        ...

    def describe(self) -> str:
        """The place in words, for `doctor`."""
        ...


class FileSecrets:
    """One file per secret, mode 0600, in a directory of mode 0700."""

    def __init__(self, folder: Path | None = None) -> None:
        """Use `folder`, by default one in the user's configuration directory."""
        self._folder = folder or paths.config_dir() / _FOLDER

    def get(self, name: str) -> str | None:
        """The secret, or None. Raises Unavailable where others could have read it or it cannot be read."""
        path = self._path(name)
        try:
            if sys.platform != "win32" and path.stat().st_mode & 0o077:
                raise Unavailable(
                    f"The secret file {path} can be read by other users, so it is not used.",
                    hint=f"Run chmod 600 {path}, and enrol this desk again if others had access.",
                    code="secret_readable",
                )
            return path.read_text(encoding="utf-8").rstrip("\n")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(
                f"The secret file {path} cannot be read: {error.strerror}.", code="secret_file"
            ) from error

    def set(self, name: str, secret: str) -> None:
        """Write the file, whole or not at all."""
        path = self._path(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if sys.platform != "win32":
                self._folder.chmod(0o700)
            write_private(path, secret + "\n")
        except OSError as error:
            raise Unavailable(
                f"The secret cannot be kept in {path}: {error.strerror}.", code="secret_file"
            ) from error

    def delete(self, name: str) -> None:
        """Remove the file."""
        self._path(name).unlink(missing_ok=True)

    def describe(self) -> str:
        """The directory in words."""
        return f"private files in {self._folder}"

    def _path(self, name: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,120}", name):
            raise ValueError(f"not a name for a secret: {name!r}")
        return self._folder / name


class KeyringSecrets:
    """The operating system's keyring; what an earlier run had to put into a file is still found."""

    def __init__(self, files: FileSecrets | None = None) -> None:
        """Use the keyring, with `files` as the place to look second."""
        self._files = files or FileSecrets()

    def get(self, name: str) -> str | None:
        """The secret from the keyring, else from a file, else None."""
        import keyring
        from keyring.errors import KeyringError

        try:
            found = keyring.get_password(SERVICE, name)
        except KeyringError as error:
            raise _refused(error) from error
        return found if found is not None else self._files.get(name)

    def set(self, name: str, secret: str) -> None:
        """Keep it in the keyring and remove any file of that name."""
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(SERVICE, name, secret)
        except KeyringError as error:
            raise _refused(error) from error
        self._files.delete(name)

    def delete(self, name: str) -> None:
        """Forget it in both places."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            keyring.delete_password(SERVICE, name)
        except PasswordDeleteError:
            pass  # there was none
        except KeyringError as error:
            raise _refused(error) from error
        self._files.delete(name)

    def describe(self) -> str:
        """The keyring in words."""
        import keyring

        return f"the system's keyring ({keyring.get_keyring().name})"


def open_store(settings: Settings) -> SecretStore:
    """The place that the settings ask for; with "auto", the keyring where a usable one answers, else files."""
    if settings.secrets == "file":
        return FileSecrets()
    if settings.secrets == "keyring" or _keyring_usable():
        return KeyringSecrets()
    return FileSecrets()


def _keyring_usable() -> bool:
    # Without a session bus there is no keyring on Linux, and looking for one costs time and sometimes a prompt.
    if sys.platform.startswith("linux") and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    import keyring

    return float(getattr(keyring.get_keyring(), "priority", 0)) >= 1


def _refused(error: Exception) -> Unavailable:
    return Unavailable(
        f"The system's keyring refuses: {str(error).rstrip('.') or type(error).__name__}.",
        hint='Unlock it, or set secrets = "file" in the settings.',
        code="keyring",
    )
