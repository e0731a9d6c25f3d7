"""Applying an import's plan to the database: whole, once, and without touching what people have since decided.

One transaction. `import_refs` remembers for each of the publisher's keys which record it became and what the file said
then; only what the file says differently now is written, so importing a file again changes nothing and an edit made in
the console survives. A session that somebody changed, booked or closed is never moved or removed: it is reported.
See docs/guides/importing.md and docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from console.domain.importing import (
    Applied,
    Cancelled,
    Plan,
    Progress,
    Tally,
)
from console.errors import BugError, Conflict, ConsoleError, Denied, Unavailable
from console.storage import import_rows, import_sessions, import_slugs, import_venues
from console.storage.migrate import connect

LOCK_WAIT = "10s"
"""How long an import waits for another to end."""

EXCEPTION_REASON = "The publisher lists no session on this day."
_TABLES = {
    "venue": "venues",
    "room": "rooms",
    "activity": "activities",
    "series": "activity_recurring_schedules",
    "session": "activity_sessions",
}


@dataclass(frozen=True, slots=True)
class Ref:
    """What is remembered of one key: the record it became, and what the file said of it last."""

    id: UUID
    facts: Mapping[str, Any]


@dataclass(slots=True)
class _Changes:
    """What is to be written for one kind of record, and the ids of all of them by key."""

    ids: dict[str, UUID]
    created: list[str]
    changed: dict[str, dict[str, Any]]
    unchanged: int

    def tally(self) -> Tally:
        return Tally(created=len(self.created), changed=len(self.changed), unchanged=self.unchanged)


def apply_plan(
    admin_dsn: str,
    plan: Plan,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Applied:
    """Bring the database in line with `plan`, or with `dry_run` only find out what that would do.

    Raises Conflict (another import is running), Unavailable (no such server, or a database without tables) or, when
    `cancelled` answers True, ConsoleError with code "import_cancelled"; nothing has changed then.
    """
    with connect(admin_dsn) as connection:
        try:
            with connection.transaction(force_rollback=dry_run):
                _open(connection)
                return _Import(connection, plan, progress, cancelled).run()
        except psycopg.errors.LockNotAvailable as error:
            raise Conflict(
                "Another import is running.", hint="Try again when it has ended.", code="import_running"
            ) from error
        except psycopg.OperationalError as error:
            raise Unavailable(
                "The connection to the database was lost; nothing was imported.", code="database_unreachable"
            ) from error
        except psycopg.Error as error:
            raise BugError("The import failed for a reason nobody foresaw; nothing was changed.") from error


def database_now(admin_dsn: str) -> datetime:
    """The present instant by the database's own clock, which in a demo or a test stands elsewhere."""
    with connect(admin_dsn) as connection, connection.transaction():
        _become_owner(connection)
        row = connection.execute("SELECT app.now()").fetchone()
    assert row is not None
    instant: datetime = row[0]
    return instant


def _become_owner(connection: psycopg.Connection[Any]) -> None:
    """Act as the owner of the tables until the transaction ends."""
    # Asked of the catalogue, which anybody may read: who may not look into the schema is told so below.
    row = connection.execute(
        """SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relname = 'import_refs'"""
    ).fetchone()
    if row is None:
        raise Unavailable(
            "The database has no tables yet.", hint="Run: nexus-console db upgrade", code="database_empty"
        )
    try:
        connection.execute("SET LOCAL ROLE console_owner")
    except psycopg.errors.InsufficientPrivilege as error:
        raise Denied("Only an administrator's connection can import.", code="import_not_admin") from error


def _open(connection: psycopg.Connection[Any]) -> None:
    """Act as the owner of the tables, alone among imports."""
    _become_owner(connection)
    connection.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_WAIT])
    connection.execute("LOCK TABLE public.import_refs IN SHARE ROW EXCLUSIVE MODE")


class _Import:
    """One import under way."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        plan: Plan,
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> None:
        self.connection = connection
        self.plan = plan
        self._progress = progress
        self._cancelled = cancelled

    def run(self) -> Applied:
        plan = self.plan
        venues = self._venues()
        rooms = self._rooms(venues)
        activities = self._activities(venues)
        series, exceptions = self._series(venues, rooms, activities)
        sessions = import_sessions.bring_in_line(
            self.connection,
            plan,
            self.refs("session", plan.source),
            import_sessions.Ids(venues.ids, rooms.ids, activities.ids, series.ids, frozenset(series.created)),
            self.step,
        )
        removed = self._remove_empty_series(series)
        named = {key for key, ref in self.refs("venue", plan.publisher).items() if ref.facts.get("name")}
        written = [venues.ids[key] for key in (*venues.created, *venues.changed) if key in named]
        activated = import_venues.activate(self.connection, written)
        unnamed = {entity: key for key, entity in venues.ids.items() if key not in named}
        uncategorised, unpriced = self._incomplete(activities)
        return Applied(
            venues=venues.tally(),
            rooms=rooms.tally(),
            activities=activities.tally(),
            series=Tally(len(series.created), len(series.changed), removed, series.unchanged),
            exceptions=exceptions,
            sessions=sessions.tally,
            kept=sessions.kept,
            withheld=sessions.withheld,
            pending=import_venues.pending(self.connection, list(venues.ids.values()), unnamed),
            activated=activated,
            uncategorised=uncategorised,
            unpriced=unpriced,
        )

    def step(self, stage: str, done: int, total: int) -> None:
        """Tell how far it is, and stop if that is wanted."""
        if self._progress is not None:
            self._progress(stage, done, total)
        if self._cancelled is not None and self._cancelled():
            raise ConsoleError("The import was cancelled; nothing was changed.", code="import_cancelled")

    def refs(self, kind: str, source: str) -> dict[str, Ref]:
        """What is remembered of a kind, without what no longer exists."""
        query = f"""SELECT r.key, r.entity_id, r.facts FROM public.import_refs AS r
                    JOIN public.{_TABLES[kind]} AS e ON e.id = r.entity_id
                    WHERE r.source = %s AND r.entity_type = %s"""  # noqa: S608  a table's name from the list above
        rows = self.connection.execute(query.encode(), [source, kind]).fetchall()
        return {key: Ref(entity_id, facts) for key, entity_id, facts in rows}

    def _upsert(
        self,
        kind: str,
        source: str,
        wanted: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
        *,
        prepare: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] | None = None,
        initial: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] | None = None,
        adopt: Mapping[str, UUID] | None = None,
    ) -> _Changes:
        """Write (key, facts, links) of a kind.

        `prepare` turns facts into columns, `initial` adds a new row's own, `adopt` names records that were there
        before any import and are taken as they are.
        """
        known = {key: Ref(entity, {}) for key, entity in (adopt or {}).items()} | self.refs(kind, source)
        changes = _Changes({}, [], {}, 0)
        inserts: list[Mapping[str, Any]] = []
        updates: list[Mapping[str, Any]] = []
        refs: list[Mapping[str, Any]] = []
        for key, facts, links in wanted:
            ref = known.get(key)
            entity = ref.id if ref is not None else uuid4()
            changes.ids[key] = entity
            old = ref.facts if ref is not None else {}
            said = {name: value for name, value in facts.items() if name not in old or old[name] != value}
            columns = prepare(key, said) if prepare else said
            if ref is None:
                changes.created.append(key)
                extra = initial(key, facts) if initial else {}
                inserts.append({"id": str(entity), **_plain(links), **extra, **columns})
            elif said:
                changes.changed[key] = said
                if columns:
                    updates.append({"id": str(entity), **columns})
            else:
                changes.unchanged += 1
                continue
            refs.append(_ref(source, kind, key, entity, {**old, **facts}))
        stage = kind if kind == "series" else f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
        total = len(inserts) + len(updates)
        self.step(stage, 0, total)
        table = _TABLES[kind]
        for done in import_rows.insert(self.connection, table, inserts):
            self.step(stage, done, total)
        for done in import_rows.update(self.connection, table, updates):
            self.step(stage, len(inserts) + done, total)
        import_rows.remember(self.connection, refs)
        return changes

    def _venues(self) -> _Changes:
        slugs = import_slugs.Slugs(
            slug for (slug,) in self.connection.execute("SELECT slug FROM public.venues").fetchall()
        )

        def initial(key: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
            name = facts.get("name") or import_venues.provisional_name(key)
            return {"name": name, "slug": slugs.fresh(str(name), "venue")}

        wanted = [(one.key, one.facts, dict[str, Any]()) for one in self.plan.venues]
        return self._upsert("venue", self.plan.publisher, wanted, initial=initial)

    def _rooms(self, venues: _Changes) -> _Changes:
        """Rooms by name; one that the venue already has under that name is that room."""
        rows = self.connection.execute(
            "SELECT venue_id, lower(name), id, name FROM public.rooms WHERE venue_id = ANY (%s)",
            [[venues.ids[one.venue] for one in self.plan.rooms]],
        ).fetchall()
        there = {(venue, lowered): (entity, name) for venue, lowered, entity, name in rows}
        adopt: dict[str, UUID] = {}
        wanted = []
        for one in self.plan.rooms:
            found = there.get((venues.ids[one.venue], one.name.lower()))
            if found is not None:
                adopt[one.key] = found[0]
            wanted.append(
                (one.key, {"name": found[1] if found else one.name}, {"venue_id": venues.ids[one.venue]})
            )
        return self._upsert("room", self.plan.publisher, wanted, adopt=adopt)

    def _activities(self, venues: _Changes) -> _Changes:
        rows = self.connection.execute(
            "SELECT venue_id, slug FROM public.activities WHERE venue_id = ANY (%s)",
            [list(venues.ids.values())],
        ).fetchall()
        taken: dict[UUID, import_slugs.Slugs] = {
            entity: import_slugs.Slugs(()) for entity in venues.ids.values()
        }
        for venue_id, slug in rows:
            taken[venue_id].taken.add(slug)
        venue_of = {one.key: venues.ids[one.venue] for one in self.plan.activities}

        def initial(key: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"slug": taken[venue_of[key]].fresh(str(facts["name"]), "activity")}

        wanted = [(one.key, dict(one.facts), {"venue_id": venue_of[one.key]}) for one in self.plan.activities]
        return self._upsert("activity", self.plan.source, wanted, initial=initial)

    def _series(self, venues: _Changes, rooms: _Changes, activities: _Changes) -> tuple[_Changes, Tally]:
        def prepare(_key: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
            columns = {name: value for name, value in said.items() if name not in {"room", "skipped"}}
            if "room" in said:
                columns["room_id"] = str(rooms.ids[said["room"]]) if said["room"] is not None else None
            if "effective_until" in said:
                # The file lists every date, so nothing is left to generate.
                columns["sessions_generated_until"] = said["effective_until"]
            return columns

        wanted = []
        for one in self.plan.series:
            pattern = one.pattern
            facts: dict[str, Any] = {
                "days_of_week": list(pattern.days),
                "start_time": pattern.start.isoformat("minutes"),
                "duration_minutes": pattern.minutes,
                "capacity": one.capacity,
                "effective_from": pattern.first.isoformat(),
                "effective_until": pattern.last.isoformat(),
                "room": one.room,
                "skipped": [day.isoformat() for day in pattern.skipped],
            }
            links = {"activity_id": activities.ids[one.activity], "venue_id": venues.ids[one.venue]}
            wanted.append((one.key, facts, links))
        # A pattern may promise the platform no more places than it has.
        known = self.refs("series", self.plan.source)
        smaller = [(known[key].id, facts["capacity"]) for key, facts, _ in wanted if key in known]
        self.connection.execute(
            """UPDATE public.activity_recurring_schedules AS r SET platform_allocated_spots = p.places
               FROM unnest(%s::uuid[], %s::integer[]) AS p(id, places)
               WHERE r.id = p.id AND r.platform_allocated_spots > p.places""",
            [[entity for entity, _ in smaller], [places for _, places in smaller]],
        )
        changes = self._upsert("series", self.plan.source, wanted, prepare=prepare)
        return changes, self._exceptions(changes, venues)

    def _exceptions(self, series: _Changes, venues: _Changes) -> Tally:
        """Write the skipped dates of new and changed series; dates that people added themselves stay."""
        touched = {*series.created, *series.changed}
        wanted = {
            (series.ids[one.key], day): venues.ids[one.venue]
            for one in self.plan.series
            if one.key in touched
            for day in one.pattern.skipped
        }
        rows = self.connection.execute(
            """SELECT schedule_id, exception_date, reason IS NOT DISTINCT FROM %s FROM public.schedule_exceptions
               WHERE schedule_id = ANY (%s)""",
            [EXCEPTION_REASON, [series.ids[key] for key in series.changed]],
        ).fetchall()
        there = {(schedule, day) for schedule, day, _ in rows}
        gone = [(schedule, day) for schedule, day, ours in rows if ours and (schedule, day) not in wanted]
        self.connection.execute(
            """DELETE FROM public.schedule_exceptions AS e USING unnest(%s::uuid[], %s::date[]) AS g(schedule_id, day)
               WHERE e.schedule_id = g.schedule_id AND e.exception_date = g.day""",
            [[schedule for schedule, _ in gone], [day for _, day in gone]],
        )
        fresh = [
            {
                "schedule_id": str(schedule),
                "venue_id": str(venue),
                "exception_date": day.isoformat(),
                "kind": "skipped",
                "reason": EXCEPTION_REASON,
            }
            for (schedule, day), venue in wanted.items()
            if (schedule, day) not in there
        ]
        for done in import_rows.insert(self.connection, "schedule_exceptions", fresh):
            self.step("exceptions", done, len(fresh))
        return Tally(len(fresh), 0, len(gone), self.plan.exceptions - len(fresh))

    def _remove_empty_series(self, series: _Changes) -> int:
        """Take away series that the file no longer makes, at its own places, once no session belongs to them."""
        if self.plan.rejected:
            return 0
        reach = import_sessions.Reach(self.plan)
        gone = [
            (key, ref.id)
            for key, ref in self.refs("series", self.plan.source).items()
            if key not in series.ids and key in reach
        ]
        deleted = self.connection.execute(
            """DELETE FROM public.activity_recurring_schedules AS r WHERE r.id = ANY (%s) AND NOT EXISTS
               (SELECT FROM public.activity_sessions AS s WHERE s.recurring_schedule_id = r.id) RETURNING r.id""",
            [[entity for _, entity in gone]],
        ).fetchall()
        removed = {entity for (entity,) in deleted}
        import_sessions.forget(
            self.connection, self.plan.source, "series", [key for key, entity in gone if entity in removed]
        )
        return len(removed)

    def _incomplete(self, activities: _Changes) -> tuple[int, int]:
        """How many of the file's activities have no category, and how many no price."""
        row = self.connection.execute(
            """SELECT count(*) FILTER (WHERE category IS NULL), count(*) FILTER (WHERE credits_required IS NULL)
               FROM public.activities WHERE id = ANY (%s)""",
            [list(activities.ids.values())],
        ).fetchone()
        return (int(row[0]), int(row[1])) if row is not None else (0, 0)


def _ref(source: str, kind: str, key: str, entity: UUID, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"source": source, "entity_type": kind, "key": key, "entity_id": str(entity), "facts": dict(facts)}


def _plain(links: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in links.items()}
