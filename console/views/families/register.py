"""Taking down a family at the desk: the guardian, the child, health, who may collect, and the signed consent.

The form says what is missing under each field before anything is sent; the database decides again.
See docs/design.md, "Rules of the domain" (privacy).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.families import CONSENT_TEXT, Family, NewChild, NewFamily
from console.models.words import age_long
from console.views.families.editors import HealthRows, PickupRows
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.text import Section, label
from console.views.widgets.toggles import CheckBox

BIRTHDAY_SHAPES = ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y")
_BIRTHDAY_HELP = "Year-month-day, such as 2018-10-30."
_NEEDED = "This is needed."


def read_birthday(text: str) -> date | None:
    """A birthday as people type it; None where it cannot be one. Slashes are not taken: 3/4 is two different days."""
    for shape in BIRTHDAY_SHAPES:
        try:
            return datetime.strptime(" ".join(text.split()), shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def months_old(born: date, today: date) -> int:
    """Whole months between a birthday and a day."""
    return (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)


class RegisterForm(QWidget):
    """The form; for a known family it takes down another child only."""

    def __init__(
        self,
        hub: ThemeHub,
        today: date,
        *,
        family: Family | None = None,
        name: str = "",
        known: NewFamily | None = None,
    ) -> None:
        """`name` is what was searched for and becomes the child's first name; `known` is a family to correct."""
        super().__init__()
        self.hub, self._today, self.family = hub, today, family
        column = QVBoxLayout(self)
        column.setSpacing(16)
        self.fields: dict[str, Field] = {}
        if family is None:
            column.addWidget(Section("Parent or guardian"))
            self._row(column, ("guardian", "First name", 100, ""), ("surname", "Last name", 100, ""))
            self._row(column, ("phone", "Phone", 50, ""), ("email", "E-mail", 255, ""))
        column.addWidget(Section("Child"))
        self._row(column, ("child", "First name", 100, ""), ("born", "Birthday", 20, _BIRTHDAY_HELP))
        self._input("child").setText(name)
        self._input("born").textChanged.connect(self._show_age)
        self.health = HealthRows(hub, known.child.health if known is not None else ())
        self.pickup = PickupRows(hub, known.child.pickup if known is not None else ())
        column.addWidget(self.health)
        column.addWidget(self.pickup)
        note = (
            "The guardian is on the list already." if family is None else "Parents are added by the office."
        )
        column.addWidget(label(note, "caption"))
        column.addWidget(Section("Consent"))
        box = surface("card")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(14, 10, 14, 12)
        inside.addWidget(label(CONSENT_TEXT, "secondary", wrap=True))
        column.addWidget(box)
        self.agreed = CheckBox(hub, "The guardian has read this, or heard it read, and agrees")
        column.addWidget(self.agreed)
        self.agreed_error = label("", "error")
        self.agreed_error.hide()
        column.addWidget(self.agreed_error)
        self._row(column, ("signed", "Signed by", 200, "The guardian's name as they write it."))
        column.addStretch(1)
        if known is not None:
            self._fill(known)

    def _fill(self, known: NewFamily) -> None:
        typed = {
            "guardian": known.guardian_first_name,
            "surname": known.guardian_last_name,
            "phone": known.phone,
            "email": known.email,
            "child": known.child.first_name,
            "born": known.child.date_of_birth.isoformat(),
            "signed": known.signed_by,
        }
        for key, text in typed.items():
            self._input(key).setText(text)
        self.agreed.setChecked(True)  # it was signed when the family was taken down

    @property
    def first(self) -> QWidget:
        """Where typing begins."""
        return self._input("guardian" if self.family is None else "child")

    def child(self) -> NewChild | None:
        """The child as entered, or None with what is missing said under its fields."""
        if not self._complete():
            return None
        try:
            health, pickup = self.health.values(), self.pickup.values()
        except ValueError as error:
            self.agreed_error.setText(str(error))
            self.agreed_error.show()
            return None
        born = read_birthday(self._text("born"))
        return NewChild(self._text("child"), born, health, pickup) if born is not None else None

    def new_family(self, request_id: UUID) -> NewFamily | None:
        """The family as entered, or None with what is missing said under its fields."""
        child = self.child()
        if child is None:
            return None
        return NewFamily(
            request_id,
            self._text("guardian"),
            self._text("surname"),
            self._text("phone"),
            self._text("email"),
            child,
            self._text("signed"),
        )

    @property
    def signed_by(self) -> str:
        """The name under the consent."""
        return self._text("signed")

    def _complete(self) -> bool:
        reasons = {key: "" if self._text(key) else _NEEDED for key in self.fields}
        born = read_birthday(self._text("born"))
        if self._text("born") and born is None:
            reasons["born"] = _BIRTHDAY_HELP
        elif born is not None and born > self._today:
            reasons["born"] = "This day is still to come."
        elif born is not None and months_old(born, self._today) >= 18 * 12:
            reasons["born"] = "Children are under 18."
        if "email" in reasons and self._text("email") and "@" not in self._text("email").strip("@"):
            reasons["email"] = "This is no e-mail address."
        if "phone" in reasons and self._text("phone") and sum(c.isdigit() for c in self._text("phone")) < 7:
            reasons["phone"] = "Give the whole number."
        for key, reason in reasons.items():
            self.fields[key].set_error(reason)
        self.agreed_error.setText(
            "" if self.agreed.isChecked() else "Without consent no child is registered."
        )
        self.agreed_error.setVisible(not self.agreed.isChecked())
        wrong = next((key for key, reason in reasons.items() if reason), None)
        if wrong is not None:
            self._input(wrong).setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.agreed.isChecked():
            self.agreed.setFocus(Qt.FocusReason.OtherFocusReason)
        return wrong is None and self.agreed.isChecked()

    def _row(self, column: QVBoxLayout, *fields: tuple[str, str, int, str]) -> None:
        row = QHBoxLayout()
        row.setSpacing(16)
        for key, caption, longest, help_text in fields:
            editor = TextInput(self.hub)
            editor.setMaxLength(longest)
            field = Field(self.hub, caption, editor, help_text=help_text)
            editor.textEdited.connect(lambda _text, one=field: one.set_error(""))
            self.fields[key] = field
            row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)

    def _input(self, key: str) -> TextInput:
        editor = self.fields[key].editor
        assert isinstance(editor, TextInput)
        return editor

    def _text(self, key: str) -> str:
        return self._input(key).text().strip()

    def _show_age(self, text: str) -> None:
        born = read_birthday(text)
        known = born is not None and born <= self._today
        age = age_long(months_old(born, self._today)) if known and born is not None else ""
        self.fields["born"].set_caption("Birthday", age)
