"""An office and its workstation: people who type and press keys, no scanner and no queue.

Keys come faster than at a desk, because nothing here listens for a scanner. Everything that is waited for is a row of
the database, the window's title, or a change on the screen. See docs/design.md, "Tests".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from console.domain import scram
from console.views.tokens import tokens
from tests.support import factories, identities
from tests.support.databases import Connection, Database
from tests.support.window import ConsoleWindow, wait_for_entry
from tests.support.xserver import count_of, differ, wait_for

PASSWORD = "ink at nine"
_STILL, _LONGEST_STILL = 0.3, 2.0
"""So many seconds the window stays the same when it has answered; on a busy computer up to so many."""
_TYPING_DELAY_MS = 20
_ENTRY = "^Nexus Console$"
"""The window's title while nobody is signed in."""
_ON_THE_RAIL = (3, 700)
"""A point of the rail beside its rows: a sheet or a question darkens it."""


def person(admin: Connection, name: str, role: str, venue: UUID | None = None) -> UUID:
    """Somebody who can sign in; the e-mail is made of the name."""
    verifier = scram.make_verifier(PASSWORD)
    return factories.staff(
        admin, role, venue, first_name=name, last_name="Ng", email=address(name), password_hash=verifier
    )


def address(name: str) -> str:
    """Somebody's e-mail."""
    return f"{name.lower()}@hq.example"


def lines(admin: Connection, statement: str, *arguments: object) -> list[str]:
    """Rows as lines of text, values apart by one space; a missing value is a dash."""
    found = admin.execute(statement.encode(), arguments or None).fetchall()
    return [" ".join("-" if one is None else str(one) for one in row) for row in found]


class OfficeWindow(ConsoleWindow):
    """A console at a workstation of no venue."""

    def __init__(self, database: Database, admin: Connection, name: str, home: Path) -> None:
        """The workstation `name`."""
        self.admin = admin
        self._still = _STILL
        self.desk = identities.enrol(database, name)
        super().__init__(name, self.desk.dsn, home)

    # -- people ------------------------------------------------------------------------------------------------------

    def arrive(self, name: str, title: str) -> None:
        """The window is there, and somebody signs in; `title` is what stands over it then."""
        self.find_window()
        self._asked_who()
        self.sign_in(name, title)

    def sign_in(self, name: str, title: str) -> None:
        """Somebody signs in on the page that is there."""
        self.write(address(name))
        self.press("Tab")
        self.sign_in_known(title)

    def sign_in_known(self, title: str) -> None:
        """Whose card is chosen signs in: only the password is asked for."""
        self.write(PASSWORD)
        self.press("Return")
        self.titled(title)

    def sign_out(self) -> None:
        """Whoever is signed in leaves; the card after theirs is chosen: somebody else's, or of who was here before."""
        self.command("Sign out")
        self._asked_who()
        self.look("shift+Tab", "Right", "space")

    def next_person(self, name: str, title: str) -> None:
        """Whoever is signed in signs out, and another takes the chair."""
        self.sign_out()
        self.sign_in(name, title)

    def _asked_who(self) -> None:
        """Wait for the page that asks who is there."""
        wait_for(lambda: self.screen.window(_ENTRY), "the page before anybody is signed in", 30)
        wait_for_entry(self.screen, 2 * self._still)

    # -- hands -------------------------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Type."""
        self.screen.do("type", "--delay", str(_TYPING_DELAY_MS), text)

    def look(self, *keys: str) -> None:
        """Press keys, the last of which shows something, and look until it stays."""
        self.press(*keys[:-1])
        self.shows(lambda: self.press(keys[-1]))

    def shows(self, do: Callable[[], object]) -> None:
        """Do something that changes what is shown, and look until it stays."""
        before = self.screen.picture()
        do()
        began = time.monotonic()
        wait_for(lambda: differ(before, self.screen.picture()), "something to change on the screen", 20)
        # Where the window takes long to answer, what follows the first change takes long as well.
        self._still = min(max(_STILL, 3 * (time.monotonic() - began), self._still / 2), _LONGEST_STILL)
        self.see()

    def asks(self, *keys: str) -> None:
        """Press keys that open a sheet or a question; again where the page was not ready to hear them."""
        for _ in range(5):
            self.press(*keys)
            give_up = time.monotonic() + 4
            while not self._veiled and time.monotonic() < give_up:
                time.sleep(0.03)
            if self._veiled:
                self.see()
                return
        pytest.fail(f"{' '.join(keys)} opens nothing")

    def answers(self, *keys: str) -> None:
        """Press keys that close what is open."""
        self.press(*keys)
        wait_for(lambda: not self._veiled, "the page to be free again", 20)
        self.see()

    @property
    def _veiled(self) -> bool:
        rail = tokens().hex("light", "surface.rail")
        return bool(self.screen.picture().getpixel(_ON_THE_RAIL) != tuple(bytes.fromhex(rail[1:])))

    def command(self, words: str) -> None:
        """Choose from the palette."""
        self.look("ctrl+k")
        self.shows(lambda: self.write(words))
        self.look("Return")

    def area(self, key: str, title: str) -> None:
        """Go to an area."""
        self.press(key)
        self.titled(title)

    def see(self) -> None:
        """Look until the window stays the same."""
        self.screen.steady(still=self._still)

    def points(self, token: str) -> int:
        """How many points of the screen have a colour of the light theme."""
        return count_of(self.screen.picture(), tokens().hex("light", token))

    def reads(self, token: str, what: str) -> None:
        """Wait until something is on show in a colour that nothing else here has, and stays."""
        wait_for(lambda: self.points(token) > 0, f"{what} to be on show", 20)
        self.see()

    # -- what came of it ---------------------------------------------------------------------------------------------

    def titled(self, title: str) -> None:
        """Wait for the window's title, and until what is below it stays."""
        wait_for(lambda: self.screen.window(title), f"{title} over the window", 30)
        self.screen.steady(still=1.5 * self._still)

    def until(self, what: str, statement: str, *expected: str) -> None:
        """Wait until the database says so and the window has taken it in."""

        def said() -> bool:
            self.found = lines(self.admin, statement)
            return self.found == list(expected)

        wait_for(said, what, 20)
        self.see()
