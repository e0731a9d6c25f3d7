"""The strip under a table that says in full what its row can only say in part.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.views.widgets.base import line, surface
from console.views.widgets.text import ElidedLabel, label


class Strip(QWidget):
    """A heading, the whole sentence below it, and what can be done at the right."""

    def __init__(self) -> None:
        """Empty: `say` fills it."""
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(line(strong=True))
        held = surface("panel")
        outer.addWidget(held)
        self._row = QHBoxLayout(held)
        self._row.setContentsMargins(24, 12, 24, 12)
        self._row.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.heading = ElidedLabel("", "caption")
        self.body = label("", wrap=True, selectable=True)
        words.addWidget(self.heading)
        words.addWidget(self.body)
        words.addStretch(1)
        self._row.addLayout(words, 1)

    def add(self, action: QWidget) -> None:
        """Put an action at the right end."""
        self._row.addWidget(action)

    def say(self, heading: str, body: str) -> None:
        """Say it; a screen reader finds it as one."""
        self.heading.setText(heading)
        self.body.setText(body)
        self.setAccessibleName(f"{heading}. {body}")
