"""Writing an announcement: its words with their counters, for whom, from when until when, and how it will look.

See docs/design.md, "Borrowed from neighbouring systems" (announcements as a banner).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, time, timedelta, tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.venue_file import NewAnnouncement
from console.errors import ConsoleError, Invalid
from console.models.gateway_venue_file import AnnouncementGateway
from console.models.runner import TaskRunner
from console.views.announcements import words
from console.views.announcements.strip import AnnouncementStrip
from console.views.announcements.venue_list import VenueChecklist
from console.views.schedule.editor.inputs import DateInput, Stepped, time_input
from console.views.schedule.editor.reading import read_time
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.frames import flush
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow

Venues = Callable[[], Awaitable[Sequence[tuple[UUID, str]]]]
_WHOM = (("all", "All venues"), ("some", "Some venues"))
_DAYS = 7
_ENDS = time(18, 0)


class AnnouncementSheet(Sheet):
    """The sheet. `told` carries the announcement that was made."""

    told = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: AnnouncementGateway,
        *,
        venues: Venues,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        """It begins now and ends in a week, for all venues."""
        super().__init__(hub, window, "New announcement", width=720)
        self._gateway, self._venues, self._clock, self._zone = gateway, venues, clock, zone
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        now = clock.now().astimezone(zone)
        self.headline = TextInput(hub, placeholder="What it is about, in a few words")
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        fix_height(self.text, hub, 96)
        self.tone = ChoiceRow(hub, words.TONES, name="Tone")
        self.whom = ChoiceRow(hub, _WHOM, name="For whom")
        self.checklist = VenueChecklist(hub)
        self.days = (DateInput(hub, now.date()), DateInput(hub, now.date()))
        self.times: tuple[Stepped, Stepped] = (time_input(hub), time_input(hub))
        self.days[0].show_day(now.date())
        self.times[0].setText(f"{now:%H:%M}")
        self.days[1].show_day(now.date() + timedelta(days=_DAYS))
        self.times[1].setText(f"{_ENDS:%H:%M}")
        self.fields = {
            "title": Field(hub, "Title", self.headline),
            "body": Field(hub, "Words", self.text),
            "venues": Field(hub, "Venues", self.checklist),
            "starts_at": Field(hub, "Shown from", self.days[0]),
            "starts_time": Field(hub, "at", self.times[0]),
            "ends_at": Field(hub, "until", self.days[1]),
            "ends_time": Field(hub, "at", self.times[1]),
        }
        self.preview = AnnouncementStrip(hub, preview=True)
        self.cancel_button = self.answer("Cancel", self.close)
        self.do_button = Button(hub, "Tell all venues", "primary")
        self.do_button.setToolTip("Ctrl+Enter")
        self.do_button.clicked.connect(lambda _checked=False: self.confirm())
        self.set_answers(self.cancel_button, self.do_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)
        self._body = self._lay_out()
        self.headline.textChanged.connect(lambda _text: self._typed())
        self.text.textChanged.connect(self._typed)
        self.tone.changed.connect(lambda _key: self._typed())
        self.whom.changed.connect(lambda _key: self._typed())
        self.checklist.changed.connect(self._typed)
        self._typed()

    def open(self) -> None:
        """Show it, and ask which venues there are."""
        super().open()
        self.show_step(
            self._body, "It stands over every page until each person has put it away.", focus=self.headline
        )
        self.runner.start(self._load())

    def confirm(self) -> None:
        """Tell it, where nothing is missing."""
        if self._busy or not self.is_open:
            return
        for field in self.fields.values():
            field.set_error("")
        try:
            new = self.chosen()
        except Invalid as error:
            self._refuse(error)
            return
        self._busy = True
        self.banner.clear()
        self._offer()
        self.runner.start(self._tell(new))

    def chosen(self) -> NewAnnouncement:
        """What is typed. Raises Invalid with the field as its code."""
        title, body = " ".join(self.headline.text().split()), self._written()
        if not title:
            raise Invalid("Give the announcement a title.", code="title")
        if not body:
            raise Invalid("Write what you want to tell.", code="body")
        some = self.whom.chosen == "some"
        if some and not self.checklist.ticked:
            raise Invalid("Choose the venues it is for.", code="venues")
        starts, ends = self._instant(0, "starts"), self._instant(1, "ends")
        if ends <= max(starts, self._clock.now()):
            raise Invalid("Choose an end that is still to come, after its beginning.", code="ends_at")
        return NewAnnouncement(
            title, body, self.tone.chosen, tuple(self.checklist.ticked) if some else None, starts, ends
        )

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        self.checklist.show_venues(await self._venues())

    async def _tell(self, new: NewAnnouncement) -> None:
        made = await self._gateway.announce(new)
        self._busy = False
        self.close()
        self.told.emit(made)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._offer()
        if (error.code or "") in self.fields:
            self._refuse(error)
        else:
            self.banner.show_error(error)

    def _refuse(self, error: ConsoleError) -> None:
        field = self.fields[str(error.code)]
        field.set_error(error.sentence)
        editor = field.editor
        target = editor.filter if isinstance(editor, VenueChecklist) else editor
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _written(self) -> str:
        return self.text.toPlainText().replace("\x00", "").strip()

    def _instant(self, which: int, name: str) -> datetime:
        try:
            day = self.days[which].day()
        except ValueError as error:
            raise Invalid(str(error), code=f"{name}_at") from error
        if day is None:
            raise Invalid("Say on which day.", code=f"{name}_at")
        try:
            at = read_time(self.times[which].text())
        except ValueError as error:
            raise Invalid(str(error), code=f"{name}_time") from error
        return datetime.combine(day, at, tzinfo=self._zone)

    def _typed(self) -> None:
        title, body = " ".join(self.headline.text().split()), self._written()
        for key, length, most in (
            ("title", len(title), words.TITLE_LENGTH), ("body", len(body), words.BODY_LENGTH),
        ):  # fmt: skip
            self.fields[key].note.setText(f"{length:,} of {most:,}")
            over = length - most
            self.fields[key].set_error(f"{count(over, 'character')} too many." if over > 0 else "")
        some = self.whom.chosen == "some"
        self.fields["venues"].setVisible(some)
        self.fields["venues"].set_error("")
        many = len(self.checklist.ticked)
        self.do_button.setText(f"Tell {count(many, 'venue')}" if some else "Tell all venues")
        self.preview.say(
            title or "Title", (body or "What you write stands here.")[: words.BODY_LENGTH], self.tone.chosen
        )
        self._offer()

    def _offer(self) -> None:
        title, body = " ".join(self.headline.text().split()), self._written()
        fits = len(title) <= words.TITLE_LENGTH and len(body) <= words.BODY_LENGTH
        self.do_button.setEnabled(not self._busy and fits)

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        shown = flush(QVBoxLayout())
        shown.setSpacing(4)
        shown.addWidget(label("How it looks", "label"))
        shown.addWidget(self.preview)
        column.addLayout(shown)
        column.addWidget(self.fields["title"])
        column.addWidget(self.fields["body"])
        for choice in (self.tone, self.whom):
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(choice)
            row.addStretch(1)
            column.addLayout(row)
        column.addWidget(self.fields["venues"])
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for place, (key, stretch) in enumerate(
            (("starts_at", 3), ("starts_time", 2), ("ends_at", 3), ("ends_time", 2))
        ):
            grid.addWidget(self.fields[key], 0, place, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place, stretch)
        column.addLayout(grid)
        column.addStretch(1)
        return body
