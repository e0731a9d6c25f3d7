"""From rows to a plan: what repeats is a series, what contradicts is rejected, what lacks a fact is told so."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.importing import ImportOptions, Plan, VenueEntry, VenueFacts
from console.domain.recurrence import Occurrence, expand
from console.errors import Invalid
from console.services.imports import layouts, planning
from console.services.imports.text import Text
from tests.support import session_files
from tests.support.session_files import drop_in, drop_in_row, weekly

TODAY = date(2026, 1, 1)
TWELVE = ImportOptions(capacity=12)


def planned(text: str, options: ImportOptions = TWELVE, today: date = TODAY) -> Plan:
    return planning.plan(layouts.read(Text("f", text)), options, today)


def reasons(plan: Plan) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in plan.rejected]


def test_a_course_is_told_apart_by_place_and_number() -> None:
    plan = planned(drop_in(drop_in_row(), drop_in_row(**{"Location ID": 8}), drop_in_row(Course_ID=101)))
    assert len(plan.venues) == 2
    assert len(plan.activities) == len(plan.sessions) == 3
    assert plan.series == ()


def test_rows_of_one_course_may_not_contradict_each_other() -> None:
    plan = planned(
        drop_in(
            drop_in_row(),
            drop_in_row("2026-01-13", **{"Age Max": 14}),
            drop_in_row("2026-01-20", **{"Course Title": "Checkers"}),
            drop_in_row("2026-01-27", Section="Arts"),
            drop_in_row("2026-02-03"),
        )
    )
    assert reasons(plan) == [
        (3, "The row contradicts line 2 about the highest age of course 100."),
        (4, "The row contradicts line 2 about the title of course 100."),
        (5, "The row contradicts line 2 about the category of course 100."),
    ]
    assert len(plan.sessions) == 2


def test_places_of_one_key_may_not_contradict_each_other() -> None:
    plan = planned(
        session_files.philadelphia(
            session_files.activity(), session_files.activity(id="a2", location_name="Another place")
        )
    )
    assert [reason for _, reason in reasons(plan)] == [
        "The row contradicts line 3 about the place of location p1."
    ]


def test_a_row_named_twice_is_imported_once() -> None:
    plan = planned(drop_in(drop_in_row(), drop_in_row(_id=2)))
    assert (len(plan.sessions), plan.repeated, plan.rejected) == (1, 1, ())


def test_meetings_of_one_course_at_one_minute_have_keys_of_their_own() -> None:
    plan = planned(drop_in(drop_in_row(), drop_in_row(**{"End Hour": 18})))
    assert len({one.key for one in plan.sessions}) == 2
    assert len({one.ends_at for one in plan.sessions}) == 2


def test_keys_do_not_depend_on_the_shift_the_capacity_or_the_order() -> None:
    rows = [*weekly("2026-01-06", range(4)), *weekly("2026-01-07", range(3), Course_ID=200)]
    first = planned(drop_in(*rows))
    second = planned(drop_in(*reversed(rows)), ImportOptions(capacity=30, shift_weeks=9))
    for kind in ("venues", "activities", "series", "sessions"):
        assert {one.key for one in getattr(first, kind)} == {one.key for one in getattr(second, kind)}


def test_dates_move_by_whole_weeks_and_times_on_the_wall_stay() -> None:
    # From winter into summer time.
    plan = planned(drop_in(*weekly("2026-01-06", [0, 1])), ImportOptions(capacity=1, shift_weeks=26))
    assert [one.starts_at for one in plan.sessions] == [
        datetime(2026, 7, 7, 20, tzinfo=UTC),
        datetime(2026, 7, 14, 20, tzinfo=UTC),
    ]
    assert (plan.series[0].pattern.first, plan.series[0].pattern.last) == (
        date(2026, 7, 7),
        date(2026, 7, 14),
    )


def test_auto_finds_the_busiest_week_of_ranges_too() -> None:
    plan = planned(
        session_files.registered(), ImportOptions(capacity=1, shift_weeks=None), date(2026, 11, 21)
    )
    assert plan.shift_weeks == 19
    assert {one.starts_at.date() for one in plan.sessions} == {date(2026, 11, day) for day in range(16, 21)}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (ImportOptions(), "The file does not say how many places a session has."),
        (ImportOptions(capacity=1, shift_weeks=5201), "Dates can be shifted by at most 5200 weeks."),
    ],
)
def test_what_is_missing_or_absurd_is_said_once_for_the_file(options: ImportOptions, sentence: str) -> None:
    with pytest.raises(Invalid) as raised:
        planned(drop_in(drop_in_row(), drop_in_row("2026-01-13")), options)
    assert raised.value.sentence == sentence


def test_too_many_sessions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_SESSIONS", 3)
    with pytest.raises(Invalid, match="more than 3 sessions"):
        planned(drop_in(*weekly("2026-01-06", range(4))))


def test_the_venues_file_fills_in_what_the_session_file_lacks() -> None:
    entries = {"7": VenueEntry(VenueFacts(name="Harbour", timezone="Europe/Paris"), capacity=5, credits=2)}
    plan = planned(drop_in(drop_in_row(), drop_in_row(**{"Location ID": 8})), ImportOptions(venues=entries))
    assert dict(plan.venues[0].facts) == {"name": "Harbour", "timezone": "Europe/Paris", "country": "Canada"}
    assert plan.sessions[0].starts_at == datetime(2026, 1, 6, 15, tzinfo=UTC)
    assert plan.sessions[0].capacity == 5
    assert plan.activities[0].facts["credits_required"] == 2
    assert reasons(plan) == [(3, "The row does not say how many places there are; give --capacity.")]


def test_an_activity_is_as_long_as_most_of_its_meetings() -> None:
    rows = [*weekly("2026-01-06", range(3)), *weekly("2026-01-09", range(2), **{"End Hour": 18})]
    plan = planned(drop_in(*rows))
    assert plan.activities[0].facts["duration_minutes"] == 90
    assert len(plan.series) == 2


days = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([9, 16, 22]), st.sampled_from([0, 30])),
    min_size=1,
    max_size=40,
)


@settings(deadline=None)
@given(days)
def test_series_and_singles_are_exactly_the_rows(meetings: list[tuple[int, int, int]]) -> None:
    rows = [
        drop_in_row(
            date.fromordinal(TODAY.toordinal() + day),
            **{"Start Hour": hour, "Start Minute": minute, "End Hour": 8},
        )
        for day, hour, minute in meetings
    ]
    plan = planned(drop_in(*rows))
    wanted = {(date.fromordinal(TODAY.toordinal() + day), hour, minute) for day, hour, minute in meetings}
    assert len(plan.sessions) == len(wanted)
    from_series = {
        (one.key, found.day, found.start.hour, found.start.minute)
        for one in plan.series
        for found in expand(one.pattern)
    }
    assert len(from_series) == sum(one.series is not None for one in plan.sessions)
    assert {found[1:] for found in from_series} <= wanted


def test_an_occurrence_keeps_its_weekday_when_shifted() -> None:
    one = Occurrence(date(2026, 1, 6), datetime(2026, 1, 6, 9, tzinfo=UTC).time(), 60)
    assert one.shifted(-3).day == date(2025, 12, 16)
