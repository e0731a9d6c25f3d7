"""Whom the worker believes on the network: the system's certificates, or those of a file it is told of."""

from __future__ import annotations

import ssl
from pathlib import Path

from console.errors import Invalid


def trusted(ca: Path | None, what: str, variable: str, code: str) -> ssl.SSLContext:
    """The certificates to trust, and the other side's name checked. Raises Invalid where the file of `ca` is none.

    `what` the file is for, and the `variable` that names it, are said in the refusal.
    """
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError) as error:
        raise Invalid(
            f"The file of trusted certificates for {what} cannot be read.",
            hint=f"Check ca=... in {variable}.",
            code=code,
        ) from error
