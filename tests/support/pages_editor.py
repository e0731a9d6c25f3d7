"""The schedule's side panel in each of its forms, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.domain.programme import Room
from console.views.schedule.editor.closures import ClosureForm
from console.views.schedule.editor.panel import EditorPanel
from console.views.shell.window import ShellWindow
from tests.support import programme_samples as sample
from tests.support.editor_samples import LEGO, EditorHost, EditorProgramme, looked, named, new_panel
from tests.support.pages import LONG, _area, page, rest


async def _panel(window: ShellWindow, begin: Callable[[EditorPanel], object]) -> EditorPanel:
    programme = EditorProgramme()
    programme.rooms.append(Room(UUID(int=0xAF), LONG, None))
    panel = new_panel(window.hub, programme)
    _area(window, EditorHost(panel), "bookings")
    begin(panel)
    await looked(panel)
    return panel


@page("editor, session")
async def show_session(window: ShellWindow) -> QWidget:
    """One session of a series, with a long name."""
    one = replace(named("LEGO Robotics"), activity=LONG, changed_by_hand=True)
    panel = await _panel(window, lambda panel: panel.open_session(one))
    assert panel.form is not None
    panel.form.unfold()
    await rest()
    return window


@page("editor, series")
async def show_series(window: ShellWindow) -> QWidget:
    """A pattern from a date on, with conflicts, cancellations and bookings hit."""
    panel = await _panel(window, lambda panel: panel.open_series(LEGO, date(2026, 3, 13)))
    assert panel.form is not None
    panel.form.fields.show_values(
        {
            "weekdays": (1, 2, 3, 4, 5),
            "start": time(16, 0),
            "room_id": sample.ROOM_B.id,
            "last": date(2026, 4, 2),
        }
    )
    await looked(panel)
    return window


@page("editor, new series")
async def show_new_series(window: ShellWindow) -> QWidget:
    """A new pattern."""
    panel = await _panel(window, lambda panel: panel.new_series(sample.TODAY, time(9, 0), sample.ROOM_A.id))
    assert panel.form is not None
    panel.form.unfold()
    await rest()
    return window


@page("editor, cancel")
async def show_cancel(window: ShellWindow) -> QWidget:
    """What cancelling a session costs."""
    await _panel(window, lambda panel: panel.cancel(named("Street Dance")))
    return window


@page("editor, combine")
async def show_combine(window: ShellWindow) -> QWidget:
    """Where children go, and whose parents agreed."""
    await _panel(window, lambda panel: panel.combine(named("Watercolour")))
    return window


@page("editor, closures")
async def show_closures(window: ShellWindow) -> QWidget:
    """The closures to come."""
    await _panel(window, lambda panel: panel.open_closures())
    return window


@page("editor, new closure")
async def show_closure(window: ShellWindow) -> QWidget:
    """Some rooms for some hours, for a reason that is not on the list."""
    panel = await _panel(window, lambda panel: panel.new_closure(date(2026, 3, 13), sample.ROOM_B.id))
    form = panel.form
    assert isinstance(form, ClosureForm)
    form.fields.show_values({"whole_days": False})
    form.choose_own_reason()
    await looked(panel)
    return window


@page("editor, rooms")
async def show_rooms(window: ShellWindow) -> QWidget:
    """The venue's rooms."""
    await _panel(window, lambda panel: panel.open_rooms())
    return window


@page("editor, bookings hit")
async def show_hits(window: ShellWindow) -> QWidget:
    """Who is told what."""
    panel = await _panel(window, lambda panel: panel.cancel(named("Street Dance")))
    panel.show_hits()
    await rest(0.1)
    assert panel.sheet is not None
    return panel.sheet.card
