"""Signing in and out at this desk.

The password stays here: it is turned into a proof (SCRAM-SHA-256) in a thread, because the derivation takes a
tenth of a second, and the server has to prove in turn that it knows the person before its token is used. See
docs/design.md, "Sign-in".
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from console.domain import scram, totp
from console.domain.authenticator import AuthenticatorDraft
from console.domain.person import DemoAccount, DeskInfo, Person
from console.errors import ConsoleError, Denied, Invalid, Unavailable
from console.storage.database import Database
from console.storage.identity import IdentityQueries

_IMPOSTOR = "This server could not prove that it is the right one."


class SignInService:
    """Who is signed in at this desk. One sign-in at a time."""

    def __init__(
        self,
        database: Database,
        *,
        minimum_iterations: int = scram.MINIMUM_ITERATIONS,
        iterations: int = scram.MINIMUM_ITERATIONS,
    ) -> None:
        """Sign people in on `database`.

        A server that asks for fewer than `minimum_iterations` is refused; a new password gets `iterations`. Only tests
        choose others.
        """
        self._database = database
        self._identity = IdentityQueries(database)
        self._minimum = minimum_iterations
        self._iterations = iterations
        self._lock = asyncio.Lock()
        self._person: Person | None = None

    @property
    def person(self) -> Person | None:
        """Who is signed in, as of the last answer."""
        return self._person

    async def sign_in(self, email: str, password: str, code: str | None = None) -> Person:
        """Sign somebody in; whoever was signed in before is not any more.

        Raises SignInRefused (with the time left when the desk is locked out; code "code_needed" asks for an
        authenticator's code), Unavailable (no server), Denied (desk revoked, or the server is an impostor).
        """
        async with self._lock:
            await self._leave()
            address = email.strip()
            ticket, proof = await self._prove(address, password, code)
            granted = await self._identity.finish(ticket)
            if not scram.server_is_genuine(proof, granted.server_signature):
                raise Denied(_IMPOSTOR, hint="Tell your administrator.", code="impostor")
            await self._database.set_token(granted.token)
            try:
                self._person = await self._identity.whoami()
            except ConsoleError:
                await self._database.set_token(None)
                raise
            return self._person

    async def refresh(self) -> Person:
        """Ask again who is signed in and what they may do now. Raises Denied when the session has ended."""
        self._person = await self._identity.whoami()
        return self._person

    async def sign_out(self, *, everywhere: bool = False) -> None:
        """End the session here, or on every desk. Without a server it ends here and expires there."""
        async with self._lock:
            await self._leave(everywhere=everywhere)

    async def change_password(self, present: str, new: str, code: str | None = None) -> None:
        """Change the signed-in person's password and end their other sessions.

        Raises Invalid (the new one will not do), SignInRefused (the present one is wrong), Denied (nobody is
        signed in).
        """
        person = self._signed_in()
        problem = scram.password_problem(new, person.email)
        if problem is not None:
            raise Invalid("That password will not do.", hint=problem, code="password")
        verifier = await asyncio.to_thread(scram.make_verifier, new, iterations=self._iterations)
        ticket, _ = await self._prove(person.email, present, code)
        await self._identity.change_password(ticket, verifier)

    async def set_up_authenticator(
        self, draft: AuthenticatorDraft, new_code: str, password: str, present_code: str | None = None
    ) -> Person:
        """Make a drafted authenticator count, once it shows `new_code`; any earlier one stops working.

        Raises Invalid (code "new_code_wrong"), SignInRefused (the password or the present code is wrong), Denied.
        """
        person = self._signed_in()
        ticket, _ = await self._prove(person.email, password, present_code)
        hashes = [totp.recovery_hash(person.id, code) for code in draft.recovery_codes]
        await self._identity.change_authenticator(ticket, draft.secret, new_code, hashes)
        return await self.refresh()

    async def remove_authenticator(self, password: str, code: str) -> Person:
        """Let the signed-in person sign in with the password alone. Raises as `set_up_authenticator`."""
        person = self._signed_in()
        ticket, _ = await self._prove(person.email, password, code)
        await self._identity.change_authenticator(ticket, None, None, [])
        return await self.refresh()

    async def new_recovery_codes(self, password: str, code: str) -> tuple[str, ...]:
        """Replace the signed-in person's recovery codes; they are known only here and only now.

        Raises as `set_up_authenticator`, and Conflict where there is no authenticator.
        """
        person = self._signed_in()
        ticket, _ = await self._prove(person.email, password, code)
        codes = tuple(totp.new_recovery_codes())
        await self._identity.change_recovery_codes(
            ticket, [totp.recovery_hash(person.id, one) for one in codes]
        )
        return codes

    async def this_device(self) -> DeskInfo:
        """What the sign-in page shows of this desk."""
        return await self._identity.this_device()

    async def demo_accounts(self) -> list[DemoAccount]:
        """The accounts of a demo database; none anywhere else."""
        return await self._identity.demo_accounts()

    def _signed_in(self) -> Person:
        if self._person is None:
            raise Denied("You are signed out.", hint="Sign in again.", code="signed_out")
        return self._person

    async def _prove(self, address: str, password: str, code: str | None) -> tuple[UUID, scram.Proof]:
        nonce = scram.new_nonce()
        started = await self._identity.start(address, nonce)
        try:
            salted = await asyncio.to_thread(
                scram.salt_password,
                password,
                started.answer.salt,
                started.answer.iterations,
                minimum_iterations=self._minimum,
            )
        except scram.WeakServerError as error:
            raise Denied(_IMPOSTOR, hint="Tell your administrator.", code="impostor") from error
        proof = scram.prove(address, nonce, started.answer, salted)
        await self._identity.prove(started.ticket, proof.proof, code)
        return started.ticket, proof

    async def _leave(self, *, everywhere: bool = False) -> None:
        if not self._database.signed_in:
            return
        try:
            await self._identity.sign_out(everywhere=everywhere)
        except Unavailable:
            if everywhere:
                raise
        finally:
            self._person = None
            await self._database.set_token(None)
