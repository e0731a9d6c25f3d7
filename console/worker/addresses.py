"""How the worker reads an address of somebody else's server in its environment: one set of rules for all.

What is wrong with an address is said in words that do not repeat it, because a password may stand in it. See
docs/operations.md, "Mail" and "Paying venues".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

from console.errors import Invalid

Wrong = Callable[[str], Invalid]
"""Makes the refusal out of what is wrong."""


def read(address: str, known: set[str], wrong: Wrong) -> tuple[SplitResult, str, dict[str, str]]:
    """An address taken apart: its parts, its host ("" for none) and its options. Raises what `wrong` makes."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
        options = {
            name: values[-1]
            for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
        }
    except ValueError as error:
        raise wrong("cannot be read") from error
    if unknown := sorted(options.keys() - known):
        raise wrong(f"has an unknown option, {unknown[0]}")
    return parts, host, options


def seconds(text: str | None, default: float, most: float, wrong: Wrong) -> float:
    """A timeout in seconds, `default` where none was said. Raises what `wrong` makes for none within (0, most]."""
    try:
        found = default if text is None else float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= most:
        raise wrong(f"has a timeout that is not between 0 and {most:.0f} seconds")
    return found


def is_here(host: str) -> bool:
    """Whether a host is this computer: nothing goes over a network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
