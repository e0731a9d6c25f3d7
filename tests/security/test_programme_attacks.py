"""The programme under attack: a venue's series, sessions, closures and queues are its own manager's to change.

One door changes it (`schedules.apply`), so the door is tried with every kind of change, by everybody who must not, and
with another venue's things mixed in. What lies beside it is test_programme_tables.py's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.security.attacks import INVALID, NOT_FOUND, REFUSED, refused, rows, value
from tests.security.conftest import NOW, Target
from tests.security.programme_stock import TUESDAY, Stock, asked, kept, series_facts, session_facts
from tests.support import factories, identities
from tests.support.databases import Connection
from tests.support.replanning import APPLY, PLAN

CONFLICT = "NX409"
KINDS = (
    "series_new", "series_edit", "series_end", "session_new", "session_edit", "session_cancel", "session_restore",
    "session_combine", "closure_new", "closure_lift", "nonsense", "",
)  # fmt: skip


@pytest.fixture
def outsiders(target: Target) -> Iterator[list[Connection]]:
    """Everybody who may not change our programme, over logins of their own."""
    revoked = identities.signed_in(target.database, "manager", target.ours.venue)
    bound = identities.enrol(target.database, venue_id=target.theirs.venue)
    people = [
        identities.signed_in(target.database, "manager", target.theirs.venue),
        identities.signed_in(target.database, "platform_finance"),
        # Our own manager at a desk that stands in the other house.
        identities.signed_in(target.database, "manager", target.ours.venue, desk=bound),
        revoked,
    ]
    with target.administrator() as admin:
        admin.execute(
            "UPDATE auth.devices SET status = 'revoked', revoked_at = app.now() WHERE id = %s",
            [revoked.desk.device_id],
        )
    yield [person.connection for person in people]
    for person in people:
        person.connection.close()


# -- who may not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_looks_at_or_makes_a_change(
    kind: str,
    ours: Stock,
    mallory: Connection,
    finance: Connection,
    stranger: Connection,
    outsiders: list[Connection],
    administrator: Connection,
) -> None:
    change = Jsonb(asked(kind, ours, administrator))
    before = kept(administrator, ours.venue)
    for attacker in (mallory, finance, stranger, *outsiders):
        refused(attacker, PLAN, [ours.venue, change], by=REFUSED)
        refused(attacker, APPLY, [ours.venue, change, "x", uuid4()], by=REFUSED)
        # An absent venue is answered alike, and so is none at all.
        refused(attacker, PLAN, [uuid4(), change], by=REFUSED)
        refused(attacker, APPLY, [None, change, "x", uuid4()], by=REFUSED)
    assert kept(administrator, ours.venue) == before


def test_their_manager_is_nobody_here_however_the_change_is_called(
    manager: Connection, theirs: Stock, administrator: Connection
) -> None:
    before = kept(administrator, theirs.venue)
    for kind in KINDS:
        change = asked(kind, theirs, administrator)
        refused(manager, PLAN, [theirs.venue, Jsonb(change)], by=REFUSED)
        refused(manager, APPLY, [theirs.venue, Jsonb(change), "x", uuid4()], by=REFUSED)
    assert kept(administrator, theirs.venue) == before


# -- another venue's things at our own venue -------------------------------------------------------------------------


def test_another_venues_things_are_as_absent_here_as_none(
    manager: Connection, ours: Stock, theirs: Stock, administrator: Connection
) -> None:
    before = kept(administrator, theirs.venue)

    def mixed(foreign: Stock | None) -> list[dict[str, Any]]:
        """Changes of our programme with ids of `foreign`, or with ids of nothing."""

        def of(name: str) -> str:
            return str(getattr(foreign, name)) if foreign else str(uuid4())

        def change(kind: str, **parts: Any) -> dict[str, Any]:
            return asked(kind, ours, administrator) | parts

        return [
            change("series_new", facts=series_facts(ours, activity_id=of("activity"))),
            change("series_new", facts=series_facts(ours, room_id=of("room"))),
            change("series_new", settled={TUESDAY: {"room_id": of("room")}}),
            change("series_edit", series_id=of("series")),
            change("series_edit", facts=series_facts(ours, room_id=of("room"))),
            change("series_end", series_id=of("series")),
            change("session_new", activity_id=of("activity")),
            change("session_new", facts=session_facts(ours, room_id=of("room"))),
            change("session_edit", session_id=of("session")),
            change("session_edit", facts=session_facts(ours, room_id=of("room"))),
            change("session_cancel", session_id=of("session")),
            change("session_restore", session_id=of("session")),
            change("session_combine", from_id=of("session")),
            change("session_combine", to_id=of("session")),
            change("session_combine", booking_ids=[of("booking")]),
            change("session_combine", consented=[of("booking")]),
            change("closure_new", room_ids=[of("room")]),
            change("closure_new", room_ids=[str(ours.room), of("room")]),
            change("closure_new", reason_id=of("reason")),
            change("closure_lift", closure_id=of("closure")),
            change("closure_lift", restore=[of("session")]),
        ]

    for foreign, absent in zip(mixed(theirs), mixed(None), strict=True):
        answers = []
        for change in (foreign, absent):
            for statement, more in ((PLAN, []), (APPLY, ["x", uuid4()])):
                error = refused(
                    manager, statement, [ours.venue, Jsonb(change), *more], by=(NOT_FOUND, CONFLICT, INVALID)
                )
                answers.append((error.sqlstate, error.diag.message_primary, error.diag.message_detail))
        assert len(set(answers)) == 1, (foreign, answers)
    assert kept(administrator, theirs.venue) == before


def test_a_combination_takes_no_booking_of_another_session(
    manager: Connection, ours: Stock, target: Target, administrator: Connection
) -> None:
    change = asked("session_combine", ours, administrator)
    for spoilt in ({"booking_ids": [str(target.ours.booking)]}, {"consented": [str(target.ours.booking)]}):
        refused(manager, PLAN, [ours.venue, Jsonb(change | spoilt)], by=CONFLICT)
    # One session, spelt in two ways, is still one.
    same = change | {"to_id": str(ours.session).upper(), "to_version": change["from_version"]}
    refused(manager, PLAN, [ours.venue, Jsonb(same)], by=(CONFLICT, INVALID))


# -- what was looked at ----------------------------------------------------------------------------------------------


def test_no_fingerprint_but_the_plans_own_opens_the_door(
    manager: Connection, ours: Stock, administrator: Connection
) -> None:
    change = asked("session_cancel", ours, administrator)
    plan = value(manager, PLAN, [ours.venue, Jsonb(change)])
    other = value(manager, PLAN, [ours.venue, Jsonb(change | {"reason": "Another."})])
    before = kept(administrator, ours.venue)
    forged = hashlib.sha256(json.dumps({k: plan[k] for k in plan if k != "said"}).encode()).hexdigest()
    for fingerprint in (
        "",
        "x",
        forged,
        other["fingerprint"],
        plan["fingerprint"].upper(),
        plan["fingerprint"] + " ",
    ):
        refused(manager, APPLY, [ours.venue, Jsonb(change), fingerprint, uuid4()], by=CONFLICT)
    for fingerprint, new_id in ((None, uuid4()), (plan["fingerprint"], None)):
        refused(manager, APPLY, [ours.venue, Jsonb(change), fingerprint, new_id], by=INVALID)
    # Nor does the right one for another change, or an old version.
    old = Jsonb(change | {"version": 0})
    refused(manager, APPLY, [ours.venue, old, plan["fingerprint"], uuid4()], by=CONFLICT)
    assert kept(administrator, ours.venue) == before


def test_the_number_of_another_venues_change_is_no_key_to_it(
    target: Target, manager: Connection, ours: Stock, theirs: Stock, administrator: Connection
) -> None:
    new_id = uuid4()
    change = {"kind": "session_new", "activity_id": str(theirs.activity), "facts": session_facts(theirs)}
    with closing(identities.signed_in(target.database, "manager", theirs.venue).connection) as them:
        plan = value(them, PLAN, [theirs.venue, Jsonb(change)])
        done = value(them, APPLY, [theirs.venue, Jsonb(change), plan["fingerprint"], new_id])
    mine = asked("session_new", ours, administrator)
    seen = value(manager, PLAN, [ours.venue, Jsonb(mine)])
    for replayed in (mine, change):
        error = refused(
            manager, APPLY, [ours.venue, Jsonb(replayed), seen["fingerprint"], new_id], by=(CONFLICT, INVALID)
        )
        assert done["session_id"] not in str(error)
    # What they asked for is not read from the table either.
    assert rows(manager, "SELECT id FROM programme_changes WHERE venue_id = %s", [theirs.venue]) == []
    for column in ("change", "answer", "device_id"):
        refused(manager, f"SELECT {column} FROM programme_changes")


def test_settings_of_a_connection_change_neither_a_plan_nor_what_is_written(
    target: Target, ours: Stock, administrator: Connection
) -> None:
    change = Jsonb(asked("series_new", ours, administrator))

    def made(*settings: str) -> list[Any]:
        with closing(target.connect(target.manager)) as connection:
            for setting in settings:
                connection.execute(setting.encode())
            with connection.transaction(force_rollback=True):
                plan = value(connection, PLAN, [ours.venue, change])
                answer = value(connection, APPLY, [ours.venue, change, plan["fingerprint"], uuid4()])
                return rows(
                    connection,
                    """SELECT extract(epoch FROM starts_at), extract(epoch FROM ends_at), occurs_on::text <> '',
                              occurs_on - date '2026-01-01' FROM activity_sessions WHERE recurring_schedule_id = %s""",
                    [answer["series_id"]],
                )

    expected = made()
    assert len(expected) == 1
    for settings in (
        ["SET timezone = 'Asia/Tokyo'"],
        ["SET timezone = 'Pacific/Kiritimati'", "SET datestyle = 'SQL, DMY'"],
        ["SET datestyle = 'German'", "SET intervalstyle = 'sql_standard'"],
        ["SET transform_null_equals = on", "SET array_nulls = off", "SET extra_float_digits = -15"],
        ["SET search_path = desk, public", "SET quote_all_identifiers = on"],
    ):
        assert made(*settings) == expected, settings


def test_a_plan_is_only_read_in_the_isolation_that_sees_a_revoked_token(
    target: Target, ours: Stock, administrator: Connection
) -> None:
    change = Jsonb(asked("session_new", ours, administrator))
    with closing(target.connect(target.manager)) as connection:
        for level in ("REPEATABLE READ", "SERIALIZABLE"):
            connection.execute(f"SET default_transaction_isolation = '{level}'".encode())
            refused(connection, PLAN, [ours.venue, change], by=REFUSED)
            refused(connection, APPLY, [ours.venue, change, "x", uuid4()], by=REFUSED)


# -- the queue -------------------------------------------------------------------------------------------------------

QUEUE = (
    ("SELECT bookings.waitlist_queue(%s)", "session"),
    ("SELECT bookings.waitlist_offer(%s)", "session"),
    ("SELECT bookings.waitlist_skip(%s, 'Because.')", "entry"),
    ("SELECT bookings.waitlist_remove(%s, 'Because.')", "entry"),
    ("SELECT bookings.waitlist_accept(%s, gen_random_uuid())", "entry"),
)


def test_another_venues_queue_is_not_there(
    mallory: Connection, manager: Connection, theirs: Stock, administrator: Connection
) -> None:
    before = kept(administrator, theirs.venue)
    for attacker in (mallory, manager):
        refused(attacker, "SELECT * FROM bookings.waitlist_queues(%s)", [theirs.venue], by=REFUSED)
        for statement, of in QUEUE:
            for row in (getattr(theirs, of), uuid4(), None):
                refused(attacker, statement, [row], by=NOT_FOUND)
    assert kept(administrator, theirs.venue) == before


def test_finance_and_strangers_see_nobody_waiting(
    finance: Connection, stranger: Connection, target: Target, ours: Stock
) -> None:
    money = identities.signed_in(target.database, "platform_finance").connection
    headquarters = target.admin_person.connection
    for attacker in (finance, stranger, money, headquarters):
        refused(attacker, "SELECT * FROM bookings.waitlist_queues(%s)", [ours.venue], by=REFUSED)
        for statement, of in QUEUE:
            refused(attacker, statement, [getattr(ours, of)], by=REFUSED)
    money.close()


def test_who_waited_for_a_session_long_over_is_named_to_nobody(
    mallory: Connection, target: Target, administrator: Connection
) -> None:
    place = target.ours
    for days, is_named in ((1, True), (30, False)):
        activity = factories.activity(administrator, place.venue)
        at = NOW - timedelta(days=days)
        session = factories.session(administrator, activity, starts_at=at, ends_at=at + timedelta(hours=1))
        child = factories.child(administrator, factories.parent(administrator), first_name="Longago")
        administrator.execute(
            """INSERT INTO waitlist (session_id, venue_id, child_id, user_id, position)
               SELECT %s, %s, id, parent_id, 1 FROM children WHERE id = %s""",
            [session, place.venue, child],
        )
        (entry,) = value(mallory, "SELECT bookings.waitlist_queue(%s)", [session])
        assert (entry["child"] is not None) is is_named
        assert (entry["parent"] is not None) is is_named
        assert is_named or entry["parent_phone"] is None


def test_an_offer_is_not_accepted_under_the_number_of_another_booking(
    mallory: Connection, ours: Stock, target: Target, administrator: Connection
) -> None:
    administrator.execute(
        """UPDATE waitlist SET spot_offered_at = app.now(), spot_expires_at = app.now() + interval '1 hour'
            WHERE id = %s""",
        [ours.entry],
    )
    before = kept(administrator, ours.venue)
    for number in (ours.booking, target.ours.booking, target.theirs.booking, None):
        refused(
            mallory,
            "SELECT bookings.waitlist_accept(%s, %s)",
            [ours.entry, number],
            by=(CONFLICT, INVALID, "23505"),
        )
    assert kept(administrator, ours.venue) == before


def test_reasons_are_short_and_there(mallory: Connection, ours: Stock) -> None:
    for words in (None, "", "  ", "x" * 201):
        refused(mallory, "SELECT bookings.waitlist_skip(%s, %s)", [ours.entry, words], by=INVALID)
        refused(mallory, "SELECT bookings.waitlist_remove(%s, %s)", [ours.entry, words], by=INVALID)
