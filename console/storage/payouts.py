"""Payouts over one database: the lists, one payout with its lines and trails, runs, holds and the months of the books.

Everything comes out of `payouts.*` and `books.*` functions, which ask who may; rows become frozen values here and go no
further. See docs/design.md, "Rules of the domain" (payouts) and "The database" (authorisation, round trips).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.payouts import (
    BookPeriod,
    Hold,
    Payout,
    PayoutLine,
    Run,
    RunPreview,
    TrailStep,
)
from console.errors import Invalid
from console.storage.database import Database
from console.storage.payouts_rows import book_period, hold, line, payout, preview, run, trail_step

_LIST = """SELECT * FROM payouts.list(
    CAST(:venue_id AS uuid), CAST(:filters AS jsonb), CAST(:after AS jsonb), :at_most)"""
_PAYOUT = "SELECT * FROM payouts.payout(:payout_id)"
_LINES = "SELECT * FROM payouts.lines(:payout_id, CAST(:filters AS jsonb), CAST(:after AS integer), :at_most)"
_COUNTS = "SELECT * FROM payouts.counts(:payout_id)"
_TRAIL = "SELECT * FROM payouts.trail(:line_id)"
_PREVIEW = "SELECT * FROM payouts.preview(:period, CAST(:venues AS uuid[]))"
_MAKE = "SELECT * FROM payouts.make(:run_id, :period, CAST(:venues AS uuid[]), :fingerprint)"
_RUNS = "SELECT * FROM payouts.runs()"
_APPROVE = "SELECT * FROM payouts.approve(:run_id, :version)"
_WITHDRAW = "SELECT * FROM payouts.withdraw(:run_id, :version, :reason)"
_HOLD = "SELECT * FROM payouts.hold(:venue_id, :reason)"
_RELEASE = "SELECT * FROM payouts.release(:hold_id, :reason)"
_HOLDS = "SELECT * FROM payouts.holds()"
_MONTHS = "SELECT * FROM books.months()"
_CLOSE = "SELECT * FROM books.close(:period)"
_REOPEN = "SELECT * FROM books.reopen(:period, :reason)"
_LIST_FILTERS = ("state", "period")
_LINE_FILTERS = ("reason",)
_MOST = 4999  # the functions give 5,000 rows at most, and one more than asked for tells of a next page


class PayoutQueries:
    """Payouts of the venues a person may see. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def payouts(self, venue_id: UUID | None, request: PageRequest) -> Page[Payout]:
        """Payouts, the newest month first; of one venue with its open months at the head.

        Filters: state (a PayoutState's value), period (a month's first day, 2026-02-01); the text is part of a venue's
        name.
        """
        found: list[Payout] = []
        after = request.after
        while True:
            limit = min(request.limit - len(found), _MOST)
            rows = await self._rows(
                _LIST,
                venue_id=venue_id,
                filters=_filters(request, _LIST_FILTERS),
                after=None if after is None else json.dumps(list(after)),
                at_most=limit + 1,
            )
            # Months that are not made yet come oldest first, and stand outside the page: they have no key.
            ahead = sum(1 for row in rows if row["page_key"] is None)
            shown = rows[: ahead + limit]
            found.extend(payout(row) for row in [*reversed(shown[:ahead]), *shown[ahead:]])
            if len(rows) <= ahead + limit:
                return Page(found, None)
            after = tuple(shown[-1]["page_key"])
            if len(found) >= request.limit:
                return Page(found, after)

    async def payout(self, payout_id: UUID) -> Payout:
        """One payout. Raises NotFound for another venue's too."""
        return payout((await self._rows(_PAYOUT, payout_id=payout_id))[0])

    async def lines(self, payout_id: UUID, request: PageRequest) -> Page[PayoutLine]:
        """Its lines in their order, corrections first.

        Filters: reason (attended, no_show, cancelled_late, adjustment); the text is part of an activity's name or of a
        code. Raises Invalid for another order.
        """
        if request.sort != "position" or request.descending:
            raise Invalid("This list cannot be sorted like that.", code="unknown_sort")
        found: list[PayoutLine] = []
        after = request.after
        while True:
            limit = min(request.limit - len(found), _MOST)
            rows = await self._rows(
                _LINES,
                payout_id=payout_id,
                filters=_filters(request, _LINE_FILTERS),
                after=None if after is None else after[0],
                at_most=limit + 1,
            )
            found.extend(map(line, rows[:limit]))
            if len(rows) <= limit:
                return Page(found, None)
            after = (rows[limit - 1]["position"],)
            if len(found) >= request.limit:
                return Page(found, after)

    async def counts(self, payout_id: UUID) -> dict[str, int]:
        """How many lines of each sort: all, attended, no_show, cancelled_late, adjustment."""
        return {row["word"]: row["lines"] for row in await self._rows(_COUNTS, payout_id=payout_id)}

    async def trail(self, line_id: UUID) -> list[TrailStep]:
        """How one line came to be, oldest first."""
        return [trail_step(row) for row in await self._rows(_TRAIL, line_id=line_id)]

    async def preview(self, period_start: date, venue_ids: Sequence[UUID] | None) -> RunPreview:
        """What a run would make; writes nothing."""
        rows = await self._rows(_PREVIEW, period=period_start, venues=_ids(venue_ids))
        return preview(period_start, rows)

    async def make(
        self, run_id: UUID, period_start: date, venue_ids: Sequence[UUID] | None, fingerprint: str
    ) -> Run:
        """Make what was looked at; sent again, the answer is the same.

        Raises Conflict: "plan_changed", "books_closed", "month_not_over", "run_id_reused".
        """
        rows = await self._rows(
            _MAKE, run_id=run_id, period=period_start, venues=_ids(venue_ids), fingerprint=fingerprint
        )
        return run(rows[0])

    async def runs(self) -> list[Run]:
        """The newest runs first."""
        return [run(row) for row in await self._rows(_RUNS)]

    async def approve(self, run_id: UUID, version: int) -> Run:
        """Let a run's payouts be paid. Raises Denied "second_person", Conflict "version_changed", "run_approved"."""
        return run((await self._rows(_APPROVE, run_id=run_id, version=version))[0])

    async def withdraw(self, run_id: UUID, version: int, reason: str) -> Run:
        """Take back a run that is not approved. Raises Conflict, Invalid "reason"."""
        return run((await self._rows(_WITHDRAW, run_id=run_id, version=version, reason=_plain(reason)))[0])

    async def hold(self, venue_id: UUID, reason: str) -> Hold:
        """Pay a venue nothing. Raises Conflict "on_hold", Invalid "reason"."""
        return hold((await self._rows(_HOLD, venue_id=venue_id, reason=_plain(reason)))[0])

    async def release(self, hold_id: UUID, reason: str) -> Hold:
        """Pay it again. Raises Conflict "released", Invalid "reason"."""
        return hold((await self._rows(_RELEASE, hold_id=hold_id, reason=_plain(reason)))[0])

    async def holds(self) -> list[Hold]:
        """Holds, those that stand first."""
        return [hold(row) for row in await self._rows(_HOLDS)]

    async def months(self) -> list[BookPeriod]:
        """The months of the books, newest first."""
        return [book_period(row) for row in await self._rows(_MONTHS)]

    async def close_month(self, period_start: date) -> BookPeriod:
        """Lock a month. Raises Conflict "books_closed", "books_not_ready" (its sentence says what is missing)."""
        return book_period((await self._rows(_CLOSE, period=period_start))[0])

    async def reopen_month(self, period_start: date, reason: str) -> BookPeriod:
        """Unlock it. Raises Conflict "not_closed", Invalid "reason"."""
        return book_period((await self._rows(_REOPEN, period=period_start, reason=_plain(reason)))[0])

    async def _rows(self, statement: str, **parameters: object) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _ids(venue_ids: Sequence[UUID] | None) -> list[UUID] | None:
    # In one order, so that the same run sent again is the same.
    return None if venue_ids is None else sorted(set(venue_ids))


def _filters(request: PageRequest, known: Sequence[str]) -> str:
    chosen = {name: value for name in known if (value := request.filters.get(name))}
    if words := "".join(symbol for symbol in request.text if symbol.isprintable()).strip():
        chosen["text"] = words
    return json.dumps(chosen)


def _plain(reason: str) -> str:
    # PostgreSQL's text cannot hold it.
    return reason.replace("\x00", "")
