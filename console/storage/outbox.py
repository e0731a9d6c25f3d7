"""The outbox: every attendance event of this desk, on its own disk until the server has answered.

It belongs to the desk, not to a person: its key is the device's, it survives sign-out, and it holds ids and times. An
event is in it before anybody is told that it happened. A file that is damaged is read as far as it can be, the rest is
kept aside, and `recovered` says so. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from console.domain.attendance import AttendanceEvent, EventAnswer, Origin, OutcomeKind
from console.domain.sync import OutboxCount, QueuedEvent, QueueState, Recovered
from console.errors import Conflict
from console.storage import sealed
from console.storage.outbox_rows import COLUMNS, answer_text, event_of, event_text, queued_event
from console.storage.sealed_salvage import Table, salvage

KEPT_FOR = timedelta(days=7)
"""How long an answered event stays readable; one that waits or needs attention stays until it no longer does."""

_LEAP = 1_000
# What was lost may have reached the server under a number that is no longer known here.

_KIND = sealed.FileKind(
    mark=0x4E584F42,
    versions=(
        (
            "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
            """CREATE TABLE events (
                   seq INTEGER PRIMARY KEY, id TEXT NOT NULL, venue TEXT NOT NULL, facts TEXT NOT NULL,
                   state TEXT NOT NULL, answer TEXT, answered_at TEXT, note TEXT, decided_by TEXT, retried_as TEXT)""",
            "CREATE UNIQUE INDEX events_id ON events (id)",
            # Every column: it finds what waits, and it is a second copy on other pages should some of these be lost.
            f"CREATE INDEX events_copy ON events (state, {COLUMNS.replace(', state', '')})",
        ),
    ),
)
_TABLE = Table(
    _KIND, "events", "events_copy", COLUMNS, tuple(state.value for state in QueueState), state_column=4
)


class OutboxFile:
    """The outbox in one sealed file, an EventStore. For any thread, and for several consoles of one desk."""

    def __init__(self, path: Path, key: bytes, *, now: datetime | None = None) -> None:
        """Open the outbox, or make it. `recovered` tells of a damaged one that was set aside.

        `now` is for the name of what is set aside. Raises Unavailable where the disk is full or the file in use.
        """
        self.recovered: Recovered | None = None
        self._path = path
        if not path.exists():
            # Where a damaged one was just set aside, the new one that bears no name yet is complete.
            interrupted = sealed.unfinished_name(path).exists() and any(
                path.parent.glob(f"{path.name}.damaged-*")
            )
            if not interrupted:
                sealed.create(path, key, _KIND)
            sealed.put_in_place(path)
        try:
            self._file = sealed.SealedFile(path, key, _KIND)
        except sealed.DamagedError:
            self._file = self._recover(key, now)

    def append(self, event: AttendanceEvent, venue_id: UUID) -> AttendanceEvent:
        """Keep an event, durably; the same one with the desk's next number and a time not below the last one's.

        An event whose id is here already is answered as it is kept. Raises Unavailable where the disk is full.
        """
        with self._file.writing() as file:
            known = file.execute(
                "SELECT seq, id, facts FROM events WHERE id = ?", (str(event.id),)
            ).fetchone()
            if known is not None:
                return event_of(*known)
            latest = _fact(file, "latest_at")
            if latest is not None:
                event = replace(
                    event, occurred_at=max(event.occurred_at, datetime.fromisoformat(str(latest)))
                )
            kept = replace(event, seq=_take_seq(file))
            _insert(file, kept, venue_id)
            _remember(file, "latest_at", kept.occurred_at.isoformat())
        return kept

    def waiting(self, limit: int = 500) -> list[QueuedEvent]:
        """Events without an answer, in the order of `seq`."""
        return self._in_state(QueueState.WAITING, limit)

    def became_queued(self, event_ids: Sequence[UUID]) -> None:
        """Say of waiting events that they were not asked live after all: their answer did not come in time."""
        with self._file.writing() as file:
            for event_id in event_ids:
                found = _waiting(file, event_id)
                if found is not None and found.origin is not Origin.QUEUED:
                    text = event_text(replace(found, origin=Origin.QUEUED))
                    file.execute("UPDATE events SET facts = ? WHERE seq = ?", (text, found.seq))

    def answered(self, answers: Sequence[EventAnswer], at: datetime) -> None:
        """Store answers. A refusal of a queued event needs attention; everything else is answered.

        The first answer of an event holds. What was answered a week before `at` is cleared away.
        """
        if any(answer.kept for answer in answers):
            raise ValueError("only the server answers for good")
        with self._file.writing() as file:
            for answer in answers:
                found = _waiting(file, answer.event_id)
                if found is None:
                    continue
                refused = answer.outcome is OutcomeKind.REJECTED and found.origin is Origin.QUEUED
                state = QueueState.ATTENTION if refused else QueueState.ANSWERED
                file.execute(
                    "UPDATE events SET state = ?, answer = ?, answered_at = ? WHERE seq = ?",
                    (state.value, answer_text(answer), at.isoformat(), found.seq),
                )
            _clear(file, at)

    def attention(self) -> list[QueuedEvent]:
        """Events that need somebody's attention, oldest first."""
        return self._in_state(QueueState.ATTENTION)

    def history(self, limit: int = 500) -> list[QueuedEvent]:
        """Every event that is still here, newest first."""
        return [
            queued_event(row)
            for row in self._file.rows(
                f"SELECT {COLUMNS} FROM events NOT INDEXED ORDER BY seq DESC LIMIT ?",  # noqa: S608 - a constant
                (limit,),
            )
        ]

    def retry(self, event_id: UUID, new_id: UUID, at: datetime) -> AttendanceEvent:
        """Make a new waiting event of one that needs attention: same facts, new id and number, origin queued.

        Raises Conflict where it no longer needs attention.
        """
        with self._file.writing() as file:
            old, venue_id = _in_attention(file, event_id)
            new = replace(old, id=new_id, seq=_take_seq(file), origin=Origin.QUEUED)
            _insert(file, new, venue_id)
            file.execute(
                "UPDATE events SET state = ?, answered_at = ?, retried_as = ? WHERE seq = ?",
                (QueueState.RETRIED.value, at.isoformat(), str(new_id), old.seq),
            )
        return new

    def discard(self, event_id: UUID, reason: str, by: UUID, at: datetime) -> None:
        """Put an event that needs attention away, with a manager's reason. It stays readable.

        Raises Conflict where it no longer needs attention.
        """
        with self._file.writing() as file:
            old, _venue = _in_attention(file, event_id)
            file.execute(
                "UPDATE events SET state = ?, answered_at = ?, note = ?, decided_by = ? WHERE seq = ?",
                (QueueState.DISCARDED.value, at.isoformat(), reason, str(by), old.seq),
            )

    def count(self) -> OutboxCount:
        """How many wait and how many need attention."""
        states = (QueueState.WAITING.value, QueueState.ATTENTION.value)
        found = dict(
            self._file.rows("SELECT state, count(*) FROM events WHERE state IN (?, ?) GROUP BY state", states)
        )
        return OutboxCount(*(found.get(state, 0) for state in states))

    def seq_at_least(self, seq: int) -> None:
        """The server knows numbers below `seq` as used; the next one is at least this.

        Waiting events from the first that stands below it on get new numbers in the same order: another event may have
        theirs. One that the server knows already is answered by its id, whatever its number.
        """
        with self._file.writing() as file:
            _remember(file, "next_seq", max(_next_seq(file), seq))
            waiting = [
                found
                for (found,) in file.execute(
                    "SELECT seq FROM events WHERE state = ? ORDER BY seq", (QueueState.WAITING.value,)
                ).fetchall()
            ]
            if waiting and waiting[0] < seq:
                for old in waiting:
                    file.execute("UPDATE events SET seq = ? WHERE seq = ?", (_take_seq(file), old))

    def next_seq(self) -> int:
        """The number that the next event gets."""
        found = self._file.rows("SELECT value FROM facts WHERE name = 'next_seq'")
        return int(found[0][0]) if found else 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _in_state(self, state: QueueState, limit: int = -1) -> list[QueuedEvent]:
        statement = f"SELECT {COLUMNS} FROM events WHERE state = ? ORDER BY seq LIMIT ?"  # noqa: S608 - a constant
        return [queued_event(row) for row in self._file.rows(statement, (state.value, limit))]

    def _recover(self, key: bytes, now: datetime | None) -> sealed.SealedFile:
        # First everything that can be read is in a complete new file, then the old one loses its name.
        saved = salvage(self._path, key, _TABLE)
        sealed.create(self._path, key, _KIND, _saved(saved.rows, saved.facts))
        aside = sealed.set_aside(self._path, now)
        sealed.put_in_place(self._path)
        self.recovered = Recovered(str(aside), len(saved.rows), saved.lost)
        return sealed.SealedFile(self._path, key, _KIND)


def _saved(
    rows: Sequence[tuple[Any, ...]], facts: dict[str, Any]
) -> Iterable[tuple[str, tuple[object, ...]]]:
    marks = ", ".join("?" * len(COLUMNS.split(", ")))
    for row in rows:
        yield f"INSERT INTO events ({COLUMNS}) VALUES ({marks})", row  # noqa: S608 - constants
    highest = max((int(row[0]) for row in rows), default=0)
    facts = {**facts, "next_seq": max(int(facts.get("next_seq", 1)), highest + 1) + _LEAP}
    for name, value in facts.items():
        yield "INSERT INTO facts (name, value) VALUES (?, ?)", (name, value)


def _fact(file: sealed.Statements, name: str) -> str | int | None:
    found = file.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if found is None else found[0]


def _remember(file: sealed.Statements, name: str, value: object) -> None:
    file.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))


def _next_seq(file: sealed.Statements) -> int:
    return int(_fact(file, "next_seq") or 1)


def _take_seq(file: sealed.Statements) -> int:
    seq = _next_seq(file)
    _remember(file, "next_seq", seq + 1)
    return seq


def _insert(file: sealed.Statements, event: AttendanceEvent, venue_id: UUID) -> None:
    file.execute(
        "INSERT INTO events (seq, id, venue, facts, state) VALUES (?, ?, ?, ?, ?)",
        (event.seq, str(event.id), str(venue_id), event_text(event), QueueState.WAITING.value),
    )


def _waiting(file: sealed.Statements, event_id: UUID) -> AttendanceEvent | None:
    found = file.execute(
        "SELECT seq, id, facts FROM events WHERE id = ? AND state = ?",
        (str(event_id), QueueState.WAITING.value),
    ).fetchone()
    return None if found is None else event_of(*found)


def _in_attention(file: sealed.Statements, event_id: UUID) -> tuple[AttendanceEvent, UUID]:
    found = file.execute(
        "SELECT seq, id, facts, venue FROM events WHERE id = ? AND state = ?",
        (str(event_id), QueueState.ATTENTION.value),
    ).fetchone()
    if found is None:
        raise Conflict("Somebody has already dealt with this one.", code="no_attention")
    return event_of(*found[:3]), UUID(found[3])


def _clear(file: sealed.Statements, now: datetime) -> None:
    file.execute(
        "DELETE FROM events WHERE state = ? AND answered_at < ?",
        (QueueState.ANSWERED.value, (now - KEPT_FOR).isoformat()),
    )
