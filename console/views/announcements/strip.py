"""What headquarters tells, as a strip over the page: a sign, the title, the words, and a way to put it away.

Long words stand on one line until somebody wants to read them all. See docs/design.md, "Borrowed from neighbouring
systems" (announcements as a banner).
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain.venue_file import Announcement
from console.views.announcements import words
from console.views.theme import ThemeHub
from console.views.widgets.base import ThemedWidget, fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.text import ElidedLabel, IconLabel, breakable, label

_MOST_HIGH = 132


class AnnouncementStrip(ThemedWidget):
    """The strip. `put_away` carries the id of the announcement on show."""

    put_away = Signal(object)

    def __init__(self, hub: ThemeHub, parent: QWidget | None = None, *, preview: bool = False) -> None:
        """Nothing is on show; a `preview` has all its words and nothing to press."""
        super().__init__(hub, parent)
        self._preview = self._whole = preview
        self._tone = "info"
        self.announcement: Announcement | None = None
        self.icon = IconLabel(hub, words.ICONS["info"], "blue.text", 18)
        fix_height(self.icon, hub, 20)
        self.title = ElidedLabel("", "strong")
        self.line = ElidedLabel("", "body")
        self.full = label("", wrap=True, selectable=True)
        self.place = label("", "body")
        self.more_button = Button(hub, "Read all", "link", scale="compact")
        self.away_button = Button(hub, "Put away", scale="compact")
        self.away_button.setToolTip("Do not show me this again")
        self._scroll = quiet_scroll()
        inside = QWidget()
        inside.setProperty("clear", "true")
        held = flush(QVBoxLayout(inside))
        held.addWidget(self.full)
        held.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.viewport().setAutoFillBackground(False)
        self._lay_out()
        self.more_button.clicked.connect(lambda _checked=False: self.toggle())
        self.away_button.clicked.connect(lambda _checked=False: self._away())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_announcement(self, one: Announcement, place: int = 1, of: int = 1) -> None:
        """Show one of several; a screen reader announces it when it is another than before."""
        other = self.announcement is None or self.announcement.id != one.id
        self.announcement = one
        if other:
            self._whole = self._preview
        self.say(one.title, one.body, one.tone)
        self.place.setText(f"{place} of {of}" if of > 1 else "")
        self.place.setVisible(of > 1)
        self.away_button.setAccessibleName(f"Put away: {one.title}")
        if other and not self._preview:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.accessibleName()))

    def say(self, title: str, body: str, tone: str) -> None:
        """Show these words."""
        self._tone = tone
        self.icon.show_icon(words.ICONS[tone], f"{words.COLORS[tone]}.text")
        self.title.setText(" ".join(title.split()))
        self.line.setText(" ".join(body.split()))
        self.full.setText(breakable(body.strip()))
        kind = "Warning" if tone == "warning" else "Announcement"
        self.setAccessibleName(f"{kind}: {title}. {body}")
        self._fit()
        self.update()

    def toggle(self) -> None:
        """All the words, or one line of them."""
        self._whole = not self._whole
        self._fit()

    def _away(self) -> None:
        if self.announcement is not None:
            self.put_away.emit(self.announcement.id)

    def _fit(self) -> None:
        self.line.setVisible(not self._whole)
        self._scroll.setVisible(self._whole)
        self.more_button.setText("Read less" if self._whole else "Read all")
        cut = "\n" in self.full.text() or self.line.sizeHint().width() > self.line.width()
        self.more_button.setVisible(not self._preview and (self._whole or cut))
        if self._whole:
            high = max(self.full.heightForWidth(max(self._scroll.viewport().width(), 80)), 1)
            self._scroll.setFixedHeight(min(high, self.theme.scaled(_MOST_HIGH)))
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What fits depends on the width."""
        super().resizeEvent(event)
        self._fit()

    def theme_changed(self) -> None:
        """Measure anew."""
        super().theme_changed()
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tint and the line under it."""
        painter, tone = QPainter(self), words.COLORS[self._tone]
        whole = QRectF(self.rect())
        painter.fillRect(whole, self.theme.color(f"{tone}.bg"))
        edge = self.theme.color(f"{tone}.border")
        painter.fillRect(QRectF(0, whole.height() - 1, whole.width(), 1), edge)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 16, 9)
        row.setSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self.icon, 0, top)
        said = flush(QVBoxLayout())
        said.addWidget(self.title)
        said.addWidget(self.line)
        said.addWidget(self._scroll)
        row.addLayout(said, 1)
        for part in (self.place, self.more_button, self.away_button):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self.place.setVisible(False)
        self.away_button.setVisible(not self._preview)
        self._fit()
