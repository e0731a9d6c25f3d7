"""What the desk says after an action: which band, which words, which way out.

Kept apart from sending so that every sentence can be read and tested in one place. See docs/design.md,
"The desk protocol" (outcomes and refusal reasons).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from console.domain import codes
from console.domain.attendance import (
    UNDO_WINDOW,
    AttendanceState,
    EventAnswer,
    EventKind,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.refusals import clock_time, explain, headline
from console.errors import ConsoleError
from console.models.tones import Tone

Action = tuple[str, Callable[[], object]]


@dataclass(frozen=True)
class Outcome:
    """One outcome for the band or a toast. `kind` is an outcome of the tokens: done, left, kept, again, refused, idle.

    `second` is another way out beside `action`. `silent` is kept for what has no tone of its own: undo and absent;
    `heard` is a tone other than the kind's. `in_toast` is the detail where it is not said in the band.
    """

    kind: str
    title: str
    detail: str = ""
    action: Action | None = None
    keys: str = ""
    icon: str | None = None
    second: Action | None = None
    silent: bool = False
    heard: Tone | None = None
    in_toast: str = ""

    @property
    def is_trouble(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.kind == "refused"

    @property
    def tone(self) -> Tone | None:
        """What is heard with it, None for silence."""
        return None if self.silent else self.heard or _TONES.get(self.kind)


_TONES = {
    "done": Tone.IN,
    "left": Tone.OUT,
    "kept": Tone.IN_WAITING,
    "again": Tone.NOTHING_TO_DO,
    "refused": Tone.REFUSED,
}


_NOT_DONE = {
    EventKind.CHECK_IN: "{name} was not checked in",
    EventKind.CHECK_OUT: "{name} was not checked out",
    EventKind.ABSENT: "{name} was not marked absent",
    EventKind.ANNUL: "Nothing was undone for {name}",
}


def done_words(kind: EventKind, name: str, state: AttendanceState | None, collector: str) -> str:
    """What is true now: "Nia is in", "Marlon has left with Rose", "Nia is expected again"."""
    if kind is EventKind.CHECK_OUT:
        return f"{name} has left with {collector}" if collector else f"{name} has left"
    if kind is EventKind.ANNUL:
        return f"{name} is {state.value} again" if state is not None else f"Undone for {name}"
    return f"{name} is in" if kind is EventKind.CHECK_IN else f"{name} is marked absent"


def place(session: SessionSummary | None) -> str:
    """Where it happened: "Junior Judo, Main Hall"."""
    if session is None:
        return ""
    return f"{session.activity_name}, {session.room_name}" if session.room_name else session.activity_name


def describe(
    answer: EventAnswer,
    kind: EventKind,
    name: str,
    session: SessionSummary | None,
    zone: tzinfo,
    *,
    collector: str = "",
) -> Outcome:
    """The outcome of an answer, without the way out, which only the desk can carry out."""
    where = place(session)
    if answer.is_recorded and answer.kept:
        return _kept(answer, kind, name, session, zone, collector)
    if answer.is_recorded:
        title = done_words(kind, name, answer.state, collector)
        when = clock_time(answer.state_at, zone) if answer.state_at and kind is not EventKind.ANNUL else ""
        review = "a manager will look at it" if answer.outcome is OutcomeKind.APPLIED_WITH_REVIEW else ""
        detail = " · ".join(part for part in (where, when, review) if part)
        return Outcome(
            "left" if kind is EventKind.CHECK_OUT else "done",
            title,
            detail,
            silent=kind in (EventKind.ANNUL, EventKind.ABSENT),
        )
    subject = ", ".join(part for part in (name, session.activity_name if session else "") if part)
    if answer.outcome is OutcomeKind.ALREADY:
        detail = " · ".join(part for part in (subject, "nothing was changed") if part)
        return Outcome("again", headline(answer, kind, name, zone), detail)
    if answer.reason is RefusalReason.WRONG_SESSION and answer.detail.other is not None:
        other = answer.detail.other
        who = answer.detail.first_name or name or "This child"
        return Outcome(
            "refused",
            "Not this session",
            # The time first: it is what a long name may not push out of sight.
            f"{who} is booked for {clock_time(other.starts_at, zone)} {other.name}",
        )
    if answer.reason is RefusalReason.UNKNOWN_CODE:
        return Outcome(
            "refused",
            "No booking here has this code",
            "Check the day on the ticket, or type the child's name.",
        )
    detail = " · ".join(part for part in (subject, "nothing was recorded") if part)
    return Outcome("refused", explain(answer, zone).rstrip("."), detail)


def _kept(
    answer: EventAnswer,
    kind: EventKind,
    name: str,
    session: SessionSummary | None,
    zone: tzinfo,
    collector: str,
) -> Outcome:
    """Only this desk knows it so far: "Theo is in, waiting to send"."""
    at = answer.state_at if kind is not EventKind.ANNUL else None
    when = clock_time(at, zone) if at else ""
    until = f"can be undone until {clock_time(at + UNDO_WINDOW, zone)}" if at else ""
    activity = session.activity_name if session else ""
    return Outcome(
        "kept",
        f"{done_words(kind, name, answer.state, collector)}, waiting to send",
        " · ".join(part for part in (activity, when, "kept on this desk") if part),
        silent=kind in (EventKind.ANNUL, EventKind.ABSENT),
        heard=Tone.OUT_WAITING if kind is EventKind.CHECK_OUT else None,
        in_toast=" · ".join(part for part in (when, until) if part),
    )


def failure(error: ConsoleError, kind: EventKind, name: str, retry: Callable[[], object]) -> Outcome:
    """The outcome when no answer came: nothing is claimed, and one press tries again."""
    title = _NOT_DONE[kind].format(name=name) if name else "The ticket was not checked in"
    return Outcome("refused", title, str(error), ("Try again", retry), "F2")


def mistyped(text: str) -> Outcome:
    """A code whose check symbol is wrong."""
    return Outcome("refused", "Check the code", f"{text.strip().upper()} has a wrong letter or figure in it.")


def already_left(entry: RosterEntry, zone: tzinfo, again: Callable[[], object]) -> Outcome:
    """Enter on a child who has left."""
    when = f": {clock_time(entry.state_at, zone)}" if entry.state_at else ""
    where = f" at {entry.state_desk}" if entry.state_desk else ""
    title = f"{entry.first_name} has already left{when}{where}"
    return Outcome("again", title, "Nothing was changed.", ("Check in again", again), "F2")


def too_short() -> Outcome:
    """Enter after a single letter: it would mean whoever was chosen before."""
    return Outcome("again", "Type one more letter", "Names are looked for from the second letter on.")


def several(name: str) -> Outcome:
    """Enter while two children of one name fit."""
    return Outcome("again", f"More than one {name}", "Choose with ↑ and ↓, then press Enter.")


def not_a_ticket() -> Outcome:
    """A scan of something that is no confirmation code at all."""
    return Outcome(
        "refused", "Not one of our tickets", "Ask for the code with nine symbols, or type the child's name."
    )


def names_of(names: Sequence[str]) -> str:
    """Several names in one sentence: "Ama", "Ama and Kofi", "Ama, Kofi and Yaw"."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def unknown_tag(tag: str) -> Outcome:
    """A pickup tag that stands for nobody of today."""
    return Outcome(
        "refused", f"No child today has the tag {tag}", "Tags change every day. Type the child's name."
    )


def tag_gone(tag: str, names: Sequence[str]) -> Outcome:
    """A pickup tag of children who have all left."""
    verb = "has" if len(names) == 1 else "have"
    return Outcome("again", f"{names_of(names)} {verb} already left", f"Tag {tag} · nothing was changed")


def tag_collects(tag: str, names: Sequence[str], more: Action | None) -> Outcome:
    """A pickup tag of children who are in: the card asks who collects. `more` brings those in who are expected."""
    return Outcome(
        "idle", f"Who collects {names_of(names)}?", f"Tag {tag} · choose with ↑ and ↓, then Enter", more,
        keys="F2" if more else "",
    )  # fmt: skip


def tag_expected(tag: str, names: Sequence[str], bring: Callable[[], object]) -> Outcome:
    """A pickup tag of children who have not come yet."""
    verb = "is" if len(names) == 1 else "are"
    return Outcome("idle", f"{names_of(names)} {verb} expected", f"Tag {tag}", ("Check in", bring), keys="F2")


def not_while_asking() -> Outcome:
    """A scan while a question lies over the page: said aloud, and nothing is done."""
    return Outcome("refused", "Finish this first, then scan again", "The ticket was not checked in.")


def code_of(text: str) -> str | None:
    """The code in what a scanner sent, None when it is none or its check symbol is wrong."""
    return codes.parse(text)
