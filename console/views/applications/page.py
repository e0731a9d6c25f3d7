"""Asking to become a venue: one's own applications at the left, the form of one beside them.

A draft is kept as it is typed. What headquarters asked stands on top, in its own words. See docs/design.md, "Screens"
(platform).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication

from console.clock import Clock
from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.vetting import Application, ApplicationFacts, VenueEvent
from console.errors import Conflict, ConsoleError, Invalid, NotFound
from console.models.gateway_vetting import ApplicationGateway
from console.models.runner import TaskRunner
from console.views.applications import words
from console.views.applications.form import missing
from console.views.applications.frame import ApplicationFrame
from console.views.applications.imports import ImportApplicationsSheet
from console.views.applications.keys import actions
from console.views.applications.saving import ApplicationSaves
from console.views.compliance.papers import PapersPage
from console.views.payouts.asking import ask
from console.views.shell.areas import listen
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionDialog
from console.views.widgets.focus import lead_focus, tab_in_order

_KEEP_MS = 900


class ApplicationPage(ApplicationFrame):
    """The page."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ApplicationGateway,
        *,
        clock: Clock,
        zone: tzinfo,
        history: Callable[[UUID], Awaitable[Sequence[VenueEvent]]] | None = None,
        may_import: bool = False,
        afterwards: Callable[[Coroutine[Any, Any, None]], object] | None = None,
    ) -> None:
        """Nothing is asked before it is shown; `history` as the papers of a venue ask for it.

        `afterwards` finishes what the page leaves behind when it goes away: a draft that was typed last.
        """
        super().__init__(hub)
        self.import_button.setHidden(not may_import)
        self._history, self._afterwards = history, afterwards
        self._gateway, self._clock, self._zone = gateway, clock, zone
        self.application: Application | None = None
        self._known: list[Application] = []
        self._unsent: dict[UUID, ApplicationFacts] = {}
        self._loaded = self._busy = self._changed = False
        self._unread: dict[str, str] = {}
        self.form_errors: dict[str, str] = {}
        self._saves = ApplicationSaves(gateway, self.form.fields)
        self.question: QuestionDialog | None = None
        self.papers: PapersPage | None = None
        self.sheet: ImportApplicationsSheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(_KEEP_MS)
        self._keep.timeout.connect(self.keep)
        self._wire()
        self.page_actions = actions(self, may_import=may_import)
        listen(self, self.page_actions)
        lead_focus(self, self.list)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self.side.follow)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; what is being typed stays."""
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way, but what was typed: the page is going away."""
        self._keep.stop()
        draft = self.application
        if draft is not None and (not self._changed or words.state_of(draft) != "draft"):
            draft = None
        last = self._saves.left(draft, None if draft is None else self._take(draft))
        self._changed = False
        if last and self._afterwards is not None:
            self._afterwards(self._saves.leave(last))
        self.runner.cancel_all()
        if self.papers is not None:
            self.papers.stop()
        if self.sheet is not None:
            self.sheet.close()

    # -- doing -------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a new application."""
        if not self._busy:
            self.keep()
            self.runner.start(self._begin())

    def take_file(self) -> None:
        """Take applications out of a file."""
        if self._busy or (self.sheet is not None and self.sheet.is_open):
            return
        self.sheet = ImportApplicationsSheet(self.hub, self.window(), self._gateway)
        self.sheet.taken.connect(self.toast_wanted)
        self.sheet.taken.connect(lambda _said: self.refresh())
        self.sheet.open()

    def keep(self) -> None:
        """Keep the draft as it is typed."""
        self._keep.stop()
        if self.application is None or not self._changed or self._busy:
            return
        facts = self._take(self.application)
        if words.state_of(self.application) == "draft":
            self._changed = False
            self.runner.start(self._save(self.application, facts))
        else:
            self._unsent[self.application.id] = facts

    def submit(self) -> None:
        """Say what handing it in does, and hand it in; or send back what was asked for."""
        application = self.application
        if application is None or self._busy or not words.may_edit(application):
            return
        lacking = missing(self._take(application))
        if lacking:
            self.side.say_missing([word for word, _name in lacking])
            self.form.go_to(lacking[0][1])
            return
        wrong = {**self.form_errors, **self._unread}
        if wrong:
            self.form.show_errors(wrong)
            self.form.go_to(next(iter(wrong)))
            return
        if words.state_of(application) == "asked":
            if len(self.side.answer_words) > self.side.most_words:
                self.side.answer.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            self._begin_work()
            self.runner.start(self._answer(application))
            return
        self.question = ask(
            self.hub, self, f"Hand in {words.name_of(replace(application, facts=self._take(application)))}?",
            words.consequence(replace(application, facts=self._take(application))),
            do="Hand in", keep="Keep the draft", agreed=self._hand_in,
        )  # fmt: skip

    def withdraw(self) -> None:
        """Ask, and take the application back."""
        application = self.application
        if application is None or self._busy or words.state_of(application) in words.OVER:
            return
        draft = words.state_of(application) == "draft"
        told = (
            "The draft is put away."
            if draft
            else "Headquarters stops looking at it; the venue is not opened."
        )
        self.question = ask(
            self.hub, self, f"Withdraw {words.name_of(application)}?", f"{told} This cannot be undone.",
            do="Withdraw", keep="Leave it", agreed=lambda: self._withdraw_now(application),
        )  # fmt: skip

    def choose(self, application: Application) -> None:
        """Show one application."""
        if self.application is not None and self.application.id != application.id:
            self.keep()
        self._show(application)

    def show_part(self, key: str) -> None:
        """Show the "form" or the "papers" of the application."""
        application = self.application
        if application is None or application.venue_id is None:
            key = "form"
        self.side.parts.choose(key)
        if key == "papers" and application is not None and application.venue_id is not None:
            self._open_papers(application.venue_id)
            return
        self.stack.setCurrentWidget(self.side)

    # -- work --------------------------------------------------------------------------------------------------------

    async def _load(self, *, keep_banner: bool = False) -> None:
        known = list(await self._gateway.applications())
        self._loaded = True
        self.reached.emit(None)
        if not keep_banner:
            self.banner.clear()
        self.skeleton.stop()
        self.skeleton.hide()
        self._tell(known)

    async def _begin(self) -> None:
        made = await self._gateway.begin()
        self._tell([made, *(one for one in self._known if one.id != made.id)], current=made)
        self.form.go_to("name")

    async def _save(self, application: Application, facts: ApplicationFacts) -> None:
        wrong = dict(self._unread)
        kept = await self._saves.save(application, facts, wrong)
        self._known = [kept if one.id == kept.id else one for one in self._known]
        self.reached.emit(None)
        if self.application is not None and self.application.id == kept.id:
            self.application = kept
            self.header.title.setText(words.name_of(kept))
            if not self._changed:  # else what is wrong may be right by now
                self.form_errors = wrong
                self.form.show_errors(wrong)
                said = clock_time(self._clock.now(), self._zone)
                self.side.say_kept(
                    f"Kept {said}, all but {count(len(wrong), 'field')}" if wrong else f"Kept {said}"
                )
        self._tell(self._known, quiet=True)

    def _hand_in(self) -> None:
        if self.application is not None and not self._busy:
            self._keep.stop()
            self._begin_work()
            self.runner.start(self._submit(self.application))

    async def _submit(self, application: Application) -> None:
        made = await self._saves.submit(application, self._take(application))
        self._settled(made, "Handed in; headquarters looks at it")

    async def _answer(self, application: Application) -> None:
        facts = self._take(application)
        made = await self._gateway.answer(application, facts, self.side.answer_words)
        self._unsent.pop(made.id, None)
        self.side.answer.clear()
        self._settled(made, "Sent back; headquarters looks at it again")

    def _withdraw_now(self, application: Application) -> None:
        self._keep.stop()
        self._begin_work()
        self.runner.start(self._withdraw(self.application or application))

    async def _withdraw(self, application: Application) -> None:
        made = await self._saves.withdraw(application)
        self._unsent.pop(made.id, None)
        self._settled(made, "Withdrawn")

    def _begin_work(self) -> None:
        self._busy = True
        self.banner.clear()
        self.side.offer(self.application, busy=True)

    def _settled(self, application: Application, said: str) -> None:
        self._busy = self._changed = False
        self.reached.emit(None)
        self.application = None
        self._tell(
            [application if one.id == application.id else one for one in self._known], current=application
        )
        self.toast_wanted.emit(said)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self.skeleton.stop()
        self.skeleton.hide()
        self.side.offer(self.application, busy=False)
        if isinstance(error, Invalid) and error.code in self.form.fields:
            self.form_errors = {**self.form_errors, error.code: error.sentence}
            self.form.show_errors(self.form_errors)
            self.form.go_to(error.code)
            return
        if isinstance(error, Conflict | NotFound):
            # It was changed elsewhere: everything is shown as it is now.
            self._changed = False
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.application = None
            self.runner.start(self._load(keep_banner=True), "load")
            return
        self.reached.emit(error)
        if self._loaded:
            self._changed = True
            self.side.say_kept("Not kept yet")
        again = self.keep if self._loaded else self.refresh
        self.banner.show_error(error, action=("Try again", again))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _tell(
        self, known: Sequence[Application], *, current: Application | None = None, quiet: bool = False
    ) -> None:
        self._known = list(known)
        self._saves.know(self._known)
        rows = words.rows(self._known, self._clock.now(), self._zone)
        held = current or self.application
        told = self.list.blockSignals(True)
        if [_key(row.value) for row in rows] == [_key(row.value) for row in self.list.choices.choices]:
            self.list.choices.retell(rows)
            if current is not None:
                self.list.show_choices(rows, current=current)
        else:
            same = next((one for one in self._known if held is not None and one.id == held.id), None)
            self.list.show_choices(rows, current=same)
        self.list.blockSignals(told)
        had = self.list.hasFocus()
        self.list.setVisible(bool(rows))
        if had and not rows:
            self.new_button.setFocus(Qt.FocusReason.OtherFocusReason)
        if quiet:
            return
        wanted = next((one for one in self._known if held is not None and one.id == held.id), None)
        wanted = wanted or (self._known[0] if self._known else None)
        if wanted is None:
            self.application = None
            self.show_nothing()
        elif self.application is None or wanted.id != self.application.id or not self._changed:
            self._show(wanted)

    def _show(self, application: Application) -> None:
        same = self.application is not None and self.application == application
        other = self.application is None or self.application.id != application.id
        self.application = application
        if not same:
            self._changed = False
            self.form_errors = {}
            self.form.show_facts(self._unsent.get(application.id, application.facts))
        self.header.show()
        self.header.title.setText(words.name_of(application))
        self.header.caption.setText(words.caption(application, self._zone))
        self.side.show_application(application)
        self._mark(application)
        self._completeness()
        self.side.offer(application, busy=self._busy)
        if other or application.venue_id is None:
            self.show_part("form")
        self._order()

    def _mark(self, application: Application) -> None:
        """Make its row the current one of the list."""
        at = next((at for at, one in enumerate(self._known) if one.id == application.id), None)
        if at is not None and at != self.list.currentIndex().row():
            told = self.list.blockSignals(True)
            self.list.setCurrentIndex(self.list.choices.index(at))
            self.list.blockSignals(told)

    def _completeness(self) -> None:
        if self.application is not None:
            facts = self._take(self.application)
            self.side.show_missing(missing(facts), editable=words.may_edit(self.application))

    def _take(self, application: Application) -> ApplicationFacts:
        """What is typed; what cannot be read as it stands is remembered."""
        if not words.may_edit(application):
            return application.facts
        facts, self._unread = self.form.take(application.facts)
        return facts

    def _edited(self) -> None:
        if self.application is None:
            return
        self._changed = True
        # What is wrong elsewhere stays: the form must not jump while somebody types.
        self.form_errors = {name: why for name, why in self.form_errors.items() if name != self.form.current}
        self._completeness()
        self.form.show_errors(self.form_errors)
        if words.state_of(self.application) == "draft":
            self.side.say_kept("Not kept yet")
            self._keep.start()

    def _open_papers(self, venue_id: UUID) -> None:
        if self.papers is None or self.papers.venue_id != venue_id:
            if self.papers is not None:
                self.papers.stop()
                self.stack.removeWidget(self.papers)
                self.papers.deleteLater()
            self.papers = PapersPage(
                self.hub,
                self._gateway,
                venue_id=venue_id,
                clock=self._clock,
                zone=self._zone,
                history=self._history,
            )
            self.papers.header.hide()
            self.papers.toast_wanted.connect(self.toast_wanted)
            self.papers.reached.connect(self.reached)
            self.stack.addWidget(self.papers)
        self.stack.setCurrentWidget(self.papers)
        self._order()

    def _order(self) -> None:
        tab_in_order(
            self.import_button, self.new_button, self.list, self.side.parts, self.banner, *self.side.stops,
        )  # fmt: skip

    # -- layout ------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._loaded:
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is typed is kept before somebody goes elsewhere."""
        super().hideEvent(event)
        if not event.spontaneous() and self._changed and _is_running():
            self.keep()

    def _chosen(self, value: object) -> None:
        if isinstance(value, Application):
            fresh = next((one for one in self._known if one.id == value.id), value)
            if self.application is None or fresh.id != self.application.id:
                self.choose(fresh)

    def _wire(self) -> None:
        self.new_button.clicked.connect(lambda _checked=False: self.begin())
        self.import_button.clicked.connect(lambda _checked=False: self.take_file())
        self.begin_wanted.connect(self.begin)
        self.list.moved.connect(self._chosen)
        self.list.chosen.connect(lambda _value: self.form.go_to("name"))
        self.form.edited.connect(self._edited)
        self.side.go_wanted.connect(self.form.go_to)
        self.side.submit_wanted.connect(self.submit)
        self.side.withdraw_wanted.connect(self.withdraw)
        self.side.parts.changed.connect(self.show_part)
        self.side.venue_wanted.connect(self.venue_wanted)


def _key(value: object) -> object:
    return value.id if isinstance(value, Application) else value


def _is_running() -> bool:
    """Whether anything can still be asked: a window that goes away with its program hides its pages last."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
