"""How the approval queue puts cases, claims, evidence and decisions into words.

Rows, headers and screen readers must say the same thing the same way, so every phrase is made here and tested without
a window. Instants are told in the reader's zone. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.vetting import (
    CaseKind,
    CasePage,
    CaseRow,
    CaseState,
    CheckedPerson,
    Decision,
    FiledDocument,
    Filing,
    Likeness,
    Requirement,
    Standing,
    SuspensionPreview,
    VenueFacts,
    Waiver,
)
from console.models.words import long_date, short_date
from console.views.scores.words import category
from console.views.widgets.paint import ChipSpec

WARN_BEFORE = timedelta(minutes=2)
"""How long before a claim ends the page says so."""

_SHOWN_BY_TITLE = 2
_OUTCOMES = {
    "approved": ChipSpec("Approved", "green", "ph.check-bold"),
    "approved_with_exception": ChipSpec("With exception", "blue", "ph.shield-check"),
    "rejected": ChipSpec("Rejected", "red", "ph.x-bold"),
    "withdrawn": ChipSpec("Withdrawn", "neutral", "ph.arrow-u-up-left"),
}
_DONE = {
    "approved": "approved this", "approved_with_exception": "approved this with an exception",
    "rejected": "rejected this", "withdrawn": "withdrew this",
}  # fmt: skip
_STATUS = {
    "pending_approval": "not open yet", "active": "open", "suspended": "suspended", "rejected": "rejected",
}  # fmt: skip
_EVENT_ICONS = {
    "application_received": "ph.tray", "application_imported": "ph.tray", "case_opened": "ph.arrow-bend-up-left",
    "answered": "ph.arrow-bend-up-left", "approved": "ph.check-square", "approved_with_exception": "ph.shield-check",
    "rejected": "ph.x-circle", "changes_asked": "ph.chat-text", "excepted": "ph.shield-check",
    "suspended": "ph.prohibit", "suspended_by_rule": "ph.prohibit", "reinstated": "ph.check-square",
    "filed": "ph.file-plus", "filing_accepted": "ph.check", "filing_declined": "ph.file-x",
    "filing_withdrawn": "ph.file-x", "reminded": "ph.envelope-simple", "expired": "ph.warning-circle",
}  # fmt: skip
QUIET_EVENTS = frozenset({"claimed", "released"})
"""What says nothing about the venue, and is left to the audit."""


def zone_of(name: str) -> tzinfo | None:
    """The zone of that name; None where this computer knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def ended(sentence: str) -> str:
    """A sentence with its full stop."""
    said = sentence.strip()
    return said if not said or said[-1] in ".!?…" else f"{said}."


def tamed(text: str, longest: int = 26) -> str:
    """A text whose very long words are cut, for a narrow column; the whole belongs into a tool tip."""
    return " ".join(word if len(word) <= longest else f"{word[: longest - 1]}…" for word in text.split())


# -- the queue -------------------------------------------------------------------------------------------------------


def age(since: datetime, now: datetime) -> str:
    """How long something waits: "12 min", "6 h", "2 d"."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 24 * 60 else f"{minutes // (24 * 60)} d"


def is_late(row: CaseRow, now: datetime) -> bool:
    """Whether headquarters should have answered by now; what the venue has to do is not late here."""
    return row.state is CaseState.OPEN and row.due_at < now


def row_right(row: CaseRow, now: datetime, zone: tzinfo) -> str:
    """The figure at the right of a row: its age, or the day it was decided on."""
    if row.decided_at is not None:
        return short_date(row.decided_at.astimezone(zone).date())
    waited = age(row.opened_at, now)
    return f"{waited}, late" if is_late(row, now) else waited


def row_caption(row: CaseRow) -> str:
    """The line under a venue's name: "Reinstatement · Portland, OR"."""
    return " · ".join(part for part in (row.kind.words, row.city) if part)


def minutes_left(until: datetime, now: datetime) -> int:
    """Whole minutes that are left, a begun one counted; 0 when it is over."""
    return max(-int((now - until).total_seconds() // 60), 0)


def claim_chip(row: CaseRow, now: datetime) -> ChipSpec | None:
    """Who holds it, or what came of it; None where nobody does."""
    if row.outcome is not None:
        return _OUTCOMES.get(row.outcome)
    if row.claimed_by is not None and row.claimed_until is not None and row.claimed_until > now:
        if row.claimed_by_me:
            return ChipSpec("Claimed by you", "accent")
        left = f"{minutes_left(row.claimed_until, now)} min"
        return ChipSpec(f"{_short_name(row.claimed_by)}, {left}", "neutral", "ph.lock-simple")
    return ChipSpec("Asked", "neutral", "ph.chat-text") if row.state is CaseState.ASKED else None


def _short_name(name: str) -> str:
    return name if len(name) <= 12 else f"{name[:11]}…"


def met(standings: Mapping[Requirement, Standing]) -> str:
    """How many are met: "4 of 5"."""
    return f"{sum(one.is_met for one in standings.values())} of {len(Requirement)}"


# -- one case --------------------------------------------------------------------------------------------------------


def header_caption(page: CasePage, now: datetime, zone: tzinfo) -> str:
    """Under the venue's name: where it is, what it does, how it stands."""
    facts = page.facts
    status = _STATUS.get(facts.status, facts.status)
    if facts.status == "suspended" and facts.suspended_at is not None:
        since = long_date(facts.suspended_at.astimezone(zone).date())
        status = f"suspended since {since.removesuffix(f' {now.astimezone(zone).year}')}"
    kind = category(facts.category).lower()
    return " · ".join(part for part in (facts.city or page.row.city, kind, status) if part)


def claim_line(row: CaseRow, now: datetime, zone: tzinfo) -> str:
    """At the right of the header: who holds it until when, or what came of it."""
    if row.outcome is not None:
        return decided_line(row, zone)
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until <= now:
        return "Not claimed"
    who = "you" if row.claimed_by_me else row.claimed_by
    return f"Claimed by {who} until {clock_time(row.claimed_until, zone)}"


def claim_short(row: CaseRow, now: datetime, zone: tzinfo) -> str:
    """The same where there is little room: "until 16:02", "Lucas, 15:48"."""
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until <= now:
        return "" if row.outcome is not None else "Not claimed"
    until = clock_time(row.claimed_until, zone)
    return f"until {until}" if row.claimed_by_me else f"{_short_name(row.claimed_by)}, {until}"


def decided_line(row: CaseRow, zone: tzinfo) -> str:
    """Who decided it and when: "Lucas approved this on 12 March 2026, 15:40."."""
    who = row.decided_by or "Somebody"
    when = ""
    if row.decided_at is not None:
        local = row.decided_at.astimezone(zone)
        when = f" on {long_date(local.date())}, {clock_time(row.decided_at, zone)}"
    return f"{who} {_DONE.get(row.outcome or '', 'decided this')}{when}."


def sum_line(standings: Mapping[Requirement, Standing]) -> str:
    """The sum at the foot: "4 of 5 met, 1 pending"; where several things are wrong, only how many."""
    counted = Counter(one for one in standings.values() if not one.is_met)
    if not counted:
        return f"All {len(Requirement)} met"
    how = next(iter(counted)).value if len(counted) == 1 else "not"
    return f"{met(standings)} met, {counted.total()} {how}"


def unmet(standings: Mapping[Requirement, Standing]) -> list[Requirement]:
    """What would need an exception, in the order of the checklist."""
    return [kind for kind in Requirement if not standings.get(kind, Standing.MISSING).is_met]


def as_shown(page: CasePage) -> CasePage:
    """The case with its sum made of the requirements beside it, which are worked out for now.

    What is decided is sent with where each stood on the screen, so that what changed since is refused.
    """
    if not page.requirements:
        return page
    standings = {one.requirement: one.standing for one in page.requirements}
    return replace(page, row=replace(page.row, standings=standings))


def venue_pairs(facts: VenueFacts) -> list[tuple[str, str]]:
    """What stands beside the requirements, by name; what is not known is left out."""
    activities = f"{facts.activities:,}"
    if facts.ages:
        activities = f"{activities}, ages {facts.ages.replace(' to ', '–')}"
    fee = f"{facts.fee_percent.normalize():f}"
    pairs = [
        ("Legal name", facts.legal_name), ("Tax number", facts.tax_number), ("Contact", facts.contact),
        ("Phone", facts.phone), ("E-mail", facts.email), ("Website", facts.website), ("Address", facts.address),
        ("Activities", activities), ("Fee", f"{fee} %"), ("Held bookings", f"{facts.booked:,}"),
    ]  # fmt: skip
    return [(name, value) for name, value in pairs if value]


def event_icon(kind: str) -> str:
    """The sign of a line of the history."""
    return _EVENT_ICONS.get(kind, "ph.note-pencil")


def event_when(at: datetime, by: str | None, zone: tzinfo) -> str:
    """When and by whom: "10 March 2026, Hannah"."""
    return ", ".join(part for part in (long_date(at.astimezone(zone).date()), by) if part)


# -- evidence --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """Files behind one chip."""

    title: str
    icon: str
    documents: tuple[FiledDocument, ...]


def groups(documents: Sequence[FiledDocument], word: str = "document") -> list[Group]:
    """A chip for each file; of many, those of a kind share one that calls them by `word`."""
    by_icon: dict[str, list[FiledDocument]] = {}
    for one in documents:
        by_icon.setdefault(_icon_of(one), []).append(one)
    made: list[Group] = []
    for icon, held in by_icon.items():
        if len(documents) <= _SHOWN_BY_TITLE or len(held) == 1:
            made += [Group(one.title or one.file_name, icon, (one,)) for one in held]
        else:
            said = count(len(held), "photo" if icon == "ph.image" else word)
            made.append(Group(said, icon, tuple(held)))
    return made


def _icon_of(document: FiledDocument) -> str:
    return "ph.image" if document.media_type.startswith("image/") else "ph.file-pdf"


def read_line(documents: Sequence[FiledDocument], now: datetime, zone: tzinfo) -> str:
    """Whether the reader has read it: "read by you, 15:31", "1 of 3 read by you"; empty without files."""
    read = [one.read_at for one in documents if one.read_at is not None]
    if not documents:
        return ""
    if not read:
        return "not read yet"
    if len(read) < len(documents):
        return f"{len(read)} of {len(documents)} read by you"
    return f"read by you, {moment(max(read), now, zone)}"


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """An instant as short as it is clear: "15:31", "9 Mar 15:31"."""
    day = at.astimezone(zone).date()
    if day == now.astimezone(zone).date():
        return clock_time(at, zone)
    year = f" {day.year}" if day.year != now.astimezone(zone).year else ""
    return f"{short_date(day)}{year} {clock_time(at, zone)}"


def size(number: int) -> str:
    """How large a file is: "840 KB", "2.1 MB"."""
    return f"{max(number // 1024, 1)} KB" if number < 1024 * 1024 else f"{number / 1024 / 1024:.1f} MB"


def filed_line(filing: Filing, now: datetime, zone: tzinfo) -> str:
    """What waits, and from whom: "Filed by Hannah, 12:05"; of one that was turned down, by whom and why."""
    if filing.state == "declined":
        when = moment(filing.decided_at or filing.filed_at, now, zone)
        by = f" by {filing.decided_by}" if filing.decided_by else ""
        return f"Declined{by}, {when}: {ended(filing.reason or 'no reason given')}"
    by = f" by {filing.filed_by}" if filing.filed_by else ""
    return f"Filed{by}, {moment(filing.filed_at, now, zone)}"


def filed_facts(filing: Filing) -> str:
    """What the venue says in it, as one line."""
    facts, said = filing.facts, list[str]()
    said += [str(facts[name]) for name in ("provider", "auditor", "holder", "bank") if facts.get(name)]
    if facts.get("policy_number"):
        said.append(f"policy {facts['policy_number']}")
    if (amount := _whole(facts.get("coverage_amount"))) is not None:
        said.append(f"cover {amount:,} USD")
    if (score := _whole(facts.get("score"))) is not None:
        said.append(f"{score} of 100")
    if facts.get("last_four"):
        said.append(f"account ending {facts['last_four']}")
    if facts.get("remarks"):
        said.append(str(facts["remarks"]))
    if filing.valid_from is not None:
        said.append(f"from {day(filing.valid_from)}")
    if filing.expires_on is not None:
        said.append(f"until {day(filing.expires_on)}")
    return ", ".join(said)


def _whole(value: object) -> int | None:
    try:
        return None if value is None else int(Decimal(str(value)))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def day(on: date) -> str:
    """A day with its year: "14 Nov 2026"."""
    return f"{short_date(on)} {on.year}"


def person_state(person: CheckedPerson) -> str:
    """What is known of a check: "clear, 11 Feb", "ordered 9 Mar"."""
    if person.result == "pending":
        return f"ordered {short_date(person.ordered_on)}"
    word = "clear" if person.result == "clear" else "not clear"
    return f"{word}, {short_date(person.decided_on)}" if person.decided_on is not None else word


def person_name(person: CheckedPerson) -> str:
    """Who it is and as what: "Hannah, owner"."""
    return ", ".join(part for part in (person.first_name, person.works_as) if part)


def alike_line(found: Likeness) -> str:
    """Why it may be the same venue: "Cedar Makers, Portland, OR (open): name and phone agree"."""
    place = ", ".join(part for part in (found.venue, found.city) if part)
    what = list(found.alike)
    agree = what[0] if len(what) == 1 else f"{', '.join(what[:-1])} and {what[-1]}" if what else "something"
    verb = "agrees" if len(what) < 2 else "agree"
    return f"{place} ({_STATUS.get(found.status, found.status)}): {agree} {verb}."


# -- decisions -------------------------------------------------------------------------------------------------------


def consequence(decision: Decision, row: CaseRow, waivers: Sequence[Waiver] = ()) -> str:
    """What a decision does, in a sentence or two."""
    venue = row.venue
    if decision is Decision.ASK:
        return f"{venue} is told what to change; the case waits until it answers, and your claim ends."
    if decision is Decision.REJECT:
        if row.kind is CaseKind.NEW_VENUE:
            return f"{venue} is not taken on; whoever applied is told why."
        stays = "stays suspended" if row.kind is CaseKind.REINSTATEMENT else "stays as it is"
        return f"{venue} {stays}; its manager is told why."
    opens = {
        CaseKind.NEW_VENUE: "can take bookings at once",
        CaseKind.REINSTATEMENT: "can take bookings again at once",
    }.get(row.kind, "stays open")
    said = f"{venue} {opens}; its manager is told."
    if decision is Decision.EXCEPT and waivers:
        last = min(one.until for one in waivers)
        said = f"{said} The first exception ends on {day(last)}."
    return said


def decided_toast(decision: Decision, row: CaseRow) -> str:
    """What just happened."""
    return {
        Decision.APPROVE: f"{row.venue} is approved",
        Decision.EXCEPT: f"{row.venue} is approved with an exception",
        Decision.REJECT: f"{row.venue} is rejected",
        Decision.ASK: f"{row.venue} is asked",
    }[decision]


def suspension_line(preview: SuspensionPreview) -> str:
    """What suspending does to what is booked, in numbers."""
    stays = sum(hit.bookings for hit in preview.stays)
    kept = f"{count(stays, 'booking')} in {count(len(preview.stays), 'session')} {'stays' if stays == 1 else 'stay'}"
    if not stays:
        kept = "nothing is booked" if preview.cancel_from is None else "nothing else is booked"
    if preview.cancel_from is None:
        return f"No new bookings. {kept[0].upper()}{kept[1:]}."
    return (
        f"No new bookings. Cancels {count(preview.bookings, 'booking')} in "
        f"{count(len(preview.cancelled), 'session')} and gives {count(preview.credits, 'credit')} back; {kept}."
    )
