"""The header of a page: its title, a quiet caption, and what can be done with the whole page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line
from console.views.widgets.text import ElidedLabel


class PageHeader(QFrame):
    """56 high with the caption beside the title, or 72 with the caption below it (`detail`)."""

    def __init__(
        self, hub: ThemeHub, title: str, caption: str = "", *, detail: bool = False, margin: int = 24
    ) -> None:
        """A header without actions; `add` puts them at its right. Pages about money have a wider `margin`."""
        super().__init__()
        fix_height(self, hub, "detailHeader" if detail else "header")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        # A widget, not a bare layout: a row of buttons alone would be no higher than they are.
        bar = QWidget()
        self._row = QHBoxLayout(bar)
        self._row.setContentsMargins(margin, 0, margin, 0)
        self._row.setSpacing(8)
        self.title = ElidedLabel(title, "title")
        self.caption = ElidedLabel(caption, "muted")
        self._beside_title = QHBoxLayout()
        self._beside_title.setSpacing(8)
        if detail:
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addStretch(1)
            self._beside_title.addWidget(self.title)
            self._beside_title.addStretch(1)
            words.addLayout(self._beside_title)
            words.addWidget(self.caption)
            words.addStretch(1)
            self._row.addLayout(words, 1)
        else:
            self._row.addWidget(self.title)
            self._row.addWidget(self.caption, 1, Qt.AlignmentFlag.AlignVCenter)
        outer.addWidget(bar, 1)
        outer.addWidget(line())

    def lead(self, back: QWidget | None, chip: QWidget) -> None:
        """Put a way back before the title of a detail header, if there is one, and a chip right after it."""
        if back is not None:
            self._row.insertWidget(0, back)
        self._beside_title.insertWidget(1, chip)

    def add(self, action: QWidget) -> None:
        """Put an action at the right end."""
        self._row.addWidget(action)
