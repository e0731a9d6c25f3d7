"""The confirmation codes of SQL and of Python are the same codes."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain import codes
from tests.support.databases import Connection

typed = st.one_of(
    st.text(alphabet=codes.ALPHABET + "OILoilabcxyz- ", min_size=8, max_size=13),
    st.text(alphabet=codes.ALPHABET, min_size=8, max_size=8).map(
        lambda body: body + codes.check_symbol(body)
    ),
)


@given(typed)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_python_read_the_same_codes(tx: Connection, text: str) -> None:
    row = tx.execute("SELECT bookings.read_code(%s)", [text]).fetchone()
    assert row is not None
    # Python alone takes a run of letters for a name.
    expected = codes.parse(text if any(c.isdigit() or c == "-" for c in text) else f"{text}-")
    assert row[0] == expected


def test_new_codes_are_valid_distinct_and_never_look_like_a_name(tx: Connection) -> None:
    made = [
        code for (code,) in tx.execute("SELECT bookings.new_code() FROM generate_series(1, 2000)").fetchall()
    ]
    assert len(set(made)) == 2000
    for code in made:
        assert codes.parse(code) == code
        assert codes.parse(code.replace("-", "")) == code
        assert any(symbol in "23456789" for symbol in code[:9])
    # Every symbol is drawn: a biased or short source would miss some in 16,000 draws.
    assert set("".join(made)) - {"-"} == set(codes.ALPHABET)
