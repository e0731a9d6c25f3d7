"""Questions and file dialogs of the payout screens: each returns at once and calls on when there is an answer.

See docs/design.md, "Screens": the safe answer has the focus, the consequence is said in numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.fields import Field, TextInput

REASON_LENGTH = 300
_KINDS = {".pdf": "PDF (*.pdf)", ".xlsx": "Workbook (*.xlsx)", ".csv": "CSV (*.csv)"}


def ask(
    hub: ThemeHub,
    owner: QWidget,
    title: str,
    text: str,
    *,
    do: str,
    keep: str,
    agreed: Callable[[], object],
    figures: Sequence[tuple[str, str]] = (),
) -> QuestionDialog | None:
    """Ask, and call `agreed` where the answer is yes; None while another question is open."""
    if is_asked(owner):
        return None
    card = QuestionCard(
        hub, title, text, do=do, keep=keep, figures=figures, danger=False, parent=owner.window()
    )
    question = QuestionDialog(hub, owner.window(), card)
    question.answered.connect(lambda yes: agreed() if yes else None)
    question.open()
    return question


def ask_reason(
    hub: ThemeHub,
    owner: QWidget,
    title: str,
    text: str,
    *,
    do: str,
    keep: str,
    given: Callable[[str], object],
    figures: Sequence[tuple[str, str]] = (),
) -> QuestionDialog | None:
    """Ask for a reason that stays on record, and call `given` with it; None while another question is open."""
    if is_asked(owner):
        return None
    reason = TextInput(hub, placeholder="Stays on record")
    reason.setMaxLength(REASON_LENGTH)
    card = QuestionCard(
        hub, title, text, do=do, keep=keep, figures=figures, danger=False, parent=owner.window(),
        extra=Field(hub, "Reason", reason, note="needed"),
    )  # fmt: skip
    card.do.setEnabled(False)
    reason.textChanged.connect(lambda typed: card.do.setEnabled(bool(typed.strip())))
    reason.returnPressed.connect(card.do.click)

    def answered(yes: bool) -> None:
        said = " ".join(reason.text().split())
        if yes and said:
            given(said)

    question = QuestionDialog(hub, owner.window(), card)
    question.answered.connect(answered)
    question.open()
    reason.setFocus(Qt.FocusReason.OtherFocusReason)
    return question


def ask_where(
    owner: QWidget, title: str, name: str, ending: str, chosen: Callable[[Path], object]
) -> QFileDialog:
    """Ask for a file to write."""
    dialog = _dialog(owner, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(_KINDS[ending])
    dialog.setDefaultSuffix(ending.removeprefix("."))
    dialog.selectFile(name + ending)
    return _opened(dialog, chosen)


def ask_file(owner: QWidget, title: str, ending: str, chosen: Callable[[Path], object]) -> QFileDialog:
    """Ask for a file to read."""
    dialog = _dialog(owner, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(_KINDS[ending])
    return _opened(dialog, chosen)


def ask_folder(owner: QWidget, title: str, chosen: Callable[[Path], object]) -> QFileDialog:
    """Ask for a folder to write into."""
    dialog = _dialog(owner, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return _opened(dialog, chosen)


def _dialog(owner: QWidget, title: str) -> QFileDialog:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return QFileDialog(owner, title, folder)


def _opened(dialog: QFileDialog, chosen: Callable[[Path], object]) -> QFileDialog:
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(lambda _result: dialog.deleteLater())
    dialog.open()
    return dialog
