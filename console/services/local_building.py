"""Who is in the building, as far as this desk knows: for the roll call of a day without a network.

An alarm does not wait for a server. The list comes from the rosters that this desk keeps, with everything done here on
top, and says how old it is: what another desk did since then is not in it. See docs/guides/offline.md.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta, tzinfo
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceState
from console.domain.day import Building, Presence, RoomLoad
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.sync import ANSWER_WITHIN
from console.errors import Unavailable
from console.services.asking import within_a_second
from console.services.desk_store import RosterStore
from console.services.link import Link
from console.storage.desk import DeskReads


class LocalBuilding:
    """The building of one venue by one desk's own data."""

    def __init__(
        self,
        reads: DeskReads,
        rosters: RosterStore,
        link: Link,
        venue_id: UUID,
        zone: tzinfo,
        clock: Clock,
        *,
        within: float = ANSWER_WITHIN.total_seconds(),
    ) -> None:
        """`reads` answers without a server (LocalDesk), `rosters` tells how old that is; `within` is for tests."""
        self._reads, self._rosters, self._link = reads, rosters, link
        self._venue_id, self._zone, self._clock, self._within = venue_id, zone, clock, within

    async def building(self, ask: Callable[[], Awaitable[Building]]) -> Building:
        """The server's answer, else this desk's own with `kept` set. Raises Unavailable where there is neither."""
        try:
            return await within_a_second(ask, self._link, self._clock, within=self._within)
        except Unavailable:
            state = await asyncio.to_thread(self._rosters.state, self._venue_id)
            if state is None:
                raise
        today = self._clock.now().astimezone(self._zone).date()
        present: list[Presence] = []
        rooms: set[str | None] = set()
        # A session may run past midnight, and a child may have been forgotten.
        for day in (today - timedelta(days=1), today):
            for session in await self._reads.sessions(self._venue_id, day):
                if day == today and session.room_name is not None:
                    rooms.add(session.room_name)
                inside = [
                    one for one in await self._reads.roster(session.id) if one.state is AttendanceState.IN
                ]
                present += [_presence(one, session) for one in inside]
        present.sort(key=lambda one: (*_room_order(one.room_name), one.first_name.lower(), one.booking_id))
        inside_of = Counter(one.room_name for one in present)
        loads = [
            RoomLoad(room, inside_of[room], None) for room in sorted(rooms | set(inside_of), key=_room_order)
        ]
        return Building(state[0], tuple(present), tuple(loads), kept=True)


def _room_order(room: str | None) -> tuple[bool, str]:
    return room is None, (room or "").lower()


def _presence(entry: RosterEntry, session: SessionSummary) -> Presence:
    return Presence(
        booking_id=entry.booking_id,
        session_id=session.id,
        first_name=entry.first_name,
        age_months=entry.age_months,
        activity_name=session.activity_name,
        room_name=session.room_name,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        in_since=entry.state_at or session.starts_at,
        parent_first_name=entry.parent_first_name,
        parent_phone=entry.parent_phone,
        health=entry.health,
        pickup=entry.pickup,
    )
