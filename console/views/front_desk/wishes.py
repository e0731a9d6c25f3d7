"""What the Today screen offers beside attendance, and what each button and key of it does.

Whether something is offered depends on the person's rights, on the parts the page was given, and on whether anybody
listens: a walk-in that nobody answers has no button and no key. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QMetaMethod

from console.domain.desk import RosterEntry
from console.views.front_desk.shortcuts import DEEDS, deed_keys
from console.views.shell.areas import Action

if TYPE_CHECKING:
    from console.views.front_desk.page import TodayPage

_BY_SIGNAL = {
    "move": "move_wanted",
    "next": "next_visit_wanted",
    "waitlist": "waitlist_wanted",
    "health": "correct_wanted",
    "pickup": "correct_wanted",
    "booking": "booking_wanted",
}
_OF_PAGE = {"walk_in": "walk_in_wanted", "building": "building_wanted"}


class Wishes:
    """The page's other deeds."""

    def __init__(self, page: TodayPage, *, may_close: bool, may_reopen: bool) -> None:
        """Of `page`, whose parts exist already."""
        self._page = page
        self._may_close = may_close
        running, title = page.running, page.middle.title
        known = running.gateway is not None
        title.may_print = running.printer is not None
        title.may_label = running.may_label
        title.may_close = may_close and known
        title.may_reopen = may_reopen and known
        title.roster_wanted.connect(running.print_roster)
        title.labels_wanted.connect(self._labels)
        title.close_wanted.connect(running.close_session)
        title.reopen_wanted.connect(self._reopen)
        title.handed_back.connect(page.take_keyboard)
        foot = page.sessions.foot
        foot.walk_in_wanted.connect(page.walk_in_wanted)
        foot.building_wanted.connect(page.building_wanted)
        foot.unmarked_wanted.connect(running.review_unmarked)

    def is_heard(self, signal: str) -> bool:
        """Whether anybody is connected to a signal of the page."""
        return bool(self._page.isSignalConnected(QMetaMethod.fromSignal(getattr(self._page, signal))))

    def offer(self) -> None:
        """Show what is offered now: others connect after the page was made."""
        self._page.sessions.foot.offer(
            walk_in=self.is_heard("walk_in_wanted"), building=self.is_heard("building_wanted")
        )

    def of_child(self) -> frozenset[str]:
        """The deeds that a child's card offers beyond attendance."""
        running = self._page.running
        offered = {deed for deed, signal in _BY_SIGNAL.items() if self.is_heard(signal)}
        if running.may_label:
            offered.add("labels")
        if running.gateway is not None:
            offered.add("note")
        return frozenset(offered)

    def do(self, entry: RosterEntry, deed: str) -> None:
        """Do what a button of the card asks."""
        page, deeds = self._page, self._page.deeds
        run: dict[str, Callable[[], object]] = {
            "check_in": partial(deeds.check_in, entry, "row"),
            "again": partial(deeds.check_in, entry, "row", again=True),
            "absent": partial(deeds.mark_absent, entry, "row"),
            "undo": partial(deeds.undo, entry, "row"),
            "labels": partial(page.running.print_labels, [entry]),
            "move": partial(page.move_wanted.emit, entry),
            "next": partial(page.next_visit_wanted.emit, entry),
            "waitlist": partial(page.waitlist_wanted.emit, entry),
            "health": partial(page.correct_wanted.emit, entry, "health"),
            "pickup": partial(page.correct_wanted.emit, entry, "pickup"),
            "booking": partial(page.booking_wanted.emit, entry.booking_id),
        }
        run[deed]()

    # -- keys --------------------------------------------------------------------------------------------------------

    def actions(self) -> tuple[Action, ...]:
        """The keys of what is offered now."""
        return deed_keys({deed: partial(self._run, deed) for deed in DEEDS if self._is_offered(deed)})

    def all_keys(self) -> tuple[Action, ...]:
        """Every key, for the page to hear; what is not offered does nothing."""
        return deed_keys({deed: partial(self._run, deed) for deed in DEEDS})

    def _is_offered(self, deed: str) -> bool:
        running = self._page.running
        if deed in _OF_PAGE:
            return self.is_heard(_OF_PAGE[deed])
        known = running.gateway is not None
        return {
            "day": True,
            "roster": running.printer is not None,
            "labels": running.may_label,
            "close": known and self._may_close,
            "more": any(self.is_heard(signal) for signal in _BY_SIGNAL.values()),
        }.get(deed, known)

    def _run(self, deed: str) -> None:
        if not self._is_offered(deed):
            return
        page, running = self._page, self._page.running
        run: dict[str, Callable[[], object]] = {
            "day": page.sessions.pick_day,
            "walk_in": page.walk_in_wanted.emit,
            "building": page.building_wanted.emit,
            "roster": running.print_roster,
            "labels": self._labels,
            "note": partial(self._write, incident=False),
            "incident": partial(self._write, incident=True),
            "more": self._more,
            "close": running.close_session,
            "unmarked": running.review_unmarked,
        }
        run[deed]()

    def _labels(self) -> None:
        row = self._page.middle.roster.current
        running = self._page.running
        running.print_labels([row.entry] if row is not None else running.labels_of_who_is_in())

    def _reopen(self) -> None:
        session = self._page.day.session
        if session is not None:
            self._page.running.reopen(session.id, session.activity_name)

    def _write(self, *, incident: bool) -> None:
        self._page.drawer.open()
        self._page.card.write_note(incident=incident)

    def _more(self) -> None:
        self._page.drawer.open()
        if self._page.card.buttons is not None and self._page.card.chooser is None:
            self._page.card.buttons.open_menu()
