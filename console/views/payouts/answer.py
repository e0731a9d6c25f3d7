"""What the bank did, looked at before it is taken in: a sentence for each line that does not fit.

See docs/design.md, "Rules of the domain" (payouts): nothing is marked as paid that was not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.counting import count
from console.errors import ConsoleError
from console.models.gateway_payouts import PayoutWork
from console.models.runner import TaskRunner
from console.views.theme import ThemeHub
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import IconText

_MOST_SHOWN = 200


class AnswerSheet(Sheet):
    """The sheet. `taken` carries the file's name once the answer is taken in."""

    taken = Signal(str)

    def __init__(self, hub: ThemeHub, window: QWidget, work: PayoutWork, path: Path) -> None:
        """Reads the file when it is opened; marks nothing before the button."""
        super().__init__(hub, window, "Answer of the bank", width=640)
        self._work, self._path = work, path
        self.caption.setText(path.name)
        self.wrong: Sequence[str] | None = None
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.leave = self.answer("Close", self.close)
        self.take_button = self.answer("Take in", self.take, "primary")
        self.take_button.setEnabled(False)
        self.set_answers(self.leave, self.take_button)

    def open(self) -> None:
        """Show it, and read the file."""
        super().open()
        self.leave.setFocus()
        self.runner.start(self._look())

    def take(self) -> None:
        """Mark what the bank paid or refused."""
        self.take_button.setEnabled(False)
        self.banner.clear()
        self.runner.start(self._take())

    async def _look(self) -> None:
        self.wrong = await self._work.bank_answer(self._path, dry=True)
        self._show(self.wrong)
        self.take_button.setEnabled(True)
        self.take_button.setFocus()

    async def _take(self) -> None:
        await self._work.bank_answer(self._path, dry=False)
        self.taken.emit(self._path.name)
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self.take_button.setEnabled(self.wrong is not None)
        self.banner.show_error(error)

    def _show(self, wrong: Sequence[str]) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(8)
        if not wrong:
            column.addWidget(
                IconText(self.hub, "ph.check-circle", "Every line fits a payment.", color="green.text")
            )
        else:
            said = f"{count(len(wrong), 'line')} {'does' if len(wrong) == 1 else 'do'} not fit and would be left out."
            column.addWidget(
                IconText(self.hub, "ph.warning", said, role="strong", color="amber.text", wrap=True)
            )
            for sentence in wrong[:_MOST_SHOWN]:
                column.addWidget(IconText(self.hub, "ph.x-circle", sentence, wrap=True))
            if len(wrong) > _MOST_SHOWN:
                column.addWidget(
                    IconText(self.hub, "ph.dots-three", f"And {len(wrong) - _MOST_SHOWN:,} more.")
                )
        column.addStretch(1)
        self.show_step(body, self._path.name)
