"""The families of a week's rosters: who a desk can find, and where it can give a place, with no server to ask.

Rosters tell a parent's first name and number, not who is whose account: children of one name and number are one family
here. A child is known by one of its bookings. See docs/guides/offline.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from console.domain.desk import BookingStatus, RosterEntry, SessionSummary
from console.domain.families import Family, FamilyChild, NoPlace, SessionChoice
from console.errors import Unavailable
from console.services.desk_store import RosterStore
from console.services.local_desk import plain_name

FOUND_AT_MOST = 20
LETTERS_TO_SEARCH = 2
_DAYS = range(-1, 8)
_HOLDS_PLACE = frozenset(
    {BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW}
)

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking of the week with its session."""

    session: SessionSummary
    entry: RosterEntry

    @property
    def holds_place(self) -> bool:
        """Whether it takes one of the session's places."""
        return self.entry.booking_status in _HOLDS_PLACE


@dataclass(slots=True)
class _Found:
    parent: str
    phone: str | None
    children: dict[Key, list[Visit]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The first names of all of them."""
        return [self.parent, *(visits[0].entry.first_name for visits in self.children.values())]


class KnownChildren:
    """The children of one venue's rosters from yesterday to a week ahead. Reads files: for a thread."""

    def __init__(self, rosters: RosterStore, venue_id: UUID, zone: tzinfo) -> None:
        """Nothing is read yet."""
        self._rosters, self._venue_id, self._zone = rosters, venue_id, zone

    def families(self, text: str, now: datetime) -> list[Family]:
        """Families of whom a first name begins with `text`, or whose phone number it is; twenty at most.

        Raises Unavailable where this desk has no rosters.
        """
        plain, digits = plain_name(text), _digits(text)
        if len(plain) < LETTERS_TO_SEARCH:
            return []
        found: dict[tuple[str, str], _Found] = {}
        for visit in self.week(now):
            entry = visit.entry
            # A child of whom no parent is told is a family of its own.
            whose = entry.parent_first_name or f"{entry.booking_id}"
            family = found.setdefault(
                (plain_name(whose), _digits(entry.parent_phone or "")),
                _Found(entry.parent_first_name or "", entry.parent_phone),
            )
            family.children.setdefault(same_child(entry), []).append(visit)
        today = now.astimezone(self._zone).date()
        answers = [
            self._family(one, today)
            for one in found.values()
            if any(_begins(name, plain) for name in one.names())
            or (len(digits) >= 6 and digits == _digits(one.phone or ""))
        ]
        return sorted(answers, key=lambda one: (plain_name(one.parent_first_name), one.phone_end or ""))[
            :FOUND_AT_MOST
        ]

    def visit(self, booking_id: UUID, now: datetime) -> Visit | None:
        """A booking of the week."""
        return next((one for one in self.week(now) if one.entry.booking_id == booking_id), None)

    def seen(self, family: Family, child: FamilyChild, now: datetime) -> RosterEntry | None:
        """A booking of a child that the server told of, where the rosters have one."""
        for visit in self.week(now):
            name, parent, digits = same_child(visit.entry)
            same = (name, parent) == (plain_name(child.first_name), plain_name(family.parent_first_name))
            if same and (digits[-4:] or None) == family.phone_end:
                return visit.entry
        return None

    def session(self, session_id: UUID, now: datetime) -> SessionSummary | None:
        """A session of the week."""
        today = now.astimezone(self._zone).date()
        days = (self._sessions(today + timedelta(days=offset)) for offset in _DAYS)
        return next((one for sessions in days for one in sessions if one.id == session_id), None)

    def choices(self, day: date, entry: RosterEntry | None, now: datetime) -> list[SessionChoice]:
        """A day's sessions as this child could take them, as far as this desk knows; prices are the server's to say."""
        child = None if entry is None else same_child(entry)
        mine = [one for one in self.week(now) if same_child(one.entry) == child and one.holds_place]
        return [self._choice(one, entry, mine, now) for one in self._sessions(day)]

    def week(self, now: datetime) -> Iterator[Visit]:
        """Every booking of the rosters, day by day. Raises Unavailable where this desk has none."""
        today = now.astimezone(self._zone).date()
        for offset in _DAYS:
            for session in self._sessions(today + timedelta(days=offset)):
                for entry in self._rosters.roster(session.id) or ():
                    yield Visit(session, entry)

    def _sessions(self, day: date) -> list[SessionSummary]:
        if self._rosters.state(self._venue_id) is None:
            raise Unavailable(
                "This desk has no rosters of its own yet.",
                hint="They come when the server is back.",
                code="not_cached",
            )
        return self._rosters.sessions(self._venue_id, day)

    def _family(self, found: _Found, today: date) -> Family:
        children = []
        for visits in found.children.values():
            # A walk-in of this desk may not be booked yet: another booking names the child better.
            entry = next((v.entry for v in visits if v.entry.confirmation_code), visits[0].entry)
            booked = [
                v.session.activity_name for v in visits if v.holds_place and self._day(v.session) == today
            ]
            children.append(
                FamilyChild(entry.booking_id, entry.first_name, entry.age_months, entry.health, tuple(booked))
            )
        digits = _digits(found.phone or "")
        # Whatever a server would know of the balance is not known here.
        return Family(children[0].id, found.parent, digits[-4:] or None, None, 0, tuple(children))

    def _choice(
        self, session: SessionSummary, entry: RosterEntry | None, mine: list[Visit], now: datetime
    ) -> SessionChoice:
        left = max(0, session.capacity - session.booked)
        blocked = None
        if session.is_cancelled:
            blocked = NoPlace.CANCELLED
        elif session.closed_at is not None:
            blocked = NoPlace.CLOSED
        elif session.ends_at <= now:
            blocked = NoPlace.OVER
        elif any(one.session.id == session.id for one in mine):
            blocked = NoPlace.ALREADY_BOOKED
        elif left < 1:
            blocked = NoPlace.FULL
        warnings = []
        if entry is not None and entry.age_months < session.min_age_months:
            warnings.append(NoPlace.TOO_YOUNG)
        elif entry is not None and entry.age_months > (session.max_age_months or entry.age_months):
            warnings.append(NoPlace.TOO_OLD)
        if any(
            one.session.id != session.id
            and not one.session.is_cancelled
            and one.session.starts_at < session.ends_at
            and one.session.ends_at > session.starts_at
            for one in mine
        ):
            warnings.append(NoPlace.ELSEWHERE)
        return SessionChoice(
            session_id=session.id,
            activity_name=session.activity_name,
            room_name=session.room_name,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            price=None,
            places_left=left,
            places=session.capacity,
            waiting=0,
            blocked=blocked,
            warnings=tuple(warnings),
        )

    def _day(self, session: SessionSummary) -> date:
        return session.starts_at.astimezone(self._zone).date()


def same_child(entry: RosterEntry) -> Key:
    """What tells that two bookings of the rosters are one child's: its name, its parent's, and the number."""
    parent = plain_name(entry.parent_first_name) if entry.parent_first_name else str(entry.booking_id)
    return plain_name(entry.first_name), parent, _digits(entry.parent_phone or "")


def _digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdigit())


def _begins(name: str, plain: str) -> bool:
    return f" {plain}" in f" {plain_name(name.replace('-', ' '))}"
