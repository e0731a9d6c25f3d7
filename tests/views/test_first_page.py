"""A desk that was here before shows its sign-in page at once, and is made ready while somebody types."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QSettings

from console.app import App
from console.app.first_page import keep_desk, kept_desk
from console.domain import scram
from console.domain.person import DeskInfo, DeviceRef
from console.errors import Unavailable
from console.settings import Settings
from console.storage.embedded import EmbeddedServer
from console.views.entry.sign_in import SignInPage
from console.views.entry.start import StartPage
from console.views.front_desk.page import TodayPage
from console.views.preferences import Preferences
from console.views.theme import ThemeHub
from tests.support import databases, factories, identities
from tests.support.databases import Database
from tests.support.qt import present

PASSWORD = "four plain words here"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HERE = Settings(database_url="postgresql://nexus_desk_x:secret@127.0.0.1:1/nexus")


def info(*, demo: bool = False) -> DeskInfo:
    """A desk at a venue."""
    device = DeviceRef(uuid4(), "Front desk 1", uuid4())
    return DeskInfo(device, "Riverside Studio", "Europe/Vienna", demo, NOW)


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    """An empty memory."""
    return Preferences(tmp_path / "window.ini")


@pytest.fixture(scope="module")
def place(_template: EmbeddedServer) -> Iterator[tuple[Settings, str]]:
    """A desk, and somebody who works at it."""
    made: Database = databases.clone(_template, "first_page")
    with made.connect() as admin:
        venue: UUID = factories.venue(admin, name="Riverside Studio")
        factories.booking(admin, factories.session(admin, factories.activity(admin, venue)))
    person = identities.account(made, "front_desk", venue)
    with made.connect() as admin:
        admin.execute(
            "UPDATE users SET password_hash = %s WHERE id = %s", [scram.make_verifier(PASSWORD), person.id]
        )
    desk = identities.enrol(made)
    login = f"{desk.role}:{desk.secret}"
    yield Settings(database_url=f"postgresql://{login}@127.0.0.1:{_template.port}/{made.name}"), person.email
    databases.drop(made)


def console(settings: Settings, hub: ThemeHub, folder: Path) -> App:
    """A console that has not started yet."""
    app = App(settings, hub=hub, preferences=Preferences(folder / "window.ini"), demo=False, poll_seconds=0)
    present(app.window, 1440, 900)
    return app


def test_what_is_kept_comes_back_only_for_the_same_server(preferences: Preferences) -> None:
    desk = info()
    keep_desk(preferences, HERE, desk)
    assert kept_desk(preferences, HERE, NOW) == desk
    assert kept_desk(preferences, Settings(database_url="postgresql://elsewhere/nexus"), NOW) is None
    assert kept_desk(preferences, Settings(), NOW) is None
    kept = json.dumps(preferences.last_desk)
    assert "secret" not in kept
    assert "127.0.0.1" not in kept


def test_a_demo_is_not_kept_and_forgets_what_was(preferences: Preferences) -> None:
    keep_desk(preferences, HERE, info())
    keep_desk(preferences, HERE, info(demo=True))
    assert preferences.last_desk == {}


@pytest.mark.parametrize("broken", [{"id": "x"}, {"id": 3}, {"venue": ["x"]}, {"name": None, "id": None}])
def test_a_damaged_memory_costs_only_the_sooner_page(
    preferences: Preferences, broken: dict[str, object]
) -> None:
    keep_desk(preferences, HERE, info())
    preferences.last_desk = {**preferences.last_desk, **broken}
    assert kept_desk(preferences, HERE, NOW) is None


async def test_a_known_desk_can_be_signed_in_at_before_its_server_answered(
    hub: ThemeHub, tmp_path: Path, place: tuple[Settings, str]
) -> None:
    settings, email = place
    first = console(settings, hub, tmp_path)
    assert isinstance(first.window.page(), StartPage), "nothing is known of the desk yet"
    await first.start()
    await first.stop()
    second = console(settings, hub, tmp_path)
    page = second.window.page()
    assert isinstance(page, SignInPage)
    starting = asyncio.ensure_future(second.start())
    page.email.setText(email)
    page.password.setText(PASSWORD)
    page.submit()
    assert page.busy
    await starting
    assert second.window.page() is page, "what was typed stays"
    for _ in range(500):
        await asyncio.sleep(0.01)
        if isinstance(second.window.page(), TodayPage):
            break
    assert isinstance(second.window.page(), TodayPage)
    await second.stop()


async def test_a_known_desk_without_a_server_says_so_and_keeps_what_is_typed(
    hub: ThemeHub, tmp_path: Path
) -> None:
    keep_desk(Preferences(tmp_path / "window.ini"), HERE, info())
    app = console(HERE, hub, tmp_path)
    page = app.window.page()
    assert isinstance(page, SignInPage)
    page.password.setText("half a pass")
    await app.start()
    assert app.window.page() is page
    assert page.password.text() == "half a pass"
    assert page.banner.text.startswith("The database cannot be reached.")
    assert app.window.status.text("connection") == "Offline"
    with pytest.raises(Unavailable):
        await app.sign_in("maya@staff.example", PASSWORD)
    await app.stop()


async def test_a_desk_that_is_no_longer_enrolled_is_asked_to_connect(
    hub: ThemeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUS_CONFIG_DIR", str(tmp_path / "config"))
    settings = Settings(database_url="postgresql://127.0.0.1:1/nexus", secrets="file")
    keep_desk(Preferences(tmp_path / "window.ini"), settings, info())
    app = console(settings, hub, tmp_path)
    assert isinstance(app.window.page(), SignInPage)
    await app.start()
    assert type(app.window.page()).__name__ == "ConnectPage"
    await app.stop()


def test_the_memory_is_in_the_file_that_the_rest_is_in(tmp_path: Path) -> None:
    kept = Preferences(tmp_path / "window.ini")
    keep_desk(kept, HERE, info())
    del kept
    found = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    assert json.loads(str(found.value("last_desk")))["name"] == "Front desk 1"
