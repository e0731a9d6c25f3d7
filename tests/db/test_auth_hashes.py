"""The hashes written in plpgsql against the vectors of their RFCs and against hashlib.

docs/design.md, "The database" (no extension is required).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import Connection


def ask(connection: Connection, expression: str, *values: Any) -> Any:
    row = connection.execute(f"SELECT {expression}".encode(), values).fetchone()
    assert row is not None
    return row[0]


# RFC 4231: key, data, HMAC-SHA-256 (test case 5 is truncated there and left out).
SHA256_CASES = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
            b"hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]
# RFC 2202: key, data, HMAC-SHA-1.
SHA1_CASES = [
    (b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "aa4ae5e15272d00e95705637ce8a3b55ed402112",
    ),
]


@pytest.mark.parametrize(("key", "message", "expected"), SHA256_CASES)
def test_hmac_sha256_is_that_of_rfc_4231(tx: Connection, key: bytes, message: bytes, expected: str) -> None:
    assert ask(tx, "encode(auth.hmac_sha256(%s, %s), 'hex')", key, message) == expected


@pytest.mark.parametrize(("key", "message", "expected"), SHA1_CASES)
def test_hmac_sha1_is_that_of_rfc_2202(tx: Connection, key: bytes, message: bytes, expected: str) -> None:
    assert ask(tx, "encode(auth.hmac_sha1(%s, %s), 'hex')", key, message) == expected


def test_sha1_is_that_of_rfc_3174_and_of_hashlib_at_every_block_border(tx: Connection) -> None:
    assert ask(tx, "encode(auth.sha1('abc'), 'hex')") == "a9993e364706816aba3e25717850c26c9cd0d89d"
    chance = random.Random(3174)
    for length in (0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 300):
        message = chance.randbytes(length)
        assert (
            bytes(ask(tx, "auth.sha1(%s)", message)) == hashlib.sha1(message, usedforsecurity=False).digest()
        )


def test_hmac_agrees_with_python_for_random_keys(tx: Connection) -> None:
    chance = random.Random(2104)
    for length in (0, 1, 32, 63, 64, 65, 200):
        key, message = chance.randbytes(length), chance.randbytes(length * 2)
        assert bytes(ask(tx, "auth.hmac_sha256(%s, %s)", key, message)) == hmac.digest(key, message, "sha256")
        assert bytes(ask(tx, "auth.hmac_sha1(%s, %s)", key, message)) == hmac.digest(key, message, "sha1")


def test_equality_looks_at_every_byte(tx: Connection) -> None:
    left = bytes(range(32))
    assert ask(tx, "auth.same32(%s, %s)", left, left)
    for place in range(32):
        other = bytearray(left)
        other[place] ^= 1
        assert not ask(tx, "auth.same32(%s, %s)", left, bytes(other))
    assert not ask(tx, "auth.same32(%s, %s)", left, left[:31])
    assert not ask(tx, "auth.same32(%s, NULL)", left)


def test_xor_is_its_own_inverse(tx: Connection) -> None:
    left, right = bytes(range(32)), hashlib.sha256(b"x").digest()
    mixed = bytes(a ^ b for a, b in zip(left, right, strict=True))
    assert bytes(ask(tx, "auth.xor32(%s, %s)", left, right)) == mixed


@pytest.mark.parametrize("length", range(12))
def test_base32_reads_what_an_authenticator_is_given(tx: Connection, length: int) -> None:
    data = bytes(range(100, 100 + length))
    written = base64.b32encode(data).decode()
    for form in (written, written.rstrip("="), written.lower()):
        assert bytes(ask(tx, "auth.base32_decode(%s)", form)) == data
    assert ask(tx, "auth.base32_decode('0189')") is None


def test_counter_codes_are_those_of_rfc_4226(tx: Connection, shared_data: Path) -> None:
    for vector in json.loads((shared_data / "totp" / "rfc4226.json").read_text()):
        secret = vector["secret_ascii"].encode()
        assert ask(tx, "auth.hotp(%s, %s::bigint)", secret, vector["counter"]) == vector["code6"]


def test_time_codes_are_those_of_rfc_6238(tx: Connection, shared_data: Path) -> None:
    for vector in json.loads((shared_data / "totp" / "rfc6238.json").read_text()):
        if vector["algorithm"] == "SHA1":
            counter, secret = vector["unix_time"] // 30, vector["secret_base32"]
            assert (
                ask(tx, "auth.hotp(auth.base32_decode(%s), %s::bigint, 8)", secret, counter)
                == vector["code8"]
            )


def test_a_code_counts_one_step_either_side_and_never_twice(tx: Connection) -> None:
    secret, at = b"12345678901234567890", datetime.fromtimestamp(1_000_000_020, UTC)
    step = 1_000_000_020 // 30

    def found(counter: int, after: int | None = None) -> int | None:
        code = ask(tx, "auth.hotp(%s, %s::bigint)", secret, counter)
        got = ask(tx, "auth.totp_step(%s, %s, %s, %s::bigint)", secret, code, at, after)
        return None if got is None else int(got)

    assert [found(step + shift) for shift in (-2, -1, 0, 1, 2)] == [None, step - 1, step, step + 1, None]
    assert found(step, after=step) is None
    assert found(step + 1, after=step) == step + 1
    assert ask(tx, "auth.totp_step(%s, NULL, %s, NULL)", secret, at) is None
