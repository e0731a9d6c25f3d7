"""Calendars of all sorts are read: what is weekly becomes a series, the rest sessions or one sentence each."""

from __future__ import annotations

import json
import time as clock
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.exchange import Entry, Reading
from console.errors import ConsoleError, Invalid
from console.services.exchange import calendar_in, calendar_out
from tests.support.shared_data import require

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 3, 2)


def event(*lines: str, uid: str = "a@x", title: str = "Clay", start: str = "DTSTART:20260303T160000",
          end: str = "DTEND:20260303T170000") -> str:  # fmt: skip
    """One event in a calendar."""
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *([start] if start else []), *([end] if end else []), *lines,
         "END:VEVENT", ""]
    )  # fmt: skip


def read(*events: str, zone: ZoneInfo = NEW_YORK, today: date = TODAY) -> Reading:
    """The reading of a calendar of these events."""
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    return calendar_in.read(text, zone, today)


def only(*events: str, **more: Any) -> Entry:
    """The only entry, of a calendar with nothing refused."""
    found = read(*events, **more)
    assert found.refused == ()
    (entry,) = found.entries
    return entry


def refusal(*events: str, **more: Any) -> str:
    """The only refusal, of a calendar with nothing else."""
    found = read(*events, **more)
    assert found.entries == ()
    (one,) = found.refused
    return one.reason


def test_a_session_in_each_way_of_writing_its_time() -> None:
    wanted = {"day": "2026-03-03", "start": "16:00:00", "minutes": 60}
    assert only(event()).facts == wanted
    assert only(event(start="DTSTART:20260303T210000Z", end="DTEND:20260303T220000Z")).facts == wanted
    assert (
        only(event(start="DTSTART;TZID=Europe/London:20260303T210000", end="DURATION:PT1H")).facts == wanted
    )
    assert only(event(start='DTSTART;TZID="/x.example/1/America/New_York":20260303T160000')).facts == wanted
    assert only(event(start="DTSTART;TZID=Eastern Standard Time:20260303T160000")).facts == wanted
    # Folded lines, other line ends, other cases.
    folded = event().replace("SUMMARY:Clay", "SUMMARY:Cl\r\n ay").replace("DTSTART", "dtstart")
    assert only(folded.replace("\r\n", "\n")).title == "Clay"


def test_a_session_over_midnight_and_over_the_change_of_clocks() -> None:
    night = only(event(start="DTSTART:20260307T233000", end="DTEND:20260308T033000"))
    assert night.facts["minutes"] == 240
    # Half past one twice: an hour passes, though the wall shows none.
    twice = only(event(start="DTSTART:20261101T053000Z", end="DTEND:20261101T063000Z"))
    assert (twice.facts["start"], twice.facts["minutes"]) == ("01:30:00", 60)


def test_a_series_with_dates_left_out_changed_and_added() -> None:
    found = read(
        event("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260401T035959Z", "EXDATE:20260305T160000,20260310T160000",
              "RDATE:20260314T160000", "LOCATION:Studio A"),
        event("RECURRENCE-ID:20260312T160000", start="DTSTART:20260313T090000", end="DTEND:20260313T093000"),
        event("RECURRENCE-ID:20260317T160000", "STATUS:CANCELLED"),
    )  # fmt: skip
    assert found.refused == ()
    extra, series = sorted(found.entries, key=lambda one: one.kind == "series")
    assert series.facts == {
        "weekdays": [2, 4], "start": "16:00:00", "minutes": 60, "every_weeks": 1, "first": "2026-03-03",
        "last": "2026-03-31", "room": "Studio A",
    }  # fmt: skip
    assert series.skipped == (date(2026, 3, 5), date(2026, 3, 10), date(2026, 3, 17))
    assert series.changed == {date(2026, 3, 12): {"day": "2026-03-13", "start": "09:00:00", "minutes": 30}}
    assert (extra.key, extra.facts["day"]) == ("a@x/2026-03-14", "2026-03-14")


@pytest.mark.parametrize(
    ("rule", "weekdays", "weeks", "last"),
    [
        ("FREQ=WEEKLY", [2], 1, None),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", [2], 2, "2026-03-31"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", [1, 3], 1, "2026-03-09"),
        ("FREQ=DAILY;COUNT=4", [0, 1, 2, 3, 4, 5, 6], 1, "2026-03-06"),
        ("FREQ=DAILY;INTERVAL=7", [2], 1, None),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260310", [1, 2, 3, 4, 5], 1, "2026-03-10"),
        # An end before the hour of the start leaves the day out.
        ("FREQ=WEEKLY;UNTIL=20260310T190000Z", [2], 1, "2026-03-09"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH", [2, 4], 2, None),
    ],
)
def test_rules_that_are_weekly_in_other_words(
    rule: str, weekdays: list[int], weeks: int, last: str | None
) -> None:
    found = read(event(f"RRULE:{rule}"))
    series = next(one for one in found.entries if one.kind == "series")
    assert (series.facts["weekdays"], series.facts["every_weeks"], series.facts["last"]) == (
        weekdays,
        weeks,
        last,
    )


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", "It repeats monthly; the console keeps weekly series only."),
        ("FREQ=YEARLY", "It repeats yearly; the console keeps weekly series only."),
        ("FREQ=HOURLY", "It repeats hourly; the console keeps weekly series only."),
        ("FREQ=DAILY;INTERVAL=3", "It repeats every 3 days; the console keeps weekly series only."),
        ("FREQ=WEEKLY;BYSETPOS=1;BYDAY=MO,TU", "Its rule says BYSETPOS, which the console cannot keep."),
        ("FREQ=WEEKLY;BYMONTH=3", "Its rule says BYMONTH, which the console cannot keep."),
        ("FREQ=WEEKLY;BYDAY=XX", "“XX” is not a weekday."),
        ("FREQ=WEEKLY;BYDAY=1MO", "Its rule says “1MO” of a month, which the console cannot keep."),
        ("FREQ=WEEKLY;INTERVAL=53", "A series repeats every 1 to 52 weeks."),
        ("FREQ=WEEKLY;INTERVAL=0", "Its rule of repetition cannot be read."),
        ("FREQ=WEEKLY;COUNT=many", "Its rule of repetition cannot be read."),
        ("FREQ=WEEKLY;COUNT=100000", "It repeats 100,000 times; one series may have at most 1,000 sessions."),
        ("FREQ=WEEKLY;UNTIL=soon", "“SOON” is not a time."),
        ("FREQ=WEEKLY;UNTIL=20260101", "It ends before it starts."),
        ("FREQ=WEEKLY;FREQ=DAILY", "Its rule of repetition cannot be read."),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU",
         "Its weeks do not begin on Monday, which the console cannot keep."),
        ("nonsense", "Its rule of repetition cannot be read."),
    ],
)  # fmt: skip
def test_rules_the_console_cannot_keep_are_refused_in_a_sentence(rule: str, said: str) -> None:
    assert refusal(event(f"RRULE:{rule}")).casefold() == said.casefold()


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (event(start="DTSTART:20260303T250000"), "“20260303T250000” is not a time."),
        (event(start="DTSTART:20260230T100000"), "“20260230T100000” is not a time."),
        (event(start="DTSTART;TZID=Mars/Base:20260303T100000"), "There is no time zone “Mars/Base”."),
        (event(start="DTSTART;VALUE=DATE:20260303", end="DTEND;VALUE=DATE:20260304"),
         "It lasts all day; a session has a start and an end."),
        (event(end="DTEND:20260303T150000"), "It ends before it starts."),
        (event(end="DTEND:20260305T150000"), "It lasts longer than a day."),
        (event(end="DURATION:later"), "“later” is not a length of time."),
        (event(start=""), "It does not say when it starts."),
        (event(end=""), "It does not say when it ends."),
        (event("no colon in this line"), "A line of it cannot be read."),
        (event("RRULE:FREQ=WEEKLY", "STATUS:CANCELLED"), "It is cancelled in the file."),
        (event("RRULE:FREQ=WEEKLY", "EXRULE:FREQ=DAILY"), "It has more than one rule of repetition."),
        ("BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260303T160000\r\n", "The file ends in the middle of it."),
    ],
)  # fmt: skip
def test_events_that_cannot_be_are_refused_in_a_sentence(one: str, said: str) -> None:
    if one.endswith("END:VEVENT\r\n"):
        assert refusal(one) == said
    else:
        (found,) = calendar_in.read(one, NEW_YORK, TODAY).refused
        assert found.reason == said


def test_one_broken_event_takes_nothing_from_the_others() -> None:
    found = read(event(uid="1"), event(uid="2", start="DTSTART:never"), event(uid="3"), event(uid="3"))
    assert [one.key for one in found.entries] == ["1", "3"]
    assert [(one.line, one.reason) for one in found.refused] == [
        (9, "“never” is not a time."), (21, "The same entry stands on line 15 already."),
    ]  # fmt: skip


def test_another_places_clock() -> None:
    # London and New York change their clocks on different days: dates by themselves, until that shows.
    series = event("RRULE:FREQ=WEEKLY;COUNT=8", start="DTSTART;TZID=Europe/London:20260303T210000",
                   end="DTEND;TZID=Europe/London:20260303T220000")  # fmt: skip
    found = read(series)
    assert {one.kind for one in found.entries} == {"session"}
    assert [one.facts["start"] for one in found.entries] == ["16:00:00"] + ["17:00:00"] * 3 + ["16:00:00"] * 4
    assert "clock of another place" in (found.entries[0].note or "")
    # Toronto's clocks are New York's: one series. Late in Vienna is early the next day elsewhere.
    same = only(series.replace("Europe/London", "America/Toronto"))
    assert (same.kind, same.facts["start"]) == ("series", "21:00:00")
    shifted = only(
        event("RRULE:FREQ=WEEKLY;COUNT=2", start="DTSTART;TZID=America/Chicago:20260303T233000",
              end="DTEND;TZID=America/Chicago:20260304T001500")
    )  # fmt: skip
    assert (shifted.facts["weekdays"], shifted.facts["start"], shifted.facts["first"]) == (
        [3],
        "00:30:00",
        "2026-03-04",
    )


def test_what_is_no_calendar_is_refused_as_a_whole() -> None:
    for text, code in (("hello", "no_calendar"), ("BEGIN:VCALENDAR\r\nEND:VCALENDAR", "empty_calendar")):
        with pytest.raises(Invalid) as caught:
            calendar_in.read(text, NEW_YORK, TODAY)
        assert caught.value.code == code
    with pytest.raises(Invalid) as caught:
        read(*(event(uid=str(number)) for number in range(5_001)))
    assert caught.value.code == "too_many_entries"


def test_reading_stops_when_it_is_told_to() -> None:
    class StopError(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        if done:
            raise StopError

    with pytest.raises(StopError):
        calendar_in.read("BEGIN:VCALENDAR\r\n" + event() * 200, NEW_YORK, TODAY, stop)


def test_a_long_calendar_is_read_fast_enough_to_wait_for() -> None:
    text = "BEGIN:VCALENDAR\r\n" + "".join(event(uid=str(number)) for number in range(2_000))
    begun = clock.monotonic()
    assert len(calendar_in.read(text, NEW_YORK, TODAY).entries) == 2_000
    assert clock.monotonic() - begun < 30  # a slip into the square of it would take minutes


@given(st.text(), st.text(max_size=40))
def test_any_text_is_read_or_refused_in_a_sentence(text: str, other: str) -> None:
    for whole in (
        text,
        f"BEGIN:VCALENDAR\n{text}\nBEGIN:VEVENT\n{other}\nDTSTART:{text}\nRRULE:{other}\nEND:VEVENT",
    ):
        said = "."
        try:
            calendar_in.read(whole, NEW_YORK, TODAY)
        except ConsoleError as error:
            said = error.sentence
        assert said.endswith(".")


def test_naughty_texts_come_through_an_event(shared_data: Path) -> None:
    strings: list[str] = json.loads((shared_data / "naughty_strings" / "blns.json").read_text("utf-8"))
    for naughty in strings:
        written = "\r\n".join(
            calendar_out.folded(line)
            for line in event(
                f"LOCATION:{calendar_out.escaped(naughty)}", title=calendar_out.escaped(naughty)
            ).split("\r\n")
        )
        entry = only(written)
        plain = " ".join("".join(mark if mark.isprintable() else " " for mark in naughty).split())
        said = " ".join("".join(mark if mark.isprintable() else " " for mark in entry.title or "").split())
        assert said == plain


def test_the_public_calendars(shared_data: Path) -> None:
    folder = shared_data / "ics"

    def of(name: str, zone: str, today: date) -> Entry:
        text = require(folder / name).read_bytes().decode()
        found = calendar_in.read(text, ZoneInfo(zone), today)
        assert found.refused == ()
        (entry,) = found.entries
        return entry

    vienna = of("event_with_recurrence_exdates_on_different_lines.ics", "Europe/Vienna", date(2012, 3, 1))
    assert (vienna.facts["weekdays"], vienna.facts["first"], vienna.facts["last"]) == (
        [2],
        "2012-03-27",
        "2012-07-03",
    )
    assert len(vienna.skipped) == 5
    market = of("issue_112_missing_tzinfo_on_exdate.ics", "America/New_York", date(2013, 9, 1))
    assert (market.facts["weekdays"], market.facts["last"], market.facts["minutes"]) == (
        [5, 6],
        "2013-10-24",
        300,
    )
    assert market.skipped == (date(2013, 10, 11), date(2013, 10, 12))
    # A zone under a name of its own, defined in the file.
    custom = of("issue_466_respect_unique_timezone.ics", "Europe/Vienna", date(2022, 10, 1))
    assert (custom.facts["start"], custom.facts["weekdays"], custom.facts["last"]) == ("20:00:00", [5], None)
