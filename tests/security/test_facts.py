"""Facts that nobody may change: audit, ledger, attendance events, and the rules around them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.security.attacks import DENIED, INVALID, REFUSED, answer_or_refusal, refused, rows, value
from tests.security.conftest import NOW, Target
from tests.support import factories
from tests.support.databases import Connection

APPEND_ONLY = ("audit_logs", "credit_ledger", "attendance_events")
_numbers: Iterator[int] = iter(range(1, 10**6))


def event(booking: UUID | None, kind: str = "check_in", **facts: Any) -> dict[str, Any]:
    """One event as a desk sends it."""
    made = {
        "id": str(uuid4()),
        "seq": next(_numbers),
        "kind": kind,
        "occurred_at": NOW.isoformat(),
        "origin": "live",
    }
    if booking is not None:
        made["booking_id"] = str(booking)
    return made | facts


def record(
    connection: Connection, *events: dict[str, Any], refused_by: tuple[str, ...] = ()
) -> list[tuple[str, str | None, str]]:
    """Outcome, reason and detail of each event; nothing where the whole batch is refused by one of `refused_by`."""
    return [
        (row[0], row[1], json.dumps(row[2]))
        for row in answer_or_refusal(
            connection,
            "SELECT outcome, reason, detail FROM attendance.record(%s)",
            [Jsonb(list(events))],
            by=refused_by,
        )
    ]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_desk_changes_a_fact(mallory: Connection, manager: Connection, target: Target, table: str) -> None:
    for connection in (mallory, manager, target.admin_person.connection):
        refused(connection, f"DELETE FROM public.{table}")
        refused(connection, f"TRUNCATE public.{table}")
        refused(connection, f"UPDATE public.{table} SET id = gen_random_uuid()")


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_not_even_the_owner_changes_a_fact(administrator: Connection, table: str) -> None:
    with administrator.transaction(force_rollback=True):
        administrator.execute("SET LOCAL ROLE console_owner")
        refused(administrator, f"TRUNCATE public.{table} CASCADE", by=("NX403", "NX409", "55000", DENIED))


@pytest.mark.parametrize("role", ["console_owner", "NONE"])
@pytest.mark.parametrize("table", ["public.users", "auth.devices"])
def test_nobody_whom_facts_may_name_goes_away(administrator: Connection, table: str, role: str) -> None:
    """Events name people and desks without foreign keys; these are kept even where no other row refers to them."""
    attempts = ("DELETE FROM {} WHERE id = %s", "UPDATE {} SET id = gen_random_uuid() WHERE id = %s")
    for attempt in attempts:
        with administrator.transaction(force_rollback=True):
            new = (
                factories.user(administrator) if table.endswith("users") else factories.device(administrator)
            )
            administrator.execute(f"SET LOCAL ROLE {role}".encode())
            assert refused(administrator, attempt.format(table), [new]).diag.message_detail == "kept"
    with administrator.transaction(force_rollback=True):
        administrator.execute(f"SET LOCAL ROLE {role}".encode())
        assert refused(administrator, f"TRUNCATE {table} CASCADE").diag.message_detail == "kept"


def test_a_ledger_entry_cannot_be_invented(mallory: Connection, manager: Connection, target: Target) -> None:
    for connection in (mallory, manager, target.admin_person.connection):
        refused(
            connection,
            "INSERT INTO public.credit_ledger (user_id, balance_id, transaction_type, amount, balance_after) "
            "SELECT %s, id, 'adjustment', 1000, 1000 FROM public.user_credit_balances",
            [target.ours.parent],
        )


def test_a_balance_cannot_be_written(mallory: Connection, target: Target) -> None:
    for connection in (mallory, target.admin_person.connection):
        refused(connection, "UPDATE public.user_credit_balances SET credits_available = 1000")


def test_an_attendance_event_cannot_be_inserted_directly(mallory: Connection, target: Target) -> None:
    refused(
        mallory,
        "INSERT INTO public.attendance_events "
        "(id, venue_id, device_id, seq, kind, occurred_at, person_id, origin, outcome) "
        "VALUES (gen_random_uuid(), %s, %s, 1, 'check_in', now(), %s, 'live', 'applied')",
        [target.ours.venue, target.desk.device_id, target.mallory.id],
    )


def test_a_bookings_state_cannot_be_written(mallory: Connection, manager: Connection) -> None:
    for connection in (mallory, manager):
        for column, new in (("status", "'completed'"), ("attendance_state", "'in'"), ("credits_charged", "1"),
                            ("venue_id", "gen_random_uuid()"), ("confirmation_code", "'X'")):  # fmt: skip
            refused(connection, f"UPDATE public.bookings SET {column} = {new}")


def test_a_batch_of_another_venues_events_changes_and_tells_nothing(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    state = "SELECT attendance_state, version FROM bookings WHERE id = %s"
    before = rows(administrator, state, [target.theirs.booking])
    answers = record(mallory, event(target.theirs.booking), event(uuid4()))
    assert [answer[0] for answer in answers] == ["rejected", "rejected"]
    assert answers[0][1:] == answers[1][1:], "a foreign booking must be answered like an absent one"
    assert "ChildTheirs" not in str(answers)
    assert rows(administrator, state, [target.theirs.booking]) == before


def test_another_venues_ticket_tells_no_name(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    code = value(
        administrator, "SELECT confirmation_code FROM bookings WHERE id = %s", [target.theirs.booking]
    )
    outcome, reason, detail = record(mallory, event(None, code=code, session_id=str(target.ours.session)))[0]
    assert outcome == "rejected"
    assert reason in ("unknown_code", "wrong_venue")
    assert "Theirs" not in detail


def test_a_pickup_person_of_another_child_is_not_named(mallory: Connection, target: Target) -> None:
    record(mallory, event(target.ours.booking))
    answer = record(
        mallory, event(target.ours.booking, "check_out", pickup_person_id=str(target.theirs.pickup))
    )[0]
    assert answer[0] == "rejected"
    record(mallory, event(target.ours.booking, "check_out", pickup_name="Dana"))


def test_finance_and_strangers_record_nothing(
    finance: Connection, stranger: Connection, target: Target
) -> None:
    for connection in (finance, stranger):
        answers = record(connection, event(target.ours.booking), refused_by=(REFUSED, DENIED))
        assert [answer[:2] for answer in answers] in ([], [("rejected", "not_permitted")])


def test_somebody_else_cannot_be_blamed(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    """A queued event claims who did it; only a person who has used this very desk is believed."""
    made = event(target.ours.booking, origin="queued", person_id=str(target.victim.id))
    record(mallory, made, refused_by=(REFUSED, INVALID))
    stored = value(administrator, "SELECT person_id FROM attendance_events WHERE id = %s", [made["id"]])
    assert stored != target.victim.id


def test_an_event_of_another_desk_is_not_taken_back_by_front_desk(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    child = factories.child(administrator, target.ours.parent, first_name="Later")
    booking = factories.booking(administrator, target.ours.session, child)
    first = event(booking)
    with closing(target.connect(target.manager)) as other:
        assert record(other, first)[0][0] == "applied"
    outcome, reason, _ = record(mallory, event(None, "annul", annuls=first["id"]))[0]
    assert (outcome, reason) == ("rejected", "not_permitted")


def test_a_stored_answer_cannot_be_asked_for_by_another_desk(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    """Resending an id answers what was stored, but only to the desk whose event it is."""
    child = factories.child(administrator, target.theirs.parent, first_name="Private")
    booking = factories.booking(administrator, target.theirs.session, child)
    theirs = event(booking)
    with closing(target.connect(target.victim)) as other:
        assert record(other, theirs)[0][0] == "applied"
    answers = record(mallory, theirs | {"seq": next(_numbers)}, refused_by=(REFUSED, INVALID, "NX409"))
    assert all(answer[0] == "rejected" for answer in answers)
    assert "Private" not in str(answers)


def test_a_batch_too_long_or_malformed_writes_nothing(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    count = "SELECT count(*) FROM attendance_events"
    before = value(administrator, count)
    good = event(target.ours.booking)
    for batch in (
        [good] * 501,
        [good, {"id": "x"}],
        [good, good | {"id": str(uuid4()), "seq": next(_numbers), "kind": "teleport"}],
        [good, good | {"id": str(uuid4()), "seq": -1}],
        {"not": "a list"},
    ):
        refused(mallory, "SELECT * FROM attendance.record(%s)", [Jsonb(batch)], by=INVALID)
    assert value(administrator, count) == before


def test_credits_cannot_be_moved_from_a_desk(mallory: Connection, target: Target) -> None:
    functions = rows(
        mallory,
        "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'credits' AND has_function_privilege(p.oid, 'EXECUTE')",
    )
    names = {row[0].split("(")[0] for row in functions}
    assert names <= {"credits.adjust", "credits.balance", "credits.find_parents", "credits.ledger_page"}, (
        names
    )


def test_a_record_of_who_looked_cannot_be_suppressed(
    mallory: Connection, administrator: Connection, target: Target
) -> None:
    """Everything a desk changes leaves an audit row with the person and the desk, whatever it has set."""
    child = factories.child(administrator, target.ours.parent, first_name="Audited")
    booking = factories.booking(administrator, target.ours.session, child)
    mallory.execute("SET client_min_messages = error")
    record(mallory, event(booking))
    found = rows(
        administrator,
        "SELECT user_id, action_type FROM audit_logs WHERE entity_id = %s AND user_id IS NOT NULL",
        [booking],
    )
    assert [row[0] for row in found] == [target.mallory.id]


def test_health_text_is_not_in_the_audit(administrator: Connection) -> None:
    leaked = rows(
        administrator,
        "SELECT entity_type FROM audit_logs WHERE (old_values::text || new_values::text) LIKE %s", ["%secret of%"],
    )  # fmt: skip
    assert leaked == []


def test_notifications_of_a_venue_do_not_carry_data(mallory: Connection, target: Target) -> None:
    """A NOTIFY can be forged by anybody; it is only a hint, so a forged one can at most cause a refetch."""
    mallory.execute("SELECT pg_notify('anything', 'forged')")
    assert rows(mallory, "SELECT id FROM public.bookings WHERE venue_id = %s", [target.theirs.venue]) == []
