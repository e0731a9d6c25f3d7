"""The foot of the side panel: what is left to settle, the safe answer, and the one button that saves.

A button that says its consequence in numbers is long; it then has a line of its own. See docs/design.md, "Screens".
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.domain.changing import Plan
from console.views.schedule.editor import plan_words, words
from console.views.schedule.editor.form import Form
from console.views.theme import ThemeHub
from console.views.widgets.base import restyle
from console.views.widgets.buttons import Button
from console.views.widgets.text import IconLabel, label

_MARGIN = 20
_GAP = 12


class Foot(QWidget):
    """Discard and save."""

    discarded = Signal()
    saved = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """Two buttons, and room for what is left."""
        super().__init__()
        self.hub = hub
        self._form: Form | None = None
        self._may_save = self._stacked = False
        self._text = ""
        whole = QVBoxLayout(self)
        whole.setContentsMargins(_MARGIN, 12, _MARGIN, 14)
        whole.setSpacing(8)
        self._first = QHBoxLayout()
        self._first.setSpacing(_GAP)
        self._sign = IconLabel(hub, "ph.warning-fill", "red.text")
        self._status = label("", "small")
        left = QHBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._sign)
        left.addWidget(self._status)
        self._first.addLayout(left)
        self._first.addStretch(1)
        self.discard = Button(hub, "Discard")
        self.save = Button(hub, "Save", "primary")
        self._first.addWidget(self.discard)
        self._first.addWidget(self.save)
        whole.addLayout(self._first)
        self._second = QHBoxLayout()
        self._second.setSpacing(_GAP)
        whole.addLayout(self._second)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.discard.clicked.connect(lambda _checked=False: self.discarded.emit())
        self.save.clicked.connect(lambda _checked=False: self.saved.emit())
        hub.changed.connect(self._arrange)

    def show_form(self, form: Form, *, may_save: bool) -> None:
        """The buttons of another form; without `may_save` there is only the way out."""
        self._form, self._may_save = form, may_save
        self.discard.setText(form.discard if may_save else "Close")
        self.save.setVisible(may_save)

    def show_plan(self, plan: Plan | None, *, may_save: bool, saving: bool = False) -> None:
        """What is left, and what saving does; `may_save` is whether it can be done now."""
        form = self._form
        if form is None:
            return
        left = plan_words.conflicts_left(plan)
        self._status.setText(left)
        self._status.setVisible(bool(left))
        self._sign.setVisible(bool(left))
        kind = "danger" if words.cancels(plan) else "primary"
        if kind != self.save.property("kind"):
            self.save.kind = "danger" if kind == "danger" else "primary"
            self.save.setProperty("kind", kind)
            restyle(self.save)
        text = "Saving…" if saving else form.save_words(plan)
        if text != self._text:
            self._text = text
            self.save.setText(text)
        wanted = may_save and not saving
        if self.save.isEnabled() and not wanted and self.save.hasFocus():
            self.discard.setFocus()
        self.save.setEnabled(wanted)
        self.save.setHidden(not self._may_save or not _saves(form))
        self.discard.setEnabled(not saving)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the buttons anew."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """The panel says how wide it is."""
        return QSize(0, super().minimumSizeHint().height())

    def _shorten(self) -> None:
        # The refund gives way first: the preview and the question say it too.
        room, whole = self.width() - 2 * _MARGIN, self._text
        self.save.setText(whole)
        if self.save.sizeHint().width() > room and "," in whole:
            self.save.setText(whole.split(",", 1)[0])
        self.save.setToolTip("" if self.save.text() == whole else whole)

    def _arrange(self) -> None:
        if self._text:
            self._shorten()
        wide = self.discard.sizeHint().width() + self.save.sizeHint().width() + _GAP
        if self._status.text():
            wide += self._status.sizeHint().width() + 22 + _GAP
        stacked = not self.save.isHidden() and wide > self.width() - 2 * _MARGIN
        if stacked == self._stacked:
            return
        self._stacked = stacked
        (self._first if stacked else self._second).removeWidget(self.save)
        (self._second if stacked else self._first).addWidget(self.save, 1 if stacked else 0)


def _saves(form: Form) -> bool:
    """Whether a form has anything to save at all: a list has not."""
    return form.is_planned or type(form).store is not Form.store
