"""How scores read: a score with what it rests on, a change with its direction, why a part was left out.

Every number stands with its counts ("83.3 (10 of 12)"), a direction has a sign and a word before it has a colour.
See docs/design.md, "Rules of the domain" (scores) and "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal

from console.domain.catalogue import Category
from console.domain.counting import count
from console.domain.scores import Component, Dispute, Formula, Part, ScorePage, WeekScore
from console.domain.scoring import REVISION_WORDS, least
from console.models.money import MINUS, plain_number
from console.models.words import day_and_time, long_date, short_date
from console.views.activities.words import CATEGORY_WORDS
from console.views.widgets.paint import ChipSpec

NONE = "–"
_TENTH = Decimal("0.1")

STATE_CHIPS = {
    "open": ChipSpec("Open", "blue", "ph.chat-circle-dots-bold"),
    "upheld": ChipSpec("Upheld", "green", "ph.check-bold"),
    "declined": ChipSpec("Declined", "neutral", "ph.x-bold"),
    "withdrawn": ChipSpec("Withdrawn", "neutral", "ph.arrow-u-up-left-bold"),
}
CURATED = ChipSpec("Curated", "green", "ph.star-bold")
ASKED = ChipSpec("Open", "blue", "ph.chat-circle-dots-bold")
ABOUT = {**{one.value: one.words for one in Component}, "all": "The whole score"}
_NEEDS = {
    Component.FEEDBACK: ("opinion", "opinions"),
    Component.REPEAT: ("family", "families"),
    Component.CANCELLATIONS: ("booking", "bookings"),
    Component.NO_SHOWS: ("booking", "bookings"),
}
MEANINGS = {
    Component.FEEDBACK: "Good opinions of all",
    Component.REPEAT: "Families who came on two days or more",
    Component.CANCELLATIONS: "Bookings that the venue did not cancel",
    Component.NO_SHOWS: "Bookings whose child came",
}


def points(value: Decimal | None, threshold: Decimal | None = None) -> str:
    """A score: "74.6"; with two digits where one would round it up over the threshold it is below."""
    if value is None:
        return NONE
    short = value.quantize(_TENTH, ROUND_HALF_UP)
    return f"{value:.2f}" if threshold is not None and value < threshold <= short else f"{short:.1f}"


def signed_points(value: Decimal, digits: int = 2) -> str:
    """Points up or down: "+1.20", "−0.45"."""
    return f"{value:+.{digits}f}".replace("-", MINUS)


def change(value: Decimal | None) -> tuple[str, str, str]:
    """A change as its words, its icon and the icon's colour: ("up 4.2", arrow, green)."""
    if value is None:
        return NONE, "", "text.muted"
    size = points(abs(value))
    if size == "0.0":
        return "same", "ph.equals-bold", "text.secondary"
    if value > 0:
        return f"up {size}", "ph.arrow-up-bold", "green.text"
    return f"down {size}", "ph.arrow-down-bold", "amber.text"


def weeks_of(known: int, of: int = 12) -> str:
    """How many weeks have a score: "11 of 12"."""
    return f"{known} of {of}"


def counts(part: Part) -> str:
    """What a part rests on: "10 of 12"."""
    return f"{part.good:,} of {part.all:,}"


def part_words(part: Part | None) -> str:
    """A part with its counts: "83.3 (10 of 12)"; a dash where it was left out."""
    if part is None or part.value is None:
        return NONE
    return f"{points(part.value)} ({counts(part)})"


def why_left_out(part: Part, formula: Formula) -> str:
    """Why a part does not count: "3 of 5 opinions needed"."""
    needed = least(formula, part.component)
    return f"{part.all:,} of {needed:,} {_NEEDS[part.component][needed != 1]} needed"


def too_few(part: Part) -> str:
    """The same where the formula is not at hand."""
    return f"Left out: {part.all:,} {_NEEDS[part.component][part.all != 1]} are too few"


def part_of(parts: Sequence[Part], component: Component) -> Part | None:
    """The part of that component."""
    return next((one for one in parts if one.component is component), None)


def category(key: str | None) -> str:
    """A venue's category in words."""
    if key is None:
        return ""
    known = next((one for one in Category if one.value == key), None)
    return CATEGORY_WORDS[known] if known is not None else key.replace("_", " ").capitalize()


def week_words(week: date, *, year: bool = False) -> str:
    """A week by its days: "9 to 15 Mar", "30 Mar to 5 Apr"; `year` adds it."""
    last = week + timedelta(days=6)
    first = str(week.day) if week.month == last.month else short_date(week)
    return f"{first} to {short_date(last)}{f' {last.year}' if year else ''}"


def revised(week: WeekScore) -> str:
    """Why a week was worked out again; empty for a first time."""
    if week.revision <= 1:
        return ""
    reason = week.revision_reason or ""
    return REVISION_WORDS.get(reason, reason or "It was worked out again.")


def percent(value: Decimal) -> str:
    """A weight: "40 %"."""
    return f"{plain_number(value)}\N{NO-BREAK SPACE}%"


def threshold_words(score: Decimal | None, formula: Formula) -> tuple[str, str, str]:
    """Where a score stands against the threshold: words, icon, colour."""
    line = plain_number(formula.threshold)
    if score is None:
        return (
            "Too little to go by: whether the venue is curated stays as it was",
            "ph.hourglass-medium-bold",
            "text.secondary",
        )
    if score >= formula.threshold:
        return f"Reaches {line}, from which a venue is curated", "ph.check-circle-fill", "green.text"
    short = plain_number(formula.threshold - score)
    return f"{short} points below {line}, from which a venue is curated", "ph.warning-fill", "amber.text"


def peers(page: ScorePage) -> str:
    """Where a venue stands among others, in a sentence."""
    whose = "venues" if page.peers == "all venues" else f"{category(page.peers).lower()} venues"
    if page.percentile is not None:
        average = f", {points(page.peer_average)} on average" if page.peer_average is not None else ""
        return f"Scores more than {page.percentile} % of the other {whose} ({page.peer_count:,} compared{average})."
    if page.peer_count >= 5:
        return "Compared with others as soon as there is a score."
    one = page.peer_count == 1
    have = "1 other venue has" if one else f"{page.peer_count:,} other venues have"
    return f"Compared once five other venues have a score for the week; now {have} one."


def about(dispute: Dispute) -> str:
    """What a dispute is about: "Feedback, 9 to 15 Mar"."""
    return f"{ABOUT.get(dispute.component, dispute.component)}, {week_words(dispute.week)}"


def first_score(today: date) -> str:
    """When a venue that has none gets its first score, seen from `today`."""
    monday = today + timedelta(days=7 - today.weekday())
    return (
        f"The first one comes on Monday {long_date(monday)}, when this week is over. "
        "A week with too few bookings and opinions has none."
    )


def venues(number: int) -> str:
    """How many venues."""
    return count(number, "venue")


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """When something happened: "today 15:41", "5 Mar 16:33"; says so where it is nobody's wall time."""
    return f"{day_and_time(at, now, zone)}{' UTC' if zone is UTC else ''}"
