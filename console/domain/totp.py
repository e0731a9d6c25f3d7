"""Authenticator codes: RFC 4226 and RFC 6238, and the recovery codes for a lost phone.

The database checks codes (db/functions/console_auth); this module makes the secret and the codes when an
authenticator is set up, and is the second opinion that tests hold the database's arithmetic to. See
docs/design.md, "Sign-in".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

STEP_SECONDS = 30
DIGITS = 6
ISSUER = "Nexus Console"
RECOVERY_CODES = 10
# Crockford's alphabet: nothing that reads like something else on paper.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_secret() -> str:
    """A secret of 160 bits, base32: what the authenticator app stores."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def hotp(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of one counter value (RFC 4226, section 5.3)."""
    mac = hmac.digest(secret, struct.pack(">Q", counter), "sha1")
    at = mac[19] & 15
    number = struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def totp(secret: str, at: datetime, digits: int = DIGITS) -> str:
    """The code that an authenticator with this base32 secret shows at an instant (RFC 6238)."""
    return hotp(base64.b32decode(secret), int(at.timestamp()) // STEP_SECONDS, digits)


def setup_uri(secret: str, account: str) -> str:
    """The otpauth:// address that an authenticator app scans."""
    label = quote(f"{ISSUER}:{account}")
    # Apps show a plus as a plus, so a space is written out (quote, not quote_plus).
    facts = {
        "secret": secret,
        "issuer": ISSUER,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": STEP_SECONDS,
    }
    query = urlencode(facts, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def new_recovery_codes() -> list[str]:
    """Ten one-time codes of 80 bits, in groups of four: `7KQ4-2MXR-9D0A-H3VC`."""
    codes = []
    for _ in range(RECOVERY_CODES):
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
        codes.append("-".join(letters[i : i + 4] for i in range(0, 16, 4)))
    return codes


def recovery_hash(person: UUID, code: str) -> bytes:
    """What the database keeps of a recovery code; case, spaces and dashes do not matter."""
    typed = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(person.bytes + typed.encode("utf-8")).digest()
