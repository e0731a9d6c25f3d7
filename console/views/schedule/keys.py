"""The keys of the schedule, and the same acts by name for the palette.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.views.shell.areas import Action, listen

if TYPE_CHECKING:
    from console.views.schedule.page import SchedulePage


def actions(
    page: SchedulePage, *, may_edit: bool, may_cancel: bool, may_print: bool, may_exchange: bool = False
) -> tuple[Action, ...]:
    """Every act of the page, heard where it makes sense: none while the keyboard is in the panel."""
    action, beside = partial(Action, heard=False, group="Schedule"), page.beside
    turning = (
        action("schedule:before", "The week or month before", lambda: page.turn(-1), "PgUp", "ph.caret-left"),
        action("schedule:after", "The next week or month", lambda: page.turn(1), "PgDown", "ph.caret-right"),
    )
    others = [
        action("schedule:now", "This week", lambda: page.turn(0), "T", "ph.calendar-check"),
        action("schedule:day", "Choose a day", page.pick_day, "Ctrl+G", "ph.calendar-blank"),
        action("schedule:filter", "Filter sessions", page.go_to_filter, "Ctrl+F", "ph.funnel"),
        action("schedule:refresh", "Refresh", page.refresh, "F5", "ph.arrow-clockwise"),
        action("schedule:close", "Close the panel", page.step_back, "Esc", offered=False),
    ]
    if may_print:
        others.append(action("schedule:print", "Print the week", page.print_week, "Ctrl+P", "ph.printer"))
    if may_exchange:
        others.append(
            action(
                "schedule:exchange", "Import and export", page.exchange_wanted.emit, "", "ph.arrows-down-up"
            )
        )
    if may_edit:
        others += [
            action("schedule:series", "New series", beside.new_series, "N", "ph.plus"),
            action(
                "schedule:session", "New single session", lambda: beside.new_session(), "S", "ph.plus-circle"
            ),
            action("schedule:closures", "Closures", beside.open_closures, "C", "ph.prohibit"),
        ]
    if may_cancel:
        others += [
            action("schedule:cancel", "Cancel this session", beside.cancel, "Del", "ph.x-circle"),
            action(
                "schedule:combine",
                "Combine with another session",
                beside.combine,
                "",
                "ph.arrows-in-line-horizontal",
            ),
        ]
    listen(page.body, turning)
    listen(page.left, [one for one in others if one.keys])
    return (*turning, *others)
