"""The form of a weekly pattern: a new one, one from a date on, or all of its future; and the form of its end.

See docs/design.md, "Screens" (schedule) and "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.domain.changing import Change, Plan, Scope, SeriesEdit, SeriesEnd, SeriesNew
from console.domain.programme import Series, SeriesFacts
from console.domain.recurrence import dates_between, weeks_between
from console.models.gateway_programme import ProgrammeGateway
from console.views.schedule.editor import words
from console.views.schedule.editor.fieldset import FieldSet
from console.views.schedule.editor.form import Form, Setting
from console.views.schedule.editor.inputs import (
    ChoiceInput,
    DateInput,
    count_input,
    length_input,
    time_input,
)
from console.views.schedule.editor.reading import read_count, read_minutes, read_time
from console.views.schedule.editor.weekdays import WeekdayRow
from console.views.widgets.fields import Field

MOST_PLACES = 10_000
_MOST_WEEKS = 52
_PLACES, _PLATFORM, _WEEKS = "places", "platform places", "weeks"


def shared_fields(fields: FieldSet, setting: Setting) -> dict[str, Field]:
    """The fields that a series and a session have in common, by name."""
    hub = setting.hub
    return {
        "start": fields.typed("start", "Start", time_input(hub), read_time, words.clock),
        "minutes": fields.typed("minutes", "Length", length_input(hub), read_minutes, words.minutes),
        "capacity": fields.typed(
            "capacity",
            "Places",
            count_input(hub, 1, MOST_PLACES, what=_PLACES),
            lambda text: read_count(text, 1, MOST_PLACES, _PLACES),
            str,
        ),
        "room_id": fields.select("room_id", "Room", setting.room_options(), put_away=setting.room),
        "instructor": fields.text("instructor", "Instructor", ChoiceInput(hub, setting.choices.instructors)),
        "platform_places": fields.typed(
            "platform_places",
            "Platform places",
            count_input(hub, 0, MOST_PLACES, what=_PLATFORM),
            lambda text: read_count(text, 0, MOST_PLACES, _PLATFORM),
            str,
        ),
    }


def next_date(facts: SeriesFacts, day: date) -> date:
    """The first date of a pattern from a day on: where "this and following" can begin. The day itself without one."""
    first = max(day, facts.first)
    reach = first + timedelta(days=7 * facts.every_weeks + 6)
    dates = dates_between(facts.weekdays, first, reach)
    return next((one for one in dates if weeks_between(facts.first, one) % facts.every_weeks == 0), first)


class SeriesForm(Form):
    """A weekly pattern."""

    settles_dates = True

    def __init__(
        self,
        setting: Setting,
        series: Series | None = None,
        *,
        scope: Scope = Scope.ALL,
        pivot: date | None = None,
        start: time | None = None,
        room_id: UUID | None = None,
        activity_id: UUID | None = None,
    ) -> None:
        """`series` None begins a new one; `pivot` is the day it begins, or from which "this and following" counts.

        A new one is of `activity_id` to begin with, where that can be planned.
        """
        super().__init__(setting)
        known = any(one.id == activity_id for one in setting.choices.activities)
        self._activity_id = activity_id if known else None
        self.series, self.scope, self._pivot = series, scope, pivot or setting.today
        self.subject = (series.facts.name or series.activity) if series else "the new series"
        self.title = self.subject if series else "New series"
        self.caption = (
            words.series_caption(series.facts, setting.today) if series else "A pattern that comes back"
        )
        self._lay_out()
        self.fields.fill(self._kept())
        fields = self.fields
        fields.compares = series is not None
        if series is None:
            if start is not None or room_id is not None:
                fields.show_values({"start": start or time(15, 0), "room_id": room_id})
            if self._activity_id is not None:
                fields.show_values({"activity_id": self._activity_id})
            self._activity_chosen()
            fields.keep()
            fields.on_chosen("activity_id", self._activity_chosen)

        if series is None and not setting.choices.activities:
            self.why_not = words.NO_ACTIVITY

    @property
    def first(self) -> QWidget:
        """The start, which is what changes most; of a new one the activity, or what comes after a known one."""
        name = "start" if self.series else "activity_id" if self._activity_id is None else "first"
        return self.fields.kept[name].field.editor

    @property
    def touched(self) -> bool:
        """A new one is always something to save."""
        return self.series is None or super().touched

    def change(self) -> Change | None:
        """The pattern as it stands in the fields."""
        values = self.fields.values()
        if values is None:
            return None
        values["activity_id"] = values.get("activity_id") or (
            self.series.facts.activity_id if self.series else None
        )
        if values["activity_id"] is None:
            return None
        facts = SeriesFacts(**values)
        if facts.last is not None and facts.last < facts.first:
            self.fields.refuse("last", "The series would end before it begins.")
            return None
        if self.series is None:
            return SeriesNew(facts, dict(self.settled))
        pivot = facts.first if self.scope is Scope.FOLLOWING else None
        return SeriesEdit(self.series.id, self.series.version, self.scope, facts, pivot, dict(self.settled))

    def save_words(self, plan: Plan | None) -> str:
        """Its consequence where it cancels."""
        return words.save_words("Save series" if self.series else "Create series", plan)

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """The pattern as somebody else left it."""
        if self.series is None:
            return []
        self.series = await gateway.series(self.series.id)
        return self.fields.rebase(self._kept())

    def _kept(self) -> Mapping[str, Any]:
        if self.series is None:
            return {
                "first": self._pivot, "last": None, "weekdays": (self._pivot.isoweekday() % 7,), "start": time(15, 0),
                "minutes": 60, "capacity": 10, "room_id": None, "instructor": None, "every_weeks": 1,
                "platform_places": 0, "name": None,
            }  # fmt: skip
        facts = self.series.facts
        if self.scope is Scope.FOLLOWING:
            facts = replace(facts, first=next_date(facts, self._pivot))
        return {name: getattr(facts, name) for name in self.fields.kept}

    def _activity_chosen(self) -> None:
        chosen = self.fields.kept["activity_id"].read()
        activity = next((one for one in self.setting.choices.activities if one.id == chosen), None)
        if activity is not None:
            self.fields.propose({"minutes": activity.minutes, "capacity": activity.capacity})

    def _lay_out(self) -> None:
        fields, hub, today = self.fields, self.hub, self.setting.today
        if self.series is None:
            activities = {one.id: one.name for one in self.setting.choices.activities}
            self.column.addWidget(fields.select("activity_id", "Activity", activities))
        self.row(
            fields.day("first", "From", DateInput(hub, today)),
            fields.day("last", "Until", DateInput(hub, today, empty="No end")),
        )
        self.column.addWidget(fields.week("weekdays", "Weekdays", WeekdayRow(hub)))
        shared = shared_fields(fields, self.setting)
        self.row(shared["start"], shared["minutes"], shared["capacity"], stretch=(10, 10, 7))
        self.row(shared["room_id"], shared["instructor"])
        more, folded = self.fold("More settings", "Fewer settings")
        every = fields.typed(
            "every_weeks",
            "Every",
            count_input(hub, 1, _MOST_WEEKS, words.weeks, what=_WEEKS),
            lambda text: read_count(text, 1, _MOST_WEEKS, _WEEKS),
            words.weeks,
        )
        self.row(every, shared["platform_places"], into=folded)
        name = ChoiceInput(hub, (), longest=100)
        name.setPlaceholderText("The activity's name")
        folded.addWidget(fields.text("name", "Name", name))
        facts = self.series.facts if self.series is not None else None
        self.place_fold(shown=facts is not None and (facts.every_weeks > 1 or facts.platform_places > 0))
        ends = self.series is not None and self.setting.may_cancel
        self.links(more, *([self.way("end", "End this series…", "ph.calendar-x")] if ends else []))


class SeriesEndForm(Form):
    """A weekly pattern that ends."""

    saves_untouched = True
    discard = "Keep it"
    card_title = "If you end it"
    why_not = "Write the reason to see what would happen."

    def __init__(self, setting: Setting, series: Series, pivot: date | None = None) -> None:
        """`pivot` is the first day without it."""
        super().__init__(setting)
        self.series = series
        self.subject = series.facts.name or series.activity
        self.title = f"End {self.subject}"
        self.caption = words.series_caption(series.facts, setting.today)
        self.column.addWidget(
            self.fields.day("pivot", "First day without it", DateInput(self.hub, setting.today))
        )
        reason = ChoiceInput(self.hub, ("Season over", *words.REASONS), longest=200)
        self.column.addWidget(self.fields.text("reason", "Reason for the families", reason))
        tomorrow = setting.today + timedelta(days=1)
        self.fields.fill({"pivot": pivot or max(tomorrow, series.next_on or tomorrow), "reason": None})

    def change(self) -> Change | None:
        """The end as it stands."""
        values = self.fields.values()
        if values is None or not values["reason"]:
            return None
        return SeriesEnd(self.series.id, self.series.version, values["pivot"], values["reason"])

    def save_words(self, plan: Plan | None) -> str:
        """Its consequence."""
        return words.save_words("End series", plan)

    async def refetch(self, gateway: ProgrammeGateway) -> list[str]:
        """The pattern as it is now."""
        self.series = await gateway.series(self.series.id)
        return []
