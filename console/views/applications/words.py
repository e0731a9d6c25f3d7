"""What the application screens say.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo

from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.vetting import Application, ImportedApplication
from console.models.table import Column
from console.models.words import short_date
from console.views.approvals.words import ended
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

CHIPS = {
    "draft": ChipSpec("Draft", "neutral", "ph.pencil-simple"),
    "submitted": ChipSpec("With headquarters", "blue", "ph.hourglass"),
    "asked": ChipSpec("Asks you", "amber", "ph.chat-text"),
    "approved": ChipSpec("Approved", "green", "ph.check-bold"),
    "rejected": ChipSpec("Rejected", "red", "ph.x-bold"),
    "withdrawn": ChipSpec("Withdrawn", "neutral", "ph.arrow-u-up-left"),
}
FIELDS = {
    "Name": "name", "Category": "category", "Address": "address_line1", "City": "city", "State": "state_code",
    "Postal code": "postal_code", "Latitude": "latitude", "Longitude": "longitude", "Time zone": "timezone",
    "Email": "contact_email", "Phone": "contact_phone",
}  # fmt: skip
"""The field of each word that may be missing."""
OVER = frozenset({"approved", "rejected", "withdrawn"})
"""States in which nothing can be done any more."""
FATES = (("", "All"), ("new", "New"), ("known", "Known"), ("refused", "Refused"))
_FATE_CHIPS = {
    "new": ChipSpec("New", "green", "ph.plus"),
    "known": ChipSpec("Known", "neutral", "ph.check"),
    "taken": ChipSpec("Taken", "green", "ph.check-bold"),
    "refused": ChipSpec("Refused", "red", "ph.warning-bold"),
}


def state_of(application: Application) -> str:
    """Where an application stands, as a key of `CHIPS`: the case says what its own state does not."""
    case = application.case
    if application.state == "submitted" and case is not None:
        if case.outcome is not None:
            return "approved" if case.outcome.startswith("approved") else case.outcome
        if case.state.value == "asked":
            return "asked"
    return application.state


def may_edit(application: Application) -> bool:
    """Whether its fields may be changed now."""
    return state_of(application) in ("draft", "asked")


def name_of(application: Application) -> str:
    """What it is called in the list."""
    return application.facts.name.strip() or "No name yet"


def rows(known: Sequence[Application], now: datetime, zone: tzinfo) -> list[Choice]:
    """The rows of the list."""
    made = []
    for one in known:
        place = ", ".join(part for part in (one.facts.city.strip(), one.facts.state_code.strip()) if part)
        detail = " · ".join(part for part in (CHIPS[_known(one)].text, place) if part)
        made.append(Choice(one, name_of(one), detail, right=_when(one, now, zone)))
    return made


def _known(application: Application) -> str:
    state = state_of(application)
    return state if state in CHIPS else "draft"


def chip(application: Application) -> ChipSpec:
    """The chip beside the name."""
    return CHIPS[_known(application)]


def _when(application: Application, now: datetime, zone: tzinfo) -> str:
    at = application.submitted_at or application.updated_at
    day = at.astimezone(zone).date()
    return clock_time(at, zone) if day == now.astimezone(zone).date() else short_date(day)


def caption(application: Application, zone: tzinfo) -> str:
    """Under the name: since when it lies where."""
    if application.submitted_at is not None:
        day = application.submitted_at.astimezone(zone).date()
        return f"Handed in on {short_date(day)} {day.year}, {clock_time(application.submitted_at, zone)}"
    return "Not handed in yet"


def done(application: Application) -> tuple[int, int]:
    """How many of the needed facts are there, and of how many."""
    return len(FIELDS) - len(application.missing), len(FIELDS)


def feedback_title(application: Application) -> str:
    """Over what headquarters said."""
    return {
        "asked": "Headquarters asks:", "rejected": "Headquarters turned it down:", "approved": "Headquarters says:",
    }.get(state_of(application), "Headquarters said:")  # fmt: skip


def consequence(application: Application) -> str:
    """What handing it in does."""
    return (
        f"Headquarters looks at {name_of(application)} and answers here. "
        "It cannot be changed until they ask. Papers can be filed right after."
    )


# -- a file of applications ------------------------------------------------------------------------------------------


def import_columns() -> list[Column[ImportedApplication]]:
    """The columns of the preview."""
    return [
        Column("row", "Row", lambda one: f"{one.row:,}", numeric=True, sortable=False, width=84),
        Column("name", "Name", lambda one: one.name, sortable=False, stretch=True, width=150,
               tooltip=lambda one: one.name),
        Column("fate", "Becomes", lambda _one: "", sortable=False, width=108),
        Column("why", "Why, and what is alike", import_why, sortable=False, stretch=True, width=260,
               tooltip=import_why),
    ]  # fmt: skip


def import_why(one: ImportedApplication) -> str:
    """Why a row is refused, and which venues it resembles."""
    said = [ended(one.why)] if one.why else []
    for likeness in one.likenesses[:2]:
        agree = f", {', '.join(likeness.alike)}" if likeness.alike else ""
        said.append(f"Alike: {likeness.venue}, {likeness.score:.0f} of 100{agree}.")
    if len(one.likenesses) > 2:
        said.append(f"And {len(one.likenesses) - 2} more.")
    return " ".join(said)


def fate_look(one: ImportedApplication) -> CellLook:
    """The chip of a row."""
    return CellLook(chip=_FATE_CHIPS.get(one.fate, ChipSpec(one.fate)))


def fates(found: Sequence[ImportedApplication]) -> dict[str, int]:
    """How many rows of each fate, for the tabs."""
    counted = Counter(one.fate for one in found)
    return {key: counted[key] if key else len(found) for key, _word in FATES}


def import_caption(found: Sequence[ImportedApplication], file: str) -> str:
    """What a file holds, in numbers."""
    numbers = fates(found)
    alike = sum(bool(one.likenesses) for one in found)
    parts = [f"{numbers['new']:,} new", f"{numbers['known']:,} known", f"{numbers['refused']:,} refused"]
    if alike:
        parts.append(f"{alike:,} like a venue that is there")
    return f"{file}: {', '.join(parts)}"


def taken(found: Sequence[ImportedApplication]) -> str:
    """What taking a file did: "12 applications taken, 1 refused"."""
    number = sum(one.fate == "taken" for one in found)
    refused = fates(found)["refused"]
    return f"{count(number, 'application')} taken" + (f", {refused:,} refused" if refused else "")
