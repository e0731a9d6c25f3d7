"""How activities read: ages, states, what they lack, and the columns of list and file.

The list, the panel, the sheet for many and the exported file say the same thing the same way. See docs/design.md,
"Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Sequence

from console.domain.catalogue import (
    Activity,
    ActivityRow,
    ActivityState,
    Category,
    Need,
    Skill,
    missing,
    tag_words,
)
from console.domain.catalogue_bulk import BulkChange, Fate, RowFate
from console.domain.counting import count
from console.models.table import Column
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

CATEGORY_WORDS = {
    Category.STEM: "Science and technology",
    Category.ARTS_CRAFTS: "Arts and crafts",
    Category.MUSIC: "Music",
    Category.SPORTS: "Sports",
    Category.NATURE: "Nature",
    Category.COOKING: "Cooking",
    Category.READING: "Reading",
    Category.BUILDING: "Building",
    Category.DANCE: "Dance",
    Category.DRAMA: "Drama",
}
SKILL_WORDS = {Skill.BEGINNER: "Beginner", Skill.INTERMEDIATE: "Intermediate", Skill.ADVANCED: "Advanced"}
STATE_WORDS = {
    ActivityState.PUBLISHED: "Published",
    ActivityState.DRAFT: "Draft",
    ActivityState.AWAY: "Put away",
}
STATE_CHIPS = {
    ActivityState.PUBLISHED: ChipSpec("Published", "green", "ph.check-bold"),
    ActivityState.DRAFT: ChipSpec("Draft", "neutral", "ph.pencil-simple"),
    ActivityState.AWAY: ChipSpec("Put away", "neutral", "ph.archive"),
}
NEED_WORDS = {
    Need.CATEGORY: ("A category", "No category yet"),
    Need.CREDITS: ("A price in credits", "No price in credits yet"),
    Need.DESCRIPTION: ("A short description", "No short description yet"),
    Need.IMAGE: ("An image", "No image yet"),
    Need.SESSION: ("A session to come", "No session to come yet"),
}
NEED_FIELDS = {
    Need.CATEGORY: "category",
    Need.CREDITS: "credits",
    Need.DESCRIPTION: "short",
    Need.IMAGE: "image",
}
"""The field that meets a need; sessions are made in the schedule."""
FIELD_WORDS = {
    "name": "name",
    "category": "category",
    "skill": "skill level",
    "short": "short description",
    "full": "description",
    "min_months": "ages",
    "max_months": "ages",
    "credits": "credits",
    "capacity": "places",
    "minutes": "length",
    "parent_attends": "parent stays",
    "prerequisites": "prerequisites",
    "bring": "what to bring",
    "outcomes": "what children learn",
    "tags": "tags",
    "accessibility": "accessibility",
    "image": "image",
    "gallery": "more images",
    "publish": "shown to parents",
    "put_away": "put away",
}
TAGS = ("indoor", "outdoor", "messy", "quiet", "high_energy", "team", "competitive", "creative")
ACCESSIBILITY = (
    "Step-free access",
    "Accessible toilet",
    "Hearing loop",
    "Sign language",
    "Quiet space",
    "Sensory-friendly",
    "Assistance dogs",
    "Extra support",
)
FATE_CHIPS = {
    Fate.CHANGES: ChipSpec("Changes", "blue", "ph.pencil-simple"),
    Fate.CHANGED: ChipSpec("Changed", "green", "ph.check-bold"),
    Fate.SAME: ChipSpec("Stays as it is", "neutral", "ph.minus"),
    Fate.REFUSED: ChipSpec("Not possible", "red", "ph.warning-bold"),
    Fate.MEANWHILE: ChipSpec("Changed meanwhile", "amber", "ph.clock"),
    Fate.GONE: ChipSpec("Gone", "amber", "ph.trash"),
}


def ages(low: int, high: int | None) -> str:
    """An age range in months as people say it: "6–9", "6+", "18 mo–3", "All ages"."""
    if low == 0 and high is None:
        return "All ages"
    first = str(low // 12) if low % 12 == 0 else f"{low} mo"
    if high is None:
        return f"{first}+"
    last = str(high // 12) if high % 12 == 11 else f"{high} mo"
    return first if first == last else f"{first}–{last}"


def rating(row: ActivityRow) -> str:
    """The average of the reviews with their number: "4.6 (12)", or a dash."""
    return f"{row.rating:.1f} ({row.reviews:,})" if row.reviews else "–"


def lacks(row: ActivityRow) -> str:
    """What keeps a row from parents, for its tool tip; empty where nothing does."""
    needs = missing(row.checks)
    return ". ".join(NEED_WORDS[need][1] for need in needs)


def caption(activity: Activity) -> str:
    """What stands under the name in the panel."""
    coming = f"{activity.upcoming:,} to come" if activity.upcoming else "No sessions to come"
    return (
        f"{coming} · {activity.rating:.1f} ({count(activity.reviews, 'review')})"
        if activity.reviews
        else coming
    )


def fields(names: Sequence[str]) -> str:
    """Names of facts as a sentence lists them: "credits, places and ages"."""
    words = list(dict.fromkeys(said for name, said in FIELD_WORDS.items() if name in names))
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def fate_detail(one: RowFate, row: ActivityRow, change: BulkChange) -> str:
    """The second line of a row of the preview or report: why not, or what becomes what ("Credits 2 → 15")."""
    if one.why:
        return one.why
    shown = row.is_published if change.publish is None else change.publish
    after = {True: ActivityState.AWAY, False: ActivityState.PUBLISHED if shown else ActivityState.DRAFT}
    is_away = row.state is ActivityState.AWAY if change.put_away is None else change.put_away
    tags = [f"+{tag_words(tag)}" for tag in change.add_tags if row.tags.get(tag) is not True]
    tags += [f"−{tag_words(tag)}" for tag in change.remove_tags if tag in row.tags]
    state = f"{STATE_WORDS[row.state]} → {STATE_WORDS[after[is_away]]}"
    was = CATEGORY_WORDS[row.category] if row.category else "No category"
    said = {
        "category": f"{was} → {CATEGORY_WORDS[change.category]}" if change.category else "",
        "credits": f"Credits {row.credits or '–'} → {change.credits}",
        "capacity": f"Places {row.capacity} → {change.capacity}",
        "tags": f"Tags {', '.join(tags)}",
        "publish": state,
        "put_away": state,
    }
    parts = dict.fromkeys(said[name] for name in one.what)
    return " · ".join(parts) if parts else "Nothing of it differs"


def list_columns() -> list[Column[ActivityRow]]:
    """The columns of the catalogue."""
    columns: list[Column[ActivityRow]] = [
        Column(
            "name", "Activity", lambda row: row.name, stretch=True, width=180, tooltip=lambda row: row.name
        ),
        Column("state", "State", lambda _row: "", width=116, tooltip=lacks),
        Column(
            "category",
            "Category",
            lambda row: CATEGORY_WORDS[row.category] if row.category else "–",
            width=176,
            gives_way=5,
        ),
        Column("ages", "Ages", lambda row: ages(row.min_months, row.max_months), width=96, gives_way=4),
        Column(
            "credits",
            "Credits",
            lambda row: "–" if row.credits is None else str(row.credits),
            numeric=True,
            width=82,
            gives_way=1,
        ),
        Column("places", "Places", lambda row: f"{row.capacity:,}", numeric=True, width=78, gives_way=2),
        Column("length", "Length", lambda row: f"{row.minutes:,} min", numeric=True, width=92, gives_way=6),
        Column("upcoming", "To come", lambda row: f"{row.upcoming:,}", numeric=True, width=88, gives_way=3),
        Column("rating", "Rating", rating, numeric=True, width=104, gives_way=7),
    ]
    return columns


def state_look(row: ActivityRow) -> CellLook:
    """The state as a chip."""
    return CellLook(chip=STATE_CHIPS[row.state])


def dash_look(row: ActivityRow, name: str) -> CellLook:
    """A dash stands quietly where a fact is missing."""
    return CellLook("primary" if getattr(row, name) else "muted")


LOOKS = {
    "state": state_look,
    "category": lambda row: dash_look(row, "category"),
    "credits": lambda row: dash_look(row, "credits"),
    "upcoming": lambda row: dash_look(row, "upcoming"),
    "rating": lambda row: dash_look(row, "reviews"),
    "name": lambda row: CellLook("muted" if row.state is ActivityState.AWAY else "primary"),
}


def export_columns() -> list[ExportColumn[ActivityRow]]:
    """The columns of the file."""
    return [
        ExportColumn(SheetColumn("Activity", width=32), lambda row: row.name),
        ExportColumn(SheetColumn("State", width=12), lambda row: STATE_WORDS[row.state]),
        ExportColumn(
            SheetColumn("Category", width=24),
            lambda row: CATEGORY_WORDS[row.category] if row.category else None,
        ),
        ExportColumn(SheetColumn("From age in months", "number", 20), lambda row: row.min_months),
        ExportColumn(SheetColumn("To age in months", "number", 18), lambda row: row.max_months),
        ExportColumn(SheetColumn("Credits", "number", 10), lambda row: row.credits),
        ExportColumn(SheetColumn("Places", "number", 10), lambda row: row.capacity),
        ExportColumn(SheetColumn("Minutes", "number", 10), lambda row: row.minutes),
        ExportColumn(SheetColumn("Sessions to come", "number", 18), lambda row: row.upcoming),
        ExportColumn(SheetColumn("Rating", "number", 10), lambda row: row.rating if row.reviews else None),
        ExportColumn(SheetColumn("Reviews", "number", 10), lambda row: row.reviews),
    ]
