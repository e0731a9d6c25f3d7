"""Files taken in over real logins: entries as the console sends them, and the report of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from tests.support.desk_world import Row
from tests.support.planning import Programme

EXCHANGE = "SELECT schedules.exchange(%s, %s, %s, %s, %s, %s) AS answer"


def series_entry(key: str = "yoga", **facts: Any) -> Row:
    """Mondays and Wednesdays at nine for ten, in a room and of an activity that nobody has yet."""
    base = {
        "weekdays": [1, 3],
        "start": "09:00:00",
        "minutes": 45,
        "capacity": 10,
        "first": "2026-03-04",
        "last": "2026-03-31",
        "room": "Hall",
        "instructor": "Cleo",
    }
    more = {name: facts.pop(name) for name in ("title", "own_id", "skipped", "changed") if name in facts}
    return {"line": 1, "key": key, "kind": "series", "title": "Yoga", "capacity": 8,
            "facts": base | facts, "skipped": [], "changed": {}} | more  # fmt: skip


def session_entry(key: str = "open day", **facts: Any) -> Row:
    """One Saturday morning."""
    base = {"day": "2026-03-07", "start": "10:00:00", "minutes": 90}
    more = {name: facts.pop(name) for name in ("title", "own_id", "is_cancelled") if name in facts}
    return {"line": 2, "key": key, "kind": "session", "title": "Open day", "capacity": 8,
            "facts": base | facts} | more  # fmt: skip


class Exchange:
    """One venue's files in the hands of who holds `programme`."""

    def __init__(self, programme: Programme, source: str = "file") -> None:
        self.programme, self.source = programme, source

    def look(self, *entries: Row) -> Row:
        """The report of a dry run."""
        return self._call(list(entries), True, None, None)

    def rows(self, *entries: Row) -> list[Row]:
        """The rows of a dry run."""
        found: list[Row] = self.look(*entries)["rows"]
        return found

    def take(self, *entries: Row, new_id: UUID | None = None) -> Row:
        """Look, then do it."""
        seen = self.look(*entries)
        return self.apply(seen["fingerprint"], *entries, new_id=new_id)

    def apply(self, fingerprint: str | None, *entries: Row, new_id: UUID | None = None) -> Row:
        """Do what was shown."""
        return self._call(list(entries), False, fingerprint, new_id or uuid4())

    def _call(self, entries: list[Row], dry: bool, fingerprint: str | None, new_id: UUID | None) -> Row:
        who, venue = self.programme.who, self.programme.world.venue
        answer: Row = who.call(
            EXCHANGE, venue, self.source, Jsonb(entries), dry, fingerprint, new_id
        )[0]["answer"]  # fmt: skip
        return answer
