"""A balance is the sum of its ledger entries at every moment, whoever writes and however.

docs/design.md, "Rules of the domain" (credits). The functions that write the ledger have tests of their own.
"""

from __future__ import annotations

import threading
from uuid import UUID

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Connection, Database


def sums(connection: Connection, balance: UUID) -> tuple[int, ...]:
    row = connection.execute(
        """SELECT credits_available, credits_allocated, credits_used, credits_refunded, credits_forfeited, entries
           FROM user_credit_balances WHERE id = %s""",
        [balance],
    ).fetchone()
    assert row is not None
    return tuple(row)


def history(connection: Connection, balance: UUID) -> list[tuple[int, int, int]]:
    rows = connection.execute(
        "SELECT entry_no, amount, balance_after FROM credit_ledger WHERE balance_id = %s ORDER BY entry_no",
        [balance],
    )
    return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
def parent(tx: Connection) -> UUID:
    return factories.parent(tx)


@pytest.fixture
def booking(tx: Connection, parent: UUID) -> UUID:
    return factories.booking(tx, None, factories.child(tx, parent))


def test_each_kind_of_entry_is_added_up_where_it_belongs(tx: Connection, parent: UUID, booking: UUID) -> None:
    balance = factories.balance(tx, parent, 20)
    factories.ledger(tx, balance, "booking_debit", -6, booking_id=booking)
    factories.ledger(tx, balance, "partial_refund", 1, booking_id=booking)
    factories.ledger(tx, balance, "refund_credit", 2, booking_id=booking)
    factories.ledger(tx, balance, "forfeit", 0, forfeited_amount=3, booking_id=booking)
    factories.ledger(tx, balance, "adjustment", -1)
    factories.ledger(tx, balance, "expiry", -4)
    assert sums(tx, balance) == (12, 20, 6, 3, 3, 7)
    assert [after for _, _, after in history(tx, balance)] == [20, 14, 15, 17, 17, 16, 12]


def test_entries_of_one_statement_follow_each_other(tx: Connection, parent: UUID) -> None:
    balance = factories.balance(tx, parent)
    tx.execute(
        """INSERT INTO credit_ledger (user_id, balance_id, transaction_type, amount)
           SELECT %s, %s, 'allocation', g FROM generate_series(1, 4) g""",
        [parent, balance],
    )
    assert history(tx, balance) == [(1, 1, 1), (2, 2, 3), (3, 3, 6), (4, 4, 10)]
    assert sums(tx, balance)[0] == 10


def test_a_repeated_key_leaves_no_trace(tx: Connection, parent: UUID, booking: UUID) -> None:
    balance = factories.balance(tx, parent, 10)
    factories.ledger(tx, balance, "booking_debit", -3, booking_id=booking, idempotency_key="one")
    tx.execute(
        """INSERT INTO credit_ledger (user_id, balance_id, transaction_type, amount, booking_id, idempotency_key)
           VALUES (%(user)s, %(balance)s, 'booking_debit', -3, %(booking)s, 'one'),
                  (%(user)s, %(balance)s, 'booking_debit', -2, %(booking)s, 'two')
           ON CONFLICT (idempotency_key) DO NOTHING""",
        {"user": parent, "balance": balance, "booking": booking},
    )
    assert history(tx, balance) == [(1, 10, 10), (2, -3, 7), (3, -2, 5)]
    assert sums(tx, balance) == (5, 10, 5, 0, 0, 3)


def test_the_same_key_twice_is_refused_without_asking(tx: Connection, parent: UUID) -> None:
    balance = factories.balance(tx, parent)
    factories.ledger(tx, balance, "allocation", 5, idempotency_key="one")
    with pytest.raises(psycopg.errors.UniqueViolation, match="unique_idempotency_key"), tx.transaction():
        factories.ledger(tx, balance, "allocation", 5, idempotency_key="one")
    assert sums(tx, balance)[0] == 5


def test_more_than_there_is_cannot_be_spent(tx: Connection, parent: UUID, booking: UUID) -> None:
    balance = factories.balance(tx, parent, 2)
    with pytest.raises(psycopg.Error, match="not enough credits") as caught, tx.transaction():
        factories.ledger(tx, balance, "booking_debit", -3, booking_id=booking)
    assert caught.value.sqlstate == "NX409"
    assert sums(tx, balance)[0] == 2


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("allocation", -1),
        ("booking_debit", 1),
        ("refund_credit", -1),
        ("adjustment", 0),
        ("expiry", 1),
    ],
)
def test_each_kind_has_its_sign(tx: Connection, parent: UUID, booking: UUID, kind: str, amount: int) -> None:
    balance = factories.balance(tx, parent, 5)
    with pytest.raises(psycopg.errors.CheckViolation, match="credit_ledger_sign"), tx.transaction():
        factories.ledger(tx, balance, kind, amount, booking_id=booking)


def test_a_forfeit_says_how_much(tx: Connection, parent: UUID, booking: UUID) -> None:
    balance = factories.balance(tx, parent, 5)
    with pytest.raises(psycopg.errors.CheckViolation, match="credit_ledger_forfeit"), tx.transaction():
        factories.ledger(tx, balance, "forfeit", 0, booking_id=booking)


def test_a_debit_names_its_booking(tx: Connection, parent: UUID) -> None:
    balance = factories.balance(tx, parent, 5)
    with pytest.raises(psycopg.errors.CheckViolation, match="credit_ledger_booking"), tx.transaction():
        factories.ledger(tx, balance, "booking_debit", -1)


def test_an_entry_belongs_to_the_balances_own_parent(tx: Connection, parent: UUID) -> None:
    balance = factories.balance(tx, parent)
    stranger = factories.parent(tx)
    with pytest.raises(psycopg.errors.ForeignKeyViolation), tx.transaction():
        factories.ledger(tx, balance, "allocation", 1, user_id=stranger)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE user_credit_balances SET credits_available = 99",
        "UPDATE user_credit_balances SET credits_forfeited = 1, credits_used = 4",
        "UPDATE user_credit_balances SET entries = 0",
    ],
)
def test_nobody_writes_a_sum(tx: Connection, parent: UUID, statement: str) -> None:
    factories.balance(tx, parent, 5)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="through the ledger"), tx.transaction():
        tx.execute(statement.encode())


def test_a_balance_starts_at_nothing(tx: Connection, parent: UUID) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="starts at nothing"), tx.transaction():
        factories.balance(tx, parent, credits_available=5)


def test_the_other_columns_of_a_balance_can_be_written(tx: Connection, parent: UUID) -> None:
    balance = factories.balance(tx, parent, 5)
    tx.execute("UPDATE user_credit_balances SET expiry_warning_sent = true WHERE id = %s", [balance])
    assert sums(tx, balance)[0] == 5


@pytest.mark.parametrize(
    "statement",
    ["UPDATE credit_ledger SET amount = 1", "DELETE FROM credit_ledger", "TRUNCATE credit_ledger"],
)
def test_an_entry_stays(tx: Connection, parent: UUID, statement: str) -> None:
    factories.balance(tx, parent, 5)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="keeps everything"), tx.transaction():
        tx.execute(statement.encode())


def test_a_balance_with_a_history_stays(tx: Connection, parent: UUID) -> None:
    factories.balance(tx, parent, 5)
    with pytest.raises(psycopg.IntegrityError), tx.transaction():
        tx.execute("DELETE FROM user_credit_balances")


def test_two_who_spend_the_last_credit_at_once(fresh_database: Database) -> None:
    """Eight connections race for five credits: five get one, and the history has no gap."""
    with fresh_database.connect() as admin:
        parent = factories.parent(admin)
        booking = factories.booking(admin, None, factories.child(admin, parent))
        balance = factories.balance(admin, parent, 5)
    refused: list[str | None] = []
    start = threading.Barrier(8)

    def spend() -> None:
        with fresh_database.connect() as connection:
            start.wait()
            try:
                factories.ledger(connection, balance, "booking_debit", -1, booking_id=booking)
            except psycopg.Error as error:
                refused.append(error.sqlstate)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["NX409"] * 3
    with fresh_database.connect() as admin:
        assert history(admin, balance) == [(1, 5, 5)] + [(n, -1, 6 - n) for n in range(2, 7)]
        assert sums(admin, balance) == (0, 5, 5, 0, 0, 6)
