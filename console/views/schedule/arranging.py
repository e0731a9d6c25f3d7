"""Arranging a week: which sessions are seen, in which lane each stands, what a plan adds, and what overlaps.

Pure, so that the rules of the picture are tested without a window. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from console.domain.changing import Fate, PlannedItem
from console.domain.programme import Calendar, CalendarSession, ClosureSpan
from console.views.schedule import words
from console.views.schedule.lanes import (
    DAY_MINUTES,
    FEW_ROOMS,
    NOWHERE,
    About,
    Block,
    By,
    Lane,
    LaneKey,
    Look,
    Shut,
    Strip,
    Wanted,
    Week,
    day_hours,
    span_of,
    wall_minutes,
)

_LATEST = DAY_MINUTES + 120
"""A night that goes on beyond two in the morning does not widen the week: its block says until when."""
_NIGHT_SHOWN = 90
_OFFICE = (9, 18)
_PLACED = (Fate.CREATED, Fate.CHANGED, Fate.MOVED, Fate.RESTORED)
_GONE = (Fate.CANCELLED, Fate.REMOVED)


@dataclass(slots=True)
class _Piece:
    """A block on its way to its place."""

    strip: int
    lane: LaneKey
    start: int
    end: int
    look: Look
    title: str
    places: str = ""
    session: CalendarSession | None = None
    row: int = 0
    rows: int = 1
    stands_for: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Closed:
    """What of a closure falls on one day."""

    span: ClosureSpan
    start: int
    end: int


def arrange(calendar: Calendar, zone: tzinfo, now: datetime, wanted: Wanted, about: About) -> Week:
    """Put a calendar's days, lanes, blocks and closures into their places."""
    names = {room.id: room.name for room in calendar.rooms}
    seen = tuple(
        one
        for one in calendar.sessions
        if wanted.lets(one, names.get(one.room_id, "") if one.room_id else "")
    )
    days = [calendar.first + timedelta(days=at) for at in range((calendar.last - calendar.first).days + 1)]
    at_day = {day: at for at, day in enumerate(days)}
    pieces, behind = _existing(seen, at_day, zone, now, wanted, about)
    pieces += _proposed(calendar, at_day, zone, wanted, about)
    closed = [_closed_on(day, calendar.closures, zone) for day in days]
    lanes = _lanes(calendar, [*pieces, *behind], closed, wanted)
    order = {key: place for place, (key, _name) in enumerate(lanes)}
    on_day: dict[int, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        on_day[piece.strip].append(piece)
    strips, shut = [], []
    for at, day in enumerate(days):
        hours = day_hours(day, zone)
        if not on_day[at] and not any(one.span.room_ids for one in closed[at]):
            hidden = any(one.day == day and not one.is_cancelled for one in calendar.sessions)
            note = words.folded_day(day, [one.span for one in closed[at]], hidden=hidden)
            strips.append(Strip(day, (), note, hours))
            continue
        deepest = _stack(on_day[at])
        strips.append(
            Strip(day, tuple(Lane(key, name, deepest.get(key, 1)) for key, name in lanes), "", hours)
        )
        shut += _shut(at, closed[at], order, wanted)
    blocks = tuple(_block(piece, order[piece.lane]) for piece in pieces)
    leaving = tuple(
        _block(_unsaid(piece, on_day[piece.strip]), order[piece.lane])
        for piece in behind
        if strips[piece.strip].lanes
    )
    first, last = _hours([*blocks, *leaving])
    return Week(tuple(strips), blocks, leaving, tuple(shut), first, last, seen)


def _existing(
    seen: Iterable[CalendarSession],
    at_day: Mapping[date, int],
    zone: tzinfo,
    now: datetime,
    wanted: Wanted,
    about: About,
) -> tuple[list[_Piece], list[_Piece]]:
    """The sessions there are; the second list has those that the plan takes from where they stand."""
    plan = about.plan
    items = {item.session_id: item for item in plan.items if item.session_id is not None} if plan else {}
    hit = {one.other_id for one in plan.conflicts if one.other_id is not None} if plan else set()
    staying: list[_Piece] = []
    leaving: list[_Piece] = []
    for session in seen:
        if session.day not in at_day:
            continue
        start, end = span_of(session, zone)
        look = _look(session, items.get(session.id), hit, now, about)
        said = "cancelled" if session.is_cancelled else words.places(session, over=look is Look.PAST)
        piece = _Piece(
            at_day[session.day], _lane_of(session.room_id, session.instructor, wanted.by), start, end, look,
            session.activity, said, session,
        )  # fmt: skip
        (leaving if look is Look.LEAVING else staying).append(piece)
    return staying, leaving


def _look(
    session: CalendarSession, item: PlannedItem | None, hit: set[UUID], now: datetime, about: About
) -> Look:
    if session.is_cancelled:
        return Look.CANCELLED
    if item is not None and item.fate in _GONE:
        return Look.GOING
    if item is not None and item.fate in _PLACED and _elsewhere(item):
        return Look.LEAVING
    if session.id in hit:
        return Look.HIT
    if session.ends_at <= now or session.is_closed:
        return Look.PAST
    mine = about.series_id is not None and session.series_id == about.series_id
    if mine or session.id == about.session_id:
        return Look.SERIES
    return Look.NOW if session.starts_at <= now else Look.COMING


def _elsewhere(item: PlannedItem) -> bool:
    return (item.was_starts_at, item.was_ends_at, item.was_room) != (item.starts_at, item.ends_at, item.room)


def _proposed(
    calendar: Calendar, at_day: Mapping[date, int], zone: tzinfo, wanted: Wanted, about: About
) -> list[_Piece]:
    """What the plan adds: sessions that are new, and those that it puts elsewhere where they would be."""
    plan = about.plan
    if plan is None:
        return []
    sessions = {one.id: one for one in calendar.sessions}
    in_conflict = {one.session_id for one in plan.conflicts if one.session_id is not None}
    days_in_conflict = {one.on for one in plan.conflicts if one.session_id is None}
    found = []
    for item in plan.items:
        if item.fate not in _PLACED or item.starts_at is None or item.ends_at is None:
            continue
        day = item.starts_at.astimezone(zone).date()
        if day not in at_day or (item.fate is not Fate.CREATED and not _elsewhere(item)):
            continue
        start = wall_minutes(item.starts_at, day, zone)
        end = max(wall_minutes(item.ends_at, day, zone), start + 5)
        session = sessions.get(item.session_id) if item.session_id is not None else None
        clash = item.session_id in in_conflict or (
            item.session_id is None and item.occurs_on in days_in_conflict
        )
        found.append(
            _Piece(
                at_day[day],
                _lane_of(item.room_id, session.instructor if session else None, wanted.by),
                start,
                end,
                Look.OVERLAP if clash else Look.PROPOSED,
                session.activity if session else about.title or "New",
                words.times(start, end),
                # Not the session itself: what is proposed cannot be taken hold of, it is in the panel's hands.
                stands_for=item.session_id,
            )
        )
    return found


def _lane_of(room_id: UUID | None, instructor: str | None, by: By) -> LaneKey:
    return (room_id or NOWHERE) if by is By.ROOM else (instructor or NOWHERE)


def _lanes(
    calendar: Calendar, pieces: Sequence[_Piece], closed: Sequence[Sequence[_Closed]], wanted: Wanted
) -> list[tuple[LaneKey, str]]:
    """The lanes of every open day. Where there are many rooms, those that hold nothing this week are left out."""
    used = {piece.lane for piece in pieces}
    if wanted.by is By.INSTRUCTOR:
        people = sorted((key for key in used if key != NOWHERE), key=lambda name: str(name).casefold())
        lanes: list[tuple[LaneKey, str]] = [(key, str(key)) for key in people]
        return [*lanes, (NOWHERE, words.NO_INSTRUCTOR)] if NOWHERE in used or not lanes else lanes
    shut = {room for day in closed for one in day for room in one.span.room_ids}
    few = sum(1 for room in calendar.rooms if room.is_active) <= FEW_ROOMS
    rooms: list[tuple[LaneKey, str]] = []
    for room in calendar.rooms:
        holds = room.id in used or room.id in shut
        chosen = str(room.id) in wanted.rooms
        if wanted.rooms and not chosen and room.id not in used:
            continue
        if holds or chosen or (few and room.is_active):
            rooms.append((room.id, room.name))
    known = {key for key, _name in rooms}
    rooms += [(key, "Other room") for key in sorted(used - known, key=str) if key != NOWHERE]
    return [*rooms, (NOWHERE, words.NO_ROOM)] if NOWHERE in used or not rooms else rooms


def _stack(pieces: list[_Piece]) -> dict[LaneKey, int]:
    """Give overlapping blocks of a lane rows of their own; answers how many each lane needs."""
    deepest: dict[LaneKey, int] = {}
    by_lane: dict[LaneKey, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        by_lane[piece.lane].append(piece)
    for key, mine in by_lane.items():
        mine.sort(key=lambda piece: (piece.start, piece.end))
        cluster: list[_Piece] = []
        ends: list[int] = []
        for piece in mine:
            if cluster and piece.start >= max(ends):
                _close_cluster(cluster, len(ends))
                cluster, ends = [], []
            row = next((at for at, end in enumerate(ends) if end <= piece.start), len(ends))
            ends[row : row + 1] = [piece.end]
            piece.row = row
            cluster.append(piece)
            deepest[key] = max(deepest.get(key, 1), len(ends))
        _close_cluster(cluster, len(ends))
    return deepest


def _close_cluster(cluster: list[_Piece], rows: int) -> None:
    for piece in cluster:
        piece.rows = rows


def _unsaid(piece: _Piece, others: Iterable[_Piece]) -> _Piece:
    """What leaves a place says nothing where another block will lie over its words."""
    if any(one.lane == piece.lane and one.start < piece.end and piece.start < one.end for one in others):
        piece.title = piece.places = ""
    return piece


def _block(piece: _Piece, lane: int) -> Block:
    session = piece.session
    inside, share, share_in = "", 0.0, 0.0
    if session is not None and not session.is_cancelled:
        came = session.inside if piece.look is not Look.PAST else session.came
        inside = str(came) if came else ""
        if session.capacity:
            share = min(session.booked / session.capacity, 1.0)
            share_in = min(session.inside / session.capacity, share)
    places = piece.places
    if piece.end > _LATEST and places:
        places = f"{places} until {words.hour(piece.end)}"
    return Block(
        piece.strip, lane, piece.row, piece.rows, piece.start, piece.end, piece.look, piece.title,
        inside, places, share, share_in, session, by_hand=session is not None and session.changed_by_hand,
        stands_for=piece.stands_for,
    )  # fmt: skip


def _closed_on(day: date, closures: Iterable[ClosureSpan], zone: tzinfo) -> list[_Closed]:
    found = []
    for span in closures:
        start, end = wall_minutes(span.starts_at, day, zone), wall_minutes(span.ends_at, day, zone)
        if end > 0 and start < DAY_MINUTES:
            found.append(_Closed(span, max(start, 0), min(end, DAY_MINUTES)))
    return found


def _shut(strip: int, closed: Sequence[_Closed], order: Mapping[LaneKey, int], wanted: Wanted) -> list[Shut]:
    found = []
    for one in closed:
        whole = one.start <= 0 and one.end >= DAY_MINUTES
        title = words.closure(one.span, one.start, one.end, whole_day=whole)
        if not one.span.room_ids:
            found.append(Shut(strip, -1, one.start, one.end, title))
        elif wanted.by is By.ROOM:
            found += [
                Shut(strip, order[room], one.start, one.end, title)
                for room in one.span.room_ids
                if room in order
            ]
    return found


def _hours(blocks: Sequence[Block]) -> tuple[int, int]:
    """The hours across, whole ones: from the first that begins to the last that ends."""
    if not blocks:
        return _OFFICE[0] * 60, _OFFICE[1] * 60
    first = min(block.start for block in blocks) // 60
    shown = [block.end if block.end <= _LATEST else block.start + _NIGHT_SHOWN for block in blocks]
    last = -(-max(shown) // 60)
    if last - first < 4:  # a single session does not fill the whole width
        first, last = max(first - 2, 0), last + 2
    return first * 60, last * 60
