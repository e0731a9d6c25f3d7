"""A Saturday morning at one venue: its sessions, forty families with tickets, and two desks with windows of their own.

What was there before the doors open is made here; everything after that arrives by keyboard and scanner, and what came
of it is read back from the database as plain rows. See docs/design.md, "Tests".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from console.domain import scram
from console.views.tokens import tokens
from tests.support import factories, identities
from tests.support.databases import Connection, Database
from tests.support.window import ConsoleWindow, wait_for_entry
from tests.support.xserver import wait_for

NOW = datetime(2026, 3, 7, 14, 2, tzinfo=UTC)
"""Saturday 7 March 2026, 09:02 in New York: everything has begun a few minutes ago."""

JUDO = ("Ada", "Ben", "Cleo", "Dev", "Elif", "Finn", "Gia", "Hugo", "Ines", "Jun", "Kai", "Leo", "Mona", "Nia",
        "Omar", "Pia", "Quinn", "Rafa", "Sol", "Tess", "Uma", "Vito")  # fmt: skip
LEGO = ("Anouk", "Bao", "Chika", "Dario", "Emre", "Faye", "Goran", "Hana", "Ilse", "Jonah", "Kofi", "Lior", "Maud",
        "Nils", "Oona", "Pavel")  # fmt: skip
CHESS = ("Remy", "Suki")
SISTER = "Luna"
"""Of Sol, in the same booking of the family."""
STAYED_AWAY = ("Lena", "Mila")
"""Booked on judo, and never seen."""
KNOWN = ("Wren", "Ivy", "Noor")
"""Were here last Saturday, and have no booking today."""
ELSEWHERE = "Otis"
"""Known to the platform only; his family has a single credit."""
ELSEWHERE_PHONE = "+1 555 0142"
PASSWORD = "judo mats at nine"
CREDITS = 10


@dataclass
class Morning:
    """The venue, its sessions by name, and everybody's ticket by the child's name."""

    database: Database
    admin: Connection
    venue: UUID = field(init=False)
    sessions: dict[str, UUID] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make everything that is there before the doors open."""
        admin = self.admin
        factories.fix_clock(admin, NOW)
        self.venue = factories.venue(admin, name="Riverside Studio", slug="riverside")
        for name, room, begins, places, price in (
            ("Junior Judo", "Mat room", -6, 30, 2),
            ("LEGO Robotics", "Lab", -4, 24, 3),
            ("Chess Club", "Library", -2, 3, 2),
        ):
            activity = factories.activity(admin, self.venue, name=name, credits_required=price)
            starts_at = NOW + timedelta(minutes=begins)
            facts = {"room_id": factories.room(admin, self.venue, name=room), "total_capacity": places}
            self.sessions[name] = factories.session(admin, activity, starts_at=starts_at, **facts)
            if name == "Junior Judo":
                last_week = factories.session(
                    admin, activity, starts_at=starts_at - timedelta(days=7), **facts
                )
        plan = [(name, "Junior Judo") for name in (*JUDO, *STAYED_AWAY)]
        plan += [(name, "LEGO Robotics") for name in LEGO] + [(name, "Chess Club") for name in CHESS]
        with identities.at_desk(self.database, "manager", self.venue) as manager:
            for name, session in plan:
                child = self._family(name)
                if name == "Sol":
                    group = uuid4()
                    self._book(manager.connection, session, child, name, group)
                    sister = self._child(SISTER, self._parent_of(child))
                    self._book(manager.connection, session, sister, SISTER, group)
                else:
                    self._book(manager.connection, session, child, name)
        for name in KNOWN:
            child = self._family(name)
            factories.booking(admin, last_week, child, status="completed")
        self._family(ELSEWHERE, credits=1, phone=ELSEWHERE_PHONE)

    def _family(self, name: str, credits: int = CREDITS, **columns: Any) -> UUID:
        parent = factories.parent(self.admin, first_name=f"Pat{name}", **columns)
        self.admin.execute(
            "SELECT credits.allocate(%s, %s, %s, %s, %s)",
            [parent, date(2026, 3, 1), date(2026, 3, 31), credits, f"March {name}"],
        )
        child = self._child(name, parent)
        if name == "Nia":
            factories.health_note(self.admin, child)
            factories.pickup_person(self.admin, child, name="Rose", relationship="grandmother")
            factories.pickup_person(
                self.admin, child, name="Viktor", relationship="uncle", may_collect=False, note="Court order"
            )
        return child

    def _child(self, name: str, parent: UUID) -> UUID:
        return factories.child(self.admin, parent, first_name=name)

    def _parent_of(self, child: UUID) -> UUID:
        found = factories.one(self.admin, "SELECT parent_id FROM children WHERE id = %s", child)
        assert isinstance(found, UUID)
        return found

    def _book(
        self, manager: Connection, session: str, child: UUID, name: str, group: UUID | None = None
    ) -> None:
        row = manager.execute(
            "SELECT confirmation_code FROM bookings.book(%s, %s, %s, %s)",
            [uuid4(), self.sessions[session], child, group],
        ).fetchone()
        assert row is not None
        self.tickets[name] = row[0]

    # -- people ------------------------------------------------------------------------------------------------------

    def person(self, name: str) -> str:
        """Somebody of the front desk, with the password; the answer is the e-mail."""
        email = f"{name.lower()}@r.example"
        verifier = scram.make_verifier(PASSWORD)
        factories.staff(
            self.admin, "front_desk", self.venue, first_name=name, email=email, password_hash=verifier
        )
        return email

    # -- what came of it ---------------------------------------------------------------------------------------------

    def state(self, child: str) -> str:
        """The state of the child's booking of today; empty where there is none."""
        row = self.admin.execute(
            """SELECT b.attendance_state::text FROM bookings b JOIN children c ON c.id = b.child_id
                 JOIN activity_sessions s ON s.id = b.session_id
                WHERE c.first_name = %s AND s.session_date = '2026-03-07'""",
            [child],
        ).fetchone()
        return row[0] if row is not None else ""

    def table(self, query: str) -> list[str]:
        """The rows of a query as lines in order, values apart by one space; a missing value is a dash."""
        rows = self.admin.execute(query.encode()).fetchall()
        return sorted(" ".join("-" if value is None else str(value) for value in row) for row in rows)

    def events(self) -> list[str]:
        """Child, kind, outcome or refusal, desk, person and who collected, a line an event."""
        return self.table(
            """SELECT c.first_name, e.kind, coalesce(e.reason::text, e.outcome::text), d.name, u.first_name,
                      coalesce(p.name, e.pickup_name, '-')
                 FROM attendance_events e JOIN bookings b ON b.id = e.booking_id JOIN children c ON c.id = b.child_id
                 JOIN auth.devices d ON d.id = e.device_id JOIN users u ON u.id = e.person_id
                 LEFT JOIN pickup_people p ON p.id = e.pickup_person_id"""
        )

    def bookings(self) -> list[str]:
        """Child, activity, state, status and price of every booking of today."""
        return self.table(
            """SELECT c.first_name, split_part(lower(a.name), ' ', 2), b.attendance_state, b.status, b.credits_charged
                 FROM bookings b JOIN children c ON c.id = b.child_id JOIN activity_sessions s ON s.id = b.session_id
                 JOIN activities a ON a.id = s.activity_id
                WHERE s.session_date = '2026-03-07'"""
        )

    def ledger(self) -> list[str]:
        """Parent, kind, amount, what was forfeited, and the balance after it."""
        return self.table(
            """SELECT u.first_name, l.transaction_type, l.amount, l.forfeited_amount, l.balance_after
                 FROM credit_ledger l JOIN users u ON u.id = l.user_id"""
        )

    def wrong_balances(self) -> list[str]:
        """Parents whose balance is not the sum of its entries."""
        return self.table(
            """SELECT u.first_name, b.credits_available, sum(l.amount)
                 FROM user_credit_balances b JOIN users u ON u.id = b.user_id
                 JOIN credit_ledger l ON l.balance_id = b.id
                GROUP BY u.first_name, b.id, b.credits_available HAVING b.credits_available <> sum(l.amount)"""
        )

    def waitlist(self) -> list[str]:
        """Child, activity, place, whether still waiting, and the booking it became."""
        return self.table(
            """SELECT c.first_name, split_part(lower(a.name), ' ', 2), w.position, w.is_active, w.converted_booking_id
                 FROM waitlist w JOIN children c ON c.id = w.child_id JOIN activity_sessions s ON s.id = w.session_id
                 JOIN activities a ON a.id = s.activity_id"""
        )

    def owed(self) -> list[str]:
        """Parent, child, credits, who wrote it down, and how it was settled."""
        return self.table(
            """SELECT u.first_name, c.first_name, o.amount, r.first_name, o.settlement
                 FROM owed_credits o JOIN users u ON u.id = o.user_id JOIN users r ON r.id = o.recorded_by
                 JOIN bookings b ON b.id = o.booking_id JOIN children c ON c.id = b.child_id"""
        )

    def reviews(self) -> list[str]:
        """What the manager has to look at: kind, child, and what was decided."""
        return self.table(
            """SELECT r.kind, c.first_name, r.resolution FROM review_items r
                 JOIN bookings b ON b.id = r.booking_id JOIN children c ON c.id = b.child_id"""
        )

    def consents(self) -> list[str]:
        """Child, what was agreed to, and who signed."""
        return self.table(
            """SELECT c.first_name, r.consent_type, r.signed_by FROM parental_consent_records r
                 JOIN children c ON c.id = r.child_id"""
        )

    def audit(self) -> list[str]:
        """Who did what to how many rows of which table, from which desk.

        Reading rosters is left out: how many a console fetches ahead is its own business.
        """
        return self.table(
            """SELECT u.first_name, d.name, a.entity_type, a.action_type, count(*)
                 FROM audit_logs a JOIN users u ON u.id = a.user_id JOIN auth.devices d ON d.id = a.device_id
                WHERE d.name LIKE 'Desk _' AND a.entity_type <> 'roster'
                GROUP BY 1, 2, 3, 4"""
        )


class DeskWindow(ConsoleWindow):
    """A console at a desk of the venue."""

    def __init__(self, morning: Morning, name: str, person: str, home: Path) -> None:
        """The desk `name`, at which `person` will work."""
        self.morning, self.person = morning, person
        self.red = tokens().hex("light", "red.bg")
        self.email = morning.person(person)
        self.desk = identities.enrol(morning.database, name, morning.venue)
        super().__init__(name, self.desk.dsn, home)

    def sign_in(self) -> None:
        """Type the address and the password, and wait for the Today screen."""
        wait_for_entry(self.screen)
        self.screen.type(self.email)
        self.screen.press("Tab")
        self.screen.type(PASSWORD)
        self.screen.press("Return")
        wait_for(lambda: self.screen.window("Today"), f"the Today screen of {self.name}")
        self.screen.steady()

    # -- hands -------------------------------------------------------------------------------------------------------

    def scan(self, child: str, state: str = "in") -> None:
        """Hold a child's ticket under the scanner, and wait until the database says what it should."""
        self.screen.scan(self.morning.tickets[child])
        self.until(child, state)

    def until(self, child: str, state: str) -> None:
        """Wait until a child's booking has that state."""
        wait_for(lambda: self.morning.state(child) == state, f"{child} to be {state} at {self.name}")

    def by_name(self, letters: str, child: str) -> None:
        """Type a name and Enter."""
        self.screen.look(lambda: self.screen.type(letters))
        self.screen.press("Return")
        self.until(child, "in")

    def see(self) -> None:
        """Let the window show what the database knows already."""
        self.screen.steady(still=0.7)

    def look_for(self, letters: str) -> None:
        """Type a name into the scan field and wait until its child stands there."""
        self.screen.look(lambda: self.screen.type(letters))

    def look_up(self, name: str) -> None:
        """Type the name of somebody who has no booking, and open the walk-in with it."""
        self.look_for(name)
        self.look("ctrl+n")

    def wait_for_labels(self) -> None:
        """Wait for the file that stands for a label out of the printer."""
        pdf = wait_for(lambda: next(self.labels.glob("*.pdf"), None), "the label")
        assert pdf.read_bytes().startswith(b"%PDF")

    def look(self, *keys: str) -> None:
        """Press keys, each after the window has answered the one before."""
        for key in keys:
            self.screen.look(partial(self.screen.press, key))
