"""Where the worker asks for transfers, and with which key: the worker's environment, else this computer's secrets.

The key is never in the database, never in a log and never in an address. See docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console import settings
from console.errors import Invalid
from console.storage import secrets
from console.worker import addresses
from console.worker.trust import trusted

URL_VARIABLE = "NEXUS_TRANSFERS_URL"
KEY_VARIABLE = "NEXUS_TRANSFERS_KEY"
KEY_SECRET = "transfers-key"  # noqa: S105 - the name under which the secret is kept
EXAMPLE = "https://api.stripe.com"
TIMEOUT_SECONDS = 30.0
LONGEST_TIMEOUT = 60.0
_OPTIONS = {"ca", "timeout"}
_KEY = re.compile(r"[\x21-\x7e]{8,500}")


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """How to reach the other side. `ca`: a file with the certificates to trust instead of the system's.

    `timeout`: seconds for each part of an answer; a whole answer may take twice as long.
    """

    base: str
    key: str = field(repr=False)
    ca: Path | None = None
    timeout: float = TIMEOUT_SECONDS

    def context(self) -> ssl.SSLContext:
        """The certificates to trust, and the server's name checked. Raises Invalid where the file of `ca` is none."""
        return trusted(self.ca, "transfers", URL_VARIABLE, "transfers_ca")


def load() -> TransferSettings | None:
    """The settings of this worker, or None where transfers are not set up. May block on the keyring."""
    if not os.environ.get(URL_VARIABLE, "").strip():
        return None
    return from_environment(secret=secrets.open_store(settings.load()).get)


def from_environment(
    environment: Mapping[str, str] | None = None, secret: Callable[[str], str | None] | None = None
) -> TransferSettings | None:
    """The settings in the worker's environment, or None where transfers are not set up.

    `secret` looks the key up by name where the environment has none. Raises Invalid, without repeating the key.
    """
    found = os.environ if environment is None else environment
    address = found.get(URL_VARIABLE, "").strip()
    if not address:
        return None
    key = found.get(KEY_VARIABLE, "").strip() or (secret(KEY_SECRET) if secret is not None else None) or ""
    return parse(address, key)


def parse(address: str, key: str) -> TransferSettings:
    """Read an address such as https://api.stripe.com?timeout=20 and check the key. Raises Invalid."""
    parts, host, options = addresses.read(address, _OPTIONS, _wrong)
    if parts.scheme not in {"http", "https"} or not host or parts.fragment:
        raise _wrong("is not an address of a web service")
    if parts.username or parts.password:
        raise _wrong(f"must not hold a key, which belongs into {KEY_VARIABLE}")
    if parts.scheme == "http" and not addresses.is_here(host):
        raise _wrong("would send the key unencrypted over the network")
    if not key:
        raise Invalid(
            "There is no key for transfers.",
            hint=f"Set {KEY_VARIABLE} for the worker, or keep it in its keyring as {KEY_SECRET}.",
            code="transfers_key",
        )
    if not _KEY.fullmatch(key):
        raise Invalid(
            "The key for transfers is not one.", hint=f"Check {KEY_VARIABLE}.", code="transfers_key"
        )
    return TransferSettings(
        base=f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}",
        key=key,
        ca=Path(options["ca"]) if "ca" in options else None,
        timeout=addresses.seconds(options.get("timeout"), TIMEOUT_SECONDS, LONGEST_TIMEOUT, _wrong),
    )


def _wrong(what: str) -> Invalid:
    return Invalid(
        f"The address in {URL_VARIABLE} {what}.", hint=f"Write it like {EXAMPLE}.", code="transfers_url"
    )
