"""What other weights would change, counted and venue by venue, and the table of the formula's versions.

See docs/design.md, "Rules of the domain" (scores) and the look's "Say the consequence in numbers".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.scores import Component, Formula, WhatIf, WhatIfRow
from console.models.money import plain_number
from console.models.table import Column
from console.views.invoices.tables import KnownTable
from console.views.payouts.rows import KnownRows
from console.views.scores import words
from console.views.theme import ThemeHub
from console.views.widgets.frames import flush
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook, DataTable, TableCard
from console.views.widgets.text import IconText, label

_GAINS = ChipSpec("Becomes curated", "green", "ph.arrow-up-bold")
_LOSES = ChipSpec("No longer curated", "amber", "ph.arrow-down-bold")
_LEAST_TABLE = 168


class WhatIfPart(QWidget):
    """The counts and the table. `venue_wanted` carries the id of a row that was opened."""

    venue_wanted = Signal(object)

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing was tried yet."""
        super().__init__()
        self._before: Decimal | None = None
        self._after: Decimal | None = None
        self.said = label("", "secondary", wrap=True)
        self.gains = IconText(hub, "ph.arrow-up-bold", "", role="strong", color="green.text")
        self.losses = IconText(hub, "ph.arrow-down-bold", "", role="strong", color="amber.text")
        self.unchanged = IconText(hub, "ph.equals-bold", "", role="body", color="text.secondary")
        self.model = KnownRows(self._columns(), "venue_id", sort="fate", value=_sorted_by)
        self.table = DataTable(
            hub,
            self.model,
            name="Venues that would change",
            looks={"fate": _fate_look, "change": _change_look},
        )
        self.model.setParent(self.table)
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.table.row_activated.connect(lambda row: self.venue_wanted.emit(row.venue_id))
        self.card = TableCard(hub, self.table)
        self.card.setMinimumHeight(hub.theme.scaled(_LEAST_TABLE))
        column = flush(QVBoxLayout(self))
        column.setSpacing(12)
        column.addWidget(self.said)
        self._counts = QWidget()
        row = flush(QHBoxLayout(self._counts))
        row.setSpacing(16)
        for part in (self.gains, self.losses, self.unchanged):
            row.addWidget(part)
        row.addStretch(1)
        column.addWidget(self._counts)
        column.addWidget(self.card, 1)
        column.addStretch(0)
        self.say("")

    def say(self, sentence: str) -> None:
        """Show a sentence in place of a result."""
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))
        self._counts.hide()
        self.card.hide()

    def wait(self) -> None:
        """An answer is on its way: what is shown stays until it comes."""
        if self.card.isHidden():
            self.say("Working it out…")

    def show_result(self, found: WhatIf, before: Decimal, after: Decimal) -> None:
        """Show what would change between the two thresholds."""
        self._before, self._after = before, after
        rows = [one for one in found.rows if one.now != one.then or one.curated_now != one.curated_then]
        self.gains.set_text(f"{found.gains:,} {'becomes' if found.gains == 1 else 'become'} curated")
        self.losses.set_text(f"{found.losses:,} no longer curated")
        kept = "keeps its" if found.unchanged == 1 else "keep their"
        self.unchanged.set_text(f"{found.unchanged:,} {kept} curation")
        self._counts.show()
        self.card.setVisible(bool(rows))
        self.said.setText("" if rows else "No venue's score or curation would change.")
        self.said.setVisible(not rows)
        self.model.show_rows(rows)
        self.card.set_foot(
            f"{len(rows):,} of {words.venues(len(found.rows))} would have another score or curation"
        )

    def _columns(self) -> list[Column[Any]]:
        def now(row: WhatIfRow) -> str:
            return words.points(row.now, self._before)

        def then(row: WhatIfRow) -> str:
            return words.points(row.then, self._after)

        return [
            Column("venue", "Venue", lambda row: row.venue, width=140, stretch=True, tooltip=lambda row: row.venue),
            Column("now", "Now", now, numeric=True, width=72),
            Column("then", "Then", then, numeric=True, width=72),
            Column("change", "Change", lambda row: words.change(_change(row))[0], width=112),
            Column("fate", "Curated", _stays, width=156),
        ]  # fmt: skip


class VersionTable(KnownTable):
    """Every version of the formula, the newest first."""

    def __init__(self, hub: ThemeHub, *, clock: Clock, zone: tzinfo) -> None:
        """No versions yet."""

        def saved(one: Formula) -> str:
            who = f"{one.saved_by}, " if one.saved_by else ""
            return f"{who}{words.moment(one.saved_at, clock.now(), zone)}"

        def weights(one: Formula) -> str:
            return " / ".join(plain_number(one.weights[component]) for component in Component)

        def why(one: Formula) -> str:
            return one.reason or "As it began"

        super().__init__(
            hub,
            [
                Column("version", "Version", lambda one: str(one.version), width=96),
                Column("weights", "Weights, %", weights, width=196, tooltip=_weights_tip),
                Column("threshold", "Curated from", lambda one: plain_number(one.threshold), numeric=True, width=104),
                Column("reason", "Why", why, width=120, stretch=True, tooltip=why),
                Column("saved", "Saved", saved, width=212, gives_way=1),
            ],
            name="Versions of the formula",
            margin=16,
            descending=True,
        )  # fmt: skip
        self.card = TableCard(hub, self)
        self.card.setMinimumHeight(hub.theme.scaled(132))

    def show_versions(self, versions: Sequence[Formula]) -> None:
        """Show them."""
        self.show_rows(versions)
        self.card.set_foot(count(len(versions), "version"))


def _weights_tip(one: Formula) -> str:
    return ", ".join(f"{component.words} {words.percent(one.weights[component])}" for component in Component)


def _change(row: WhatIfRow) -> Decimal | None:
    return None if row.now is None or row.then is None else row.then - row.now


def _sorted_by(row: Any, key: str) -> Any:  # noqa: ANN401  (of one column, so of one kind)
    """What a column sorts by; of curation those that lose it first, then those that gain it."""
    if key == "change":
        return _change(row)
    if key == "fate":
        changes = row.curated_now != row.curated_then
        return (not changes, row.curated_then, -abs(_change(row) or Decimal(0)), row.venue.casefold())
    return getattr(row, key)


def _change_look(row: WhatIfRow) -> CellLook:
    _, icon, color = words.change(_change(row))
    return CellLook(icon=icon, icon_color=color)


def _fate_look(row: WhatIfRow) -> CellLook:
    if row.curated_now == row.curated_then:
        return CellLook("secondary")
    return CellLook(chip=_GAINS if row.curated_then else _LOSES)


def _stays(row: WhatIfRow) -> str:
    if row.curated_now != row.curated_then:
        return ""
    return "stays curated" if row.curated_now else "stays not curated"
