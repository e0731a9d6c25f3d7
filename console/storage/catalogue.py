"""A venue's catalogue over a desk's connections: plain reads and plain edits under row-level security.

One action is one statement. An edit carries the version it was read at; where nothing was changed, a second question
tells a conflict from a missing right. Rows become frozen values here and go no further. See docs/design.md, "The
database" (authorisation, rule 3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, case, cast, func, select, text

from console.domain.catalogue import (
    Activity,
    ActivityFacts,
    ActivityRow,
    Category,
    Skill,
    changed_fields,
)
from console.domain.catalogue_bulk import BulkChange, Fate, RowFate, preview
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, ConsoleError, Denied, Invalid, NotFound
from console.storage.catalogue_rows import read_activity, read_row
from console.storage.database import Database
from console.storage.import_slugs import slugify
from console.storage.paging import fetch_page
from console.storage.tables import activities as a
from console.storage.tables import sessions

_COLUMNS = {
    "name": "name",
    "minutes": "duration_minutes",
    "capacity": "capacity_per_session",
    "min_months": "min_age_months",
    "max_months": "max_age_months",
    "category": "category",
    "credits": "credits_required",
    "short": "short_description",
    "full": "full_description",
    "skill": "skill_level",
    "prerequisites": "prerequisites",
    "parent_attends": "parent_attendance_required",
    "bring": "what_to_bring",
    "outcomes": "learning_outcomes",
    "accessibility": "accessibility_features",
    "tags": "activity_tags",
    "image": "primary_image_url",
    "gallery": "gallery_images",
}
_LISTS = frozenset({"bring", "outcomes", "accessibility", "tags", "gallery"})
_CASTS = {"category": "public.activity_category", **dict.fromkeys(_LISTS, "jsonb")}
_ALL = ", ".join(f"a.{column}" for column in _COLUMNS.values())
# Not every column may be read, so what a change answers is named too.
_ANSWER = ", ".join(
    ("id", "venue_id", "version", *_COLUMNS.values(), "slug", "is_active", "is_published", "published_at",
     "average_rating", "total_reviews")
)  # fmt: skip
_MOST_SLUGS = 500
_TRIES = 3
_SLUG_TAKEN = "unique_activity_slug_per_venue"
_OTHERWISE = "activity"

# What the database's own checks mean here; the console asks the same before, so these are seldom read.
_SENTENCES = {
    "activities_published_is_complete": "Parents see an activity once it has a category and a price in credits.",
    "activities_ages_in_order": "The oldest age is below the youngest.",
    "activities_credits_required_check": "A place costs at least 1 credit.",
    "activities_capacity_per_session_check": "A session has at least 1 place.",
    "activities_duration_minutes_check": "A session lasts at least 1 minute.",
    "activities_min_age_months_check": "The youngest age is from 0 to 119 years.",
    "activities_max_age_months_check": "The oldest age is from 0 to 119 years.",
}

# The facts of the sessions stand beside those of the activity, so that a row needs no second question.
_ONE = f"""
    SELECT a.id, a.version, {_ALL}, a.slug, a.is_active, a.is_published, a.published_at, a.average_rating,
        a.total_reviews, coming.sessions, coming.next_at,
        (SELECT count(*) FROM activity_recurring_schedules AS r
          WHERE r.activity_id = a.id AND r.venue_id = a.venue_id AND r.is_active
            AND (r.effective_until IS NULL OR r.effective_until >= app.now() - interval '1 day')) AS series
      FROM {{source}} AS a
     CROSS JOIN LATERAL (
        SELECT count(*) AS sessions, min(s.starts_at) AS next_at FROM activity_sessions AS s
         WHERE s.activity_id = a.id AND s.venue_id = a.venue_id AND s.starts_at > app.now() AND NOT s.is_cancelled
     ) AS coming"""  # noqa: S608 - names of columns only

_READ = f"{_ONE.format(source='activities')} WHERE a.id = :id AND a.venue_id = :venue_id"

_MAY = "SELECT :venue_id = ANY (auth.venue_ids('activity.edit')) AS may"

# The first web address of these that is free; two people who take the same one at once meet the unique key.
_SLUG = f"""(
    SELECT c.slug FROM (
        SELECT CAST(:slug AS text) AS slug, 1 AS number
        UNION ALL SELECT CAST(:slug AS text) || '-' || n, n FROM generate_series(2, {_MOST_SLUGS}) AS n) AS c
     WHERE NOT EXISTS (SELECT 1 FROM activities AS x WHERE x.venue_id = :venue_id AND x.slug = c.slug)
     ORDER BY c.number LIMIT 1)"""  # noqa: S608 - numbers of ours only

_COPIED = ", ".join(column for name, column in _COLUMNS.items() if name != "name")
_DUPLICATE = f"""
    WITH fresh AS (
        INSERT INTO activities (venue_id, name, slug, {_COPIED})
        SELECT o.venue_id, :name, {_SLUG}, {", ".join(f"o.{one}" for one in _COPIED.split(", "))}
          FROM activities AS o WHERE o.id = :id AND o.venue_id = :venue_id
        RETURNING {_ANSWER})
    {_ONE.format(source="fresh")}"""  # noqa: S608 - names of columns only

_BULK = """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS integer[]))
            WITH ORDINALITY AS q (id, version, place)),
    done AS (
        UPDATE activities AS a
           SET credits_required = coalesce(CAST(:credits AS integer), a.credits_required),
               capacity_per_session = coalesce(CAST(:capacity AS integer), a.capacity_per_session),
               category = coalesce(CAST(:category AS public.activity_category), a.category),
               activity_tags = (a.activity_tags - CAST(:removed AS text[])) || CAST(:added AS jsonb),
               is_published = coalesce(CAST(:publish AS boolean), a.is_published),
               is_active = coalesce(NOT CAST(:put_away AS boolean), a.is_active)
          FROM asked AS q
         WHERE a.id = q.id AND a.version = q.version AND a.venue_id = :venue_id
           AND (NOT coalesce(CAST(:publish AS boolean), a.is_published)
                OR num_nulls(coalesce(CAST(:category AS public.activity_category), a.category),
                             coalesce(CAST(:credits AS integer), a.credits_required)) = 0)
        RETURNING a.id)
    SELECT q.id, d.id IS NOT NULL AS is_done, a.version AS version,
        :venue_id = ANY (auth.venue_ids('activity.edit')) AS may
      FROM asked AS q
      LEFT JOIN done AS d ON d.id = q.id
      LEFT JOIN activities AS a ON a.id = q.id AND a.venue_id = :venue_id
     ORDER BY q.place"""


class CatalogueStore:
    """Activities over a desk's connections. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Use `database`, whoever is signed in on it."""
        self._database = database

    # -- reading -------------------------------------------------------------------------------------------------------

    async def page(self, venue_id: UUID, request: PageRequest) -> Page[ActivityRow]:
        """A page of one venue's catalogue; see CatalogueGateway.page. Raises Invalid for another order."""
        coming = (
            select(sessions.c.activity_id, func.count().label("sessions"))
            .where(
                sessions.c.venue_id == venue_id,
                sessions.c.starts_at > func.app.now(),
                ~sessions.c.is_cancelled,
            )
            .group_by(sessions.c.activity_id)
            .subquery("coming")
        )
        upcoming = func.coalesce(coming.c.sessions, 0)
        category = func.coalesce(cast(a.c.category, Text), "")
        state = case((~a.c.is_active, "away"), (a.c.is_published, "published"), else_="draft")
        c = a.c
        statement = (
            select(
                c.id, c.version, c.name, c.category, c.min_age_months, c.max_age_months, c.credits_required,
                c.duration_minutes, c.capacity_per_session, c.is_published, c.average_rating, c.total_reviews,
                c.activity_tags, state.label("state"), upcoming.label("upcoming"),
                (func.coalesce(c.short_description, "") != "").label("has_short"),
                c.primary_image_url.is_not(None).label("has_image"),
            )
            .outerjoin(coming, coming.c.activity_id == c.id)
            .where(c.venue_id == venue_id)
        )  # fmt: skip
        if words := "".join(mark for mark in request.text if mark.isprintable()):
            statement = statement.where(c.name.icontains(words, autoescape=True))
        wanted = request.filters.get("state", "")
        statement = statement.where(state == wanted if wanted else c.is_active)
        if found := request.filters.get("category", ""):
            statement = statement.where(cast(c.category, Text) == found)
        if tag := request.filters.get("tag", ""):
            statement = statement.where(c.activity_tags.contains({tag: True}))
        sorts = {
            "name": func.lower(c.name),
            "category": category,
            "ages": c.min_age_months,
            "credits": func.coalesce(c.credits_required, 0),
            "length": c.duration_minutes,
            "places": c.capacity_per_session,
            "state": state,
            "upcoming": upcoming,
            "rating": c.average_rating,
        }
        return await fetch_page(self._database, statement, request, sorts=sorts, identity=c.id, make=read_row)

    async def activity(self, venue_id: UUID, activity_id: UUID) -> Activity:
        """One activity as it is now. Raises NotFound."""
        rows = await self._database.fetch(_READ, {"id": activity_id, "venue_id": venue_id})
        if not rows:
            raise NotFound(
                "This activity is not there any more.", hint="Refresh the list.", code="no_activity"
            )
        return read_activity(rows[0])

    # -- writing -------------------------------------------------------------------------------------------------------

    async def add(self, venue_id: UUID, facts: ActivityFacts) -> Activity:
        """A new activity, not published, with a web address of its own."""
        names = [name for name in _COLUMNS if name != "name"]
        columns = ", ".join(_COLUMNS[name] for name in names)
        values = ", ".join(_parameter(name) for name in names)
        statement = f"""
            WITH fresh AS (INSERT INTO activities (venue_id, name, slug, {columns})
                           VALUES (:venue_id, :name, {_SLUG}, {values}) RETURNING {_ANSWER})
            {_ONE.format(source="fresh")}"""  # noqa: S608 - names of columns only
        return await self._insert(statement, venue_id, facts.name, _values(facts, _COLUMNS))

    async def duplicate(self, venue_id: UUID, activity_id: UUID, name: str) -> Activity:
        """A copy called `name`, not published. Raises NotFound."""
        return await self._insert(_DUPLICATE, venue_id, name, {"id": activity_id, "name": name})

    async def save(
        self, venue_id: UUID, was: Activity, facts: ActivityFacts, publish: bool | None
    ) -> Activity:
        """Write what differs from `was`, at its version. Raises Conflict "version_changed"."""
        names = changed_fields(was.facts, facts)
        parts = [f"{_COLUMNS[name]} = {_parameter(name)}" for name in names]
        values = _values(facts, names)
        if publish is not None and publish != was.is_published:
            parts.append("is_published = :publish")
            values["publish"] = publish
        return await self._update(venue_id, was, parts, values)

    async def put_away(self, venue_id: UUID, was: Activity, away: bool) -> Activity:
        """Take it out of the catalogue or bring it back. Raises Conflict "version_changed"."""
        return await self._update(venue_id, was, ["is_active = :active"], {"active": not away})

    async def change_all(
        self, venue_id: UUID, rows: Sequence[ActivityRow], change: BulkChange
    ) -> list[RowFate]:
        """Change many in one statement; what became of each, in their order. Raises Denied."""
        planned = preview(rows, change)
        ids = {one.id for one in planned if one.fate is Fate.CHANGES}
        asked = [row for row in rows if row.id in ids]
        if not asked:
            return list(planned)
        values = {
            "venue_id": venue_id,
            "ids": [row.id for row in asked],
            "versions": [row.version for row in asked],
            "credits": change.credits,
            "capacity": change.capacity,
            "category": None if change.category is None else change.category.value,
            "removed": list(change.remove_tags),
            "added": json.dumps(dict.fromkeys(change.add_tags, True)),
            "publish": change.publish,
            "put_away": change.put_away,
        }
        answers = {row.id: row for row in await self._changing(_BULK, values)}
        if not all(row.may for row in answers.values()):
            raise _denied()
        return [_after(one, answers.get(one.id)) for one in planned]

    async def _update(
        self, venue_id: UUID, was: Activity, parts: list[str], values: dict[str, object]
    ) -> Activity:
        if not parts:
            return await self.activity(venue_id, was.id)
        statement = f"""
            WITH fresh AS (UPDATE activities SET {", ".join(parts)}
                            WHERE id = :id AND venue_id = :venue_id AND version = :version RETURNING {_ANSWER})
            {_ONE.format(source="fresh")}"""  # noqa: S608 - names of columns only
        parameters = {**values, "id": was.id, "venue_id": venue_id, "version": was.version}
        if rows := await self._changing(statement, parameters):
            return read_activity(rows[0])
        if not (await self._database.fetch(_MAY, {"venue_id": venue_id}))[0].may:
            raise _denied()
        await self.activity(venue_id, was.id)  # NotFound where it is gone
        raise Conflict(
            "Somebody else changed this activity.", hint="Look at what changed.", code="version_changed"
        )

    async def _insert(
        self, statement: str, venue_id: UUID, name: str, values: Mapping[str, object]
    ) -> Activity:
        parameters = {**values, "venue_id": venue_id, "slug": slugify(name) or _OTHERWISE}
        for _ in range(_TRIES):
            try:
                rows = await self._changing(statement, parameters)
            except Conflict as error:
                if error.code != _SLUG_TAKEN:
                    raise
                continue
            if not rows:
                raise NotFound(
                    "This activity is not there any more.", hint="Refresh the list.", code="no_activity"
                )
            return read_activity(rows[0])
        raise Conflict("Somebody else adds an activity of this name.", hint="Try again.", code=_SLUG_TAKEN)

    async def _changing(self, statement: str, parameters: Mapping[str, object]) -> Sequence[Row[Any]]:
        try:
            return await self._database.fetch(text(statement), parameters)
        except Invalid as error:
            sentence = _SENTENCES.get(error.code or "")
            if sentence is None:
                raise
            raise Invalid(sentence, code=error.code) from error
        except Denied as error:
            raise (_denied() if error.code == "not_permitted" else error) from error


def _denied() -> ConsoleError:
    return Denied("You may not change activities here.", hint="Ask a manager.", code="not_permitted")


def _parameter(name: str) -> str:
    return f"CAST(:{name} AS {_CASTS[name]})" if name in _CASTS else f":{name}"


def _values(facts: ActivityFacts, names: Sequence[str] | Mapping[str, str]) -> dict[str, object]:
    return {name: _value(name, getattr(facts, name)) for name in names}


def _value(name: str, value: object) -> object:
    if name == "tags" and isinstance(value, Mapping):
        return json.dumps(dict(value))
    if name in _LISTS and isinstance(value, tuple):
        return json.dumps(list(value))
    return value.value if isinstance(value, Category | Skill) else value


def _after(planned: RowFate, answer: Row[Any] | None) -> RowFate:
    """What became of one row; a change that slipped in between reading and writing is somebody else's too."""
    if answer is None:
        return planned
    if answer.is_done:
        return RowFate(planned.id, planned.name, Fate.CHANGED, planned.what)
    if answer.version is None:
        return RowFate(planned.id, planned.name, Fate.GONE, why="It is not there any more.")
    why = "Somebody else changed it meanwhile."
    return RowFate(planned.id, planned.name, Fate.MEANWHILE, planned.what, why)
