"""The weeks of one venue's score as a table, and what each week was before it was worked out again.

See docs/design.md, "Rules of the domain" (scores): a late fact makes a revision, not an edit.
"""

from __future__ import annotations

from console.domain.counting import count
from console.domain.scores import Component, Formula, ScorePage, WeekScore
from console.models.table import Column
from console.views.invoices.tables import KnownTable
from console.views.scores import words
from console.views.theme import ThemeHub
from console.views.widgets.table import CellLook, TableCard

_WIDTHS = {
    Component.FEEDBACK: 144,
    Component.REPEAT: 148,
    Component.CANCELLATIONS: 168,
    Component.NO_SHOWS: 168,
}
_ROWS = 8


class WeekTable(KnownTable):
    """The weeks, newest first; an earlier version of a week stands below it, struck through."""

    def __init__(self, hub: ThemeHub) -> None:
        """No weeks yet."""
        self._formula: Formula | None = None
        self._earlier: frozenset[object] = frozenset()
        old = self._look
        super().__init__(
            hub,
            [
                Column("week", "Week", _week, width=136, tooltip=lambda one: words.week_words(one.week, year=True)),
                Column("score", "Score", self._score, numeric=True, width=60),
                Column("change", "Change", lambda one: words.change(one.change)[0], width=108),
                *(self._part(component) for component in Component),
                Column("why", "Worked out again because", self._why, width=168, stretch=True, tooltip=self._why),
            ],
            name="Weeks",
            margin=16,
            descending=True,
            looks={"week": old, "score": old, "change": self._change_look,
                   **{component.value: old for component in Component}, "why": lambda _one: CellLook("secondary")},
        )  # fmt: skip
        self.card = TableCard(hub, self)
        self._fit_card()
        hub.changed.connect(self._fit_card)

    @property
    def week(self) -> WeekScore | None:
        """The marked week, in the version that is marked."""
        found = self.row
        return found if isinstance(found, WeekScore) else None

    def show_page(self, page: ScorePage) -> None:
        """Show the weeks of a page."""
        self._formula = page.formula
        self._earlier = frozenset(one.id for one in page.revisions)
        every = sorted([*page.weeks, *page.revisions], key=lambda one: (one.week, one.revision), reverse=True)
        self.show_rows(every)
        weeks, again = len(page.weeks), len(page.revisions)
        foot = count(weeks, "week")
        more = count(again, "earlier version") if again else ""
        self.card.set_foot(foot, more)

    def _fit_card(self) -> None:
        row = self.hub.theme.size("row.table")
        self.card.setMinimumHeight(_ROWS * row)

    def _score(self, one: WeekScore) -> str:
        return words.points(one.composite, self._formula.threshold if self._formula is not None else None)

    def _why(self, one: WeekScore) -> str:
        return "Earlier version" if one.id in self._earlier and one.revision == 1 else words.revised(one)

    def _look(self, one: WeekScore) -> CellLook:
        return CellLook("muted", struck=True) if one.id in self._earlier else CellLook()

    def _change_look(self, one: WeekScore) -> CellLook:
        _, icon, color = words.change(one.change)
        return CellLook(icon=icon, icon_color=color)

    def _part(self, component: Component) -> Column[WeekScore]:
        def text(one: WeekScore) -> str:
            return words.part_words(words.part_of(one.parts, component))

        def tip(one: WeekScore) -> str:
            part = words.part_of(one.parts, component)
            if part is None or part.value is not None or self._formula is None:
                return text(one)
            return f"Left out: {words.why_left_out(part, self._formula)}"

        width = _WIDTHS[component]
        return Column(
            component.value,
            component.words,
            text,
            numeric=True,
            width=width,
            tooltip=tip,
            gives_way=_gives(component),
        )


def _gives(component: Component) -> int:
    """The panel beside has the parts of the marked week: the later ones go first where there is little room."""
    return list(Component).index(component) + 1


def _week(one: WeekScore) -> str:
    return words.week_words(one.week)
