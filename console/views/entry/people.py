"""The cards of people who may be at this desk: one press instead of an e-mail address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QWidget

from console.views.shell.marks import draw_avatar
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height

_HEIGHT = 48


@dataclass(frozen=True)
class KnownPerson:
    """Someone to choose: the first name, the role and when they were last here, and the address they sign in with.

    `password` is only known in a demo database, where choosing the card fills it in.
    """

    name: str
    detail: str
    email: str
    needs_code: bool = True
    password: str = ""


class PersonCard(QAbstractButton):
    """One card; exactly one of a group is chosen."""

    def __init__(self, hub: ThemeHub, name: str, detail: str, *, plus: bool = False) -> None:
        """A card with initials, or with a plus for somebody else."""
        super().__init__()
        self.hub = hub
        self._detail, self._plus = detail, plus
        self.setText(name)
        self.setAccessibleName(f"{name}, {detail}")
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        fix_height(self, hub, _HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        hub.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Half of the form."""
        return QSize(196, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint edge, disc and the two lines."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        ground = "surface.selected" if chosen else "surface.hover" if self.underMouse() else "surface.raised"
        edge = QPen(theme.color("accent.border" if chosen else "border.button"), 1)
        paint.rounded(painter, QRectF(self.rect()), theme.radius("control"), theme.color(ground), edge)
        disc = QRectF(13, (self.height() - 28) / 2, 28, 28)
        draw_avatar(painter, self.hub, disc, "" if self._plus else self.text()[:1].upper(), chosen=chosen)
        if self._plus:
            theme.paint_icon(painter, "ph.plus", "accent.onFill" if chosen else "text.secondary", disc, 14)
        scaled, wide = theme.scaled, self.width() - 53 - 8
        room = QRectF(53, scaled(8), wide, scaled(18))
        ink = "accent.text" if chosen else "text.primary"
        paint.draw_text(painter, theme, room, self.text(), step="bodyStrong", color=ink)
        below = QRectF(53, scaled(24), wide, scaled(16))
        paint.draw_text(painter, theme, below, self._detail, step="caption", color="text.muted")


class PeopleGrid(QWidget):
    """The cards in two columns; the last is always somebody else."""

    chosen = Signal(object)

    def __init__(self, hub: ThemeHub, people: Sequence[KnownPerson]) -> None:
        """Cards for `people`; nobody is chosen yet."""
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._cards: list[tuple[PersonCard, KnownPerson | None]] = []
        for person in (*people, None):
            if person is None:
                card = PersonCard(hub, "Someone else", "Sign in with e-mail", plus=True)
            else:
                card = PersonCard(hub, person.name, person.detail)
            card.clicked.connect(lambda _checked=False, who=person: self.chosen.emit(who))
            self._group.addButton(card)
            at = len(self._cards)
            grid.addWidget(card, at // 2, at % 2)
            self._cards.append((card, person))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)

    def choose(self, person: KnownPerson | None) -> None:
        """Mark a card without a signal; None is somebody else."""
        for card, who in self._cards:
            if who == person:
                card.setChecked(True)
