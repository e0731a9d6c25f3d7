"""Everything about one venue, its notes and incidents: who may read and write it, over real logins.

docs/design.md, "Screens" (platform) and "The database" (authorisation).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.identities import refusal

NOT_PERMITTED = ("NX403", "not_permitted")
FILE = "SELECT vetting.venue_file(%s) AS found"
NOTE = "SELECT vetting.add_note(%s, %s, %s) AS found"
REPORT = "SELECT vetting.report_incident(%s, %s, %s, %s, %s, %s) AS found"
RESOLVE = "SELECT vetting.resolve_incident(%s, %s, %s) AS found"
TODAY = date(2026, 3, 2)


@dataclass
class Office:
    world: World
    hq: Person

    def file(self, who: Person | None = None) -> dict[str, Any]:
        found = (who or self.hq).call(FILE, self.world.venue)[0]["found"]
        assert isinstance(found, dict)
        return found


@pytest.fixture
def office(fresh_database: Database) -> Iterator[Office]:
    with World(fresh_database) as world:
        yield Office(world, world.person("platform_admin", name="Noor", desk=world.desk("HQ")))


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def paper(world: World, kind: str, content: bytes = b"%PDF-1.7 x", venue: UUID | None = None) -> UUID:
    return factories.insert(
        world.admin, "documents",
        {"kind": kind, "venue_id": venue or world.venue, "file_name": f"{kind}.pdf",
         "media_type": "application/pdf", "content": content},
    )  # fmt: skip


def filed(world: World, document: UUID) -> None:
    filing = factories.insert(
        world.admin, "requirement_filings", {"venue_id": world.venue, "requirement": "insurance"}
    )
    factories.insert(
        world.admin, "filing_documents",
        {"venue_id": world.venue, "filing_id": filing, "document_id": document, "title": "Certificate"},
    )  # fmt: skip


def test_an_empty_venue_has_a_whole_file(office: Office) -> None:
    found = office.file()
    assert (found["facts"]["name"], found["facts"]["status"]) == ("Riverside Studio", "active")
    assert set(found) == {
        "facts", "cells", "cases", "staff", "devices", "series", "scores", "payouts", "documents", "incidents",
        "notes", "events", "audit",
    }  # fmt: skip
    assert [found[part] for part in ("cases", "scores", "payouts", "documents", "incidents", "notes")] == [
        []
    ] * 6
    assert refused(office.hq, FILE, uuid4()) == ("NX404", "no_venue")


def test_it_says_who_works_there_on_what_and_what_runs(office: Office) -> None:
    world = office.world
    desk = world.desk("Desk 1", world.venue)
    world.person("front_desk", name="Jonas", desk=desk)
    gone = factories.user(world.admin, first_name="Gone")
    grant = factories.grant(world.admin, gone, "manager", world.venue)
    world.admin.execute("UPDATE staff_grants SET revoked_at = %s WHERE id = %s", [NOON, grant])
    judo = world.one("SELECT id FROM activities WHERE name = 'Junior Judo'")["id"]
    series = factories.schedule(world.admin, judo, days_of_week=[3, 1], every_weeks=2)
    factories.schedule(world.admin, judo, effective_until=date(2026, 2, 1))
    coming = factories.session(
        world.admin, judo, starts_at=NOON + timedelta(days=2), recurring_schedule_id=series
    )
    world.booking("Nia", coming)
    found = office.file()
    assert [(one["first_name"], one["role"]) for one in found["staff"]] == [("Jonas", "front_desk")]
    assert found["staff"][0]["last_seen_at"] is not None
    assert [(one["name"], one["status"]) for one in found["devices"]] == [("Desk 1", "active")]
    assert found["devices"][0]["last_seen_at"] is not None
    line = found["series"][0]
    assert (line["activity"], line["days"], line["next_on"], line["booked"], line["every_weeks"]) == (
        "Junior Judo", [3, 1], "2026-03-04", 1, 2,
    )  # fmt: skip
    assert len(found["series"]) == 1
    assert "Nia" not in repr(found)


def test_it_shows_the_newest_revision_of_each_week_and_months_paid(office: Office) -> None:
    world = office.world
    weekly = {"venue_id": world.venue, "score_week_start": date(2026, 2, 16)}
    factories.insert(
        world.admin, "venue_performance_scores", weekly | {"composite_score": 70, "cancellation_score": 70}
    )
    factories.insert(
        world.admin, "venue_performance_scores",
        weekly | {"composite_score": 72.5, "no_show_score": 72.5, "revision": 2, "revision_reason": "late_check_in"},
    )  # fmt: skip
    assert office.file()["scores"] == [["2026-02-16", "72.50"]]


def test_papers_are_listed_and_read(office: Office) -> None:
    world = office.world
    certificate, statement = paper(world, "compliance"), paper(world, "statement", b"%PDF-1.7 s")
    elsewhere = paper(world, "statement", venue=factories.venue(world.admin))
    filed(world, certificate)
    listed = office.file()["documents"]
    assert {(UUID(one["id"]), one["kind"], one["title"]) for one in listed} == {
        (certificate, "insurance", "Certificate"), (statement, "statement", "statement.pdf"),
    }  # fmt: skip
    read = "SELECT * FROM vetting.file_document(%s)"
    assert bytes(office.hq.call(read, certificate)[0]["content"]) == b"%PDF-1.7 x"
    assert bytes(office.hq.call(read, statement)[0]["content"]) == b"%PDF-1.7 s"
    assert len(office.hq.call(read, elsewhere)) == 1
    assert world.all("SELECT document_id AS d FROM document_reads") == [{"d": certificate}]
    assert refused(office.hq, read, uuid4()) == ("NX404", "no_document")
    invoice = paper(world, "invoice")
    assert refused(office.hq, read, invoice) == ("NX404", "no_document")
    for role in ("front_desk", "manager", "venue_finance", "platform_finance"):
        person = world.person(role, name=role, desk=world.desk(role))
        assert refused(person, read, certificate) == NOT_PERMITTED, role


def test_only_who_vets_venues_reads_and_writes_the_file(office: Office) -> None:
    world = office.world
    incident = office.hq.call(REPORT, uuid4(), world.venue, TODAY, "minor", "Slip", "")[0]["found"]
    for role in ("front_desk", "manager", "venue_finance", "platform_finance"):
        person = world.person(role, name=role, desk=world.desk(role))
        for statement, arguments in (
            (FILE, (world.venue,)),
            ("SELECT * FROM vetting.file_events(%s)", (world.venue,)),
            (NOTE, (uuid4(), world.venue, "Hm")),
            (REPORT, (uuid4(), world.venue, TODAY, "minor", "Slip", "")),
            (RESOLVE, (incident["id"], 1, "Dried")),
        ):
            assert refused(person, statement, *arguments) == NOT_PERMITTED, (role, statement)
        for table in ("venue_file_notes", "venue_incidents", "venue_events"):
            assert refused(person, f"SELECT * FROM {table}")[0] == "42501", (role, table)


def test_who_may_not_see_money_or_the_trail_gets_neither(office: Office) -> None:
    world = office.world
    month = {"payout_period_start": date(2026, 2, 1), "payout_period_end": date(2026, 2, 28)}
    factories.insert(
        world.admin, "venue_payouts", month | {"venue_id": world.venue, "platform_fee_percentage": 17.5}
    )
    paper(world, "statement")
    whole = office.file()
    assert [one["period"] for one in whole["payouts"]] == ["2026-02-01"]
    assert whole["audit"]
    assert set(whole["audit"][0]) == {"at", "by", "what", "entity"}
    world.admin.execute(
        "DELETE FROM auth.role_permissions WHERE role = 'platform_admin' AND permission = ANY (%s::auth.permission[])",
        [["payouts.read", "audit.read"]],
    )
    less = office.file()
    assert (less["payouts"], less["audit"], less["documents"]) == ([], [], [])


def test_the_trail_says_who_did_what_to_which_table_and_no_more(office: Office) -> None:
    world = office.world
    maya = world.person("manager", name="Maya", desk=world.desk("Office"))
    activity = world.one("SELECT id FROM activities")["id"]
    maya.call("UPDATE activities SET name = 'Secret name' WHERE id = %s", activity)
    found = office.file()["audit"]
    assert {"by": "Maya", "what": "update", "entity": "activities", "at": found[0]["at"]} in found
    assert "Secret name" not in repr(found)


def test_notes_are_added_once_and_stay(office: Office) -> None:
    world = office.world
    one = uuid4()
    made = office.hq.call(NOTE, one, world.venue, "  Rang the owner \n")[0]["found"]
    assert (made["body"], made["by"]) == ("Rang the owner", "Noor")
    assert office.hq.call(NOTE, one, world.venue, "Rang the owner")[0]["found"] == made
    assert refused(office.hq, NOTE, one, world.venue, "Something else") == ("NX409", "id_reused")
    assert refused(office.hq, NOTE, uuid4(), world.venue, " ") == ("NX422", "body")
    assert refused(office.hq, NOTE, uuid4(), world.venue, "x" * 4001) == ("NX422", "body")
    assert refused(office.hq, NOTE, uuid4(), uuid4(), "x") == ("NX404", "no_venue")
    assert office.file()["notes"] == [made]
    with pytest.raises(psycopg.Error):
        world.admin.execute("UPDATE venue_file_notes SET body = 'x'")


def test_incidents_are_reported_and_resolved_once(office: Office) -> None:
    world, hq = office.world, office.hq
    one = uuid4()
    facts = (one, world.venue, TODAY, "serious", "A fall", "From the beam.")
    made = hq.call(REPORT, *facts)[0]["found"]
    assert hq.call(REPORT, *facts)[0]["found"] == made
    assert (made["severity"], made["reported_by"], made["resolved_at"]) == ("serious", "Noor", None)
    for field, wrong in (
        ("title", (uuid4(), world.venue, TODAY, "minor", " ", "")),
        ("title", (uuid4(), world.venue, TODAY, "minor", "x" * 151, "")),
        ("body", (uuid4(), world.venue, TODAY, "minor", "x", "x" * 4001)),
        ("severity", (uuid4(), world.venue, TODAY, "awful", "x", "")),
        ("happened_on", (uuid4(), world.venue, TODAY + timedelta(days=1), "minor", "x", "")),
        ("happened_on", (uuid4(), world.venue, None, "minor", "x", "")),
    ):
        assert refused(hq, REPORT, *wrong) == ("NX422", field)
    # What somebody set right meanwhile is not thrown away with an answer that looks like success.
    for place, other in ((2, date(2026, 3, 1)), (3, "minor"), (4, "Another"), (5, "")):
        changed = [*facts[:place], other, *facts[place + 1 :]]
        assert refused(hq, REPORT, *changed) == ("NX409", "id_reused"), place
    assert refused(hq, RESOLVE, one, made["version"], " ") == ("NX422", "resolution")
    assert refused(hq, RESOLVE, one, 9, "Padded") == ("NX409", "version_changed")
    assert refused(hq, RESOLVE, uuid4(), 1, "Padded") == ("NX404", "no_incident")
    done = hq.call(RESOLVE, one, made["version"], "Padded the beam")[0]["found"]
    assert (done["resolution"], done["resolved_by"]) == ("Padded the beam", "Noor")
    assert office.file()["incidents"] == [done]


def test_two_who_resolve_at_once_hear_of_each_other(office: Office) -> None:
    world = office.world
    one = office.hq.call(REPORT, uuid4(), world.venue, TODAY, "minor", "Slip", "")[0]["found"]
    ines = world.person("platform_admin", name="Ines", desk=world.desk("HQ 2"))
    answers: list[str | None] = []

    def resolve() -> None:
        try:
            ines.call(RESOLVE, one["id"], one["version"], "Dried")
        except psycopg.Error as error:
            answers.append(error.diag.message_primary)

    office.hq.connection.execute("BEGIN")
    office.hq.call(RESOLVE, one["id"], one["version"], "Mopped")
    waiting = threading.Thread(target=resolve)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    office.hq.connection.execute("COMMIT")
    waiting.join(10)
    assert answers == ["Noor has resolved this incident."]


def test_its_history_pages_by_key(office: Office) -> None:
    world = office.world
    for number in range(5):
        world.admin.execute(
            "INSERT INTO venue_events (venue_id, kind, at, by_user) VALUES (%s, 'suspended', %s, %s)",
            [world.venue, NOON - timedelta(minutes=number // 2), office.hq.id],
        )
    pages = "SELECT * FROM vetting.file_events(%s, %s, %s, 2)"
    seen: list[UUID] = []
    at = last = None
    while rows := office.hq.call(pages, world.venue, at, last):
        seen += [row["id"] for row in rows]
        at, last = rows[-1]["at"], rows[-1]["id"]
    assert len(set(seen)) == 5
    assert [UUID(one["id"]) for one in office.file()["events"]] == seen
    assert (
        refused(office.hq, "SELECT * FROM vetting.file_events(%s, NULL, NULL, 0)", world.venue)[0] == "NX422"
    )
