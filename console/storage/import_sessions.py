"""Bringing sessions in line with an import's plan: the half of the import where people's own decisions count.

A session is created, moved, or removed only while nobody has booked, changed, cancelled, closed or marked it; every
other difference between the file and the console is reported and left. See docs/guides/importing.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID, uuid4

import psycopg

from console.domain.importing import KeptSession, Plan, PlannedSession, Tally, key_of, parts_of
from console.storage import import_rows

# In the order in which a reason is named. Whatever points at a session without being listed here blocks a removal.
_REASONS = """
    CASE
        WHEN s.changed_by_hand THEN 'changed by hand'
        WHEN s.is_cancelled THEN 'cancelled'
        WHEN s.is_completed OR s.closed_at IS NOT NULL THEN 'already closed'
        WHEN EXISTS (SELECT FROM public.bookings AS b WHERE b.session_id = s.id) THEN 'has bookings'
        WHEN EXISTS (SELECT FROM public.waitlist AS w WHERE w.session_id = s.id) THEN 'has a waiting list'
        WHEN EXISTS (SELECT FROM public.attendance_events AS e WHERE e.session_id = s.id)
            OR EXISTS (SELECT FROM public.review_items AS i WHERE i.session_id = s.id) THEN 'has attendance'
    END"""


class RefLike(Protocol):
    """A remembered key."""

    @property
    def id(self) -> UUID:
        """The record it became."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the file said last."""
        ...


@dataclass(frozen=True, slots=True)
class Ids:
    """The records of a plan's keys, by kind; `new_series` are those that had no session before this import."""

    venues: Mapping[str, UUID]
    rooms: Mapping[str, UUID]
    activities: Mapping[str, UUID]
    series: Mapping[str, UUID]
    new_series: frozenset[str]


@dataclass(frozen=True, slots=True)
class SessionResult:
    """What became of the sessions. `withheld` would have been removed, had no row been rejected."""

    tally: Tally
    kept: tuple[KeptSession, ...]
    withheld: int


def bring_in_line(
    connection: psycopg.Connection[Any],
    plan: Plan,
    known: Mapping[str, RefLike],
    ids: Ids,
    step: Callable[[str, int, int], None],
) -> SessionResult:
    """Create, move and remove sessions so that they are those of `plan`, except where people decided otherwise."""
    facts = {one.key: _facts(one) for one in plan.sessions}
    new = [one for one in plan.sessions if one.key not in known]
    changed = [
        one for one in plan.sessions if one.key in known and dict(known[one.key].facts) != facts[one.key]
    ]
    reach = Reach(plan)
    gone = {key: ref.id for key, ref in known.items() if key not in facts and key in reach}
    withheld = 0
    if plan.rejected:
        # The missing rows may be among the rejected ones.
        withheld, gone = len(gone), {}
    total = len(new) + len(changed)
    step("sessions", 0, total)
    kept = _protected(connection, [known[one.key].id for one in changed] + list(gone.values()))
    removable = {key: entity for key, entity in gone.items() if entity not in kept}
    _remove(connection, plan.source, removable)
    movable = [one for one in changed if known[one.key].id not in kept]
    _move(connection, plan, known, movable, ids, facts)
    mine = {ref.id for ref in known.values()}
    taken = _at_their_place(connection, new, ids)
    # A session that the console generated from the same series is the row's own; one that another row became is not.
    adopted = {key: entity for key, entity in taken.items() if entity not in mine}
    made = [replace(one, series=None) if one.key in taken else one for one in new if one.key not in adopted]
    _create(
        connection, plan, made, adopted, ids, facts, lambda done: step("sessions", len(movable) + done, total)
    )
    return SessionResult(
        Tally(
            created=len(made),
            changed=len(movable),
            removed=len(removable),
            unchanged=len(plan.sessions) - len(made) - len(movable),
        ),
        tuple(sorted(kept.values(), key=lambda one: (one.venue, one.starts_at, one.activity))),
        withheld,
    )


class Reach:
    """The keys that a file could have had: of one of its courses, and between its first and its last day.

    A file may be an extract, and the publisher's next one starts later: what it says nothing about stays. Keys of
    sessions have the day third, keys of series have their first day fifth.
    """

    def __init__(self, plan: Plan) -> None:
        self._courses = {one.key for one in plan.activities}
        self._first, self._last = plan.span.first.isoformat(), plan.span.last.isoformat()

    def __contains__(self, key: str) -> bool:
        parts = parts_of(key)
        day = parts[2] if len(parts[2]) == len(self._first) else parts[4]
        return key_of(parts[:2]) in self._courses and self._first <= day <= self._last


def forget(connection: psycopg.Connection[Any], source: str, kind: str, keys: Sequence[str]) -> None:
    """Remember these keys no longer."""
    connection.execute(
        "DELETE FROM public.import_refs WHERE source = %s AND entity_type = %s AND key = ANY (%s)",
        [source, kind, list(keys)],
    )


def _facts(one: PlannedSession) -> dict[str, Any]:
    return {
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "total_capacity": one.capacity,
        "room": one.room,
        "series": one.series,
    }


def _protected(connection: psycopg.Connection[Any], sessions: Sequence[UUID]) -> dict[UUID, KeptSession]:
    """Which of these sessions people have a stake in, locked so that nobody books one meanwhile."""
    if not sessions:
        return {}
    connection.execute(
        "SELECT FROM public.activity_sessions WHERE id = ANY (%s) ORDER BY id FOR UPDATE", [list(sessions)]
    )
    query = f"""
        SELECT * FROM (
            SELECT s.id, v.name, a.name, s.starts_at, v.timezone, {_REASONS} AS reason
            FROM public.activity_sessions AS s
            JOIN public.activities AS a ON a.id = s.activity_id
            JOIN public.venues AS v ON v.id = s.venue_id
            WHERE s.id = ANY (%s)) AS found
        WHERE reason IS NOT NULL"""  # noqa: S608  no value in it but the constant above
    rows = connection.execute(query.encode(), [list(sessions)]).fetchall()
    return {
        entity: KeptSession(venue, activity, starts_at, zone, reason)
        for entity, venue, activity, starts_at, zone, reason in rows
    }


def _remove(connection: psycopg.Connection[Any], source: str, sessions: Mapping[str, UUID]) -> None:
    if not sessions:
        return
    connection.execute("DELETE FROM public.activity_sessions WHERE id = ANY (%s)", [list(sessions.values())])
    forget(connection, source, "session", list(sessions))


def _move(
    connection: psycopg.Connection[Any],
    plan: Plan,
    known: Mapping[str, RefLike],
    sessions: Sequence[PlannedSession],
    ids: Ids,
    facts: Mapping[str, Mapping[str, Any]],
) -> None:
    """Give sessions their new times, places and series."""
    if not sessions:
        return
    # A series has one session per date. While its sessions move past each other they belong to none, and whoever comes
    # back stands for the day it is then on.
    connection.execute(
        "UPDATE public.activity_sessions SET recurring_schedule_id = NULL WHERE id = ANY (%s)",
        [[known[one.key].id for one in sessions]],
    )
    occupied = _at_their_place(connection, sessions, ids)
    rows = []
    for one in sessions:
        columns = _columns(one, ids)
        if one.key in occupied:
            # A session that had to stay holds that place in the series.
            columns["recurring_schedule_id"] = None
        rows.append({"id": str(known[one.key].id), **columns})
    for _ in import_rows.update(connection, "activity_sessions", rows):
        pass
    import_rows.remember(
        connection, [_ref(plan.source, one.key, known[one.key].id, facts[one.key]) for one in sessions]
    )


def _create(
    connection: psycopg.Connection[Any],
    plan: Plan,
    sessions: Sequence[PlannedSession],
    adopted: Mapping[str, UUID],
    ids: Ids,
    facts: Mapping[str, Mapping[str, Any]],
    step: Callable[[int], None],
) -> None:
    entities = {one.key: uuid4() for one in sessions}
    rows = [
        {
            "id": str(entities[one.key]),
            "activity_id": str(ids.activities[one.activity]),
            "venue_id": str(ids.venues[one.venue]),
            **_columns(one, ids),
        }
        for one in sessions
    ]
    for done in import_rows.insert(connection, "activity_sessions", rows):
        step(done)
    refs = [_ref(plan.source, key, entity, facts[key]) for key, entity in {**entities, **adopted}.items()]
    import_rows.remember(connection, refs)


def _at_their_place(
    connection: psycopg.Connection[Any], sessions: Iterable[PlannedSession], ids: Ids
) -> dict[str, UUID]:
    """The session that already stands at a planned one's place in its series, by the planned one's key."""
    linked = [one for one in sessions if one.series is not None and one.series not in ids.new_series]
    if not linked:
        return {}
    rows = connection.execute(
        """SELECT p.key, s.id FROM unnest(%s::text[], %s::uuid[], %s::timestamptz[]) AS p(key, series, starts_at)
           JOIN public.activity_sessions AS s ON s.recurring_schedule_id = p.series
            AND s.occurs_on = (p.starts_at AT TIME ZONE s.timezone)::date""",
        [
            [one.key for one in linked],
            [ids.series[one.series] for one in linked if one.series is not None],
            [one.starts_at for one in linked],
        ],
    ).fetchall()
    return dict(rows)


def _columns(one: PlannedSession, ids: Ids) -> dict[str, Any]:
    return {
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "total_capacity": one.capacity,
        "room_id": str(ids.rooms[one.room]) if one.room is not None else None,
        "recurring_schedule_id": str(ids.series[one.series]) if one.series is not None else None,
    }


def _ref(source: str, key: str, entity: UUID, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": source,
        "entity_type": "session",
        "key": key,
        "entity_id": str(entity),
        "facts": dict(facts),
    }
