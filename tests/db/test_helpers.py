"""The small functions that policies and other functions stand on, asked directly over real desks."""

from __future__ import annotations

import time
from contextlib import closing

from console.domain import codes
from tests.support import identities
from tests.support.databases import Connection, Database


def test_the_caller_is_the_signed_in_person_at_this_desk_or_nobody(house: Database) -> None:
    with identities.at_desk(house) as person:
        row = person.connection.execute("SELECT session_id, user_id, device_id FROM auth.caller()").fetchone()
        assert row is not None
        assert row[0] is not None
        assert row[1:] == (person.id, person.desk.device_id)
        with closing(person.desk.connect()) as stranger:
            nobody = stranger.execute("SELECT session_id, user_id, device_id FROM auth.caller()").fetchone()
    assert nobody == (None, None, None)


def test_the_clock_moves_on_within_an_open_transaction(house: Database) -> None:
    """An attacker who keeps a transaction open must not keep an expired token alive with it."""
    with closing(identities.enrol(house).connect(autocommit=False)) as connection:
        first = connection.execute("SELECT auth.clock(), now()").fetchone()
        time.sleep(0.02)
        later = connection.execute("SELECT auth.clock(), now()").fetchone()
    assert first is not None
    assert later is not None
    assert later[0] > first[0]
    assert later[1] == first[1]


def test_a_cancelled_booking_holds_no_place(tx: Connection) -> None:
    found = tx.execute(
        "SELECT s::text, app.holds_place(s) FROM unnest(enum_range(NULL::booking_status)) AS s"
    )
    assert dict(found.fetchall()) == {
        "pending": True,
        "confirmed": True,
        "completed": True,
        "no_show": True,
        "cancelled_parent": False,
        "cancelled_venue": False,
    }


def test_the_check_symbol_is_the_same_in_both_languages(tx: Connection) -> None:
    for body in ("K7Q42MXR", "00000000", "ZZZZZZZZ"):
        row = tx.execute("SELECT bookings.code_check(%s)", [body]).fetchone()
        assert row is not None
        assert row[0] == codes.check_symbol(body)
