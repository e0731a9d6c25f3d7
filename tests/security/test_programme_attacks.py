"""The programme under attack: a venue's series, sessions, closures and queues are its own manager's to change.

One door changes it (`schedules.apply`), so the door is tried with every kind of change, by everybody who must not, and
with another venue's things mixed in; and then everything beside the door.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.security.attacks import DENIED, INVALID, NO_SUCH_FUNCTION, NOT_FOUND, REFUSED, refused, rows, value
from tests.security.conftest import NOW, Place, Target
from tests.support import factories, identities
from tests.support.databases import Connection
from tests.support.replanning import APPLY, PLAN

CONFLICT = "NX409"
KINDS = (
    "series_new", "series_edit", "series_end", "session_new", "session_edit", "session_cancel", "session_restore",
    "session_combine", "closure_new", "closure_lift", "nonsense", "",
)  # fmt: skip
TUESDAY = "2026-03-03"
LATER = NOW + timedelta(days=3)


@dataclass(frozen=True)
class Stock:
    """What there is to change at one venue, all of it to come."""

    venue: UUID
    activity: UUID
    room: UUID
    series: UUID
    session: UUID
    other: UUID
    booking: UUID
    entry: UUID
    closure: UUID
    reason: UUID


def _stock(admin: Connection, place: Place) -> Stock:
    activity = factories.activity(admin, place.venue, name="Clay")
    room = factories.room(admin, place.venue, name=f"Room {uuid4().hex[:6]}")
    series = factories.schedule(admin, activity)
    session, other = (
        factories.session(admin, activity, starts_at=LATER + at, ends_at=LATER + at + timedelta(hours=1))
        for at in (timedelta(), timedelta(hours=3))
    )
    booking = factories.booking(admin, session, place.child)
    waiting = factories.child(admin, factories.parent(admin), first_name=f"Waiting{uuid4().hex[:6]}")
    entry = value(
        admin,
        """INSERT INTO waitlist (session_id, venue_id, child_id, user_id, position)
           SELECT %s, %s, id, parent_id, 1 FROM children WHERE id = %s RETURNING id""",
        [session, place.venue, waiting],
    )
    closure = value(
        admin,
        """INSERT INTO venue_closures (venue_id, starts_at, ends_at, reason)
           VALUES (%s, %s, %s, 'maintenance') RETURNING id""",
        [place.venue, NOW + timedelta(days=40), NOW + timedelta(days=41)],
    )
    reason = value(
        admin,
        "INSERT INTO closure_reasons (venue_id, name, kind) VALUES (%s, %s, 'other') RETURNING id",
        [place.venue, f"Own reason {uuid4().hex[:6]}"],
    )
    return Stock(place.venue, activity, room, series, session, other, booking, entry, closure, reason)


@pytest.fixture(scope="module")
def ours(target: Target) -> Stock:
    with target.administrator() as admin:
        return _stock(admin, target.ours)


@pytest.fixture(scope="module")
def theirs(target: Target) -> Stock:
    with target.administrator() as admin:
        return _stock(admin, target.theirs)


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


def series_facts(of: Stock, **changed: Any) -> dict[str, Any]:
    return {
        "activity_id": str(of.activity), "weekdays": [2], "start": "16:00", "minutes": 60, "capacity": 8,
        "first": TUESDAY, "last": TUESDAY, "room_id": str(of.room),
    } | changed  # fmt: skip


def session_facts(of: Stock, **changed: Any) -> dict[str, Any]:
    return {
        "day": "2026-03-09",
        "start": "10:00",
        "minutes": 60,
        "capacity": 8,
        "room_id": str(of.room),
    } | changed


def version(admin: Connection, table: str, row: UUID) -> int:
    return int(value(admin, f"SELECT version FROM {table} WHERE id = %s", [row]))


def asked(kind: str, of: Stock, admin: Connection) -> dict[str, Any]:
    """A change that the venue's own manager could make."""
    session = {"session_id": str(of.session), "version": version(admin, "activity_sessions", of.session)}
    series = {
        "series_id": str(of.series),
        "version": version(admin, "activity_recurring_schedules", of.series),
    }
    closure = {"closure_id": str(of.closure), "version": version(admin, "venue_closures", of.closure)}
    facts: dict[str, dict[str, Any]] = {
        "series_new": {"facts": series_facts(of)},
        "series_edit": series | {"scope": "all", "facts": series_facts(of)},
        "series_end": series | {"pivot": TUESDAY, "reason": "Over."},
        "session_new": {"activity_id": str(of.activity), "facts": session_facts(of)},
        "session_edit": session | {"facts": session_facts(of)},
        "session_cancel": session | {"reason": "Over."},
        "session_restore": session,
        "session_combine": {
            "from_id": str(of.session), "from_version": session["version"], "to_id": str(of.other),
            "to_version": version(admin, "activity_sessions", of.other),
        },
        "closure_new": {"starts": "2026-03-20", "ends": "2026-03-21", "reason_id": str(of.reason)},
        "closure_lift": closure,
    }  # fmt: skip
    return {"kind": kind} | facts.get(kind, {})


def kept(admin: Connection, venue: UUID) -> list[Any]:
    """Everything of a venue's programme, to be compared."""
    return [
        rows(admin, f"SELECT id, version FROM {table} WHERE venue_id = %s ORDER BY id", [venue])
        for table in (
            "activity_sessions",
            "activity_recurring_schedules",
            "venue_closures",
            "waitlist",
            "bookings",
        )
    ] + [rows(admin, "SELECT count(*) FROM notifications WHERE venue_id = %s", [venue])]


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


# -- beside the door -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT schedules.planned(gen_random_uuid(), '{}')",
        "SELECT schedules.apply_series(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_session(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_cancel(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_combine(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_closure(gen_random_uuid(), '{}', '{}')",
        "SELECT schedules.apply_lift(gen_random_uuid(), '{}')",
        "SELECT schedules.cancel_sessions('{}', 'x', 'weather', NULL)",
        "SELECT schedules.restore_sessions('{}')",
        "SELECT schedules.end_queues('{}', 'x')",
        "SELECT schedules.tell_families('{}', 'session_cancelled', '{}', 'x', 'x')",
        "SELECT schedules.generate('{}', '2026-12-31')",
        "SELECT schedules.generate_all()",
        "SELECT schedules.release_inventory()",
        "SELECT schedules.hits_of('{}', 'x', 'session_cancelled', '{}')",
        "SELECT schedules.session_words(gen_random_uuid())",
        "SELECT schedules.standing('{}')",
        "SELECT * FROM schedules.closed_spans(gen_random_uuid(), now(), now())",
        "SELECT schedules.require_shape('{}')",
        "SELECT bookings.settle_queue(gen_random_uuid())",
        "SELECT bookings.queue_of(gen_random_uuid())",
        "SELECT bookings.tell_waiting(gen_random_uuid(), 'waitlist_offered')",
        "SELECT bookings.expire_offers()",
        "SELECT bookings.give_up(gen_random_uuid(), true, true, 'weather', 'x')",
        "SELECT notify.tell(gen_random_uuid(), 'session_cancelled', '{}', 'x')",
        "SELECT notify.message(gen_random_uuid(), 'session_cancelled', '{}')",
        "SELECT notify.fill('{{child}}', '{}')",
        "SELECT attendance.close_overdue(1)",
    ],
)
def test_what_the_door_uses_is_not_called_by_itself(manager: Connection, statement: str) -> None:
    refused(manager, statement, by=(DENIED, NO_SUCH_FUNCTION))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO activity_sessions (venue_id) VALUES (gen_random_uuid())",
        "UPDATE activity_sessions SET is_cancelled = true",
        "UPDATE activity_sessions SET total_capacity = 9999",
        "UPDATE activity_sessions SET closure_id = NULL",
        "DELETE FROM activity_sessions",
        "INSERT INTO activity_recurring_schedules (venue_id) VALUES (gen_random_uuid())",
        "UPDATE activity_recurring_schedules SET every_weeks = 52",
        "DELETE FROM activity_recurring_schedules",
        "INSERT INTO schedule_exceptions (venue_id) VALUES (gen_random_uuid())",
        "UPDATE schedule_exceptions SET new_day = '2026-01-01'",
        "DELETE FROM schedule_exceptions",
        "INSERT INTO venue_closures (venue_id) VALUES (gen_random_uuid())",
        "UPDATE venue_closures SET lifted_at = now()",
        "DELETE FROM venue_closures",
        "INSERT INTO venue_closure_rooms (venue_id) VALUES (gen_random_uuid())",
        "DELETE FROM venue_closure_rooms",
        "DELETE FROM closure_reasons",
        "UPDATE closure_reasons SET venue_id = NULL",
        "INSERT INTO programme_changes (id) VALUES (gen_random_uuid())",
        "UPDATE programme_changes SET answer = '{}'",
        "DELETE FROM programme_changes",
        "INSERT INTO waitlist (session_id) VALUES (gen_random_uuid())",
        "UPDATE waitlist SET position = 1",
        "UPDATE waitlist SET spot_offered_at = now()",
        "DELETE FROM waitlist",
        "SELECT skip_reason FROM waitlist",
        "SELECT removal_note FROM waitlist",
        "SELECT skipped_by FROM waitlist",
        "UPDATE bookings SET move_consent = 'given'",
        "SELECT body FROM notifications",
        "SELECT id FROM notifications",
        "SELECT data_payload FROM notifications",
        "INSERT INTO notifications (user_id) VALUES (gen_random_uuid())",
        "UPDATE notifications SET state = 'waiting'",
        "DELETE FROM notifications",
        "INSERT INTO notification_templates (template_key) VALUES ('x')",
        "UPDATE notification_templates SET email_body_text = 'x'",
        "UPDATE platform_settings SET value = '1000000' WHERE key = 'generation_most_sessions'",
        "UPDATE venues SET updated_at = now()",
        "UPDATE activities SET published_at = now()",
        "UPDATE activities SET average_rating = 5",
        "UPDATE activities SET venue_id = gen_random_uuid()",
        "DELETE FROM activities",
        "TRUNCATE activity_sessions",
        "SELECT id FROM activity_sessions FOR UPDATE",
    ],
)
def test_the_tables_are_written_by_nobody(
    mallory: Connection, manager: Connection, finance: Connection, statement: str
) -> None:
    for attacker in (mallory, manager, finance):
        refused(attacker, statement, by=DENIED)


def test_another_venues_programme_is_not_read(
    mallory: Connection, manager: Connection, finance: Connection, target: Target, theirs: Stock
) -> None:
    for attacker in (mallory, manager, finance):
        for table in ("activity_sessions", "activity_recurring_schedules", "schedule_exceptions", "venue_closures",
                      "venue_closure_rooms", "closure_reasons", "programme_changes", "activities", "rooms",
                      "waitlist", "bookings"):  # fmt: skip
            try:
                found = rows(attacker, f"SELECT id FROM {table} WHERE venue_id = %s", [theirs.venue])
            except psycopg.errors.UndefinedColumn:
                found = rows(attacker, f"SELECT 1 FROM {table} WHERE venue_id = %s", [theirs.venue])
            assert found == [], table
        refused(attacker, "SELECT * FROM schedules.closures_between(%s, %s, %s)", [theirs.venue, TUESDAY, TUESDAY],
                by=REFUSED)  # fmt: skip
        refused(attacker, "SELECT * FROM schedules.closures_ahead(%s)", [theirs.venue], by=REFUSED)


def test_reasons_for_closing_are_each_venues_own(
    mallory: Connection,
    finance: Connection,
    manager: Connection,
    ours: Stock,
    theirs: Stock,
    administrator: Connection,
) -> None:
    add = "INSERT INTO closure_reasons (venue_id, name, kind) VALUES (%s, %s, 'other')"
    for attacker, venue in (
        (mallory, ours.venue),
        (finance, ours.venue),
        (manager, theirs.venue),
        (manager, None),
    ):
        refused(attacker, add, [venue, f"Mine {uuid4()}"[:40]])
    before = rows(administrator, "SELECT id, version FROM closure_reasons ORDER BY id")
    for attacker in (mallory, finance, manager):
        done = attacker.execute(
            "UPDATE closure_reasons SET is_active = false WHERE venue_id IS NULL OR venue_id = %s",
            [theirs.venue],
        )
        assert done.rowcount == 0
    assert rows(administrator, "SELECT id, version FROM closure_reasons ORDER BY id") == before
    refused(manager, add, [ours.venue, "x" * 61], by="22001")
    refused(manager, add, [ours.venue, " "], by="23514")


def test_the_catalogue_is_edited_at_ones_own_venue_only(
    mallory: Connection,
    finance: Connection,
    manager: Connection,
    ours: Stock,
    theirs: Stock,
    administrator: Connection,
) -> None:
    add = "INSERT INTO activities (venue_id, name, slug) VALUES (%s, 'Mine', %s)"
    edit = "UPDATE activities SET name = 'Taken over', credits_required = 0 WHERE id = %s"
    for attacker in (mallory, finance):
        refused(attacker, add, [ours.venue, f"mine-{uuid4()}"])
        assert attacker.execute(edit.encode(), [ours.activity]).rowcount == 0
    refused(manager, add, [theirs.venue, f"mine-{uuid4()}"])
    assert manager.execute(edit.encode(), [theirs.activity]).rowcount == 0
    assert value(administrator, "SELECT name FROM activities WHERE id = %s", [theirs.activity]) == "Clay"
    # An edit for all is an edit of what is one's own.
    manager.execute("UPDATE activities SET prerequisites = 'Socks'")
    assert (
        value(administrator, "SELECT prerequisites FROM activities WHERE id = %s", [theirs.activity]) is None
    )
    assert (
        value(administrator, "SELECT prerequisites FROM activities WHERE id = %s", [ours.activity]) == "Socks"
    )


def test_names_are_words_and_nothing_else_in_what_families_read(
    target: Target, ours: Stock, administrator: Connection
) -> None:
    """A child called like a variable, a room with a line break: the message keeps its lines."""
    session = factories.session(
        administrator,
        ours.activity,
        starts_at=LATER + timedelta(days=1),
        ends_at=LATER + timedelta(days=1, hours=1),
    )
    parent = factories.parent(administrator)
    child = factories.child(
        administrator, parent, first_name="{{venue}}\r\nBcc: all@home.example\u202e\u2028"
    )
    factories.booking(administrator, session, child)
    change = asked("session_cancel", ours, administrator) | {
        "session_id": str(session),
        "version": version(administrator, "activity_sessions", session),
        "reason": "{{child}}\r\n\r\nSubject: x\u2029{{credits}}",
    }
    with closing(target.connect(target.manager)) as connection:
        plan = value(connection, PLAN, [ours.venue, Jsonb(change)])
        value(connection, APPLY, [ours.venue, Jsonb(change), plan["fingerprint"], uuid4()])
    messages = rows(
        administrator, "SELECT title, body, channel::text FROM notifications WHERE user_id = %s", [parent]
    )
    assert len(messages) == 2
    for title, body, _ in messages:
        assert not any(ord(letter) < 32 or letter in "\u2028\u2029\u202e" for letter in title)
        assert not any(ord(letter) < 32 and letter != "\n" for letter in body)
        assert not any(letter in body for letter in "\u2028\u2029\u202e")
        assert not any(line.startswith(("Bcc:", "Subject:")) for line in body.splitlines())
        assert "{{venue}} Bcc: all@home.example" in body
        assert "{{child}} Subject: x {{credits}}" in body
    assert plan["hits"][0]["message"] == next(body for _, body, channel in messages if channel == "in_app")
