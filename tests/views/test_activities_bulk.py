"""Many activities at once: the preview says what becomes of each, the report what became of it.

console/views/activities/bulk.py; docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtCore import Qt

from console.domain.catalogue import Category
from console.domain.catalogue_bulk import BulkChange, Fate, preview
from console.errors import Unavailable
from console.views.activities import words
from console.views.theme import ThemeHub
from tests.support.activity_samples import JUDO, activity, row_of
from tests.support.activity_screen import ActivityScreen as Screen

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.show()
    return made


async def test_many_are_previewed_changed_and_reported(screen: Screen) -> None:
    screen.choose("Junior Judo")
    assert not screen.listing.many_button.isEnabled()
    screen.choose("Junior Judo", "Street Dance", "Coding Lab", "Mini Gym")
    screen.listing.table.setFocus()
    await screen.key(Qt.Key.Key_E, CTRL | Qt.KeyboardModifier.ShiftModifier)
    sheet = screen.page.sheet
    assert sheet is not None
    assert sheet.title.text() == "Edit 4 activities"
    sheet.show_preview()
    assert sheet.banner.text == "Choose something to set first."
    sheet.credits.setText("0")
    sheet.show_preview()
    assert sheet.fields["credits"].below.text() == "A place costs 1 to 999 credits."
    sheet.credits.setText("14")
    sheet.showing.setCurrentIndex(1)
    await screen.press("Show what would change", sheet.card)
    rows = [(row.title, row.chips[0].text, row.detail) for row in sheet.fates.choices.choices]
    assert rows == [
        ("Coding Lab", "Not possible", "Parents see an activity once it has a category."),
        ("Junior Judo", "Stays as it is", "Nothing of it differs"),
        ("Mini Gym", "Changes", "Credits 9 → 14"),
        ("Street Dance", "Stays as it is", "Nothing of it differs"),
    ]
    sheet.step_back()
    assert sheet.credits.text() == "14", "going back finds what was chosen"
    sheet.credits.setText("15")
    sheet.show_preview()
    screen.catalogue.elsewhere(UUID(int=7), capacity=3)
    await screen.press("Change 3 activities", sheet.card)
    shown = {row.title: row.chips[0].text for row in sheet.fates.choices.choices}
    assert shown == {
        "Coding Lab": words.FATE_CHIPS[Fate.REFUSED].text,
        "Mini Gym": "Changed meanwhile",
        "Junior Judo": "Changed",
        "Street Dance": "Changed",
    }
    assert screen.kept().credits == 15
    await screen.press("Done", sheet.card)
    assert screen.page.sheet is None


async def test_a_failed_change_of_many_can_be_tried_again(screen: Screen) -> None:
    await screen.key(Qt.Key.Key_A, CTRL)
    screen.listing.choose_all()
    screen.page.edit_many()
    sheet = screen.page.sheet
    assert sheet is not None
    sheet.add_tags.setText("High energy, , team")
    sheet.remove_tags.setText("messy")
    assert sheet.read()[0].add_tags == ("high_energy", "team")
    sheet.show_preview()
    details = {row.title: row.detail for row in sheet.fates.choices.choices}
    assert details["Junior Judo"] == "Tags +High energy, −Messy", (
        "it is a team's already; messy is no longer said"
    )
    assert details["Clay Play"] == "Tags +High energy, +Team, −Messy"
    screen.catalogue.failure = Unavailable("The server cannot be reached.")
    sheet.apply()
    await screen.rest()
    assert sheet.banner.text == "The server cannot be reached."
    sheet.apply()
    await screen.rest()
    assert {row.chips[0].text for row in sheet.fates.choices.choices} == {"Changed"}


def test_a_row_says_what_becomes_what() -> None:
    row = row_of(activity(5, replace(JUDO, category=None, credits=None)))
    change = BulkChange(credits=3, capacity=9, category=Category.MUSIC, put_away=True)
    (one,) = preview([row], change)
    assert words.fate_detail(one, row, change) == (
        "Credits – → 3 · Places 18 → 9 · No category → Music · Published → Put away"
    )
    hidden = BulkChange(publish=False)
    (one,) = preview([row], hidden)
    assert words.fate_detail(one, row, hidden) == "Published → Draft"
