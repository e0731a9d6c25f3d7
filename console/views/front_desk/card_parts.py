"""The pieces of a child's card: the health box, a person, a brother or sister, a line of history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from console.domain.attendance import AttendanceState, EventKind
from console.domain.desk import HealthNote, HistoryEntry, PickupPerson, Sibling
from console.domain.refusals import clock_time
from console.models.roster import RosterRow, health_look
from console.models.words import age_long, age_short, day_and_time, long_date, state_chip
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.attendance import Disc
from console.views.widgets.base import ThemedWidget, fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.text import ElidedLabel, IconLabel, label

_HISTORY_LOOK = {
    EventKind.CHECK_IN: ("ph.check-circle", "green.text"),
    EventKind.CHECK_OUT: ("ph.sign-out", "blue.text"),
    EventKind.ABSENT: ("ph.user-minus", "text.muted"),
    EventKind.ANNUL: ("ph.arrow-u-up-left", "text.muted"),
}


_CHIP_ICON = {
    AttendanceState.IN: ("green", "ph.check-bold"),
    AttendanceState.OUT: ("blue", "ph.sign-out-bold"),
    AttendanceState.ABSENT: ("neutral", "ph.user-minus-bold"),
    AttendanceState.UNMARKED: ("neutral", "ph.question-bold"),
}


class HealthBox(ThemedWidget):
    """What the desk must know before anything else: red when it can harm, worst first."""

    def __init__(self, hub: ThemeHub, notes: Sequence[HealthNote]) -> None:
        """Show `notes`, of which there is at least one."""
        super().__init__(hub)
        notes = sorted(notes, key=lambda note: note.severity)
        harmful = any(health_look(note.kind)[0] == "red" for note in notes)
        self._tone = "red" if harmful else "neutral"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 13, 16, 12)
        column.setSpacing(0)
        for at, note in enumerate(notes):
            following = notes[at + 1] if at + 1 < len(notes) else None
            same = following is not None and _confirmed(following) == _confirmed(note)
            column.addLayout(
                self._note(note, confirmed="" if same else _confirmed(note), last=following is None)
            )
        self.setAccessibleName(
            "Health notes: " + "; ".join(". ".join(filter(None, (n.title, n.instructions))) for n in notes)
        )

    def _note(self, note: HealthNote, *, confirmed: str, last: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        ink = self.theme.hex(f"{self._tone}.text")
        sign = IconLabel(self.hub, health_look(note.kind)[1], f"{self._tone}.text", 18)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        title = label(note.title, "name", wrap=True)
        title.setStyleSheet(f"color: {ink};")
        words.addWidget(title)
        if note.instructions:
            words.addWidget(paragraph(self.hub, note.instructions))
        if confirmed:
            words.addSpacing(6)
            caption = label(confirmed, "caption", wrap=True)
            caption.setStyleSheet(f"color: {self.theme.hex('text.secondary')};")
            words.addWidget(caption)
        if not last:
            words.addSpacing(9)
            words.addWidget(_TintedLine(self.hub, self._tone))
            words.addSpacing(8)
        row.addLayout(words, 1)
        return row

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tint and its edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QPen(self.theme.color(f"{self._tone}.border"), 1)
        fill = self.theme.color(f"{self._tone}.bg")
        paint.rounded(painter, QRectF(self.rect()), self.theme.radius("card"), fill, edge)


class _TintedLine(ThemedWidget):
    """A separator inside a tinted box."""

    def __init__(self, hub: ThemeHub, tone: str) -> None:
        super().__init__(hub)
        self._tone = tone
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setOpacity(0.4)
        painter.fillRect(self.rect(), self.theme.color(f"{self._tone}.border"))


CHOICE_INSET = 8
"""How far the words of a choice stand from the edge of the tint that shows it as chosen."""


class Row(QAbstractButton):
    """A line of the card: an icon or disc, a strong name, a quiet addition, and something at the right.

    A row that can be pressed shows it on hover and can be reached with Tab; others are plain text.
    """

    hovered = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        lead: QWidget,
        name: str,
        more: str,
        right: str,
        *,
        press: bool = False,
        height: int = 30,
        inset: int = 0,
    ) -> None:
        """Say `name` with `more` behind it and `right` at the end, `inset` pixels from both edges."""
        super().__init__()
        self.hub = hub
        self._lit = False
        self._press = press
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if press else Qt.FocusPolicy.NoFocus)
        self.setProperty("focusRing", press)
        if press:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        row = QHBoxLayout(self)
        row.setContentsMargins(inset, 0, inset, 0)
        row.setSpacing(8)
        row.addWidget(lead)
        self.name = ElidedLabel(name, "strong")
        row.addWidget(self.name)
        if more:
            row.addWidget(ElidedLabel(more, "muted"), 1)
        else:
            row.addStretch(1)
        self.right = label(right, "secondary")
        row.addWidget(self.right)
        for piece in self.findChildren(QLabel):
            piece.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setText(", ".join(part for part in (name, more, right) if part))
        self.setAccessibleName(self.text())

    def set_lit(self, lit: bool) -> None:
        """Show that the keyboard would choose this row."""
        self._lit = lit
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the pointer is here."""
        self.hovered.emit()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint nothing, or the hover of a row that can be pressed."""
        if not self._press or not (self._lit or self.underMouse()):
            return
        painter, theme = QPainter(self), self.hub.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = theme.color("surface.selected" if self._lit else "surface.hover")
        paint.rounded(painter, QRectF(self.rect()), theme.radius("control"), fill)


def paragraph(hub: ThemeHub, text: str) -> QLabel:
    """Several lines of body text in the type scale's line height, which plain labels do not have."""
    made = label("", "body", wrap=True)
    made.setTextFormat(Qt.TextFormat.RichText)
    lines = "<br>".join(escape(line) for line in text.splitlines())
    made.setText(f'<p style="line-height:{hub.theme.line("body")}px; margin:0">{lines}</p>')
    made.setAccessibleName(text)
    return made


def person_row(hub: ThemeHub, person: PickupPerson, *, press: bool = False) -> Row:
    """Somebody of the pickup list: name, relationship, and a phone number or when they may come."""
    icon = IconLabel(hub, "ph.user" if person.may_collect else "ph.lock-simple", "text.muted")
    more, right = person.relationship or "", person.note or person.phone or ""
    return Row(hub, icon, person.name, more, right, press=press, inset=CHOICE_INSET if press else 0)


def sibling_row(hub: ThemeHub, sibling: Sibling, zone: tzinfo) -> Row:
    """A brother or sister with a booking today; pressing it goes there."""
    disc = Disc(hub, sibling.state.value, 16)
    where = f"{sibling.activity_name}, {clock_time(sibling.starts_at, zone)}"
    return Row(hub, disc, sibling.first_name, age_short(sibling.age_months), where, press=True)


def history_row(hub: ThemeHub, entry: HistoryEntry, now: datetime, zone: tzinfo) -> QWidget:
    """One line of the history: what, by whom, when."""
    icon, ink = _HISTORY_LOOK[entry.kind]
    box = QWidget()
    fix_height(box, hub, 26)
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(IconLabel(hub, icon, "text.muted" if entry.undone else ink))
    words = ElidedLabel(_history_words(entry), "muted" if entry.undone else "body")
    row.addWidget(words, 1)
    row.addWidget(label(day_and_time(entry.at, now, zone), "caption"))
    return box


def heading(hub: ThemeHub, words: str, right: str = "") -> QHBoxLayout:
    """A quiet heading of a part of the card, with a fact at its right."""
    row = QHBoxLayout()
    muted = f"color: {hub.theme.hex('text.muted')};"
    for text, stretch in ((words, 1), (right, 0)):
        made = label(text, "label")
        made.setStyleSheet(muted)
        row.addWidget(made, stretch)
    return row


def name_line(hub: ThemeHub, row: RosterRow, zone: tzinfo, room: float) -> QVBoxLayout:
    """Name, age and state on one line of `room` pixels; the age goes below before a name is cut."""
    entry, theme = row.entry, hub.theme
    whole, first = QVBoxLayout(), QHBoxLayout()
    whole.setSpacing(0)
    first.setSpacing(9)
    name = ElidedLabel(entry.first_name, "title")
    fix_height(name, hub, 28)
    first.addWidget(name)
    words = age_long(entry.age_months)
    age = label(words, "muted")
    if row.pending:
        word = f"{row.word.split(' ')[0]} · sending"
        chip = Chip(hub, word, "amber", "ph.cloud-arrow-up-bold", dashed=True)
    elif row.waiting:
        chip = Chip(hub, row.word, "amber", "ph.cloud-arrow-up-bold", dashed=True)
    elif row.trouble:
        chip = Chip(hub, row.word, "red", "ph.warning-bold")
    else:
        tone, icon = _CHIP_ICON.get(row.state, ("neutral", None))
        chip = Chip(hub, state_chip(row.state, entry.state_at, zone), tone, icon)
    needed = paint.text_width(theme.font("title"), entry.first_name) + chip.sizeHint().width() + 28
    if needed + paint.text_width(theme.font("body"), words) <= room:
        age.setContentsMargins(0, 5, 0, 0)
        first.addWidget(age)
    first.addStretch(1)
    first.addWidget(chip)
    whole.addLayout(first)
    if first.indexOf(age) < 0:
        whole.addWidget(age)
    return whole


def fill_history(
    column: QVBoxLayout, hub: ThemeHub, history: Sequence[HistoryEntry], now: datetime, zone: tzinfo
) -> None:
    """The newest lines of a child's history, or that there is none."""
    for entry in history[:12]:
        column.addWidget(history_row(hub, entry, now, zone))
    if not history:
        column.addWidget(label("Nothing recorded yet", "muted"))


def barred_line(hub: ThemeHub, count: int) -> tuple[QWidget, Button]:
    """How many people may not collect, and the button that shows who."""
    box = QWidget()
    fix_height(box, hub, 30)
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(IconLabel(hub, "ph.lock-simple", "text.muted"))
    row.addWidget(label(f"{count} {'person' if count == 1 else 'people'} may not collect", "secondary"), 1)
    show = Button(hub, "Show", "link", scale="compact")
    show.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    row.addWidget(show)
    return box, show


def _history_words(entry: HistoryEntry) -> str:
    where = " at ".join(part for part in (entry.person, entry.desk) if part)
    if entry.kind is EventKind.CHECK_OUT and entry.collected_by:
        text = f"Out with {entry.collected_by.partition(', ')[0]}"
    else:
        word = {"check_in": "In", "check_out": "Out", "absent": "Absent", "annul": "Undone"}[entry.kind.value]
        text = f"{word}, {where}" if where else word
    return f"{text} (undone)" if entry.undone else text


def _confirmed(note: HealthNote) -> str:
    if note.confirmed_by is None:
        return (
            "Not confirmed yet"
            if note.confirmed_on is None
            else f"Confirmed on {long_date(note.confirmed_on)}"
        )
    when = f", {long_date(note.confirmed_on)}" if note.confirmed_on else ""
    return f"Confirmed by {note.confirmed_by}{when}"
