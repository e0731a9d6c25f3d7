"""Everything by keyboard and everything said: Tab reaches each widget once, in reading order, and each has a name.

The roster's rows speak as the look asks: name, age, state with its time, then the health notes, the worst first.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QListView, QScrollArea, QWidget

from console.views.front_desk.page import TodayPage
from console.views.theme import ThemeHub
from console.views.widgets.fields import TextInput
from tests.support.pages import PAGES, on_screen
from tests.support.qt import settle

# Tab does something else there: it shows what more can be done with what is chosen.
_OWN_TAB = ("palette", "palette, more actions")
_SIZE = (1440, 900)


def stops(root: QWidget) -> list[QWidget]:
    """The enabled widgets on show that take part in the Tab order."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and Qt.FocusPolicy.TabFocus in widget.focusPolicy()
        and widget.focusProxy() is None
        and not widget.visibleRegion().isEmpty()
    ]


def walk(first: QWidget, most: int) -> list[QWidget]:
    """Where Tab leads from a widget, until it comes back there."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    seen = [first]
    for _ in range(most):
        now = QApplication.focusWidget()
        assert now is not None, f"the keyboard was lost after {said(seen[-1])}"
        QTest.keyClick(now, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None, f"the keyboard was lost after {said(seen[-1])}"
        if now is first:
            return seen
        assert now not in seen, f"Tab goes round without {said(first)}: back at {said(now)}"
        seen.append(now)
    raise AssertionError("Tab never came back")


def by_arrows(widget: QWidget, seen: list[QWidget]) -> bool:
    """Whether it is one of several of which one is chosen: Tab reaches that one, the arrows lead on to the others."""
    if not isinstance(widget, QAbstractButton):
        return False
    return any(isinstance(one, QAbstractButton) and _one_of(widget, one) for one in seen)


def _one_of(one: QAbstractButton, other: QAbstractButton) -> bool:
    group = one.group()
    if group is not None:
        return group.exclusive() and other.group() is group
    return one.autoExclusive() and other.autoExclusive() and one.parentWidget() is other.parentWidget()


def said(widget: QWidget) -> str:
    """What a screen reader calls a widget."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def place(widget: QWidget, root: QWidget) -> QRect:
    """Where a widget lies in the page."""
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def backwards(one: QRect, other: QRect) -> bool:
    """Whether somebody who reads would have come to `other` before `one`."""
    same_column = min(one.right(), other.right()) - max(one.left(), other.left()) > 8
    same_line = min(one.bottom(), other.bottom()) - max(one.top(), other.top()) > 8
    return (same_column and other.bottom() <= one.top()) or (same_line and other.right() <= one.left())


def _leaves_scrolled(one: QWidget, other: QWidget) -> bool:
    """Whether Tab leaves a part that scrolls, or read the other way round comes into it.

    Where its outermost stops lie depends on how far it was scrolled.
    """
    area = one.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    return area is not None and not area.isAncestorOf(other)


@pytest.mark.parametrize("name", PAGES)
async def test_tab_reaches_everything_in_reading_order(hub: ThemeHub, name: str) -> None:
    _window, root = await on_screen(hub, name, _SIZE)
    wanted = stops(root)
    nameless = [
        f"{type(one).__name__} in {type(one.parentWidget()).__name__}" for one in wanted if not said(one)
    ]
    assert nameless == []
    if name in _OWN_TAB:
        assert all(isinstance(one, QLineEdit) for one in wanted)
        return
    if not wanted:
        assert name == "start", "there is nothing to press"
        return
    first = min(wanted, key=lambda one: (place(one, root).left() > 8 + 200, place(one, root).top()))
    seen = walk(first, len(wanted) + 40)
    left_out = [said(one) for one in wanted if one not in seen and not by_arrows(one, seen)]
    assert left_out == [], f"not reached by Tab, which went {[said(one) for one in seen]}"
    assert [said(one) for one in seen if not root.isAncestorOf(one)] == [], "Tab leaves what lies on top"
    order = [
        f"{said(one)} before {said(other)}"
        for one, other in pairwise(seen)
        # The way out of a sheet comes last, although it stands at its top.
        if backwards(place(one, root), place(other, root))
        and not said(other).startswith("Close")
        and not _leaves_scrolled(one, other)
        and not _leaves_scrolled(other, one)
    ]
    assert order == []


async def test_the_rows_of_the_roster_speak(hub: ThemeHub) -> None:
    window, _root = await on_screen(hub, "today", _SIZE)
    page = window.page()
    assert isinstance(page, TodayPage)
    view: QListView = page.middle.roster.list
    rows = [
        str(view.model().index(row, 0).data(int(Qt.ItemDataRole.AccessibleTextRole)))
        for row in range(view.model().rowCount())
    ]
    assert "Nia, 7, in since 15:41, peanut allergy, asthma" in rows
    assert all(row and row[0] != "," for row in rows)
    face = QAccessible.queryAccessibleInterface(view)
    told = {face.child(number).text(QAccessible.Text.Name) for number in range(face.childCount())}
    assert "Nia, 7, in since 15:41, peanut allergy, asthma" in told


def test_the_walk_notices_what_is_wrong(hub: ThemeHub) -> None:
    page = QWidget()
    first, second, third = TextInput(hub), TextInput(hub), TextInput(hub)
    for number, one in enumerate((first, second, third)):
        one.setParent(page)
        one.setGeometry(10, 10 + number * 50, 100, 30)
    settle(page, 300, 200)
    page.activateWindow()
    QApplication.processEvents()
    QWidget.setTabOrder(first, third)
    QWidget.setTabOrder(third, second)
    seen = walk(first, 9)
    assert seen == [first, third, second]
    assert [backwards(place(a, page), place(b, page)) for a, b in pairwise(seen)] == [False, True]
    assert said(first) == ""
    first.setAccessibleName("Name")
    assert said(first) == "Name"
