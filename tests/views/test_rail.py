"""The rail with many areas: rows become lower before anything scrolls, and what lies beyond an edge is counted."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.clock import FixedClock
from console.views.shell.areas import Area
from console.views.shell.rail_parts import RailItem
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from tests.support.qt import settle


def _window(hub: ThemeHub, clock: FixedClock, count: int, width: int, height: int) -> ShellWindow:
    window = ShellWindow(hub, clock)
    areas = []
    for n in range(count):
        page = partial(QLabel, f"page {n}")
        areas.append(Area(f"a{n}", f"Area {n}", "ph.bank", None, page, group=f"Group {n // 6}"))
    window.set_areas(areas)
    settle(window, width, height)
    window.open_area("a0")
    QApplication.processEvents()
    return window


def _in_sight(window: ShellWindow, item: RailItem) -> bool:
    view = window.rail.list.viewport()
    top = item.mapTo(view, QPoint(0, 0)).y()
    return top >= 0 and top + item.height() <= view.height()


@pytest.mark.parametrize(
    ("count", "size", "row"), [(5, (1440, 900), 36), (15, (1440, 900), 34), (15, (1100, 700), 30)]
)
def test_as_many_as_headquarters_has_fit_without_scrolling(
    hub: ThemeHub, clock: FixedClock, count: int, size: tuple[int, int], row: int
) -> None:
    window = _window(hub, clock, count, *size)
    items = [*window.rail._items.values()]
    assert all(_in_sight(window, item) for item in items)
    assert window.rail.list.above.isHidden()
    assert window.rail.list.below.isHidden()
    assert {item.height() for item in [*items, window.rail._help]} == {row}
    assert all(item.width() == items[0].width() == window.rail._help.width() for item in items)


def test_what_does_not_fit_is_counted_at_the_edge_and_a_press_goes_there(
    hub: ThemeHub, clock: FixedClock
) -> None:
    window = _window(hub, clock, 24, 1440, 700)
    listing, items = window.rail.list, [*window.rail._items.values()]
    beyond = [item for item in items if not _in_sight(window, item)]
    assert beyond
    assert listing.below.isVisible()
    assert listing.below.accessibleName() == f"{len(beyond)} more below"
    assert listing.above.isHidden()
    for _ in range(4):
        QTest.mouseClick(listing.below, Qt.MouseButton.LeftButton)
    assert listing.below.isHidden()
    assert _in_sight(window, items[-1])
    assert listing.above.accessibleName() == f"{sum(not _in_sight(window, one) for one in items)} more above"


def test_the_open_area_and_the_one_with_the_keyboard_are_in_sight(hub: ThemeHub, clock: FixedClock) -> None:
    window = _window(hub, clock, 24, 1440, 700)
    window.activateWindow()
    items = window.rail._items
    assert not _in_sight(window, items["a22"])
    window.open_area("a22")
    QApplication.processEvents()
    assert _in_sight(window, items["a22"])
    items["a22"].setFocus(Qt.FocusReason.TabFocusReason)
    for place in range(21, -1, -1):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Backtab)
        assert QApplication.focusWidget() is items[f"a{place}"]
        assert _in_sight(window, items[f"a{place}"])


def test_rows_follow_the_window_and_the_size_of_text(hub: ThemeHub, clock: FixedClock) -> None:
    window = _window(hub, clock, 15, 1440, 900)
    item = window.rail._items["a14"]
    window.resize(1440, 1100)
    QApplication.processEvents()
    assert item.height() == 36
    window.resize(1440, 760)
    QApplication.processEvents()
    assert item.height() == 28
    assert window.rail.list.below.isVisible()
    window.toggle_rail()
    QApplication.processEvents()
    assert item.height() > 28
    assert window.rail.list.below.isHidden()
