"""Stars, painted: a rating in a row or a panel, and how many reviews have how many.

Full and empty stars differ in shape as well as in colour, and the number always stands beside them. See
docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from console.domain.feedback import Ratings
from console.views.feedback import words
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget

_GAP = 2
_MOST = 5
_LINE = 18
_BAR = 6
_LEAST_BAR, _MOST_BAR = 60, 260


def stars_width(theme: Theme, edge: int) -> int:
    """How wide five stars are."""
    return _MOST * theme.scaled(edge) + (_MOST - 1) * _GAP


def draw_stars(
    painter: QPainter, theme: Theme, left: float, center_y: float, rating: int, edge: int
) -> float:
    """Draw a rating that begins at `left`; answers its width."""
    size = theme.scaled(edge)
    for place in range(_MOST):
        box = QRectF(left + place * (size + _GAP), center_y - size / 2, size, size)
        full = place < rating
        theme.paint_icon(
            painter, "ph.star-fill" if full else "ph.star", "amber.text" if full else "text.muted", box, size
        )
    return stars_width(theme, edge)


class Stars(ThemedWidget):
    """A rating as a widget."""

    def __init__(self, hub: ThemeHub, rating: int = 0, edge: int = 18) -> None:
        """Show `rating` of five."""
        super().__init__(hub)
        self._rating, self._edge = rating, edge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words.stars(rating))

    def show_rating(self, rating: int) -> None:
        """Show another one."""
        self._rating = rating
        self.setAccessibleName(words.stars(rating))
        self.update()

    def sizeHint(self) -> QSize:
        """Exactly the stars."""
        return QSize(stars_width(self.theme, self._edge), self.theme.scaled(self._edge) + 2)

    def minimumSizeHint(self) -> QSize:
        """Stars are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the stars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_stars(painter, self.theme, 0, self.height() / 2, self._rating, self._edge)


class RatingBars(ThemedWidget):
    """How many reviews have five stars, four, ...: a line each with its bar and its count."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing is known yet."""
        super().__init__(hub)
        self._lines: list[tuple[int, int, float]] = words.shares({})
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Ratings")

    def show_ratings(self, ratings: Ratings) -> None:
        """Show how the visible reviews are spread."""
        self._lines = words.shares(ratings.stars)
        said = ", ".join(f"{words.STARS[str(star)]}: {many:,}" for star, many, _share in self._lines)
        self.setAccessibleName(f"Ratings. {said}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Five lines, with a bar worth looking at."""
        theme = self.theme
        return QSize(self._left + theme.scaled(_MOST_BAR) + 8 + self._right, _MOST * theme.scaled(_LINE))

    def minimumSizeHint(self) -> QSize:
        """Bars may be short, the numbers beside them are never cut."""
        return QSize(self._left + self.theme.scaled(_LEAST_BAR) + 8 + self._right, self.sizeHint().height())

    @property
    def _left(self) -> int:
        return int(paint.text_width(self.theme.font("label"), "5")) + 4 + self.theme.scaled(12) + 10

    @property
    def _right(self) -> int:
        font = self.theme.font("label")
        return (
            max(int(paint.text_width(font, self._count(many, share))) for _star, many, share in self._lines)
            + 2
        )

    def _count(self, many: int, share: float) -> str:
        return f"{many:,} · {share * 100:.0f} %"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high, star_edge = theme.scaled(_LINE), theme.scaled(12)
        digit = paint.text_width(theme.font("label"), "5")
        left, wide = self._left, min(self.width() - self._left - 8 - self._right, theme.scaled(_MOST_BAR))
        for place, (star, many, share) in enumerate(self._lines):
            top = place * high
            line = QRectF(0, top, digit + 1, high)
            paint.draw_text(
                painter, theme, line, str(star), step="label", color="text.secondary", elide=False
            )
            box = QRectF(digit + 4, top, star_edge, high)
            theme.paint_icon(painter, "ph.star-fill", "amber.text", box, star_edge)
            bar = QRectF(left, top + (high - _BAR) / 2, wide, _BAR)
            paint.draw_meter(painter, theme, bar, [(share, "amber.text")])
            said = QRectF(left + wide + 8, top, self._right, high)
            paint.draw_text(
                painter,
                theme,
                said,
                self._count(many, share),
                step="label",
                color="text.secondary",
                elide=False,
            )
