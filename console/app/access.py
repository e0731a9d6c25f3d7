"""Who is signed in at this desk, with the server or, for a week, without it.

Everything that changes when a person comes or goes is here: the token, the desk's own rosters, and the silent sign-in
that follows an unlock when the server is back. See docs/design.md, "Sign-in" and "The desk protocol".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from console import logs
from console.clock import CorrectedClock
from console.domain.attendance import EventKind
from console.domain.sealed_notes import NotesCount
from console.errors import BugError, ConsoleError, Denied, SignInRefused, Unavailable

if TYPE_CHECKING:
    from console.app.keeping import Keeping
    from console.domain.person import Person
    from console.services.sign_in import SignInService
    from console.storage.database import Database
    from console.storage.secrets import SecretStore

log = logs.logger(__name__)

Warn = Callable[[str, str], None]

UNKNOWN_HERE = "unlock_unknown"
"""The code of an unlock by somebody of whom this desk keeps nothing."""


class Access:
    """One desk's way to its server and to its own data."""

    def __init__(self, clock: CorrectedClock, warn: Warn, must_sign_in: Callable[[], None]) -> None:
        """`warn` says something about the desk's files in a toast; `must_sign_in` hears that the server, back again,
        wants the person themselves.
        """
        self._clock, self._warn, self._must_sign_in = clock, warn, must_sign_in
        self.database: Database | None = None
        self.service: SignInService | None = None
        self.keeping: Keeping | None = None
        self.person: Person | None = None
        self._opening: asyncio.Future[None] | None = None
        self._unlocked: tuple[str, str] | None = None

    @property
    def is_unlocked(self) -> bool:
        """Whether the person was let in without the server."""
        return self._unlocked is not None

    async def use(self, dsn: str, secrets: SecretStore | None) -> None:
        """Work with this server from now on, and open the desk's own files while the sign-in page is looked at."""
        from console.services.sign_in import SignInService
        from console.storage.database import Database

        if self.database is not None:
            await self.database.close()
        self.database = Database(dsn)
        self.service = SignInService(self.database)
        if secrets is not None:
            self._opening = asyncio.ensure_future(self._open(self.database, secrets))

    async def _open(self, database: Database, secrets: SecretStore) -> None:
        from console.app.keeping import open_keeping

        if self.keeping is not None:
            await self.keeping.close()
            self.keeping = None
        try:
            self.keeping = await open_keeping(database, secrets, self._clock)
        except Unavailable as error:
            log.warning("this desk keeps nothing of its own: %s", error.code)
            self._warn("This desk cannot work without its server.", error.sentence)
            return
        for found in self.keeping.recovered:
            log.warning("a damaged file was set aside: %s, %d events saved", found.set_aside, found.events)
            words = (
                f"{found.events} waiting entries were saved."
                if found.events
                else "No entries could be saved."
            )
            self._warn("A damaged file of this desk was set aside.", words)

    async def sign_in(self, email: str, password: str, code: str | None) -> Person:
        """Sign somebody in, at the server or, where that is away, with what this desk keeps. Raises ConsoleErrors."""
        if self.service is None:
            raise BugError("Signing in came before the database.")
        self._unlocked = None
        if self._opening is not None:
            await self._opening
        keeping = self.keeping
        # Both keys take a quarter of a second each: they are worked out side by side.
        ahead = asyncio.ensure_future(keeping.derive_ahead(email, password)) if keeping is not None else None
        try:
            self.person = await self.service.sign_in(email, password, code)
        except Unavailable as away:
            if keeping is None:
                raise
            key = await ahead if ahead is not None else None
            self.person = await _unlock(keeping, email, password, key, away)
            self._unlocked = email, password
            return self.person
        finally:
            key = await ahead if ahead is not None else None
        if keeping is not None and not await keeping.signed_in(self.person, password, key):
            self._warn("The rosters of this desk were damaged.", "They are fetched again.")
        return self.person

    async def sign_in_again(self) -> None:
        """Sign in at the server whoever unlocked this desk without it: what they did is sent in their name."""
        if self._unlocked is None or self.service is None:
            return
        email, password = self._unlocked
        try:
            self.person = await self.service.sign_in(email, password)
        except SignInRefused as error:
            # A code is needed, or the password was changed elsewhere: only the person can go on.
            self._must_sign_in()
            raise Unavailable("The server wants you to sign in again.", code="signed_out") from error
        self._unlocked = None

    async def waiting(self) -> list[EventKind]:
        """The kinds of what this desk still has to send."""
        return await self.keeping.waiting() if self.keeping is not None else []

    async def notes_left(self) -> NotesCount:
        """What was taken down at this desk and the server does not have."""
        return await self.keeping.notes_left() if self.keeping is not None else NotesCount()

    async def leave(self, *, wipe: bool) -> None:
        """The person leaves; with `wipe` their rosters go too, unless something of theirs is still to be sent."""
        self.person = self._unlocked = None
        if self.keeping is not None:
            # Without the server nobody could open this desk again: what is sealed stays for its week.
            await self.keeping.leave(wipe=wipe and not self.keeping.recorder.link.is_away)
        if self.service is not None:
            await self.service.sign_out()

    async def close(self) -> None:
        """End the session and close files and connections: the console ends."""
        if self.service is not None:
            try:
                await self.service.sign_out()
            except ConsoleError as error:
                log.warning("signing out at the end failed: %s", error.code)
        if self._opening is not None:
            await asyncio.gather(self._opening, return_exceptions=True)
        if self.keeping is not None:
            await self.keeping.close()
        if self.database is not None:
            await self.database.close()


async def _unlock(
    keeping: Keeping, email: str, password: str, key: bytes | None, away: Unavailable
) -> Person:
    try:
        return await keeping.unlock(email, password, key)
    except Denied as denied:
        if denied.code != UNKNOWN_HERE:
            raise
        hint = "Whoever signed in at this desk in the last week can open it with their password."
        raise Unavailable(away.sentence, hint=hint, code=away.code) from denied
