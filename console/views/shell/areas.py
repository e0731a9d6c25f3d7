"""What the shell shows without knowing what it is: areas of the rail, actions of the palette, keys of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from console.errors import BugError
from console.permissions import Permission


@dataclass(frozen=True)
class Area:
    """One place of the rail. `permission` decides who sees it.

    `icon` is a Phosphor name; while the area is open its `-fill` form is shown. `group` is a heading above it.
    """

    key: str
    title: str
    icon: str
    permission: Permission | None
    factory: Callable[[], QWidget]
    group: str = ""


def allowed_areas(areas: Sequence[Area], permissions: frozenset[Permission]) -> tuple[Area, ...]:
    """The areas a person with these permissions may use; the database decides again, whatever is shown."""
    return tuple(area for area in areas if area.permission is None or area.permission in permissions)


@dataclass(frozen=True)
class Action:
    """Something that can be done by name (Ctrl+K) and perhaps by a key.

    `detail` says what it concerns or costs, quietly, behind its title. `group` is its heading in the shortcuts
    sheet; an action that is not `listed` is only a second key of another, one that is not `offered` makes no sense
    in Ctrl+K. A page listens to its own keys: its actions are told of, but not `heard` by the window a second time,
    because Qt does nothing at all where two shortcuts fit.
    """

    key: str
    title: str
    run: Callable[[], object]
    keys: str = ""
    icon: str = "ph.arrow-right"
    detail: str = ""
    group: str = "Everywhere"
    listed: bool = True
    offered: bool = True
    heard: bool = True


@runtime_checkable
class HasActionBar(Protocol):
    """A page with buttons at its bottom right, which nothing may lie over."""

    @property
    def action_bar(self) -> QWidget | None:
        """What holds them; None where there are none just now."""
        ...


@runtime_checkable
class HasActions(Protocol):
    """A page whose actions join the window's while it is open."""

    @property
    def page_actions(self) -> tuple[Action, ...]:
        """What the page does by a key of its own."""
        ...


def listen(page: QWidget, actions: Iterable[Action]) -> list[QShortcut]:
    """Let a page hear the keys of its actions, while the keyboard is in it; they can be switched off."""
    heard = []
    for action in actions:
        shortcut = QShortcut(QKeySequence(action.keys), page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(action.run)
        heard.append(shortcut)
    return heard


@dataclass
class _Entry:
    action: Action
    shortcut: QShortcut | None = field(default=None)


class ActionRegistry(QObject):
    """Every action of one window. A page adds its own while it is open and takes them away again."""

    changed = Signal()

    def __init__(self, window: QWidget) -> None:
        """Keys are heard everywhere in `window`."""
        super().__init__(window)
        self._window = window
        self._entries: dict[str, _Entry] = {}
        self._enabled = True

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions in the order they were added."""
        return tuple(entry.action for entry in self._entries.values())

    def add(self, *actions: Action) -> None:
        """Add actions. Raises BugError where a key already belongs to another action."""
        for action in actions:
            taken = next(
                (a for a in self.actions if action.keys and a.keys == action.keys and a.key != action.key),
                None,
            )
            if taken is not None:
                raise BugError(f"{action.keys} is already the key of “{taken.title}”.")
            self._forget(action.key)
            self._entries[action.key] = _Entry(action, self._listen(action))
        self.changed.emit()

    def remove(self, *keys: str) -> None:
        """Take actions away; unknown ones are ignored."""
        for key in keys:
            self._forget(key)
        self.changed.emit()

    def set_enabled(self, enabled: bool) -> None:
        """Hear the keys or not: nobody is signed in on the pages before the rail."""
        self._enabled = enabled
        for entry in self._entries.values():
            if entry.shortcut is not None:
                entry.shortcut.setEnabled(enabled)

    def run(self, key: str) -> None:
        """Do an action. Raises KeyError where it is not there."""
        self._entries[key].action.run()

    def _listen(self, action: Action) -> QShortcut | None:
        if not action.keys or not action.heard:
            return None
        shortcut = QShortcut(QKeySequence(action.keys), self._window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(lambda: action.run())
        shortcut.setEnabled(self._enabled)
        return shortcut

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None and entry.shortcut is not None:
            entry.shortcut.setEnabled(False)
            entry.shortcut.deleteLater()


def spoken_keys(keys: str) -> str:
    """A shortcut as people read it: `Ctrl+K` becomes `Ctrl K` in the platform's own words."""
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return native.replace("+", " ") if len(native) > 1 else native
