"""The keys of the screens about reviews: what somebody may not do has no key.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.views.shell.areas import Action

if TYPE_CHECKING:
    from console.views.feedback.page import FeedbackPage


def actions(page: FeedbackPage, *, moderates: bool, answers: bool, may_export: bool) -> tuple[Action, ...]:
    """What the page does by a key."""
    action = partial(Action, heard=False, group="Reviews")
    made = [
        action("feedback:refresh", "Refresh", page.refresh, "F5", "ph.arrow-clockwise"),
        action("feedback:filter", "Filter", page.filter.setFocus, "Ctrl+F", "ph.funnel"),
        action("feedback:clear", "Clear the filter", page.clear, "Esc", offered=False),
    ]
    if moderates:
        made += [
            action("feedback:keep", "Keep the review", page.keep, "K", "ph.check"),
            action("feedback:hide", "Hide the review", page.hide_it, "H", "ph.eye-slash"),
            action("feedback:restore", "Restore the review", page.restore, "R", "ph.eye"),
            action("feedback:rules", "When a review waits", page.change_rules, "", "ph.sliders-horizontal"),
        ]  # fmt: skip
    if answers:
        made += [
            action("feedback:send", "Send the answer", page.send, "Ctrl+Return", "ph.paper-plane-tilt"),
            action("feedback:send2", "Send the answer", page.send, "Ctrl+Enter", listed=False, offered=False),
            action("feedback:back", "Take the answer back", page.take_back, "", "ph.arrow-u-up-left"),
        ]  # fmt: skip
    if may_export:
        made += [
            action("feedback:xlsx", "Export as a workbook", partial(page.export, ".xlsx"), "Ctrl+E", "ph.export"),
            action("feedback:csv", "Export as CSV", partial(page.export, ".csv"), "", "ph.export"),
        ]  # fmt: skip
    made += [
        action(f"feedback:tab{at}", f"{word} reviews", partial(page.show_tab, at - 1), f"Alt+{at}", "ph.funnel")
        for at, (_key, word) in enumerate(page.which, 1)
    ]  # fmt: skip
    return tuple(made)
