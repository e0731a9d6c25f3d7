"""The tones of the desk, named by what they tell: a page says which, whoever plays them decides how.

docs/design.md, "Screens" (front desk); the notes belong to the player.
"""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """One short sound per kind of outcome; expected and absent are silent."""

    IN = "in"
    OUT = "out"
    IN_WAITING = "in_waiting"
    OUT_WAITING = "out_waiting"
    NOTHING_TO_DO = "nothing_to_do"
    REFUSED = "refused"
    ATTENTION = "attention"
