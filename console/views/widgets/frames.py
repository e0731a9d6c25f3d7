"""How pages are put together: layouts without gaps, the ground of a page, its list at the left, and what scrolls.

See docs/design.md, "Screens": a page with a list has it at the left on a panel, the rest on the canvas.
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.base import line, surface

_Layout = TypeVar("_Layout", bound=QLayout)


def flush(layout: _Layout) -> _Layout:
    """The layout without margins and without gaps."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout


def ground(page: QWidget) -> QVBoxLayout:
    """The canvas a page lies on, as the column its parts are added to."""
    outer = flush(QVBoxLayout(page))
    canvas = surface("canvas")
    outer.addWidget(canvas)
    return flush(QVBoxLayout(canvas))


def banner_strip(banner: QWidget) -> QVBoxLayout:
    """A banner with the page's margin at both sides."""
    strip = flush(QVBoxLayout())
    strip.setContentsMargins(24, 0, 24, 0)
    strip.addWidget(banner)
    return strip


def master_side(hub: ThemeHub, across: QHBoxLayout) -> QVBoxLayout:
    """The panel at the left of `across` and the line beside it; the column of what stands in the panel."""
    side = surface("panel")
    side.setFixedWidth(hub.theme.size("masterList"))
    across.addWidget(side)
    across.addWidget(line(vertical=True))
    return flush(QVBoxLayout(side))


def quiet_scroll(inside: QWidget | None = None) -> QScrollArea:
    """What scrolls up and down without a frame of its own and without taking the keyboard."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if inside is not None:
        area.setWidget(inside)
    return area
