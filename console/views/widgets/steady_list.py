"""A list that paints only the rows that changed.

Qt's own lays every row out anew and paints the whole list for each changed row, because a row could have become
higher. Ours never do: their delegates answer one height, and a scan must be seen at once. See docs/design.md, "Speed".
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QAbstractItemView, QListView

_AnyIndex = QModelIndex | QPersistentModelIndex


class SteadyList(QListView):
    """A list whose rows keep their height whatever they say."""

    def dataChanged(self, first: _AnyIndex, last: _AnyIndex, roles: Sequence[int] = ()) -> None:
        """Paint the changed rows; what QListView adds to this is the layout of all of them."""
        if first.row() == last.row():
            QAbstractItemView.dataChanged(self, first, last, roles)
        else:
            super().dataChanged(first, last, roles)
