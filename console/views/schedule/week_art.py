"""The ground of the week: days, lanes, hours, closures, the line of now, and what stays in sight while it scrolls.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QLine, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPen, QPixmap

from console.views.schedule import words
from console.views.schedule.blocks import BlockArt
from console.views.schedule.frame import Frame
from console.views.schedule.lanes import Block, Look, Shut
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint

_HATCH = 8
_OVERLAP = paint.ChipSpec("Overlap", "red", "ph.warning-fill")
_OVERLAP_SIGN = paint.ChipSpec("", "red", "ph.warning-fill")
_BAR = 3


@dataclass(slots=True)
class Scene:
    """What the week shows at this moment besides its blocks."""

    today: int = -1
    """The strip of today, -1 in another week."""
    now: int = 0
    """Minutes after today's midnight."""
    current: Block | None = None
    hovered: Block | None = None
    ghosts: list[Block] = field(default_factory=list)
    focused: bool = False
    faint: Block | None = None
    """The block that is being dragged: it is left behind faintly."""


class WeekArt:
    """Paints a week into a viewport."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing is made before it is painted."""
        self.hub = hub
        self.blocks = BlockArt(hub)
        self._hatch: dict[str, QPixmap] = {}
        self._names: dict[tuple[str, int], str] = {}

    def forget(self) -> None:
        """The theme changed."""
        self.blocks.forget()
        self._hatch.clear()
        self._names.clear()

    def paint(
        self, painter: QPainter, frame: Frame, size: QSize, scroll: QPoint, scene: Scene, exposed: QRect
    ) -> None:
        """Paint what lies in `exposed` of a viewport of `size`, scrolled by `scroll`."""
        theme = self.hub.theme
        painter.fillRect(exposed, theme.color("surface.canvas"))
        room = QRect(frame.gutter, frame.axis, size.width() - frame.gutter, size.height() - frame.axis)
        origin = QPoint(room.left() - scroll.x(), room.top() - scroll.y())
        seen = exposed.intersected(room).translated(-origin)
        if not seen.isEmpty():
            painter.save()
            painter.setClipRect(room)
            painter.translate(origin)
            self._content(painter, theme, frame, seen, scene)
            painter.restore()
        if exposed.left() < frame.gutter:
            self._gutter(painter, theme, frame, size, scroll, scene)
        self._notes(painter, theme, frame, size, scroll, exposed)
        if exposed.top() < frame.axis:
            self._axis(painter, theme, frame, size, scroll, scene)

    # -- what scrolls both ways --------------------------------------------------------------------------------------

    def _content(self, painter: QPainter, theme: Theme, frame: Frame, seen: QRect, scene: Scene) -> None:
        strips = frame.strips_between(seen.top(), seen.bottom())
        self._grid(painter, theme, frame, seen, strips)
        for shut in frame.week.shut:
            if shut.strip in strips:
                self._shut(painter, theme, frame, shut, seen)
        if scene.today in strips and frame.week.strips[scene.today].lanes:
            self._now(painter, theme, frame, scene)
        placed = [one for strip in strips for one in frame.placed(strip) if one[0].intersects(seen)]
        if scene.faint is not None:
            painter.setOpacity(0.45)
            self.blocks.paint(painter, [one for one in placed if one[1] is scene.faint])
            painter.setOpacity(1)
            placed = [one for one in placed if one[1] is not scene.faint]
        self.blocks.paint(painter, placed, scene.hovered)
        for _rect, block in placed:
            if block.look is Look.OVERLAP:
                self._overlap(painter, theme, frame, seen, block)
        if scene.current is not None and scene.focused:
            ring = QRectF(frame.rect(self._ringed(frame, scene.current))).adjusted(-2, -2, 2, 2)
            paint.draw_focus(painter, theme, ring, theme.radius("control"))
        self.blocks.paint(painter, [(self._ghost_rect(frame, one), one) for one in scene.ghosts])

    @staticmethod
    def _ringed(frame: Frame, current: Block) -> Block:
        """The ring goes along with a session that is proposed elsewhere."""
        session = current.session
        if current.look is not Look.LEAVING or session is None:
            return current
        return next((one for one in frame.week.blocks if one.stands_for == session.id), current)

    @staticmethod
    def _ghost_rect(frame: Frame, block: Block) -> QRect:
        rect = frame.rect(block)
        if frame.week.strips[block.strip].lanes:
            return rect
        return QRect(rect.left(), rect.top(), rect.width(), rect.height() - 1)

    def _grid(self, painter: QPainter, theme: Theme, frame: Frame, seen: QRect, strips: range) -> None:
        subtle, strong = theme.color("border.subtle"), theme.color("border.default")
        uprights, across, days = [], [], []
        for strip in strips:
            box = frame.strip_rect(strip)
            days.append(QLine(seen.left(), box.bottom(), seen.right(), box.bottom()))
            lanes = frame.lane_tops[strip]
            if not lanes:
                fill = theme.color("surface.panel")
                painter.fillRect(QRect(seen.left(), box.top(), seen.width(), box.height() - 1), fill)
                continue
            across += [QLine(seen.left(), top - 1, seen.right(), top - 1) for top in lanes[1:-1]]
            for minute in range(frame.week.first_minute, frame.week.last_minute + 1, 60):
                x = frame.x(minute)
                if seen.left() <= x <= seen.right():
                    uprights.append(QLine(x, box.top(), x, box.bottom() - 1))
        painter.setPen(QPen(subtle, 1))
        painter.drawLines(across)
        painter.drawLines(uprights)
        painter.setPen(QPen(strong, 1))
        painter.drawLines(days)

    @staticmethod
    def _notes(
        painter: QPainter, theme: Theme, frame: Frame, size: QSize, scroll: QPoint, exposed: QRect
    ) -> None:
        """Why a day is folded: it begins beside the weekday and goes on over the hours, wherever these are."""
        painter.save()
        painter.setClipRect(QRect(0, frame.axis, size.width(), size.height() - frame.axis))
        top = frame.axis - scroll.y()
        for strip in frame.strips_between(exposed.top() - top, exposed.bottom() - top):
            if not frame.lane_tops[strip]:
                box = frame.strip_rect(strip)
                rest = QRectF(
                    frame.day_column, top + box.top(), size.width() - frame.day_column - 8, box.height() - 1
                )
                note = frame.week.strips[strip].note
                paint.draw_text(painter, theme, rest, note, step="caption", color="text.muted")
        painter.restore()

    def _shut(self, painter: QPainter, theme: Theme, frame: Frame, shut: Shut, seen: QRect) -> None:
        if not frame.lane_tops[shut.strip]:
            return
        rect = frame.shut_rect(shut)
        if rect.width() <= 0 or not rect.intersects(seen):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QBrush(self._hatching(theme)))
        painter.setPen(paint.dashed_pen(theme, "border.control", 1))
        radius = theme.radius("chip")
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.restore()
        # The words stay in sight while the closure scrolls by.
        left = max(rect.left(), seen.left()) + 10
        width = min(paint.text_width(theme.font("caption"), shut.title) + 8, rect.right() - left - 4)
        if width < theme.scaled(30):
            return
        lane = frame.lane_rect(shut.strip, max(shut.lane, 0))
        line = theme.line("caption")
        plate = QRectF(left, lane.center().y() - line / 2, width, line)
        painter.fillRect(plate, theme.color("surface.canvas"))
        inner = plate.adjusted(4, 0, -4, 0)
        paint.draw_text(painter, theme, inner, shut.title, step="caption", color="text.secondary")

    def _now(self, painter: QPainter, theme: Theme, frame: Frame, scene: Scene) -> None:
        if not frame.week.first_minute <= scene.now <= frame.week.last_minute:
            return
        box, x = frame.strip_rect(scene.today), frame.x(scene.now)
        colour = theme.color("accent.fill")
        painter.fillRect(QRect(x - 1, box.top(), 2, box.height() - 1), colour)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x, box.top()), 4, 4)
        painter.restore()

    def _overlap(self, painter: QPainter, theme: Theme, frame: Frame, seen: QRect, block: Block) -> None:
        """The word beside what overlaps, right or left of it; where no room is free for it, its sign."""
        lane = frame.lane_rect(block.strip, block.lane)
        mine = [(one, frame.rect(one)) for one in frame.blocks.get(block.strip, ()) if one.lane == block.lane]
        there = [rect for one, rect in mine if one.start < block.end and block.start < one.end]
        right, left = max(rect.right() for rect in there) + 7, min(rect.left() for rect in there) - 6
        chip, at = _OVERLAP, 0
        for chip in (_OVERLAP, _OVERLAP_SIGN):
            width = paint.chip_width(theme, chip)
            places = [QRect(place, lane.top(), width, lane.height()) for place in (right, left - width)]
            free = [
                place.left()
                for place in places
                if seen.left() <= place.left()
                and place.right() <= seen.right()
                and not any(place.intersects(rect) for _one, rect in mine)
            ]
            if free:
                at = free[0]
                break
        else:
            at = max(min(right, seen.right() - paint.chip_width(theme, chip) - 2), seen.left())
        painter.save()
        paint.draw_chip(painter, theme, at, lane.center().y() + 0.5, chip)
        painter.restore()

    def _hatching(self, theme: Theme) -> QPixmap:
        found = self._hatch.get(theme.mode)
        if found is None:
            found = QPixmap(_HATCH, _HATCH)
            found.fill(theme.color("surface.canvas"))
            painter = QPainter(found)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("border.default"), 1.4))
            # Three lines, so that the corners of neighbouring tiles meet.
            for shift in (-_HATCH, 0, _HATCH):
                painter.drawLine(QPointF(shift - 1, _HATCH + 1), QPointF(shift + _HATCH + 1, -1))
            painter.end()
            self._hatch[theme.mode] = found
        return found

    # -- what stays at its edge --------------------------------------------------------------------------------------

    def _gutter(
        self, painter: QPainter, theme: Theme, frame: Frame, size: QSize, scroll: QPoint, scene: Scene
    ) -> None:
        painter.save()
        painter.setClipRect(QRect(0, frame.axis, frame.gutter, size.height() - frame.axis))
        painter.translate(0, frame.axis - scroll.y())
        for at in frame.strips_between(scroll.y(), scroll.y() + size.height()):
            self._day(painter, theme, frame, at, scroll.y(), scene)
        painter.restore()

    def _day(self, painter: QPainter, theme: Theme, frame: Frame, at: int, top: int, scene: Scene) -> None:
        strip, box = frame.week.strips[at], frame.strip_rect(at)
        ground = "surface.canvas" if strip.lanes else "surface.panel"
        painter.fillRect(QRect(0, box.top(), frame.gutter, box.height() - 1), theme.color(ground))
        painter.fillRect(QRect(0, box.bottom(), frame.gutter, 1), theme.color("border.default"))
        today = at == scene.today
        ink = "accent.text" if today else "text.primary"
        if today:
            painter.fillRect(QRect(0, box.top(), _BAR, box.height() - 1), theme.color("accent.fill"))
        name = words.DAYS[strip.day.weekday()][:3]
        left = theme.scaled(12)
        if not strip.lanes:
            row = QRectF(left, box.top(), frame.day_column - left, box.height() - 1)
            muted = ink if today else "text.secondary"
            paint.draw_text(painter, theme, row, name, step="label", color=muted, elide=False)
            return
        # The day stays at the upper edge while its lanes scroll by.
        line, number = theme.line("label"), theme.line("name")
        y = min(max(box.top(), top) + 8, box.bottom() - line - number - 4)
        y = max(y, box.top() + 2)
        paint.draw_text(
            painter,
            theme,
            QRectF(left, y, frame.day_column, line),
            name,
            step="label",
            color=ink,
            elide=False,
        )
        figure = QRectF(left, y + line, frame.day_column, number)
        paint.draw_text(painter, theme, figure, str(strip.day.day), step="name", color=ink, elide=False)
        if strip.hours != 24:
            switch = QRectF(left, y + line + number, frame.day_column, line)
            paint.draw_text(
                painter, theme, switch, f"{strip.hours} h", step="caption", color="amber.text", elide=False
            )
        edge = QRect(frame.gutter - 1, box.top(), 1, box.height() - 1)
        painter.fillRect(edge, theme.color("border.subtle"))
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text.secondary"))
        width = frame.gutter - frame.day_column - 4
        for place, lane in enumerate(strip.lanes):
            lane_box = frame.lane_rect(at, place)
            said = self._elided(theme, lane.name, width)
            room = QRect(frame.day_column, lane_box.top(), width, lane_box.height() - 1)
            painter.drawText(room, int(paint.LEFT | Qt.TextFlag.TextSingleLine), said)
        for top_edge in frame.lane_tops[at][1:-1]:
            line_box = QRect(frame.day_column, top_edge - 1, frame.gutter - frame.day_column, 1)
            painter.fillRect(line_box, theme.color("border.subtle"))

    def _elided(self, theme: Theme, name: str, width: int) -> str:
        found = self._names.get((name, width))
        if found is None:
            metrics = QFontMetricsF(theme.font("caption"))
            found = self._names[name, width] = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)
        return found

    def _axis(
        self, painter: QPainter, theme: Theme, frame: Frame, size: QSize, scroll: QPoint, scene: Scene
    ) -> None:
        whole = QRect(0, 0, size.width(), frame.axis)
        painter.fillRect(whole, theme.color("surface.canvas"))
        painter.fillRect(QRect(0, frame.axis - 1, size.width(), 1), theme.color("border.default"))
        painter.save()
        painter.setClipRect(QRect(frame.gutter, 0, size.width() - frame.gutter, frame.axis))
        offset = frame.gutter - scroll.x()
        pill = QRectF()
        if scene.today >= 0 and frame.week.first_minute <= scene.now <= frame.week.last_minute:
            said = words.hour(scene.now)
            width = paint.text_width(theme.font("label", 600), said) + 12
            high = theme.size("chip") - 2
            middle = offset + frame.x(scene.now)
            if middle >= frame.gutter:  # at the left edge it stays whole
                left = max(frame.gutter, round(middle - width / 2))
                pill = QRectF(left, (frame.axis - high) // 2, width, high)
        for minute in range(frame.week.first_minute, frame.week.last_minute, 60):
            said = words.hour(minute)
            place = QRectF(
                offset + frame.x(minute) + 4, 0, paint.text_width(theme.font("caption"), said), frame.axis - 1
            )
            if not place.intersects(pill.adjusted(-3, 0, 3, 0)):
                paint.draw_text(painter, theme, place, said, step="caption", color="text.muted", elide=False)
        if not pill.isNull():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint.rounded(painter, pill, theme.radius("chip"), theme.color("accent.fill"))
            paint.draw_text(
                painter, theme, pill, words.hour(scene.now), step="label", weight=600, color="accent.onFill",
                align=paint.CENTER, elide=False,
            )  # fmt: skip
        painter.restore()
