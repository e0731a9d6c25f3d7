"""Each form of the side panel makes the change it says it makes, and says its consequence in numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.domain.changing import (
    ClosureLift,
    ClosureNew,
    SeriesEnd,
    SessionCancel,
    SessionCombine,
    SessionRestore,
)
from console.domain.programme import Calendar, ClosureKind, Room
from console.views.schedule.editor.closures import ClosureForm, LiftForm
from console.views.schedule.editor.combine import CombineForm
from console.views.schedule.editor.inputs import (
    ChoiceInput,
    DateInput,
    LongBox,
    length_input,
    time_input,
)
from console.views.schedule.editor.panel import EditorPanel
from console.views.schedule.editor.rooms import RoomsForm
from console.views.schedule.editor.session import SessionForm
from console.views.schedule.editor.weekdays import WeekdayRow
from console.views.theme import ThemeHub
from console.views.widgets.toggles import CheckBox
from tests.support import programme_samples as sample
from tests.support.editor_samples import LEGO, EditorHost, EditorProgramme, looked, named, new_panel, on_top
from tests.support.qt import settle
from tests.views.test_programme_panel import button, line, opened, texts

FRIDAY = date(2026, 3, 13)


async def test_cancelling_says_the_numbers_and_asks_with_the_safe_answer_first(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.cancel(named("Street Dance"))
    await looked(panel)
    assert panel.foot.discard.text() == "Keep session"
    panel.foot.save.click()
    assert panel.question is None, "families are told why"
    assert panel.form is not None
    assert panel.form.fields.kept["reason"].field.below.text() == "Give the families a reason."
    line(panel, "reason").setText("  Storm   warning ")
    panel.form.fields.show_values({"is_weather": True})
    await looked(panel)
    assert panel.foot.save.text() == "Cancel 16 bookings"
    assert panel.foot.save.property("kind") == "danger"
    panel.foot.save.click()
    question = panel.question
    assert question is not None
    assert question.card.keep.hasFocus()
    figures = [one.text() for one in question.card.findChildren(QLabel)]
    assert {"16", "128", "credits back"} <= set(figures)
    assert programme.applied == []
    question.card.do.click()
    await looked(panel)
    one = named("Street Dance")
    assert programme.applied == [SessionCancel(one.id, one.version, "Storm warning", True)]


async def test_a_cancelled_session_is_restored(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    one = replace(named("Watercolour"), is_cancelled=True, cancellation_reason="Instructor ill")
    panel.open_session(one)
    await looked(panel)
    assert not panel.scope.isVisible()
    panel.foot.save.click()
    await looked(panel)
    assert programme.applied == [SessionRestore(one.id, one.version, False)]


async def test_a_session_is_completed_and_opened_again(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    applied: list[object] = []
    panel.applied.connect(applied.append)
    under_way = named("Junior Judo")
    panel.open_session(under_way)
    await looked(panel)
    button(panel, "Complete session").click()
    await looked(panel)
    assert programme.closed == [under_way.id]
    panel.open_session(replace(under_way, is_closed=True))
    await looked(panel)
    button(panel, "Reopen session").click()
    await looked(panel)
    assert programme.closed == []
    assert len(applied) == 2


async def test_back_to_the_series(hub: ThemeHub) -> None:
    panel = await opened(hub)
    one = named("LEGO Robotics")
    moved = replace(one, starts_at=sample.at(FRIDAY, "17:00"), ends_at=sample.at(FRIDAY, "18:00"), day=FRIDAY)
    panel.open_session(replace(moved, changed_by_hand=True, session_notes="Bring socks", capacity=9))
    await looked(panel)
    button(panel, "Back to the series").click()
    form = panel.form
    assert isinstance(form, SessionForm)
    values = form.fields.values()
    assert values is not None
    assert (values["day"], values["start"], values["capacity"]) == (sample.TODAY, time(15, 45), 12)
    assert values["session_notes"] == "Bring socks"
    form.fields.show_values({"instructor_notes": "x" * 1001})
    assert form.fields.values() is None
    assert form.fields.kept["instructor_notes"].field.below.text() == "1 character too long."


async def test_a_series_ends(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.open_series(LEGO, FRIDAY)
    await looked(panel)
    button(panel, "End this series…").click()
    await looked(panel)
    line(panel, "pivot").setText("26 mar 2026")
    line(panel, "reason").setText("Season over")
    await looked(panel)
    assert panel.foot.save.text() == "Cancel 3 sessions, refund 288 credits"
    panel.foot.save.click()
    assert panel.question is not None
    panel.question.card.do.click()
    await looked(panel)
    assert programme.applied == [SeriesEnd(LEGO, 1, date(2026, 3, 26), "Season over")]


def _at(day: int, hour: int = 0) -> datetime:
    return datetime.combine(date(2026, 3, day), time(hour))


async def _combining(panel: EditorPanel) -> CombineForm:
    panel.combine(named("Watercolour"))
    await looked(panel)
    form = panel.form
    assert isinstance(form, CombineForm)
    return form


async def test_children_move_where_their_parents_agreed(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    form = await _combining(panel)
    target = form.target
    assert target is not None
    assert target.activity == "Watercolour"
    assert panel.foot.save.text() == "Move 6 bookings"
    everyone = programme.planned[-1]
    assert isinstance(everyone, SessionCombine)
    assert (everyone.booking_ids, everyone.consented) == (None, ())
    boxes = {one.accessibleName(): one for one in form.findChildren(LongBox)}
    boxes["Move Theo (Parent 2)"].setChecked(False)
    agreed = next(
        one for one in form.findChildren(CheckBox) if one.accessibleName() == "The parent of Nia agreed"
    )
    agreed.setChecked(True)
    line(panel, "reason").setText("Instructor ill")
    await looked(panel)
    change = programme.planned[-1]
    assert isinstance(change, SessionCombine)
    assert change.booking_ids is not None
    assert (len(change.booking_ids), len(change.consented), change.reason) == (5, 1, "Instructor ill")
    assert panel.foot.save.text() == "Move 5 bookings"
    panel.foot.save.click()
    await looked(panel)
    assert programme.applied == [change]


async def test_where_nothing_is_free_nothing_can_be_chosen(hub: ThemeHub) -> None:
    def full(first: date) -> Calendar:
        found = sample.week(first)
        return replace(found, sessions=tuple(replace(one, booked=one.capacity) for one in found.sessions))

    panel = await opened(hub, EditorProgramme(make=full))
    form = await _combining(panel)
    assert form.target is None
    assert not panel.can_save
    assert "Choose a session with a free place." in texts(panel)


async def test_a_closure_of_a_room_for_some_hours(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.new_closure(FRIDAY)
    await looked(panel)
    form = panel.form
    assert isinstance(form, ClosureForm)
    assert "Choose a reason" in texts(panel)
    form.choose_reason("Weather")
    await looked(panel)
    whole = programme.planned[-1]
    assert isinstance(whole, ClosureNew)
    assert (whole.starts, whole.ends, whole.room_ids) == (_at(13), _at(14), ())
    assert panel.foot.save.text() == "Cancel 6 sessions, refund 536 credits"
    form.whole_venue.setChecked(False)
    await looked(panel)
    assert not panel.can_save
    next(one for one in form.findChildren(LongBox) if one.accessibleName() == "Room A").setChecked(True)
    form.fields.show_values(
        {
            "whole_days": False,
            "from_time": time(9, 0),
            "to_time": time(10, 0),
            "is_yearly": True,
            "explanation": "Floor",
        }
    )
    await looked(panel)
    change = programme.planned[-1]
    assert isinstance(change, ClosureNew)
    assert (change.starts, change.ends) == (_at(13, 9), _at(13, 10))
    assert (change.room_ids, change.is_yearly, change.explanation) == ((sample.ROOM_A.id,), True, "Floor")
    form.fields.show_values({"to_time": time(9, 0)})
    assert form.fields.kept["to_time"].field.below.text() == "It would end before it begins."
    form.fields.show_values({"whole_days": True, "last": date(2026, 3, 10)})
    assert form.fields.kept["last"].field.below.text() == "It would end before it begins."


async def test_a_reason_of_ones_own(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.new_closure(FRIDAY)
    await looked(panel)
    form = panel.form
    assert isinstance(form, ClosureForm)
    form.choose_own_reason()
    assert not panel.can_save
    assert "Add your reason first" in texts(panel)
    form.own_name.setText("Floor is being sanded")
    button(panel, "Add this reason").click()
    await looked(panel)
    assert (programme.reasons[-1].name, programme.reasons[-1].kind) == (
        "Floor is being sanded",
        ClosureKind.HOLIDAY,
    )
    change = programme.planned[-1]
    assert isinstance(change, ClosureNew)
    assert change.reason_id == programme.reasons[-1].id


async def test_a_closure_is_lifted_and_offers_what_it_cancelled(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    friday = replace(sample.kiln(), starts_at=sample.at(FRIDAY, "09:00"), ends_at=sample.at(FRIDAY, "19:00"))
    programme.cancelled_by = friday
    panel = await opened(hub, programme)
    panel.open_closures()
    await looked(panel)
    assert panel.foot.save.isHidden()
    panel.open_lift(friday)
    await looked(panel)
    form = panel.form
    assert isinstance(form, LiftForm)
    assert panel.foot.save.text() == "Lift closure"
    button(panel, "Choose all").click()
    await looked(panel)
    assert panel.foot.save.text() == "Lift, restore 4 sessions"
    change = programme.planned[-1]
    assert isinstance(change, ClosureLift)
    assert len(change.restore) == 4


async def test_rooms(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.open_rooms()
    await looked(panel)
    assert not panel.can_save
    line(panel, "name").setText("Studio 4")
    line(panel, "capacity").setText("15")
    panel.foot.save.click()
    await looked(panel)
    assert programme.rooms[-1] == Room(programme.rooms[-1].id, "Studio 4", 15)
    form = panel.form
    assert isinstance(form, RoomsForm)
    form.list.setCurrentIndex(form.list.choices.index(4))
    assert line(panel, "name").text() == "Studio 4"
    form.in_use.setChecked(False)
    line(panel, "capacity").setText("")
    panel.foot.save.click()
    await looked(panel)
    assert programme.rooms[-1] == Room(programme.rooms[-1].id, "Studio 4", None, False)
    form = panel.form
    assert isinstance(form, RoomsForm)
    line(panel, "name").setText("  ")
    panel.foot.save.click()
    await looked(panel)
    assert form.fields.kept["name"].field.below.text() == "Give the room a name."


async def test_bookings_hit_are_listed_with_what_is_read(hub: ThemeHub) -> None:
    panel = await opened(hub)
    panel.cancel(named("Street Dance"))
    await looked(panel)
    button(panel, "Show what they read").click()
    sheet = panel.sheet
    assert sheet is not None
    assert sheet.is_open
    assert sheet.title.text() == "16 bookings hit"
    assert sheet.message.text().startswith("Junior Judo on Thursday")
    sheet.list.setCurrentIndex(sheet.list.choices.index(3))
    assert sheet.list.current is not None
    QTest.keyClick(sheet.list, Qt.Key.Key_Escape)
    assert not sheet.is_open
    panel.stop()


async def test_inputs_step_complete_and_choose(hub: ThemeHub) -> None:
    panel = new_panel(hub)
    host = EditorHost(panel)
    clock, length, person, week = (
        time_input(hub), length_input(hub), ChoiceInput(hub, ("Ines Duarte", "Ken Ito")), WeekdayRow(hub),
    )  # fmt: skip
    day = DateInput(hub, sample.TODAY, empty="No end")
    for one in (clock, length, person, week, day):
        layout = host.layout()
        assert layout is not None
        layout.addWidget(one)
    await on_top(host, 1300, 700)
    clock.setText("23:58")
    QTest.keyClick(clock, Qt.Key.Key_Up)
    assert clock.text() == "00:03"
    length.setText("60 min")
    QTest.keyClick(length, Qt.Key.Key_Down)
    assert length.text() == "55 min"
    clock.setText("noon")
    QTest.keyClick(clock, Qt.Key.Key_Up)
    assert clock.text() == "noon"
    QTest.keyClicks(person, "ke")
    assert (person.text(), person.selectedText()) == ("ken Ito", "n Ito")
    week.choose((1,))
    week.days[6].setFocus()
    QTest.keyClick(week.days[6], Qt.Key.Key_Right)
    assert week.days[0].hasFocus()
    QTest.keyClick(week.days[0], Qt.Key.Key_Space)
    assert week.chosen() == (0, 1)
    day.setFocus()
    assert day.day() is None
    QTest.keyClick(day, Qt.Key.Key_Down)
    picker = QApplication.focusWidget()
    assert picker is not None
    QTest.keyClick(picker, Qt.Key.Key_Right)
    QTest.keyClick(picker, Qt.Key.Key_Return)
    assert (day.day(), day.hasFocus()) == (FRIDAY, True)


def test_a_long_name_elides_with_its_whole_in_the_tip(hub: ThemeHub) -> None:
    box = LongBox(hub, sample.LONG)
    settle(box, 120, 32)
    assert box.text().endswith("…")
    assert box.toolTip() == box.accessibleName() == sample.LONG
    box.resize(900, 32)
    QApplication.processEvents()
    assert (box.text(), box.toolTip()) == (sample.LONG, "")
