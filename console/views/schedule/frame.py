"""The measures of a week on the screen: where days, lanes, hours and blocks lie, and what lies under a point.

Positions are those of the whole picture, before it is scrolled: x counts from the left of the first hour, y from the
top of the first day. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

from console.views.schedule.lanes import Block, Shut, Strip, Week
from console.views.theme import Theme
from console.views.widgets import paint

DAY_COLUMN = 46
_NAME_PADDING = 10
_WIDEST_GUTTER = 200
_INSET = 2
_NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the picture: a day, a lane of it (-1 on a folded day), and a minute after its midnight."""

    strip: int
    lane: int
    minute: int


class Frame:
    """One week measured for one width and one theme."""

    def __init__(self, week: Week, theme: Theme, width: int) -> None:
        """`width` is the viewport's."""
        self.week = week
        self.axis = theme.size("calendar.axis")
        self.day_column = theme.scaled(DAY_COLUMN)
        self._lane, self._block = theme.size("calendar.lane"), theme.size("calendar.block")
        self._half, self._folded = theme.scaled(16), theme.size("calendar.closedDay")
        self.gutter = self._gutter(theme, width)
        self.minutes = max(week.last_minute - week.first_minute, 60)
        least = theme.scaled(theme.size("calendar.hourMinimum"))
        room = max(width - self.gutter, 0)
        self.per_minute = max(room / self.minutes, least / 60)
        self.width = max(round(self.per_minute * self.minutes), room)
        self.tops: list[int] = []
        self.lane_tops: list[list[int]] = []
        self._place_days()
        self.blocks = self._by_strip(week.blocks)
        self.behind = self._by_strip(week.behind)
        self._placed: dict[int, list[tuple[QRect, Block]]] = {}

    # -- where things lie --------------------------------------------------------------------------------------------

    def x(self, minute: float) -> int:
        """How far right a minute lies."""
        return round((minute - self.week.first_minute) * self.per_minute)

    def minute_at(self, x: float) -> int:
        """The minute at a distance from the first hour."""
        return int(x / self.per_minute + self.week.first_minute)

    def strip_rect(self, strip: int) -> QRect:
        """A whole day."""
        return QRect(0, self.tops[strip], self.width, self.tops[strip + 1] - self.tops[strip])

    def lane_rect(self, strip: int, lane: int) -> QRect:
        """One lane of a day; -1, or one that it does not show: the whole day."""
        tops = self.lane_tops[strip]
        if not 0 <= lane < len(tops) - 1:
            return self.strip_rect(strip)
        return QRect(0, tops[lane], self.width, tops[lane + 1] - tops[lane])

    def rect(self, block: Block) -> QRect:
        """A block."""
        return self.span_rect(block.strip, block.lane, block.start, block.end, block.row, block.rows)

    def placed(self, strip: int) -> list[tuple[QRect, Block]]:
        """Every block of a day in its rectangle, those that take no room first."""
        found = self._placed.get(strip)
        if found is None:
            blocks = (*self.behind.get(strip, ()), *self.blocks.get(strip, ()))
            found = self._placed[strip] = [(self.rect(block), block) for block in blocks]
        return found

    def span_rect(self, strip: int, lane: int, start: int, end: int, row: int = 0, rows: int = 1) -> QRect:
        """Some minutes of a lane, in one of the rows that lie over each other there."""
        lane_box = self.lane_rect(strip, lane)
        left = self.x(start)
        width = max(min(self.x(end), self.width) - left, _NARROWEST)
        inner = lane_box.height() - 2 * _INSET
        if rows <= 1:
            return QRect(left, lane_box.top() + _INSET, width, inner)
        each = (inner - (rows - 1) * _INSET) // rows
        return QRect(left, lane_box.top() + _INSET + row * (each + _INSET), width, each)

    def shut_rect(self, shut: Shut) -> QRect:
        """A closure, within the hours on show."""
        box = self.lane_rect(shut.strip, shut.lane)
        left = max(self.x(shut.start), 0)
        right = min(self.x(shut.end), self.width)
        return QRect(left, box.top() + _INSET, max(right - left, 0), box.height() - 2 * _INSET - 1)

    @property
    def height(self) -> int:
        """The height of all days."""
        return self.tops[-1]

    # -- what lies where ---------------------------------------------------------------------------------------------

    def strips_between(self, top: int, bottom: int) -> range:
        """The days of which something lies between two heights."""
        first = max(bisect_right(self.tops, top) - 1, 0)
        last = bisect_right(self.tops, bottom)
        return range(first, min(last, len(self.week.strips)))

    def strip_at(self, y: int) -> int:
        """The day at a height, the nearest where there is none."""
        return max(0, min(bisect_right(self.tops, y) - 1, len(self.week.strips) - 1))

    def spot(self, point: QPoint) -> Spot:
        """Day, lane and minute at a point, the nearest where it lies outside."""
        strip = self.strip_at(point.y())
        tops = self.lane_tops[strip]
        lane = max(0, min(bisect_right(tops, point.y()) - 1, len(tops) - 2)) if len(tops) > 1 else -1
        return Spot(strip, lane, self.minute_at(point.x()))

    def block_at(self, point: QPoint) -> Block | None:
        """The block at a point."""
        if not 0 <= point.y() < self.height:
            return None
        found = self.blocks.get(self.strip_at(point.y()), ())
        return next((block for block in reversed(found) if self.rect(block).contains(point)), None)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _gutter(self, theme: Theme, width: int) -> int:
        least = theme.size("calendar.gutter") if theme.text_percent == 100 else theme.scaled(100)
        font = theme.font("caption")
        names = {lane.name for strip in self.week.strips for lane in strip.lanes}
        widest = max((paint.text_width(font, name) for name in names), default=0.0)
        wanted = self.day_column + int(widest) + _NAME_PADDING
        return max(least, min(wanted, theme.scaled(_WIDEST_GUTTER), width // 5))

    def _place_days(self) -> None:
        # The lines between lanes and days are the last pixel of what stands above them.
        y = 0
        for strip in self.week.strips:
            self.tops.append(y)
            tops = [y] if strip.lanes else []
            for lane in strip.lanes:
                y += self._lane_height(lane.rows)
                tops.append(y)
            if not strip.lanes:
                y += self._folded
            self.lane_tops.append(tops)
        self.tops.append(y)

    def _lane_height(self, rows: int) -> int:
        # Two share the height of one; more would be too low to be read, so the lane grows.
        return self._lane if rows <= 2 else rows * (self._half + _INSET) + _INSET + 1

    @staticmethod
    def _by_strip(blocks: tuple[Block, ...]) -> dict[int, list[Block]]:
        found: dict[int, list[Block]] = defaultdict(list)
        for block in blocks:
            found[block.strip].append(block)
        return dict(found)


def lane_name(strip: Strip, lane: int) -> str:
    """The name of a lane; empty on a folded day."""
    return strip.lanes[lane].name if 0 <= lane < len(strip.lanes) else ""
