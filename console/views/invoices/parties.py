"""Who issues an invoice and who receives it, as it stands on the paper.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.invoices import Party
from console.views.widgets.frames import flush
from console.views.widgets.text import ElidedLabel, label


class PartyBox(QWidget):
    """Who issues or receives, as it stands on the paper."""

    def __init__(self, heading: str) -> None:
        """Empty until `show_party`."""
        super().__init__()
        column = flush(QVBoxLayout(self))
        column.setSpacing(2)
        column.addWidget(label(heading, "label"))
        self.name = ElidedLabel("", "medium")
        self.lines = label("", "caption", wrap=True)
        column.addWidget(self.name)
        column.addWidget(self.lines)
        column.addStretch(1)

    def show_party(self, party: Party | None) -> None:
        """Show a party, or that it is not known yet."""
        self.name.setText(party.name if party else "Not entered yet")
        told = (
            []
            if party is None
            else [*party.address, *((f"Tax number {party.tax_id}",) if party.tax_id else ())]
        )
        if party is not None and party.email:
            told.append(party.email)
        self.lines.setText(", ".join(told))
        self.lines.setVisible(bool(told))
