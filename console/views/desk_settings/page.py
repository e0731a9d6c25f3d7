"""The settings of this desk: how the computer prints, sounds, looks and locks.

Everything takes effect at once and is remembered on this computer, never in the database: a desk is set up for whoever
stands at it. See docs/design.md, "Screens".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.models.tones import Tone
from console.views.desk_settings.scanner import ScannerTest
from console.views.desk_settings.slider import Slider
from console.views.preferences import LABEL_SIZES, LOCK_MINUTES, TEXT_PERCENTS, Preferences
from console.views.sound import SoundPlayer
from console.views.theme import ThemeHub, system_mode
from console.views.tokens import MODES, Mode
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, SelectBox
from console.views.widgets.header import PageHeader
from console.views.widgets.text import ElidedLabel, IconText, Section, label
from console.views.widgets.toggles import CheckBox, ChoiceRow

_COLUMN, _NARROWEST = 400, 344
_SCROLL = 12
_BETWEEN = 48
_MARGIN = 24
_USUAL = "The computer’s usual one"
_SAME = "The same as for lists"
_AS_SYSTEM = "system"
_MODES = (("light", "Light"), ("dark", "Dark"), (_AS_SYSTEM, "As the computer"))
_NO_SOUND = "This computer has no sound device: tones stay silent."


@dataclass(frozen=True, slots=True)
class DeskDetails:
    """What this desk is. `server` is an address without a password, or words for this computer's own database."""

    name: str
    venue: str
    server: str
    version: str


class DeskSettingsPage(QWidget):
    """The settings of this desk. Each choice is kept and done at once."""

    lock_minutes_changed = Signal(int)

    def __init__(
        self,
        hub: ThemeHub,
        preferences: Preferences,
        player: SoundPlayer,
        details: DeskDetails,
        printers: Callable[[], Sequence[str]],
    ) -> None:
        """`printers` names what is installed; asked in a thread, because network printers answer slowly."""
        super().__init__()
        self.hub, self.preferences, self._player = hub, preferences, player
        self._printers = printers
        self._tasks = TaskRunner(self._failed)
        self._build_parts()
        self._lay_out(details)
        self._connect()
        self._show_sound(player.unavailable)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask anew what is installed; the keyboard is in the first choice."""
        super().showEvent(event)
        self._tasks.start(self._load_printers(), "printers")
        self.printer.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns where there is room for both, one below the other where not."""
        super().resizeEvent(event)
        self._fit()

    def stop(self) -> None:
        """Drop what is under way: the page is going away."""
        self._tasks.cancel_all()

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await self._tasks.settled()

    # -- building ----------------------------------------------------------------------------------------------

    def _build_parts(self) -> None:
        hub, kept = self.hub, self.preferences
        self.printer = SelectBox(hub, [_USUAL])
        self.label_printer = SelectBox(hub, [_SAME])
        self._fill(self.printer, _USUAL, kept.printer, ())
        self._fill(self.label_printer, _SAME, kept.label_printer, ())
        sizes = [(size, f"{size.replace('x', ' x ')} mm") for size in LABEL_SIZES]
        self.label_size = ChoiceRow(hub, sizes, name="Label")
        self.label_size.choose(kept.label_size)
        self.labels = CheckBox(hub, "Print labels at check-in", checked=kept.labels_on_check_in)
        self.sound = CheckBox(hub, "A tone for each outcome", checked=kept.sound)
        self.volume = Slider(hub, kept.volume)
        self.volume_words = label("", "body")
        self.volume_words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.test = Button(hub, "Test sound", icon="ph.speaker-high")
        self.silent = IconText(hub, "ph.speaker-slash", _NO_SOUND, role="small", wrap=True)
        self.mode = ChoiceRow(hub, _MODES, name="Colours")
        self.mode.choose(kept.mode or _AS_SYSTEM)
        self.text_size = ChoiceRow(hub, [(str(one), f"{one} %") for one in TEXT_PERCENTS], name="Text size")
        self.text_size.choose(str(kept.text_percent))
        times = [(str(one), f"{one} min" if one else "Never") for one in LOCK_MINUTES]
        self.lock = ChoiceRow(hub, times, name="Lock after")
        self.lock.choose(str(kept.lock_minutes))
        self.scanner = ScannerTest(hub)

    def _lay_out(self, details: DeskDetails) -> None:
        hub = self.hub
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PageHeader(hub, "This desk", "Kept on this computer; every change counts at once"))
        ground = surface("canvas")
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(ground)
        column.addWidget(scroll, 1)
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, ground)
        self._across.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._across.setSpacing(_BETWEEN)
        loud = QHBoxLayout()
        loud.setSpacing(8)
        loud.addWidget(self.volume, 1)
        loud.addWidget(self.volume_words)
        volume = QWidget()
        volume.setLayout(loud)
        loud.setContentsMargins(0, 0, 0, 0)
        self._left = self._side(
            ("Printing", [
                Field(hub, "Lists and rosters", self.printer),
                Field(hub, "Labels", self.label_printer),
                Field(hub, "Label", self.label_size),
                self.labels,
            ]),
            ("Sound", [self.sound, Field(hub, "Volume", volume), self.test, self.silent]),
        )  # fmt: skip
        self._right = self._side(
            ("Screen", [Field(hub, "Colours", self.mode), Field(hub, "Text size", self.text_size)]),
            ("Lock", [
                Field(hub, "When nobody touches it for", self.lock, help_text="Ctrl+L locks at once."),
            ]),
            ("Scanner", [self.scanner]),
            ("What it is", [_facts(details)]),
        )  # fmt: skip
        self.volume.setAccessibleName("Volume")
        for part in (self._left, self._right):
            self._across.addWidget(part, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._across.addStretch(1)

    def _side(self, *groups: tuple[str, list[QWidget]]) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for at, (title, parts) in enumerate(groups):
            if at:
                column.addSpacing(16)
            column.addWidget(Section(title))
            for part in parts:
                whole = isinstance(part, Field | ScannerTest | IconText) or part.layout() is not None
                column.addWidget(part, 0, Qt.AlignmentFlag(0) if whole else Qt.AlignmentFlag.AlignLeft)
        return holder

    def _connect(self) -> None:
        kept = self.preferences
        self.printer.activated.connect(lambda at: setattr(kept, "printer", self.printer.itemData(at)))
        self.label_printer.activated.connect(
            lambda at: setattr(kept, "label_printer", self.label_printer.itemData(at))
        )
        self.label_size.changed.connect(lambda size: setattr(kept, "label_size", size))
        self.labels.toggled.connect(lambda on: setattr(kept, "labels_on_check_in", on))
        self.sound.toggled.connect(self._set_sound)
        self.volume.valueChanged.connect(self._set_volume)
        self.test.clicked.connect(lambda _checked=False: self._player.test(Tone.IN))
        self._player.unavailable_changed.connect(self._show_sound)
        self.mode.changed.connect(self._set_mode)
        self.text_size.changed.connect(self._set_text_size)
        self.lock.changed.connect(self._set_lock)
        self.hub.changed.connect(self._theme_changed)

    # -- choosing ----------------------------------------------------------------------------------------------

    def _set_sound(self, on: bool) -> None:
        self.preferences.sound = on
        self._show_sound(self._player.unavailable)

    def _set_volume(self, percent: int) -> None:
        self.preferences.volume = percent
        self.volume_words.setText(f"{percent} %")

    def _set_mode(self, chosen: str) -> None:
        mode: Mode | None = next((one for one in MODES if one == chosen), None)
        self.preferences.mode = mode
        self.hub.set_mode(mode or system_mode())

    def _set_text_size(self, percent: str) -> None:
        self.preferences.text_percent = int(percent)
        self.hub.set_text_percent(int(percent))

    def _set_lock(self, minutes: str) -> None:
        self.preferences.lock_minutes = int(minutes)
        self.lock_minutes_changed.emit(int(minutes))

    # -- showing -----------------------------------------------------------------------------------------------

    async def _load_printers(self) -> None:
        found = await asyncio.to_thread(self._printers)
        self._fill(self.printer, _USUAL, self.preferences.printer, found)
        self._fill(self.label_printer, _SAME, self.preferences.label_printer, found)

    @staticmethod
    def _fill(box: SelectBox, usual: str, chosen: str, installed: Sequence[str]) -> None:
        """Offer what is installed; a chosen printer that is switched off stays chosen."""
        box.clear()
        box.addItem(usual, "")
        for name in dict.fromkeys([*installed, *([chosen] if chosen else [])]):
            box.addItem(name, name)
        box.setCurrentIndex(max(box.findData(chosen), 0))

    def _show_sound(self, unavailable: bool) -> None:
        on = self.preferences.sound
        self.volume.setEnabled(on)
        self.test.setEnabled(on)
        self.volume_words.setText(f"{self.preferences.volume} %")
        self.silent.setVisible(unavailable)

    def _theme_changed(self) -> None:
        """Light and dark can be changed by a key too."""
        self.mode.choose(self.preferences.mode or _AS_SYSTEM)
        self._fit()

    def _fit(self) -> None:
        scaled, room = self.hub.theme.scaled, self.width() - 2 * _MARGIN - _SCROLL
        both = (room - _BETWEEN) // 2 >= scaled(_NARROWEST)
        side = min(scaled(_COLUMN), (room - _BETWEEN) // 2 if both else room)
        for part in (self._left, self._right):
            part.setFixedWidth(max(side, 200))
        direction = QBoxLayout.Direction.LeftToRight if both else QBoxLayout.Direction.TopToBottom
        self._across.setDirection(direction)

    def _failed(self, error: ConsoleError) -> None:
        """Without a list of printers the choice stays what it was."""


def _facts(details: DeskDetails) -> QWidget:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    pairs = (
        ("Name", details.name),
        ("Venue", details.venue or "Every venue of whoever signs in"),
        ("Server", details.server),
        ("Version", details.version),
    )
    for at, (name, value) in enumerate(pairs):
        grid.addWidget(label(name, "muted"), at, 0)
        grid.addWidget(ElidedLabel(value, "body"), at, 1)
    return holder
