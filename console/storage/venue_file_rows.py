"""The JSON of `vetting.venue_file` and the rows beside it as values of the domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.domain.compliance import ComplianceCell, DocumentFile
from console.domain.venue_file import (
    Announcement,
    AuditLine,
    FileDocument,
    Incident,
    Note,
    PayoutLineOfFile,
    SeriesLine,
    StaffMember,
    VenueDevice,
    VenueFile,
)
from console.domain.vetting import Requirement, Standing
from console.storage.vetting_rows import case_row, event, instant, venue_facts

Facts = Mapping[str, Any]

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def venue_file(found: Facts) -> VenueFile:
    """The answer of vetting.venue_file."""
    return VenueFile(
        facts=venue_facts(found["facts"]),
        requirements=tuple((kind, _cell(found["cells"].get(kind.value, {}))) for kind in Requirement),
        cases=tuple(map(case_row, found["cases"])),
        staff=tuple(
            StaffMember(one["first_name"], one["role"], _at(one["since"]), instant(one["last_seen_at"]))
            for one in found["staff"]
        ),
        devices=tuple(
            VenueDevice(one["name"], one["status"], instant(one["last_seen_at"])) for one in found["devices"]
        ),
        series=tuple(map(_series, found["series"])),
        scores=tuple((date.fromisoformat(week), _score(score)) for week, score in found["scores"]),
        payouts=tuple(
            PayoutLineOfFile(
                date.fromisoformat(one["period"]), Decimal(one["net"]), one["currency"], one["status"]
            )
            for one in found["payouts"]
        ),
        documents=tuple(
            FileDocument(
                UUID(one["id"]),
                one["title"],
                one["kind"],
                one["media_type"],
                _at(one["added_at"]),
                one["pages"],
            )
            for one in found["documents"]
        ),
        incidents=tuple(map(incident, found["incidents"])),
        notes=tuple(map(note, found["notes"])),
        events=tuple(map(event, found["events"])),
        audit=tuple(
            AuditLine(_at(one["at"]), one["by"], one["what"], one["entity"]) for one in found["audit"]
        ),
    )


def incident(found: Facts) -> Incident:
    """An incident as the functions say it."""
    return Incident(
        id=UUID(found["id"]),
        version=found["version"],
        happened_on=date.fromisoformat(found["happened_on"]),
        severity=found["severity"],
        title=found["title"],
        body=found["body"],
        reported_by=found["reported_by"],
        reported_at=_at(found["reported_at"]),
        resolution=found["resolution"],
        resolved_by=found["resolved_by"],
        resolved_at=instant(found["resolved_at"]),
    )


def note(found: Facts) -> Note:
    """A note as the functions say it."""
    return Note(UUID(found["id"]), found["body"], found["by"], _at(found["at"]))


def announcement(row: Facts) -> Announcement:
    """A row of vetting.announcements, announce, withdraw_announcement or running."""
    return Announcement(
        id=row["id"],
        version=row["version"],
        title=row["title"],
        body=row["body"],
        tone=row["tone"],
        venues=tuple((UUID(venue), name) for venue, name in row["venues"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        created_by=row["created_by"],
        withdrawn_at=row["withdrawn_at"],
        read_by=row["read_by"],
    )


def document(row: Facts) -> DocumentFile:
    """A row of vetting.file_document."""
    return DocumentFile(
        id=row["id"],
        file_name=row["file_name"],
        media_type=row["media_type"],
        content=bytes(row["content"]),
        sha256=bytes(row["sha256"]),
        added_at=row["added_at"],
    )


def pattern_words(days: Sequence[int], start: str, minutes: int, every_weeks: int) -> str:
    """A weekly pattern in short: "Mon, Wed 15:30, 60 min", "Sat 09:00, 45 min, every 2 weeks". Sunday is 0."""
    # The week of a list begins on Monday.
    names = ", ".join(_DAYS[day] for day in sorted(days, key=lambda day: (day + 6) % 7))
    every = "" if every_weeks == 1 else f", every {every_weeks} weeks"
    return f"{names} {start}, {minutes} min{every}"


def _series(found: Facts) -> SeriesLine:
    words = pattern_words(found["days"], found["start"], found["minutes"], found["every_weeks"])
    following = found["next_on"]
    return SeriesLine(
        found["activity"], words, following and date.fromisoformat(following), int(found["booked"])
    )


def _cell(found: Facts) -> ComplianceCell:
    expires = found.get("expires_on")
    return ComplianceCell(
        standing=Standing(found.get("standing", "missing")),
        expires_on=expires and date.fromisoformat(expires),
        renewal_filed=found.get("renewal_filed", False),
        reminders=tuple(found.get("reminders") or ()),
    )


def _score(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _at(value: str) -> datetime:
    return datetime.fromisoformat(value)
