"""The whole console while its server goes away and comes back: nothing lost, nothing shown as recorded before it is.

docs/design.md, "The desk protocol"; console/app/.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.app import App
from console.domain import scram
from console.settings import Settings
from console.storage.embedded import EmbeddedServer
from console.views.entry.sign_in import SignInPage
from console.views.front_desk.page import TodayPage
from console.views.preferences import Preferences
from console.views.theme import ThemeHub
from tests.support import databases, factories, identities
from tests.support.databases import Database
from tests.support.proxy import Proxy
from tests.support.qt import present

PASSWORD = "four plain words here"
PATIENCE = 20.0


@dataclass
class Lobby:
    """A venue with a session now, a desk behind a network that can be cut, and somebody to work at it."""

    database: Database
    proxy: Proxy
    settings: Settings
    email: str
    bookings: list[UUID]

    def states(self) -> list[str]:
        with self.database.connect() as admin:
            rows = admin.execute(
                "SELECT attendance_state FROM bookings WHERE id = ANY (%s) ORDER BY id", [self.bookings]
            ).fetchall()
        return sorted(str(row[0]) for row in rows)


@pytest.fixture
def lobby(_template: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Lobby]:
    """The lobby, for one test."""
    monkeypatch.setenv("NEXUS_DATA_DIR", str(tmp_path / "data"))
    made = databases.clone(_template, "lobby")
    with made.connect() as admin:
        now = datetime.now(UTC)
        venue = factories.venue(admin, name="Riverside Studio", timezone=factories.zone_at_noon(now))
        start = now + timedelta(minutes=10)
        session = factories.session(admin, factories.activity(admin, venue), starts_at=start)
        names = ("Amara", "Bea", "Nia")
        bookings = [
            factories.booking(admin, session, factories.child(admin, first_name=name)) for name in names
        ]
    desk = identities.enrol(made)
    person = identities.account(made, "front_desk", venue)
    with made.connect() as admin:
        verifier = scram.make_verifier(PASSWORD)
        admin.execute("UPDATE users SET password_hash = %s WHERE id = %s", [verifier, person.id])
    with Proxy(made.server.port) as proxy:
        address = f"postgresql://{desk.role}:{desk.secret}@127.0.0.1:{proxy.port}/{made.name}"
        yield Lobby(made, proxy, Settings(database_url=address), person.email, bookings)
    databases.drop(made)


@asynccontextmanager
async def console(hub: ThemeHub, folder: Path, lobby: Lobby) -> AsyncIterator[App]:
    """A console that has started, and is stopped afterwards."""
    app = App(
        lobby.settings, hub=hub, preferences=Preferences(folder / "window.ini"), demo=False, poll_seconds=0
    )
    present(app.window, 1440, 900)
    try:
        await app.start()
        yield app
    finally:
        await app.stop()


async def until(what: Callable[[], bool], words: str) -> None:
    """Wait until something is true; a test that waits too long fails."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not what():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"waited in vain: {words}")


async def enter(app: App, email: str) -> TodayPage:
    """Sign in and wait for the roster."""
    app.enter(await app.sign_in(email, PASSWORD))
    page = app.window.page()
    assert isinstance(page, TodayPage)
    await until(lambda: page.day.roster.rowCount() == 3, "the roster")
    return page


async def check_in(page: TodayPage, name: str) -> None:
    """Type a name and press Enter."""
    line = page.middle.scan.line
    line.setFocus()
    QTest.keyClicks(line, name)
    await asyncio.sleep(0.3)
    QTest.keyClick(line, Qt.Key.Key_Return)
    await asyncio.sleep(0.05)


def look(page: TodayPage, name: str) -> str:
    """How a child's row looks."""
    return next(row.look for row in page.day.roster.rows if row.entry.first_name == name)


async def test_a_cut_network_is_worked_through_and_everything_arrives(
    hub: ThemeHub, tmp_path: Path, lobby: Lobby
) -> None:
    async with console(hub, tmp_path, lobby) as app:
        page = await enter(app, lobby.email)
        status = app.window.status
        await until(lambda: page.day.gateway.status().as_of is not None, "the rosters are kept")  # type: ignore[attr-defined]
        await check_in(page, "Amara")
        await until(lambda: look(page, "Amara") == "in", "Amara is green")
        lobby.proxy.refuse()
        await check_in(page, "Bea")
        await until(lambda: "waiting" in page.middle.band.title, "the band says waiting")
        assert look(page, "Bea") != "in"
        assert lobby.states() == ["expected", "expected", "in"]
        await until(lambda: status.text("connection").startswith("Offline"), "the bar says offline")
        await until(lambda: "1 waiting" in status.text("connection"), "the bar says how many wait")
        assert QApplication.activeModalWidget() is None
        lobby.proxy.pass_on()
        await until(lambda: look(page, "Bea") == "in", "Bea is green")
        assert lobby.states() == ["expected", "in", "in"]
        await until(lambda: status.text("connection") == "Online", "the bar says online")


async def test_a_desk_that_starts_without_its_server_opens_by_password_and_sends_later(
    hub: ThemeHub, tmp_path: Path, lobby: Lobby
) -> None:
    async with console(hub, tmp_path, lobby) as app:
        page = await enter(app, lobby.email)
        await until(lambda: page.day.gateway.status().as_of is not None, "the rosters are kept")  # type: ignore[attr-defined]
    lobby.proxy.refuse()
    async with console(hub, tmp_path, lobby) as app:
        assert isinstance(app.window.page(), SignInPage)
        page = await enter(app, lobby.email)
        await check_in(page, "Nia")
        await until(lambda: "waiting" in page.middle.band.title, "the band says waiting")
        assert lobby.states() == ["expected"] * 3
        lobby.proxy.pass_on()
        await until(lambda: "in" in lobby.states(), "the check-in arrives")
        await until(lambda: look(page, "Nia") == "in", "Nia is green")
        assert app.service is not None
        assert app.service.person is not None  # signed in at the server again, without being asked


async def test_what_waits_survives_the_end_of_the_console(
    hub: ThemeHub, tmp_path: Path, lobby: Lobby
) -> None:
    async with console(hub, tmp_path, lobby) as app:
        page = await enter(app, lobby.email)
        await until(lambda: page.day.gateway.status().as_of is not None, "the rosters are kept")  # type: ignore[attr-defined]
        lobby.proxy.refuse()
        await check_in(page, "Bea")
        await until(lambda: "waiting" in page.middle.band.title, "the band says waiting")
    assert lobby.states() == ["expected"] * 3
    lobby.proxy.pass_on()
    async with console(hub, tmp_path, lobby) as app:
        page = await enter(app, lobby.email)
        await until(lambda: "in" in lobby.states(), "the check-in arrives")
        await until(lambda: look(page, "Bea") == "in", "Bea is green")


async def test_every_venue_of_a_person_is_kept(hub: ThemeHub, tmp_path: Path, lobby: Lobby) -> None:
    with lobby.database.connect() as admin:
        other = factories.venue(admin, name="Woodland Hall")
        person = factories.one(admin, "SELECT id FROM users WHERE email = %s", lobby.email)
        factories.grant(admin, person, "front_desk", other)
    async with console(hub, tmp_path, lobby) as app:
        await enter(app, lobby.email)
        keeping = app.access.keeping
        assert keeping is not None
        cache = keeping.cache
        assert cache is not None
        await until(lambda: cache.state(other) is not None, "the other venue's rosters are kept")
