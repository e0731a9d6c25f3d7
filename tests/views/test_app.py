"""The composition root over a real database: starting, each role's first page, a lost session, a failed start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from console.app import App
from console.domain import scram
from console.domain.person import Person
from console.errors import BugError, Conflict, Denied, FileTrouble, NotFound, Unavailable
from console.settings import Settings
from console.storage.connecting import Opener
from console.storage.embedded import EmbeddedServer
from console.views.account import AccountPage
from console.views.applications.page import ApplicationPage
from console.views.approvals.page import ApprovalsPage
from console.views.entry.connect import ConnectPage
from console.views.entry.sign_in import OFFLINE_NOTE, SignInPage
from console.views.entry.start import StartPage
from console.views.front_desk.page import TodayPage
from console.views.payouts.page import PayoutsPage
from console.views.preferences import Preferences
from console.views.theme import ThemeHub
from tests.support import databases, factories, identities
from tests.support.databases import Database
from tests.support.qt import present

PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def venue_database(_template: EmbeddedServer) -> Iterator[tuple[Database, UUID]]:
    """A database with one venue that has a session now."""
    made = databases.clone(_template, "app")
    with made.connect() as admin:
        venue = factories.venue(admin, name="Riverside Studio")
        session = factories.session(admin, factories.activity(admin, venue))
        factories.booking(admin, session)
    yield made, venue
    databases.drop(made)


@pytest.fixture(scope="module")
def verifier() -> str:
    """The stored form of the password, at the cost that the console insists on."""
    return scram.make_verifier(PASSWORD)


AddPerson = Callable[[str], str]


@pytest.fixture
def add_person(venue_database: tuple[Database, UUID], verifier: str) -> AddPerson:
    """Somebody with a role; their address."""
    database, venue = venue_database

    def add(role: str) -> str:
        made = identities.account(database, role, None if role.startswith("platform") else venue)
        with database.connect() as admin:
            admin.execute("UPDATE users SET password_hash = %s WHERE id = %s", [verifier, made.id])
        return made.email

    return add


@asynccontextmanager
async def opened(hub: ThemeHub, folder: Path, settings: Settings) -> AsyncIterator[App]:
    """A console that has started, and is stopped afterwards."""
    app = App(settings, hub=hub, preferences=Preferences(folder / "window.ini"), demo=False, poll_seconds=0)
    present(app.window, 1440, 900)
    try:
        await app.start()
        yield app
    finally:
        await app.stop()


def at_a_desk(database: Database) -> Settings:
    """The settings of a freshly enrolled desk."""
    desk = identities.enrol(database)
    login = f"{desk.role}:{desk.secret}"
    return Settings(database_url=f"postgresql://{login}@127.0.0.1:{database.server.port}/{database.name}")


async def signed_in(app: App, email: str) -> Person:
    """Sign somebody in through the page's own way."""
    person = await app.sign_in(email, PASSWORD)
    app.enter(person)
    for _ in range(40):
        await asyncio.sleep(0.02)
    return person


@pytest.mark.parametrize(
    ("role", "first", "areas"),
    [
        ("front_desk", TodayPage, "today building schedule waitlist bookings attention"),
        (
            "manager",
            TodayPage,
            "today building schedule activities waitlist bookings occupancy score feedback papers reviews attention"
            " applications",
        ),
        ("venue_finance", PayoutsPage, "payouts bookings revenue occupancy score"),
        (
            "platform_admin",
            ApprovalsPage,
            "approvals compliance venues scores moderation announcements payouts invoices revenue ledger integrity jobs"
            " applications",
        ),
        ("platform_finance", PayoutsPage, "payouts invoices revenue venues integrity"),
    ],
)
async def test_each_role_begins_where_its_work_is(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson,
    role: str, first: type, areas: str,
) -> None:  # fmt: skip
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        assert isinstance(app.window.page(), SignInPage)
        await signed_in(app, add_person(role))
        assert isinstance(app.window.page(), first)
        assert [area.key for area in app.window.areas] == [*areas.split(), "desk", "account"]
        app.window.open_area("account")
        assert isinstance(app.window.page(), AccountPage)
        assert app.window.status.text("connection") == "Online"
        for size in ((1440, 900), (1100, 700)):
            app.window.resize(*size)
            # Not processEvents: a round of the loop within a task loses whoever wakes in it.
            await asyncio.sleep(0.02)
            hidden = [
                one for one in (app.window.rail.list.above, app.window.rail.list.below) if one.isVisible()
            ]
            assert not hidden, f"{hidden[0].hint()} at {size}"


@pytest.mark.parametrize("role", ["manager", "platform_admin"])
async def test_an_approved_application_leads_on_for_whoever_applied(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson, role: str
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        await signed_in(app, add_person(role))
        app.window.open_area("applications")
        page = app.window.page()
        assert isinstance(page, ApplicationPage)
        page.venue_wanted.emit(venue_database[1])
        at_venues = app.window.page() is not page
        assert at_venues == (role == "platform_admin")
        if role == "manager":
            assert app.window.toasts.toast.text == "Your venue is open"


async def test_who_signed_in_is_offered_next_time(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        email = add_person("front_desk")
        await signed_in(app, email)
        await app.sign_out()
        page = app.window.page()
        assert isinstance(page, SignInPage)
        assert [one.email for one in app.preferences.known_people(app.clock.now())] == [email]


async def test_a_session_that_ends_elsewhere_leads_back_to_sign_in_with_the_reason(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        person = await signed_in(app, add_person("front_desk"))
        today = app.window.page()
        assert isinstance(today, TodayPage)
        with venue_database[0].connect() as admin:
            admin.execute(
                "UPDATE auth.person_sessions SET revoked_at = now(), revoked_why = 'administrator' WHERE user_id = %s",
                [person.id],
            )
        today.refresh()
        for _ in range(100):
            await asyncio.sleep(0.02)
            page = app.window.page()
            if isinstance(page, SignInPage):
                break
        assert isinstance(page, SignInPage)
        assert page.banner.text == "You were signed out. Sign in again."


async def _until_sign_in(app: App) -> SignInPage:
    for _ in range(150):
        await asyncio.sleep(0.02)
        page = app.window.page()
        if isinstance(page, SignInPage):
            return page
    raise AssertionError("the sign-in page did not come")


async def test_signing_out_on_every_desk_ends_the_sessions_and_leaves_the_page(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        person = await signed_in(app, add_person("front_desk"))
        app.window.open_area("account")
        page = app.window.page()
        assert isinstance(page, AccountPage)
        page.everywhere.click()
        await _until_sign_in(app)
        with venue_database[0].connect() as admin:
            left = admin.execute(
                "SELECT revoked_why::text FROM auth.person_sessions WHERE user_id = %s", [person.id]
            ).fetchall()
    assert left == [("signed_out_everywhere",)]


async def test_a_desk_that_was_revoked_shows_no_child_and_says_why(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    """Locking must hide the roster at once, also when the server has nothing good to say."""
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        person = await signed_in(app, add_person("front_desk"))
        with venue_database[0].connect() as admin:
            admin.execute(
                "UPDATE auth.devices SET status = 'revoked', revoked_at = now() WHERE id = %s",
                [person.device.id],
            )
        app.window.lock_requested.emit()
        page = await _until_sign_in(app)
        assert page.banner.text.startswith("This desk is no longer enrolled.")
        assert app.window.status.text("connection") == "Online", "the server did answer"
        assert app.window.areas == ()


async def test_locking_without_a_server_hides_the_roster_and_says_offline(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        await signed_in(app, add_person("front_desk"))
        assert app.database is not None
        # From here on every new connection goes where nothing listens, as when the network is gone.
        await app.database.set_token(None)
        app.database._opener = Opener("host=127.0.0.1 port=1 dbname=nexus connect_timeout=2")
        app.window.lock_requested.emit()
        page = await _until_sign_in(app)
        assert page.note.text() == OFFLINE_NOTE
        assert app.window.status.text("connection") == "Offline"
        assert app.window.areas == ()


async def test_a_server_that_refuses_is_not_called_offline(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        await signed_in(app, add_person("platform_finance"))
        for refusal in (
            Denied("Somebody else approves a run that you made."),
            NotFound("It is gone."),
            FileTrouble("The file cannot be written."),
            BugError("Something went wrong inside the console."),
        ):
            app.window.find_failed.emit(refusal)
            assert app.window.status.text("connection") == "Online"
        app.window.find_failed.emit(Unavailable("The server does not answer."))
        assert app.window.status.text("connection") == "Offline"
        app.window.find_failed.emit(Conflict("Somebody was faster."))
        assert app.window.status.text("connection") == "Offline", "it takes an answer that is one"
        app.window.find_failed.emit(FileTrouble("The file cannot be written."))
        assert app.window.status.text("connection") == "Offline", "it takes an answer that is one"


async def test_a_wrong_password_changes_nothing(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], add_person: AddPerson
) -> None:
    async with opened(hub, tmp_path, at_a_desk(venue_database[0])) as app:
        with pytest.raises(Denied):
            await app.sign_in(add_person("manager"), "not the password")
        assert isinstance(app.window.page(), SignInPage)
        assert app.service is not None
        assert app.service.person is None


async def test_a_desk_without_enrolment_is_asked_to_connect(
    hub: ThemeHub, tmp_path: Path, venue_database: tuple[Database, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUS_CONFIG_DIR", str(tmp_path / "config"))
    database = venue_database[0]
    address = f"postgresql://127.0.0.1:{database.server.port}/{database.name}"
    settings = Settings(database_url=address, secrets="file")
    async with opened(hub, tmp_path, settings) as app:
        page = app.window.page()
        assert isinstance(page, ConnectPage)
        assert page.address.text() == address


async def test_a_server_that_is_away_is_said_and_tried_again(hub: ThemeHub, tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://nexus_desk_x:secret@127.0.0.1:1/nexus")
    async with opened(hub, tmp_path, settings) as app:
        page = app.window.page()
        assert isinstance(page, StartPage)
        assert page.banner.text.startswith("The database cannot be reached.")
        assert app.window.status.text("connection") == "Offline"


async def test_an_unexpected_error_is_one_sentence_and_a_line_in_the_log(
    hub: ThemeHub, tmp_path: Path, expected_logs: list[str]
) -> None:
    app = App(Settings(), hub=hub, preferences=Preferences(tmp_path / "window.ini"), demo=False)
    present(app.window, 1440, 900)
    app.report(ZeroDivisionError("secret detail"), "a test")
    shown = app.window.toasts.toast.text
    assert "secret detail" not in shown
    assert shown.startswith("Something went wrong inside the console.")
    assert expected_logs == [
        "ERROR console.app.life unexpected error in a test: ZeroDivisionError('secret detail')"
    ]
