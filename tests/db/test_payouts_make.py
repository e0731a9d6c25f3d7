"""Making a month's payouts: lines, rounding, corrections, carrying, runs made twice or by two people at once.

docs/design.md, "Rules of the domain" (payouts).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, Row, World
from tests.support.identities import refusal
from tests.support.paying_out import FEBRUARY, JANUARY, MARCH_1, Books

D = Decimal


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def test_a_month_is_one_line_a_booking_and_one_fee(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 2), 14)
    books.booking(venue, date(2026, 2, 2), 14, "no_show")
    books.booking(venue, date(2026, 2, 4), 15)
    books.booking(venue, date(2026, 2, 4), 15)
    books.booking(venue, date(2026, 2, 5), 16, "cancelled_late")
    for state in ("cancelled", "confirmed"):
        books.booking(venue, date(2026, 2, 6), 10, state)
    books.booking(venue, date(2026, 3, 1), 10)
    run = books.make(FEBRUARY)
    assert (run["venues_made"], run["state"], run["mine"]) == (1, "made", True)
    payout = books.payout(venue, FEBRUARY)
    assert (payout["gross_revenue"], payout["platform_fee_amount"], payout["net_payout"]) == (
        D("74.00"),
        D("12.95"),
        D("61.05"),
    )
    assert (payout["total_bookings"], payout["total_attendees"], payout["status"]) == (5, 3, "pending")
    lines = books.lines(venue, FEBRUARY)
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5]
    assert sorted(line["reason"] for line in lines) == [
        "attended", "attended", "attended", "cancelled_late", "no_show",
    ]  # fmt: skip
    assert [line["fee_share"] for line in lines[2:]] == [D("2.63"), D("2.62"), D("2.80")]
    books.adds_up()


@pytest.mark.parametrize(
    ("fee", "credits", "value", "gross", "kept"),
    [
        ("50.00", 73025, "0.0100", "730.25", "365.13"),  # 365.125
        ("17.50", 6187, "1.0000", "6187.00", "1082.73"),  # 1082.725
        ("100.00", 14, "1.0000", "14.00", "14.00"),
        ("0.00", 14, "1.0000", "14.00", "0.00"),
        ("33.33", 10, "0.3333", "3.33", "1.11"),
    ],
)
def test_a_fee_is_rounded_half_up_once(
    books: Books, fee: str, credits: int, value: str, gross: str, kept: str
) -> None:
    factories.setting(books.world.admin, "credit_value", float(value))
    venue = books.venue(fee)
    # Three ways, with a rest that no third can have.
    for part in (credits // 3, credits // 3, credits - 2 * (credits // 3)):
        books.booking(venue, date(2026, 2, 2), part)
    books.make(FEBRUARY)
    payout = books.payout(venue, FEBRUARY)
    assert (payout["gross_revenue"], payout["platform_fee_amount"]) == (D(gross), D(kept))
    assert payout["net_payout"] == D(gross) - D(kept)
    books.adds_up()


def test_a_large_correction_is_rounded_away_from_zero(books: Books) -> None:
    """-312871.77 at 50 % is a fee of -156435.885: half a cent goes where it went when it was counted."""
    factories.setting(books.world.admin, "credit_value", 0.01)
    venue = books.venue("50.00")
    booking = books.booking(venue, date(2026, 1, 5), 31287177)
    books.pay(JANUARY)
    assert books.payout(venue, JANUARY)["platform_fee_amount"] == D("156435.89")
    books.becomes(booking, "cancelled")
    books.make(FEBRUARY)
    (line,) = books.lines(venue, FEBRUARY)
    assert (line["gross"], line["fee_share"], line["reason"]) == (
        D("-312871.77"),
        D("-156435.89"),
        "refunded",
    )
    books.adds_up()


def test_what_changed_after_a_payout_was_fixed_corrects_the_next(books: Books) -> None:
    """The picture's February: two corrections to January, listed first, each pointing at its booking and payout."""
    venue = books.venue("17.50")
    late = books.booking(venue, date(2026, 1, 8), 12, "confirmed")
    refunded = books.booking(venue, date(2026, 1, 29), 36)
    books.booking(venue, date(2026, 1, 30), 10)
    books.pay(JANUARY)
    books.becomes(late, "came")
    books.becomes(refunded, "cancelled")
    books.booking(venue, date(2026, 2, 2), 100)
    seen = books.preview(FEBRUARY)[0]
    assert (seen["adjustments"], seen["adjustment_lines"], seen["net"]) == (D("-19.80"), 2, D("62.70"))
    books.make(FEBRUARY)
    first, second, third = books.lines(venue, FEBRUARY)
    january = books.payout(venue, JANUARY)["id"]
    assert (first["booking_id"], first["credits"], first["reason"]) == (late, 12, "late_check_in")
    assert (second["booking_id"], second["credits"], second["reason"]) == (refunded, -36, "refunded")
    assert {first["adjusts_payout_id"], second["adjusts_payout_id"]} == {january}
    assert (first["net"], second["net"], third["kind"]) == (D("9.90"), D("-29.70"), "booking")
    books.adds_up()


def test_a_payout_that_is_not_approved_is_made_anew_and_nothing_else(books: Books) -> None:
    venue, other = books.venue(), books.venue()
    booking = books.booking(venue, date(2026, 2, 2), 10)
    books.booking(other, date(2026, 2, 2), 7)
    first = books.make(FEBRUARY)
    before = books.world.all("SELECT * FROM payout_lines ORDER BY id")
    again = books.make(FEBRUARY)
    assert (again["id"], books.world.all("SELECT * FROM payout_lines ORDER BY id")) == (first["id"], before)
    books.becomes(booking, "came", 4)
    payout = books.payout(venue, FEBRUARY)["id"]
    second = books.make(FEBRUARY)
    assert second["id"] != first["id"]
    assert (books.payout(venue, FEBRUARY)["id"], books.payout(venue, FEBRUARY)["gross_revenue"]) == (
        payout,
        6,
    )
    runs = {row["id"]: row["state"] for row in books.maker.call("SELECT * FROM payouts.runs()")}
    assert runs == {first["id"]: "withdrawn", second["id"]: "made"}
    books.approve(second)
    books.becomes(booking, "came")
    books.make(FEBRUARY)
    assert books.payout(venue, FEBRUARY)["gross_revenue"] == 6
    books.adds_up()


def test_a_negative_month_is_carried_until_it_is_earned(books: Books) -> None:
    venue = books.venue("0.00")
    months = [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), JANUARY, FEBRUARY]
    booking = books.booking(venue, date(2025, 10, 5), 100)
    books.pay(months[0])
    books.becomes(booking, "cancelled")
    for month in months[1:4]:
        books.booking(venue, month.replace(day=3), 20)
        books.pay(month)
    books.booking(venue, date(2026, 2, 3), 70)
    books.pay(FEBRUARY)
    found = [books.payout(venue, month) for month in months]
    assert [(row["carried_in"], row["carried_out"], row["net_payout"]) for row in found] == [
        (0, 0, 100),
        (0, -80, 0),
        (-80, -60, 0),
        (-60, -40, 0),
        (-40, 0, 30),
    ]
    assert [row["carried_from_id"] for row in found[2:]] == [row["id"] for row in found[1:4]]
    shown = books.maker.call("SELECT state FROM payouts.list()")
    assert [row["state"] for row in shown] == ["paid", "carried", "carried", "carried", "paid"]
    # The trail of what brought it there does not say that the month was paid.
    correction = books.lines(venue, months[1])[0]
    steps = books.maker.call("SELECT kind, period FROM payouts.trail(%s)", correction["id"])
    ends = [(row["kind"], row["period"]) for row in steps if row["kind"] in ("paid", "carried")]
    assert ends == [("paid", months[0]), ("carried", months[1])]
    books.adds_up()


def test_a_month_without_anything_makes_no_payout(books: Books) -> None:
    books.venue()
    assert [row["venue_id"] for row in books.preview(FEBRUARY)] == [None]
    assert books.make(FEBRUARY)["venues_made"] == 0
    assert books.world.all("SELECT * FROM venue_payouts") == []


def test_a_venue_waits_while_another_month_of_it_is_not_approved(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 1, 5), 10)
    books.booking(venue, date(2026, 2, 5), 10)
    january = books.make(JANUARY)
    seen = books.preview(FEBRUARY)[0]
    assert (seen["waits"], seen["warnings"]) == (True, ["earlier_not_closed"])
    assert books.make(FEBRUARY)["venues_made"] == 0
    books.approve(january)
    assert books.make(FEBRUARY)["venues_made"] == 1
    books.adds_up()


def test_a_decision_of_a_manager_is_answered_by_a_line(books: Books) -> None:
    venue = books.venue("0.00")
    booking = books.booking(venue, date(2026, 1, 5), 10)
    books.pay(JANUARY)
    item = factories.insert(
        books.world.admin,
        "review_items",
        {"kind": "other", "summary": "Came or not", "booking_id": booking, "venue_id": venue},
    )
    change = factories.insert(
        books.world.admin,
        "earning_changes",
        {"venue_id": venue, "booking_id": booking, "review_item_id": item, "credits_before": 10, "credits_after": 0,
         "was_counted": True, "decided_by": books.maker.id},
    )  # fmt: skip
    books.becomes(booking, "came", 10)
    books.booking(venue, date(2026, 2, 5), 30)
    run = books.make(FEBRUARY)
    line = books.lines(venue, FEBRUARY)[0]
    answered = "SELECT payout_line_id AS line FROM earning_changes WHERE id = %s"
    assert (line["reason"], books.world.one(answered, change)["line"]) == ("decided", line["id"])
    books.maker.call("SELECT * FROM payouts.withdraw(%s, %s, 'Too early')", run["id"], run["version"])
    assert books.world.one(answered, change)["line"] is None
    books.make(FEBRUARY)
    assert books.world.one(answered, change)["line"] == books.lines(venue, FEBRUARY)[0]["id"]


def test_what_finance_should_know_first(books: Books) -> None:
    venue = books.venue(payout_account_last_four=None)
    booking = books.booking(venue, date(2026, 2, 5), 10)
    books.world.admin.execute("UPDATE activity_sessions SET closed_at = NULL WHERE venue_id = %s", [venue])
    factories.booking(books.world.admin, books.session(venue, date(2026, 2, 5)), status="confirmed")
    factories.insert(
        books.world.admin,
        "review_items",
        {"kind": "other", "summary": "Came or not", "booking_id": booking, "venue_id": venue},
    )
    books.booking(venue, date(2026, 1, 5), 10)
    books.maker.call("SELECT * FROM payouts.hold(%s, 'Account in doubt')", venue)
    (seen,) = books.preview(FEBRUARY)
    assert seen["warnings"] == ["on_hold", "no_account", "open_reviews", "not_closed", "earlier_not_closed"]
    assert seen["open_reviews"] == 1


def test_what_is_made_is_what_was_looked_at(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    seen = books.preview(FEBRUARY)[0]["fingerprint"]
    make = "SELECT * FROM payouts.make(%s, %s, NULL, %s)"
    late = books.booking(venue, date(2026, 2, 6), 10)
    assert refused(books.maker, make, uuid4(), FEBRUARY, seen) == ("NX409", "plan_changed")
    assert books.world.all("SELECT 1 FROM payout_runs UNION ALL SELECT 1 FROM venue_payouts") == []
    books.becomes(late, "confirmed")
    run = uuid4()
    made = books.maker.call(make, run, FEBRUARY, seen)
    assert books.maker.call(make, run, FEBRUARY, seen) == made
    assert refused(books.checker, make, run, FEBRUARY, seen) == ("NX409", "run_id_reused")
    assert refused(books.maker, make, uuid4(), date(2026, 2, 2), seen) == ("NX422", "period")
    assert refused(books.maker, make, uuid4(), MARCH_1, seen) == ("NX409", "month_not_over")
    assert refused(books.maker, make, None, FEBRUARY, seen) == ("NX422", "fingerprint")


def test_a_month_is_over_by_the_clock_of_its_venue(books: Books) -> None:
    venue = books.venue(timezone="Pacific/Honolulu")
    make = "SELECT * FROM payouts.make(%s, %s, %s, 'x')"
    books.booking(venue, date(2026, 2, 5), 10)
    books.world.at(datetime(2026, 3, 1, 9, 59, tzinfo=UTC))
    assert books.preview(FEBRUARY)[0]["warnings"][:1] == ["not_over"]
    assert refused(books.maker, make, uuid4(), FEBRUARY, [venue]) == ("NX409", "month_not_over")
    books.world.at(datetime(2026, 3, 1, 10, 0, tzinfo=UTC))
    assert "not_over" not in books.preview(FEBRUARY)[0]["warnings"]
    assert refused(books.maker, make, uuid4(), FEBRUARY, [venue]) == ("NX409", "plan_changed")


def test_two_who_make_the_same_at_once_make_one(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    seen = books.preview(FEBRUARY)[0]["fingerprint"]
    answers: list[Row] = []

    def make(who: Person) -> None:
        answers.extend(who.call("SELECT * FROM payouts.make(%s, %s, NULL, %s)", uuid4(), FEBRUARY, seen))

    threads = [threading.Thread(target=make, args=(who,)) for who in (books.maker, books.checker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert answers[0]["id"] == answers[1]["id"]
    assert sorted(answer["mine"] for answer in answers) == [False, True]
    books.adds_up()


def test_a_check_in_that_commits_while_a_run_is_made_is_not_lost(books: Books) -> None:
    """Its transaction began before the payout and ended after it: no clock and no sequence would show that."""
    venue = books.venue("0.00")
    books.booking(venue, date(2026, 1, 5), 10)
    late = books.booking(venue, date(2026, 1, 6), 7, "confirmed")
    with books.world.database.connect(autocommit=False) as slow:
        slow.execute("UPDATE bookings SET status = 'completed' WHERE id = %s", [late])
        books.pay(JANUARY)
        slow.commit()
    books.booking(venue, date(2026, 2, 5), 1)
    books.make(FEBRUARY)
    assert [line["credits"] for line in books.lines(venue, FEBRUARY)] == [7, 1]
    books.adds_up()


def test_a_restored_database_looks_at_everything_again(books: Books) -> None:
    """Elsewhere transactions are counted anew: a mark from the future says nothing about what came after it."""
    venue = books.venue("0.00")
    booking = books.booking(venue, date(2026, 1, 5), 10)
    books.pay(JANUARY)
    admin = books.world.admin
    admin.execute("ALTER TABLE venue_payouts DISABLE TRIGGER USER")
    admin.execute("UPDATE venue_payouts SET counted_xmin = '999999999999'")
    admin.execute("ALTER TABLE venue_payouts ENABLE TRIGGER USER")
    books.becomes(booking, "came", 4)
    books.booking(venue, date(2026, 2, 5), 5)
    books.make(FEBRUARY)
    assert [line["credits"] for line in books.lines(venue, FEBRUARY)] == [-4, 5]


def test_a_session_that_moves_to_another_month_is_corrected_and_not_counted_again(books: Books) -> None:
    venue = books.venue("0.00")
    books.booking(venue, date(2026, 1, 30), 10)
    late = books.booking(venue, date(2026, 1, 30), 20, "confirmed")
    books.pay(JANUARY)
    books.world.admin.execute(
        """UPDATE activity_sessions SET starts_at = starts_at + interval '5 days', ends_at = ends_at + interval '5 days'
            WHERE id = %s""",
        [books.session(venue, date(2026, 1, 30))],
    )
    assert books.preview(FEBRUARY, venue)[0]["bookings"] is None
    books.becomes(late, "came")
    books.make(FEBRUARY)
    (line,) = books.lines(venue, FEBRUARY)
    january = books.payout(venue, JANUARY)["id"]
    assert (line["booking_id"], line["credits"], line["adjusts_payout_id"]) == (late, 20, january)
    books.adds_up()


def test_a_run_that_is_cut_off_leaves_nothing(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 5), 10)
    seen = books.preview(FEBRUARY)[0]["fingerprint"]
    who = books.maker
    lock = books.world.database.connect(autocommit=False)
    lock.execute("LOCK TABLE payout_sheets IN SHARE MODE")
    cut = threading.Timer(0.3, who.connection.cancel_safe)
    cut.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        who.call("SELECT * FROM payouts.make(%s, %s, NULL, %s)", uuid4(), FEBRUARY, seen)
    cut.join()
    lock.close()
    assert books.world.all("SELECT 1 FROM payout_runs UNION ALL SELECT 1 FROM venue_payouts") == []
