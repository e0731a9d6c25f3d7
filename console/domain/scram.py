"""SCRAM-SHA-256, the client's side: how a person proves a password without sending it.

Pure functions over RFC 5802 (the exchange), RFC 5803 (the stored verifier) and RFC 7677 (SHA-256), standard
library only. The database's side is db/functions/console_auth/auth_20_sign_in.sql; both are held to the RFC's
example. See docs/design.md, "Sign-in".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

MINIMUM_ITERATIONS = 600_000
MAXIMUM_ITERATIONS = 10_000_000
SALT_BYTES = 16
MINIMUM_PASSWORD = 10
MAXIMUM_PASSWORD = 256


class WeakServerError(ValueError):
    """The server asked for too few (or absurdly many) iterations: it may be an impostor collecting easy hashes."""


@dataclass(frozen=True, slots=True)
class ServerFirst:
    """What the server answered to the first step."""

    salt: bytes
    iterations: int
    server_nonce: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The client's second message, and the answer that only the true server can give to it."""

    proof: bytes
    expected_signature: bytes


@dataclass(frozen=True, slots=True)
class SaltedPassword:
    """A password after PBKDF2: the slow half of the work, done once and off the event loop."""

    value: bytes
    salt: bytes
    iterations: int


def new_nonce() -> str:
    """A nonce of the client: 24 random characters without a comma."""
    return secrets.token_urlsafe(18)


def salt_password(
    password: str, salt: bytes, iterations: int, *, minimum_iterations: int = MINIMUM_ITERATIONS
) -> SaltedPassword:
    """Derive the salted password (PBKDF2-HMAC-SHA-256).

    Takes about 0.13 s at 600,000 iterations; hashlib releases the interpreter lock meanwhile. Raises WeakServerError
    when `iterations` is below `minimum_iterations` or above MAXIMUM_ITERATIONS. Only tests pass another minimum.
    """
    if not minimum_iterations <= iterations <= MAXIMUM_ITERATIONS:
        raise WeakServerError(f"the server asked for {iterations} iterations")
    value = hashlib.pbkdf2_hmac("sha256", prepare_password(password), salt, iterations)
    return SaltedPassword(value, salt, iterations)


def prepare_password(password: str) -> bytes:
    """The bytes of a password: Unicode form NFKC, so that the same keys on another keyboard give the same bytes.

    The part of SASLprep (RFC 4013) that changes what people type: compatibility forms are folded, any space becomes a
    plain one, soft hyphens vanish. Nothing is refused here; what a new password needs is `password_problem`.
    """
    mapped = "".join(
        " " if unicodedata.category(character) == "Zs" else character
        for character in password
        if character != "\u00ad"
    )
    return unicodedata.normalize("NFKC", mapped).encode("utf-8")


def password_problem(password: str, email: str = "") -> str | None:
    """What is wrong with a new password, as one sentence; None when it will do."""
    if len(password) < MINIMUM_PASSWORD:
        return f"Use at least {MINIMUM_PASSWORD} characters."
    if len(password) > MAXIMUM_PASSWORD:
        return f"Use at most {MAXIMUM_PASSWORD} characters."
    if len(set(password.lower())) < 4:
        return "Use more different characters."
    name = email.split("@")[0].lower()
    if len(name) >= 4 and name in password.lower():
        return "Do not use your e-mail address in it."
    return None


def prove(address: str, client_nonce: str, answer: ServerFirst, salted: SaltedPassword) -> Proof:
    """Compute the client proof over the whole exchange (RFC 5802, section 3)."""
    nonce = client_nonce + answer.server_nonce
    message = ",".join(
        (
            f"n={address.replace('=', '=3D').replace(',', '=2C')},r={client_nonce}",
            f"r={nonce},s={_b64(answer.salt)},i={answer.iterations}",
            f"c=biws,r={nonce}",
        )
    ).encode("utf-8")
    client_key = _hmac(salted.value, b"Client Key")
    client_signature = _hmac(hashlib.sha256(client_key).digest(), message)
    proof = bytes(a ^ b for a, b in zip(client_key, client_signature, strict=True))
    return Proof(proof, _hmac(_hmac(salted.value, b"Server Key"), message))


def server_is_genuine(proof: Proof, signature: bytes) -> bool:
    """Whether the server knew the verifier of this password."""
    return hmac.compare_digest(proof.expected_signature, signature)


def make_verifier(password: str, *, iterations: int = MINIMUM_ITERATIONS, salt: bytes | None = None) -> str:
    """The verifier that the server keeps (RFC 5803): it can check a proof and cannot be used to make one.

    PostgreSQL takes the same form as a role's password, so a device's secret never reaches its log either.
    """
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", prepare_password(password), salt, iterations)
    stored_key = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    server_key = _hmac(salted, b"Server Key")
    return f"SCRAM-SHA-256${iterations}:{_b64(salt)}${_b64(stored_key)}:{_b64(server_key)}"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
