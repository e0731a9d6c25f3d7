"""Making a computer a desk: with the console's own server, or with an enrolment for another one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from console.errors import ConsoleError, Denied, Invalid, NotFound, Unavailable
from console.services import devices
from console.services.workstation import Workstation, is_not_enrolled
from console.settings import Settings
from console.storage.administration import Administration
from console.storage.secrets import FileSecrets
from tests.support import factories
from tests.support.databases import Database


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place of its own for the console's server, passable for the server's user."""
    place = Path(tempfile.mkdtemp(prefix="nexus-ws-"))
    place.chmod(0o755)
    monkeypatch.setenv("NEXUS_DATA_DIR", str(place))
    yield place
    shutil.rmtree(place, ignore_errors=True)


def ask(dsn: str, statement: str) -> object:
    """The first value of a statement over a connection string."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_first_run_makes_the_database_its_content_and_the_desk(own: Path, tmp_path: Path) -> None:
    loaded: list[str] = []
    steps: list[str] = []
    store = FileSecrets(tmp_path / "secrets")

    def load(dsn: str, say: Callable[[str], None]) -> None:
        loaded.append(dsn)
        say("Filling")

    station = Workstation(Settings(), load_demo=load, store=store)
    try:
        dsn = station.open(steps.append)
        assert ask(dsn, "SELECT auth.this_device() ->> 'name'") == "Desk 1"
        assert len(loaded) == 1
        assert steps[0] == "Starting the database"
        assert steps[-1] == "Filling"
        # Again, as after a failed start: the same desk, and nothing is loaded twice.
        assert station.open(steps.append) == dsn
        assert len(loaded) == 1
    finally:
        station.close()


def test_without_demo_a_new_database_stays_empty(own: Path, tmp_path: Path) -> None:
    station = Workstation(Settings(), store=FileSecrets(tmp_path / "secrets"))
    try:
        assert ask(station.open(lambda _step: None), "SELECT count(*) FROM auth.demo_accounts()") == 0
    finally:
        station.close()


_DEMO = """
    INSERT INTO auth.demo_accounts VALUES ((SELECT id FROM users LIMIT 1), 1, 'x');
    INSERT INTO audit_logs (action_category, action_type, context)
    VALUES ('admin', 'demo_loaded', jsonb_build_object('seed', 1, 'at', now() - interval '{age} days'));
    {more}"""


def open_twice(folder: Path, *, age: int, more: str = "", between: Callable[[str], object]) -> list[str]:
    """Open a console whose demo was made `age` days ago, do `between`, open it again; what it says then."""
    steps: list[str] = []

    def load(dsn: str, say: Callable[[str], None]) -> None:
        if steps:
            say("Filling")
            return
        with psycopg.connect(dsn, autocommit=True) as admin:
            factories.venue(admin, name="Riverside Studio", slug="riverside-studio")
            factories.user(admin)
            admin.execute(_DEMO.format(age=age, more=more).encode())

    station = Workstation(Settings(), load_demo=load, store=FileSecrets(folder / "secrets"))
    try:
        between(station.open(lambda _step: None))
        steps.append("again")
        station.open(steps.append)
    finally:
        station.close()
    return steps


@pytest.mark.parametrize(
    ("age", "more", "anew"),
    [
        (2, "", True),
        (0, "", False),
        (2, "INSERT INTO app.fixed_clock (instant, reason) VALUES (now(), 'demo')", False),
        (2, "DELETE FROM auth.demo_accounts", False),
    ],
    ids=["earlier", "today", "clock stands still", "real data"],
)
def test_only_a_demo_of_an_earlier_day_is_made_anew(
    own: Path, tmp_path: Path, age: int, more: str, anew: bool
) -> None:
    steps = open_twice(tmp_path, age=age, more=more, between=lambda _dsn: None)
    made = ["Making demo data for today", "Filling"]
    assert steps == [
        "again",
        "Starting the database",
        "Bringing the database up to date",
        *(made if anew else []),
    ]


def test_a_demo_that_somebody_is_using_stays(own: Path, tmp_path: Path) -> None:
    with ExitStack() as desks:
        steps = open_twice(
            tmp_path, age=2, between=lambda dsn: desks.enter_context(psycopg.connect(dsn, autocommit=True))
        )
    assert "Making demo data for today" not in steps


def enrolled_file(house: Database, folder: Path, name: str) -> Path:
    """An enrolment file as an administrator makes it."""
    with Administration(house.admin_dsn) as administration:
        made = devices.enrol(administration, name)
    file = folder / "desk.enrolment"
    file.write_text(made.to_text(), encoding="utf-8")
    return file


def address(house: Database) -> str:
    """The server's address as a desk is told it."""
    return f"postgresql://127.0.0.1:{house.server.port}/{house.name}"


def test_another_server_asks_for_an_enrolment_and_keeps_it(fresh_database: Database, tmp_path: Path) -> None:
    settings = Settings(database_url=address(fresh_database))
    store = FileSecrets(tmp_path / "secrets")
    station = Workstation(settings, store=store)
    with pytest.raises(NotFound) as caught:
        station.open(lambda _step: None)
    assert is_not_enrolled(caught.value)
    file = enrolled_file(fresh_database, tmp_path, "Front")
    dsn = station.connect(address(fresh_database), file)
    assert ask(dsn, "SELECT auth.this_device() ->> 'name'") == "Front"
    again = Workstation(settings, store=store)
    assert ask(again.open(lambda _step: None), "SELECT auth.this_device() ->> 'name'") == "Front"


def test_an_address_with_a_login_needs_no_enrolment(tmp_path: Path) -> None:
    given = "postgresql://nexus_desk_x:secret@127.0.0.1:5999/nexus"
    station = Workstation(Settings(database_url=given), store=FileSecrets(tmp_path))
    assert station.open(lambda _step: None) == given


def test_a_used_up_enrolment_is_refused_and_not_kept(fresh_database: Database, tmp_path: Path) -> None:
    file = enrolled_file(fresh_database, tmp_path, "Stolen")
    with Administration(fresh_database.admin_dsn) as administration:
        administration.revoke_device(administration.devices()[0].id)
    store = FileSecrets(tmp_path / "secrets")
    station = Workstation(Settings(database_url=address(fresh_database)), store=store)
    with pytest.raises(Denied) as caught:
        station.connect(address(fresh_database), file)
    assert caught.value.code == "enrolment_refused"
    assert devices.kept(store, address(fresh_database)) is None


@pytest.mark.parametrize(
    ("where", "content", "expected"),
    [
        ("postgresql://127.0.0.1:1/nexus", None, Unavailable),
        ("postgresql://db.example.invalid/nexus?sslmode=disable", None, Invalid),
        ("postgresql://127.0.0.1:1/nexus", "not an enrolment", Invalid),
    ],
)
def test_a_wrong_address_or_file_is_one_sentence(
    fresh_database: Database, tmp_path: Path, where: str, content: str | None, expected: type[ConsoleError]
) -> None:
    file = enrolled_file(fresh_database, tmp_path, "Desk 9")
    if content is not None:
        file.write_text(content, encoding="utf-8")
    station = Workstation(replace(Settings(), database_url=where), store=FileSecrets(tmp_path / "secrets"))
    with pytest.raises(expected) as caught:
        station.connect(where, file)
    assert caught.value.sentence.endswith(".")
