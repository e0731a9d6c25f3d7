"""One's own authenticator: set up, replaced and taken away only with the password, and only once it works.

docs/design.md, "Sign-in".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlparse
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain import totp
from console.domain.authenticator import AuthenticatorDraft
from console.errors import Conflict, Denied, Invalid, SignInRefused
from console.services.sign_in import SignInService
from console.storage.database import Database as Pool
from tests.support import identities
from tests.support.databases import Connection, Database

CHANGE = "SELECT auth.change_authenticator(%s, %s, %s, '{}')"
CODES = "SELECT auth.change_recovery_codes(%s, %s)"


def _now(secret: str, later: int = 0) -> str:
    return totp.totp(secret, datetime.now(UTC) + timedelta(seconds=30 * later))


def _ticket(person: identities.SignedIn, password: str | None = None, code: str | None = None) -> UUID:
    ticket, nonce, answer = identities.start(person.connection, person.account.email)
    proof = identities.proof_for(person.account.email, password or person.account.password, nonce, answer)
    identities.prove(person.connection, ticket, proof.proof, code)
    return ticket


def _refused(connection: Connection, query: str, *values: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(query, values)
    return identities.refusal(caught.value)


def test_it_needs_the_password_the_new_code_and_later_its_own(house: Database) -> None:
    with identities.at_desk(house) as maya:
        secret = totp.new_secret()
        desk = maya.connection
        wrong = ("NX403", "wrong_credentials")
        assert _refused(desk, CHANGE, _ticket(maya, "wrong"), secret, _now(secret)) == wrong
        for code in ("000000", "", None, _now(totp.new_secret()), _now(secret, -9)):
            assert _refused(desk, CHANGE, _ticket(maya), secret, code) == ("NX422", "new_code_wrong")
        desk.execute(CHANGE, [_ticket(maya), secret, _now(secret)])
        other = totp.new_secret()
        assert _refused(desk, CHANGE, _ticket(maya), other, _now(other)) == ("NX403", "code_needed")
        assert _refused(desk, CHANGE, _ticket(maya), None, None) == ("NX403", "code_needed")
        desk.execute(CHANGE, [_ticket(maya, code=_now(secret)), None, None])
        desk.execute(CHANGE, [_ticket(maya), other, _now(other)])
        desk.execute("SELECT auth.sign_out()")
        assert _refused(desk, CHANGE, uuid4(), None, None) == ("NX403", "signed_out")
        assert _refused(desk, CODES, uuid4(), []) == ("NX403", "signed_out")


def test_a_weak_or_broken_secret_is_refused(house: Database) -> None:
    with identities.at_desk(house) as maya:
        short = "MFRGGZDFMZTWQ2LK"
        assert _refused(maya.connection, CHANGE, _ticket(maya), short, _now(short)) == (
            "NX422",
            "authenticator",
        )
        broken = ("NX422", "new_code_wrong")
        assert _refused(maya.connection, CHANGE, _ticket(maya), "not base 32!", "000000") == broken


def test_nobody_replaces_the_recovery_codes_of_another(house: Database) -> None:
    with identities.at_desk(house) as maya, identities.at_desk(house) as other:
        assert _refused(maya.connection, CODES, _ticket(other), []) == ("NX403", "ticket")
        assert _refused(maya.connection, CODES, _ticket(maya), []) == ("NX409", "no_authenticator")


@pytest.fixture
async def maya(house: Database) -> AsyncIterator[tuple[SignInService, identities.Account]]:
    """Somebody signed in at a desk of her own, through the pool and the service."""
    pool = Pool(identities.enrol(house).dsn)
    service = SignInService(pool, minimum_iterations=1, iterations=600_000)
    account = identities.account(house)
    await service.sign_in(account.email, account.password)
    yield service, account
    await pool.close()


async def test_from_the_picture_to_the_next_sign_in(
    maya: tuple[SignInService, identities.Account],
) -> None:
    service, account = maya
    draft = AuthenticatorDraft(account.email)
    with pytest.raises(Invalid, match="not the code your app shows") as wrong:
        await service.set_up_authenticator(draft, "000000", account.password)
    assert wrong.value.code == "new_code_wrong"
    assert not (await service.refresh()).has_authenticator
    assert service.person is not None
    person = await service.set_up_authenticator(draft, _now(draft.secret), account.password)
    assert person.has_authenticator
    await service.sign_out()
    with pytest.raises(SignInRefused) as needed:
        await service.sign_in(account.email, account.password)
    assert needed.value.code == "code_needed"
    await service.sign_in(account.email, account.password, _now(draft.secret))


async def test_a_recovery_code_signs_in_once_and_new_ones_replace_the_old(
    maya: tuple[SignInService, identities.Account],
) -> None:
    service, account = maya
    draft = AuthenticatorDraft(account.email)
    await service.set_up_authenticator(draft, _now(draft.secret), account.password)
    await service.sign_in(account.email, account.password, draft.recovery_codes[0].lower())
    with pytest.raises(SignInRefused) as used:
        await service.sign_in(account.email, account.password, draft.recovery_codes[0])
    assert used.value.code == "code_wrong"
    await service.sign_in(account.email, account.password, draft.recovery_codes[1])
    fresh = await service.new_recovery_codes(account.password, draft.recovery_codes[2])
    assert len(set(fresh)) == totp.RECOVERY_CODES
    with pytest.raises(SignInRefused):
        await service.sign_in(account.email, account.password, draft.recovery_codes[3])
    await service.sign_in(account.email, account.password, fresh[0])


async def test_turning_it_off_needs_password_and_code(
    maya: tuple[SignInService, identities.Account],
) -> None:
    service, account = maya
    draft = AuthenticatorDraft(account.email)
    await service.set_up_authenticator(draft, _now(draft.secret), account.password)
    with pytest.raises(SignInRefused, match="do not match"):
        await service.remove_authenticator("wrong password", _now(draft.secret))
    with pytest.raises(SignInRefused, match="That code is not right"):
        await service.remove_authenticator(account.password, "000000")
    person = await service.remove_authenticator(account.password, _now(draft.secret))
    assert not person.has_authenticator
    with pytest.raises(Conflict, match="no authenticator"):
        await service.new_recovery_codes(account.password, "")
    await service.sign_in(account.email, account.password)


async def test_nobody_signed_in_changes_nothing(maya: tuple[SignInService, identities.Account]) -> None:
    service, account = maya
    await service.sign_out()
    with pytest.raises(Denied):
        await service.set_up_authenticator(AuthenticatorDraft(account.email), "000000", account.password)
    with pytest.raises(Denied):
        await service.remove_authenticator(account.password, "000000")
    with pytest.raises(Denied):
        await service.new_recovery_codes(account.password, "000000")


def test_a_draft_tells_the_app_everything_and_a_log_nothing() -> None:
    draft = AuthenticatorDraft("maya@riverside.example")
    found = urlparse(draft.uri)
    assert (found.scheme, found.netloc) == ("otpauth", "totp")
    assert unquote(found.path) == "/Nexus Console:maya@riverside.example"
    assert "+" not in draft.uri
    assert {name: value[0] for name, value in parse_qs(found.query).items()} == {
        "secret": draft.secret,
        "issuer": "Nexus Console",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    assert draft.typed_secret.replace(" ", "") == draft.secret
    assert all(len(group) == 4 for group in draft.typed_secret.split())
    assert draft.secret not in repr(draft)
    assert draft.recovery_codes[0] not in repr(draft)
