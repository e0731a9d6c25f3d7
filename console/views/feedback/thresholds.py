"""The numbers by which a review waits to be looked at, with reviews they would bring in before they are saved.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.feedback import ReviewRow, ReviewSettings
from console.errors import Conflict, ConsoleError, Invalid
from console.models.gateway_feedback import ModerationGateway
from console.models.runner import TaskRunner
from console.views.feedback import words
from console.views.feedback.stars import Stars
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.frames import flush
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import ElidedLabel, breakable, label

_DELAY_MS = 350
_MOST_EXAMPLES = 12
_NUMBERS = (
    ("burst_reviews", "Burst: reviews of a venue", "2 to 1,000"),
    ("burst_hours", "within hours", "1 to 720"),
    ("extreme_stars", "Far: stars from the average", "0.5 to 4"),
    ("extreme_least", "of at least so many reviews", "1 to 10,000"),
    ("reply_characters", "Most characters of an answer", ""),
)


class ThresholdsSheet(Sheet):
    """The sheet. `saved` carries the settings as they are kept now."""

    saved = Signal(object)

    def __init__(self, hub: ThemeHub, window: QWidget, gateway: ModerationGateway) -> None:
        """Nothing is asked before it is opened."""
        super().__init__(hub, window, "When a review waits", width=720)
        self._gateway = gateway
        self.settings: ReviewSettings | None = None
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self._closed)
        self.risky = QPlainTextEdit()
        self.risky.setTabChangesFocus(True)
        fix_height(self.risky, hub, 96)
        self.fields = {
            "risky_words": Field(hub, "Risky words", self.risky, note="one on each line"),
            **{key: Field(hub, title, TextInput(hub), note=note) for key, title, note in _NUMBERS},
        }
        self.examples_title = label("", "medium", wrap=True)
        self._examples = flush(QVBoxLayout())
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._try)
        self.cancel_button = self.answer("Cancel", self.close)
        self.save_button = Button(hub, "Save", "primary")
        self.save_button.setToolTip("Ctrl+Enter")
        self.save_button.clicked.connect(lambda _checked=False: self.save())
        self.save_button.setEnabled(False)
        self.set_answers(self.cancel_button, self.save_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save)
        self.risky.textChanged.connect(self._edited)
        for key, _title, _note in _NUMBERS:
            self.input(key).setMaxLength(12)
            self.input(key).textChanged.connect(lambda _text: self._edited())

    def open(self) -> None:
        """Show it, and ask for what is kept now."""
        super().open()
        self.show_step(
            self._lay_out(), "What is found is looked at by a person; nothing is hidden by itself."
        )
        self.risky.setFocus(Qt.FocusReason.OtherFocusReason)
        self.runner.start(self._load(), "load")

    def input(self, key: str) -> TextInput:
        """The input of one number."""
        editor = self.fields[key].editor
        assert isinstance(editor, TextInput)
        return editor

    def chosen(self) -> ReviewSettings:
        """What is typed. Raises Invalid with the field as its code."""
        assert self.settings is not None
        typed = [" ".join(one.split()) for one in self.risky.toPlainText().replace("\x00", "").splitlines()]
        risky = tuple(dict.fromkeys(one for one in typed if one))
        return replace(
            self.settings,
            risky_words=risky,
            burst_reviews=self._whole("burst_reviews"),
            burst_hours=self._whole("burst_hours"),
            extreme_stars=self._number("extreme_stars"),
            extreme_least=self._whole("extreme_least"),
            reply_characters=self._whole("reply_characters"),
        )

    def save(self) -> None:
        """Keep what is typed, where it can be read and differs."""
        chosen = self._read()
        if chosen is None or self._busy or not self.is_open:
            return
        self._busy = True
        self._offer(chosen)
        self.runner.start(self._save(chosen), "save")

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        self.settings = await self._gateway.settings()
        self.risky.setPlainText("\n".join(self.settings.risky_words))
        for key, _title, _note in _NUMBERS:
            self.input(key).setText(f"{getattr(self.settings, key):g}")
        self._later.stop()
        self._offer(self._read())
        await self._show_examples(self.settings)

    async def _save(self, chosen: ReviewSettings) -> None:
        kept = await self._gateway.save_settings(chosen)
        self._busy = False
        self.close()
        self.saved.emit(kept)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        field = self.fields.get(error.code or "")
        if field is not None:
            field.set_error(error.sentence)
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        elif isinstance(error, Conflict):
            self.banner.show_message(
                error.sentence, error.hint or "", "blue",
                action=("Show them", lambda: self.runner.start(self._load(), "load")),
            )  # fmt: skip
        else:
            self.banner.show_error(error)
        self._offer(None)

    def _closed(self) -> None:
        self._later.stop()
        self.runner.cancel_all()

    def _whole(self, key: str) -> int:
        typed = self.input(key).text().replace(",", "").strip()
        if not (typed.isascii() and typed.isdigit()):
            raise Invalid("Write a whole number.", code=key)
        return int(typed)

    def _number(self, key: str) -> float:
        typed = self.input(key).text().strip().replace(",", ".")
        whole, _, part = typed.partition(".")
        if not typed.isascii() or not whole.isdigit() or not (part.isdigit() or part == ""):
            raise Invalid("Write a number such as 2.5.", code=key)
        return float(typed)

    def _read(self) -> ReviewSettings | None:
        for field in self.fields.values():
            field.set_error("")
        if self.settings is None:
            return None
        try:
            return self.chosen()
        except Invalid as error:
            self.fields[str(error.code)].set_error(error.sentence)
            return None

    def _edited(self) -> None:
        if self.settings is None:
            return
        self._offer(self._read())
        self._later.start()

    def _offer(self, chosen: ReviewSettings | None) -> None:
        self.save_button.setEnabled(not self._busy and chosen is not None and chosen != self.settings)

    def _try(self) -> None:
        chosen = self._read()
        if chosen is not None:
            self.runner.start(self._show_examples(chosen), "examples")

    async def _show_examples(self, chosen: ReviewSettings) -> None:
        found = await self._gateway.examples(chosen)
        self.examples_title.setText(words.examples_title(found))
        while (item := self._examples.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for review, why in found[:_MOST_EXAMPLES]:
            self._examples.addWidget(self._example(review, why))

    def _example(self, review: ReviewRow, why: str) -> QWidget:
        made = QWidget()
        made.setProperty("clear", "true")
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(10)
        row.addWidget(Stars(self.hub, review.rating, 14), 0, Qt.AlignmentFlag.AlignTop)
        said = flush(QVBoxLayout())
        said.addWidget(label(breakable(words.example_line(review, why)), "medium", wrap=True))
        said.addWidget(ElidedLabel(words.on_one_line(review.words) or words.NO_WORDS, "muted"))
        row.addLayout(said, 1)
        return made

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        column.addWidget(self.fields["risky_words"])
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        for place, (key, _title, _note) in enumerate(_NUMBERS):
            grid.addWidget(self.fields[key], place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addWidget(line())
        column.addWidget(self.examples_title)
        column.addLayout(self._examples)
        column.addStretch(1)
        return body
