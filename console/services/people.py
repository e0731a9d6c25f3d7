"""Accounts of the people who work with the console, as an administrator manages them.

Passwords are made here and shown once, or typed at a prompt; what leaves this process is a verifier. See
docs/design.md, "Sign-in".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from console.domain import scram, totp
from console.errors import Invalid
from console.permissions import StaffRole
from console.storage.administration import Administration

_LETTERS = "abcdefghjkmnpqrstvwxyz23456789"


@dataclass(frozen=True, slots=True)
class AuthenticatorSetup:
    """What a person needs once to set an authenticator up: the address for the app, and codes for a lost phone."""

    uri: str
    recovery_codes: tuple[str, ...]


def new_password() -> str:
    """A password to hand over: 79 random bits in four groups that can be read out."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def add(
    administration: Administration,
    email: str,
    first_name: str,
    last_name: str,
    role: StaffRole | None = None,
    venue_slug: str | None = None,
) -> UUID:
    """Add a member of staff, with a first grant where a role is given. They cannot sign in before they have a password.

    Raises Conflict (address taken), NotFound (venue), Invalid (role and venue do not fit).
    """
    venue = _venue_for(administration, role, venue_slug)
    person = administration.add_person(
        email, first_name, last_name, is_platform=role is not None and role.is_platform
    )
    if role is not None:
        administration.grant(person, role, venue)
    return person


def grant(administration: Administration, email: str, role: StaffRole, venue_slug: str | None = None) -> bool:
    """Let a person act in a role; False where they could already."""
    venue = _venue_for(administration, role, venue_slug)
    return administration.grant(administration.person_id(email), role, venue)


def ungrant(
    administration: Administration, email: str, role: StaffRole, venue_slug: str | None = None
) -> bool:
    """Take a role back; False where there was none."""
    venue = _venue_for(administration, role, venue_slug)
    return administration.ungrant(administration.person_id(email), role, venue)


def set_password(administration: Administration, email: str, password: str) -> None:
    """Give a person a new password and end their sessions. Raises Invalid for one that will not do."""
    problem = scram.password_problem(password, email)
    if problem is not None:
        raise Invalid("That password will not do.", hint=problem, code="password")
    administration.set_password(administration.person_id(email), scram.make_verifier(password))


def set_up_authenticator(administration: Administration, email: str) -> AuthenticatorSetup:
    """Give a person a new authenticator; earlier ones and their recovery codes stop working."""
    person = administration.person_id(email)
    secret, codes = totp.new_secret(), totp.new_recovery_codes()
    administration.set_authenticator(person, secret, [totp.recovery_hash(person, code) for code in codes])
    return AuthenticatorSetup(totp.setup_uri(secret, email), tuple(codes))


def remove_authenticator(administration: Administration, email: str) -> None:
    """Let a person sign in with the password alone."""
    administration.set_authenticator(administration.person_id(email), None, [])


def set_active(administration: Administration, email: str, *, active: bool) -> None:
    """Let an account sign in, or not any more; disabling ends its sessions at once."""
    administration.set_active(administration.person_id(email), active=active)


def sign_out(administration: Administration, email: str) -> int:
    """End every session of a person; how many there were."""
    return administration.sign_out(administration.person_id(email))


def _venue_for(administration: Administration, role: StaffRole | None, slug: str | None) -> UUID | None:
    if role is None:
        if slug:
            raise Invalid("A venue without a role means nothing.", hint="Add --role.", code="role")
        return None
    if role.is_platform and slug:
        raise Invalid(f"{role.words} is for the whole platform.", hint="Leave the venue out.", code="venue")
    if not role.is_platform and not slug:
        raise Invalid(f"{role.words} needs a venue.", hint="Add --venue with its short name.", code="venue")
    return administration.venue_id(slug) if slug else None
