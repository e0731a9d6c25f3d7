"""The sheets of the desk by keyboard: walk-in, registration, moving, next visit, waitlist, corrections.

docs/design.md, "Screens" (front desk); console/views/families/.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.clock import FixedClock
from console.domain.desk import HealthKind
from console.domain.families import NoPlace, Payment, PlacedChild
from console.errors import Conflict, Unavailable
from console.views.families.corrections import CorrectionsSheet
from console.views.families.place import PlaceSheet, Purpose
from console.views.families.register import read_birthday
from console.views.families.walk_in import WalkInSheet
from console.views.theme import ThemeHub
from console.views.widgets.fields import TextInput
from tests.support import family_samples as families
from tests.support import today_samples as sample
from tests.support.family_samples import FakeFamilies
from tests.support.qt import present
from tests.views.today import press

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Desk:
    """A window with a sheet over it."""

    def __init__(self, hub: ThemeHub) -> None:
        self.hub, self.gateway = hub, FakeFamilies()
        self.clock = FixedClock(sample.NOW)
        self.window = QWidget()
        present(self.window, 1440, 900)
        self.told: list[tuple[object, ...]] = []

    def walk_in(self, text: str = "") -> WalkInSheet:
        sheet = WalkInSheet(
            self.hub, self.window, self.gateway, self.clock, sample.ZONE, today=sample.DAY,
            session_id=sample.session_id(4), text=text,
        )  # fmt: skip
        sheet.booked.connect(lambda *facts: self.told.append(facts))
        sheet.open()
        if sheet.found is not None:
            self.tester = QAbstractItemModelTester(sheet.found.choices, _FATAL)
        return sheet

    def place(self, purpose: Purpose, *, begin: UUID | None = None) -> PlaceSheet:
        iris = next(one for one in sample.roster() if one.first_name == "Iris")
        entry = PlacedChild(iris.booking_id, iris.session_id, "Iris", iris.age_months, iris.parent_first_name)
        sheet = PlaceSheet(
            self.hub, self.window, self.gateway, self.clock, sample.ZONE, entry=entry, purpose=purpose,
            today=sample.DAY, session_id=begin,
        )  # fmt: skip
        sheet.done.connect(lambda *facts: self.told.append(facts))
        sheet.open()
        return sheet

    def correct(self, what: str) -> CorrectionsSheet:
        sheet = CorrectionsSheet(
            self.hub, self.window, self.gateway, booking_id=sample.booking_id(1), first_name="Nia",
            what="health" if what == "health" else "pickup", confirmed_by="Dana",
        )  # fmt: skip
        sheet.corrected.connect(lambda *facts: self.told.append(facts))
        sheet.open()
        return sheet

    async def rest(self, seconds: float = 0.02) -> None:
        await asyncio.sleep(seconds)

    async def press(
        self, key: Qt.Key, *, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, modifier)
        await self.rest()

    async def type(self, text: str, *, wait: float = 0.2) -> None:
        focus = QApplication.focusWidget()
        assert focus is not None
        press(focus, text)
        await self.rest(wait)


@pytest.fixture
def desk(hub: ThemeHub) -> Desk:
    return Desk(hub)


async def test_a_known_child_walks_in_by_keyboard_alone(desk: Desk) -> None:
    sheet = desk.walk_in()
    await desk.rest()
    await desk.type("nia")
    assert sheet.found is not None
    assert [row.title for row in sheet.found.choices.choices] == ["Nia", "Kofi", "Another child of Dana"]
    await desk.press(Qt.Key.Key_Down)
    await desk.press(Qt.Key.Key_Return)
    assert sheet.step == "where"
    await desk.press(Qt.Key.Key_Return)
    assert sheet.step == "how"
    assert sheet.main is not None
    assert sheet.main.text() == "Book and check in"
    await desk.press(Qt.Key.Key_Return)
    assert (
        "take",
        sample.session_id(4),
        Payment.CREDITS,
        families.KOFI.id,
        True,
        frozenset(),
    ) in desk.gateway.asked
    assert desk.told[0][:2] == ("Kofi is in", "15:30 Junior Judo · 3 credits taken · K7Q4-2MXR-6")
    assert not sheet.is_open


async def test_a_single_letter_asks_nobody_and_a_stranger_is_told_apart(desk: Desk) -> None:
    sheet = desk.walk_in()
    await desk.type("x")
    assert desk.gateway.asked == []
    await desk.type("yz")
    assert desk.gateway.asked == [("find", "xyz")]
    assert sheet.found is not None
    assert sheet.found.isHidden()
    assert sheet.main is not None
    assert not sheet.main.isEnabled()


async def test_too_few_credits_make_it_owed(desk: Desk) -> None:
    sheet = desk.walk_in("ada")
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    await desk.press(Qt.Key.Key_Return)
    assert sheet.pay is not None
    assert sheet.pay.payment is Payment.OWED
    assert not sheet.pay.take.isEnabled()
    await desk.press(Qt.Key.Key_Return)
    assert desk.told[0][1] == "15:30 Junior Judo · 3 credits owed · K7Q4-2MXR-6"


async def test_credits_that_went_meanwhile_offer_owed_and_lose_nothing(desk: Desk) -> None:
    sheet = desk.walk_in("nia")
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    await desk.press(Qt.Key.Key_Return)
    desk.gateway.fail = [
        Conflict("3 credits are missing.", hint="Mark them as owed.", code="not_enough_credits")
    ]
    await desk.press(Qt.Key.Key_Return)
    assert sheet.step == "how"
    assert "3 credits are missing" in sheet.banner.text
    assert sheet.pay is not None
    assert sheet.pay.payment is Payment.OWED
    await desk.press(Qt.Key.Key_Return)
    assert desk.gateway.asked[-1][2] is Payment.OWED
    assert not sheet.is_open


async def test_the_last_place_gone_leads_back_to_the_choice(desk: Desk) -> None:
    sheet = desk.walk_in("nia")
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    await desk.press(Qt.Key.Key_Return)
    desk.gateway.fail = [Conflict("This session is full.", hint="Offer the waitlist.", code="session_full")]
    await desk.press(Qt.Key.Key_Return)
    assert sheet.step == "where"
    assert sheet.banner.text == "This session is full. Offer the waitlist."


async def test_a_full_session_offers_its_waitlist_and_what_cannot_be_is_not_chosen(desk: Desk) -> None:
    sheet = desk.walk_in("nia")
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    assert sheet.chooser is not None
    rows = sheet.chooser.list.choices.choices
    assert [(row.title, row.open) for row in rows] == [
        ("15:30 Junior Judo", True),
        ("15:45 LEGO Robotics", True),
        ("16:45 Ballet 8–10", True),
        ("17:15 Kids Cook Club", False),
        ("17:45 Street Dance", True),
    ]
    await desk.press(Qt.Key.Key_Down)
    assert sheet.main is not None
    assert sheet.main.text() == "Put on the waitlist"
    await desk.press(Qt.Key.Key_Return)
    assert desk.told[0][:2] == ("Nia is on the waitlist", "15:45 LEGO Robotics · number 3")


async def test_outside_the_age_range_it_says_so_and_books_anyway(desk: Desk) -> None:
    sheet = desk.walk_in("nia")
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    await desk.press(Qt.Key.Key_Down)
    await desk.press(Qt.Key.Key_Down)
    await desk.press(Qt.Key.Key_Return)
    assert sheet.pay is not None
    assert sheet.pay.warning.text.startswith("Younger than the session is for.")
    assert sheet.main is not None
    assert sheet.main.text() == "Book anyway"  # it begins in more than an hour: no check-in is offered
    await desk.press(Qt.Key.Key_Return)
    assert desk.gateway.asked[-1][-1] == frozenset({NoPlace.TOO_YOUNG})


async def test_a_family_is_registered_by_keyboard_and_goes_on_to_the_sessions(desk: Desk) -> None:
    sheet = desk.walk_in()
    await desk.type("Mira")
    await desk.press(Qt.Key.Key_R, modifier=Qt.KeyboardModifier.ControlModifier)
    assert sheet.step == "register"
    form = sheet.form
    assert form is not None
    assert sheet.main is not None
    for text in ("Zoë", "Ångström", "503 555 0100", "zoe@example.org"):
        await desk.type(text, wait=0)
        await desk.press(Qt.Key.Key_Tab)
    assert form.fields["child"].editor.property("text") == "Mira"
    await desk.press(Qt.Key.Key_Tab)
    await desk.type("2018-10-30", wait=0)
    assert form.fields["born"].note.text() == "7 years 4 months"
    sheet.main.click()
    assert form.agreed_error.text() == "Without consent no child is registered."
    assert not [one for one in desk.gateway.asked if one[0] == "register"]
    form.agreed.setChecked(True)
    editor = form.fields["signed"].editor
    assert isinstance(editor, TextInput)
    editor.setText("Zoë Ångström")
    form.health.add_button.click()
    await desk.type("Peanut", wait=0)
    form.pickup.add_button.click()
    await desk.type("Rose", wait=0)
    sheet.main.click()
    await desk.rest()
    told = next(one[1] for one in desk.gateway.asked if one[0] == "register")
    assert told.guardian_last_name == "Ångström"
    assert told.child.date_of_birth == date(2018, 10, 30)
    assert told.child.health[0].title == "Peanut allergy"
    assert told.child.pickup[0].name == "Rose"
    assert told.signed_by == "Zoë Ångström"
    assert sheet.step == "where"
    assert sheet.caption.text() == "Mira, 7 · Parent Zoë"


async def test_a_known_address_is_said_and_what_was_typed_stays(desk: Desk) -> None:
    sheet = desk.walk_in()
    sheet.register_family()
    form = sheet.form
    assert form is not None
    values = {"guardian": "Zoë", "surname": "Å", "phone": "5035550100", "email": "z@example.org", "child": "Mira",
              "born": "30.10.2018", "signed": "Zoë"}  # fmt: skip
    for key, value in values.items():
        editor = form.fields[key].editor
        assert isinstance(editor, TextInput)
        editor.setText(value)
    form.agreed.setChecked(True)
    desk.gateway.fail = [
        Conflict("A family with this e-mail address is known.", hint="Find it instead.", code="email_known")
    ]
    assert sheet.main is not None
    sheet.main.click()
    await desk.rest()
    assert sheet.step == "register"
    assert sheet.banner.text == "A family with this e-mail address is known. Find it instead."
    assert form.signed_by == "Zoë"
    first = next(one[1] for one in desk.gateway.asked if one[0] == "register")
    sheet.main.click()
    await desk.rest()
    again = [one[1] for one in desk.gateway.asked if one[0] == "register"][1]
    assert again.request_id == first.request_id  # a second sending is the same registration


async def test_escape_goes_one_step_back_and_then_closes(desk: Desk) -> None:
    sheet = desk.walk_in("nia")
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    await desk.press(Qt.Key.Key_Return)
    assert sheet.step == "how"
    for step in ("where", "who"):
        await desk.press(Qt.Key.Key_Escape)
        assert sheet.step == step
    await desk.press(Qt.Key.Key_Escape)
    assert not sheet.is_open


async def test_a_server_that_is_away_is_one_quiet_sentence(desk: Desk) -> None:
    desk.gateway.fail = [Unavailable("The server does not answer.", hint="Try again.")]
    sheet = desk.walk_in("nia")
    await desk.rest()
    assert sheet.banner.text == "The server does not answer. Try again."
    assert sheet.is_open


async def test_a_move_says_what_it_costs_and_keeps_the_own_session_out(desk: Desk) -> None:
    sheet = desk.place(Purpose.MOVE)
    await desk.rest()
    assert sheet.chooser is not None
    titles = [row.title for row in sheet.chooser.list.choices.choices]
    assert "15:30 Junior Judo" not in titles
    sheet.chooser.list.chosen.emit(desk.gateway.sessions[5])
    await desk.rest()
    assert sheet.step == "how"
    await desk.press(Qt.Key.Key_Return)
    kind, _booking, session, check_in, _overrule = desk.gateway.asked[-1]
    assert (kind, session, check_in) == ("move", sample.session_id(9), False)
    assert desk.told[0][:2] == ("Iris has moved", "17:45 Street Dance · 3 credits")


async def test_the_next_visit_looks_at_other_days_but_not_at_past_ones(desk: Desk) -> None:
    sheet = desk.place(Purpose.NEXT_VISIT)
    await desk.rest()
    assert sheet.chooser is not None
    assert not sheet.chooser.earlier.isEnabled()
    sheet.chooser.move_day(-1)
    assert sheet.chooser.day == sample.DAY
    sheet.chooser.move_day(7)
    await desk.rest()
    assert desk.gateway.asked[-1][1] == sample.DAY + timedelta(days=7)
    assert sheet.chooser.empty.isVisible()
    sheet.chooser.move_day(-7)
    await desk.rest()
    sheet.chooser.list.chosen.emit(desk.gateway.sessions[5])
    await desk.rest()
    await desk.press(Qt.Key.Key_Return)
    assert desk.gateway.asked[-1][:2] == ("take", sample.session_id(9))


async def test_the_next_visit_begins_at_what_is_meant_for_the_child(desk: Desk) -> None:
    old, full, young, fits = (
        families.choice(3, "Tiny Tunes", (15, 0), warnings=(NoPlace.TOO_OLD,)),
        families.choice(5, "LEGO Robotics", (15, 45), blocked=NoPlace.FULL, places_left=0),
        families.choice(6, "Ballet 8–10", (16, 45), warnings=(NoPlace.TOO_YOUNG,)),
        families.choice(9, "Street Dance", (17, 45)),
    )
    said = {
        "": ([old, full, young, fits], fits),
        " ": ([old, full, young], full),
        "What is open on this day is for younger children.": ([old], old),
        "What is open on this day is for older children.": ([young], young),
        "Nothing on this day fits this child: each row says why.": ([old, young], old),
    }
    for words, (sessions, begins) in said.items():
        desk.gateway.sessions = sessions
        # The list at the desk shows the session for younger children.
        sheet = desk.place(Purpose.NEXT_VISIT, begin=old.session_id)
        await desk.rest()
        assert sheet.chooser is not None
        assert sheet.chooser.list.current == begins
        assert sheet.chooser.note.text() == words.strip()
        if begins is fits:
            sheet.chooser.list.chosen.emit(young)
            await desk.rest()
            sheet.step_back()
            await desk.rest()
            assert sheet.chooser.list.current == young, "what somebody chose stays chosen"
        sheet.close()
        await desk.rest()


async def test_health_notes_are_corrected_with_who_confirmed_them(desk: Desk) -> None:
    sheet = desk.correct("health")
    await desk.rest()
    assert sheet.health is not None
    sheet.health.add_button.click()
    await desk.type("Asthma", wait=0)
    row = sheet.health._rows[1]
    row.kind.setCurrentIndex(1)  # type: ignore[attr-defined]
    assert sheet.main is not None
    sheet.main.click()
    await desk.rest()
    _kind, _facts, notes, by = desk.gateway.asked[-1]
    assert [(note.kind, note.label, note.title) for note in notes] == [
        (HealthKind.ALLERGY, "Peanut", "Peanut allergy"),
        (HealthKind.MEDICAL, "Asthma", "Asthma"),
    ]
    assert by == "Dana"
    assert desk.told == [("Nia's health notes are corrected", sample.booking_id(1))]


async def test_a_correction_needs_somebody_who_confirmed_it_and_a_whole_row(desk: Desk) -> None:
    sheet = desk.correct("pickup")
    await desk.rest()
    assert sheet.by is not None
    assert sheet.main is not None
    assert isinstance(sheet.by.editor, TextInput)
    sheet.by.editor.setText(" ")
    sheet.main.click()
    assert sheet.by.below.text() == "Say who confirmed it."
    sheet.by.editor.setText("Dana")
    assert sheet.pickup is not None
    sheet.pickup.add_button.click()
    sheet.pickup._rows[1].phone.setText("555")  # type: ignore[attr-defined]
    sheet.main.click()
    assert sheet.banner.text == "Give the name of each person who may or may not collect."
    assert not [one for one in desk.gateway.asked if one[0] == "pickup"]


async def test_another_desks_correction_is_looked_at_first(desk: Desk) -> None:
    sheet = desk.correct("pickup")
    await desk.rest()
    desk.gateway.fail = [Conflict("Somebody changed this meanwhile.", hint="Look again.", code="changed")]
    assert sheet.main is not None
    sheet.main.click()
    await desk.rest()
    assert sheet.is_open
    assert sheet.banner.text.startswith("Somebody changed this meanwhile.")
    sheet._reload()
    await desk.rest()
    assert [one[0] for one in desk.gateway.asked] == ["facts", "pickup", "facts"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018-10-30", date(2018, 10, 30)), ("30.10.2018", date(2018, 10, 30)), (" 3 Mar  2019", date(2019, 3, 3)),
        ("10/30/2018", None), ("3/4/2018", None), ("2018-02-30", None), ("", None), ("soon", None),
    ],
)  # fmt: skip
def test_birthdays_are_read_in_one_meaning_only(text: str, day: date | None) -> None:
    assert read_birthday(text) == day
