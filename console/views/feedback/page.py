"""Reviews: the moderation queue of headquarters, and a venue's own reviews with its answers.

Everything goes by the keyboard: arrows move, K keeps, H hides, R restores, and the next one opens by itself; a venue
types its answer and sends it with Ctrl+Enter. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent

from console.clock import Clock
from console.domain.counting import count
from console.domain.feedback import Ratings, ReviewRow, ReviewStep
from console.domain.listing import ActivityChoice
from console.domain.paging import PAGE_ROWS, PageRequest
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_feedback import FeedbackGateway
from console.models.runner import TaskRunner
from console.views.feedback import words
from console.views.feedback.drafts import Drafts
from console.views.feedback.frame import FeedbackFrame
from console.views.feedback.keys import actions
from console.views.feedback.thresholds import ThresholdsSheet
from console.views.payouts.asking import ask_reason, ask_where
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import listen
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionDialog
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.waiting import EmptyState

_DELAY_MS = 180
_MOST_ROWS = 4000


class FeedbackPage(FeedbackFrame):
    """The page."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    counted = Signal(int)
    """How many wait: the badge of the rail."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: FeedbackGateway,
        *,
        venue_id: UUID | None,
        clock: Clock,
        zone: tzinfo,
        memory: FilterMemory | None,
        may_moderate: bool,
        may_reply: bool,
        may_export: bool,
        activities: Callable[[], Awaitable[Sequence[ActivityChoice]]] | None = None,
        afterwards: Callable[[Coroutine[Any, Any, None]], object] | None = None,
    ) -> None:
        """Nothing is asked before it is shown. `activities` fills a venue's filter by activity.

        `afterwards` finishes what the page leaves behind when it goes away: words that were typed last.
        """
        super().__init__(
            hub, zone, memory, platform=venue_id is None, may_moderate=may_moderate and venue_id is None,
            may_reply=may_reply, may_export=may_export,
        )  # fmt: skip
        self._gateway, self._venue_id, self._clock, self._zone = gateway, venue_id, clock, zone
        self._moderates, self._may_export = may_moderate and venue_id is None, may_export
        self._answers = may_reply and venue_id is not None
        self._activities, self._afterwards = activities, afterwards
        self._rows: list[ReviewRow] = []
        self._next: tuple[object, ...] | None = None
        self._whole = 0
        self._known = self._busy = self._limit_known = False
        self._history: dict[UUID, tuple[object, Sequence[ReviewStep]]] = {}
        self.sheet: ThresholdsSheet | None = None
        self.question: QuestionDialog | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.drafts = Drafts(gateway, self.runner, self)
        self.drafts.kept.connect(self._draft_kept)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self.narrow)
        self._wire()
        self.page_actions = actions(
            self, moderates=self._moderates, answers=self._answers, may_export=self._may_export
        )
        listen(self, self.page_actions)
        lead_focus(self, self.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def current(self) -> ReviewRow | None:
        """The review on show."""
        row = self.list.current
        return row if isinstance(row, ReviewRow) else None

    def refresh(self) -> None:
        """Ask again; everything keeps its place."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way, but what was typed: the page is going away."""
        self._later.stop()
        last = self.drafts.stop()
        self.runner.cancel_all()
        if last is not None and self._afterwards is not None:
            self._afterwards(last())

    # -- doing -------------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Nothing is wrong with it: it leaves the queue."""
        review = self._free()
        if review is not None and review.causes and review.is_visible:
            self._decide(self._gateway.keep(review), "The review stays; it was looked at.")

    def hide_it(self) -> None:
        """Ask why, and hide the review."""
        review = self._free()
        if review is not None and review.is_visible:
            self.question = ask_reason(
                self.hub, self, "Hide this review?",
                f"Nobody sees it any more, {review.venue} is told why, and its average follows. It can be restored.",
                do="Hide 1 review", keep="Leave it visible",
                given=lambda why: self._decide(self._gateway.hide(review, why), "The review is hidden."),
            )  # fmt: skip

    def restore(self) -> None:
        """Ask why, and show the review again."""
        review = self._free()
        if review is not None and not review.is_visible:
            self.question = ask_reason(
                self.hub, self, "Show this review again?",
                f"Everybody sees it again, {review.venue} is told why, and its average follows.",
                do="Restore 1 review", keep="Leave it hidden",
                given=lambda why: self._decide(self._gateway.restore(review, why), "The review is visible again."),
            )  # fmt: skip

    def send(self) -> None:
        """Show parents the answer that is typed."""
        review, editor = self.current, self.panel.reply
        if review is not None and self._answers and not review.reply and editor.may_send:
            self._begin()
            self.runner.start(
                self._changed(self.drafts.send(review, editor.body.strip()), "Your answer is sent.")
            )

    def take_back(self) -> None:
        """Take the answer back; it is a draft again."""
        review = self.current
        if review is not None and self._answers and review.reply and not self._busy:
            self._begin()
            deed = self._gateway.take_back(review)
            self.runner.start(self._changed(deed, "Your answer is taken back\nIt is a draft again."))

    def change_rules(self) -> None:
        """Look at the numbers of the queue, and change them."""
        if self._moderates and (self.sheet is None or not self.sheet.is_open):
            self.sheet = ThresholdsSheet(self.hub, self.window(), self._gateway)
            self.sheet.saved.connect(lambda _kept: self._rules_saved())
            self.sheet.closed.connect(self._sheet_closed)
            self.sheet.open()

    def export(self, ending: str) -> None:
        """Ask for a file and write all reviews on show into it."""
        if self._may_export:
            today = self._clock.now().astimezone(self._zone).date()
            request = self._request()
            ask_where(
                self, "Export reviews", f"reviews-{today}", ending,
                lambda path: self.runner.start(self._export(request, path), "export"),
            )  # fmt: skip

    def show_tab(self, place: int) -> None:
        """Show the tab at this place, 0 for the first."""
        if place < len(self.which):
            self.tabs.choose(self.which[place][0])
            self.narrow()

    def narrow(self) -> None:
        """Ask for what the filters say now."""
        self._later.stop()
        self.cause.setEnabled(self.tabs.chosen != "hidden")
        if self._known:
            self.runner.start(self._load(again=False), "load")

    def clear(self) -> None:
        """Show everything of this tab again."""
        self.filter.clear()
        self.choices.reset()
        self.narrow()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _free(self) -> ReviewRow | None:
        return self.current if self._moderates and not self._busy else None

    def _begin(self) -> None:
        self._busy = True
        self.panel.set_busy(True)

    def _decide(self, deed: Coroutine[Any, Any, ReviewRow], said: str) -> None:
        self._begin()
        self.runner.start(self._changed(deed, said))

    async def _changed(self, deed: Coroutine[Any, Any, ReviewRow], said: str) -> None:
        row = await deed
        self._done()
        self.reached.emit(None)
        self.banner.clear()
        self.toast_wanted.emit(said)
        self._take(row)
        # What was pressed or typed into may be gone: the keyboard stays with the reviews.
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        await self._load()

    def _done(self) -> None:
        self._busy = False
        self.panel.set_busy(False)

    def _take(self, row: ReviewRow) -> None:
        """A review after something was done with it: it leaves where it no longer belongs, and the next follows."""
        at = next((at for at, one in enumerate(self._rows) if one.id == row.id), None)
        if at is None:
            return
        stays = {
            "waiting": bool(row.causes) and row.is_visible, "hidden": not row.is_visible, "no": not row.reply,
            "yes": bool(row.reply),
        }.get(self.tabs.chosen, True)  # fmt: skip
        rest = [one for one in self._rows if one.id != row.id]
        if stays:
            self._rows[at] = row
            self._show()
        else:
            self._rows = rest
            self._show(follow=rest[min(at, len(rest) - 1)] if rest else None)

    # -- loading -----------------------------------------------------------------------------------------------------

    def _request(self) -> PageRequest:
        filters = dict(self.choices.values)
        order, tab = filters.pop("sort", ""), self.tabs.chosen
        if self._venue_id is not None:
            filters |= {"visible": "yes"} | ({"replied": tab} if tab else {})
        elif tab == "waiting":
            filters["waiting"] = "yes"
        elif tab == "hidden":
            filters["visible"] = "no"
            filters.pop("cause", None)
        return PageRequest(
            sort="rating" if order == "lowest" else "submitted", descending=order == "", filters=filters,
            text=self.filter.text().strip(),
        )  # fmt: skip

    async def _load(self, *, again: bool = True) -> None:
        request = self._request()
        many = min(max(len(self._rows), PAGE_ROWS), _MOST_ROWS) if again else PAGE_ROWS
        page = await self._gateway.reviews(self._venue_id, replace(request, limit=many))
        ratings = await self._gateway.ratings(self._venue_id)
        if self._answers and not self._limit_known:
            self.panel.reply.most = (await self._gateway.settings()).reply_characters
            self._limit_known = True
        self.reached.emit(None)
        self._stop_waiting()
        self._known = True
        if not self._busy:
            self.banner.clear()
        self._next = page.next_after
        self._show_ratings(ratings)
        self._rows = list(page.rows)
        self._show()

    async def _load_more(self) -> None:
        after = self._next
        page = await self._gateway.reviews(self._venue_id, replace(self._request(), after=after))
        if after == self._next:
            have = {one.id for one in self._rows}
            self._rows += [one for one in page.rows if one.id not in have]
            self._next = page.next_after
            self._show()

    async def _load_history(self, row: ReviewRow) -> None:
        self._history[row.id] = (_decided(row), await self._gateway.history(row.id))
        self._show_current()

    async def _load_activities(self) -> None:
        if self._activities is not None and self._venue_id is not None:
            found, self._activities = await self._activities(), None
            self.activity.fill("Activity", [(str(one.id), one.name) for one in found])

    async def _export(self, request: PageRequest, path: Path) -> None:
        rows = await self._gateway.export(self._venue_id, request, path)
        self.toast_wanted.emit(f"{count(rows, 'review')} saved in {path.name}.")

    def _failed(self, error: ConsoleError) -> None:
        self._done()
        self._stop_waiting()
        if isinstance(error, Conflict | NotFound):
            # Somebody was faster: everything is shown as it is now, and what was typed stays.
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load_after(error), "load")
        else:
            self.reached.emit(error)
            self.banner.show_error(error, action=("Try again", self._try_again))

    def _try_again(self) -> None:
        self.drafts.flush()
        self.refresh()

    async def _load_after(self, error: ConsoleError) -> None:
        self._history.clear()
        await self._load()
        self.banner.show_message(error.sentence, error.hint or "", "blue")

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show_ratings(self, ratings: Ratings) -> None:
        self._whole = ratings.count + ratings.hidden
        self.figure.setText(words.average(ratings))
        many = count(ratings.count, "visible review")
        self.out_of.setText(f"of {many}" if ratings.count else "no reviews yet")
        self.bars.show_ratings(ratings)
        if self._venue_id is None:
            self.header.caption.setText(words.summary(ratings, waits=self._moderates))
        if self._moderates:
            self.tabs.set_counts({"waiting": ratings.waiting, "hidden": ratings.hidden})
            self.counted.emit(ratings.waiting)

    def _show(self, follow: ReviewRow | None = None) -> None:
        for row in self._rows:
            self.drafts.know(row)
        self.list.show_reviews(self._rows, self._clock.now(), current=follow)
        self.show_nothing(None if self._rows or not self._known else self._nothing())
        self._show_current()

    def _nothing(self) -> EmptyState:
        if self.filter.text().strip() or any(name != "sort" for name in self.choices.values):
            return self.no_match
        fits = {
            "waiting": self.nothing_waits,
            "no": self.all_answered,
            "hidden": self.no_match,
            "yes": self.no_match,
        }
        if self._whole == 0 and self.tabs.chosen != "waiting":
            return self.none_yet
        return fits.get(self.tabs.chosen, self.none_yet)

    def _show_current(self) -> None:
        row = self.current
        for part in (self.panel, self.edge):
            part.setVisible(row is not None)
        if row is None:
            return
        kept = self._history.get(row.id)
        self.panel.show_review(row, kept[1] if kept is not None else None)
        if kept is None or kept[0] != _decided(row):
            self.runner.start(self._load_history(row), "history")
        if self._answers:
            waiting = self.drafts.waiting(row.id)
            editor = self.panel.reply
            editor.show_answered(bool(row.reply))
            editor.show_draft(waiting if waiting is not None else row.draft or "")
            editor.say("" if waiting is not None or not row.draft else "Draft kept. Parents cannot read it.")

    def _moved(self) -> None:
        row, before = self.current, self.panel.review
        if row is not None and (before is None or row.id != before.id):
            self.drafts.flush()
        self._show_current()

    def _typed(self, body: str) -> None:
        if (row := self.current) is not None and not row.reply:
            self.drafts.type(row, body)
            self.panel.reply.say("")

    def _draft_kept(self, row: ReviewRow) -> None:
        at = next((at for at, one in enumerate(self._rows) if one.id == row.id), None)
        if at is not None:
            self._rows[at] = row
            self._show()

    def _rules_saved(self) -> None:
        self.toast_wanted.emit("The queue follows the new numbers.")
        self.refresh()

    def _sheet_closed(self) -> None:
        self.sheet = None

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
            self.runner.start(self._load_activities(), "activities")
        tab_in_order(
            self.export_button, self.rules_button, self.banner, self.tabs, self.filter, self.choices, self.list,
            *self.panel.stops,
        )  # fmt: skip
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is typed is kept before the page is left."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.drafts.flush()

    # -- how it is wired ---------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        self.export_button.clicked.connect(lambda _checked=False: self.export(".xlsx"))
        self.rules_button.clicked.connect(lambda _checked=False: self.change_rules())
        self.tabs.changed.connect(lambda _key: self.narrow())
        self.filter.textChanged.connect(self._filter_typed)
        self.filter.returnPressed.connect(lambda: self.list.setFocus(Qt.FocusReason.OtherFocusReason))
        self.choices.changed.connect(self.narrow)
        self.choices.text_wanted.connect(self.filter.setText)
        self.list.moved.connect(lambda _value: self._moved())
        self.list.near_end.connect(self._more)
        self.panel.wanted.connect(
            lambda what: {"keep": self.keep, "hide": self.hide_it, "restore": self.restore}[what]()
        )
        self.panel.reply.typed.connect(self._typed)
        self.panel.reply.send_wanted.connect(self.send)
        self.panel.reply.take_back_wanted.connect(self.take_back)

    def _filter_typed(self, text: str) -> None:
        self.choices.typed = text.strip()
        self._later.start()

    def _more(self) -> None:
        if self._next is not None and self._known:
            self.runner.start(self._load_more(), "more")


def _decided(row: ReviewRow) -> object:
    """What of a review differs once something was decided about it; a draft decides nothing."""
    return row.is_visible, row.hidden_reason, row.looked_at, row.replied_at
