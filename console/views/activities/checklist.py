"""The checklist before publishing: what parents need, met or not, each with a way to the field that meets it.

See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.catalogue import Check, Need
from console.domain.counting import count
from console.views.activities import words
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.text import ElidedLabel, IconLabel, label

_MET = ("ph.check-circle", "green.text")
_REQUIRED = ("ph.warning-circle", "red.text")
_ADVICE = ("ph.circle-dashed", "text.muted")


class Checklist(QWidget):
    """The list. `wanted` carries the Need that a person goes to meet."""

    wanted = Signal(object)

    def __init__(self, hub: ThemeHub) -> None:
        """An empty list."""
        super().__init__()
        self.hub = hub
        self.found: tuple[Check, ...] = ()
        self._rows: dict[Need, tuple[IconLabel, ElidedLabel, Button]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        card = surface("card")
        column.addWidget(card)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(12, 8, 8, 8)
        inner.setSpacing(0)
        self.title = label("", "medium", wrap=True)
        inner.addWidget(self.title)
        inner.addSpacing(4)
        for need in Need:
            inner.addLayout(self._row(need))

    def show_checks(self, found: Sequence[Check], *, published: bool, kept: bool) -> None:
        """Show what is met; only what is not has a button. What is not `kept` yet cannot be scheduled."""
        self.found = tuple(found)
        lacking = sum(not check.is_met and check.required for check in found)
        if lacking:
            said = f"{count(lacking, 'thing')} missing before parents can see it"
        else:
            said = "Parents see it" if published else "Ready to be published"
        self.title.setText(said)
        for check in found:
            icon, text, button = self._rows[check.need]
            sign, color = _MET if check.is_met else _REQUIRED if check.required else _ADVICE
            icon.show_icon(sign, color)
            icon.setAccessibleName("Done" if check.is_met else "Missing")
            met, unmet = words.NEED_WORDS[check.need]
            text.setText(met if check.is_met else unmet)
            button.setVisible(not check.is_met and (kept or check.need is not Need.SESSION))

    def _row(self, need: Need) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        icon = IconLabel(self.hub, *_ADVICE)
        text = ElidedLabel("", "body")
        session = need is Need.SESSION
        button = Button(self.hub, "Schedule it" if session else "Fill in", "link", scale="compact")
        button.setAccessibleName(f"{button.text()}: {words.NEED_WORDS[need][0].lower()}")
        button.clicked.connect(lambda _checked=False: self.wanted.emit(need))
        self._rows[need] = (icon, text, button)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(text, 1)
        row.addWidget(button)
        keep = button.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        button.setSizePolicy(keep)
        return row
