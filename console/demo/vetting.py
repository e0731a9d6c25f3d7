"""What headquarters finds in the demo: cases, papers, scores, reviews and announcements, made by the real functions.

It happens last, in a transaction of its own, because it looks at everything else: console.demo.headquarters says what
was decided about venues, console.demo.moderation what was said, agenda.py in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.demo.agenda import Agenda
from console.demo.chance import Chance
from console.demo.checklist import BLUE_DOOR, CEDAR, MAKER
from console.demo.headquarters import Headquarters
from console.demo.moderation import Moderation
from console.demo.opinions import Review
from console.demo.rows_people import LONG_AGO
from console.demo.world import Staff, Venue
from console.storage.demo_past import Acting, past

_ACTING = {
    *("riverside-studio", CEDAR, BLUE_DOOR, MAKER),
    *("harbor-lane-swim-school", "copper-street-dance-loft", "fern-hollow-forest-school"),
}
"""The venues whose managers had something to do with it."""


def keep_venues(
    admin_dsn: str,
    venues: Sequence[Venue],
    platform: Sequence[Staff],
    reviews: Sequence[Review],
    *,
    seed: int,
    at: datetime,
    tables: Sequence[str],
) -> dict[str, int]:
    """Let headquarters do its work in a demo that is loaded; how many rows `tables` have then. Raises ConsoleErrors."""
    desk = Chance(seed, "headquarters of venues").uuid()
    amara, leo = (person for person in platform if person.role == "platform_admin")
    people = [amara, leo, *(venue.who("manager") for venue in venues if venue.plan.slug in _ACTING)]
    acting = [Acting(person.id, desk, "Reviews") for person in people]
    with past(admin_dsn, acting, seed=seed, since=at - LONG_AGO, until=at) as then:
        agenda = Agenda(then, at)
        Headquarters(then, venues, amara, leo, at).put(agenda)
        Moderation(then, venues, amara, reviews, at, seed).put(agenda)
        agenda.carry_out()
        then.at(at)
        then.deliver()
        return then.count(tables)
