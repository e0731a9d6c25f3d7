"""What makes a workstation a desk: its own database role and the secret of that role.

It travels once, as a small private file from the administrator to the desk, and lies in the desk's secret store from
then on. See docs/design.md, "The database" (roles).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass

KIND = "nexus-console enrolment"
# libpq derives the key at every connection; a secret of 256 random bits does not need to be made slow to guess.
SECRET_ITERATIONS = 4096
_ROLE = re.compile(r"nexus_desk_[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A desk's role and secret. `name` is what people call the desk."""

    name: str
    role: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: a log may show it."""
        return f"Enrolment(name={self.name!r}, role={self.role!r})"

    def to_text(self) -> str:
        """The contents of an enrolment file."""
        return (
            json.dumps({"kind": KIND, "name": self.name, "role": self.role, "secret": self.secret}, indent=1)
            + "\n"
        )

    @classmethod
    def from_text(cls, text: str) -> Enrolment:
        """Read an enrolment file. Raises ValueError for anything else."""
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("kind") != KIND:
            raise ValueError("not an enrolment file")
        values = [found.get(name) for name in ("name", "role", "secret")]
        if not all(isinstance(value, str) and value for value in values) or not _ROLE.fullmatch(
            str(values[1])
        ):
            raise ValueError("not an enrolment file")
        return cls(*map(str, values))


def new_enrolment(name: str) -> Enrolment:
    """A role name and a secret of 256 bits, both random, for a desk of that name."""
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:20] or "desk"
    return Enrolment(name.strip(), f"nexus_desk_{word}_{secrets.token_hex(5)}", secrets.token_urlsafe(32))


def store_name(address: str) -> str:
    """Under which name a desk keeps its enrolment for the server at `address` (or for "embedded:<database>")."""
    return f"desk.{hashlib.sha256(address.strip().encode()).hexdigest()[:20]}"
