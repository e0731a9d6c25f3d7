"""An activity's stars are those of its visible reviews, whatever is done to these and by whom.

docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON
from tests.support.opinions import review

_UNLIKE = """SELECT a.id FROM activities AS a
  LEFT JOIN reviews AS r ON r.activity_id = a.id AND r.is_visible
 GROUP BY a.id, a.average_rating, a.total_reviews, a.stars_sum
HAVING (a.average_rating, a.total_reviews, a.stars_sum)
       IS DISTINCT FROM (
           coalesce(round(avg(r.rating), 2), 0), count(r.id)::integer, coalesce(sum(r.rating), 0)::integer)"""


def stars(connection: Connection, activity: UUID) -> tuple[str, int]:
    average, many = factories.one(
        connection, "SELECT average_rating, total_reviews FROM activities WHERE id = %s", activity
    )
    return str(average), many


def test_a_hidden_review_leaves_the_stars_at_once_and_comes_back(tx: Connection) -> None:
    activity = factories.activity(tx)
    good, bad = review(tx, activity, 5), review(tx, activity, 2)
    assert stars(tx, activity) == ("3.50", 2)
    tx.execute("UPDATE reviews SET is_visible = false, hidden_at = %s WHERE id = %s", [NOON, bad])
    assert stars(tx, activity) == ("5.00", 1)
    tx.execute("UPDATE reviews SET rating = 4 WHERE id = %s", [good])
    tx.execute("UPDATE reviews SET is_visible = true, hidden_at = NULL WHERE id = %s", [bad])
    assert stars(tx, activity) == ("3.00", 2)
    tx.execute("DELETE FROM reviews WHERE id = %s", [bad])
    assert stars(tx, activity) == ("4.00", 1)
    tx.execute("DELETE FROM reviews")
    assert stars(tx, activity) == ("0.00", 0)


def test_stars_change_for_desks_and_are_no_new_version(tx: Connection) -> None:
    activity = factories.activity(tx)
    facts = "SELECT version, changed_xid::text::bigint FROM activities WHERE id = %s"
    tx.execute("UPDATE activities SET name = 'Judo' WHERE id = %s", [activity])
    version, _xid = factories.one(tx, facts, activity)
    review(tx, activity)
    assert factories.one(tx, facts, activity)[0] == version
    tx.execute("UPDATE activities SET name = 'Junior Judo' WHERE id = %s", [activity])
    assert factories.one(tx, facts, activity)[0] == version + 1


def test_nobody_writes_the_stars(tx: Connection) -> None:
    activity = factories.activity(tx, average_rating=4.9, total_reviews=900)
    assert stars(tx, activity) == ("0.00", 0)
    tx.execute(
        "UPDATE activities SET average_rating = 5, total_reviews = 12, name = 'Best' WHERE id = %s",
        [activity],
    )
    assert stars(tx, activity) == ("0.00", 0)
    assert factories.one(tx, "SELECT name FROM activities WHERE id = %s", activity) == "Best"


def test_an_activity_goes_with_its_reviews(tx: Connection) -> None:
    activity = factories.activity(tx)
    review(tx, activity)
    tx.execute("DELETE FROM reviews")
    tx.execute("DELETE FROM bookings")
    tx.execute("DELETE FROM activity_sessions")
    tx.execute("DELETE FROM activities WHERE id = %s", [activity])
    assert tx.execute("SELECT 1 FROM activities WHERE id = %s", [activity]).fetchall() == []


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "hide", "show", "rate", "move", "delete", "hide_all", "delete_worst"]),
        st.integers(0, 9),
        st.integers(1, 5),
    ),
    max_size=14,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_stars_always_equal_the_visible_reviews(tx: Connection, acts: list[tuple[str, int, int]]) -> None:
    with tx.transaction(force_rollback=True):
        venue = factories.venue(tx)
        activities = [factories.activity(tx, venue) for _ in range(3)]
        made: list[UUID] = []
        for act, which, number in acts:
            at = activities[which % 3]
            one = made[which % len(made)] if made else None
            if act == "add":
                hidden = which == 9
                made.append(review(tx, at, number, is_visible=not hidden, hidden_at=NOON if hidden else None))
            elif act == "hide":
                tx.execute("UPDATE reviews SET is_visible = false, hidden_at = %s WHERE id = %s", [NOON, one])
            elif act == "show":
                tx.execute("UPDATE reviews SET is_visible = true, hidden_at = NULL WHERE id = %s", [one])
            elif act == "rate":
                tx.execute("UPDATE reviews SET rating = %s WHERE id = %s", [number, one])
            elif act == "move":
                tx.execute("UPDATE reviews SET activity_id = %s WHERE id = %s", [at, one])
            elif act == "delete":
                tx.execute("DELETE FROM reviews WHERE id = %s", [one])
            elif act == "hide_all":
                tx.execute(
                    "UPDATE reviews SET is_visible = false, hidden_at = %s WHERE rating = %s", [NOON, number]
                )
            else:
                tx.execute("DELETE FROM reviews WHERE rating = (SELECT min(rating) FROM reviews)")
            made = [row[0] for row in tx.execute("SELECT id FROM reviews ORDER BY id").fetchall()]
            assert tx.execute(_UNLIKE.encode()).fetchall() == []


def test_two_parents_at_once_are_both_counted(fresh_database: Database) -> None:
    with fresh_database.connect() as admin:
        activity = factories.activity(admin)
        first, second = review(admin, activity, 1), review(admin, activity, 2)
    with fresh_database.connect(autocommit=False) as one, fresh_database.connect(autocommit=False) as two:
        one.execute("UPDATE reviews SET rating = 5 WHERE id = %s", [first])
        waiting = threading.Thread(
            target=lambda: two.execute("UPDATE reviews SET rating = 4 WHERE id = %s", [second])
        )
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()  # it waits for the activity
        one.commit()
        waiting.join(10)
        two.commit()
    with fresh_database.connect() as admin:
        assert stars(admin, activity) == ("4.50", 2)


def test_the_daily_check_finds_stars_that_are_not_the_reviews(tx: Connection) -> None:
    activity = factories.activity(tx)
    review(tx, activity, 4)
    find = "SELECT detail FROM books.findings() WHERE check_key = 'ratings' AND subject_id = %s"
    assert tx.execute(find, [activity]).fetchall() == []
    tx.execute("ALTER TABLE activities DISABLE TRIGGER a_ratings")
    tx.execute("UPDATE activities SET average_rating = 4.5, total_reviews = 2 WHERE id = %s", [activity])
    tx.execute("ALTER TABLE activities ENABLE TRIGGER a_ratings")
    found = tx.execute(find, [activity]).fetchall()
    assert found == [("The activity says 4.50 stars in 2 reviews; its visible reviews make 4.00 in 1.",)]


@pytest.mark.parametrize("change", ["is_flagged = true", "review_text = 'Something else'", "rating = 1"])
def test_a_review_that_says_something_else_is_looked_at_again(tx: Connection, change: str) -> None:
    one = review(tx, factories.activity(tx), 5, looked_at=NOON)
    looked_at = "SELECT looked_at FROM reviews WHERE id = %s"
    tx.execute(
        "UPDATE reviews SET venue_response = 'Thanks', venue_responded_at = %s WHERE id = %s", [NOON, one]
    )
    assert factories.one(tx, looked_at, one) == NOON
    tx.execute(f"UPDATE reviews SET {change} WHERE id = %s".encode(), [one])
    assert factories.one(tx, looked_at, one) is None
