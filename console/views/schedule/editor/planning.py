"""What the side panel does with a form: plan each edit, show what it would do, and carry it out once confirmed.

Each edit is planned anew after a short pause; the newest answer wins and nothing is written before it is confirmed.
See docs/design.md, "Screens" (schedule) and "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date, tzinfo
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from console.domain.changing import Applied, Change, Plan, Settled
from console.errors import Conflict, ConsoleError, Invalid, NotFound
from console.models.gateway_programme import ProgrammeGateway
from console.models.runner import TaskRunner
from console.views.schedule.editor import words
from console.views.schedule.editor.form import Form
from console.views.schedule.editor.frame import PanelFrame
from console.views.schedule.editor.hits import HitsSheet
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog

PAUSE_MS = 150
_OLD = ("version_changed", "plan_changed", "changed")


class PlanningPanel(PanelFrame):
    """The panel with one form, its preview, and its saving."""

    plan_changed = Signal(object)
    applied = Signal(object)
    unsaved = Signal(object)
    toast_wanted = Signal(str, str)

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ProgrammeGateway,
        zone: tzinfo,
        *,
        may_edit: bool,
        parent: QWidget | None,
    ) -> None:
        """Without `may_edit` everything can be looked at and nothing saved."""
        super().__init__(hub, zone, parent)
        self._gateway, self._may_edit = gateway, may_edit
        self.runner = TaskRunner(self._failed)
        self.form: Form | None = None
        self.plan: Plan | None = None
        self.question: QuestionDialog | None = None
        self.sheet: HitsSheet | None = None
        self._planned_for: Change | None = None
        self._reloaded = self._saving = self._in_trouble = False
        self._said: str | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self.look)
        self.card.settled.connect(self._settle)
        self.card.hits_wanted.connect(self.show_hits)
        self.card.focus_lost.connect(self._keep_keyboard)
        self.foot.saved.connect(self.save)

    @property
    def is_looking(self) -> bool:
        """Whether a new preview is on its way."""
        return self._pause.isActive() or self._saving

    # -- planning ----------------------------------------------------------------------------------------------------

    def edit(self, *, at_once: bool = False) -> None:
        """The form says something else: plan it, after a short pause."""
        form = self.form
        if form is None:
            return
        self._tell_unsaved()
        if not form.is_planned or not self._may_edit:
            self._show_foot()
            return
        change = form.change()
        self._planned_for = None
        if change is None or not (form.touched or form.saves_untouched):
            self._pause.stop()
            self.runner.cancel("plan")
            self._no_plan()
            self.card.show_note(form.why_not if change is None else words.NOTHING_YET)
            return
        self.card.wait()
        self._show_foot()
        self._pause.start(0 if at_once else PAUSE_MS)

    def look(self) -> None:
        """Ask now what the change would do."""
        self._pause.stop()
        form = self.form
        change = form.change() if form is not None else None
        if form is not None and change is not None:
            self.runner.start(self._plan(form, change), "plan")

    async def _plan(self, form: Form, change: Change) -> None:
        try:
            plan = await self._gateway.plan(change)
        except ConsoleError as error:
            if form is self.form:
                self._refused(form, error)
            return
        if form is not self.form:
            return
        self.plan, self._planned_for, self._reloaded = plan, change, False
        if self._in_trouble:
            self._in_trouble = False
            self.banner.clear()
        form.planned(plan)
        self.card.show_plan(form.shown(plan), form.settled, by_date=form.settles_dates)
        self._show_foot()
        self.order_tabs()
        self.plan_changed.emit(plan)

    def _refused(self, form: Form, error: ConsoleError) -> None:
        if isinstance(error, Conflict) and error.code in _OLD and not self._reloaded:
            self._reloaded = True
            self.runner.start(self.reload(form, error), "reload")
            return
        self._no_plan()
        if isinstance(error, Invalid) and form.refuse(error):
            self.card.show_note(words.BROKEN_FIELD)
            return
        self.card.show_error(error.sentence, error.hint or "")
        if not isinstance(error, Invalid | Conflict):
            self._in_trouble = True
            self.banner.show_error(error, action=("Try again", self._again))

    def _again(self) -> None:
        self.banner.clear()
        self.look()

    def _no_plan(self) -> None:
        had, self.plan = self.plan, None
        self._show_foot()
        if had is not None:
            self.plan_changed.emit(None)

    def _settle(self, on: date, how: Settled | None) -> None:
        if self.form is not None:
            self.form.settle(on, how)

    def show_hits(self) -> None:
        """List the bookings that the plan on show hits."""
        if self.plan is not None and (self.sheet is None or not self.sheet.is_open):
            self.sheet = HitsSheet(self.hub, self.window(), self.plan)
            self.sheet.open()

    async def reload(self, form: Form, error: ConsoleError | None, *, at_saving: bool = False) -> None:
        """Load what is kept by now under the form, and say what somebody else changed."""
        try:
            lines = await form.refetch(self._gateway)
        except NotFound as gone:
            if form is self.form:
                self._no_plan()
                self.card.show_error(gone.sentence, gone.hint or "")
            return
        if form is not self.form:
            return
        # A booking makes a session newer too: where nothing that is on show changed, there is nothing to say.
        if lines or at_saving:
            title = error.sentence if error is not None else words.CHANGED_MEANWHILE
            own = words.OWN_KEPT if form.touched else ""
            text = f"{'; '.join(lines)}. {own}" if lines else own
            self.banner.show_message(title, text.strip(), "amber")
        self.edit(at_once=True)

    # -- saving ------------------------------------------------------------------------------------------------------

    @property
    def can_save(self) -> bool:
        """Whether what is on show can be saved now."""
        form = self.form
        if form is None or self._saving or not self._may_edit:
            return False
        if not form.is_planned:
            return form.touched or form.saves_untouched
        return self.plan is not None and self._planned_for is not None and not self.plan.conflicts

    def save(self) -> None:
        """Carry out what is on show; where bookings are cancelled it asks first, in numbers."""
        form, plan, change = self.form, self.plan, self._planned_for
        if form is None or not self.can_save or not form.may_save():
            return
        if not form.is_planned:
            self._carry_out(self._store(form))
        elif plan is not None and change is not None and words.cancels(plan):
            text = form.save_words(plan)
            card = QuestionCard(
                self.hub, f"{text}?", words.CANNOT_UNDO, do=text.split(",", 1)[0], keep="Keep as it is",
                figures=words.question_figures(plan),
            )  # fmt: skip
            self.ask(card, lambda: self._carry_out(self._apply(form, change, plan)))
        elif plan is not None and change is not None:
            self._carry_out(self._apply(form, change, plan))

    def ask(self, card: QuestionCard, then: Callable[[], object]) -> None:
        """Ask over the window, and go on where the answer is yes."""
        if self.question is not None:
            return
        self.question = QuestionDialog(self.hub, self.window(), card)

        def answered(agreed: bool) -> None:
            self.question = None
            if agreed:
                then()

        self.question.answered.connect(answered)
        self.question.open()

    def _carry_out(self, work: Coroutine[Any, Any, None]) -> None:
        self._saving = True
        self.banner.clear()
        self._show_foot()
        self.runner.start(self._carried(work))

    async def _carried(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._saving = False
            self._show_foot()

    async def _apply(self, form: Form, change: Change, plan: Plan) -> None:
        try:
            done = await self._gateway.apply(change, plan)
        except Conflict as error:
            self._saving = False
            await self._outrun(form, error)
            return
        self.done(form, done, *words.applied_words(form.subject, done))

    async def _outrun(self, form: Form, error: Conflict) -> None:
        self._planned_for = None
        if error.code == "version_changed":
            await self.reload(form, error, at_saving=True)
            return
        if error.code == "plan_changed":
            self.banner.show_message(words.CHANGED_MEANWHILE, words.CHECK_AGAIN, "amber")
        else:
            self.banner.show_error(error)
        await form.refetch(self._gateway)
        self.look()

    async def _store(self, form: Form) -> None:
        said = await form.store(self._gateway)
        if said:
            self.done(form, Applied(0, 0, 0, 0), said, "")

    def done(self, form: Form, done: Applied, title: str, detail: str) -> None:
        """Something was carried out; a subclass closes the form."""
        self.toast_wanted.emit(title, detail)
        self.applied.emit(done)

    def _failed(self, error: ConsoleError) -> None:
        if self.form is not None and isinstance(error, Invalid) and self.form.refuse(error):
            return
        self.banner.show_error(error)

    # -- telling -----------------------------------------------------------------------------------------------------

    @property
    def is_unsaved(self) -> bool:
        """Whether leaving would lose something that a person did."""
        return self.form is not None and self._may_edit and self.form.is_begun

    def _tell_unsaved(self) -> None:
        said = None
        if self.is_unsaved and self.form is not None:
            said = f"Unsaved change to {self.form.subject}"
        if said != self._said:
            self._said = said
            self.unsaved.emit(said)

    def _show_foot(self) -> None:
        self.foot.show_plan(self.plan, may_save=self.can_save, saving=self._saving)

    def _keep_keyboard(self) -> None:
        target = self.foot.save if self.foot.save.isEnabled() else self.foot.discard
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button it is on, or saves where that is allowed; Escape closes."""
        key, now = Qt.Key(event.key()), QApplication.focusWidget()
        if key == Qt.Key.Key_Escape:
            self.close()
        elif key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif isinstance(now, QAbstractButton):
            now.click()
        elif self._pause.isActive():
            self.look()
        else:
            self.save()
