"""What venues are compared by: SQL and Python make the same keys, and the usual ways to write a thing make one key."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain import sameness
from tests.support import factories
from tests.support.databases import Connection

LETTERS = st.lists(
    st.characters(min_codepoint=1, codec="utf-8")
    | st.sampled_from("ÄÖÜäöüßæŒøŁłİıéèñçЁёЙйЖжΆάΣςẠặ'’.&-,/#🎨\u0301\u200b　ＡＢ")
    | st.sampled_from(
        [" LLC", " Inc.", " GmbH", " ООО", " Street", " Ave", "Calle ", " улица", "the ", " Studio"]
    ),
    max_size=40,
).map("".join)


def asked(tx: Connection, statement: str, *arguments: object) -> object:
    row = tx.execute(statement.encode(), list(arguments)).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bright Hands Art Studio LLC", "bright hands, art studio"),
        ("Café Niño, S.L.", "CAFE NINO SL"),
        ("Kid's Corner Inc.", "Kids Corner"),
        ("ООО «Ёлка и Ко»", "елка и ко"),
        ("The Müller & Söhne GmbH", "Muller and Sohne"),
        ("🎨 Little Painters", "Little   Painters"),
    ],
)
def test_the_same_name_written_two_ways_has_one_key(tx: Connection, one: str, other: str) -> None:
    assert sameness.name_key(one) == sameness.name_key(other) != ""
    assert asked(tx, "SELECT vetting.name_key(%s) = vetting.name_key(%s)", one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("12 North Main Street, Suite 4", "Portland", "97209-1234"), ("12 N. Main St ste 4", "", "97209")),
        (("Calle Mayor 3", "Madrid", "28013"), ("C/ Mayor, 3", "MADRID", "28013")),
        (("улица Ленина, дом 5", "Омск", ""), ("ул. Ленина д 5", "омск", "")),
    ],
)
def test_the_same_address_written_two_ways_has_one_key(
    tx: Connection, one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert sameness.address_key(*one) == sameness.address_key(*other) != ""
    statement = "SELECT vetting.address_key(%s, %s, %s) = vetting.address_key(%s, %s, %s)"
    assert asked(tx, statement, *one, *other)


def test_telephones_and_tax_numbers_are_compared_by_their_digits(tx: Connection) -> None:
    assert (
        sameness.phone_key("+1 (503) 555-0147 ext. 12") == sameness.phone_key("503.555.0147") == "5035550147"
    )
    assert sameness.phone_key("555") == sameness.phone_key(None) == ""
    assert sameness.tax_key("ES-B12.345.678") == sameness.tax_key("esb12345678") == "esb12345678"
    assert sameness.tax_key("n/a") == ""


def test_a_name_of_nothing_but_forms_keeps_them(tx: Connection) -> None:
    assert sameness.name_key("The Company LLC") == "the company llc"
    assert asked(tx, "SELECT vetting.name_key('The Company LLC')") == "the company llc"


# The keys are worked out from their arguments alone: nothing in the database needs to be as it was.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=LETTERS,
    city=LETTERS,
    code=LETTERS,
    phone=LETTERS | st.from_regex(r"[+0-9 ()x.-]{0,25}", fullmatch=True),
)
def test_sql_and_python_make_the_same_keys(
    tx: Connection, name: str, city: str, code: str, phone: str
) -> None:
    row = tx.execute(
        "SELECT name_key, address_key, phone_key, tax_key, name_blocks FROM vetting.keys(%s, %s, %s, %s, %s, %s)",
        [name, name, city, code, phone, code],
    ).fetchone()
    assert row is not None
    key = sameness.name_key(name)
    assert row == (
        key,
        sameness.address_key(name, city, code),
        sameness.phone_key(phone),
        sameness.tax_key(code),
        sameness.name_blocks(key),
    )


def test_the_keys_of_a_venue_follow_its_facts(tx: Connection) -> None:
    venue = factories.venue(
        tx,
        name="Bright Hands LLC",
        contact_phone="+1 503 555 0147",
        tax_number="93-1234567",
        status="pending_approval",
    )
    key = "SELECT name_key || '/' || phone_key || '/' || tax_key FROM venue_keys WHERE venue_id = %s"
    assert asked(tx, key, venue) == "bright hands/5035550147/931234567"
    tx.execute("UPDATE venues SET name = 'Brighter Hands', contact_phone = NULL WHERE id = %s", [venue])
    assert asked(tx, key, venue) == "brighter hands//931234567"
