"""The people of the demo as rows: venues, staff, desks, employers, parents, children and what keeps them safe."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from console.demo.accounts import ACCOUNTS, PASSWORD, TOTP_SECRET, is_main
from console.demo.chance import Chance
from console.demo.checklist import legal_name, papers_of
from console.demo.money import Corporate
from console.demo.world import Child, Staff, Venue
from console.storage.demo import TableRows

LONG_AGO = timedelta(days=400)
"""How long before the demo's instant employers and venues had joined."""

_HOURS = json.dumps(
    {
        day: {"open": "09:00", "close": "19:00"}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    }
    | {"saturday": {"open": "09:00", "close": "14:30"}}
)


def ids(subject: str) -> Chance:
    """A stream of ids for rows that nothing else refers to; the same for every seed, since they are never compared."""
    return Chance(0, f"rows {subject}")


def slug(name: str) -> str:
    """The name as part of an address: lower-case ASCII letters, digits and single dashes."""
    plain = unicodedata.normalize("NFKD", name.replace("–", "-")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def table(name: str, columns: str, rows: Sequence[tuple[object, ...]]) -> TableRows:
    """Rows for one table; `columns` are separated by spaces."""
    return TableRows(name, tuple(columns.split()), rows)


def people(
    venues: list[Venue],
    platform: list[Staff],
    employers: list[Corporate],
    verifiers: Mapping[str, str],
    at: datetime,
) -> Iterator[TableRows]:
    """Everybody, in an order that satisfies the foreign keys. `verifiers` are the accounts' passwords by address."""
    long_ago = at - LONG_AGO
    yield table(
        "corporates",
        "id company_name industry employee_count billing_address_line1 billing_city billing_state billing_postal_code"
        " primary_contact_name primary_contact_email billing_email tax_rate payment_terms_days purchase_order_number"
        " contract_start_date created_at updated_at",
        [
            (
                c.id,
                c.name,
                c.industry,
                c.employees * 4,
                c.street,
                c.city,
                c.state,
                c.postcode,
                "Benefits team",
                f"benefits@{slug(c.name)}.example",
                f"invoices@{slug(c.name)}.example",
                c.tax_rate,
                c.terms_days,
                c.purchase_order,
                long_ago.date(),
                long_ago,
                long_ago,
            )
            for c in employers
        ],
    )
    yield table(
        "corporate_subscriptions",
        "id corporate_id tier covered_employees credits_per_employee monthly_cost start_date premium_venue_access"
        " created_at updated_at",
        [
            (
                c.subscription,
                c.id,
                c.tier,
                c.employees,
                c.credits,
                c.monthly_cost,
                long_ago.date().replace(day=1),
                c.tier in ("premium", "enterprise"),
                long_ago,
                long_ago,
            )
            for c in employers
        ],
    )
    yield table("venues", _VENUE_COLUMNS, [_venue(venue, at) for venue in venues])
    yield table(
        "users",
        _USER_COLUMNS,
        [*_staff(venues, platform, employers, verifiers, at), *_parents(venues, employers)],
    )
    boss = platform[0]
    yield table(
        "staff_grants",
        "id user_id role venue_id granted_by granted_at",
        [
            (
                ids(f"grant {person.email}").uuid(),
                person.id,
                person.role,
                person.venue.id if person.venue else None,
                boss.id if person is not boss else None,
                long_ago,
            )
            for person in [*platform, *(each for venue in venues for each in venue.staff)]
        ],
    )
    yield table(
        "auth.devices",
        "id role_name name venue_id status enrolled_at enrolled_by revoked_at revoked_by",
        [
            # The first desk was replaced by the workstation on which the demo runs: a namesake would be in its way.
            (
                desk.id,
                f"nexus_demo_{desk.id[:12]}",
                desk.name,
                venue.id,
                "revoked" if number == 0 else "active",
                long_ago,
                venue.who("manager").id,
                at if number == 0 else None,
                venue.who("manager").id if number == 0 else None,
            )
            for venue in venues
            for number, desk in enumerate(venue.desks)
        ],
    )
    yield table(
        "auth.demo_accounts",
        "user_id position password",
        [
            (_account_id(email, venues, platform), place, PASSWORD)
            for place, email in enumerate((account.email for account in ACCOUNTS), start=1)
        ],
    )


def children(venues: list[Venue], at: datetime) -> Iterator[TableRows]:
    """Children with their health notes, pickup people and consents."""
    everyone = [child for venue in venues for child in venue.children()]
    yield table(
        "children",
        "id parent_id first_name date_of_birth parental_consent_given parental_consent_date is_active"
        " created_at updated_at",
        [
            (
                c.id,
                c.parent.id,
                c.name,
                c.born,
                c.consent,
                c.parent.joined,
                True,
                c.parent.joined,
                c.parent.joined,
            )
            for c in everyone
        ],
    )
    yield table(
        "child_health_notes",
        "id child_id kind severity label title instructions confirmed_by_name confirmed_on created_at updated_at",
        [row for child in everyone for row in _health(child, at)],
    )
    yield table(
        "pickup_people",
        "id child_id name relationship phone may_collect note created_at updated_at",
        [
            (
                p.id,
                c.id,
                p.name,
                p.relationship,
                p.phone,
                p.may_collect,
                p.note,
                c.parent.joined,
                c.parent.joined,
            )
            for c in everyone
            for p in c.pickup
        ],
    )
    chance = ids("consents")
    yield table(
        "parental_consent_records",
        "id parent_id child_id consent_type consent_version consent_given consent_method consent_text consented_at"
        " withdrawn withdrawn_at withdrawal_reason",
        [
            (
                chance.uuid(),
                c.parent.id,
                c.id,
                "activity_booking",
                "2025-1",
                True,
                "checkbox",
                "Venues may see what they need to look after my child.",
                c.parent.joined,
                not c.consent,
                None if c.consent else at - timedelta(days=1),
                None if c.consent else "Asked by telephone.",
            )
            for c in everyone
        ],
    )


_VENUE_COLUMNS = (
    "id name slug short_description full_description primary_category status address_line1 city state postal_code"
    " country latitude longitude timezone contact_email contact_phone website_url business_hours insurance_provider"
    " insurance_policy_number insurance_coverage_amount insurance_expiry_date background_check_completed"
    " background_check_date safety_audit_completed safety_audit_date safety_audit_score platform_fee_percentage"
    " payout_bank_name payout_account_last_four current_performance_score is_curation_eligible last_verification_date"
    " next_verification_due created_at updated_at approved_at legal_name tax_number"
)


def _venue(venue: Venue, at: datetime) -> tuple[object, ...]:
    plan, papers = venue.plan, papers_of(venue, at)
    chance = ids(f"venue {plan.slug}")
    domain = plan.slug.replace("-", "")
    checked = [ago for *_, ago in papers.people if ago is not None]
    return (
        venue.id,
        plan.name,
        plan.slug,
        plan.tagline,
        f"{plan.tagline} In {plan.city}.",
        plan.category,
        "active",
        plan.street,
        plan.city,
        plan.state,
        plan.postcode,
        plan.country,
        plan.latitude,
        plan.longitude,
        plan.timezone,
        f"hello@{domain}.example",
        f"({plan.area_code}) 555-0{'190' if plan.families < 15 else '100'}",
        f"https://{domain}.example",
        _HOURS,
        papers.insurer,
        papers.policy,
        "2000000.00",
        papers.insured_until,
        len(checked) == len(papers.people),
        venue.today - timedelta(days=min(checked)),
        True,
        papers.audited_on,
        papers.audit_score,
        plan.fee,
        "First Demo Bank",
        papers.last_four,
        plan.score,
        float(plan.score) >= 60,
        papers.verified_on,
        papers.verified_until,
        at - timedelta(days=400),
        at,
        papers.opened,
        legal_name(venue),
        f"{chance.between(10, 98)}-{chance.between(1000000, 9999999)}",
    )


_USER_COLUMNS = (
    "id email password_hash role first_name last_name phone corporate_id venue_id department mfa_enabled mfa_secret"
    " is_email_verified timezone created_at updated_at"
)


def _staff(
    venues: list[Venue],
    platform: list[Staff],
    employers: list[Corporate],
    verifiers: Mapping[str, str],
    at: datetime,
) -> Iterator[tuple[object, ...]]:
    since = at - timedelta(days=395)
    codes = {account.email for account in ACCOUNTS if account.asks_code}
    zone = next(venue.plan.timezone for venue in venues if is_main(venue.plan))
    for person in [*platform, *(each for venue in venues for each in venue.staff)]:
        role = "venue_admin" if person.venue else "platform_admin"
        asks = person.email in codes
        yield (
            person.id,
            person.email,
            verifiers.get(person.email),
            role,
            person.first,
            person.last,
            None,
            None,
            person.venue.id if person.venue else None,
            None,
            asks,
            TOTP_SECRET if asks else None,
            True,
            person.venue.plan.timezone if person.venue else zone,
            since,
            since,
        )
    for employer in employers:
        yield (
            employer.hr_admin,
            f"hr@{slug(employer.name)}.example",
            None,
            "hr_admin",
            "Benefits",
            "Team",
            None,
            employer.id,
            None,
            "People",
            False,
            None,
            True,
            zone,
            since,
            since,
        )


def _parents(venues: list[Venue], employers: list[Corporate]) -> Iterator[tuple[object, ...]]:
    for venue in venues:
        for parent in venue.parents:
            yield (
                parent.id,
                parent.email,
                None,
                "parent",
                parent.first,
                parent.last,
                parent.phone,
                employers[parent.corporate].id,
                None,
                None,
                False,
                None,
                True,
                venue.plan.timezone,
                parent.joined,
                parent.joined,
            )


def _health(child: Child, at: datetime) -> Iterator[tuple[object, ...]]:
    chance = ids(f"health {child.id}")
    confirmed = at.date() - timedelta(days=chance.between(5, 60))
    for note in child.health:
        yield (
            chance.uuid(),
            child.id,
            note.kind,
            note.severity,
            note.label,
            note.title,
            note.instructions,
            child.parent.first,
            confirmed,
            child.parent.joined,
            child.parent.joined,
        )


def _account_id(email: str, venues: list[Venue], platform: list[Staff]) -> str:
    everyone = [*platform, *(person for venue in venues for person in venue.staff)]
    return next(person.id for person in everyone if person.email == email)
