"""How likely two venues are one: what they share by key, and how alike their names are letter by letter.

The database finds who shares a key or the beginning of a name; this ranks them. See docs/design.md, "Screens"
(platform).
"""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.sameness import name_key
from console.domain.vetting import Likeness
from console.storage.vetting_rows import Candidate

LEAST = 75.0
"""Below this score, and with nothing shared, a venue is not named."""
ALIKE_NAME = 85.0
"""From this score on two names count as alike."""
MOST = 10
"""How many venues are named for one."""


def name_score(one: str, other: str) -> float:
    """0 to 100: how alike two names are, whatever the order of their words."""
    from rapidfuzz import fuzz  # only here, so that a window that ranks nothing opens without it

    first, second = name_key(one), name_key(other)
    if not first or not second:
        return 0.0
    return float(max(fuzz.ratio(first, second), fuzz.token_sort_ratio(first, second) * 0.98))


def ranked(name: str, found: Sequence[Candidate]) -> list[Likeness]:
    """The likeliest first. A shared tax number is certain; a shared telephone or address halves the doubt."""
    made = [_likeness(name, one) for one in found]
    kept = [one for one in made if one.alike or one.score >= LEAST]
    return sorted(kept, key=lambda one: (-one.score, one.venue, str(one.venue_id)))[:MOST]


def _likeness(name: str, one: Candidate) -> Likeness:
    by_name = name_score(name, one.venue)
    doubt = 100.0 - by_name
    for shared in (one.same_phone, one.same_address):
        doubt = doubt / 2 if shared else doubt
    alike = [
        word
        for word, shared in (
            ("name", by_name >= ALIKE_NAME),
            ("address", one.same_address),
            ("phone", one.same_phone),
            ("tax number", one.same_tax),
        )
        if shared
    ]
    score = 100.0 if one.same_tax else round(100.0 - doubt, 1)
    return Likeness(one.venue_id, one.venue, one.city, one.status, score, tuple(alike))
