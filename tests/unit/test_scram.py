"""The client's side of SCRAM against the worked example of RFC 7677, and what it refuses.

docs/design.md, "Sign-in".
"""

from __future__ import annotations

import base64

import pytest

from console.domain import scram

# RFC 7677, section 3: user "user", password "pencil".
CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO"
SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
PROOF = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
SIGNATURE = base64.b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


def test_the_example_of_the_rfc_gives_its_proof_and_signature() -> None:
    salted = scram.salt_password("pencil", SALT, 4096, minimum_iterations=1)
    made = scram.prove("user", CLIENT_NONCE, scram.ServerFirst(SALT, 4096, SERVER_NONCE), salted)
    assert made.proof == PROOF
    assert scram.server_is_genuine(made, SIGNATURE)
    assert not scram.server_is_genuine(made, SIGNATURE[:-1] + b"\0")


def test_a_verifier_has_the_form_of_rfc_5803_and_holds_no_password() -> None:
    made = scram.make_verifier("pencil", iterations=4096, salt=SALT)
    scheme, middle, keys = made.split("$")
    assert scheme == "SCRAM-SHA-256"
    assert middle == "4096:W22ZaJ0SNY7soEsUEjb6gQ=="
    stored, server = (base64.b64decode(key) for key in keys.split(":"))
    assert (len(stored), len(server)) == (32, 32)
    assert scram.make_verifier("pencil", iterations=4096) != made


@pytest.mark.parametrize("iterations", [1, 4096, scram.MINIMUM_ITERATIONS - 1, scram.MAXIMUM_ITERATIONS + 1])
def test_too_few_or_absurdly_many_iterations_are_refused(iterations: int) -> None:
    with pytest.raises(scram.WeakServerError):
        scram.salt_password("pencil", SALT, iterations)


def test_an_address_with_a_comma_or_an_equals_sign_cannot_forge_a_message() -> None:
    salted = scram.salt_password("pencil", SALT, 1, minimum_iterations=1)
    answer = scram.ServerFirst(SALT, 1, SERVER_NONCE)
    proofs = {scram.prove(name, CLIENT_NONCE, answer, salted).proof for name in ("a,b", "a=2Cb", "ab", "a=b")}
    assert len(proofs) == 4


def test_nonces_are_long_and_never_repeat() -> None:
    made = {scram.new_nonce() for _ in range(100)}
    assert len(made) == 100
    assert all(len(nonce) >= 18 and "," not in nonce for nonce in made)


@pytest.mark.parametrize(
    ("typed", "same"),
    [("Ｐａｓｓ", "Pass"), ("a\u00a0b", "a b"), ("a\u00adb", "ab"), ("e\u0301", "é"), ("ﬁ", "fi")],
)
def test_the_same_password_from_another_keyboard_is_the_same(typed: str, same: str) -> None:
    assert scram.prepare_password(typed) == scram.prepare_password(same)


@pytest.mark.parametrize(
    ("password", "email", "complaint"),
    [
        ("short", "", "at least 10"),
        ("x" * 300, "", "at most 256"),
        ("aaaaaaaaaaaa", "", "more different"),
        ("my-maya.lee-pass", "maya.lee@example.org", "e-mail"),
    ],
)
def test_a_poor_new_password_is_refused_with_what_to_do(password: str, email: str, complaint: str) -> None:
    assert complaint in (scram.password_problem(password, email) or "")


def test_a_long_plain_password_will_do() -> None:
    assert scram.password_problem("correct horse battery", "maya@example.org") is None
