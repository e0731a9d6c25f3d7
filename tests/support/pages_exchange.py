"""The sheet for import and export, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from console.domain.exchange import Published
from console.views.exchange.sheet import ExchangeSheet
from console.views.shell.window import ShellWindow
from tests.support.exchange_samples import LONG, TODAY, FakeExchange, Places
from tests.support.pages import VENUE, page, rest, show_account


async def _sheet(window: ShellWindow, gateway: FakeExchange | None = None) -> ExchangeSheet:
    await show_account(window)
    sheet = ExchangeSheet(
        window.hub, window, gateway or FakeExchange(), today=TODAY, venue=VENUE.name, picker=Places()
    )
    sheet.open()
    await rest(0.1)
    return sheet


@page("import a programme")
async def show_import(window: ShellWindow) -> QWidget:
    """Which file, or which address."""
    return (await _sheet(window)).card


@page("columns of a table")
async def show_columns(window: ShellWindow) -> QWidget:
    """Which column holds which fact."""
    sheet = await _sheet(window)
    await sheet.open_path(Path("programme.csv"))
    await rest(0.1)
    return sheet.card


@page("report of an import")
async def show_report(window: ShellWindow) -> QWidget:
    """What a file would make."""
    sheet = await _sheet(window, FakeExchange(is_table=False))
    await sheet.open_path(Path("programme.ics"))
    await rest(0.1)
    return sheet.card


@page("export a programme")
async def show_export(window: ShellWindow) -> QWidget:
    """What goes out, and what is kept up to date."""
    kept = Published(f"/srv/shared/{LONG}", problem="The folder is not there.")
    sheet = await _sheet(window, FakeExchange(kept=kept))
    sheet.show_export()
    await sheet.runner.settled()
    await rest(0.1)
    return sheet.card
