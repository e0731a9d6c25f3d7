"""Who may read payouts, make, approve, withdraw and hold them, and close the books: over real logins, each way.

docs/design.md, "The database" (authorisation) and "Rules of the domain" (payouts).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.identities import refusal
from tests.support.paying_out import FEBRUARY, JANUARY, MARCH_1, Books

NOT_PERMITTED = ("NX403", "not_permitted")


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def staff(books: Books, venue: UUID) -> dict[str, Person]:
    """Somebody of each role that does not run payouts, the venue's at that venue."""
    world = books.world
    made = {
        role: world.person(role, name=role, desk=world.desk(role), venues=(venue,))
        for role in ("front_desk", "manager", "venue_finance")
    }
    return made | {"platform_admin": world.person("platform_admin", name="Noor", desk=world.desk("HQ"))}


def test_only_platform_finance_makes_approves_withdraws_holds_and_closes(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    run = books.make(FEBRUARY)
    held = books.maker.call("SELECT * FROM payouts.hold(%s, 'Account in doubt')", venue)[0]
    attempts: list[tuple[str, tuple[Any, ...]]] = [
        ("SELECT * FROM payouts.preview(%s)", (FEBRUARY,)),
        ("SELECT * FROM payouts.make(%s, %s, NULL, 'x')", (uuid4(), FEBRUARY)),
        ("SELECT * FROM payouts.approve(%s, %s)", (run["id"], run["version"])),
        ("SELECT * FROM payouts.withdraw(%s, %s, 'No')", (run["id"], run["version"])),
        ("SELECT * FROM payouts.hold(%s, 'No')", (venue,)),
        ("SELECT * FROM payouts.release(%s, 'No')", (held["id"],)),
        ("SELECT * FROM books.close(%s)", (FEBRUARY,)),
        ("SELECT * FROM books.reopen(%s, 'No')", (FEBRUARY,)),
    ]
    for role, person in staff(books, venue).items():
        for statement, arguments in attempts:
            assert refused(person, statement, *arguments) == NOT_PERMITTED, (role, statement)
        for statement in (
            "UPDATE venue_payouts SET net_payout = 1",
            "DELETE FROM payout_sheets",
            "UPDATE payout_entries SET credits = 1",
            "UPDATE payout_runs SET state = 'approved'",
            "INSERT INTO book_closings (period_start, closed_by) VALUES ('2026-01-01', auth.user_id())",
        ):
            assert refused(person, statement)[0] == "42501", (role, statement)
    assert books.payout(venue, FEBRUARY)["status"] == "on_hold"


def test_nobody_approves_what_they_made_where_two_are_needed(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    run = books.make(FEBRUARY)
    approve = "SELECT * FROM payouts.approve(%s, %s)"
    assert refused(books.maker, approve, run["id"], run["version"]) == ("NX403", "second_person")
    # A second desk, and another sign-in, are still the same person.
    again = books.world.sign_in(books.maker.id, "Kenji", books.world.desk("Office 3"))
    assert refused(again, approve, run["id"], run["version"]) == ("NX403", "second_person")
    done = books.approve(run)
    assert (done["state"], done["approved_by"], done["mine"]) == ("approved", "Amara", False)
    assert refused(books.checker, approve, run["id"], done["version"]) == ("NX409", "run_approved")
    assert refused(books.checker, approve, run["id"], run["version"]) == ("NX409", "version_changed")
    assert refused(books.checker, approve, uuid4(), 1) == ("NX404", "no_run")


def test_a_servers_administrator_is_nobody_who_could_be_asked_why(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    run = books.make(FEBRUARY)
    held = books.maker.call("SELECT * FROM payouts.hold(%s, 'Account in doubt')", venue)[0]
    for statement, arguments in (
        ("SELECT * FROM payouts.make(%s, %s, NULL, 'x')", (uuid4(), FEBRUARY)),
        ("SELECT * FROM payouts.approve(%s, %s)", (run["id"], run["version"])),
        ("SELECT * FROM payouts.hold(%s, 'No')", (books.venue(),)),
        ("SELECT * FROM payouts.release(%s, 'No')", (held["id"],)),
        ("SELECT * FROM books.close(%s)", (JANUARY,)),
        ("SELECT * FROM books.reopen(%s, 'No')", (JANUARY,)),
    ):
        with pytest.raises(psycopg.Error) as caught:
            books.world.all(statement, *arguments)
        assert refusal(caught.value) == NOT_PERMITTED, statement


def test_one_person_is_enough_where_the_setting_says_so(books: Books) -> None:
    factories.setting(books.world.admin, "payouts_need_two_people", False)
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    run = books.make(FEBRUARY)
    done = books.maker.call("SELECT * FROM payouts.approve(%s, %s)", run["id"], run["version"])[0]
    assert (done["state"], done["mine"]) == ("approved", True)


def test_an_approved_payout_is_fixed_for_everybody_before_it_is_sent(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    books.approve(books.make(FEBRUARY))
    payout = books.payout(venue, FEBRUARY)
    for statement in (
        "UPDATE venue_payouts SET gross_revenue = 200, net_payout = 198.25 WHERE id = %s",
        "UPDATE venue_payouts SET run_id = NULL WHERE id = %s",
        "DELETE FROM payout_sheets WHERE payout_id = %s",
        "UPDATE payout_sheets SET credits = '{1}' WHERE payout_id = %s",
        """INSERT INTO payout_entries (payout_id, venue_id, kind)
           SELECT id, venue_id, 'adjustment' FROM venue_payouts WHERE id = %s""",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="fixed"):
            books.world.admin.execute(statement.encode(), [payout["id"]])
    other = books.session(venue, date(2026, 2, 6))
    named = "(SELECT booking_id FROM payout_lines WHERE payout_id = %s)"
    for statement in (
        f"DELETE FROM bookings WHERE id IN {named}",
        f"UPDATE bookings SET session_id = '{other}' WHERE id IN {named}",
    ):
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="that a payout counts"):
            books.world.admin.execute(statement.encode(), [payout["id"]])


def test_a_run_that_is_withdrawn_takes_its_payouts_along(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    run = books.make(FEBRUARY)
    withdraw = "SELECT * FROM payouts.withdraw(%s, %s, %s)"
    assert refused(books.maker, withdraw, run["id"], run["version"], " ") == ("NX422", "reason")
    assert refused(books.maker, withdraw, run["id"], run["version"], "x" * 301) == ("NX422", "reason")
    gone = books.maker.call(withdraw, run["id"], run["version"], "Too early")[0]
    assert (gone["state"], gone["venues_made"]) == ("withdrawn", 0)
    assert books.world.all("SELECT 1 FROM venue_payouts UNION ALL SELECT 1 FROM payout_lines") == []
    assert refused(books.maker, withdraw, run["id"], gone["version"], "Again") == ("NX409", "run_withdrawn")
    books.approve(books.make(FEBRUARY))
    done = books.maker.call("SELECT * FROM payouts.runs()")
    assert sorted(row["state"] for row in done) == ["approved", "withdrawn"]


def test_a_venue_on_hold_is_made_and_waits_for_its_release(books: Books) -> None:
    venue, other = books.venue(), books.venue()
    for each in (venue, other):
        books.booking(each, date(2026, 2, 5), 10)
    held = books.maker.call("SELECT * FROM payouts.hold(%s, 'Account in doubt')", venue)[0]
    assert refused(books.maker, "SELECT * FROM payouts.hold(%s, 'Twice')", venue) == ("NX409", "on_hold")
    assert refused(books.maker, "SELECT * FROM payouts.hold(%s, 'Whose')", uuid4()) == ("NX404", "no_venue")
    run = books.make(FEBRUARY)
    assert (books.payout(venue, FEBRUARY)["status"], books.payout(other, FEBRUARY)["status"]) == (
        "on_hold",
        "pending",
    )
    assert books.payout(venue, FEBRUARY)["hold_reason"] == "Account in doubt"
    assert books.make(FEBRUARY)["id"] == run["id"]
    books.approve(run)
    books.arrive()
    books.adds_up()
    assert (books.payout(venue, FEBRUARY)["status"], books.payout(other, FEBRUARY)["status"]) == (
        "on_hold",
        "paid",
    )
    release = "SELECT * FROM payouts.release(%s, %s)"
    freed = books.checker.call(release, held["id"], "Account confirmed")[0]
    assert (freed["release_reason"], books.payout(venue, FEBRUARY)["status"]) == (
        "Account confirmed",
        "pending",
    )
    assert refused(books.maker, release, held["id"], "Twice") == ("NX409", "released")
    assert refused(books.maker, release, uuid4(), "Which") == ("NX404", "no_hold")
    assert [row["venue_id"] for row in books.maker.call("SELECT * FROM payouts.holds()")] == [venue]
    # Placed on what is made already, too.
    books.maker.call("SELECT * FROM payouts.hold(%s, 'In doubt again')", venue)
    assert books.payout(venue, FEBRUARY)["status"] == "on_hold"


def test_a_venues_finance_sees_its_own_payouts_and_no_family(books: Books) -> None:
    venue, other = books.venue(name="Riverside"), books.venue(name="Elsewhere")
    for each in (venue, other):
        books.booking(each, date(2026, 2, 5), 10)
        books.booking(each, date(2026, 2, 6), 10, "cancelled_late")
        books.booking(each, date(2026, 2, 7), 10, "no_show")
    books.make(FEBRUARY)
    own, foreign = books.payout(venue, FEBRUARY)["id"], books.payout(other, FEBRUARY)["id"]
    people = staff(books, venue)
    priya = people["venue_finance"]
    lines = priya.call("SELECT * FROM payouts.lines(%s)", own)
    said = repr([
        priya.call("SELECT * FROM payouts.list(%s)", venue),
        priya.call("SELECT * FROM payouts.payout(%s)", own),
        lines,
        [priya.call("SELECT * FROM payouts.trail(%s)", line["id"]) for line in lines],
    ])  # fmt: skip
    assert "Oleander" not in said
    assert {row["word"]: row["lines"] for row in priya.call("SELECT * FROM payouts.counts(%s)", own)} == {
        "all": 3, "attended": 1, "no_show": 1, "cancelled_late": 1, "adjustment": 0,
    }  # fmt: skip
    foreign_line = books.lines(other, FEBRUARY)[0]["id"]
    for absent, line in ((foreign, foreign_line), (uuid4(), uuid4())):
        for name in ("payout", "lines", "counts"):
            assert refused(priya, f"SELECT * FROM payouts.{name}(%s)", absent) == ("NX404", "no_payout")
        assert refused(priya, "SELECT * FROM payouts.trail(%s)", line) == ("NX404", "no_line")
    for statement in ("SELECT * FROM payouts.list(NULL)", "SELECT * FROM payouts.runs()"):
        assert refused(priya, statement) == NOT_PERMITTED
    assert refused(priya, "SELECT * FROM payouts.list(%s)", other) == NOT_PERMITTED
    assert refused(priya, "SELECT * FROM payouts.holds()") == NOT_PERMITTED
    assert refused(priya, "SELECT * FROM books.months()") == NOT_PERMITTED
    for role in ("front_desk", "manager"):
        for statement, about in (
            ("payout", own), ("lines", own), ("counts", own), ("trail", lines[0]["id"]), ("list", venue),
        ):  # fmt: skip
            assert refused(people[role], f"SELECT * FROM payouts.{statement}(%s)", about) == NOT_PERMITTED
    noor = people["platform_admin"]
    assert len(noor.call("SELECT * FROM payouts.list()")) == 2
    assert len(noor.call("SELECT * FROM payouts.lines(%s)", foreign)) == 3


def test_a_closed_month_is_locked_and_what_comes_late_is_the_next_months(books: Books) -> None:
    venue, idle = books.venue("0.00"), books.venue("10.00")
    booking = books.booking(venue, date(2026, 1, 5), 10)
    late = books.booking(idle, date(2026, 1, 6), 20, "confirmed")
    close, reopen = "SELECT * FROM books.close(%s)", "SELECT * FROM books.reopen(%s, %s)"
    assert refused(books.maker, close, JANUARY) == ("NX409", "books_not_ready")
    run = books.make(JANUARY)
    assert refused(books.maker, close, JANUARY) == ("NX409", "books_not_ready")
    books.approve(run)
    closed = books.maker.call(close, JANUARY)[0]
    assert (closed["payouts"], closed["unpaid"], closed["closed_by"]) == (1, 1, "Kenji")
    assert refused(books.maker, close, JANUARY) == ("NX409", "books_closed")
    assert refused(books.maker, close, MARCH_1) == ("NX409", "books_not_ready")
    for no_month in (date(2026, 1, 2), None, "infinity", "-infinity"):
        assert refused(books.maker, close, no_month) == ("NX422", "period")
    books.becomes(late, "came")
    books.becomes(booking, "came", 4)
    make = "SELECT * FROM payouts.make(%s, %s, NULL, 'x')"
    assert refused(books.maker, make, uuid4(), JANUARY) == ("NX409", "books_closed")
    books.booking(venue, date(2026, 2, 5), 10)
    books.make(FEBRUARY)
    (line,) = books.lines(idle, FEBRUARY)
    assert (line["credits"], line["fee_share"], line["adjusts_payout_id"]) == (20, 2, None)
    shown = books.maker.call("SELECT * FROM payouts.lines(%s)", line["payout_id"])[0]
    assert shown["adjusts_period"] == JANUARY
    assert [one["credits"] for one in books.lines(venue, FEBRUARY)] == [-4, 10]
    books.adds_up()
    assert refused(books.maker, reopen, JANUARY, "") == ("NX422", "reason")
    opened = books.maker.call(reopen, JANUARY, "A bill came late")[0]
    assert (opened["closed_at"], opened["reopened"]) == (None, 1)
    assert refused(books.maker, reopen, JANUARY, "Twice") == ("NX409", "not_closed")
    months = books.maker.call("SELECT * FROM books.months()")
    assert [row["period_start"] for row in months] == [MARCH_1, FEBRUARY, JANUARY]
    assert months[0]["why_not"] == "This month is not over everywhere."
    assert months[1]["why_not"] == "The payouts of 2 venues are not approved."
    assert months[2]["why_not"] is None


def test_pages_of_payouts_and_lines_follow_one_another(books: Books) -> None:
    venues = [books.venue(name=name) for name in ("Ash", "Birch", "Cedar")]
    for venue in venues:
        for day in range(1, 8):
            books.booking(venue, date(2026, 1, day), day)
            books.booking(venue, date(2026, 2, day), day, "came" if day % 2 else "no_show")
    books.pay(JANUARY)
    books.make(FEBRUARY)
    list_ = "SELECT * FROM payouts.list(NULL, %s::jsonb, %s::jsonb, %s)"
    first = books.maker.call(list_, "{}", None, 4)
    rest = books.maker.call(list_, "{}", json.dumps(first[-1]["page_key"]), 4)
    assert [(row["venue"], row["period_start"].month) for row in [*first, *rest]] == [
        ("Ash", 2), ("Birch", 2), ("Cedar", 2), ("Ash", 1), ("Birch", 1), ("Cedar", 1),
    ]  # fmt: skip
    paid = books.maker.call(list_, '{"state": "paid", "text": "ASH"}', None, 9)
    assert [(row["venue"], row["state"], row["credits"]) for row in paid] == [("Ash", "paid", 28)]
    february = books.payout(venues[0], FEBRUARY)["id"]
    lines = "SELECT * FROM payouts.lines(%s, %s::jsonb, %s, %s)"
    page = books.maker.call(lines, february, "{}", 3, 2)
    assert [row["position"] for row in page] == [4, 5]
    only = books.maker.call(lines, february, '{"reason": "no_show"}', None, 9)
    assert [row["day"].day for row in only] == [2, 4, 6]
    books.world.admin.execute(
        "UPDATE bookings SET confirmation_code = 'K7Q4-2MXR-6' WHERE id = %s", [page[0]["booking_id"]]
    )
    for typed in ("k7q4-2m", "7Q42MX", "judo 04"):
        found = books.maker.call(lines, february, json.dumps({"text": typed}), None, 9)
        assert [row["code"] for row in found] == ["K7Q4-2MXR-6"], typed
    assert refused(books.maker, lines, february, "{}", None, 0) == ("NX422", "unknown_sort")
    assert refused(books.maker, list_, "{}", None, 0) == ("NX422", "unknown_sort")
