"""The label a child wears and the tag with which the family collects, both with the same short code.

The tag shows nothing about health: it leaves the building in a pocket. The same facts give the same bytes, so a
reprint is the first print again. See docs/design.md, "Documents" and "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from console.domain.day import LabelFacts
from console.reports import fonts, qr, words
from console.reports.layout import LEADING, MM, Pages, Paper, Text, fit, shorten


@dataclass(frozen=True, slots=True)
class LabelSize:
    """A label's paper, and how its parts are measured on it, in points."""

    paper: Paper
    margin: float
    code: float
    tag: float
    name: tuple[float, ...]
    fact: float
    chip: float


# A module of the code is a whole number of dots of a 203 dpi printer: 5 and 7 of them in a code of 21 modules.
_DOT = 72 / 203
SIZES = {
    "62x29": LabelSize(
        Paper(62 * MM, 29 * MM), 2.2 * MM, 21 * 5 * _DOT, 14, (22, 19, 16, 14, 12, 10.5, 9, 8, 7), 7.5, 8
    ),
    "89x36": LabelSize(
        Paper(89 * MM, 36 * MM), 2.6 * MM, 21 * 7 * _DOT, 19, (30, 26, 22, 19, 16, 14, 12, 10, 9), 9.5, 10
    ),
}
DEFAULT_SIZE = "62x29"
_MOST_CHIPS = 2
_CHIP_SIDES = 8
"""Points of a chip beside its word."""
_SMALLEST = (8.0, 7.0, 6.5, 6.0)
"""How far the names on a tag step down before they end in an ellipsis."""


def labels(facts: Sequence[LabelFacts], zone: tzinfo, *, venue: str = "", size: str = DEFAULT_SIZE) -> bytes:
    """A page for each child's label, followed by a page for its family's tag.

    Children of one tag stand together, in the order they come. `size` is a key of `SIZES`.
    """
    look = SIZES[size]
    pages = Pages("Labels", venue, look.paper, black=True)
    families: dict[str, list[LabelFacts]] = {}
    for one in facts:
        families.setdefault(one.tag, []).append(one)
    for tag, children in families.items():
        for child in children:
            _child(pages, look, child, zone)
            pages.end_page()
        _tag(pages, look, tag, children, zone, venue)
        pages.end_page()
    return pages.bytes()


def _child(pages: Pages, look: LabelSize, child: LabelFacts, zone: tzinfo) -> None:
    room = _code(pages, look, child.tag, captioned=True)
    top, left = look.margin, look.margin
    bottom = look.paper.height - look.margin
    facts = [
        f"{words.age(child.age_months)} · {words.hours(child.starts_at, child.ends_at, zone)}",
        child.activity_name,
        child.room_name or "",
    ]
    facts = [fact for fact in facts if fact]
    pitch = look.fact * LEADING
    facts_top = bottom - len(facts) * pitch
    for index, fact in enumerate(facts):
        shown, bold = shorten(fact, look.fact, room, bold=index == 0), index == 0
        pages.text(left, facts_top + index * pitch, shown, look.fact, bold=bold)
    name_bottom = facts_top - 1.5
    if child.health:
        name_bottom = _health(pages, look, child, left, facts_top - 2, room)
    size, lines = fit(child.first_name, room, name_bottom - top, look.name, bold=True)
    for index, line in enumerate(lines):
        pages.text(left, top + index * size * LEADING, line, size, bold=True)


def _health(
    pages: Pages, look: LabelSize, child: LabelFacts, left: float, bottom: float, room: float
) -> float:
    """The chips in one line that ends at `bottom`; answers where it begins. What finds no room is counted."""
    notes = words.worst_first(child.health)
    more = fonts.width(f"+{len(notes) - 1}", look.chip, bold=True) + 4 if len(notes) > 1 else 0
    size, _ = fit(
        words.health_word(notes[0]),
        room - more - _CHIP_SIDES,
        look.chip * LEADING,  # one line: the gravest word steps down before it is cut
        [look.chip * part for part in (1, 0.9, 0.8, 0.7, 0.6)],
        bold=True,
    )
    top, at, shown = bottom - size * LEADING - 2, left, 0
    for note in notes[:_MOST_CHIPS]:
        rest = len(notes) - shown - 1
        counted = fonts.width(f"+{rest}", look.chip, bold=True) + 4 if rest else 0
        word = words.health_word(note)
        free = left + room - at - counted - _CHIP_SIDES
        if shown and fonts.width(word, size, bold=True) > free:
            break
        word = shorten(word, size, free, bold=True)
        chip = Text(word, size, bold=True, chip="solid" if note.severity <= words.WORST else "edge")
        pages.block(at, top, chip, free + _CHIP_SIDES + 1)
        at += fonts.width(word, size, bold=True) + _CHIP_SIDES + 3
        shown += 1
    if len(notes) > shown:
        pages.text(at, top + 1, f"+{len(notes) - shown}", size, bold=True)
    return top - 1


def _tag(
    pages: Pages, look: LabelSize, tag: str, children: Sequence[LabelFacts], zone: tzinfo, venue: str
) -> None:
    room = _code(pages, look, tag, captioned=False)
    left, bottom = look.margin, look.paper.height - look.margin
    pitch = look.fact * LEADING
    day = words.short_day(words.local_day(min(one.starts_at for one in children), zone))
    foot = shorten(f"{day} · {venue}" if venue else day, look.fact, look.paper.width - 2 * look.margin)
    pages.text(left, bottom - pitch, foot, look.fact)
    pages.text(left, bottom - 2 * pitch, "Show this when you collect", look.fact, bold=True)
    big = look.tag * 1.9
    pages.text(left, look.margin - 2, tag, big, bold=True)
    top = look.margin - 2 + big * LEADING
    names = words.names([one.first_name for one in children])
    size, lines = fit(names, room, bottom - 2 * pitch - 1 - top, look.name[3:-1] + _SMALLEST)
    for index, line in enumerate(lines):
        pages.text(left, top + index * size * LEADING, line, size)


def _code(pages: Pages, look: LabelSize, tag: str, *, captioned: bool) -> float:
    """The QR at the right edge, with the tag beneath it; answers the width left of its quiet border."""
    modules = qr.modules(tag)
    edge = look.code * min(1.0, modules / 21)
    quiet = qr.QUIET * edge / modules
    inset = max(look.margin, quiet)
    left = look.paper.width - inset - edge
    qr.draw(pages, tag, left, inset if captioned else (look.paper.height - edge) / 2, edge)
    if captioned:
        size = look.tag
        wide = fonts.width(tag, size, bold=True)
        pages.text(
            left + (edge - wide) / 2, look.paper.height - look.margin - size * 1.12, tag, size, bold=True
        )
    return left - quiet - look.margin
