"""Authenticator codes against the public vectors of RFC 4226 and RFC 6238.

docs/design.md, "Sign-in".
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from console.domain import totp

PERSON = UUID("11111111-2222-3333-4444-555555555555")
SECRET = b"12345678901234567890"


def test_counter_codes_are_those_of_rfc_4226(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "totp" / "rfc4226.json").read_text())
    assert len(vectors) == 10
    for vector in vectors:
        assert totp.hotp(vector["secret_ascii"].encode(), vector["counter"]) == vector["code6"]


def test_time_codes_are_those_of_rfc_6238(shared_data: Path) -> None:
    vectors = [
        v for v in json.loads((shared_data / "totp" / "rfc6238.json").read_text()) if v["algorithm"] == "SHA1"
    ]
    assert len(vectors) == 6
    for vector in vectors:
        at = datetime.fromtimestamp(vector["unix_time"], UTC)
        assert totp.totp(vector["secret_base32"], at, digits=8) == vector["code8"]


def test_a_known_code_without_the_public_files() -> None:
    assert totp.hotp(SECRET, 1) == "287082"
    at = datetime.fromtimestamp(59, UTC)
    assert totp.totp(base64.b32encode(SECRET).decode(), at, digits=8) == "94287082"


def test_a_new_secret_has_160_bits_and_is_not_repeated() -> None:
    made = {totp.new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(len(base64.b32decode(secret)) == 20 for secret in made)


def test_the_setup_address_says_everything_an_app_needs() -> None:
    parts = urlsplit(totp.setup_uri("GEZDGNBVGY3TQOJQ", "maya+desk@example.org"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Nexus%20Console%3Amaya%2Bdesk%40example.org"
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQ"],
        "issuer": ["Nexus Console"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }


def test_recovery_codes_differ_and_are_hashed_as_typed() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    plain = totp.recovery_hash(PERSON, codes[0])
    assert totp.recovery_hash(PERSON, f" {codes[0].lower().replace('-', ' ')} ") == plain
    assert totp.recovery_hash(UUID(int=1), codes[0]) != plain
