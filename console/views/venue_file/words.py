"""What stands in each section of a venue's file, as plain lines: the page only lays them out.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.venue_file import Incident, VenueFile
from console.domain.vetting import Requirement, VenueEvent
from console.models.words import long_date, month_title, short_date
from console.permissions import StaffRole
from console.views.approvals.words import day, event_icon, venue_pairs
from console.views.scores.words import category
from console.views.widgets.paint import ChipSpec
from console.views.widgets.requirement_marks import MARKS, standing_chip

SECTIONS = (
    ("overview", "Overview"), ("requirements", "Requirements"), ("staff", "Staff"), ("devices", "Devices"),
    ("schedule", "Schedule"), ("scores", "Scores"), ("payouts", "Payouts"), ("papers", "Papers"),
    ("incidents", "Incidents"), ("notes", "Notes"), ("history", "History"), ("audit", "Audit"),
)  # fmt: skip
EMPTY = {
    "overview": "Nothing is known about this venue.",
    "requirements": "Nothing is required of this venue.",
    "staff": "Nobody works here yet.",
    "devices": "No workstation was enrolled here.",
    "schedule": "No weekly series runs here.",
    "scores": "There is no score yet; the first comes after its first full week.",
    "payouts": "Nothing was paid out yet.",
    "papers": "No papers were filed.",
    "incidents": "No incident was reported.",
    "notes": "Nobody has written a note.",
    "history": "Nothing has happened yet.",
    "audit": "The audit trail has no entry.",
}
STATUS = {
    "active": ChipSpec("Open", "green", "ph.check-bold"),
    "pending_approval": ChipSpec("Waiting", "neutral", "ph.hourglass"),
    "suspended": ChipSpec("Suspended", "amber", "ph.pause-circle"),
    "rejected": ChipSpec("Rejected", "red", "ph.warning-bold"),
}
SEVERITIES = (("minor", "Minor"), ("serious", "Serious"), ("critical", "Critical"))
_SEVERITY = {
    "minor": ChipSpec("Minor", "neutral", "ph.info"),
    "serious": ChipSpec("Serious", "amber", "ph.warning"),
    "critical": ChipSpec("Critical", "red", "ph.warning-octagon"),
}
_DEVICE = {
    "active": ChipSpec("Active", "green", "ph.check-bold"),
    "revoked": ChipSpec("Revoked", "red", "ph.prohibit"),
}
_PAYOUT = {"paid": "green", "processing": "blue", "on_hold": "amber", "failed": "red"}
_OUTCOMES = {
    "approved": "approved", "approved_with_exception": "approved with an exception", "rejected": "rejected",
    "withdrawn": "withdrawn",
}  # fmt: skip
_SINCE = {
    "active": ("approved", "approved_with_exception", "reinstated"),
    "suspended": ("suspended", "suspended_by_rule"),
}
_WEEKS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section: a title and what is quieter about it, perhaps something at the right, a chip, a deed."""

    title: str
    caption: str = ""
    body: str = ""
    right: str = ""
    icon: str = ""
    icon_color: str = "text.secondary"
    chip: ChipSpec | None = None
    deed: str = ""
    value: object = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a section shows: facts by name, and lines."""

    pairs: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()
    values: tuple[float | None, ...] = field(default=())
    """A score for each week, oldest first, where the section has such a line."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self.pairs and not self.lines


def seen(at: datetime | None, now: datetime, zone: tzinfo) -> str:
    """When somebody or something was last there."""
    return f"last seen {moment(at, now, zone)}" if at is not None else "never seen"


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """An instant: "12 Mar 15:42", with the year where it is another."""
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{short_date(local.date())}{year} {clock_time(at, zone)}"


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def status_chip(status: str) -> ChipSpec:
    """A venue's status as a chip."""
    return STATUS.get(status, ChipSpec(status.replace("_", " ").capitalize()))


def caption(file: VenueFile, zone: tzinfo) -> str:
    """Under the name: "Portland, OR · open since 12 May 2025"."""
    facts = file.facts
    at = facts.suspended_at if facts.status == "suspended" else None
    if at is None:
        kinds = _SINCE.get(facts.status, ())
        at = max((one.at for one in file.events if one.kind in kinds), default=None)
    word = {"active": "open", "suspended": "suspended"}.get(facts.status, "")
    since = f"{word} since {long_date(at.astimezone(zone).date())}" if at is not None and word else ""
    return " · ".join(part for part in (facts.city, since, facts.timezone) if part)


def content(key: str, file: VenueFile, events: Sequence[VenueEvent], now: datetime, zone: tzinfo) -> Content:
    """What one section shows; `events` is the history as far as it was asked for."""
    if key == "overview":
        return _overview(file)
    if key == "history":
        return Content(lines=tuple(_event(one, now, zone) for one in events))
    if key == "scores":
        weeks = sorted(file.scores)
        return Content(
            lines=_scores(file), values=tuple(None if one is None else float(one) for _week, one in weeks)
        )
    makers = {
        "requirements": _requirements, "staff": _staff, "devices": _devices, "schedule": _schedule,
        "payouts": _payouts, "papers": _papers, "incidents": _incidents, "notes": _notes, "audit": _audit,
    }  # fmt: skip
    return Content(lines=makers[key](file, now, zone))


def _overview(file: VenueFile) -> Content:
    facts = file.facts
    pairs = [
        *venue_pairs(facts),
        ("Category", category(facts.category)),
        ("Time zone", facts.timezone),
        ("Suspended", facts.suspension_reason or ""),
        ("Still lacks", ", ".join(facts.missing)),
        ("About", facts.description or ""),
    ]
    return Content(pairs=tuple((name, value) for name, value in pairs if value))


def _requirements(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    made = []
    for kind, cell in file.requirements:
        mark = MARKS[cell.standing]
        said = [f"ends {day(cell.expires_on)}"] if cell.expires_on is not None else []
        if cell.renewal_filed:
            said.append("a renewal is filed")
        if cell.reminders:
            before = ", ".join(str(one) for one in sorted(cell.reminders, reverse=True))
            said.append(f"reminded {before} days before")
        made.append(
            Line(
                kind.words,
                " · ".join(said),
                icon=mark.icon,
                icon_color=mark.color,
                chip=standing_chip(cell.standing),
            )
        )
    for case in file.cases:
        when = f"opened {moment(case.opened_at, now, zone)}"
        if case.outcome is not None and case.decided_at is not None:
            by = f" by {case.decided_by}" if case.decided_by else ""
            when = f"{_OUTCOMES.get(case.outcome, case.outcome)} {moment(case.decided_at, now, zone)}{by}"
        elif case.state.value == "asked":
            when = f"{when} · the venue was asked"
        made.append(
            Line(case.kind.words, when, right=f"{case.met} of {len(Requirement)} met", icon="ph.check-square")
        )
    return tuple(made)


def _staff(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    return tuple(
        Line(
            one.first_name,
            f"{_role(one.role)} since {day(one.since.astimezone(zone).date())}",
            right=seen(one.last_seen_at, now, zone),
        )
        for one in file.staff
    )


def _role(role: str) -> str:
    try:
        return StaffRole(role).words
    except ValueError:
        return role.replace("_", " ").capitalize()


def _devices(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    return tuple(
        Line(
            one.name,
            _begun(seen(one.last_seen_at, now, zone)),
            chip=_DEVICE.get(one.status, ChipSpec(one.status.replace("_", " ").capitalize())),
        )
        for one in file.devices
    )


def _schedule(file: VenueFile, _now: datetime, _zone: tzinfo) -> tuple[Line, ...]:
    return tuple(
        Line(
            one.activity,
            one.pattern,
            right=f"next {short_date(one.next_on)} · {one.booked:,} booked"
            if one.next_on
            else "no date to come",
        )
        for one in file.series
    )


def _scores(file: VenueFile) -> tuple[Line, ...]:
    newest = sorted(file.scores, reverse=True)[:_WEEKS]
    return tuple(
        Line(f"Week of {day(week)}", right="too little to tell" if score is None else f"{score:.1f}")
        for week, score in newest
    )


def _payouts(file: VenueFile, _now: datetime, _zone: tzinfo) -> tuple[Line, ...]:
    return tuple(
        Line(
            month_title(one.period),
            right=f"{one.net:,.2f} {one.currency}",
            chip=ChipSpec(one.status.replace("_", " ").capitalize(), _PAYOUT.get(one.status, "neutral")),
        )
        for one in file.payouts
    )


def paper_kind(kind: str) -> str:
    """What a paper is about."""
    try:
        return Requirement(kind).words
    except ValueError:
        return kind.replace("_", " ").capitalize()


def _papers(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    made = []
    for one in file.documents:
        icon = "ph.image" if one.media_type.startswith("image/") else "ph.file-pdf"
        pages = f" · {count(one.pages, 'page')}" if one.pages else ""
        said = f"{paper_kind(one.kind)} · {moment(one.added_at, now, zone)}{pages}"
        made.append(Line(one.title, said, icon=icon, deed="Open", value=one))
    return tuple(made)


def _incidents(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    return tuple(_incident(one, now, zone) for one in file.incidents)


def _incident(one: Incident, now: datetime, zone: tzinfo) -> Line:
    said = f"{day(one.happened_on)} · reported by {one.reported_by}, {moment(one.reported_at, now, zone)}"
    body = one.body
    if one.resolved_at is not None:
        by = f" by {one.resolved_by}" if one.resolved_by else ""
        resolved = f"Resolved{by}, {moment(one.resolved_at, now, zone)}: {one.resolution}"
        body = f"{body}\n{resolved}" if body else resolved
        return Line(
            one.title, said, body, icon="ph.check-circle", chip=ChipSpec("Resolved", "green", "ph.check-bold")
        )
    return Line(
        one.title,
        said,
        body,
        icon="ph.warning-circle",
        chip=_SEVERITY.get(one.severity),
        deed="Resolve…",
        value=one,
    )


def _notes(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    return tuple(
        Line("", f"{one.by}, {moment(one.at, now, zone)}", one.body, icon="ph.note") for one in file.notes
    )


def _event(one: VenueEvent, now: datetime, zone: tzinfo) -> Line:
    by = f", {one.by}" if one.by else ""
    return Line(one.says, f"{moment(one.at, now, zone)}{by}", one.reason or "", icon=event_icon(one.kind))


def _audit(file: VenueFile, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    return tuple(
        Line(
            f"{one.entity.replace('_', ' ').capitalize()}: {one.what.replace('_', ' ').lower()}",
            f"{moment(one.at, now, zone)}, {one.by or 'the system'}",
        )
        for one in file.audit
    )


def counted(key: str, file: VenueFile, made: Content) -> str:
    """The figure beside a section's name in the index: what is there, or what is to be done about it."""
    if key == "overview" or made.is_empty:
        return ""
    if key == "requirements":
        met = sum(cell.standing.is_met for _kind, cell in file.requirements)
        return f"{met} of {len(file.requirements)}"
    if key == "incidents":
        still = sum(one.resolved_at is None for one in file.incidents)
        return f"{still} open" if still else f"{len(file.incidents):,}"
    if key == "scores":
        newest = max(file.scores)[1] if file.scores else None
        return "" if newest is None else f"{newest:.1f}"
    return f"{len(made.lines):,}"
