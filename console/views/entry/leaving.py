"""What is asked before somebody leaves a desk that still has something to send.

Nothing is lost by leaving, and the question says so: what waits stays on the desk. See docs/design.md, "The desk
protocol".
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from console.domain.attendance import EventKind
from console.models.refused import entries
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog


def leaving_words(waiting: Sequence[EventKind]) -> tuple[str, str]:
    """Title and sentence about events that wait: "3 check-ins are not sent yet"."""
    kinds = set(waiting)
    counted = entries(len(waiting), waiting[0] if len(kinds) == 1 else None)
    if len(waiting) == 1:
        return f"{counted} is not sent yet", "It stays on this desk and is sent by whoever signs in next."
    return f"{counted} are not sent yet", "They stay on this desk and are sent by whoever signs in next."


def leaving_question(hub: ThemeHub, window: QWidget, waiting: Sequence[EventKind]) -> QuestionDialog:
    """The question, not open yet; `answered` carries whether to sign out. `waiting` is never empty."""
    title, text = leaving_words(waiting)
    card = QuestionCard(hub, title, text, do="Sign out", keep="Stay", danger=False)
    return QuestionDialog(hub, window, card)
