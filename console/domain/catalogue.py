"""What a venue offers: an activity's facts, what is wrong with them, what parents need before they see it.

Pure rules and frozen values, so that a screen, a service and an import refuse the same things in the same words. The
database holds the same rules and decides. Ages are whole months, both ends included; no upper age means open ended.
See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

NAME_LENGTH = 255
SHORT_LENGTH = 150
FULL_LENGTH = 10_000
PREREQUISITES_LENGTH = 2_000
ADDRESS_LENGTH = 500
ITEM_LENGTH = 200
TAG_LENGTH = 40
MOST_ITEMS = 30
MOST_IMAGES = 20
MOST_CREDITS = 999
MOST_PLACES = 9_999
MOST_MINUTES = 24 * 60
MOST_MONTHS = 1439

_COPY = "Copy of "


class Category(StrEnum):
    """What sort of activity it is, as `public.activity_category`."""

    STEM = "stem"
    ARTS_CRAFTS = "arts_crafts"
    MUSIC = "music"
    SPORTS = "sports"
    NATURE = "nature"
    COOKING = "cooking"
    READING = "reading"
    BUILDING = "building"
    DANCE = "dance"
    DRAMA = "drama"


class Skill(StrEnum):
    """Whom it suits, as the check on `activities.skill_level`."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class ActivityState(StrEnum):
    """Where an activity stands: not shown yet, shown to parents, or put away."""

    DRAFT = "draft"
    PUBLISHED = "published"
    AWAY = "away"


class Need(StrEnum):
    """What parents look for in an activity."""

    CATEGORY = "category"
    CREDITS = "credits"
    DESCRIPTION = "short"
    IMAGE = "image"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist. A `required` one that is not met keeps the activity from being published."""

    need: Need
    is_met: bool
    required: bool


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """What can be edited of an activity. `tags` is as it is kept: name to True, or to what somebody else put there."""

    name: str
    minutes: int
    capacity: int
    min_months: int
    max_months: int | None = None
    category: Category | None = None
    credits: int | None = None
    short: str | None = None
    full: str | None = None
    skill: Skill = Skill.BEGINNER
    prerequisites: str | None = None
    parent_attends: bool = False
    bring: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    tags: Mapping[str, object] = field(default_factory=dict)
    image: str | None = None
    gallery: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The tags that hold, by name."""
        return tuple(sorted(name for name, value in self.tags.items() if value is True))


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity as it is kept. `version` is sent back with a change of it; `upcoming` counts sessions to come."""

    id: UUID
    version: int
    facts: ActivityFacts
    slug: str
    state: ActivityState
    is_published: bool
    published_at: datetime | None
    rating: Decimal
    reviews: int
    upcoming: int
    next_at: datetime | None
    series: int
    """How many weekly patterns of it still run."""

    @property
    def is_away(self) -> bool:
        """Whether it was put away."""
        return self.state is ActivityState.AWAY


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An activity as a row of the catalogue."""

    id: UUID
    version: int
    name: str
    category: Category | None
    min_months: int
    max_months: int | None
    credits: int | None
    minutes: int
    capacity: int
    state: ActivityState
    is_published: bool
    upcoming: int
    rating: Decimal
    reviews: int
    tags: Mapping[str, object] = field(default_factory=dict)
    has_short: bool = True
    has_image: bool = True

    @property
    def checks(self) -> tuple[Check, ...]:
        """What parents need, met or not."""
        return checks(self.category, self.credits, self.has_short, self.has_image, self.upcoming)


def checks(
    category: Category | None, credits: int | None, short: object, image: object, upcoming: int
) -> tuple[Check, ...]:
    """The checklist before publishing: category and price are required, the rest is advice."""
    return (
        Check(Need.CATEGORY, category is not None, required=True),
        Check(Need.CREDITS, credits is not None, required=True),
        Check(Need.DESCRIPTION, bool(short), required=False),
        Check(Need.IMAGE, bool(image), required=False),
        Check(Need.SESSION, upcoming > 0, required=False),
    )


def missing(found: Sequence[Check]) -> tuple[Need, ...]:
    """What keeps an activity from being published."""
    return tuple(one.need for one in found if one.required and not one.is_met)


def cannot_publish(needs: Sequence[Need]) -> str:
    """Why it cannot be published, as a sentence; empty where nothing is missing."""
    words = {Need.CATEGORY: "a category", Need.CREDITS: "a price in credits"}
    wanted = [words[need] for need in needs if need in words]
    return f"Parents see an activity once it has {' and '.join(wanted)}." if wanted else ""


# -- what is typed -----------------------------------------------------------------------------------------------------


def tidy(text: str, *, lines: bool = False) -> str:
    """What was typed, without blanks at its ends and without characters nobody sees; `lines` keeps line breaks."""
    kept = "".join(
        mark
        for mark in text.replace("\r\n", "\n").replace("\t", " ")
        if (lines and mark == "\n") or unicodedata.category(mark) not in ("Cc", "Cs")
    )
    return kept.strip() if lines else " ".join(kept.split())


def tag_name(text: str) -> str:
    """The key under which a tag is kept: "High energy" is "high_energy"; empty where nothing of it is left."""
    return re.sub(r"\W+", "_", tidy(text).casefold()).strip("_")


def tag_words(name: str) -> str:
    """A tag as people read it: "high_energy" is "High energy"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def with_labels(tags: Mapping[str, object], labels: Sequence[str]) -> dict[str, object]:
    """`tags` with exactly these that hold; what says False or another value stays as it is."""
    kept = {name: value for name, value in tags.items() if value is not True}
    return kept | dict.fromkeys(labels, True)


def copy_name(name: str) -> str:
    """What the duplicate of an activity is called, within the length of a name."""
    return (_COPY + name)[:NAME_LENGTH].rstrip()


def tidied(facts: ActivityFacts) -> ActivityFacts:
    """The same facts as they are kept: tidy words, no empty items, nothing twice."""
    return replace(
        facts,
        name=tidy(facts.name),
        short=tidy(facts.short or "") or None,
        full=tidy(facts.full or "", lines=True) or None,
        prerequisites=tidy(facts.prerequisites or "", lines=True) or None,
        image=tidy(facts.image or "") or None,
        bring=_items(facts.bring),
        outcomes=_items(facts.outcomes),
        accessibility=_items(facts.accessibility),
        gallery=_items(facts.gallery),
    )


def _items(found: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words for one in found if (words := tidy(one))))


# -- what is wrong with it ---------------------------------------------------------------------------------------------


def address_fault(address: str) -> str:
    """Why an image's address is refused; empty where it is fine. Nothing is fetched."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "This is not an address of the web."
    if parts.scheme.lower() != "https":
        return "An image's address begins with https://."
    if any(mark.isspace() for mark in address) or parts.username is not None:
        return "This is not an address of the web."
    if not re.fullmatch(r"(?:[\w-]+\.)+[\w-]{2,}", host) or len(host) > 253:
        return "This address names no place in the web, such as images.example.org."
    if len(address) > ADDRESS_LENGTH:
        return f"An address has at most {ADDRESS_LENGTH} characters."
    return ""


def faults(facts: ActivityFacts) -> dict[str, str]:
    """What is wrong with tidied facts: the field's name and a sentence, in the order of the form."""
    found: dict[str, str] = {}

    def check(name: str, is_wrong: bool, sentence: str) -> None:
        if is_wrong:
            found.setdefault(name, sentence)

    check("name", not facts.name, "Give the activity a name.")
    check("name", len(facts.name) > NAME_LENGTH, f"A name has at most {NAME_LENGTH} characters.")
    check("short", len(facts.short or "") > SHORT_LENGTH, f"Use at most {SHORT_LENGTH} characters.")
    check("full", len(facts.full or "") > FULL_LENGTH, f"Use at most {FULL_LENGTH:,} characters.")
    check("ages", not 0 <= facts.min_months <= MOST_MONTHS, "The youngest age is from 0 to 119 years.")
    if facts.max_months is not None:
        check("ages", not 0 <= facts.max_months <= MOST_MONTHS, "The oldest age is from 0 to 119 years.")
        check("ages", facts.max_months < facts.min_months, "The oldest age is below the youngest.")
    credits = 1 if facts.credits is None else facts.credits
    check("credits", not 1 <= credits <= MOST_CREDITS, f"A place costs 1 to {MOST_CREDITS} credits.")
    check("minutes", not 1 <= facts.minutes <= MOST_MINUTES, "A session lasts 1 minute to 24 hours.")
    check("capacity", not 1 <= facts.capacity <= MOST_PLACES, f"A session has 1 to {MOST_PLACES:,} places.")
    check(
        "prerequisites",
        len(facts.prerequisites or "") > PREREQUISITES_LENGTH,
        f"Use at most {PREREQUISITES_LENGTH:,} characters.",
    )
    for name, items in (
        ("bring", facts.bring),
        ("outcomes", facts.outcomes),
        ("accessibility", facts.accessibility),
    ):
        check(name, len(items) > MOST_ITEMS, f"Keep it to {MOST_ITEMS} lines.")
        check(
            name,
            any(len(one) > ITEM_LENGTH for one in items),
            f"A line has at most {ITEM_LENGTH} characters.",
        )
    check("tags", len(facts.labels) > MOST_ITEMS, f"Keep it to {MOST_ITEMS} tags.")
    check(
        "tags",
        any(len(one) > TAG_LENGTH for one in facts.tags),
        f"A tag has at most {TAG_LENGTH} characters.",
    )
    if facts.image is not None and (fault := address_fault(facts.image)):
        found["image"] = fault
    check("gallery", len(facts.gallery) > MOST_IMAGES, f"Keep it to {MOST_IMAGES} images.")
    for number, address in enumerate(facts.gallery, 1):
        if fault := address_fault(address):
            found.setdefault("gallery", fault if len(facts.gallery) == 1 else f"Image {number}: {fault}")
    return found


# -- two people at once ------------------------------------------------------------------------------------------------

FIELDS = tuple(one.name for one in fields(ActivityFacts))


def changed_fields(before: ActivityFacts, after: ActivityFacts) -> tuple[str, ...]:
    """The names of the facts in which two differ."""
    return tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))


@dataclass(frozen=True, slots=True)
class Merged:
    """What two people made of the same activity. `theirs` changed meanwhile, `clashes` are changed by both.

    In a clash `facts` has what was typed here; everything else of the other person is kept.
    """

    facts: ActivityFacts
    theirs: tuple[str, ...]
    clashes: tuple[str, ...]


def merge(base: ActivityFacts, mine: ActivityFacts, now: ActivityFacts) -> Merged:
    """What was typed over `base`, carried over to what somebody else made of it meanwhile."""
    own, other = changed_fields(base, mine), changed_fields(base, now)
    clashes = tuple(name for name in own if name in other and getattr(mine, name) != getattr(now, name))
    return Merged(replace(now, **{name: getattr(mine, name) for name in own}), other, clashes)
