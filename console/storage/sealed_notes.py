"""Notes on this desk's own disk: walk-ins beside the outbox, new families inside a person's cache.

Walk-ins belong to the desk: their file has the device's key, outlives sign-out, and holds ids and times. Families have
names, so they lie in the cache of whoever took them down and nobody else can read them. Each change is on the disk
before it is answered. See docs/guides/offline.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from console.domain.families import NewFamily, Payment
from console.domain.sealed_notes import FamilyNote, KeptFamily, KeptWalkIn, NoteState, Refusal, WalkInNote
from console.domain.sync import Recovered
from console.errors import Conflict
from console.storage import sealed
from console.storage.sealed_note_rows import (
    family,
    family_text,
    refusal,
    refusal_text,
    walk_in,
    walk_in_text,
)
from console.storage.sealed_salvage import Table, salvage

KEPT_FOR = timedelta(days=7)
"""How long a walk-in that is settled stays readable."""

_COLUMNS = "seq, id, venue, facts, state, refusal, settled_at, why, decided_by"
_KIND = sealed.FileKind(
    mark=0x4E585749,
    versions=(
        (
            "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
            """CREATE TABLE walk_ins (
                   seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, venue TEXT NOT NULL, facts TEXT NOT NULL,
                   state TEXT NOT NULL, refusal TEXT, settled_at TEXT, why TEXT, decided_by TEXT)""",
            # A second copy on other pages, as in the outbox.
            f"CREATE INDEX walk_ins_copy ON walk_ins (state, {_COLUMNS.replace(', state', '')})",
        ),
    ),
)
_TABLE = Table(
    _KIND, "walk_ins", "walk_ins_copy", _COLUMNS, tuple(one.value for one in NoteState), state_column=4
)
_OPEN = (NoteState.WAITING.value, NoteState.ATTENTION.value)


class WalkInFile:
    """The walk-ins of one desk in one sealed file. For any thread."""

    def __init__(self, path: Path, key: bytes, *, now: datetime | None = None) -> None:
        """Open the file, or make it. `recovered` tells of a damaged one that was set aside.

        Raises Unavailable where the disk is full or the file in use.
        """
        self.recovered: Recovered | None = None
        if not path.exists():
            sealed.create(path, key, _KIND)
            sealed.put_in_place(path)
        try:
            self._file = sealed.SealedFile(path, key, _KIND)
        except sealed.DamagedError:
            saved = salvage(path, key, _TABLE)
            sealed.create(path, key, _KIND, _statements(saved.rows))
            aside = sealed.set_aside(path, now)
            sealed.put_in_place(path)
            self.recovered = Recovered(str(aside), len(saved.rows), saved.lost)
            self._file = sealed.SealedFile(path, key, _KIND)

    def add(self, note: WalkInNote) -> WalkInNote:
        """Keep a note, durably; one whose id is here already is answered as it is kept."""
        with self._file.writing() as file:
            known = file.execute("SELECT facts FROM walk_ins WHERE id = ?", (str(note.id),)).fetchone()
            if known is not None:
                return walk_in(known[0])
            file.execute(
                "INSERT INTO walk_ins (id, venue, facts, state) VALUES (?, ?, ?, ?)",
                (str(note.id), str(note.venue_id), walk_in_text(note), NoteState.WAITING.value),
            )
        return note

    def unsettled(self, venue_id: UUID | None = None) -> list[KeptWalkIn]:
        """Those that wait or need attention, oldest first."""
        return [
            one
            for one in self._rows("state IN (?, ?) ORDER BY seq", _OPEN)
            if venue_id is None or one.note.venue_id == venue_id
        ]

    def history(self) -> list[KeptWalkIn]:
        """All that are still here, newest first."""
        return self._rows("true ORDER BY seq DESC", ())

    def follow(self, family_note: UUID, child_id: UUID) -> None:
        """The child of a family note is registered now: its walk-ins can be told."""
        with self._file.writing() as file:
            for (text,) in file.execute("SELECT facts FROM walk_ins").fetchall():
                note = walk_in(text)
                if note.family_note == family_note and note.child_id is None:
                    _change(file, replace(note, child_id=child_id))

    def taken(self, note_id: UUID, at: datetime) -> None:
        """The place is taken: the note is done. What was settled a week before `at` is cleared away."""
        with self._file.writing() as file:
            self._settle(file, note_id, NoteState.DONE, at)
            file.execute(
                "DELETE FROM walk_ins WHERE state IN (?, ?) AND settled_at < ?",
                (NoteState.DONE.value, NoteState.DISCARDED.value, (at - KEPT_FOR).isoformat()),
            )

    def refused(self, note_id: UUID, why: Refusal) -> None:
        """The server does not take it: it needs somebody's attention."""
        with self._file.writing() as file:
            file.execute(
                "UPDATE walk_ins SET state = ?, refusal = ? WHERE id = ? AND state = ?",
                (NoteState.ATTENTION.value, refusal_text(why), str(note_id), NoteState.WAITING.value),
            )

    def retry(self, note_id: UUID, payment: Payment | None = None) -> None:
        """Let one that needs attention be told again, paid otherwise where that is given. Raises Conflict."""
        with self._file.writing() as file:
            note = walk_in(_in_attention(file, "walk_ins", note_id))
            _change(file, note if payment is None else replace(note, payment=payment))
            file.execute(
                "UPDATE walk_ins SET state = ?, refusal = NULL WHERE id = ?",
                (NoteState.WAITING.value, str(note_id)),
            )

    def discard(self, note_id: UUID, why: str, by: UUID, at: datetime) -> None:
        """Put one that needs attention away, with a reason. It stays readable for a week. Raises Conflict."""
        with self._file.writing() as file:
            _in_attention(file, "walk_ins", note_id)
            self._settle(file, note_id, NoteState.DISCARDED, at)
            file.execute(
                "UPDATE walk_ins SET why = ?, decided_by = ? WHERE id = ?", (why, str(by), str(note_id))
            )

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _settle(self, file: sealed.Statements, note_id: UUID, state: NoteState, at: datetime) -> None:
        file.execute(
            "UPDATE walk_ins SET state = ?, settled_at = ? WHERE id = ?",
            (state.value, at.isoformat(), str(note_id)),
        )

    def _rows(self, where: str, parameters: Sequence[object]) -> list[KeptWalkIn]:
        statement = f"SELECT facts, state, refusal, settled_at, why, decided_by FROM walk_ins WHERE {where}"  # noqa: S608 - constants
        return [
            KeptWalkIn(
                walk_in(facts),
                NoteState(state),
                refusal(said),
                datetime.fromisoformat(settled_at) if settled_at else None,
                why or "",
                UUID(by) if by else None,
            )
            for facts, state, said, settled_at, why, by in self._file.rows(statement, parameters)
        ]


class FamilyNotesFile:
    """The family notes of one person, in the sealed file of that person's cache. For any thread.

    It goes when the cache is wiped: whoever wipes it asks `unsettled` first.
    """

    def __init__(self, file: sealed.SealedFile) -> None:
        """`file` is the cache's own (CacheFile.sealed_file)."""
        self._file = file
        with file.writing() as change:
            change.execute(
                """CREATE TABLE IF NOT EXISTS family_notes (
                       seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, facts TEXT NOT NULL, state TEXT NOT NULL,
                       refusal TEXT)"""
            )

    def add(self, note: FamilyNote) -> None:
        """Keep a note, durably; the same one again changes nothing."""
        with self._file.writing() as file:
            file.execute(
                "INSERT INTO family_notes (id, facts, state) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (str(note.id), family_text(note), NoteState.WAITING.value),
            )

    def unsettled(self, venue_id: UUID | None = None) -> list[KeptFamily]:
        """Those that wait or need attention, oldest first."""
        found = self._file.rows("SELECT facts, state, refusal FROM family_notes ORDER BY seq")
        kept = [KeptFamily(family(facts), NoteState(state), refusal(said)) for facts, state, said in found]
        return [one for one in kept if venue_id is None or one.note.venue_id == venue_id]

    def settled(self, note_id: UUID) -> None:
        """The family is registered, or was put away: its names go from this computer."""
        with self._file.writing() as file:
            file.execute("DELETE FROM family_notes WHERE id = ?", (str(note_id),))

    def refused(self, note_id: UUID, why: Refusal) -> None:
        """The server does not take it: it needs somebody's attention."""
        with self._file.writing() as file:
            file.execute(
                "UPDATE family_notes SET state = ?, refusal = ? WHERE id = ? AND state = ?",
                (NoteState.ATTENTION.value, refusal_text(why), str(note_id), NoteState.WAITING.value),
            )

    def mend(self, note_id: UUID, facts: NewFamily) -> None:
        """Let one that needs attention be told again, as `facts` has it now. Raises Conflict."""
        with self._file.writing() as file:
            note = family(_in_attention(file, "family_notes", note_id))
            mended = replace(note, family=replace(facts, request_id=note_id))
            file.execute(
                "UPDATE family_notes SET facts = ?, state = ?, refusal = NULL WHERE id = ?",
                (family_text(mended), NoteState.WAITING.value, str(note_id)),
            )


def _change(file: sealed.Statements, note: WalkInNote) -> None:
    file.execute("UPDATE walk_ins SET facts = ? WHERE id = ?", (walk_in_text(note), str(note.id)))


def _in_attention(file: sealed.Statements, table: str, note_id: UUID) -> str:
    found = file.execute(
        f"SELECT facts FROM {table} WHERE id = ? AND state = ?",  # noqa: S608 - one of two constants
        (str(note_id), NoteState.ATTENTION.value),
    ).fetchone()
    if found is None:
        raise Conflict("Somebody has already dealt with this one.", code="no_attention")
    return str(found[0])


def _statements(rows: Iterable[tuple[Any, ...]]) -> Iterable[tuple[str, tuple[object, ...]]]:
    marks = ", ".join("?" * len(_COLUMNS.split(", ")))
    for row in rows:
        yield f"INSERT INTO walk_ins ({_COLUMNS}) VALUES ({marks})", row  # noqa: S608 - constants
