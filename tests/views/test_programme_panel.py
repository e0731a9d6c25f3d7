"""The side panel plans every edit and writes nothing before it is confirmed.

What somebody else did meanwhile is said, and what a person typed stays.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any, cast
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from console.domain.changing import (
    Applied,
    Change,
    Plan,
    Scope,
    SeriesEdit,
    SeriesNew,
    SessionEdit,
    SessionNew,
    Settled,
)
from console.domain.programme import Series
from console.errors import Conflict, Invalid, Unavailable
from console.views.schedule.editor.inputs import StillBox
from console.views.schedule.editor.panel import EditorPanel
from console.views.schedule.editor.session import SessionForm, facts_of
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from tests.support import programme_samples as sample
from tests.support.editor_samples import (
    LEGO,
    EditorHost,
    EditorProgramme,
    as_protocol,
    looked,
    named,
    new_panel,
    on_top,
)

FRIDAY = date(2026, 3, 13)


@dataclass
class Slow(EditorProgramme):
    """A programme whose plans can be held back, one by one."""

    held: list[asyncio.Event] = field(default_factory=list)
    answers: int = 0
    refuses: Conflict | Invalid | None = None
    refuses_always: Conflict | None = None
    is_gone: bool = False
    by_others: dict[str, Any] = field(default_factory=dict)
    version: int = 1

    async def plan(self, change: Change) -> Plan:
        """The sample's plan, once its turn has come."""
        if self.refuses is not None:
            refusal, self.refuses = self.refuses, None
            self.planned.append(change)
            raise refusal
        if self.refuses_always is not None:
            self.planned.append(change)
            raise self.refuses_always
        if self.held:
            await self.held.pop(0).wait()
        self.answers += 1
        return await super().plan(change)

    async def series(self, wanted: UUID) -> Series:
        """The pattern as somebody else left it."""
        found = await super().series(UUID(int=0) if self.is_gone else wanted)
        return replace(found, version=self.version, facts=replace(found.facts, **self.by_others))


async def opened(hub: ThemeHub, programme: EditorProgramme | None = None, **may: bool) -> EditorPanel:
    """A panel in a window that is active."""
    panel = new_panel(hub, programme, **may)
    await on_top(EditorHost(panel))
    return panel


async def in_series(hub: ThemeHub, programme: EditorProgramme) -> EditorPanel:
    """The panel with LEGO Robotics from Friday on."""
    panel = await opened(hub, programme)
    panel.open_series(LEGO, FRIDAY)
    await looked(panel)
    return panel


def line(panel: EditorPanel, name: str) -> QLineEdit:
    """The input of a field."""
    assert panel.form is not None
    return cast(QLineEdit, panel.form.fields.kept[name].field.editor)


def button(panel: EditorPanel, text: str) -> Button:
    """A button of the panel by its words."""
    shown = [one for one in panel.findChildren(Button) if one.isVisible()]
    return next(one for one in shown if text in (one.text(), one.accessibleName()))


def texts(panel: EditorPanel) -> str:
    """Everything the preview says."""
    return "\n".join(one.text() for one in panel.card.findChildren(QLabel) if one.isVisible())


async def test_nothing_is_planned_or_written_before_an_edit(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await in_series(hub, programme)
    assert as_protocol(panel).widget is panel
    assert panel.title.text() == "LEGO Robotics"
    assert panel.caption.text() == "Series, Thursdays since 8 January"
    assert panel.scope.chosen == Scope.FOLLOWING
    assert (programme.planned, panel.can_save) == ([], False)
    assert "Change something" in texts(panel)
    panel.save()
    await looked(panel)
    assert programme.applied == []


async def test_an_edit_is_planned_once_after_a_pause(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await in_series(hub, programme)
    plans: list[Plan | None] = []
    panel.plan_changed.connect(plans.append)
    for text in ("16", "16:0", "16:00"):
        line(panel, "start").setText(text)
    assert programme.planned == []
    await looked(panel)
    assert len(programme.planned) == len(plans) == 1
    change = programme.planned[0]
    assert isinstance(change, SeriesEdit)
    assert (change.scope, change.pivot, change.facts.start) == (Scope.FOLLOWING, date(2026, 3, 19), time(16))
    assert panel.form is not None
    assert panel.form.fields.kept["start"].field.note.text() == "was 15:45"
    assert "15:45 → 16:00" in texts(panel)
    assert programme.applied == []


async def test_the_newest_answer_wins_and_the_old_preview_stays(hub: ThemeHub) -> None:
    programme = Slow()
    panel = await in_series(hub, programme)
    line(panel, "start").setText("16:00")
    await looked(panel)
    before = panel.plan
    gates = [asyncio.Event(), asyncio.Event()]
    programme.held = list(gates)
    line(panel, "start").setText("16:15")
    panel.look()
    await asyncio.sleep(0.01)
    line(panel, "start").setText("16:30")
    panel.look()
    await asyncio.sleep(0.01)
    assert panel.plan is before
    assert "15:45 → 16:00" in texts(panel)
    assert not panel.can_save
    for gate in reversed(gates):
        gate.set()
    await looked(panel)
    assert "15:45 → 16:30" in texts(panel)
    assert programme.answers == 2, "the older question was dropped"


async def test_save_applies_what_was_shown_and_closes(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await in_series(hub, programme)
    said: list[object] = []
    for signal in (panel.unsaved, panel.applied, panel.shows):
        signal.connect(lambda *facts: said.append(facts[0]))
    toasts: list[tuple[str, str]] = []
    panel.toast_wanted.connect(lambda *words: toasts.append(words))
    line(panel, "start").setText("16:00")
    line(panel, "last").setText("2 apr 2026")
    assert said == ["Unsaved change to LEGO Robotics"]
    await looked(panel)
    assert panel.form is not None
    panel.form.fields.show_values({"last": None})
    await looked(panel)
    assert button(panel, "Save series").isEnabled()
    QTest.keyClick(line(panel, "start"), Qt.Key.Key_Return)
    await looked(panel)
    assert [type(one) for one in programme.applied] == [SeriesEdit]
    assert any(isinstance(one, Applied) for one in said)
    assert said[-1] is None
    assert toasts[0][0] == "LEGO Robotics saved"
    assert not panel.is_open


async def test_conflicts_must_be_settled(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.new_series(FRIDAY, time(16, 0), sample.ROOM_B.id)
    await looked(panel)
    line(panel, "last").setText("20 mar 2026")
    await looked(panel)
    assert panel.plan is not None
    assert len(panel.plan.conflicts) == 2
    assert "Room B: Pottery Wheel, Fri 13 March 16:00–17:30" in texts(panel)
    assert not panel.foot.save.isEnabled()
    button(panel, "Skip this date, 13 March").click()
    await looked(panel)
    assert "Fri 13 March: skipped" in texts(panel)
    button(panel, "Allow it, 20 March").click()
    await looked(panel)
    change = programme.planned[-1]
    assert isinstance(change, SeriesNew)
    assert change.settled == {FRIDAY: Settled(skip=True), date(2026, 3, 20): Settled(allow=True)}
    assert panel.foot.save.isEnabled()
    button(panel, "Take all back").click()
    await looked(panel)
    assert not panel.foot.save.isEnabled()
    button(panel, "Skip all 2").click()
    await looked(panel)
    assert panel.foot.save.isEnabled()


async def test_a_free_room_settles_a_single_session(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.new_session(FRIDAY, time(16, 0), sample.ROOM_B.id)
    await looked(panel)
    assert not panel.can_save
    button(panel, "Use Room A, 13 March").click()
    await looked(panel)
    change = programme.planned[-1]
    assert isinstance(change, SessionNew)
    assert change.facts.room_id == sample.ROOM_A.id
    assert panel.can_save


async def test_a_plan_that_no_longer_holds_is_shown_anew(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await in_series(hub, programme)
    line(panel, "start").setText("16:00")
    await looked(panel)
    asked = len(programme.planned)
    programme.fails = Conflict("Something changed since you looked.", code="plan_changed")
    panel.save()
    while programme.fails is not None:
        await asyncio.sleep(0.005)
    await looked(panel)
    assert "changed while you looked" in panel.banner.text
    assert (programme.applied, len(programme.planned)) == ([], asked + 1)
    assert panel.can_save, "the new plan can be saved"


async def test_what_somebody_else_changed_is_said_and_ones_own_kept(hub: ThemeHub) -> None:
    programme = Slow()
    panel = await in_series(hub, programme)
    line(panel, "capacity").setText("10")
    await looked(panel)
    programme.by_others, programme.version = {"start": time(16, 15)}, 2
    programme.refuses = Conflict("Somebody else changed this series.", code="version_changed")
    line(panel, "capacity").setText("9")
    await looked(panel)
    assert "Somebody else changed this series. Start 15:45 → 16:15." in panel.banner.text
    assert line(panel, "start").text() == "16:15"
    assert line(panel, "capacity").text() == "9"
    change = programme.planned[-1]
    assert isinstance(change, SeriesEdit)
    assert (change.version, change.facts.capacity, change.facts.start) == (2, 9, time(16, 15))
    assert programme.applied == []


async def test_a_version_that_stays_old_does_not_ask_for_ever(hub: ThemeHub) -> None:
    programme = Slow()
    panel = await in_series(hub, programme)

    programme.refuses_always = Conflict("Somebody else changed this series.", code="version_changed")
    line(panel, "start").setText("16:00")
    await looked(panel)
    assert len(programme.planned) == 2
    assert "Somebody else changed this series." in texts(panel)


async def test_a_refusal_stands_at_its_field_or_in_the_card(hub: ThemeHub) -> None:
    programme = Slow()
    panel = await in_series(hub, programme)
    programme.refuses = Invalid("12 children are booked on Thu 19 March.", code="capacity")
    line(panel, "capacity").setText("3")
    await looked(panel)
    assert panel.form is not None
    assert panel.form.fields.kept["capacity"].field.below.text() == "12 children are booked on Thu 19 March."
    programme.refuses = Invalid("That would be 1,300 sessions.", hint="Choose an end.", code="too_many")
    line(panel, "capacity").setText("4")
    await looked(panel)
    assert panel.form.fields.kept["capacity"].field.below.text() == ""
    assert "That would be 1,300 sessions." in texts(panel)
    line(panel, "start").setText("25:00")
    assert "Write a time such as 15:45." in panel.form.fields.kept["start"].field.below.text()
    assert not panel.can_save


async def test_trouble_can_be_tried_again(hub: ThemeHub) -> None:
    programme = EditorProgramme(fails=Unavailable("The server cannot be reached."))
    panel = await opened(hub, programme)
    panel.open_closures()
    await looked(panel)
    assert panel.banner.text == "The server cannot be reached."
    button(panel, "Try again").click()
    await looked(panel)
    assert panel.title.text() == "Closures"
    panel.open_series(UUID(int=5), None)
    await looked(panel)
    assert "There is no such series." in panel.banner.text


async def test_a_preview_that_failed_comes_back(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await in_series(hub, programme)
    programme.fails = Unavailable("The server cannot be reached.")
    line(panel, "start").setText("16:00")
    await looked(panel)
    assert panel.banner.isVisible()
    assert not panel.can_save
    button(panel, "Try again").click()
    await looked(panel)
    assert not panel.banner.isVisible()
    assert panel.can_save


async def test_a_refusal_in_what_is_folded_away_unfolds_it(hub: ThemeHub) -> None:
    programme = Slow()
    panel = await in_series(hub, programme)
    places = line(panel, "platform_places")
    assert not places.isVisible()
    programme.refuses = Invalid(
        "There are 12 places, so 13 cannot be for the platform.", code="platform_places"
    )
    line(panel, "start").setText("16:00")
    await looked(panel)
    assert places.isVisible()
    button(panel, "Fewer settings").click()
    assert not places.isVisible()


async def test_another_activity_keeps_what_was_typed(hub: ThemeHub) -> None:
    panel = await opened(hub)
    panel.new_series()
    await looked(panel)
    line(panel, "minutes").setText("75")
    assert panel.form is not None
    box = panel.form.fields.kept["activity_id"].field.editor
    assert isinstance(box, StillBox)
    box.setCurrentIndex(3)
    assert line(panel, "minutes").text() == "75"
    assert line(panel, "capacity").text() == "12"


async def test_a_series_from_the_catalogue_begins_with_its_activity(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    wanted = (await programme.choices()).activities[3]
    panel.new_series(activity_id=wanted.id)
    await looked(panel)
    assert panel.form is not None
    assert panel.form.fields.kept["activity_id"].read() == wanted.id
    assert line(panel, "minutes").text() == f"{wanted.minutes} min"
    assert line(panel, "capacity").text() == str(wanted.capacity)
    # The activity is known, so the keyboard begins after it; Shift+Tab goes back to it.
    assert line(panel, "first").hasFocus()
    QTest.keyClick(line(panel, "first"), Qt.Key.Key_Backtab)
    assert panel.form.fields.kept["activity_id"].field.editor.hasFocus()
    change = programme.planned[-1]
    assert isinstance(change, SeriesNew)
    assert change.facts.activity_id == wanted.id


async def test_a_series_of_what_cannot_be_planned_begins_like_any_other(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    panel.new_series(activity_id=UUID(int=999))
    await looked(panel)
    assert panel.form is not None
    kept = panel.form.fields.kept["activity_id"]
    assert kept.read() == (await programme.choices()).activities[0].id
    assert kept.field.editor.hasFocus()


async def test_leaving_asks_once(hub: ThemeHub) -> None:
    panel = await in_series(hub, EditorProgramme())
    closed: list[bool] = []
    panel.closed.connect(lambda: closed.append(True))
    line(panel, "start").setText("16:00")
    QTest.keyClick(line(panel, "start"), Qt.Key.Key_Escape)
    question = panel.question
    assert question is not None
    assert question.card.keep.hasFocus()
    assert panel.close() is False
    assert panel.question is question
    question.card.keep.click()
    assert panel.is_open
    assert line(panel, "start").text() == "16:00"
    panel.open_closures()
    assert panel.question is not None
    panel.question.card.do.click()
    await looked(panel)
    assert panel.title.text() == "Closures"
    assert closed == []
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert closed == [True]
    assert not panel.is_open


async def test_how_far_it_reaches_carries_what_was_typed(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    shown: list[tuple[object, object]] = []
    panel.shows.connect(lambda *ids: shown.append(ids))
    one = named("LEGO Robotics")
    panel.open_session(one)
    await looked(panel)
    assert shown == [(one.series_id, one.id)]
    line(panel, "start").setText("16:00")
    panel.choose_scope(Scope.ALL)
    await looked(panel)
    assert line(panel, "start").text() == "16:00"
    assert isinstance(programme.planned[-1], SeriesEdit)
    assert programme.planned[-1].scope is Scope.ALL
    panel.choose_scope(Scope.ONLY)
    await looked(panel)
    change = programme.planned[-1]
    assert isinstance(change, SessionEdit)
    assert change.facts.start == time(16)


async def test_a_dragged_session_is_proposed_and_enter_saves(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme)
    one = named("Ballet 8–10")
    facts = facts_of(one, panel.openings.setting)
    panel.propose_session(one, replace(facts, start=time(16, 50)))
    await looked(panel)
    panel.propose_session(one, replace(facts, start=time(16, 55)))
    await looked(panel)
    assert isinstance(panel.form, SessionForm)
    assert line(panel, "start").text() == "16:55"
    assert QApplication.focusWidget() is line(panel, "start")
    QTest.keyClick(line(panel, "start"), Qt.Key.Key_Return)
    await looked(panel)
    change = programme.applied[-1]
    assert isinstance(change, SessionEdit)
    assert change.facts.start == time(16, 55)


async def test_refresh_keeps_what_is_typed(hub: ThemeHub) -> None:
    programme = Slow()
    panel = await in_series(hub, programme)
    line(panel, "capacity").setText("9")
    await looked(panel)
    programme.by_others = {"instructor": "Ken Ito"}
    line(panel, "start").setSelection(1, 2)
    panel.refresh()
    await looked(panel)
    assert line(panel, "start").selectedText() == "5:"
    assert line(panel, "capacity").text() == "9"
    assert "Instructor Ines Duarte → Ken Ito" in panel.banner.text

    programme.is_gone = True
    panel.refresh()
    await looked(panel)
    assert "There is no such series." in texts(panel)


async def test_who_may_not_edit_only_looks(hub: ThemeHub) -> None:
    programme = EditorProgramme()
    panel = await opened(hub, programme, may_edit=False, may_cancel=False)
    panel.open_session(named("LEGO Robotics"))
    await looked(panel)
    assert not line(panel, "start").isEnabled()
    assert not panel.foot.save.isVisible()
    assert not panel.card.isVisible()
    assert panel.close() is True
    assert programme.planned == []
