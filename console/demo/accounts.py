"""Who works where in the demo, and the password that opens all of the demo's accounts.

The sign-in page of a demo database lists these accounts, so the password is public by design; it opens nothing else,
because console.demo.load refuses a database with real data in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.demo.catalogue import VenuePlan
from console.demo.chance import Chance
from console.demo.names import PARENTS, SURNAMES
from console.demo.world import Desk, Staff, Venue

PASSWORD = "nexus-demo-2026"  # noqa: S105 - published on the sign-in page of every demo
"""The one password of every demo account."""

TOTP_SECRET = "NEXUSDEMOTOTPSECRETFORPICTURES22"  # noqa: S105 - published like the password
"""The authenticator secret, in base 32, of the one account that asks for a code: public like the password."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account the sign-in page of a demo database offers; `at_riverside` is False for the platform's people."""

    first: str
    last: str
    email: str
    role: str
    at_riverside: bool
    asks_code: bool = False


ACCOUNTS = (
    Account("Jonas", "Lindqvist", "jonas@riversidestudio.example", "front_desk", True),
    Account("Maya", "Oduya", "maya@riversidestudio.example", "front_desk", True),
    Account("Elena", "Marsh", "elena@riversidestudio.example", "manager", True),
    Account("Priya", "Nair", "priya@riversidestudio.example", "venue_finance", True),
    Account("Amara", "Cole", "amara@nexusfamilypass.example", "platform_admin", False),
    Account("Lucas", "Berg", "lucas@nexusfamilypass.example", "platform_finance", False),
    Account("Ines", "Duarte", "ines@riversidestudio.example", "manager", True, asks_code=True),
    # Runs of payouts are approved by somebody else than who made them.
    Account("Noor", "Haddad", "noor@nexusfamilypass.example", "platform_finance", False),
)


_COLLEAGUE = ("Leo", "Brandt", "leo@nexusfamilypass.example")

_MANAGERS = {
    "cedar-street-makers": ("Hannah", "Stone"),
    "blue-door-theatre": ("Teo", "Ruiz"),
    "harbor-lane-swim-school": ("Louisa", "Webb"),
    "copper-street-dance-loft": ("Nadia", "Flores"),
    "fern-hollow-forest-school": ("Wren", "Ashby"),
}
"""Managers who appear by name in what headquarters does."""


def staff_of(venue: Venue, seed: int) -> list[Staff]:
    """The people of a venue: the demo's accounts at Riverside Studio, a manager and a front desk elsewhere."""
    chance = Chance(seed, f"staff {venue.plan.slug}")
    here = [account for account in ACCOUNTS if account.at_riverside]
    if is_main(venue.plan):
        return [Staff(chance.uuid(), a.first, a.last, a.email, a.role, venue) for a in here]
    people = []
    for role in ("front_desk", "manager"):
        first, last = chance.pick(PARENTS), chance.pick(SURNAMES)
        if role == "manager":
            first, last = _MANAGERS.get(venue.plan.slug, (first, last))
        domain = venue.plan.slug.replace("-", "")
        people.append(
            Staff(chance.uuid(), first, last, f"{role.replace('_', '')}@{domain}.example", role, venue)
        )
    return people


def platform_staff(seed: int) -> list[Staff]:
    """The platform's own people."""
    chance = Chance(seed, "platform staff")
    found = [
        Staff(chance.uuid(), a.first, a.last, a.email, a.role, None) for a in ACCOUNTS if not a.at_riverside
    ]
    # A second reviewer, whom nobody signs in as: somebody has to have claimed what one cannot have.
    return [*found, Staff(chance.uuid(), *_COLLEAGUE, "platform_admin", None)]


def desks_of(venue: Venue, seed: int) -> list[Desk]:
    """The workstations that a venue's past was recorded on: two at Riverside Studio, one elsewhere."""
    chance = Chance(seed, f"desks {venue.plan.slug}")
    count = 2 if is_main(venue.plan) else 1
    return [Desk(chance.uuid(), venue, f"Desk {number}") for number in range(1, count + 1)]


def is_main(plan: VenuePlan) -> bool:
    """Whether this is Riverside Studio, whose day is arranged around the present."""
    return plan.slug == "riverside-studio"
