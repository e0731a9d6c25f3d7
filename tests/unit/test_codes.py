"""Codes are read at a noisy desk: every single slip and every swap must be noticed, never be another child."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import codes

bodies = st.text(alphabet=codes.ALPHABET, min_size=codes.BODY_LENGTH, max_size=codes.BODY_LENGTH)


def whole(body: str) -> str:
    return body + codes.check_symbol(body)


@pytest.mark.parametrize("body", ["00000000", "K7Q42MXR", "ZZZZZZZZ", "01234567", "89ABCDEF"])
def test_every_single_wrong_symbol_is_noticed(body: str) -> None:
    code = whole(body)
    for place, symbol in itertools.product(range(codes.CODE_LENGTH), codes.ALPHABET):
        if symbol == code[place]:
            continue
        wrong = code[:place] + symbol + code[place + 1 :]
        assert codes.check_symbol(wrong[:8]) != wrong[8], wrong


def test_the_weights_of_all_places_differ_so_every_swap_of_two_symbols_is_noticed() -> None:
    # The check is linear: a swap of a and b at two places changes it by (a xor b) times (weight xor weight), which is
    # zero only for equal symbols or equal weights. Proved here for every pair of places and symbols.
    for first, second in itertools.combinations(range(codes.CODE_LENGTH), 2):
        for a, b in itertools.combinations(codes.ALPHABET, 2):
            symbols = ["0"] * codes.BODY_LENGTH
            if second == codes.BODY_LENGTH:
                symbols[first] = a
                code = whole("".join(symbols))
                if code[first] == code[second]:
                    continue
            else:
                symbols[first], symbols[second] = a, b
                code = whole("".join(symbols))
            swapped = list(code)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            text = "".join(swapped)
            assert codes.check_symbol(text[:8]) != text[8], (code, text)


@given(bodies, st.integers(0, 7))
def test_swapping_neighbours_is_noticed(body: str, place: int) -> None:
    code = whole(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or codes.check_symbol(swapped[:8]) != swapped[8]


@given(bodies)
def test_what_is_printed_is_read_back_in_any_case_and_spacing(body: str) -> None:
    shown = codes.format_code(whole(body))
    assert codes.parse(shown) == shown
    assert codes.parse(f"  {shown.lower()} ") == shown
    assert codes.parse(shown.replace("-", " - ")) == shown
    assert codes.parse(shown.replace("0", "O").replace("1", "l")) == shown


def test_the_example_of_the_guides_is_a_code() -> None:
    assert codes.parse("k7q42mxr6") == "K7Q4-2MXR-6"


@pytest.mark.parametrize(
    "name", ["Oliver", "Francesca", "Constance", "OOOOOOOOO", "Zoë", "", "   ", "Kofi 7"]
)
def test_a_name_is_never_a_failed_scan(name: str) -> None:
    assert codes.parse(name) is None
    assert not codes.is_mistyped(name)


def test_a_mistyped_code_is_told_from_a_name() -> None:
    assert codes.is_mistyped("K7Q4-2MXR-7")
    assert not codes.is_mistyped("K7Q4-2MXR-6")
    assert not codes.is_mistyped("K7Q4-2MXU-6")


@pytest.mark.parametrize("body", ["", "K7Q42MX", "K7Q42MXRR", "k7q42mxr", "K7Q42MXU"])
def test_a_check_symbol_is_made_only_for_eight_canonical_symbols(body: str) -> None:
    with pytest.raises(ValueError, match="eight symbols"):
        codes.check_symbol(body)


def test_formatting_refuses_another_length() -> None:
    with pytest.raises(ValueError, match="nine symbols"):
        codes.format_code("K7Q4")


@pytest.mark.parametrize("typed", ["7K4Q", "7k4q", " 7k-4q ", "7 K 4 Q"])
def test_a_pickup_tag_is_read_however_it_is_typed(typed: str) -> None:
    assert codes.parse_tag(typed) == "7K4Q"
    assert codes.parse(typed) is None


@pytest.mark.parametrize(
    "typed", ["", "K7Q4", "7O4Q", "7K4L", "7KQ4", "774Q", "7K4", "7K4Q1", "Nia", "K7Q4-2MXR-6"]
)
def test_what_is_no_pickup_tag(typed: str) -> None:
    assert codes.parse_tag(typed) is None
