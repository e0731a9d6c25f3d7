"""Turning the rows a list shows into the rows it should show, without a reset.

A reset throws away selection, scroll position and focus in the middle of somebody's work, so a refresh only removes,
inserts and repaints what really differs. See docs/design.md, "Screens" (nothing moves when a refresh arrives).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from typing import Protocol, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex

Row = TypeVar("Row")
AnyIndex = QModelIndex | QPersistentModelIndex


class _Model(Protocol):
    """The part of an item model that announces rows coming and going."""

    def beginInsertRows(self, parent: AnyIndex, first: int, last: int) -> None: ...
    def endInsertRows(self) -> None: ...
    def beginRemoveRows(self, parent: AnyIndex, first: int, last: int) -> None: ...
    def endRemoveRows(self) -> None: ...


def merge_rows(
    model: _Model, shown: list[Row], wanted: Sequence[Row], identity: Callable[[Row], Hashable]
) -> list[int]:
    """Change `shown` in place into `wanted`, announced through `model`.

    Answers the positions of rows that stayed but whose contents changed; the caller emits `dataChanged` for them.
    """
    root = QModelIndex()
    before, after = list(map(identity, shown)), list(map(identity, wanted))
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, first, last, new_first, new_last in reversed(steps):
        if kind in ("delete", "replace"):
            model.beginRemoveRows(root, first, last - 1)
            del shown[first:last]
            model.endRemoveRows()
        if kind in ("insert", "replace"):
            fresh = list(wanted[new_first:new_last])
            model.beginInsertRows(root, first, first + len(fresh) - 1)
            shown[first:first] = fresh
            model.endInsertRows()
    changed = [at for at, row in enumerate(wanted) if shown[at] != row]
    for at in changed:
        shown[at] = wanted[at]
    return changed
