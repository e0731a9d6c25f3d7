"""What people wrote, as a label that wraps: very long words are cut there, and are whole in the tool tip.

See docs/design.md, "Screens".
"""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from console.views.approvals.words import tamed
from console.views.widgets.text import Role, label


def wrapped(text: str, role: Role = "body") -> QLabel:
    """A label of a role that can be selected."""
    made = label(tamed(text), role, wrap=True, selectable=True)
    made.setToolTip("" if made.text() == " ".join(text.split()) else text)
    return made
