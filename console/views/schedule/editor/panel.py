"""The side panel of the schedule, as the calendar asks for it: what can be opened, left, and asked for from within.

See docs/design.md, "Screens" (schedule); the calendar knows it by `panel_protocol`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from console.clock import Clock
from console.domain.changing import Applied, Scope, SessionFacts
from console.domain.programme import CalendarSession, ClosureSpan
from console.errors import ConsoleError
from console.models.gateway_programme import ProgrammeGateway
from console.views.schedule.editor import words
from console.views.schedule.editor.closures import ClosureForm, ClosureListForm
from console.views.schedule.editor.form import Form
from console.views.schedule.editor.opening import About, Made, Opening, Openings
from console.views.schedule.editor.planning import PlanningPanel
from console.views.schedule.editor.rooms import RoomsForm
from console.views.schedule.editor.session import SessionForm
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard
from console.views.widgets.focus import lead_focus


class EditorPanel(PlanningPanel):
    """The panel, hidden until something is opened; the ProgrammePanel of the calendar."""

    shows = Signal(object, object)
    closed = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ProgrammeGateway,
        *,
        zone: tzinfo,
        clock: Clock,
        may_edit: bool,
        may_cancel: bool,
        parent: QWidget | None = None,
    ) -> None:
        """`zone` is the venue's; without `may_edit` everything can be looked at and nothing saved."""
        super().__init__(hub, gateway, zone, may_edit=may_edit, parent=parent)
        self.openings = Openings(hub, gateway, zone, clock, may_edit=may_edit, may_cancel=may_cancel)
        self._about = About()
        self.scope.changed.connect(self._scope_chosen)
        self.foot.discarded.connect(self._discard)
        self.close_button.clicked.connect(lambda _checked=False: self.close())

    def room_name(self, room_id: UUID | None) -> str | None:
        """A room's name."""
        return self.openings.setting.room(room_id)

    # -- what the page asks ------------------------------------------------------------------------------------------

    @property
    def widget(self) -> QWidget:
        """The panel itself."""
        return self

    @property
    def is_open(self) -> bool:
        """Whether anything is on show."""
        return not self.isHidden()

    def open_session(self, session: CalendarSession) -> None:
        """Show one session."""
        self._open(lambda: self.openings.session(session))

    def propose_session(self, session: CalendarSession, facts: SessionFacts) -> None:
        """Show one session as it was dragged, with its preview."""
        form = self.form
        if isinstance(form, SessionForm) and form.session is not None and form.session.id == session.id:
            form.propose(facts)
            return
        self._open(lambda: self.openings.session(session, facts))

    def open_series(self, series_id: UUID, pivot: date | None = None) -> None:
        """Show a weekly pattern."""
        scope = Scope.FOLLOWING if pivot is not None else Scope.ALL
        self._open(lambda: self.openings.series(series_id, pivot, scope, None))

    def new_series(
        self,
        day: date | None = None,
        start: time | None = None,
        room_id: UUID | None = None,
        *,
        activity_id: UUID | None = None,
    ) -> None:
        """Begin a weekly pattern, perhaps of an activity."""
        self._open(lambda: self.openings.new_series(day, start, room_id, activity_id))

    def new_session(
        self, day: date | None = None, start: time | None = None, room_id: UUID | None = None
    ) -> None:
        """Begin a single session."""
        self._open(lambda: self.openings.new_session(day, start, room_id))

    def open_closures(self) -> None:
        """Show the closures to come."""
        self._open(self.openings.closures)

    def new_closure(self, day: date | None = None, room_id: UUID | None = None) -> None:
        """Begin a closure."""
        self._open(lambda: self.openings.new_closure(day, room_id))

    def open_lift(self, span: ClosureSpan) -> None:
        """Show what taking a closure back would do."""
        self._open(lambda: self.openings.lift(span))

    def open_rooms(self) -> None:
        """Show the venue's rooms."""
        self._open(self.openings.rooms)

    def cancel(self, session: CalendarSession) -> None:
        """Ask why a session does not take place."""
        self._open(lambda: self.openings.cancel(session))

    def combine(self, session: CalendarSession) -> None:
        """Show where a session's children could go."""
        self._open(lambda: self.openings.combine(session))

    def refresh(self) -> None:
        """Load what is on show again; what the person has typed stays."""
        if self.form is not None and self.is_open and not self._saving:
            self.runner.start(self.reload(self.form, None), "reload")

    def close(self) -> bool:
        """Close it, or ask first where something is not saved."""
        if self._saving:
            return False
        if self.is_open and self.is_unsaved:
            self._ask_to_leave(self._shut)
            return False
        self._shut()
        return True

    def stop(self) -> None:
        """Drop everything under way."""
        self._pause.stop()
        self.runner.cancel_all()
        if self.sheet is not None and self.sheet.is_open:
            self.sheet.close()

    # -- opening and closing -----------------------------------------------------------------------------------------

    def _open(self, opening: Opening) -> None:
        if self._saving or self.question is not None:
            return
        if self.is_open and self.is_unsaved:
            self._ask_to_leave(lambda: self._begin(opening))
            return
        self._begin(opening)

    def _begin(self, opening: Opening, carried: dict[str, object] | None = None) -> None:
        self._pause.stop()
        self.runner.cancel("plan")
        self.banner.clear()
        if self.form is None:
            self.title.setText(words.LOADING)
            self.caption.setText("")
            self.waiting.show()
            self.waiting.start()
        self.show()
        self.runner.start(self._load(opening, carried or {}), "open")

    async def _load(self, opening: Opening, carried: dict[str, object]) -> None:
        try:
            made = await opening()
        except ConsoleError as error:
            self.waiting.stop()
            self.banner.show_error(error, action=("Try again", lambda: self._begin(opening, carried)))
            return
        self._show(made, carried)

    def _show(self, made: Made, carried: dict[str, object]) -> None:
        form, self._about = made
        self.waiting.stop()
        self.waiting.hide()
        self._drop_form()
        self.form = form
        self.body.insertWidget(0, form)
        form.show()
        form.setEnabled(self._may_edit)
        self.title.setText(form.title)
        self.caption.setText(form.caption)
        self.setAccessibleName(f"{form.title}, {form.caption}")
        self._show_scopes()
        known = {name: value for name, value in carried.items() if name in form.fields.kept}
        if known:
            form.fields.show_values(known)
        form.edited.connect(self.edit)
        form.wanted.connect(self._wanted)
        if isinstance(form, ClosureListForm):
            form.lifting.connect(self._lift)
        self.card.set_title(form.card_title)
        self.card.setVisible(form.is_planned and self._may_edit)
        self.foot.show_form(form, may_save=self._may_edit)
        lead_focus(self, form.first)
        self.order_tabs()
        if not any(self.scope.option(scope).hasFocus() for scope in Scope):
            self._take_keyboard(form)
        session = self._about.session
        self.shows.emit(self._about.series_id, session.id if session is not None else None)
        self.edit(at_once=True)

    def _take_keyboard(self, form: Form) -> None:
        target = self.foot.discard if form.first is form else form.first
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(target, QLineEdit):
            target.selectAll()

    def _show_scopes(self) -> None:
        about = self._about
        self.scope.setVisible(about.scope is not None and about.series_id is not None)
        if about.scope is not None:
            self.scope.option(Scope.ONLY).setEnabled(about.session is not None)
            self.scope.choose(about.scope)

    def choose_scope(self, scope: Scope) -> None:
        """Let the change reach that far; what was edited is carried over."""
        self.scope.choose(scope)
        self._scope_chosen(scope)

    def _scope_chosen(self, key: str) -> None:
        about, form, scope = self._about, self.form, Scope(key)
        if about.series_id is None or form is None:
            return
        carried = form.fields.edits()
        series_id, session = about.series_id, about.session
        if scope is Scope.ONLY and session is not None:
            self._begin(lambda: self.openings.session(session), carried)
        else:
            carried.pop("first", None)
            self._begin(lambda: self.openings.series(series_id, about.pivot, scope, session), carried)

    def _drop_form(self) -> None:
        form, self.form, self.plan, self._planned_for = self.form, None, None, None
        if form is not None:
            self.body.removeWidget(form)
            form.hide()
            form.deleteLater()

    def _shut(self) -> None:
        self.stop()
        self._drop_form()
        self._tell_unsaved()
        self.plan_changed.emit(None)
        was_open = self.is_open
        self.hide()
        self.shows.emit(None, None)
        if was_open:
            self.closed.emit()

    def _ask_to_leave(self, then: Callable[[], object]) -> None:
        if self.form is None:
            return
        card = QuestionCard(
            self.hub, "Leave without saving?", f"Your change to {self.form.subject} is not saved yet.",
            do="Discard changes", keep="Keep editing", danger=False,
        )  # fmt: skip
        self.ask(card, then)

    def _discard(self) -> None:
        # The button says what it does: nothing is asked again.
        if not self._saving:
            self._shut()

    # -- from within -------------------------------------------------------------------------------------------------

    def _lift(self, span: object) -> None:
        if isinstance(span, ClosureSpan) and self.openings.setting.may_cancel:
            self.open_lift(span)

    def _wanted(self, key: str) -> None:
        session, about, form = self._about.session, self._about, self.form
        if key == "closure":
            self.new_closure()
        elif key == "rooms":
            self.open_rooms()
        elif key == "reason" and isinstance(form, ClosureForm):
            self.runner.start(form.add_reason(self._gateway))
        elif key == "end" and about.series_id is not None:
            series_id = about.series_id
            self._open(lambda: self.openings.end(series_id, about.pivot))
        elif session is not None and key == "cancel":
            self.cancel(session)
        elif session is not None and key == "combine":
            self.combine(session)
        elif session is not None and key == "complete" and form is not None:
            self._carry_out(self._complete(form, session))

    async def _complete(self, form: Form, session: CalendarSession) -> None:
        await self._gateway.complete(session.id)
        self.done(form, Applied(0, 1, 0, 0, session_id=session.id), f"{session.activity} is completed", "")

    def done(self, form: Form, done: Applied, title: str, detail: str) -> None:
        """Close what was carried out; rooms stay for the next one."""
        super().done(form, done, title, detail)
        self._saving = False
        if isinstance(form, RoomsForm):
            current = form.room.id if form.room is not None else None
            self._begin(lambda: self.openings.rooms(current))
        else:
            self._shut()
