"""The keys of the application screen. See docs/design.md, "Screens" (platform)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.views.shell.areas import Action

if TYPE_CHECKING:
    from console.views.applications.page import ApplicationPage


def actions(page: ApplicationPage, *, may_import: bool) -> tuple[Action, ...]:
    """What the page does by a key."""
    action = partial(Action, heard=False, group="Applications")
    made = [
        action("applications:refresh", "Refresh", page.refresh, "F5", "ph.arrow-clockwise"),
        action("applications:new", "New application", page.begin, "Ctrl+N", "ph.plus"),
        action("applications:submit", "Hand in, or send back", page.submit, "Ctrl+Return", "ph.paper-plane-tilt"),
        action("applications:keep", "Keep the draft now", page.keep, "Ctrl+S", "ph.floppy-disk"),
        action("applications:form", "The form", partial(page.show_part, "form"), "Alt+1", "ph.note-pencil"),
        action("applications:papers", "Its papers", partial(page.show_part, "papers"), "Alt+2", "ph.files"),
    ]  # fmt: skip
    if may_import:
        take = action(
            "applications:import", "Import applications", page.take_file, "Ctrl+I", "ph.upload-simple"
        )
        made.insert(2, take)
    return tuple(made)
