"""In which order the palette shows what was found, and what it remembers of what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from console.models import finder
from console.views.shell.palette_list import PaletteEntry

RECENT = "Recent"
_GROUPS = ("", RECENT, "Sessions", "Children", "Bookings", "Series", "Areas", "Actions", "Venues")
_MOST_KEPT = 20
_MOST_SHOWN = 5


class Remembers(Protocol):
    """Where the keys of what was chosen lately are kept, the newest first."""

    recent: list[str]


class Memory:
    """Remembers for as long as the window lives."""

    def __init__(self) -> None:
        """Nothing was chosen yet."""
        self.recent: list[str] = []


def remember(memory: Remembers, key: str) -> None:
    """Put a key before all others; a record without one is not remembered."""
    if key:
        memory.recent = [key, *(one for one in memory.recent if one != key)][:_MOST_KEPT]


def before_typing(local: Sequence[PaletteEntry], recent: Sequence[str]) -> list[PaletteEntry]:
    """What is there without a question: the latest under a heading of their own, then the rest by group."""
    known = {entry.key: entry for entry in local if entry.key}
    top = [known[key] for key in recent if key in known][:_MOST_SHOWN]
    rest = [entry for entry in local if entry not in top]
    return [*(replace(entry, group=RECENT) for entry in top), *sorted(rest, key=_group)]


def answers(
    question: str, local: Iterable[PaletteEntry], late: Iterable[PaletteEntry], recent: Sequence[str]
) -> list[PaletteEntry]:
    """What was found, by group; in each what was chosen lately first, then what fits best.

    Records (`late`) come in an order of their own, by time, which is kept.
    """
    used = {key: place for place, key in enumerate(recent)}

    def lately(entry: PaletteEntry) -> int:
        return used.get(entry.key, len(used))

    def fit(entry: PaletteEntry) -> float:
        found = finder.match(question, entry.title, entry.detail)
        return -found.score if found else 0.0

    ranked = sorted(local, key=lambda entry: (lately(entry), fit(entry)))
    return sorted([*ranked, *sorted(late, key=lately)], key=_group)


def _group(entry: PaletteEntry) -> int:
    return _GROUPS.index(entry.group) if entry.group in _GROUPS else _GROUPS.index("Series")
