"""The sign-in service and the pool over a real desk: the whole way from a password to a person and back.

docs/design.md, "Sign-in" and "Authorisation".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Column, MetaData, Table, Uuid, select

from console.domain import scram
from console.errors import Denied, Invalid, NotFound, SignInRefused, Unavailable
from console.permissions import Permission, StaffRole
from console.services.sign_in import SignInService
from console.storage.database import Database as Pool
from tests.support import factories, identities
from tests.support.databases import Database


@dataclass
class Desk:
    """A desk with its pool and its service."""

    enrolled: identities.Desk
    pool: Pool
    service: SignInService


Opener = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def open_desk(house: Database) -> AsyncIterator[Opener]:
    """Make desks; their pools are closed afterwards."""
    pools: list[Pool] = []

    async def opener(enrolled: identities.Desk | None = None, **options: int) -> Desk:
        enrolled = enrolled or identities.enrol(house)
        pool = Pool(enrolled.dsn)
        pools.append(pool)
        service = SignInService(pool, **({"minimum_iterations": 1, "iterations": 600_000} | options))
        return Desk(enrolled, pool, service)

    yield opener
    for pool in pools:
        await pool.close()


async def test_signing_in_answers_the_person_with_their_rights(house: Database, open_desk: Opener) -> None:
    with house.connect() as admin:
        venue = factories.venue(admin, name="Riverside", timezone="America/New_York")
    person = identities.account(house, "manager", venue)
    desk = await open_desk()
    found = await desk.service.sign_in(f"  {person.email.upper()} ", person.password)
    assert (found.id, found.device.id) == (person.id, desk.enrolled.device_id)
    assert found.role_words == "Manager"
    assert [v.name for v in found.venues] == ["Riverside"]
    assert found.can(Permission.SCHEDULE_EDIT, venue)
    assert not found.can(Permission.PAYOUTS_READ)
    assert not found.can_everywhere(Permission.SCHEDULE_EDIT)
    assert not found.demo
    assert found.expires_at > found.server_time
    assert desk.service.person is found
    assert (await desk.service.refresh()).grants == found.grants


async def test_a_refused_sign_in_leaves_nobody_signed_in(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    desk = await open_desk()
    await desk.service.sign_in(person.email, person.password)
    with pytest.raises(SignInRefused) as caught:
        await desk.service.sign_in(person.email, "wrong password")
    assert caught.value.code == "wrong_credentials"
    assert caught.value.retry_after_seconds is None
    assert not desk.pool.signed_in
    with pytest.raises(Denied, match="signed out"):
        await desk.service.refresh()


async def test_lockout_says_how_long(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    desk = await open_desk()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await desk.service.sign_in(person.email, "wrong password")
    with pytest.raises(SignInRefused) as caught:
        await desk.service.sign_in(person.email, person.password)
    assert caught.value.code == "locked"
    assert caught.value.retry_after_seconds is not None
    assert 800 < caught.value.retry_after_seconds <= 900
    assert "15 minutes" in str(caught.value)


async def test_a_server_that_asks_for_few_iterations_is_refused(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    desk = await open_desk(minimum_iterations=scram.MINIMUM_ITERATIONS)
    with pytest.raises(Denied, match="right one") as caught:
        await desk.service.sign_in(person.email, person.password)
    assert caught.value.code == "impostor"


async def test_a_server_that_does_not_know_the_verifier_is_refused(
    house: Database, open_desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = identities.account(house)
    desk = await open_desk()
    monkeypatch.setattr(scram, "server_is_genuine", lambda *_: False)
    with pytest.raises(Denied) as caught:
        await desk.service.sign_in(person.email, person.password)
    assert caught.value.code == "impostor"
    assert not desk.pool.signed_in


async def test_the_next_person_never_inherits_a_connection(house: Database, open_desk: Opener) -> None:
    first, second = identities.account(house), identities.account(house)
    desk = await open_desk()
    await desk.service.sign_in(first.email, first.password)
    before = {(await desk.pool.fetch("SELECT pg_backend_pid()"))[0][0] for _ in range(3)}
    await desk.service.sign_out()
    assert (await desk.pool.fetch("SELECT auth.user_id()"))[0][0] is None
    await desk.service.sign_in(second.email, second.password)
    row = (await desk.pool.fetch("SELECT auth.user_id(), pg_backend_pid()"))[0]
    assert row[0] == second.id
    assert row[1] not in before


async def test_signing_out_revokes_the_token(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    desk = await open_desk()
    found = await desk.service.sign_in(person.email, person.password)
    await desk.service.sign_out()
    with house.connect() as admin:
        row = admin.execute(
            "SELECT revoked_why FROM auth.person_sessions WHERE id = %s", [found.session_id]
        ).fetchone()
    assert row == ("signed_out",)


async def test_signing_out_everywhere_ends_the_other_desk(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    here, there = await open_desk(), await open_desk()
    await here.service.sign_in(person.email, person.password)
    await there.service.sign_in(person.email, person.password)
    await here.service.sign_out(everywhere=True)
    with pytest.raises(Denied):
        await there.service.refresh()


async def test_changing_the_password_ends_other_sessions_and_keeps_this_one(
    house: Database, open_desk: Opener
) -> None:
    person = identities.account(house)
    here, there = await open_desk(), await open_desk()
    await here.service.sign_in(person.email, person.password)
    await there.service.sign_in(person.email, person.password)
    with pytest.raises(Invalid, match="10 characters"):
        await here.service.change_password(person.password, "short")
    with pytest.raises(SignInRefused):
        await here.service.change_password("not my password", "a much better one")
    await here.service.change_password(person.password, "a much better one")
    assert (await here.service.refresh()).id == person.id
    with pytest.raises(Denied):
        await there.service.refresh()
    assert (await there.service.sign_in(person.email, "a much better one")).id == person.id


async def test_a_revoked_desk_is_told_so(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    desk = await open_desk()
    await desk.service.sign_in(person.email, person.password)
    with house.connect() as admin:
        admin.execute("SELECT admin.device_revoke(%s)", [desk.enrolled.device_id])
    with pytest.raises((Denied, Unavailable)):
        await desk.service.refresh()
    with pytest.raises(Denied) as caught:
        await desk.service.this_device()
    assert caught.value.code == "device_revoked"


async def test_a_desk_knows_itself_before_anybody_signs_in(house: Database, open_desk: Opener) -> None:
    with house.connect() as admin:
        venue = factories.venue(admin, name="Riverside")
    desk = await open_desk(identities.enrol(house, "Desk 1", venue))
    info = await desk.service.this_device()
    assert (info.device.name, info.venue_name, info.demo) == ("Desk 1", "Riverside", False)
    assert await desk.service.demo_accounts() == []


async def test_a_demo_database_lists_its_accounts(house: Database, open_desk: Opener) -> None:
    person = identities.account(house, "front_desk")
    with house.connect() as admin:
        admin.execute("INSERT INTO auth.demo_accounts VALUES (%s, 1, 'nexus-demo')", [person.id])
    desk = await open_desk()
    listed = await desk.service.demo_accounts()
    assert [(a.email, a.role, a.password, a.asks_code) for a in listed] == [
        (person.email, StaffRole.FRONT_DESK, "nexus-demo", False)
    ]
    with house.connect() as admin:
        admin.execute(
            "UPDATE users SET mfa_enabled = true, mfa_secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' WHERE id = %s",
            [person.id],
        )
    assert [a.asks_code for a in await desk.service.demo_accounts()] == [True]
    assert (await desk.service.this_device()).demo


async def test_refusals_and_faults_become_console_errors(house: Database, open_desk: Opener) -> None:
    admin_person = identities.account(house, "platform_admin")
    desk = await open_desk()
    await desk.service.sign_in(admin_person.email, admin_person.password)
    with pytest.raises(NotFound, match="Nobody has"):
        await desk.pool.call("admin.person_id", address="nobody@example.org")
    with pytest.raises(Denied, match="may not"):
        await desk.pool.fetch("SELECT first_name FROM children")
    with pytest.raises(Invalid):
        await desk.pool.fetch("SELECT 1 / 0")
    with pytest.raises(ValueError, match="function"):
        await desk.pool.call("pg_sleep; drop")


async def test_no_server_is_unavailable() -> None:
    pool = Pool("host=127.0.0.1 port=1 dbname=x user=y password=z")
    with pytest.raises(Unavailable):
        await pool.fetch("SELECT 1")
    await pool.close()


async def test_a_select_survives_a_connection_that_died(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    desk = await open_desk()
    await desk.service.sign_in(person.email, person.password)
    venues = Table("venues", MetaData(), Column("id", Uuid))
    assert len(await desk.pool.fetch(select(venues.c.id))) == 1
    with house.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [desk.enrolled.role]
        )
    assert len(await desk.pool.fetch(select(venues.c.id))) == 1


async def test_a_statement_under_way_finishes_and_its_connection_is_not_used_again(
    house: Database, open_desk: Opener
) -> None:
    person = identities.account(house)
    desk = await open_desk()
    await desk.service.sign_in(person.email, person.password)
    slow = asyncio.create_task(desk.pool.fetch("SELECT pg_backend_pid(), auth.user_id(), pg_sleep(0.3)"))
    await asyncio.sleep(0.1)
    await desk.service.sign_out()
    pid, user, _ = (await slow)[0]
    assert user == person.id
    with house.connect() as admin:
        for _ in range(50):
            if admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is None:
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("the connection of the person before is still open")


async def test_signing_out_without_a_server_still_forgets_the_person(
    house: Database, open_desk: Opener
) -> None:
    person = identities.account(house)
    desk = await open_desk()
    await desk.service.sign_in(person.email, person.password)
    with house.connect() as admin:
        admin.execute(f"ALTER ROLE {desk.enrolled.role} CONNECTION LIMIT 0".encode())
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [desk.enrolled.role]
        )
    with pytest.raises(Unavailable):
        await desk.service.refresh()
    await desk.service.sign_out()
    assert not desk.pool.signed_in
    assert desk.service.person is None


async def test_a_role_that_somebody_spoilt_still_works(house: Database, open_desk: Opener) -> None:
    person = identities.account(house)
    enrolled = identities.enrol(house)
    with enrolled.connect() as connection:
        for setting in (
            "search_path = pg_temp",
            "default_transaction_isolation = serializable",
            "default_transaction_read_only = on",
            "statement_timeout = 1",
            "standard_conforming_strings = off",
        ):
            connection.execute(f"ALTER ROLE {enrolled.role} SET {setting}".encode())
    desk = await open_desk(enrolled)
    assert (await desk.pool.fetch("SELECT auth.user_id()"))[0][0] is None
    assert (await desk.service.sign_in(person.email, person.password)).id == person.id
    assert len(await desk.pool.fetch("SELECT id FROM venues")) == 1


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ("postgresql://db.example.org/nexus", "verify-full"),
        ("host=db.example.org,db2.example.org dbname=nexus", "verify-full"),
        ("host=127.0.0.1 dbname=nexus", "disable"),
        ("postgresql://localhost/nexus", "disable"),
        ("host=/var/run/postgresql dbname=nexus", "disable"),
    ],
)
async def test_names_travel_only_encrypted(given: str, mode: str) -> None:
    pool = Pool(given)
    assert f"sslmode={mode}" in pool.dsn
    assert ("target_session_attrs=read-write" in pool.dsn) == ("," in given)
    assert "tcp_user_timeout=15000" in pool.dsn
    await pool.close()


def test_a_remote_address_without_verification_is_refused() -> None:
    with pytest.raises(Invalid, match="verify-full"):
        Pool("postgresql://db.example.org/nexus?sslmode=require")
    with pytest.raises(Invalid, match="cannot be read"):
        Pool("host=a b c")
