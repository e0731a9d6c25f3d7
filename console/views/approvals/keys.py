"""The keys of the approval queue: every button of the page has one, and the sheet of keys names them all.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from console.domain.vetting import Decision
from console.views.approvals.queue_side import TABS
from console.views.shell.areas import Action

if TYPE_CHECKING:
    from console.views.approvals.page import ApprovalsPage

TOLD_ONLY = "approvals:open"
"""The list hears it itself: everywhere else Enter presses the button it is on."""


def actions(page: ApprovalsPage) -> tuple[Action, ...]:
    """What the page does by a key."""
    action = partial(Action, heard=False, group="Approvals")

    def decide(decision: Decision) -> Callable[[], object]:
        return partial(page.decide, decision)

    made = [
        action(TOLD_ONLY, "Claim the chosen case", page.open_chosen, "Return", "ph.hand-palm"),
        action("approvals:next", "Next case", page.next_case, "N", "ph.skip-forward"),
        action("approvals:documents", "Read the evidence", page.show_documents, "D", "ph.file-pdf"),
        action("approvals:approve", "Approve", decide(Decision.APPROVE), "A", "ph.check-square"),
        action("approvals:except", "Approve with an exception", decide(Decision.EXCEPT), "X", "ph.shield-check"),
        action("approvals:reject", "Reject", decide(Decision.REJECT), "J", "ph.x-circle"),
        action("approvals:ask", "Ask the venue", decide(Decision.ASK), "K", "ph.chat-text"),
        action("approvals:release", "Give the case back", page.release, "R", "ph.arrow-u-up-left"),
        action("approvals:suspend", "Suspend the venue", page.suspend, "Ctrl+Shift+S", "ph.prohibit"),
        action("approvals:venue", "Open the venue's file", page.show_venue, "V", "ph.buildings"),
        action("approvals:claim-marked", "Claim the marked cases", partial(page.do_with_marked, "claim"), "Shift+C",
               "ph.hand-palm"),
        action("approvals:ask-marked", "Ask the marked venues", partial(page.do_with_marked, "ask"), "Shift+K",
               "ph.chat-text"),
        action("approvals:filter", "Filter the cases", page.side.toggle_filter, "F", "ph.funnel-simple"),
        action("approvals:clear", "Clear marks and filter", page.clear, "Esc", "ph.x", offered=False),
        action("approvals:refresh", "Refresh", page.refresh, "F5", "ph.arrow-clockwise"),
    ]  # fmt: skip
    for place, (key, title) in enumerate(TABS, 1):
        run: Callable[[], object] = partial(page.go_to_tab, key)
        name = "Show what you hold" if key == "mine" else f"Show {title.lower()} cases"
        made.append(action(f"approvals:tab:{key}", name, run, f"Alt+{place}", "ph.check-square"))
    return tuple(made)
