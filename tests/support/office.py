"""An office and its workstation: people who type and press keys, no scanner and no queue.

Keys come faster than at a desk, because nothing here listens for a scanner. Everything that is waited for is a row of
the database, the window's title, or a change on the screen. See docs/design.md, "Tests".
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from console.domain import scram
from tests.support import factories, identities
from tests.support.databases import Connection, Database
from tests.support.window import ConsoleWindow
from tests.support.xserver import differ, wait_for

PASSWORD = "ink at nine"
STILL = 0.3
"""So many seconds the window stays the same when it has answered."""
_TYPING_DELAY_MS = 20


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
        self.desk = identities.enrol(database, name)
        super().__init__(name, self.desk.dsn, home)

    # -- people ------------------------------------------------------------------------------------------------------

    def arrive(self, name: str, title: str) -> None:
        """The window is there, and somebody signs in; `title` is what stands over it then."""
        self.find_window()
        asked = "SELECT 1 FROM pg_stat_activity WHERE usename = %s"
        wait_for(
            lambda: self.admin.execute(asked, [self.desk.role]).fetchone(),
            f"{self.name} to ask the server who it is",
        )
        self.screen.steady(still=0.8)
        self.sign_in(name, title)

    def sign_in(self, name: str, title: str) -> None:
        """Somebody signs in on the page that is there."""
        self.write(address(name))
        self.press("Tab")
        self.write(PASSWORD)
        self.press("Return")
        self.titled(title)

    def next_person(self, name: str, title: str) -> None:
        """Whoever is signed in signs out, and another takes the chair."""
        self.command("Sign out")
        self.look("shift+Tab", "Right", "space")
        self.sign_in(name, title)

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
        wait_for(lambda: differ(before, self.screen.picture()), "something to change on the screen", 15)
        self.screen.steady(still=STILL)

    def command(self, words: str) -> None:
        """Choose from the palette."""
        self.look("ctrl+k")
        self.shows(lambda: self.write(words))
        self.look("Return")

    def area(self, key: str, title: str) -> None:
        """Go to an area."""
        self.press(key)
        self.titled(title)

    # -- what came of it ---------------------------------------------------------------------------------------------

    def titled(self, title: str) -> None:
        """Wait for the window's title, and until what is below it stays."""
        wait_for(lambda: self.screen.window(title), f"{title} over the window", 30)
        self.screen.steady(still=0.5)

    def until(self, what: str, statement: str, *expected: str) -> None:
        """Wait until the database says so and the window has taken it in."""

        def said() -> bool:
            self.found = lines(self.admin, statement)
            return self.found == list(expected)

        wait_for(said, what, 20)
        self.screen.steady(still=STILL)
