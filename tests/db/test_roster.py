"""desk.roster, desk.child_history and desk.search_today: what they carry, who may ask, and what stays hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def roster(who: Person, session: UUID) -> list[Row]:
    return who.call("SELECT * FROM desk.roster(%s)", session)


def denied(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def test_a_row_carries_what_the_card_needs(world: World) -> None:
    jonas = world.person()
    dana = factories.parent(world.admin, first_name="Dana", phone="(503) 555-0142")
    nia = world.child("Nia", parent_id=dana, date_of_birth=date(2018, 10, 20))
    factories.health_note(
        world.admin,
        nia,
        kind="medical",
        severity=2,
        label="Asthma",
        title="Asthma",
        instructions="Blue inhaler.",
    )
    factories.health_note(world.admin, nia, confirmed_by_name="Dana", confirmed_on=date(2026, 1, 3))
    factories.pickup_person(world.admin, nia, name="Sam", may_collect=False)
    rose = factories.pickup_person(
        world.admin, nia, name="Rose", relationship="grandmother", phone="1", note="Thursdays"
    )
    booking = world.booking(nia, parent_notes="Shy at the start.", venue_notes="Glasses off.")
    jonas.do("check_in", booking)
    (row,) = roster(jonas, world.session)
    assert row["booking_id"] == booking
    assert row["session_id"] == world.session
    assert (row["first_name"], row["age_months"]) == ("Nia", 88)
    assert (row["parent_first_name"], row["parent_phone"]) == ("Dana", "(503) 555-0142")
    assert (row["booking_status"], row["state"], row["state_at"]) == ("confirmed", "in", NOON)
    assert (row["state_desk"], row["state_by"], row["collected_by"]) == ("Desk 1", "Jonas", None)
    assert row["confirmation_code"] == world.code(booking)
    assert [note["label"] for note in row["health"]] == ["Peanut", "Asthma"]
    assert row["health"][0] == {
        "kind": "allergy",
        "severity": 1,
        "label": "Peanut",
        "title": "Peanut allergy",
        "instructions": "Carries an adrenaline pen.",
        "confirmed_by": "Dana",
        "confirmed_on": "2026-01-03",
    }
    assert [(person["name"], person["may_collect"]) for person in row["pickup"]] == [
        ("Rose", True),
        ("Sam", False),
    ]
    assert row["pickup"][0]["id"] == str(rose)
    assert row["pickup"][0]["note"] == "Thursdays"
    assert row["notes"] == "Shy at the start.\nGlasses off."
    assert row["version"] == 2
    assert row["undo"]["mine"] is True
    assert datetime.fromisoformat(row["undo"]["until"]) == NOON + timedelta(minutes=15)
    assert (row["first_visit"], row["visits"], row["first_visit_on"]) == (True, 0, None)


def test_who_collected_is_said_with_the_relationship(world: World) -> None:
    jonas = world.person()
    child = world.child()
    rose = factories.pickup_person(world.admin, child, name="Rose", relationship="grandmother")
    booking = world.booking(child)
    jonas.record(jonas.event("check_in", booking), jonas.event("check_out", booking, pickup_person_id=rose))
    assert roster(jonas, world.session)[0]["collected_by"] == "Rose, grandmother"
    other = world.booking("Leo")
    jonas.record(jonas.event("check_in", other), jonas.event("check_out", other, pickup_name="Uncle Bo"))
    assert {row["first_name"]: row["collected_by"] for row in roster(jonas, world.session)} == {
        "Leo": "Uncle Bo",
        child_name(world, booking): "Rose, grandmother",
    }


def child_name(world: World, booking: UUID) -> str:
    found = world.one(
        "SELECT c.first_name AS n FROM children c JOIN bookings b ON b.child_id = c.id WHERE b.id = %s",
        booking,
    )
    return str(found["n"])


def test_undo_is_mine_only_for_the_same_person_at_the_same_desk(world: World) -> None:
    jonas = world.person()
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    jonas.do("check_in", world.booking())
    assert roster(maya, world.session)[0]["undo"]["mine"] is False
    assert roster(jonas, world.session)[0]["undo"]["mine"] is True


def test_visits_count_earlier_ones_here_and_the_first_of_them(world: World) -> None:
    jonas = world.person()
    child = world.child()
    for weeks, came in ((3, True), (2, False), (1, True)):
        earlier = world.other_session(starts_at=NOON - timedelta(weeks=weeks))
        world.booking(child, earlier, status="completed" if came else "no_show")
    elsewhere = world.other_session(venue=factories.venue(world.admin), starts_at=NOON - timedelta(weeks=1))
    world.booking(child, elsewhere, status="completed")
    world.booking(child)
    (row,) = roster(jonas, world.session)
    assert (row["visits"], row["first_visit"], row["first_visit_on"]) == (2, False, date(2026, 2, 9))


def test_siblings_of_the_day_are_listed_and_those_booked_together_marked(world: World) -> None:
    jonas = world.person()
    dana = factories.parent(world.admin, first_name="Dana")
    group = uuid4()
    nia = world.booking(world.child("Nia", parent_id=dana), group_booking_id=group)
    ballet = world.other_session("Ballet", starts_at=SOON + timedelta(hours=2))
    kofi = world.booking(world.child("Kofi", parent_id=dana), ballet, group_booking_id=group)
    world.booking(world.child("Ama", parent_id=dana), ballet)
    world.booking(world.child("Old", parent_id=dana), world.other_session(starts_at=NOON - timedelta(days=1)))
    world.booking(
        world.child("Away", parent_id=dana), world.other_session(venue=factories.venue(world.admin))
    )
    (row,) = [row for row in roster(jonas, world.session) if row["booking_id"] == nia]
    assert [(s["first_name"], s["same_group"]) for s in row["siblings"]] == [("Ama", False), ("Kofi", True)]
    assert row["siblings"][1]["booking_id"] == str(kofi)
    assert row["siblings"][1]["activity_name"] == "Ballet"


def test_a_health_fact_that_was_never_structured_is_still_shown(world: World) -> None:
    jonas = world.person()
    world.booking(world.child(allergies_medical_notes="Faints at the sight of blood."))
    (row,) = roster(jonas, world.session)
    assert row["health"][0]["instructions"] == "Faints at the sight of blood."


def test_cancelled_places_are_left_out_unless_the_child_came(world: World) -> None:
    jonas = world.person()
    world.booking("Gone", status="cancelled_parent")
    came = world.booking("Came", status="cancelled_parent")
    jonas.do("check_in", came, origin="queued")
    assert [row["first_name"] for row in roster(jonas, world.session)] == ["Came"]


def test_an_expired_permission_to_collect_is_not_listed_but_a_prohibition_stays(world: World) -> None:
    jonas = world.person()
    child = world.child()
    yesterday = NOON.date() - timedelta(days=1)
    factories.pickup_person(world.admin, child, name="Was", valid_until=yesterday)
    factories.pickup_person(world.admin, child, name="Never", may_collect=False, valid_until=yesterday)
    world.booking(child)
    assert [person["name"] for person in roster(jonas, world.session)[0]["pickup"]] == ["Never"]


@pytest.mark.parametrize("days", [-2, 7])
def test_the_window_is_open_from_two_days_ago_to_seven_ahead(world: World, days: int) -> None:
    jonas = world.person()
    session = world.other_session(starts_at=NOON + timedelta(days=days))
    assert roster(jonas, session) == []


@pytest.mark.parametrize("days", [-3, 8])
def test_the_window_is_closed_beyond(world: World, days: int) -> None:
    jonas, boss = world.person(), world.person("manager", desk=world.desk("Desk 2"))
    session = world.other_session(starts_at=NOON + timedelta(days=days))
    for who in (jonas, boss):
        assert denied(who, "SELECT * FROM desk.roster(%s)", session) == ("NX403", "roster_closed")


def test_the_window_follows_the_venues_calendar(world: World) -> None:
    # 23:30 in New York on the day that in UTC is over already.
    world.at(datetime.fromisoformat("2026-03-03T04:30:00+00:00"))
    jonas = world.person()
    session = world.other_session(starts_at=datetime.fromisoformat("2026-02-28T15:00:00+00:00"))
    assert roster(jonas, session) == []


def test_a_manager_may_look_back_while_a_review_item_is_open(world: World) -> None:
    jonas, boss = world.person(), world.person("manager", desk=world.desk("Desk 2"))
    session = world.other_session(starts_at=NOON - timedelta(days=20))
    factories.insert(
        world.admin,
        "review_items",
        {"venue_id": world.venue, "kind": "late_event", "session_id": session, "summary": "Late."},
    )
    assert roster(boss, session) == []
    assert denied(jonas, "SELECT * FROM desk.roster(%s)", session) == ("NX403", "roster_closed")
    world.admin.execute(
        "UPDATE review_items SET resolved_at = app.now(), resolved_by = %s, resolution = 'Done.'", [boss.id]
    )
    assert denied(boss, "SELECT * FROM desk.roster(%s)", session) == ("NX403", "roster_closed")


@pytest.mark.parametrize("role", ["front_desk", "manager"])
def test_who_may_open_a_roster(world: World, role: str) -> None:
    world.booking()
    who = world.person(role)
    assert len(roster(who, world.session)) == 1


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance", "platform_admin"])
def test_nobody_but_the_venues_own_desk_and_managers_sees_a_name(world: World, role: str) -> None:
    booking = world.booking()
    who = world.person(role)
    for statement, argument in (
        ("SELECT * FROM desk.roster(%s)", world.session),
        ("SELECT * FROM desk.child_history(%s)", booking),
        ("SELECT * FROM desk.search_today(%s, 'nia')", world.venue),
    ):
        assert denied(who, statement, argument) == ("NX403", "not_permitted")


def test_absent_and_foreign_sessions_are_refused_alike(world: World) -> None:
    jonas = world.person()
    foreign = world.other_session(venue=factories.venue(world.admin))
    booking = world.booking(session=foreign)
    for unknown in (foreign, uuid4()):
        assert denied(jonas, "SELECT * FROM desk.roster(%s)", unknown) == ("NX404", "no_session")
    for unknown in (booking, uuid4()):
        assert denied(jonas, "SELECT * FROM desk.child_history(%s)", unknown) == ("NX404", "no_session")
    assert denied(jonas, "SELECT * FROM desk.search_today(%s, 'nia')", factories.venue(world.admin)) == (
        "NX403",
        "not_permitted",
    )


def test_nobody_signed_in_sees_nothing(world: World) -> None:
    jonas = world.person()
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    assert denied(jonas, "SELECT * FROM desk.roster(%s)", world.session) == ("NX403", "signed_out")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE children SET parental_consent_given = false WHERE id = %s",
        "UPDATE children SET deletion_requested = true, deletion_scheduled_for = '2026-04-01' WHERE id = %s",
        (
            "INSERT INTO parental_consent_records (parent_id, child_id, consent_type, consent_version, consent_given, "
            "consent_method, consent_text, withdrawn, withdrawn_at) "
            "SELECT parent_id, id, 'data_processing', '1', true, 'checkbox', 'Yes.', true, app.now() "
            "FROM children WHERE id = %s"
        ),
    ],
    ids=["consent withdrawn", "deletion requested", "consent record withdrawn"],
)
def test_consent_withdrawn_or_deletion_hides_the_child_at_once(world: World, change: str) -> None:
    jonas = world.person()
    child = world.child("Nia")
    booking = world.booking(child)
    jonas.do("check_in", booking)
    world.admin.execute(change.encode(), [child])
    assert roster(jonas, world.session) == []
    assert jonas.call("SELECT * FROM desk.search_today(%s, 'nia')", world.venue) == []
    assert jonas.call("SELECT * FROM desk.child_history(%s)", booking) == []
    assert "first_name" not in jonas.do("check_in", booking)["detail"]


def test_looking_is_audited_once_per_quarter_of_an_hour(world: World) -> None:
    jonas = world.person()
    read = (
        "SELECT user_id, device_id, venue_id FROM audit_logs WHERE entity_type = 'roster' AND entity_id = %s"
    )
    for _ in range(3):
        roster(jonas, world.session)
    assert world.all(read, world.session) == [
        {"user_id": jonas.id, "device_id": jonas.device_id, "venue_id": world.venue}
    ]
    world.at(NOON + timedelta(minutes=16))
    roster(jonas, world.session)
    assert len(world.all(read, world.session)) == 2


def test_history_is_newest_first_over_all_sessions_here(world: World) -> None:
    jonas = world.person()
    child = world.child()
    last_week = world.other_session("Ballet", starts_at=NOON - timedelta(days=7))
    before = world.booking(child, last_week)
    device = factories.device(world.admin, name="Desk 9")
    maya = factories.user(world.admin, first_name="Maya")
    factories.event(world.admin, before, device, maya, occurred_at=NOON - timedelta(days=7))
    booking = world.booking(child)
    entered = jonas.do("check_in", booking)["event_id"]
    world.at(NOON + timedelta(minutes=1))
    jonas.do("annul", annuls=entered, at=world.now)
    lines = jonas.call("SELECT * FROM desk.child_history(%s)", booking)
    assert [(line["kind"], line["desk"], line["person"]) for line in lines] == [
        ("annul", "Desk 1", "Jonas"),
        ("check_in", "Desk 1", "Jonas"),
        ("check_in", "Desk 9", "Maya"),
    ]
    assert lines[1]["detail"]["undone"] is True
    assert lines[2]["detail"]["activity_name"] == "Ballet"
    assert "undone" not in lines[2]["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zo", {"Zoë", "Zo"}),
        ("ZOE", {"Zoë"}),
        ("oe", set()),
        ("z", set()),
        ("%%", set()),
        ("lou", {"Mary-Lou"}),
        ("gra", {"Zo"}),
    ],
)
def test_names_are_found_from_their_second_letter_without_accents(
    world: World, query: str, found: set[str]
) -> None:
    jonas = world.person()
    for name in ("Zoë", "Mary-Lou"):
        world.booking(name)
    world.booking(world.child("Zo", parent_id=factories.parent(world.admin, first_name="Grace")))
    world.booking("Zoltan", world.other_session(starts_at=NOON + timedelta(days=1)))
    hits = jonas.call("SELECT * FROM desk.search_today(%s, %s)", world.venue, query)
    assert {hit["first_name"] for hit in hits} == found
    assert all(hit["activity_name"] == "Junior Judo" for hit in hits)


HIDDEN = "SELECT * FROM desk.hidden_bookings(%s, %s)"


def test_a_hidden_place_is_known_by_its_number_only(world: World) -> None:
    jonas = world.person()
    child = world.child("Nia")
    booking = world.booking(child)
    world.booking("Leo")
    world.booking(child, world.other_session(starts_at=SOON + timedelta(days=1)))
    today = NOON.date()
    assert jonas.call(HIDDEN, world.venue, today) == []
    world.admin.execute("UPDATE children SET parental_consent_given = false WHERE id = %s", [child])
    assert [list(row.values()) for row in jonas.call(HIDDEN, world.venue, today)] == [[booking]]


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance", "platform_admin"])
def test_hidden_places_are_for_those_who_read_rosters(world: World, role: str) -> None:
    who = world.person(role)
    assert denied(who, HIDDEN, world.venue, NOON.date()) == ("NX403", "not_permitted")


def test_hidden_places_of_another_venue_and_of_nobody_are_refused(world: World) -> None:
    jonas = world.person()
    for elsewhere in (factories.venue(world.admin), uuid4()):
        assert denied(jonas, HIDDEN, elsewhere, NOON.date()) == ("NX403", "not_permitted")
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    assert denied(jonas, HIDDEN, world.venue, NOON.date()) == ("NX403", "signed_out")
