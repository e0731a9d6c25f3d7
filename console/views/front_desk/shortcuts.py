"""The keys of the Today screen, named once: the page listens to them, the sheet of shortcuts and Ctrl+K tell of them.

See docs/design.md, "Screens" (keyboard for everything).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from console.models.find import RosterView
from console.views.front_desk.middle import BAND_KEY, Middle
from console.views.shell.areas import Action

_action = partial(Action, heard=False, group="Today")
_only_told = partial(_action, offered=False)
_SHOW = {
    RosterView.ALL: "Show everybody",
    RosterView.EXPECTED: "Show who is expected",
    RosterView.IN: "Show who is in",
    RosterView.OUT: "Show who is out",
    RosterView.ABSENT: "Show who is absent",
    RosterView.UNMARKED: "Show who is unmarked",
}


def page_keys(
    middle: Middle,
    *,
    move_day: Callable[[int], object],
    step_session: Callable[[int], object],
    refresh: Callable[[], object],
    run_band: Callable[[], object],
    run_other: Callable[[], object],
) -> tuple[Action, ...]:
    """What has a key anywhere on the page."""
    views = [
        _action(
            f"today:show:{view.value}",
            _SHOW[view],
            partial(middle.filters.choose, view),
            f"Alt+{number}",
            "ph.funnel",
        )
        for number, view in enumerate(RosterView, start=1)
    ]
    return (
        _action("today:day:back", "Previous day", partial(move_day, -1), "Alt+Left", "ph.caret-left"),
        _action("today:day:on", "Next day", partial(move_day, 1), "Alt+Right", "ph.caret-right"),
        _action(
            "today:session:back", "Previous session", partial(step_session, -1), "Ctrl+PgUp", "ph.caret-up"
        ),
        _action("today:session:on", "Next session", partial(step_session, 1), "Ctrl+PgDown", "ph.caret-down"),
        *views,
        _action(
            "today:health",
            "Only with a health note",
            middle.filters.health.click,
            "Alt+H",
            "ph.warning",
        ),
        _action("today:refresh", "Refresh", refresh, "F5", "ph.arrow-clockwise"),
        _only_told("today:band", "Do what the band offers", run_band, BAND_KEY),
        _only_told("today:band:other", "Do the other thing it offers", run_other, "Shift+F2"),
    )


DEEDS = {
    "day": ("today:day", "Choose a day", "Ctrl+D", "ph.calendar-blank"),
    "walk_in": ("today:walk-in", "Walk-in", "Ctrl+N", "ph.user-plus"),
    "building": ("today:building", "Who is in the building", "Ctrl+Shift+B", "ph.buildings"),
    "roster": ("today:roster", "Print the roster", "Ctrl+P", "ph.printer"),
    "labels": ("today:labels", "Print labels", "Ctrl+Shift+P", "ph.tag"),
    "note": ("today:note", "Write a note", "Ctrl+M", "ph.note-pencil"),
    "incident": ("today:incident", "Write down an incident", "Ctrl+Shift+M", "ph.first-aid"),
    "more": ("today:more", "More about this child", "Ctrl+.", "ph.dots-three"),
    "close": ("today:close", "Close the session", "Ctrl+Shift+E", "ph.flag"),
    "unmarked": ("today:unmarked", "Go over who is unmarked", "Ctrl+Shift+U", "ph.question"),
}
"""What a page offers beside attendance, where something answers it: key, words, keys, icon."""


def deed_keys(offered: Mapping[str, Callable[[], object]]) -> tuple[Action, ...]:
    """The keys of what is offered."""
    made = []
    for deed, run in offered.items():
        key, words, keys, icon = DEEDS[deed]
        made.append(_action(key, words, run, keys, icon))
    return tuple(made)


def field_keys(
    *,
    undo: Callable[[], object],
    step: Callable[[int], object],
    enter: Callable[[], object],
    escape: Callable[[], object],
) -> tuple[Action, ...]:
    """What the scan field hears by itself."""
    return (
        _action("today:undo", "Undo what you did last", undo, "Ctrl+Z", "ph.arrow-u-up-left"),
        _only_told("today:enter", "Check in, or ask who collects", enter, "Enter"),
        _only_told("today:escape", "Clear, or close", escape, "Esc"),
        _only_told("today:child:back", "Previous child", partial(step, -1), "Up"),
        _only_told("today:child:on", "Next child", partial(step, 1), "Down"),
    )
