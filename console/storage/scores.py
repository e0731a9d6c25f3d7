"""Scores over one database: one venue, all venues, the formula, disputes. One statement each.

Everything comes out of `scores.*` functions, which ask who may; rows become frozen values in scores_rows.py.
See docs/design.md, "Rules of the domain" (scores) and "The database" (round trips).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from console.domain.paging import Page, PageRequest
from console.domain.scores import Component, Dispute, Formula, ScorePage, ScoreRow, Weights, WhatIfRow
from console.storage import scores_rows as rows
from console.storage.database import Database

_PAGE = "SELECT scores.page(:venue_id) AS facts"
_FORMULA = "SELECT scores.formula() AS facts"
_FORMULAS = "SELECT scores.formulas() AS facts"
_LIST = text("SELECT * FROM scores.list(:sort, :descending, :typed, :filters, :after, :at_most)").bindparams(
    bindparam("filters", type_=JSONB), bindparam("after", type_=JSONB(none_as_null=True))
)
_WHAT_IF = "SELECT * FROM scores.what_if(CAST(:weights AS numeric[]), CAST(:threshold AS numeric))"
_SAVE = "SELECT scores.save_formula(:version, CAST(:weights AS numeric[]), CAST(:threshold AS numeric), :why) AS facts"
_DISPUTES = "SELECT scores.disputes() AS facts"
_DISPUTE = "SELECT scores.dispute(:venue_id, :score_id, :component, :why) AS facts"
_WITHDRAW = "SELECT scores.withdraw(:dispute_id, :version) AS facts"
_ANSWER = "SELECT scores.answer(:dispute_id, :version, :uphold, :words) AS facts"


class ScoreQueries:
    """The scores that the signed-in person may see. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def page(self, venue_id: UUID) -> ScorePage:
        """Everything about one venue's scores. Raises Denied, NotFound."""
        return rows.page(await self._facts(_PAGE, venue_id=venue_id))

    async def scores(self, request: PageRequest) -> Page[ScoreRow]:
        """A page of all venues. Raises Invalid "unknown_sort"."""
        found = await self._database.fetch(
            _LIST,
            {
                "sort": request.sort,
                "descending": request.descending,
                "typed": _plain(request.text),
                "filters": dict(request.filters),
                "after": None if request.after is None else list(request.after),
                # One row more than asked for tells whether there is a next page without counting.
                "at_most": request.limit + 1,
            },
        )
        shown = [dict(one._mapping) for one in found[: request.limit]]
        more = len(found) > request.limit
        return Page([rows.row(one) for one in shown], tuple(shown[-1]["page_key"]) if more else None)

    async def formula(self) -> Formula:
        """The formula that the next scores are worked out by."""
        return rows.formula(await self._facts(_FORMULA))

    async def formulas(self) -> list[Formula]:
        """Every version of it, the newest first."""
        return [rows.formula(one.facts) for one in await self._database.fetch(_FORMULAS)]

    async def what_if(self, weights: Weights) -> list[WhatIfRow]:
        """What other weights would make of each venue's newest score. Raises Invalid."""
        found = await self._database.fetch(_WHAT_IF, _weights(weights))
        return [
            WhatIfRow(one.venue_id, one.venue, one.now, one.becomes, one.curated_now, one.curated_then)
            for one in found
        ]

    async def save_formula(self, version: int, weights: Weights, why: str) -> Formula:
        """A new version after `version`. Raises Conflict "version_changed", Invalid, Denied."""
        return rows.formula(await self._facts(_SAVE, version=version, why=_plain(why), **_weights(weights)))

    async def disputes(self) -> list[Dispute]:
        """The open ones, oldest first, then the newest answered."""
        return [rows.dispute(one.facts) for one in await self._database.fetch(_DISPUTES)]

    async def dispute(self, venue_id: UUID, score_id: UUID, component: str, why: str) -> Dispute:
        """Say something against a score. Raises Conflict "open_already" or "revised", Invalid, Denied."""
        facts = {"venue_id": venue_id, "score_id": score_id, "component": component, "why": _plain(why)}
        return rows.dispute(await self._facts(_DISPUTE, **facts))

    async def withdraw(self, dispute_id: UUID, version: int) -> Dispute:
        """Take it back. Raises Conflict, NotFound, Denied."""
        return rows.dispute(await self._facts(_WITHDRAW, dispute_id=dispute_id, version=version))

    async def answer(self, dispute_id: UUID, version: int, uphold: bool, words: str) -> Dispute:
        """Answer one. Raises Conflict, Invalid, NotFound, Denied."""
        facts = {"dispute_id": dispute_id, "version": version, "uphold": uphold, "words": _plain(words)}
        return rows.dispute(await self._facts(_ANSWER, **facts))

    async def _facts(self, statement: Executable | str, **parameters: object) -> dict[str, Any]:
        found: dict[str, Any] = (await self._database.fetch(statement, parameters))[0].facts
        return found


def _weights(weights: Weights) -> dict[str, object]:
    return {
        "weights": [weights.weights[component] for component in Component],
        "threshold": weights.threshold,
    }


def _plain(words: str) -> str:
    # PostgreSQL's text cannot hold it.
    return words.replace("\x00", "")
