"""How full the venue is at this moment, with the warning at 80 %: a number, a meter, a word, and which sessions.

See docs/design.md, "Borrowed from neighbouring systems" (live occupancy with a warning at 80 %).
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.day import NEARLY_FULL
from console.domain.statistics import LiveOccupancy
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.chips import Chip
from console.views.widgets.meter import Meter
from console.views.widgets.paint import ChipSpec
from console.views.widgets.text import ElidedLabel, label


class LiveBox(QWidget):
    """One card across the page."""

    def __init__(self, hub: ThemeHub) -> None:
        """Says that nothing is on until `show_live`."""
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = surface("card")
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        self.figure = label("0", "figure")
        self.words = ElidedLabel("in the building now", "body")
        self.detail = ElidedLabel("", "caption")
        self.meter = Meter(hub, "Children in of all places")
        self.chip = Chip(hub, "Nothing on", "neutral", icon="ph.clock")
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(self.words)
        beside.addWidget(self.meter)
        beside.addWidget(self.detail)
        row.addWidget(self.figure)
        row.addLayout(beside, 1)
        row.addWidget(self.chip)

    def show_live(self, now: LiveOccupancy) -> None:
        """Show these numbers."""
        self.figure.setText(str(now.inside))
        if now.share is None:
            self.words.setText("in the building; no session is on")
            self.detail.setText("")
            self.meter.set_parts([])
            self.chip.show_chip(ChipSpec("Nothing on", "neutral", "ph.clock"))
            return
        sessions = count(now.sessions, "session")
        self.words.setText(f"in now, of {now.places} places in {sessions} under way ({now.share:.0f} %)")
        colour = "red.solid" if now.share >= 100 else "amber.solid" if now.is_warning else "green.solid"
        self.meter.set_parts([(min(1.0, now.share / 100), colour)])
        self.meter.setAccessibleDescription(f"{now.share:.0f} per cent")
        full = [f"{one.activity} {one.inside}/{one.capacity}" for one in now.nearly_full]
        limit = f"{NEARLY_FULL:.0%}".replace("%", " %")
        self.detail.setText(
            f"At {limit} or more: " + ", ".join(full) if full else f"No session at {limit} or more"
        )
        if now.share >= 100:
            self.chip.show_chip(ChipSpec("Full", "red", "ph.warning"))
        elif now.is_warning:
            self.chip.show_chip(ChipSpec("Nearly full", "amber", "ph.warning"))
        else:
            self.chip.show_chip(ChipSpec("Room left", "green", "ph.check"))
