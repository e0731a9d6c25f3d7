"""What the rail is made of: its head, the search box, areas with their badges, and the person at its foot.

See docs/design.md, "Screens".
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from console.views.shell.marks import draw_avatar, draw_mark, draw_two_lines
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height

_MARK = 26


class RailButton(QAbstractButton):
    """What all parts of the rail share: painted, hovered, focusable, with a ring."""

    def __init__(self, hub: ThemeHub, text: str) -> None:
        super().__init__()
        self.hub = hub
        self.collapsed = False
        self.setText(text)
        self.setToolTip("")
        self.setAccessibleName(text)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.update)

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon only, and the words as a tool tip."""
        self.collapsed = collapsed
        self.setToolTip(self.hint() if collapsed else "")
        self.update()

    def hint(self) -> str:
        """What the tool tip of a collapsed part says."""
        return self.text()

    def fill(self, painter: QPainter, *, chosen: bool = False) -> None:
        """Paint the ground of a chosen, hovered or plain part."""
        theme = self.hub.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            paint.rounded(
                painter, QRectF(self.rect()), theme.radius("control"), theme.color("surface.selected")
            )
        elif self.underMouse():
            paint.rounded(painter, QRectF(self.rect()), theme.radius("control"), theme.color("border.subtle"))


class RailItem(RailButton):
    """An area, or a helper such as Shortcuts at the foot."""

    def __init__(self, hub: ThemeHub, text: str, icon: str, *, checkable: bool = True) -> None:
        """An item with its icon and, later, a badge."""
        super().__init__(hub, text)
        self._icon = icon
        self._badge, self._tone = 0, "neutral"
        self.setCheckable(checkable)

    def nextCheckState(self) -> None:
        """Stay as it is: the rail marks the area that is open, and each is a stop of its own for the keyboard."""

    def set_badge(self, count: int, tone: str = "neutral") -> None:
        """Show how much there is to be done here; nothing for 0."""
        self._badge, self._tone = count, tone
        self.setAccessibleName(self.hint())
        self.set_collapsed(self.collapsed)

    def hint(self) -> str:
        """The area and how much there is to be done."""
        return f"{self.text()}, {self._badge}" if self._badge else self.text()

    def sizeHint(self) -> QSize:
        """As wide as the rail."""
        return QSize(120, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint icon, words and badge."""
        theme, painter = self.hub.theme, QPainter(self)
        chosen = self.isChecked()
        self.fill(painter, chosen=chosen)
        ink = "accent.text" if chosen else "text.secondary"
        edge = theme.tokens.icon("rail")
        left = (self.width() - edge) / 2 if self.collapsed else 8
        name = f"{self._icon}-fill" if chosen else self._icon
        theme.paint_icon(painter, name, ink, QRectF(left, 0, edge, self.height()), edge)
        badge_room = 0
        if self._badge:
            text = "99+" if self._badge > 99 else str(self._badge)
            width, high = paint.badge_width(theme, text), theme.size("badge")
            if self.collapsed:
                place = QRectF(min(self.width() / 2 + 2, self.width() - width), 2, width, high)
            else:
                place = QRectF(self.width() - width - 8, (self.height() - high) / 2, width, high)
                badge_room = width + 8
            paint.draw_badge(painter, theme, place, text, self._tone)
        if not self.collapsed:
            room = QRectF(38, 0, self.width() - 38 - 8 - badge_room, self.height())
            weight = 600 if chosen else 500
            paint.draw_text(painter, theme, room, self.text(), weight=weight, color=ink)


class RailHead(RailButton):
    """Mark, venue and product; pressing it offers the other venues, or collapses the rail where there are none."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub, "Nexus Console")
        self._detail = ""
        self._several = False
        fix_height(self, hub, "header")
        self.setProperty("focusRing", False)  # it reaches the window's edge, so its ring lies inside

    def show_venue(self, name: str, detail: str) -> None:
        """Name the place and, below, the product."""
        self.setText(name)
        self._detail = detail
        self._say()

    def show_several(self, several: bool) -> None:
        """Show whether there are other venues to change to."""
        self._several = several
        self._say()

    def _say(self) -> None:
        does = "Change the venue" if self._several else "Collapse or widen the rail"
        self.setAccessibleName(f"{self.text()}, {self._detail}. {does}")
        self.set_collapsed(self.collapsed)

    def sizeHint(self) -> QSize:
        """As wide as the rail."""
        return QSize(120, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark, the two lines, and the arrow where there is a choice."""
        theme, painter = self.hub.theme, QPainter(self)
        left = (self.width() - _MARK) / 2 if self.collapsed else 16.0
        draw_mark(painter, self.hub, QRectF(left, (self.height() - _MARK) / 2, _MARK, _MARK))
        if not self.collapsed:
            arrow = 20 if self._several else 0
            room = QRectF(52, 0, self.width() - 52 - 8 - arrow, 0)
            draw_two_lines(painter, self.hub, room, self.height(), self.text(), self._detail)
            if arrow:
                place = QRectF(self.width() - 8 - 16, 0, 16, self.height())
                theme.paint_icon(painter, "ph.caret-down", "text.secondary", place, 14)
        if self.hasFocus():
            paint.draw_focus(
                painter, theme, QRectF(self.rect()).adjusted(4, 4, -4, -4), theme.radius("control")
            )


class FindBox(RailButton):
    """The search box that opens the palette."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub, "Find or do")
        fix_height(self, hub, "control.default")

    def sizeHint(self) -> QSize:
        """As wide as the rail."""
        return QSize(120, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, the glass, the words and the key."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        fill = theme.color("surface.hover" if self.underMouse() else "surface.raised")
        paint.rounded(painter, rect, theme.radius("control"), fill, QPen(theme.color("border.button"), 1))
        left = (self.width() - 16) / 2 if self.collapsed else 9
        theme.paint_icon(
            painter, "ph.magnifying-glass", "text.secondary", QRectF(left, 0, 16, self.height()), 16
        )
        if not self.collapsed:
            width = paint.keycap_width(theme, "Ctrl K")
            room = QRectF(33, 0, rect.width() - 33 - width - 12, self.height())
            if room.width() < paint.text_width(theme.font("body"), self.text()):
                room.setWidth(rect.width() - 33 - 8)  # in large text the words matter more than their key
            else:
                paint.draw_keycap(painter, theme, rect.right() - width - 7, rect.center().y(), "Ctrl K")
            paint.draw_text(painter, theme, room, self.text(), color="text.muted")


class PersonButton(RailButton):
    """The person at the foot, whose press opens the menu."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub, "")
        self._detail = self._initials = ""
        fix_height(self, hub, 44)

    def show_person(self, name: str, detail: str, initials: str) -> None:
        """Show who is signed in."""
        self.setText(name)
        self._detail, self._initials = detail, initials
        self.setAccessibleName(f"{name}, {detail}. Menu")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(100, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the initials and the two lines."""
        painter = QPainter(self)
        self.fill(painter)
        left = (self.width() - 28) / 2 if self.collapsed else 8.0
        draw_avatar(painter, self.hub, QRectF(left, (self.height() - 28) / 2, 28, 28), self._initials)
        if not self.collapsed:
            room = QRectF(46, 0, self.width() - 50, 0)
            draw_two_lines(painter, self.hub, room, self.height(), self.text(), self.shown_detail())

    def shown_detail(self) -> str:
        """As many parts of the detail as there is room for: the role stays, the desk stands in the status bar too."""
        font = self.hub.theme.font("caption")
        parts = self._detail.split(", ")
        while len(parts) > 1 and paint.text_width(font, ", ".join(parts)) > self.width() - 50:
            parts.pop()
        return ", ".join(parts)


class IconOnly(RailButton):
    """The lock beside the person."""

    def __init__(self, hub: ThemeHub, icon: str, words: str) -> None:
        super().__init__(hub, words)
        self._icon = icon
        self.setToolTip(words)
        self.setFixedSize(28, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon."""
        painter = QPainter(self)
        self.fill(painter)
        self.hub.theme.paint_icon(painter, self._icon, "text.secondary", QRectF(self.rect()), 16)
