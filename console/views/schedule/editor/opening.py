"""How each thing that the panel can show is loaded and becomes a form.

The panel asks what is on show and saves it; what must be fetched for a form is known here alone. See docs/design.md,
"Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta, tzinfo
from uuid import UUID

from console.clock import Clock
from console.domain.changing import Scope, SessionFacts
from console.domain.programme import CalendarSession, Choices, ClosureSpan, Series
from console.errors import NotFound
from console.models.gateway_programme import ProgrammeGateway
from console.views.schedule.editor.closures import ClosureForm, ClosureListForm, LiftForm, cancelled_by
from console.views.schedule.editor.combine import CombineForm, bookings_of, targets
from console.views.schedule.editor.form import Form, Setting, session_now
from console.views.schedule.editor.rooms import RoomsForm
from console.views.schedule.editor.series import SeriesEndForm, SeriesForm
from console.views.schedule.editor.session import CancelForm, OverForm, RestoreForm, SessionForm
from console.views.theme import ThemeHub


@dataclass(frozen=True)
class About:
    """What the panel is about, and how far a change of it would reach (None where that is no question)."""

    series_id: UUID | None = None
    session: CalendarSession | None = None
    scope: Scope | None = None
    pivot: date | None = None


Made = tuple[Form, About]
Opening = Callable[[], Awaitable[Made]]


class Openings:
    """Loads what a form needs and makes it."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ProgrammeGateway,
        zone: tzinfo,
        clock: Clock,
        *,
        may_edit: bool,
        may_cancel: bool,
    ) -> None:
        """Everything for one venue."""
        self._gateway = gateway
        self.setting = Setting(hub, zone, clock, Choices((), (), (), ()), may_edit, may_cancel)

    async def fresh(self) -> Setting:
        """What may be chosen now."""
        self.setting = replace(self.setting, choices=await self._gateway.choices())
        return self.setting

    async def session(self, one: CalendarSession, proposal: SessionFacts | None = None) -> Made:
        """One session: its facts, or what can be done with one that is cancelled or over."""
        setting = await self.fresh()
        about = About(one.series_id, one, Scope.ONLY if one.series_id else None, one.occurs_on or one.day)
        if one.is_cancelled:
            return RestoreForm(setting, one), replace(about, scope=None)
        if one.is_closed:
            return OverForm(setting, one), replace(about, scope=None)
        series = await self._series(one.series_id) if one.series_id is not None else None
        if proposal is not None:
            one = await session_now(self._gateway, one)
        form = SessionForm(setting, one, series)
        if proposal is not None:
            form.propose(proposal)
        return form, replace(about, session=one, scope=about.scope if series is not None else None)

    async def series(
        self, series_id: UUID, pivot: date | None, scope: Scope, one: CalendarSession | None
    ) -> Made:
        """A weekly pattern from a date on, or all of it."""
        setting = await self.fresh()
        series = await self._gateway.series(series_id)
        start = pivot or series.next_on or setting.today
        # What has begun stays as it is, so "following" begins after it.
        if one is not None and one.starts_at <= setting.clock.now():
            start += timedelta(days=1)
        start = max(start, setting.today)
        return SeriesForm(setting, series, scope=scope, pivot=start), About(series_id, one, scope, pivot)

    async def new_series(
        self, day: date | None, start: time | None, room_id: UUID | None, activity_id: UUID | None = None
    ) -> Made:
        """A new weekly pattern, of an activity to begin with."""
        setting = await self.fresh()
        form = SeriesForm(setting, pivot=day, start=start, room_id=room_id, activity_id=activity_id)
        return form, About()

    async def new_session(self, day: date | None, start: time | None, room_id: UUID | None) -> Made:
        """A new session outside every series."""
        return SessionForm(await self.fresh(), day=day, start=start, room_id=room_id), About()

    async def end(self, series_id: UUID, pivot: date | None) -> Made:
        """The end of a weekly pattern."""
        setting = await self.fresh()
        series = await self._gateway.series(series_id)
        return SeriesEndForm(setting, series, pivot), About(series_id)

    async def cancel(self, one: CalendarSession) -> Made:
        """The cancellation of a session."""
        return CancelForm(await self.fresh(), one), About(None, one)

    async def combine(self, one: CalendarSession) -> Made:
        """Where a session's children could go."""
        setting = await self.fresh()
        others = await targets(self._gateway, one, setting)
        return CombineForm(setting, one, others, await bookings_of(self._gateway, one)), About(None, one)

    async def closures(self) -> Made:
        """The closures to come."""
        setting = await self.fresh()
        return ClosureListForm(setting, await self._gateway.closures()), About()

    async def new_closure(self, day: date | None, room_id: UUID | None) -> Made:
        """A new closure."""
        return ClosureForm(await self.fresh(), day=day, room_id=room_id), About()

    async def lift(self, span: ClosureSpan) -> Made:
        """A closure taken back."""
        setting = await self.fresh()
        return LiftForm(setting, span, await cancelled_by(self._gateway, span, setting)), About()

    async def rooms(self, current: UUID | None = None) -> Made:
        """The venue's rooms."""
        return RoomsForm(await self.fresh(), current), About()

    async def _series(self, series_id: UUID) -> Series | None:
        try:
            return await self._gateway.series(series_id)
        except NotFound:
            return None
