"""How announcements read: whether they run, from when until when, for whom, and who has read them.

See docs/design.md, "Borrowed from neighbouring systems" (announcements as a banner).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.venue_file import Announcement
from console.models.words import short_date
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec

TITLE_LENGTH = 120
BODY_LENGTH = 1000
TONES = (("info", "Information"), ("warning", "Warning"))
ICONS = {"info": "ph.info-fill", "warning": "ph.warning-fill"}
COLORS = {"info": "blue", "warning": "amber"}
_GROUPS = (("running", "Running"), ("planned", "Planned"), ("past", "Past"))
_STATES = {
    "running": ChipSpec("Running", "green", "ph.broadcast"),
    "planned": ChipSpec("Planned", "neutral", "ph.clock"),
    "over": ChipSpec("Over", "neutral", "ph.check"),
    "withdrawn": ChipSpec("Withdrawn", "neutral", "ph.arrow-u-up-left"),
}
_NAMED = 3


def state(one: Announcement, now: datetime) -> str:
    """running, planned, over or withdrawn."""
    if one.withdrawn_at is not None:
        return "withdrawn"
    if one.ends_at <= now:
        return "over"
    return "planned" if one.starts_at > now else "running"


def state_chip(one: Announcement, now: datetime) -> ChipSpec:
    """Its state as a chip."""
    return _STATES[state(one, now)]


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """An instant: "12 Mar 08:00", with the year where it is another."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{short_date(local.date())}{year} {clock_time(at, zone)}"


def span(one: Announcement, now: datetime, zone: tzinfo) -> str:
    """From when until when: "12 Mar 08:00 to 15 Mar 18:00"."""
    return f"{moment(one.starts_at, now, zone)} to {moment(one.ends_at, now, zone)}"


def audience(one: Announcement) -> str:
    """For whom, in short: "all venues", "Alder Hall", "12 venues"."""
    if not one.venues:
        return "all venues"
    return one.venues[0][1] if len(one.venues) == 1 else count(len(one.venues), "venue")


def audience_in_full(one: Announcement) -> str:
    """For whom, by name."""
    return ", ".join(name for _id, name in one.venues) if one.venues else "All venues"


def read_by(one: Announcement) -> str:
    """How many have put it away."""
    if one.read_by == 0:
        return "Nobody has read it yet"
    return f"{count(one.read_by, 'person has', 'people have')} read it"


def choices(found: Sequence[Announcement], now: datetime, zone: tzinfo) -> list[Choice]:
    """The rows of the list under their headings."""
    rows: list[Choice] = []
    for key, heading in _GROUPS:
        group = [
            one for one in found if state(one, now) == key or (key == "past" and state(one, now) in _PAST)
        ]
        if group:
            rows.append(Choice(None, heading, right=f"{len(group):,}", heading=True))
            rows += [_choice(one, now, zone) for one in group]
    return rows


_PAST = ("over", "withdrawn")


def _choice(one: Announcement, now: datetime, zone: tzinfo) -> Choice:
    chips = [ChipSpec("Warning", "amber", ICONS["warning"])] if one.tone == "warning" else []
    if one.withdrawn_at is not None:
        chips.append(_STATES["withdrawn"])
    when = moment(one.starts_at if state(one, now) == "planned" else one.ends_at, now, zone)
    when = f"from {when}" if state(one, now) == "planned" else f"until {when}"
    detail = f"{audience(one)} · {when} · {one.read_by:,} read"
    return Choice(one, one.title, detail, chips=tuple(chips))


def withdrawal(one: Announcement, now: datetime) -> tuple[str, list[tuple[str, str]]]:
    """What withdrawing does, in a sentence and in numbers."""
    venues = f"{len(one.venues):,}" if one.venues else "All"
    figures = [(venues, "venue" if len(one.venues) == 1 else "venues"), (f"{one.read_by:,}", "have read it")]
    if state(one, now) == "planned":
        return "Nobody has seen it yet, and nobody will. It cannot be shown again.", figures[:1]
    return "It leaves every screen within a minute. It cannot be shown again.", figures
