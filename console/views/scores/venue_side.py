"""What explains a score: a week's parts and what moved it in a panel, below it what would help and how others do.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.scores import ScorePage, WeekScore
from console.domain.scoring import moves
from console.views.scores import words
from console.views.scores.parts import ComponentBars, MoveBars
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.frames import flush
from console.views.widgets.text import IconText, Section, label

_MOST = 6


class VenueSide(QWidget):
    """The panel."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing to show yet."""
        super().__init__()
        outer = flush(QVBoxLayout(self))
        card = surface("card")
        outer.addWidget(card)
        outer.addStretch(1)
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(10)
        self.heading = label("", "strong", wrap=True)
        self.said = label("", "secondary", wrap=True)
        self.bars = ComponentBars(hub)
        self.moves = MoveBars(hub)
        column.addWidget(self.heading)
        column.addWidget(self.said)
        column.addWidget(Section("Made of"))
        column.addWidget(self.bars)
        column.addWidget(Section("What moved it"))
        column.addWidget(self.moves)

    def show_week(self, page: ScorePage, week: WeekScore) -> None:
        """Explain one week."""
        newest = page.weeks[-1]
        is_newest = week.id == newest.id
        self.heading.setText(f"Week of {words.week_words(week.week, year=True)}")
        said = [f"Score {words.points(week.composite, page.formula.threshold)}"]
        if week.composite is None:
            there = sum((part.weight for part in week.parts if part.value is not None), Decimal(0))
            said = [f"No score: the parts that are there weigh {words.percent(there)}, "
                    f"{words.percent(page.formula.least_weight)} are needed"]  # fmt: skip
        if week.revision > 1:
            said.append(f"version {week.revision}. {words.revised(week)}".rstrip("."))
        self.said.setText(", ".join(said) + ".")
        self.bars.show_parts(week.parts, page.formula)
        before = next((one for one in page.weeks if (week.week - one.week).days == 7), None)
        known = page.moves if is_newest else moves(before, week)
        change = None
        if before is not None and before.composite is not None and week.composite is not None:
            change = week.composite - before.composite
        self.moves.show_moves(known, change)


class Advice(QWidget):
    """What would help the venue now, with the numbers it rests on, and how others do."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing to show yet."""
        super().__init__()
        self.peers = IconText(hub, "ph.users-three", "", wrap=True)
        self.nothing_helps = label("", "secondary", wrap=True)
        self.suggestions = tuple(IconText(hub, "ph.lightbulb", "", wrap=True) for _ in range(_MOST))
        column = flush(QVBoxLayout(self))
        column.setSpacing(8)
        column.addWidget(Section("What would help"))
        column.addWidget(self.nothing_helps)
        for one in self.suggestions:
            column.addWidget(one)
        column.addSpacing(4)
        column.addWidget(Section("Beside others"))
        column.addWidget(self.peers)

    def show_page(self, page: ScorePage) -> None:
        """Say it of the newest week."""
        found = page.weeks[-1].suggestions if page.weeks else ()
        self.peers.set_text(words.peers(page))
        self.nothing_helps.setText("Every part is as good as it need be.")
        self.nothing_helps.setVisible(not found)
        for at, line in enumerate(self.suggestions):
            line.setVisible(at < len(found))
            line.set_text(found[at].words if at < len(found) else "")
