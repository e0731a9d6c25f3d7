"""Any history of an invoice ends where an independent reading of the rules says, to the cent, with nothing lost.

Drafts are saved, issued, paid, paid back, sent, forgotten and credited in any order and over any days; what is not
allowed is refused and changes nothing. Numbers have no gap however many were refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Connection
from tests.support.desk_world import NOON
from tests.support.invoicing import PDF, employer, invoice, line

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), st.integers(-5, 40)),
        st.tuples(st.just("issue"), st.just(0)),
        st.tuples(st.just("attach"), st.integers(0, 9)),
        st.tuples(st.just("pay"), st.sampled_from([-60, -25, -1, 0, 1, 25, 60, 100, 1000])),
        st.tuples(st.just("rest"), st.just(0)),
        st.tuples(st.just("cancel"), st.just(0)),
        st.tuples(st.just("send"), st.just(0)),
        st.tuples(st.just("deliver"), st.just(0)),
        st.tuples(st.just("mail"), st.just(0)),
        st.tuples(st.just("part"), st.just(0)),
        st.tuples(st.just("days"), st.integers(1, 12)),
        st.tuples(st.just("overdue"), st.just(0)),
    ),
    min_size=4,
    max_size=25,
)


@dataclass
class Model:
    """What the rules say of one invoice."""

    total: Decimal = Decimal("100.00")
    state: str = "draft"
    paid: Decimal = Decimal("0.00")
    paper: bytes | None = None
    due: int = 0
    sent: bool = False
    waiting: bool = False
    issued: bool = False

    def settle(self, day: int) -> None:
        """Where it stands after money moved."""
        if self.paid == self.total:
            self.state = "paid"
        elif self.due < day:
            self.state = "overdue"
        else:
            self.state = "sent" if self.sent else "issued"


class History:
    """One invoice in the database beside its model."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.day = 0
        self.model = Model()
        self.id: UUID = invoice(
            connection, [line(price="100.00")], employer(connection, payment_terms_days=10)
        )

    def one(self, statement: str, *arguments: Any) -> Any:
        row = self.connection.execute(statement.encode(), arguments).fetchone()
        assert row is not None
        return row[0]

    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = self.one("SELECT invoices.facts(%s)", self.id)
        return found

    def tried(self, statement: str, *arguments: Any) -> bool:
        """Whether the database did it; what it refuses with a sentence changes nothing."""
        try:
            with self.connection.transaction():
                self.connection.execute(statement.encode(), arguments)
        except psycopg.Error as error:
            if error.sqlstate not in {"NX409", "NX422", "NX404"}:
                raise
            return False
        return True

    def step(self, what: str, number: int) -> None:
        getattr(self, what)(number)
        self.agree()

    def save(self, cost: int) -> None:
        version, lines = (
            self.facts()["version"],
            [line(price=f"{cost}.005", tax_rate="10"), line(price="0.10")],
        )
        did = self.tried("SELECT invoices.save(%s, %s, %s, NULL, NULL)", self.id, version, Jsonb(lines))
        # Halves go away from zero: cost.005 is one hundredth more, also below zero.
        base = Decimal(cost) + Decimal("0.01") if cost >= 0 else Decimal(cost)
        allowed = self.model.state == "draft" and cost >= 0
        assert did == allowed
        if did:
            tax = (base / 10).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            self.model.total = base + Decimal("0.10") + tax

    def issue(self, _number: int) -> None:
        refused = self.one("SELECT refused FROM invoices.issue(%s)", [self.id])
        assert (refused is None) == (self.model.state != "cancelled")
        if self.model.state == "draft":
            self.model.state, self.model.due, self.model.issued = "issued", self.day + 10, True

    def attach(self, number: int) -> None:
        paper = PDF + str(number).encode()
        did = self.tried("SELECT * FROM invoices.attach(%s, %s)", [self.id], [paper])
        assert did == self.model.issued
        if did and self.model.paper is None:
            self.model.paper = paper

    def pay(self, amount: int) -> None:
        self._pay(Decimal(amount))

    def rest(self, _number: int) -> None:
        self._pay(self.model.total - self.model.paid)

    def _pay(self, amount: Decimal) -> None:
        at = NOON.date() + timedelta(days=self.day)
        did = self.tried(
            "SELECT invoices.pay(%s, %s, %s, %s, %s, 'card', NULL)",
            self.id,
            uuid4(),
            self.model.paid,
            amount,
            at,
        )
        after = self.model.paid + amount
        allowed = self.model.issued and self.model.state != "cancelled" and amount != 0
        assert did == (allowed and 0 <= after <= self.model.total)
        if did:
            self.model.paid = after
            self.model.settle(self.day)

    def cancel(self, _number: int) -> None:
        did = self.tried("SELECT invoices.cancel(%s, %s, 'Why not')", self.id, self.facts()["version"])
        assert did == (self.model.state in {"draft", "cancelled"} or self.model.paid == 0)
        if did:
            self.model.state, self.model.waiting = "cancelled", False

    def send(self, _number: int) -> None:
        refused = self.one("SELECT refused FROM invoices.send(%s)", [self.id])
        allowed = self.model.issued and self.model.state != "cancelled" and self.model.paper is not None
        assert (refused is None) == allowed
        self.model.waiting = self.model.waiting or allowed

    def deliver(self, _number: int) -> None:
        claimed = self.connection.execute("SELECT id, lease, content FROM invoices.mail_claim(5)").fetchall()
        assert [row[0] for row in claimed] == ([self.id] if self.model.waiting else [])
        for found, lease, content in claimed:
            assert content == self.model.paper
            assert self.one("SELECT invoices.mail_handing(%s, %s)", found, lease) is True
            self.one("SELECT invoices.mail_delivered(%s)", found)
            self.model.sent, self.model.waiting = True, False
            if self.model.state == "issued":
                self.model.state = "sent"

    def mail(self, _number: int) -> None:
        """All that makes an invoice a sent one, so that it is often enough."""
        if self.model.state == "draft":
            self.issue(0)
        self.attach(1)
        self.send(0)
        self.deliver(0)

    def part(self, _number: int) -> None:
        self._pay(Decimal("0.01"))

    def days(self, number: int) -> None:
        self.day += number
        factories.fix_clock(self.connection, NOON + timedelta(days=self.day))

    def overdue(self, _number: int) -> None:
        late = self.model.state in {"issued", "sent"} and self.model.due < self.day
        assert self.one("SELECT invoices.mark_overdue()") >= int(late)  # those of an earlier history too
        if late:
            self.model.state = "overdue"

    def agree(self) -> None:
        """The database and the model say the same of everything."""
        found, model = self.facts(), self.model
        said = (found["state"], Decimal(found["total"]), Decimal(found["paid"]), found["number"] is not None)
        assert said == (model.state, model.total, model.paid, model.issued)
        assert Decimal(found["paid"]) == sum(Decimal(one["amount"]) for one in found["payments"])
        assert (found["document_id"] is None) == (model.paper is None)
        assert (found["sent_at"] is not None) == model.sent
        assert (found["send_state"] == "waiting") == model.waiting
        credited = model.state == "cancelled" and model.issued
        assert (found["credit_note"] is not None) == credited
        if credited:
            assert found["credit_note"]["total"] == found["total"]
        if model.paper is not None:
            kept = self.one("SELECT content FROM documents WHERE id = %s", UUID(found["document_id"]))
            assert kept == model.paper


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=2))
def test_any_history_ends_where_the_rules_say(tx: Connection, histories: list[list[tuple[str, int]]]) -> None:
    with tx.transaction(force_rollback=True):
        factories.fix_clock(tx, NOON)
        issued = credited = 0
        for steps in histories:
            factories.fix_clock(tx, NOON)
            history = History(tx)
            for what, number in steps:
                history.step(what, number)
            issued += history.model.issued
            credited += history.model.issued and history.model.state == "cancelled"
            tx.execute("UPDATE invoices SET send_state = NULL WHERE send_state = 'waiting'")
        numbers = [
            row[0] for row in tx.execute("SELECT invoice_number FROM invoices WHERE issued_at IS NOT NULL")
        ]
        notes = [row[0] for row in tx.execute("SELECT credit_note_number FROM credit_notes")]
        assert sorted(numbers) == [f"NFP-2026-{n:05}" for n in range(1, issued + 1)]
        assert sorted(notes) == [f"NCN-2026-{n:05}" for n in range(1, credited + 1)]
