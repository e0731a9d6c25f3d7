"""One activity beside the list: its form, what parents need, publishing, duplicating, putting away.

Nothing is saved before Save is pressed; what somebody else saved meanwhile is shown beside what was typed, which is
kept. See docs/design.md, "Screens" (activities) and "The database" (authorisation, rule 3).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal

from console.domain.catalogue import (
    Activity,
    ActivityFacts,
    Merged,
    Need,
    cannot_publish,
    changed_fields,
    checks,
    merge,
    missing,
)
from console.domain.counting import count
from console.errors import Conflict, ConsoleError, Invalid
from console.models.gateway_catalogue import CatalogueGateway
from console.models.runner import TaskRunner
from console.views.activities import words
from console.views.activities.panel_frame import PanelFrame
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked

_STILL = frozenset({"capacity", "minutes"})


class ActivityPanel(PanelFrame):
    """The panel at the right of the catalogue. It begins hidden."""

    saved = Signal(object)
    """The Activity as it is kept now: the list has to be asked anew."""
    opened = Signal()
    closed = Signal()
    unsaved_changed = Signal(object)
    """The status bar's words about what is not saved yet, or None."""
    unopened = Signal(object)
    """The ConsoleError for which an activity could not be shown."""
    toast_wanted = Signal(str, str)
    series_wanted = Signal(object)
    """The id of an activity whose weekly patterns should be changed too."""
    schedule_wanted = Signal(object)
    """The id of an activity that has no session to come."""

    def __init__(self, hub: ThemeHub, gateway: CatalogueGateway, *, may_edit: bool = True) -> None:
        """Nothing is on show before `open` or `begin`; without `may_edit` it can only be read."""
        super().__init__(hub)
        self._gateway, self._may_edit = gateway, may_edit
        self.activity: Activity | None = None
        self._base: ActivityFacts | None = None
        self._wrong: dict[str, str] = {}
        self._said: str | None = None
        self._busy = False
        self.question: QuestionDialog | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.form.edited.connect(self._offer)
        self.checklist.wanted.connect(self._meet)
        self.foot.setVisible(may_edit)
        self.checklist.setVisible(may_edit)
        for button, run in (
            (self.close_button, self.close_panel),
            (self.publish_button, self.publish),
            (self.copy_button, self.duplicate),
            (self.away_button, self.put_away),
            (self.discard_button, self._discard),
            (self.save_button, self.save),
        ):
            button.clicked.connect(lambda _checked=False, run=run: run())
        action = partial(Action, heard=False, group="Activity")
        self.page_actions: tuple[Action, ...] = (
            action("activity:close", "Close the panel", self.close_panel, "Esc", offered=False),
        )
        if may_edit:
            self.page_actions = (
                action("activity:save", "Save the activity", self.save, "Ctrl+S", "ph.floppy-disk"),
                *self.page_actions,
            )
        listen(self, self.page_actions)
        self.hide()

    # -- for the page --------------------------------------------------------------------------------------------------

    @property
    def is_dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        if self.isHidden() or self._base is None:
            return False
        return self._differs(*self.form.read())

    def open(self, activity_id: UUID) -> None:
        """Show an activity; what is not saved asks first."""
        self._leave(lambda: self._start(self._load(activity_id)))

    def begin(self) -> None:
        """Begin a new activity; what is not saved asks first."""
        self._leave(self._begin)

    def close_panel(self) -> None:
        """Close it; what is not saved asks first."""
        self._leave(self._close)

    def refresh(self) -> None:
        """Something changed elsewhere: show it again, unless something was typed."""
        if not self.isHidden() and self.activity is not None and not self.is_dirty and not self._busy:
            self.runner.start(self._reload(self.activity.id), "reload")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()

    # -- what can be done ----------------------------------------------------------------------------------------------

    def save(self, *, publish: bool | None = None) -> None:
        """Keep what is typed; with `publish` also show it to parents, or no longer."""
        if self._busy or not self._may_edit or self.isHidden():
            return
        facts, wrong = self.form.read()
        self.form.tell(wrong)
        if wrong:
            self.form.go_to(next(iter(wrong)))
            return
        if self.activity is None:
            self._start(self._add(facts))
        elif publish is not None or facts != self._base:
            self._start(self._save(self.activity, facts, publish))

    def publish(self) -> None:
        """Show it to parents, or no longer; what is missing is named and its field gets the keyboard."""
        if self.activity is None or self._busy:
            return
        if self.activity.is_published:
            self.save(publish=False)
            return
        needs = missing(self.checklist.found)
        if needs:
            self.banner.show_message(cannot_publish(needs), "", "amber")
            self.form.go_to(words.NEED_FIELDS[needs[0]])
            return
        self.save(publish=True)

    def duplicate(self) -> None:
        """A copy that is not published, open in the panel; what is not saved asks first."""
        if self.activity is not None and not self._busy:
            was = self.activity
            self._leave(lambda: self._start(self._duplicate(was)))

    def put_away(self) -> None:
        """Take it out of the catalogue, or bring it back. With sessions to come, the question says how many."""
        activity = self.activity
        if activity is None or self._busy or is_asked(self):
            return
        if activity.is_away or not (activity.upcoming or activity.series):
            self._leave(lambda: self._start(self._put_away(activity)))
            return
        card = QuestionCard(
            self.hub,
            f"Put {activity.facts.name} away?",
            "Parents no longer find it. Its sessions stay in the schedule until they are cancelled there.",
            do="Put away",
            keep="Keep it",
            figures=(
                (f"{activity.upcoming:,}", "sessions to come"),
                (f"{activity.series:,}", "weekly series"),
            ),
            danger=False,
        )
        self._ask(card, lambda: self._leave(lambda: self._start(self._put_away(activity))))

    # -- work ----------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._busy = True
        self.banner.clear()
        self._offer()
        self.runner.start(work)

    async def _load(self, activity_id: UUID) -> None:
        activity = await self._gateway.activity(activity_id)
        self._busy = False
        self._show(activity)
        self.form.go_to("name")

    async def _reload(self, activity_id: UUID) -> None:
        activity = await self._gateway.activity(activity_id)
        if not self._busy and not self.is_dirty and activity != self.activity:
            self._show(activity)

    async def _add(self, facts: ActivityFacts) -> None:
        made = await self._gateway.add(facts)
        self._done(made, f"{made.facts.name} added", "Parents see it once it is published.")

    async def _save(self, was: Activity, facts: ActivityFacts, publish: bool | None) -> None:
        try:
            made = await self._gateway.save(was, facts, publish=publish)
        except Conflict as error:
            if error.code != "version_changed":
                raise
            await self._catch_up(was, facts)
            return
        name = made.facts.name
        if publish is None or made.is_published == was.is_published:
            self._done(made, f"{name} saved", "")
        else:
            self._done(made, f"{name} published" if publish else f"{name} is no longer shown to parents", "")
        changed = _STILL & set(changed_fields(was.facts, made.facts))
        if changed and (made.upcoming or made.series):
            self._say_sessions_stay(was, changed)

    async def _catch_up(self, was: Activity, mine: ActivityFacts) -> None:
        """Carry what was typed over to what somebody else saved, and say which is which."""
        now = await self._gateway.activity(was.id)
        merged = merge(was.facts, mine, now.facts)
        self._busy = False
        self._show(now, merged.facts)
        self.form.note(_notes(merged, now.facts))
        said = words.fields(merged.theirs) if merged.theirs else "whether parents see it"
        also = f" You both changed {words.fields(merged.clashes)}: yours stands." if merged.clashes else ""
        self.banner.show_message(
            f"Somebody else changed {said}.", f"Your own changes are still here. Save again.{also}", "blue"
        )

    async def _duplicate(self, was: Activity) -> None:
        made = await self._gateway.duplicate(was.id, was.facts.name)
        self._done(made, f"{made.facts.name} added", "It is not published.")
        self.form.go_to("name")
        self.form.name.selectAll()

    async def _put_away(self, was: Activity) -> None:
        try:
            made = await self._gateway.put_away(was, not was.is_away)
        except Conflict:
            self._show(await self._gateway.activity(was.id))
            raise
        self._done(made, f"{made.facts.name} {'put away' if made.is_away else 'is back'}", "")

    def _done(self, made: Activity, said: str, detail: str) -> None:
        self._busy = False
        self._show(made)
        self.saved.emit(made)
        self.toast_wanted.emit(said, detail)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._offer()
        field = error.code if isinstance(error, Invalid) else None
        if field in self.form.fields:
            self.form.tell({field: error.sentence})
            self.form.go_to(field)
            return
        if self.isHidden():
            self.unopened.emit(error)
            return
        self.banner.show_error(error)

    # -- showing -------------------------------------------------------------------------------------------------------

    def _show(self, activity: Activity, typed: ActivityFacts | None = None) -> None:
        same = not self.isHidden() and self.activity is not None and self.activity.id == activity.id
        self.activity, self._base = activity, activity.facts
        self.banner.clear()
        self.form.note({})
        self.form.show_facts(activity.facts)
        self._wrong = self.form.read()[1]
        if typed is not None:
            self.form.show_facts(typed)
        self.form.setEnabled(self._may_edit)
        self.title.setText(activity.facts.name)
        self.caption.setText(words.caption(activity))
        self.chip.show_chip(words.STATE_CHIPS[activity.state])
        self.chip.show()
        self.deeds.setVisible(self._may_edit)
        if not same:
            self.area.verticalScrollBar().setValue(0)
        self.show()
        self.opened.emit()
        self._offer()

    def _begin(self) -> None:
        self.activity = None
        self.banner.clear()
        self.form.note({})
        self.form.clear()
        self.form.tell({})
        self._base, self._wrong = self.form.read()
        self.title.setText("New activity")
        self.caption.setText("Parents see it once it is published")
        self.chip.hide()
        self.deeds.hide()
        self.area.verticalScrollBar().setValue(0)
        self.show()
        self.opened.emit()
        self._offer()
        self.form.go_to("name")

    def _close(self) -> None:
        self.runner.cancel_all()
        self._busy = False
        self.activity = self._base = None
        self._tell_unsaved(dirty=False)
        self.hide()
        self.closed.emit()

    def _offer(self) -> None:
        """Show what the buttons would do now."""
        facts, wrong = self.form.read()
        activity = self.activity
        found = checks(
            facts.category, facts.credits, facts.short, facts.image, activity.upcoming if activity else 0
        )
        shown = activity is not None and activity.is_published
        self.checklist.show_checks(found, published=shown, kept=activity is not None)
        dirty = self._differs(facts, wrong)
        self.unsaved.setText("Unsaved changes" if dirty and activity is not None else "")
        self._tell_unsaved(dirty)
        self.save_button.setText("Save" if activity is not None else "Add activity")
        self.save_button.setEnabled(self._may_edit and not self._busy and (dirty or activity is None))
        self.discard_button.setEnabled(not self._busy and (dirty or activity is None))
        if activity is not None:
            self.publish_button.setText("Unpublish" if shown else "Publish")
            self.publish_button.set_icon("ph.eye-slash" if shown else "ph.eye")
            self.away_button.setText("Bring back" if activity.is_away else "Put away")
        for button in (self.publish_button, self.copy_button, self.away_button):
            button.setEnabled(not self._busy)
        self.publish_button.setEnabled(not self._busy and activity is not None and not activity.is_away)

    def _say_sessions_stay(self, was: Activity, changed: set[str] | frozenset[str]) -> None:
        facts = was.facts
        kept = [
            count(facts.capacity, "place") if "capacity" in changed else "",
            count(facts.minutes, "minute") if "minutes" in changed else "",
        ]
        said = " and ".join(part for part in kept if part)
        self.banner.show_message(
            "Sessions that are planned stay as they are.",
            f"They keep {said}; new ones start from what you saved.",
            "blue",
            action=("Change the series too", lambda: self.series_wanted.emit(was.id)) if was.series else None,
        )

    def _tell_unsaved(self, dirty: bool) -> None:
        what = f"change to {self.activity.facts.name}" if self.activity is not None else "activity"
        said = f"Unsaved {what}" if dirty else None
        if said != self._said:
            self._said = said
            self.unsaved_changed.emit(said)

    def _differs(self, facts: ActivityFacts, wrong: dict[str, str]) -> bool:
        return self._base is not None and (facts != self._base or (bool(wrong) and wrong != self._wrong))

    def _discard(self) -> None:
        if self.activity is None:
            self._close()
        else:
            self._show(self.activity)

    def _meet(self, need: Need) -> None:
        if need is not Need.SESSION:
            self.form.go_to(words.NEED_FIELDS[need])
        elif self.activity is not None:
            self.schedule_wanted.emit(self.activity.id)

    def _leave(self, go: Callable[[], None]) -> None:
        if self._busy or is_asked(self):
            return
        if not self.is_dirty:
            go()
            return
        name = self.activity.facts.name if self.activity is not None else "the new activity"
        card = QuestionCard(
            self.hub, f"Discard what you changed in {name}?", "It is not saved yet.",
            do="Discard changes", keep="Go on editing",
        )  # fmt: skip
        self._ask(card, go)

    def _ask(self, card: QuestionCard, do: Callable[[], None]) -> None:
        def answered(agreed: bool) -> None:
            self.question = None
            if agreed:
                if self.activity is not None:
                    self._show(self.activity)
                else:
                    self._base, self._wrong = self.form.read()
                do()

        self.question = QuestionDialog(self.hub, self.window(), card)
        self.question.answered.connect(answered)
        self.question.open()


def _notes(merged: Merged, now: ActivityFacts) -> dict[str, str]:
    """What stands beside the fields that somebody else changed."""
    notes: dict[str, str] = {}
    for name in merged.theirs:
        field = "ages" if name in ("min_months", "max_months") else name
        value = getattr(now, name)
        told = str(value) if isinstance(value, int) and not isinstance(value, bool) and field == name else ""
        clash = name in merged.clashes
        notes[field] = (
            (f"they made it {told}" if told else "they changed it too") if clash else "changed meanwhile"
        )
    return notes
