"""Names for web addresses of imported venues and activities: plain letters, unique, and never changed afterwards."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 200


class Slugs:
    """The slugs taken so far, within which new ones are unique."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self._last: dict[str, int] = {}

    def fresh(self, name: str, otherwise: str) -> str:
        """A new slug for `name`; from `otherwise` where the name has no Latin letters or digits at all."""
        base = slugify(name) or otherwise
        for number in itertools.count(self._last.get(base, 1)):
            slug = base if number == 1 else f"{base}-{number}"
            if slug not in self.taken:
                self.taken.add(slug)
                self._last[base] = number
                return slug
        raise AssertionError("counting does not end")


def slugify(name: str) -> str:
    """`name` in small letters, digits and single hyphens; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
