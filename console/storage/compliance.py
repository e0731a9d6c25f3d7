"""What ends when, over the venues a person may edit; the rules, and what suspending does. One statement each.

Everything comes out of `vetting.*` functions, which ask who may. See docs/design.md, "Rules of the domain"
(compliance).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from console.domain.compliance import (
    ComplianceCell,
    ComplianceCounts,
    ComplianceDue,
    ComplianceRow,
    ComplianceSettings,
    Suspended,
)
from console.domain.paging import Page, PageRequest
from console.domain.vetting import CaseRow, HitSession, Requirement, Standing, SuspensionPreview
from console.storage.database import Database
from console.storage.evidence_rows import day
from console.storage.vetting_rows import case_row

_LIST = """SELECT * FROM vetting.compliance(
    CAST(:filters AS jsonb), :sort, :descending, CAST(:after AS jsonb), :at_most)"""
_COUNTS = "SELECT * FROM vetting.compliance_counts()"
_CALENDAR = "SELECT * FROM vetting.compliance_calendar(CAST(:first AS date), CAST(:last AS date))"
_SETTINGS = "SELECT vetting.compliance_settings() AS found"
_SAVE = "SELECT vetting.save_compliance_settings(CAST(:settings AS jsonb)) AS found"
_SUSPENSIONS = "SELECT vetting.suspensions(CAST(:settings AS jsonb)) AS found"
_SUSPENSION = "SELECT vetting.suspension(:venue_id, CAST(:cancel_from AS date)) AS found"
_SUSPEND = "SELECT vetting.suspend(:venue_id, CAST(:cancel_from AS date), :fingerprint, :reason) AS found"
# Straight from the table: whoever reads a venue may know whether it is open.
_SUSPENDED = """SELECT v.id, v.version, v.suspended_at, v.suspension_reason FROM venues AS v
 WHERE v.id = :venue_id AND v.status = 'suspended' AND v.suspended_at IS NOT NULL"""
_REINSTATE = "SELECT vetting.ask_reinstatement(:venue_id, :version, :note) AS found"
_FILTERS = ("standing", "requirement", "status")
_MOST = 4999  # the function gives 5,000 rows at most, and one more than asked for tells of a next page

Facts = Mapping[str, Any]


class ComplianceQueries:
    """The compliance of the venues a person may edit. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def overview(self, request: PageRequest) -> Page[ComplianceRow]:
        """Venues, the soonest end first. Raises Invalid "unknown_sort", "unknown_filter"."""
        filters = {name: request.filters[name] for name in _FILTERS if request.filters.get(name)}
        if request.text:
            filters["text"] = request.text.replace("\x00", "")
        limit = min(request.limit, _MOST)
        rows = await self._database.fetch(
            _LIST,
            {
                "filters": json.dumps(filters),
                "sort": request.sort,
                "descending": request.descending,
                "after": None if request.after is None else json.dumps(list(request.after)),
                "at_most": limit + 1,
            },
        )
        shown = [dict(row._mapping) for row in rows[:limit]]
        after = tuple(shown[-1]["page_key"]) if len(rows) > limit else None
        return Page([_row(one) for one in shown], after)

    async def counts(self) -> ComplianceCounts:
        """How many venues by their gravest standing."""
        rows = await self._database.fetch(_COUNTS, {})
        return ComplianceCounts(**rows[0]._mapping)

    async def calendar(self, first: date, last: date) -> list[ComplianceDue]:
        """What ends, is reminded of or suspends, by day. Raises Invalid "days" for more than a year."""
        rows = await self._database.fetch(_CALENDAR, {"first": first, "last": last})
        return [
            ComplianceDue(
                on=row.on_day,
                venue_id=row.venue_id,
                venue=row.venue,
                requirement=Requirement(row.requirement),
                what=row.what,
                standing=Standing(row.standing),
                renewal_filed=row.renewal_filed,
            )
            for row in rows
        ]

    async def settings(self) -> ComplianceSettings:
        """The rules as they are."""
        return ComplianceSettings(**await self._found(_SETTINGS))

    async def save_settings(self, settings: ComplianceSettings) -> ComplianceSettings:
        """Change them. Raises Conflict "version_changed", Invalid with the field as its code."""
        return ComplianceSettings(**await self._found(_SAVE, settings=json.dumps(asdict(settings))))

    async def suspensions(self, settings: ComplianceSettings) -> list[SuspensionPreview]:
        """What rules would suspend today."""
        rows = await self._database.fetch(_SUSPENSIONS, {"settings": json.dumps(asdict(settings))})
        return [_preview(one) for one in rows[0].found]

    async def suspension(self, venue_id: UUID, cancel_from: date | None) -> SuspensionPreview:
        """What suspending a venue would do. Raises Conflict "suspended_already", "not_active"."""
        return _preview(await self._found(_SUSPENSION, venue_id=venue_id, cancel_from=cancel_from))

    async def suspend(self, preview: SuspensionPreview, reason: str) -> None:
        """Suspend it as looked at. Raises Conflict "plan_changed", Invalid "reason"."""
        await self._found(
            _SUSPEND,
            venue_id=preview.venue_id,
            cancel_from=preview.cancel_from,
            fingerprint=preview.fingerprint,
            reason=reason.replace("\x00", ""),
        )

    async def suspended(self, venue_id: UUID) -> Suspended | None:
        """Since when it is suspended; None where it is not."""
        rows = await self._database.fetch(_SUSPENDED, {"venue_id": venue_id})
        return Suspended(*rows[0]) if rows else None

    async def ask_reinstatement(self, venue_id: UUID, version: int, note: str) -> CaseRow:
        """Open the case of a suspended venue. Raises Conflict "not_suspended", "version_changed"."""
        note = note.replace("\x00", "")
        return case_row(await self._found(_REINSTATE, venue_id=venue_id, version=version, note=note))

    async def _found(self, statement: str, **parameters: object) -> dict[str, Any]:
        rows = await self._database.fetch(statement, parameters)
        return dict(rows[0].found)


def _row(found: Facts) -> ComplianceRow:
    cells = {
        Requirement(kind): ComplianceCell(
            standing=Standing(cell["standing"]),
            expires_on=day(cell["expires_on"]),
            renewal_filed=cell["renewal_filed"],
            reminders=tuple(cell["reminders"]),
        )
        for kind, cell in found["cells"].items()
    }
    rest = {name: value for name, value in found.items() if name != "page_key"}
    return ComplianceRow(**{**rest, "cells": {kind: cells[kind] for kind in Requirement if kind in cells}})


def _preview(found: Facts) -> SuspensionPreview:
    return SuspensionPreview(
        **{
            **found,
            "venue_id": UUID(found["venue_id"]),
            "cancel_from": day(found["cancel_from"]),
            "stays": _hits(found["stays"]),
            "cancelled": _hits(found["cancelled"]),
        }
    )


def _hits(found: Sequence[Facts]) -> tuple[HitSession, ...]:
    return tuple(
        HitSession(
            **{
                **one,
                "session_id": UUID(one["session_id"]),
                "starts_at": datetime.fromisoformat(one["starts_at"]),
            }
        )
        for one in found
    )
