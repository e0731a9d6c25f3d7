"""The cache: what one person at this desk may see, kept for when the server cannot be reached.

Its key comes from the person's password, so it opens for nobody else. It holds rosters with health notes and pickup
people, and who the person is; it is a copy, so a damaged one is set aside and made anew. See docs/design.md, "The desk
protocol".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.desk import RosterEntry, SessionSummary
from console.domain.person import Person
from console.domain.sync import Recovered, Snapshot
from console.storage import sealed
from console.storage.cache_rows import (
    entry_of,
    entry_text,
    person_of,
    person_text,
    roster_order,
    session_of,
    session_text,
)
from console.storage.snapshot import EntryRow, FetchedSnapshot, SessionRow

_FULL = "This computer's disk is full; today's rosters could not be kept for later."
_CHECKPOINT_PAGES = 8_000
# A whole snapshot is some 2,000 pages: copying them into place can wait, they are on the disk already.

KIND = sealed.FileKind(
    mark=0x4E584341,
    versions=(
        (
            "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
            "CREATE TABLE venues (id TEXT PRIMARY KEY, taken_at TEXT NOT NULL, xmin TEXT NOT NULL) WITHOUT ROWID",
            """CREATE TABLE sessions (
                   place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, venue TEXT NOT NULL, day TEXT NOT NULL,
                   facts TEXT NOT NULL)""",
            """CREATE TABLE entries (
                   place INTEGER PRIMARY KEY, booking TEXT NOT NULL UNIQUE, session TEXT NOT NULL, code TEXT NOT NULL,
                   facts TEXT NOT NULL)""",
            "CREATE INDEX entries_session ON entries (session)",
            "CREATE INDEX entries_code ON entries (code)",
        ),
    ),
)


class CacheFile:
    """One person's cache in one sealed file, a RosterStore. For any thread."""

    def __init__(self, path: Path, key: bytes, *, now: datetime | None = None) -> None:
        """Open the cache, or make it. `recovered` tells of one that could not be read and was set aside.

        `now` is for the name of what is set aside. Raises Unavailable where the disk is full or the file in use.
        """
        self.recovered: Recovered | None = None
        self._path = path
        if not path.exists():
            self._create(key)
        try:
            self._file = sealed.SealedFile(path, key, KIND)
        except sealed.DamagedError:
            self.recovered = Recovered(str(sealed.set_aside(path, now)))
            self._create(key)
            self._file = sealed.SealedFile(path, key, KIND)
        self._file.rows(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    @property
    def sealed_file(self) -> sealed.SealedFile:
        """The file itself, for what else is kept under the person's key."""
        return self._file

    def put(self, snapshot: Snapshot) -> None:
        """Replace a venue's data, or the part that changed; all of it or nothing."""
        sessions = [
            (SessionRow(str(one.summary.id), "", session_text(one.summary)), one.entries)
            for one in snapshot.sessions
        ]
        with self._file.writing(_FULL) as file:
            zone = _zone(file, snapshot.venue_id)
            if snapshot.whole:
                _drop_venue(file, str(snapshot.venue_id))
            for number, (row, entries) in enumerate(sessions):
                day = snapshot.sessions[number].summary.starts_at.astimezone(zone).date().isoformat()
                file.execute("DELETE FROM entries WHERE session = ?", (row.id,))
                _put_sessions(file, str(snapshot.venue_id), [row._replace(day=day)])
                _put_entries(
                    file,
                    (
                        EntryRow(str(one.booking_id), row.id, one.confirmation_code, entry_text(one))
                        for one in entries
                    ),
                )
            for gone in snapshot.gone:
                file.execute("DELETE FROM entries WHERE session = ? OR booking = ?", (str(gone), str(gone)))
                file.execute("DELETE FROM sessions WHERE id = ?", (str(gone),))
            _put_state(file, str(snapshot.venue_id), snapshot.taken_at, snapshot.xmin)

    def put_fetched(self, snapshot: FetchedSnapshot) -> None:
        """The same for one as it came from the server; nothing of it is parsed."""
        venue = str(snapshot.venue_id)
        with self._file.writing(_FULL) as file:
            if snapshot.whole:
                _drop_venue(file, venue)
            else:
                file.executemany("DELETE FROM entries WHERE booking = ?", [(one,) for one in snapshot.gone])
                _drop_other_sessions(file, venue, {row.id for row in snapshot.sessions})
            _put_sessions(file, venue, snapshot.sessions)
            _put_entries(file, snapshot.entries)
            _put_state(file, venue, snapshot.taken_at, snapshot.xmin)
            _saw(file, snapshot.taken_at)

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        """When the venue's data was taken and what the next "changed since" asks from; None without data."""
        found = self._file.rows("SELECT taken_at, xmin FROM venues WHERE id = ?", (str(venue_id),))
        return (datetime.fromisoformat(found[0][0]), found[0][1]) if found else None

    def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The sessions of one local day, in order of start."""
        where = (str(venue_id), day.isoformat())
        counts: dict[str, dict[str, int]] = {}
        for session, state, count in self._file.rows(
            """SELECT e.session, json_extract(e.facts, '$.state'), count(*)
                 FROM sessions s JOIN entries e ON e.session = s.id
                WHERE s.venue = ? AND s.day = ? GROUP BY 1, 2""",
            where,
        ):
            counts.setdefault(session, {})[state] = count
        found = self._file.rows("SELECT id, facts FROM sessions WHERE venue = ? AND day = ?", where)
        summaries = [session_of(facts, counts.get(session, {})) for session, facts in found]
        return sorted(summaries, key=lambda one: (one.starts_at, one.activity_name, str(one.id)))

    def roster(self, session_id: UUID) -> list[RosterEntry] | None:
        """A session's children; None for a session that is not in the cache."""
        found = self._file.rows(
            "SELECT facts FROM entries WHERE session = ? ORDER BY place", (str(session_id),)
        )
        if not found and not self._file.rows("SELECT 1 FROM sessions WHERE id = ?", (str(session_id),)):
            return None
        return sorted((entry_of(facts) for (facts,) in found), key=roster_order)

    def entry_by_code(self, venue_id: UUID, code: str) -> RosterEntry | None:
        """The booking that a ticket stands for."""
        found = self._file.rows(
            "SELECT e.facts FROM entries e JOIN sessions s ON s.id = e.session WHERE e.code = ? AND s.venue = ?",
            (code, str(venue_id)),
        )
        return entry_of(found[0][0]) if found else None

    def remember(self, person: Person, at: datetime) -> None:
        """Keep who signed in with the server's agreement, and when."""
        with self._file.writing(_FULL) as file:
            for name, value in (("person", person_text(person)), ("signed_in_at", at.isoformat())):
                file.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))
            _saw(file, at)

    def person(self) -> Person | None:
        """Who the cache belongs to; None before the first sign-in."""
        found = self._fact("person")
        return None if found is None else person_of(found)

    def signed_in_at(self) -> datetime | None:
        """When the person last signed in with the server's agreement."""
        return self._instant("signed_in_at")

    def saw(self, at: datetime) -> None:
        """Keep the latest time this desk was used, by which a clock that was set back is noticed."""
        with self._file.writing(_FULL) as file:
            _saw(file, at)

    def seen_at(self) -> datetime | None:
        """The latest time this desk was used."""
        return self._instant("seen_at")

    def wipe(self) -> None:
        """Destroy the data and the file."""
        self._file.close()
        sealed.wipe(self._path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _create(self, key: bytes) -> None:
        sealed.create(self._path, key, KIND)
        sealed.put_in_place(self._path)

    def _fact(self, name: str) -> str | None:
        found = self._file.rows("SELECT value FROM facts WHERE name = ?", (name,))
        return str(found[0][0]) if found else None

    def _instant(self, name: str) -> datetime | None:
        found = self._fact(name)
        return None if found is None else datetime.fromisoformat(found)


def _zone(file: sealed.Statements, venue_id: UUID) -> tzinfo:
    # Which local day a session belongs to is the server's to say; only a snapshot made here has to be told by its zone.
    found = file.execute("SELECT value FROM facts WHERE name = 'person'").fetchone()
    venue = None if found is None else person_of(found[0]).venue(venue_id)
    return UTC if venue is None else ZoneInfo(venue.timezone)


def _put_sessions(file: sealed.Statements, venue: str, rows: Iterable[SessionRow]) -> None:
    file.executemany(
        """INSERT INTO sessions (id, venue, day, facts) VALUES (?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET venue = excluded.venue, day = excluded.day, facts = excluded.facts""",
        [(row.id, venue, row.day, row.facts) for row in rows],
    )


def _put_entries(file: sealed.Statements, rows: Iterable[EntryRow]) -> None:
    file.executemany(
        """INSERT INTO entries (booking, session, code, facts) VALUES (?, ?, ?, ?)
           ON CONFLICT (booking) DO UPDATE
              SET session = excluded.session, code = excluded.code, facts = excluded.facts""",
        rows,
    )


def _put_state(file: sealed.Statements, venue: str, taken_at: datetime, xmin: str) -> None:
    file.execute(
        "INSERT OR REPLACE INTO venues (id, taken_at, xmin) VALUES (?, ?, ?)",
        (venue, taken_at.isoformat(), xmin),
    )


def _drop_venue(file: sealed.Statements, venue: str) -> None:
    if file.execute("SELECT 1 FROM sessions WHERE venue <> ? LIMIT 1", (venue,)).fetchone():
        file.execute(
            "DELETE FROM entries WHERE session IN (SELECT id FROM sessions WHERE venue = ?)", (venue,)
        )
        file.execute("DELETE FROM sessions WHERE venue = ?", (venue,))
    else:
        # Without a condition whole tables are dropped at once instead of row by row.
        file.execute("DELETE FROM entries")
        file.execute("DELETE FROM sessions")


def _drop_other_sessions(file: sealed.Statements, venue: str, kept: set[str]) -> None:
    known = {row[0] for row in file.execute("SELECT id FROM sessions WHERE venue = ?", (venue,))}
    for gone in known - kept:
        file.execute("DELETE FROM entries WHERE session = ?", (gone,))
        file.execute("DELETE FROM sessions WHERE id = ?", (gone,))


def _saw(file: sealed.Statements, at: datetime) -> None:
    file.execute(
        """INSERT INTO facts (name, value) VALUES ('seen_at', ?)
           ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)""",
        (at.astimezone(UTC).isoformat(timespec="microseconds"),),
    )
