"""The locked desk: nothing of a child, the person who was here, and everybody else who may take over.

Locking ends the session at the server and drops the token, exactly as signing out does; unlocking is a sign-in. What
remains is only where the person was. See docs/design.md, "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from console.clock import Clock
from console.views.entry.people import KnownPerson
from console.views.entry.sign_in import SignIn, SignInPage
from console.views.theme import ThemeHub

LOCKED_NOTE = "What was recorded is kept. Entries that were not saved are gone."


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody was when the desk was locked: enough to go back, and nothing of what was on the screen."""

    email: str
    venue_id: UUID | None
    area: str
    place: object = None
    """What the page itself gave (`Returns.whereabouts`)."""

    def belongs_to(self, email: str) -> bool:
        """Whether it was this person; anybody else begins at their own first page."""
        return self.email.casefold() == email.casefold()


@runtime_checkable
class Returns(Protocol):
    """A page that can go back to where it was."""

    def whereabouts(self) -> object:
        """Where it is now: ids and days, never names."""

    def go_back(self, place: object) -> None:
        """Show that again, if it is still there."""


class LockPage(SignInPage):
    """The sign-in page of a locked desk: the person who was here is chosen, only the password is asked for."""

    def __init__(
        self,
        hub: ThemeHub,
        clock: Clock,
        sign_in: SignIn,
        person: KnownPerson,
        *,
        others: Sequence[KnownPerson] = (),
        demo: bool = False,
        version: str = "",
    ) -> None:
        """`person` was here; `others` are further people of this desk (those with the same address are left out)."""
        known = next((one for one in others if one.email.casefold() == person.email.casefold()), person)
        rest = [one for one in others if one is not known]
        super().__init__(
            hub,
            clock,
            sign_in,
            people=[known, *rest],
            demo=demo,
            version=version,
            note=LOCKED_NOTE,
            heading=("This desk is locked", f"{known.name} was here. Someone else can take over."),
        )
