"""Sign-in and the signed-in person, as the database's auth.* functions answer them.

Three calls make a sign-in, each a statement and so a transaction of its own. See docs/design.md, "Sign-in".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from console.domain.person import DemoAccount, DeskInfo, DeviceRef, Grant, Person, VenueRef
from console.domain.scram import ServerFirst
from console.permissions import Permission, StaffRole
from console.storage.database import Database


@dataclass(frozen=True, slots=True)
class Started:
    """The first answer: the ticket that names this sign-in, and what the proof is computed from."""

    ticket: UUID
    answer: ServerFirst


@dataclass(frozen=True, slots=True)
class Granted:
    """The last answer. `token` is a secret."""

    token: str
    server_signature: bytes
    expires_at: datetime


class IdentityQueries:
    """The auth.* functions over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Use `database`, whoever is signed in on it."""
        self._database = database

    async def start(self, address: str, client_nonce: str) -> Started:
        """Begin a sign-in. Raises SignInRefused while this desk is locked out, Invalid for an impossible address."""
        rows = await self._database.call("auth.sign_in_start", address=address, client_nonce=client_nonce)
        row = rows[0]
        return Started(row.ticket, ServerFirst(bytes(row.salt), row.iterations, row.server_nonce))

    async def prove(self, ticket: UUID, proof: bytes, code: str | None) -> None:
        """Hand in the proof; what it came to is not said yet."""
        await self._database.call("auth.sign_in_prove", ticket=ticket, proof=proof, code=code)

    async def finish(self, ticket: UUID) -> Granted:
        """The token, or SignInRefused with its reason."""
        row = (await self._database.call("auth.sign_in_finish", ticket=ticket))[0]
        return Granted(row.token, bytes(row.server_signature), row.expires_at)

    async def whoami(self) -> Person:
        """The person whose token the connections carry. Raises Denied when nobody is signed in."""
        return _person((await self._database.call("auth.whoami"))[0][0])

    async def sign_out(self, *, everywhere: bool = False) -> bool:
        """End this session, or all of the person's; whether there was one."""
        return bool((await self._database.call("auth.sign_out", everywhere=everywhere))[0][0])

    async def change_password(self, ticket: UUID, verifier: str) -> None:
        """Store a new verifier; `ticket` is a fresh proof of the present password."""
        await self._database.call("auth.change_password", ticket=ticket, verifier=verifier)

    async def change_authenticator(
        self, ticket: UUID, secret: str | None, code: str | None, code_hashes: list[bytes]
    ) -> None:
        """Store a new authenticator that shows `code` now, or with None take it away; `ticket` as for a password.

        Raises Invalid (code "new_code_wrong") where the new authenticator does not show that code.
        """
        await self._database.call(
            "auth.change_authenticator", ticket=ticket, secret=secret, code=code, code_hashes=code_hashes
        )

    async def change_recovery_codes(self, ticket: UUID, code_hashes: list[bytes]) -> None:
        """Replace the recovery codes. Raises Conflict where there is no authenticator."""
        await self._database.call("auth.change_recovery_codes", ticket=ticket, code_hashes=code_hashes)

    async def this_device(self) -> DeskInfo:
        """What the sign-in page shows of this desk. Raises Denied where it is no longer enrolled."""
        found = (await self._database.call("auth.this_device"))[0][0]
        return DeskInfo(
            _device(found),
            found["venue_name"],
            found["timezone"],
            bool(found["demo"]),
            datetime.fromisoformat(found["server_time"]),
        )

    async def demo_accounts(self) -> list[DemoAccount]:
        """The accounts of a demo database; none anywhere else."""
        rows = await self._database.call("auth.demo_accounts")
        return [
            DemoAccount(
                row.first_name, row.email, StaffRole(row.role), row.venue_name, row.password, row.asks_code
            )
            for row in rows
        ]


def _person(found: dict[str, Any]) -> Person:
    return Person(
        id=UUID(found["id"]),
        first_name=found["first_name"],
        last_name=found["last_name"],
        email=found["email"],
        language=found["language"],
        has_authenticator=bool(found["mfa"]),
        grants=tuple(
            Grant(StaffRole(g["role"]), _uuid(g["venue_id"]), frozenset(map(Permission, g["permissions"])))
            for g in found["grants"]
        ),
        venues=tuple(
            VenueRef(UUID(v["id"]), v["name"], v["slug"], v["timezone"], v["status"]) for v in found["venues"]
        ),
        device=_device(found["device"]),
        session_id=UUID(found["session"]["id"]),
        expires_at=datetime.fromisoformat(found["session"]["expires_at"]),
        demo=bool(found["demo"]),
        server_time=datetime.fromisoformat(found["server_time"]),
    )


def _device(found: dict[str, Any]) -> DeviceRef:
    return DeviceRef(UUID(found["id"]), found["name"], _uuid(found["venue_id"]))


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
