"""What is asked before somebody leaves a desk that still has something to send.

Nothing is lost by leaving, and the question says so: what waits stays on the desk. See docs/design.md, "The desk
protocol".
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from console.domain.attendance import EventKind
from console.domain.counting import count
from console.domain.sealed_notes import NotesCount, sign_out_words
from console.models.refused import entries
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog

NOTHING = NotesCount()
"""A desk without notes."""


def leaving_words(waiting: Sequence[EventKind], notes: NotesCount = NOTHING) -> tuple[str, str]:
    """Title and sentence about what waits: "3 check-ins are not sent yet"; refused notes are among `notes`."""
    kinds = set(waiting)
    parts = [entries(len(waiting), waiting[0] if len(kinds) == 1 else None)] if waiting else []
    if notes.walk_ins:
        parts.append(count(notes.walk_ins, "walk-in"))
    families = sign_out_words(notes)
    if not parts:
        return "A new family is not registered yet" if notes.families == 1 else "New families wait", families
    one = len(waiting) + notes.walk_ins == 1
    they = "It stays" if one else "They stay"
    text = f"{they} on this desk and {'is' if one else 'are'} sent by whoever signs in next."
    if notes.attention:
        text = f"{they} on this desk; Needs attention says what was refused."
    title = f"{' and '.join(parts)} {'is' if one else 'are'} not sent yet"
    return title, f"{text} {families}".strip()


def leaving_question(
    hub: ThemeHub, window: QWidget, waiting: Sequence[EventKind], notes: NotesCount = NOTHING
) -> QuestionDialog:
    """The question, not open yet; `answered` carries whether to sign out. One of the two is never empty."""
    title, text = leaving_words(waiting, notes)
    card = QuestionCard(hub, title, text, do="Sign out", keep="Stay", danger=False)
    return QuestionDialog(hub, window, card)
