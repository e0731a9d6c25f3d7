"""Who may not touch invoices, and what nobody can do to one that was issued, whatever SQL they know.

Everything goes over real logins; the functions stand by name, so that a new one has to be added here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.identities import refusal
from tests.support.invoicing import PDF, employer, facts, invoice, issued, line

ID = UUID(int=7)
DAY = date(2026, 3, 2)
Calls = dict[str, tuple[str, list[Any]]]
READS: Calls = {
    "invoices.invoice": ("SELECT invoices.invoice(%s)", [ID]),
    "invoices.document": ("SELECT * FROM invoices.document(%s)", [ID]),
}
WRITES: Calls = {
    "invoices.draft_due": ("SELECT invoices.draft_due(%s)", [DAY]),
    "invoices.save": ("SELECT invoices.save(%s, 1, %s, NULL, NULL)", [ID, Jsonb([line()])]),
    "invoices.issue": ("SELECT * FROM invoices.issue(%s)", [[ID]]),
    "invoices.attach": ("SELECT * FROM invoices.attach(%s, %s)", [[ID], [PDF]]),
    "invoices.send": ("SELECT * FROM invoices.send(%s)", [[ID]]),
    "invoices.pay": ("SELECT invoices.pay(%s, %s, 0, 1, %s, 'card', NULL)", [ID, ID, DAY]),
    "invoices.cancel": ("SELECT invoices.cancel(%s, 1, 'x')", [ID]),
    "invoices.save_account": ("SELECT invoices.save_account(%s, 1, NULL, 'USD', '0', NULL, 30)", [ID]),
}
LEDGERS: Calls = {
    "credits.find_parents": ("SELECT * FROM credits.find_parents(%s)", ["rosa"]),
    "credits.ledger_page": ("SELECT credits.ledger_page(%s, NULL, 10)", [ID]),
}
ANY = "gen_random_uuid()"
INTERNAL = (
    "invoices.make_drafts(date '2026-03-01')",
    "invoices.mark_overdue()",
    "invoices.mail_claim(1)",
    "invoices.mail_waiting()",
    f"invoices.mail_handing({ANY}, {ANY})",
    f"invoices.mail_delivered({ANY})",
    f"invoices.mail_failed({ANY}, {ANY}, 'x', true)",
    f"invoices.mail_uncertain({ANY}, {ANY}, 'x')",
    f"invoices.mail_give_back({ANY})",
    f"invoices.facts({ANY})",
    f"invoices.credit_note_facts({ANY})",
    "invoices.take_number('invoice_series')",
    f"invoices.recipient({ANY})",
    "invoices.issuer()",
    f"invoices.locked({ANY})",
    f"invoices.send_address({ANY}, '{{}}')",
    f"credits.account_of({ANY})",
)


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def people(world: World) -> dict[str, Person]:
    found = {
        role: world.person(role, name=role.title(), desk=world.desk(role))
        for role in ("front_desk", "manager", "venue_finance", "platform_admin", "platform_finance")
    }
    found["bound"] = world.person("platform_finance", desk=world.desk("Lobby", venue=world.venue))
    return found


@pytest.fixture(scope="module")
def amara(people: dict[str, Person]) -> Person:
    return people["platform_finance"]


def test_every_function_is_refused_to_whoever_may_not(world: World, people: dict[str, Person]) -> None:
    """NX403, before anything is looked at: an unknown id and a real one are answered alike."""
    nobody = world.sign_in(factories.user(world.admin, role="venue_admin"), "Nobody", world.desk("Spare"))
    everything = READS | WRITES | LEDGERS
    real = invoice(world.admin)
    for who in (nobody, *(people[role] for role in ("front_desk", "manager", "venue_finance", "bound"))):
        for statement, arguments in everything.values():
            for given in (arguments, [real if one == ID else one for one in arguments]):
                denied(who, statement, given)
    for statement, arguments in (*((WRITES[name]) for name in WRITES if name != "invoices.save_account"),):
        denied(people["platform_admin"], statement, arguments)
    for statement, arguments in LEDGERS.values():
        denied(people["platform_finance"], statement, arguments)
    assert facts(people["platform_finance"], real)["version"] == 1


def denied(who: Person, statement: str, arguments: list[Any]) -> None:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    assert refusal(caught.value) == ("NX403", "not_permitted"), statement


def test_every_function_answers_whoever_may(people: dict[str, Person]) -> None:
    """What they are refused here is that there is no such thing, not that they may not ask."""
    for role, allowed in (
        ("platform_finance", READS | WRITES),
        ("platform_admin", READS | LEDGERS | {"invoices.save_account": WRITES["invoices.save_account"]}),
    ):
        for statement, arguments in allowed.values():
            assert outcome(people[role], statement, arguments) in {None, "NX404"}, statement


def outcome(who: Person, statement: str, arguments: list[Any]) -> str | None:
    try:
        who.call(statement, *arguments)
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_a_signed_out_desk_and_one_that_was_revoked_are_told_so(world: World) -> None:
    role = world.desk("Out")
    person = world.person("platform_finance", desk=role)
    person.connection.execute("SELECT set_config('nexus.token', '', false)")
    statement, arguments = WRITES["invoices.issue"]
    with pytest.raises(psycopg.Error) as caught:
        person.call(statement, *arguments)
    assert refusal(caught.value) == ("NX403", "signed_out")
    world.admin.execute(
        "UPDATE auth.devices SET status = 'revoked', revoked_at = app.now() WHERE role_name = %s", [role]
    )
    with pytest.raises(psycopg.Error) as caught:
        person.call(statement, *arguments)
    assert refusal(caught.value) == ("NX403", "device_revoked")


def test_what_is_no_desks_is_closed_to_every_desk(people: dict[str, Person]) -> None:
    for call in INTERNAL:
        for role in ("platform_finance", "platform_admin"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                people[role].call(f"SELECT {call}")


def test_nobody_edits_an_invoice_by_sql_over_a_desk(world: World, amara: Person) -> None:
    made, draft = issued(world, amara), invoice(world.admin)
    amara.call("SELECT invoices.pay(%s, %s, 0, 5, %s, 'card', NULL)", made, uuid4(), DAY)
    for statement in (
        "UPDATE invoices SET total_amount = 1, subtotal = 1, tax_amount = 0",
        "UPDATE invoices SET status = 'paid', paid_at = app.now(), paid_amount = 100",
        "UPDATE invoices SET notes = 'x'",
        "DELETE FROM invoices",
        "INSERT INTO invoices (invoice_number) VALUES ('NFP-2026-99999')",
        "UPDATE invoice_payments SET amount = 1",
        "DELETE FROM invoice_payments",
        "INSERT INTO invoice_payments (id, invoice_id, amount, paid_on, method) VALUES "
        "(gen_random_uuid(), gen_random_uuid(), 1, '2026-03-02', 'card')",
        "UPDATE invoice_series SET next_number = 1",
        "DELETE FROM invoice_series",
        "UPDATE credit_notes SET reason = 'x'",
        "UPDATE documents SET file_name = 'x'",
        "SELECT content FROM documents",
        "DELETE FROM documents",
        "TRUNCATE invoices CASCADE",
        "UPDATE corporates SET tax_rate = 0",
        "SELECT send_lease FROM invoices",
        "SELECT stripe_customer_id FROM corporates",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            amara.call(statement)
    assert (facts(amara, made)["paid"], facts(amara, draft)["state"]) == ("5.00", "draft")


def test_not_even_the_administrator_changes_what_was_issued(world: World, amara: Person) -> None:
    made, credited = issued(world, amara, line(price="120.00")), issued(world, amara)
    amara.call("SELECT invoices.pay(%s, %s, 0, 5, %s, 'card', NULL)", made, uuid4(), DAY)
    amara.call("SELECT invoices.cancel(%s, %s, 'Wrong')", credited, facts(amara, credited)["version"])
    spare = world.one("SELECT id FROM documents LIMIT 1")["id"]
    note = world.one("SELECT credited_by_id AS id FROM invoices WHERE id = %s", credited)["id"]
    attacks: list[tuple[str, list[object]]] = [
        ("UPDATE invoices SET subtotal = 1, total_amount = 1 WHERE id = %s", [made]),
        ("UPDATE invoices SET invoice_number = 'NFP-2026-77777' WHERE id = %s", [made]),
        ("UPDATE invoices SET line_items = '[]' WHERE id = %s", [made]),
        ("UPDATE invoices SET tax_lines = '[1]' WHERE id = %s", [made]),
        ("UPDATE invoices SET issuer = '{}' WHERE id = %s", [made]),
        ("UPDATE invoices SET due_date = due_date + 30 WHERE id = %s", [made]),
        ("UPDATE invoices SET purchase_order_number = 'PO-X' WHERE id = %s", [made]),
        ("UPDATE invoices SET notes = 'Paid in cash' WHERE id = %s", [made]),
        ("UPDATE invoices SET document_id = %s WHERE id = %s", [spare, credited]),
        ("UPDATE invoices SET document_id = NULL WHERE id = %s", [made]),
        ("UPDATE invoices SET credited_by_id = NULL WHERE id = %s", [credited]),
        ("UPDATE invoices SET status = 'issued' WHERE id = %s", [credited]),
        (
            "UPDATE invoices SET status = 'draft', invoice_number = NULL, issued_at = NULL WHERE id = %s",
            [made],
        ),
        ("DELETE FROM invoices WHERE id = %s", [made]),
        ("TRUNCATE invoices CASCADE", []),
        ("UPDATE invoice_payments SET amount = 1 WHERE invoice_id = %s", [made]),
        ("DELETE FROM invoice_payments WHERE invoice_id = %s", [made]),
        ("TRUNCATE invoice_payments", []),
        ("UPDATE credit_notes SET reason = 'x' WHERE id = %s", [note]),
        ("UPDATE credit_notes SET document_id = %s WHERE id = %s", [spare, note]),
        ("DELETE FROM credit_notes WHERE id = %s", [note]),
        ("UPDATE documents SET content = 'x' WHERE id = %s", [spare]),
        ("DELETE FROM documents WHERE id = %s", [spare]),
    ]
    before = facts(amara, made), facts(amara, credited)
    for statement, arguments in attacks:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            world.all(statement, *arguments)
    assert (facts(amara, made), facts(amara, credited)) == before


def test_a_thrown_away_draft_stays_away_and_a_draft_may_be_removed(world: World, amara: Person) -> None:
    gone, draft = invoice(world.admin), invoice(world.admin)
    amara.call("SELECT invoices.cancel(%s, 1, NULL)", gone)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.admin.execute("UPDATE invoices SET status = 'draft' WHERE id = %s", [gone])
    world.admin.execute("DELETE FROM invoices WHERE id = %s", [draft])


def test_what_was_done_is_in_the_audit_trail_with_who_did_it(world: World, amara: Person) -> None:
    made = issued(world, amara)
    amara.call("SELECT invoices.pay(%s, %s, 0, 5, %s, 'card', NULL)", made, uuid4(), DAY)
    trail = world.all(
        """SELECT entity_type, action_type, user_id, device_id, new_values FROM audit_logs
            WHERE entity_id = %s OR new_values ->> 'invoice_id' = %s ORDER BY created_at, action_type""",
        made, str(made),
    )  # fmt: skip
    mine = [row for row in trail if row["user_id"] == amara.id and row["device_id"] == amara.device_id]
    assert {(row["entity_type"], row["action_type"]) for row in mine} == {
        ("invoices", "update"),
        ("invoice_payments", "insert"),
    }
    assert any("invoice_number" in row["new_values"] for row in mine)


def test_finance_reads_accounts_plainly_and_a_venue_does_not(world: World, people: dict[str, Person]) -> None:
    employer(world.admin)
    query = "SELECT billing_email, invoice_currency, tax_rate, purchase_order_number FROM corporates"
    assert people["platform_finance"].call(query)
    assert people["platform_admin"].call(query)
    for role in ("front_desk", "manager", "venue_finance", "bound"):
        assert people[role].call(query) == []
        assert people[role].call("SELECT send_state, credited_by_id FROM invoices") == []
