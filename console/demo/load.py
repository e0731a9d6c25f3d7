"""Making the demo: everything is worked out in memory, then written in one transaction; then finance does its year.

The order of the steps matters: the script for today takes its places before ordinary children do, money comes after
every booking is known, and attendance after money, because what cannot be paid for never happens. Payouts and invoices
come after, in a second transaction: they are made by the functions that make real ones, out of what is written by then.
What headquarters did about venues comes last, in a third.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from console.demo import (
    accounts,
    attention,
    calendar,
    checklist,
    families,
    finance,
    history,
    money,
    opinions,
    papers,
    rows,
    rows_people,
    vetting,
)
from console.demo.attendance import FrontDesk, number_events
from console.demo.chance import Chance
from console.demo.roster import TodaysRosters, Waiting
from console.demo.venues import VENUES
from console.demo.world import Staff, Venue
from console.domain import scram
from console.storage.demo import Progress, TableRows, write_demo

DEFAULT_SEED = 20260312


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was loaded: rows by table, and how long it took in seconds."""

    seed: int
    at: datetime
    rows: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        """One sentence for the command line."""
        count = self.rows.get
        return (
            f"Loaded {count('venues')} venues, {count('activity_sessions'):,} sessions, {count('bookings'):,} bookings,"
            f" {count('attendance_events'):,} desk events, {count('venue_payouts')} payouts and {count('invoices')}"
            f" invoices in {self.seconds:.1f} s."
        )


@dataclass(slots=True, eq=False, repr=False)
class World:
    """The whole demo in memory."""

    venues: list[Venue]
    platform: list[Staff]
    employers: list[money.Corporate]
    books: list[money.Balance]
    waiting: list[Waiting]
    open_items: list[attention.OpenItem]
    forgotten: list[attention.OpenItem]
    """Items of months that are paid, which were decided about since; not among the open ones."""


def load(
    admin_dsn: str,
    *,
    seed: int = DEFAULT_SEED,
    at: datetime | None = None,
    stand_still: str | None = None,
    progress: Progress | None = None,
) -> DemoReport:
    """Fill the database of `admin_dsn` with the demo, replacing an earlier demo.

    The demo is arranged around the instant `at` (now, by default); the same seed and instant give the same rows, ids
    included. `stand_still` ("demo" or "tour") also stops the database's clock there. `progress` hears what is being
    done, as short words. Raises Conflict where the database holds real data, ValueError for a naive `at`.
    """
    started = time.monotonic()
    say = progress or (lambda _: None)
    instant = (at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    if at is not None and at.tzinfo is None:
        raise ValueError("the demo needs an instant with a time zone")
    with ThreadPoolExecutor(max_workers=2) as pool:
        # Key derivation is slow on purpose and releases the interpreter, so it runs beside the rest.
        verifiers = {
            account.email: pool.submit(_verifier, account.email, seed) for account in accounts.ACCOUNTS
        }
        say("people, sessions and bookings")
        world = imagine(seed, instant)
        known = {email: future.result() for email, future in verifiers.items()}
    said = [opinions.collect(venue, seed, instant) for venue in world.venues]
    counts = write_demo(
        admin_dsn,
        _tables(world, known, said, seed, instant),
        stand_at=instant if stand_still else None,
        reason=stand_still or "demo",
        note={"seed": seed, "at": instant.isoformat()},
        progress=say,
    )
    say("payouts and invoices")
    finance.keep_finances(
        admin_dsn,
        world.venues,
        world.platform,
        world.employers,
        world.forgotten,
        seed=seed,
        at=instant,
        tables=[],
    )
    say("approvals, scores and reviews")
    counts = vetting.keep_venues(
        admin_dsn,
        world.venues,
        world.platform,
        [review for _, reviews in said for review in reviews],
        seed=seed,
        at=instant,
        tables=[*counts, "venue_payouts", "invoices"],
    )
    return DemoReport(seed, instant, counts, time.monotonic() - started)


def imagine(seed: int, at: datetime) -> World:
    """Work the demo out, without a database."""
    venues = [_venue(index, at, seed) for index in range(len(VENUES))]
    tickets = history.Ticketing(seed, at)
    waiting: list[Waiting] = []
    open_items: list[attention.OpenItem] = []
    forgotten: list[attention.OpenItem] = []
    for venue in venues:
        desk = FrontDesk(venue, seed, at)
        plan = calendar.plan_series(venue, at, seed)
        calendar.plan_sessions(venue, seed, plan)
        checklist.thin_out(venue)
        cast = families.cast(venue, at, seed) if accounts.is_main(venue.plan) else {}
        families.ordinary(venue, at, seed)
        rosters = TodaysRosters(venue, cast, plan, tickets, desk, seed, at) if plan else None
        if rosters is not None:
            history.cast_visits(venue, cast, rosters.seats(), tickets, seed)
        members = history.regulars(venue, tickets, seed, at)
        history.cancel_some_sessions(venue, seed, at)
        checklist.call_off(venue, seed)
        finance.shut(venue, venues[0].today)
        for session in venue.sessions:
            if not session.scripted and session.cancelled is None:
                desk.live_through(session)
        if rosters is not None:
            open_items.extend(attention.leave_unmarked(venue, seed, at))
            forgotten.extend(finance.forget(venue, seed))
            rosters.fill(members)
            waiting.extend(rosters.waiting)
    employers = money.corporates(seed)
    books = money.keep_books(venues, employers, seed, at)
    return World(venues, accounts.platform_staff(seed), employers, books, waiting, open_items, forgotten)


def _venue(index: int, at: datetime, seed: int) -> Venue:
    plan = VENUES[index]
    chance = Chance(seed, f"venue {plan.slug}")
    zone = ZoneInfo(plan.timezone)
    venue = Venue(chance.uuid(), plan, zone, at.astimezone(zone).date())
    venue.rooms = {name: chance.uuid() for name, _ in plan.rooms}
    venue.activities = {activity.name: chance.uuid() for activity in plan.activities}
    venue.staff = accounts.staff_of(venue, seed)
    venue.desks = accounts.desks_of(venue, seed)
    return venue


def _tables(
    world: World,
    verifiers: dict[str, str],
    said: list[tuple[list[opinions.Feedback], list[opinions.Review]]],
    seed: int,
    at: datetime,
) -> Iterator[TableRows]:
    boss = world.platform[0]
    events = number_events(world.venues)
    stars = opinions.stars(review for _, reviews in said for review in reviews)
    yield from rows_people.people(world.venues, world.platform, world.employers, verifiers, at)
    yield from rows_people.children(world.venues, at)
    yield from checklist.rows(world.venues, boss, at)
    yield from rows.schedule(world.venues, at, stars)
    yield from rows.bookings(world.venues, events, world.waiting)
    yield from rows.attention(
        [*world.open_items, *world.forgotten], [attention.shut_a_room(world.venues[0], seed)]
    )
    yield from papers.papers(world.venues[0], seed, at)
    yield from rows.ledger(world.books, boss)
    yield from rows.opinions(said)


def _verifier(email: str, seed: int) -> str:
    salt = sha256(f"nexus-demo/{seed}/{email}".encode()).digest()[: scram.SALT_BYTES]
    return scram.make_verifier(accounts.PASSWORD, salt=salt)
