"""The forms of one dated session: its facts, what a closed one says, its cancellation and its return.

See docs/design.md, "Screens" (schedule) and "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.domain.changing import (
    Change,
    Fate,
    Plan,
    SessionCancel,
    SessionEdit,
    SessionFacts,
    SessionNew,
    SessionRestore,
    Settled,
)
from console.domain.counting import count
from console.domain.programme import CalendarSession, Series
from console.models.gateway_programme import ProgrammeGateway
from console.views.schedule.editor import words
from console.views.schedule.editor.form import Form, Setting, session_now
from console.views.schedule.editor.inputs import ChoiceInput, DateInput
from console.views.schedule.editor.series import shared_fields
from console.views.widgets.text import label
from console.views.widgets.toggles import CheckBox


def facts_of(session: CalendarSession, setting: Setting) -> SessionFacts:
    """What a session says, by the venue's clock."""
    starts, ends = setting.local(session.starts_at), setting.local(session.ends_at)
    length = round((ends - starts).total_seconds() / 60)
    return SessionFacts(
        session.day, starts.time(), length, session.capacity, session.room_id, session.instructor,
        session.platform_places, session.session_notes, session.instructor_notes,
    )  # fmt: skip


def pattern_facts(session: CalendarSession, series: Series, setting: Setting) -> SessionFacts:
    """What a session would say had nobody changed it by hand."""
    facts, own = series.facts, facts_of(session, setting)
    return replace(
        own, day=session.occurs_on or own.day, start=facts.start, minutes=facts.minutes, capacity=facts.capacity,
        room_id=facts.room_id, instructor=facts.instructor, platform_places=facts.platform_places,
    )  # fmt: skip


class SessionForm(Form):
    """One session: only this one, or a new one outside every series."""

    def __init__(
        self,
        setting: Setting,
        session: CalendarSession | None = None,
        series: Series | None = None,
        *,
        day: date | None = None,
        start: time | None = None,
        room_id: UUID | None = None,
    ) -> None:
        """`session` None begins a new one; `series` is the pattern it belongs to, where that is known."""
        super().__init__(setting)
        self.session, self.series = session, series
        self._begin = SessionFacts(day or setting.today, start or time(15, 0), 60, 10, room_id)
        self._allow = False
        self.subject = session.activity if session else "the new session"
        self.title = session.activity if session else "New session"
        room = setting.room(session.room_id) if session else None
        self.caption = (
            words.session_caption(session, room, setting.zone) if session else "One date, no series"
        )
        self._lay_out()
        self.fields.fill(self._kept())
        self.fields.compares = session is not None
        if session is None:
            self._activity_chosen()
            self.fields.keep()
            self.fields.on_chosen("activity_id", self._activity_chosen)
            if not setting.choices.activities:
                self.why_not = words.NO_ACTIVITY

    @property
    def first(self) -> QWidget:
        """The start; of a new one the activity."""
        return self.fields.kept["start" if self.session else "activity_id"].field.editor

    @property
    def touched(self) -> bool:
        """A new one is always something to save."""
        return self.session is None or bool(self.fields.edits())

    def propose(self, facts: SessionFacts) -> None:
        """Show facts that a person dragged, not yet saved; notes stay as they are written."""
        dragged = ("day", "start", "minutes", "room_id", "instructor")
        self.fields.show_values({name: getattr(facts, name) for name in dragged})

    def change(self) -> Change | None:
        """The session as it stands in the fields."""
        values = self.fields.values()
        if values is None:
            return None
        activity = values.pop("activity_id", None)
        facts = SessionFacts(**values)
        if self.session is not None:
            return SessionEdit(self.session.id, self.session.version, facts, self._allow)
        return SessionNew(activity, facts, self._allow) if activity is not None else None

    def settle(self, on: date, how: Settled | None) -> None:
        """Another room goes into its field, an overlap is allowed."""
        self._allow = how is not None and how.allow
        self.settled = {on: how} if how is not None and how.allow else {}
        if how is not None and how.room_id is not None:
            self.fields.show_values({"room_id": how.room_id})
        else:
            self.edited.emit()

    def save_words(self, plan: Plan | None) -> str:
        """What it does."""
        return words.save_words("Save session" if self.session else "Create session", plan)

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """The session as somebody else left it."""
        if self.session is None:
            return []
        self.session = await session_now(gateway, self.session)
        return self.fields.rebase(self._kept())

    def _kept(self) -> Mapping[str, Any]:
        facts = facts_of(self.session, self.setting) if self.session else self._begin
        return {name: getattr(facts, name) for name in SessionFacts.__dataclass_fields__}

    def _activity_chosen(self) -> None:
        chosen = self.fields.kept["activity_id"].read()
        activity = next((one for one in self.setting.choices.activities if one.id == chosen), None)
        if activity is not None:
            self.fields.propose({"minutes": activity.minutes, "capacity": activity.capacity})

    def _back_to_series(self) -> None:
        if self.session is not None and self.series is not None:
            facts = pattern_facts(self.session, self.series, self.setting)
            self.fields.show_values(
                {name: getattr(facts, name) for name in SessionFacts.__dataclass_fields__}
            )

    def _lay_out(self) -> None:
        fields, setting = self.fields, self.setting
        if self.session is None:
            activities = {one.id: one.name for one in setting.choices.activities}
            self.column.addWidget(fields.select("activity_id", "Activity", activities))
        day = fields.day("day", "Day", DateInput(self.hub, setting.today))
        shared = shared_fields(fields, setting)
        self.row(day, shared["room_id"])
        self.row(shared["start"], shared["minutes"], shared["capacity"], stretch=(10, 10, 7))
        self.row(shared["instructor"], shared["platform_places"])
        more, folded = self.fold("Notes", "Hide notes")
        folded.addWidget(fields.note("session_notes", "Notes for families"))
        folded.addWidget(fields.note("instructor_notes", "Notes for the instructor"))
        session, now = self.session, setting.clock.now()
        self.place_fold(shown=session is not None and bool(session.session_notes or session.instructor_notes))
        if session is not None and session.changed_by_hand:
            told = "Changed by hand: changes of the series leave it alone."
            self.column.addWidget(label(told, "caption", wrap=True))
            if self.series is not None:
                self.links(
                    self.link("Back to the series", "ph.arrow-counter-clockwise", self._back_to_series)
                )
        begun = session is not None and session.starts_at <= now
        self.links(more, *([self.way("complete", "Complete session", "ph.check")] if begun else []))
        if session is not None and setting.may_cancel and session.ends_at > now:
            combine = self.way("combine", "Combine…", "ph.arrows-in-line-horizontal")
            combine.setToolTip("Move its children to another session")
            self.links(combine, self.way("cancel", "Cancel session…", "ph.prohibit"))


class OverForm(Form):
    """A session that is closed: what it was, and a way to open it again."""

    is_planned = False
    saves_untouched = True
    discard = "Close"

    def __init__(self, setting: Setting, session: CalendarSession) -> None:
        """The facts as they are."""
        super().__init__(setting)
        self.session = session
        self.title = self.subject = session.activity
        self.caption = words.session_caption(session, setting.room(session.room_id), setting.zone)
        told = f"Completed. {count(session.came, 'child', 'children')} came, {session.booked} were booked."
        self.column.addWidget(label(told, wrap=True))
        again = "Open it again to correct who came. What families paid stays as it is."
        self.column.addWidget(label(again, "muted", wrap=True))

    @property
    def first(self) -> QWidget:
        """There is nothing to type."""
        return self

    @property
    def touched(self) -> bool:
        """Nothing is typed here."""
        return False

    def save_words(self, plan: Plan | None) -> str:
        """Open it again."""
        return "Reopen session"

    async def store(self, gateway: ProgrammeGateway) -> str:
        """Open it again."""
        await gateway.reopen(self.session.id)
        return f"{self.session.activity} is open again"


class CancelForm(Form):
    """One session that does not take place: why, and what that costs."""

    saves_untouched = True
    discard = "Keep session"
    card_title = "If you cancel it"

    def __init__(self, setting: Setting, session: CalendarSession) -> None:
        """Nothing is cancelled before it is confirmed."""
        super().__init__(setting)
        self.session = session
        self.subject = session.activity
        self.title = f"Cancel {session.activity}"
        self.caption = words.session_caption(session, setting.room(session.room_id), setting.zone)
        reason = ChoiceInput(self.hub, words.REASONS, longest=200)
        self.column.addWidget(self.fields.text("reason", "Reason for the families", reason))
        self.weather = self.fields.tick("is_weather", CheckBox(self.hub, "Because of the weather"))
        self.column.addWidget(self.weather)
        self.column.addWidget(
            label("The weather does not count against the venue's score.", "caption", wrap=True)
        )
        self.fields.fill({"reason": None, "is_weather": False})

    def change(self) -> Change | None:
        """The cancellation as it stands."""
        values = self.fields.values()
        if values is None:
            return None
        return SessionCancel(
            self.session.id, self.session.version, values["reason"] or "", values["is_weather"]
        )

    def may_save(self) -> bool:
        """Families are told why."""
        return self.reason_given()

    def save_words(self, plan: Plan | None) -> str:
        """The bookings that go, in numbers."""
        gone = words.cancels(plan)
        return f"Cancel {count(gone, 'booking')}" if gone else "Cancel session"

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """The session as it is now."""
        self.session = await session_now(gateway, self.session)
        return []


class RestoreForm(Form):
    """A cancelled session that takes place after all."""

    saves_untouched = True
    discard = "Leave cancelled"
    card_title = "If you restore it"

    def __init__(self, setting: Setting, session: CalendarSession) -> None:
        """What it was cancelled for stands above what restoring it does."""
        super().__init__(setting)
        self.session = session
        self.title = self.subject = session.activity
        self.caption = words.session_caption(session, setting.room(session.room_id), setting.zone)
        why = f": {session.cancellation_reason}" if session.cancellation_reason else ""
        self.column.addWidget(label(f"Cancelled{why}.", wrap=True))
        stays = "Its bookings stay cancelled. Their parents are told that it takes place."
        self.column.addWidget(label(stays, "muted", wrap=True))

    @property
    def first(self) -> QWidget:
        """There is nothing to type."""
        return self

    @property
    def touched(self) -> bool:
        """Only what was decided about an overlap."""
        return bool(self.settled)

    def change(self) -> Change | None:
        """The return as it stands."""
        allow = any(how.allow for how in self.settled.values())
        return SessionRestore(self.session.id, self.session.version, allow)

    def save_words(self, plan: Plan | None) -> str:
        """What it does."""
        return "Restore session" if plan is None or plan.count(Fate.RESTORED) < 2 else "Restore sessions"

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """The session as it is now."""
        self.session = await session_now(gateway, self.session)
        return []
