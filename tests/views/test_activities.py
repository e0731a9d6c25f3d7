"""The catalogue by keyboard: the list, the panel of one activity, two managers at once, many at once.

console/views/activities/; docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from console.domain.catalogue import ActivityState, Category, merge
from console.errors import Denied, Invalid, Unavailable
from console.views.activities import words
from console.views.theme import ThemeHub
from tests.support.activity_samples import JUDO, FakeCatalogue, activity
from tests.support.activity_screen import JUDO_ID, Memory
from tests.support.activity_screen import ActivityScreen as Screen

DRAFT = UUID(int=5)


CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.show()
    return made


# -- the list ----------------------------------------------------------------------------------------------------------


async def test_rows_read_in_words(screen: Screen) -> None:
    def cells(name: str) -> list[str]:
        at = screen.names.index(name)
        return [str(screen.listing.model.index(at, column).data()) for column in range(9)]

    assert cells("Junior Judo") == [
        "Junior Judo",
        "",
        "Sports",
        "6–9",
        "14",
        "18",
        "60 min",
        "24",
        "4.6 (12)",
    ]
    assert cells("Coding Lab") == ["Coding Lab", "", "–", "8–12", "–", "10", "90 min", "12", "–"]
    at = screen.names.index("Coding Lab")
    tip = screen.listing.model.index(at, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "No category yet. No price in credits yet"
    assert "Old Drama Course" not in screen.names
    assert [words.ages(*one) for one in ((0, None), (18, 47), (108, None), (60, 71), (6, 20))] == [
        "All ages", "18 mo–3", "9+", "5", "6 mo–20 mo",
    ]  # fmt: skip


async def test_filters_are_chosen_kept_by_name_and_cleared(hub: ThemeHub) -> None:
    memory = Memory()
    screen = Screen(hub, memory=memory)
    await screen.show()
    state = screen.listing.choices.boxes["state"]
    state.set_key("away")
    state.activated.emit(state.currentIndex())
    await screen.rest()
    assert screen.names == ["Old Drama Course"]
    screen.listing.choices.save.click()
    QTest.keyClicks(screen.listing.choices.name, "Away")
    QTest.keyClick(screen.listing.choices.name, Qt.Key.Key_Return)
    screen.listing.clear()
    await screen.rest()
    assert len(screen.names) == 10
    choices = Screen(hub, memory=memory).listing.choices
    assert (choices.values, choices.saved.count()) == ({}, 2), "the last visit ended without a filter"
    choices.saved.set_key("Away")
    choices.saved.activated.emit(1)
    assert choices.values == {"state": "away"}
    choices.save.click()
    assert [one["name"] for one in memory.kept["activities"]] == [""]


async def test_an_empty_catalogue_says_what_to_do(hub: ThemeHub) -> None:
    catalogue = FakeCatalogue()
    catalogue.activities.clear()
    screen = Screen(hub, catalogue)
    await screen.show()
    said = [one.text() for one in screen.listing.findChildren(QLabel) if one.isVisible()]
    assert "No activities yet" in said
    assert "Add the first one (Ctrl+N), or import them." in said


async def test_what_is_shown_is_saved_as_a_file(screen: Screen, tmp_path: Path) -> None:
    screen.listing.exports.write(screen.listing.model.request, tmp_path / "out.csv")
    await screen.listing.runner.settled()
    assert screen.toasts == [("10 activities saved", "out.csv")]
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    judo = next(row for row in read if row["Activity"] == "Junior Judo")
    assert (judo["State"], judo["To age in months"], judo["Rating"]) == ("Published", "119", "4.60")


async def test_the_front_desk_reads_and_changes_nothing(hub: ThemeHub) -> None:
    screen = Screen(hub, may_edit=False, may_export=False)
    await screen.show()
    await screen.open(JUDO_ID)
    shown = [
        one.text()
        for one in screen.page.findChildren(QPushButton)
        if one.isVisible() and one.text() and one.isEnabled()
    ]
    assert shown == [], "nothing offers a change"
    assert not screen.form.isEnabled()
    await screen.key(Qt.Key.Key_N, CTRL)
    screen.page.edit_many()
    assert screen.panel.activity is not None


# -- one activity ------------------------------------------------------------------------------------------------------


async def test_an_activity_is_opened_changed_and_saved_by_keyboard(screen: Screen) -> None:
    said: list[object] = []
    screen.page.unsaved.connect(said.append)
    screen.listing.table.setFocus()
    screen.listing.table.selectRow(screen.names.index("Junior Judo"))
    await screen.key(Qt.Key.Key_Return)
    assert screen.form.name.hasFocus()
    assert screen.form.read() == (JUDO, {}), "what is shown reads as it is kept"
    assert not screen.panel.save_button.isEnabled()
    QTest.keyClicks(screen.form.name, "Judo")
    assert screen.panel.unsaved.text() == "Unsaved changes"
    assert said == ["Unsaved change to Junior Judo"]
    screen.form.credits.setText("15")
    await screen.key(Qt.Key.Key_S, CTRL)
    assert screen.kept() == replace(JUDO, name="Judo", credits=15)
    assert screen.toasts == [("Judo saved", "")]
    assert "Judo" in screen.names
    assert said[-1] is None
    await screen.key(Qt.Key.Key_Escape)
    assert screen.panel.isHidden()
    assert screen.listing.table.hasFocus()


async def test_lists_are_written_line_by_line(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    bring = screen.form.bring
    bring.rows[0].setFocus()
    await screen.key(Qt.Key.Key_Return)
    QTest.keyClicks(bring.rows[1], "Towel")
    assert bring.values == ("Water bottle", "Towel", "Long trousers")
    assert [row.accessibleName() for row in bring.rows] == [
        f"Thing to bring {number}" for number in (1, 2, 3)
    ]
    bring.rows[2].clear()
    bring.rows[2].setFocus()
    await screen.key(Qt.Key.Key_Backspace)
    assert bring.rows[1].hasFocus()
    await screen.key(Qt.Key.Key_Tab)
    await screen.key(Qt.Key.Key_Tab)
    assert bring.add.hasFocus(), "Tab goes from the last line to the button under it"
    screen.form.tags.boxes["quiet"].setChecked(True)
    screen.form.tags.boxes["team"].setChecked(False)
    screen.form.accessibility.lines.begin(1)
    QTest.keyClicks(screen.form.accessibility.lines.rows[1], "Low counter")
    screen.panel.save()
    await screen.rest()
    kept = screen.kept()
    assert kept.bring == ("Water bottle", "Towel")
    assert kept.tags == {"indoor": True, "quiet": True, "messy": False, "barefoot": True}
    assert kept.accessibility == ("Step-free access", "Lift beside the hall", "Low counter")


async def test_ages_are_written_in_years_or_months(screen: Screen) -> None:
    await screen.open(UUID(int=7))
    form = screen.form
    assert (form.low.text(), form.high.text(), form.unit.currentText()) == ("18", "47", "months")
    form.unit.setCurrentIndex(0)
    form.low.setText("2")
    form.high.clear()
    facts, wrong = form.read()
    assert (facts.min_months, facts.max_months, wrong) == (24, None, {})


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "  ", "Give the activity a name."),
        ("credits", "0", "A place costs 1 to 999 credits."),
        ("capacity", "0", "A session has 1 to 9,999 places."),
        ("capacity", "", "Say how many places."),
        ("minutes", "an hour", "Write a whole number."),
        ("low", "12", "The oldest age is below the youngest."),
        ("low", "", "Say from which age on."),
        ("image", "javascript:alert(1)", "An image's address begins with https://."),
        ("image", "https://images", "This address names no place in the web, such as images.example.org."),
    ],
)
async def test_what_cannot_be_stands_under_its_field(
    screen: Screen, field: str, typed: str, sentence: str
) -> None:
    await screen.open(JUDO_ID)
    editor = getattr(screen.form, field)
    editor.setText(typed)
    screen.panel.save()
    await screen.rest()
    assert screen.kept() == JUDO
    assert screen.form.fields["ages" if field == "low" else field].below.text() == sentence
    assert editor.hasFocus()


async def test_a_new_activity_is_a_draft_and_says_what_parents_need(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    assert screen.form.name.hasFocus(), "the keys of the area are heard in the panel too"
    await screen.key(Qt.Key.Key_N, CTRL)
    assert screen.form.name.hasFocus()
    assert screen.panel.checklist.title.text() == "2 things missing before parents can see it"
    shown = [b.text() for b in screen.panel.checklist.findChildren(QPushButton) if b.isVisible()]
    assert shown == ["Fill in"] * 4, "what is not kept yet cannot be scheduled"
    QTest.keyClicks(screen.form.name, "Trampoline")
    screen.form.low.setText("6")
    screen.form.capacity.setText("8")
    await screen.press("Add activity")
    made = screen.panel.activity
    assert made is not None
    assert (made.state, made.facts.minutes, made.facts.max_months) == (ActivityState.DRAFT, 60, None)
    assert screen.toasts[-1] == ("Trampoline added", "Parents see it once it is published.")
    await screen.press("Publish")
    assert (
        screen.panel.banner.text == "Parents see an activity once it has a category and a price in credits."
    )
    assert screen.form.category.hasFocus()
    screen.form.category.setCurrentIndex(list(Category).index(Category.SPORTS) + 1)
    screen.form.credits.setText("7")
    assert screen.panel.checklist.title.text() == "Ready to be published"
    await screen.press("Publish")
    assert screen.catalogue.activities[made.id].is_published, "what was typed is saved with it"
    await screen.press("Unpublish")
    assert screen.catalogue.activities[made.id].state is ActivityState.DRAFT
    assert screen.toasts[-1] == ("Trampoline is no longer shown to parents", "")


async def test_each_missing_thing_leads_to_its_field(screen: Screen) -> None:
    wanted: list[object] = []
    screen.page.schedule_wanted.connect(wanted.append)
    await screen.open(UUID(int=4))
    shown = [b for b in screen.panel.checklist.findChildren(QPushButton) if b.isVisible()]
    assert [b.accessibleName() for b in shown] == [
        "Fill in: a short description", "Fill in: an image", "Schedule it: a session to come",
    ]  # fmt: skip
    shown[0].click()
    assert screen.form.short.hasFocus()
    shown[2].click()
    assert wanted == [UUID(int=4)]


async def test_what_sessions_keep_is_said_and_the_series_offered(screen: Screen) -> None:
    wanted: list[object] = []
    screen.page.series_wanted.connect(wanted.append)
    await screen.open(JUDO_ID)
    screen.form.capacity.setText("20")
    screen.panel.save()
    await screen.rest()
    assert screen.panel.banner.text == (
        "Sessions that are planned stay as they are. They keep 18 places; new ones start from what you saved."
    )
    await screen.press("Change the series too")
    assert wanted == [JUDO_ID]
    screen.form.credits.setText("20")
    screen.panel.save()
    await screen.rest()
    assert screen.panel.banner.text == ""


async def test_somebody_elses_change_is_shown_and_ones_own_is_kept(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    screen.form.short.setText("My words")
    screen.form.credits.setText("16")
    screen.catalogue.elsewhere(JUDO_ID, credits=12, capacity=9)
    screen.panel.save()
    await screen.rest()
    assert screen.panel.banner.text == (
        "Somebody else changed credits and places. Your own changes are still here. Save again. "
        "You both changed credits: yours stands."
    )
    form = screen.form
    assert (form.short.text(), form.credits.text(), form.capacity.text()) == ("My words", "16", "9")
    assert form.fields["credits"].note.text() == "they made it 12"
    assert form.fields["capacity"].note.text() == "changed meanwhile"
    assert screen.kept().credits == 12
    screen.panel.save()
    await screen.rest()
    assert screen.kept() == replace(JUDO, short="My words", credits=16, capacity=9)
    assert form.fields["credits"].note.text() == ""


def test_merging_keeps_what_each_did() -> None:
    merged = merge(JUDO, replace(JUDO, credits=1, name="A"), replace(JUDO, credits=1, minutes=5))
    assert merged.facts == replace(JUDO, credits=1, name="A", minutes=5)
    assert (set(merged.theirs), merged.clashes) == ({"credits", "minutes"}, ())


async def test_what_is_not_saved_asks_before_it_is_left(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    screen.form.credits.setText("99")
    screen.page.open_activity(DRAFT)
    question = screen.panel.question
    assert question is not None
    assert question.card.accessibleName() == "Discard what you changed in Junior Judo?"
    question.dismiss()
    assert screen.form.credits.text() == "99"
    screen.page.open_activity(DRAFT)
    question = screen.panel.question
    assert question is not None
    question.card.do.click()
    await screen.rest()
    assert screen.panel.title.text() == "Coding Lab"
    assert [row.name for row in screen.listing.chosen] == ["Coding Lab"]
    assert screen.kept() == JUDO


async def test_a_refresh_never_takes_what_was_typed(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    screen.catalogue.elsewhere(JUDO_ID, credits=3)
    screen.page.refresh()
    await screen.rest()
    assert screen.form.credits.text() == "3"
    screen.form.credits.setText("4")
    screen.catalogue.elsewhere(JUDO_ID, credits=5)
    screen.page.refresh()
    await screen.rest()
    assert screen.form.credits.text() == "4"


async def test_putting_away_says_what_is_still_to_come(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    await screen.press("Put away")
    question = screen.panel.question
    assert question is not None
    said = [one.text() for one in question.card.findChildren(QLabel)]
    assert {"Put Junior Judo away?", "24", "sessions to come", "2", "weekly series"} <= set(said)
    question.card.do.click()
    await screen.rest()
    assert "Junior Judo" not in screen.names
    assert not screen.panel.publish_button.isEnabled()
    await screen.press("Bring back")
    assert "Junior Judo" in screen.names


async def test_a_duplicate_opens_with_its_name_to_be_written_over(screen: Screen) -> None:
    await screen.open(JUDO_ID)
    await screen.key(Qt.Key.Key_D, CTRL)
    assert screen.form.name.selectedText() == "Copy of Junior Judo"
    assert screen.panel.activity is not None
    assert not screen.panel.activity.is_published


async def test_trouble_is_a_sentence_and_nothing_typed_is_lost(screen: Screen) -> None:
    await screen.open(UUID(int=404))
    assert screen.listing.banner.text == "This activity is not there any more. Refresh the list."
    await screen.open(JUDO_ID)
    screen.form.credits.setText("15")
    for error in (
        Unavailable("The server cannot be reached."),
        Denied("You may not change activities here."),
    ):
        screen.catalogue.failure = error
        screen.panel.save()
        await screen.rest()
        assert screen.panel.banner.text == str(error)
        assert screen.form.credits.text() == "15"
    screen.catalogue.failure = Invalid("No.", code="short")
    screen.panel.save()
    await screen.rest()
    assert screen.form.short.hasFocus()


async def test_a_very_long_name_widens_nothing(hub: ThemeHub) -> None:
    long = replace(
        JUDO, name="W" * 255, short="W" * 150, bring=("W" * 200,), tags={"w" * 40: True}, full="W" * 5000
    )
    screen = Screen(hub, FakeCatalogue(activity(1, long)))
    await screen.show(1044, 640)
    await screen.open(JUDO_ID)
    assert screen.page.width() == 1044
    body = screen.panel.area.widget()
    assert body is not None
    assert body.width() <= screen.panel.area.viewport().width()
    assert screen.form.fields["short"].note.text() == "150 of 150"
    assert screen.form.read() == (long, {})
    assert screen.panel.findChildren(QPlainTextEdit)
