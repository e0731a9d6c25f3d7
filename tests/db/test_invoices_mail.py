"""Invoices by mail: asked for by a person, taken by one worker, at most once, and never after a credit note."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.identities import refusal
from tests.support.invoicing import PDF, employer, facts, invoice, issue, issued, line

SEND = "SELECT * FROM invoices.send(%s)"
LATER = NOON + timedelta(minutes=11)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def amara(world: World) -> Person:
    return world.person("platform_finance", name="Amara", desk=world.desk("Finance"))


def claim(world: World, at_most: int = 20) -> list[dict[str, Any]]:
    return world.all("SELECT * FROM invoices.mail_claim(%s)", at_most)


def do(world: World, function: str, *arguments: Any) -> Any:
    marks = ", ".join(["%s"] * len(arguments))
    return world.one(f"SELECT invoices.mail_{function}({marks}) AS answer", *arguments)["answer"]


def state(person: Person, of: UUID) -> tuple[str, str | None, str | None]:
    found = facts(person, of)
    return found["state"], found["send_state"], found["send_error"]


def test_it_goes_out_with_its_paper_to_whom_the_account_names(world: World, amara: Person) -> None:
    made = issued(world, amara, line("Plan", "1234.5"))
    assert do(world, "waiting") == 0
    assert amara.call(SEND, [made]) == [{"invoice_id": made, "refused": None}]
    assert state(amara, made) == ("issued", "waiting", None)
    assert do(world, "waiting") == 1
    (mail,) = claim(world)
    number = facts(amara, made)["number"]
    assert (mail["id"], mail["address"], mail["file_name"]) == (
        made,
        "invoices@cascadia.example",
        f"{number}.pdf",
    )
    assert mail["content"] == PDF + number.encode()
    assert (mail["subject"], mail["language"]) == (f"Invoice {number} from Nexus Family Pass", "en")
    assert mail["body"] == (
        f"Good day,\n\nAttached is invoice {number} for 1–28 February 2026.\n\nTotal: 1,234.50 USD\n"
        "To be paid by 1 April 2026: 1,234.50 USD\n\nNexus Family Pass"
    )
    assert claim(world) == []
    assert do(world, "handing", made, mail["lease"]) is True
    assert do(world, "handing", made, mail["lease"]) is False
    do(world, "delivered", made)
    assert state(amara, made) == ("sent", "sent", None)
    assert facts(amara, made)["sent_at"] is not None
    assert (claim(world), do(world, "waiting")) == ([], 0)


def test_each_that_cannot_be_sent_says_why(world: World, amara: Person) -> None:
    draft, unkept, gone = invoice(world.admin), invoice(world.admin), issued(world, amara)
    silent = issued(world, amara)
    world.admin.execute(
        "UPDATE corporates SET billing_email = NULL WHERE id = (SELECT corporate_id FROM invoices WHERE id = %s)",
        [silent],
    )
    issue(amara, unkept, paper=False)
    amara.call("SELECT invoices.cancel(%s, %s, 'Wrong')", gone, facts(amara, gone)["version"])
    unknown = uuid4()
    assert {
        row["invoice_id"]: row["refused"] for row in amara.call(SEND, [draft, unkept, gone, silent, unknown])
    } == {
        draft: "Issue it before you send it.",
        unkept: "Its document is not kept yet: open it once.",
        gone: "This invoice was cancelled.",
        silent: None,  # the address it was issued with
        unknown: "There is no such invoice.",
    }
    for wrong in ([], [uuid4() for _ in range(201)]):
        with pytest.raises(psycopg.Error) as caught:
            amara.call(SEND, wrong)
        assert refusal(caught.value) == ("NX422", "ids")


def test_two_workers_never_get_the_same_one(world: World, amara: Person) -> None:
    made = [issued(world, amara) for _ in range(4)]
    amara.call(SEND, made)
    with world.database.connect(autocommit=False) as first, world.database.connect() as second:
        mine = [row[0] for row in first.execute("SELECT id FROM invoices.mail_claim(2)").fetchall()]
        theirs = [row[0] for row in second.execute("SELECT id FROM invoices.mail_claim(9)").fetchall()]
        first.commit()
    assert (len(mine), len(theirs), set(mine) | set(theirs)) == (2, 2, set(made))


def test_what_a_worker_left_behind_is_tried_again_or_uncertain(world: World, amara: Person) -> None:
    begun, not_begun = issued(world, amara), issued(world, amara)
    amara.call(SEND, [begun, not_begun])
    leases = {row["id"]: row["lease"] for row in claim(world)}
    assert do(world, "handing", begun, leases[begun])
    world.at(LATER)
    (again,) = claim(world)
    assert again["id"] == not_begun
    assert state(amara, begun) == ("issued", "uncertain", "The worker stopped while it was being sent.")
    # The worker that was thought dead may not send any more, and what it says late still counts.
    assert do(world, "handing", not_begun, leases[not_begun]) is False
    # Nor does it give back to the queue what another one is sending.
    assert do(world, "handing", not_begun, again["lease"]) is True
    do(world, "failed", not_begun, leases[not_begun], "no server", False)
    do(world, "uncertain", not_begun, leases[not_begun], "no answer")
    assert state(amara, not_begun) == ("issued", "sending", None)
    assert claim(world) == []
    do(world, "delivered", begun)
    assert state(amara, begun)[:2] == ("sent", "sent")
    # A person may decide to send an uncertain one again.
    amara.call(SEND, [begun])
    assert state(amara, begun) == ("sent", "waiting", None)


def test_no_answer_is_uncertain_and_a_refusal_is_tried_again_five_times(world: World, amara: Person) -> None:
    made = issued(world, amara)
    amara.call(SEND, [made])
    (mail,) = claim(world)
    do(world, "uncertain", made, mail["lease"], "no answer")
    assert state(amara, made)[1] == "sending"  # nothing was handed over: that is no uncertainty
    do(world, "handing", made, mail["lease"])
    do(world, "uncertain", made, mail["lease"], "no answer from a@b.example")
    assert state(amara, made) == ("issued", "uncertain", "no answer from …")
    assert claim(world) == []
    amara.call(SEND, [made])
    at = NOON
    for wait in (1, 5, 15, 60, 240):
        (mail,) = claim(world)
        do(world, "failed", made, mail["lease"], " \n ", False)
        assert state(amara, made) == ("issued", "waiting", "The mail server gave no reason.")
        assert claim(world) == []
        at += timedelta(minutes=wait)
        world.at(at)
    (mail,) = claim(world)
    do(world, "failed", made, mail["lease"], "full", False)
    assert state(amara, made) == ("issued", "failed", "full")


def test_a_refusal_for_good_is_not_tried_again_and_a_lease_can_be_given_back(
    world: World, amara: Person
) -> None:
    refused, back = issued(world, amara), issued(world, amara)
    amara.call(SEND, [refused])
    (mail,) = claim(world)
    do(world, "failed", refused, mail["lease"], "no such mailbox", True)
    assert state(amara, refused) == ("issued", "failed", "no such mailbox")
    amara.call(SEND, [back])
    (mail,) = claim(world)
    assert do(world, "give_back", mail["lease"]) == 1
    assert state(amara, back)[1] == "waiting"


def test_a_cancelled_invoice_does_not_go_out_any_more(world: World, amara: Person) -> None:
    waiting, leased = issued(world, amara), issued(world, amara)
    amara.call(SEND, [leased])
    (mail,) = claim(world)
    amara.call(SEND, [waiting])
    for one in (waiting, leased):
        amara.call("SELECT invoices.cancel(%s, %s, 'Wrong')", one, facts(amara, one)["version"])
        assert state(amara, one) == ("cancelled", None, None)
    assert do(world, "handing", leased, mail["lease"]) is False
    assert claim(world) == []


def test_an_address_that_is_gone_when_it_is_due_fails_it(world: World, amara: Person) -> None:
    made = issued(world, amara)
    amara.call(SEND, [made])
    world.admin.execute("ALTER TABLE invoices DISABLE TRIGGER USER")
    world.admin.execute("UPDATE invoices SET recipient = recipient - 'email'")
    world.admin.execute("ALTER TABLE invoices ENABLE TRIGGER USER")
    world.admin.execute("UPDATE corporates SET billing_email = NULL")
    assert claim(world) == []
    assert state(amara, made) == ("issued", "failed", "The employer has no e-mail address for invoices.")


def test_an_overdue_or_paid_one_keeps_its_state_when_it_is_sent(world: World, amara: Person) -> None:
    made = issued(world, amara, payment_terms_days=0)
    world.at(NOON + timedelta(days=2))
    world.admin.execute("SELECT invoices.mark_overdue()")
    amara.call(SEND, [made])
    (mail,) = claim(world)
    do(world, "handing", made, mail["lease"])
    do(world, "delivered", made)
    assert state(amara, made)[:2] == ("overdue", "sent")
    amara.call("SELECT invoices.pay(%s, %s, 0, 100, %s, 'card', NULL)", made, uuid4(), NOON.date())
    amara.call(SEND, [made])
    (mail,) = claim(world)
    assert "It is paid. Thank you." in mail["body"]


def test_the_order_number_stands_in_the_mail(world: World, amara: Person) -> None:
    made = invoice(world.admin, corporate=employer(world.admin))
    world.admin.execute("UPDATE invoices SET purchase_order_number = 'PO-77' WHERE id = %s", [made])
    issue(amara, made)
    amara.call(SEND, [made])
    assert "\nYour purchase order: PO-77\n" in claim(world)[0]["body"]
