"""An administrator who is no superuser, as hosting providers give them: everything works, and what stays open is said.

docs/design.md, "Authorisation" (rule 6).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.permissions import StaffRole
from console.services import devices, people
from console.storage import embedded_binaries, embedded_config, migrate
from console.storage.administration import Administration
from console.storage.embedded import EmbeddedServer
from tests.support import factories, identities

OWNER = "hosted_admin"
NAME = "nexus_hosted"


@pytest.fixture
def hosted(request: pytest.FixtureRequest) -> Iterator[str]:
    """The connection string of somebody who owns a database and may make roles, on a server without our roles."""
    found = embedded_binaries.system() if request.config.getoption("--postgres") == "system" else []
    home = Path(tempfile.mkdtemp(prefix="nexus-pg-"))
    running = EmbeddedServer(home, binaries=found[-1] if found else None, options=embedded_config.THROWAWAY)
    running.start()
    try:
        with psycopg.connect(running.admin_dsn(), autocommit=True) as superuser:
            superuser.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD 'hosted'".encode())
            superuser.execute(f"CREATE DATABASE {NAME} OWNER {OWNER} TEMPLATE template0".encode())
        yield running.dsn(NAME, OWNER, "hosted")
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)


def test_everything_works_without_a_superuser(hosted: str) -> None:
    assert migrate.upgrade(hosted).changed
    assert not migrate.upgrade(hosted).changed
    with Administration(hosted) as administration, psycopg.connect(hosted, autocommit=True) as admin:
        desk = devices.enrol(administration, "Hosted")
        factories.venue(admin, slug="hosted-venue")
        people.add(administration, "maya@hosted.example", "Maya", "Lee", StaffRole.FRONT_DESK, "hosted-venue")
        person = administration.person_id("maya@hosted.example")
        admin.execute(
            "UPDATE users SET password_hash = %s WHERE id = %s",
            [identities.verifier(identities.PASSWORD), person],
        )
        with psycopg.connect(devices.desk_address(hosted, desk), autocommit=True) as connection:
            token = identities.sign_in(connection, "maya@hosted.example")
            identities.set_token(connection, token)
            row = connection.execute("SELECT auth.user_id(), (SELECT count(*) FROM venues)").fetchone()
            assert row == (person, 1)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT 1 FROM children")
            assert administration.revoke_device(
                next(d.id for d in administration.devices() if d.role == desk.role)
            )
            with pytest.raises(psycopg.Error):
                connection.execute("SELECT auth.require('roster.read', NULL)")
    open_things = [problem for problem in migrate.check(hosted) if problem.key == "open_to_all"]
    assert open_things
    assert "lo_" in open_things[0].sentence or "connection to" in open_things[0].sentence
