"""What the platform's people did about venues in the demo: five cases that wait, decided ones, papers, an exception.

Everything here goes through the functions a desk would call, at its hour (console.demo.agenda); what was older than
that is written by console.demo.checklist. The open cases are those of a Thursday afternoon: one to be reinstated, which
whoever tries the demo holds, one that a colleague holds, three that nobody holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from console.demo import evidence
from console.demo.agenda import HEADQUARTERS, Agenda, answer, office_hour
from console.demo.checklist import BLUE_DOOR, CEDAR, MAKER, SUSPENDED_DAYS, legal_name
from console.demo.world import Staff, Venue
from console.domain.compliance import NewDocument
from console.domain.paging import PageRequest
from console.domain.vetting import (
    ApplicationFacts,
    CaseRow,
    Decision,
    Requirement,
    RequirementPage,
    Verdict,
    Waiver,
)
from console.storage.applications import ApplicationQueries
from console.storage.compliance import ComplianceQueries
from console.storage.demo_past import Past
from console.storage.evidence import EvidenceQueries
from console.storage.vetting import CaseQueries

_WATCHED = (47, 39, 23, 16, 12, 7)
"""So many days ago the worker found something to remind of; today it does again."""

_APPLICATIONS = {
    "fins": ApplicationFacts(
        name="Little Fins Swim School", legal_name="Little Fins Swimming LLC", tax_number="91-4420187",
        category="sports", description="Swimming for the smallest, in water of 33 degrees.",
        address_line1="2210 Ruston Way", city="Tacoma", state_code="WA", postal_code="98402",
        latitude=Decimal("47.2710"), longitude=Decimal("-122.4980"), timezone="America/Los_Angeles",
        contact_name="Louisa, owner", contact_email="hello@littlefins.example", contact_phone="(253) 555-0142",
        website_url="https://littlefins.example", ages_from=0, ages_to=8,
    ),
    "loft": ApplicationFacts(
        name="Harbour Dance Loft", legal_name="Harbour Dance Loft LLC", tax_number="91-7003314",
        category="dance", description="Ballet, jazz and street dance above the old ferry hall.",
        address_line1="801 Alaskan Way", city="Seattle", state_code="WA", postal_code="98104",
        latitude=Decimal("47.6020"), longitude=Decimal("-122.3380"), timezone="America/Los_Angeles",
        contact_name="Nadia, owner", contact_email="hello@harbourdance.example", contact_phone="(206) 555-0117",
        ages_from=4, ages_to=16,
    ),
    "forest": ApplicationFacts(
        name="Orchard Forest School", legal_name="Orchard Forest School Inc", tax_number="93-5581206",
        category="nature", description="Days between apple trees and a creek, whatever the weather.",
        address_line1="4700 Orchard Heights Road", city="Salem", state_code="OR", postal_code="97304",
        latitude=Decimal("44.9640"), longitude=Decimal("-123.0910"), timezone="America/Los_Angeles",
        contact_name="Wren, head", contact_email="hello@orchardforest.example", contact_phone="(503) 555-0163",
        ages_from=3, ages_to=10,
    ),
    "pottery": ApplicationFacts(
        name="Tidewater Pottery", legal_name="Tidewater Pottery LLC", tax_number="91-2280974",
        category="arts_crafts", description="Clay for everybody, a kiln in the yard.",
        address_line1="14 Pearl Street", city="Tacoma", state_code="WA", postal_code="98406",
        latitude=Decimal("47.2630"), longitude=Decimal("-122.5160"), timezone="America/Los_Angeles",
        contact_name="Louisa", contact_email="hello@tidewater.example", contact_phone="(253) 555-0188",
        ages_from=5, ages_to=14,
    ),
    "jumping": ApplicationFacts(
        name="Skyline Jump Hall", category="sports", description="Trampolines from wall to wall.",
        address_line1="990 Rainier Avenue", city="Seattle", state_code="WA", postal_code="98144",
        latitude=Decimal("47.5900"), longitude=Decimal("-122.3060"), timezone="America/Los_Angeles",
        contact_name="Nadia", contact_email="hello@skylinejump.example", contact_phone="(206) 555-0190",
        ages_from=6, ages_to=17,
    ),
}  # fmt: skip


class Headquarters:
    """Puts down what the platform's people did about venues. `amara` tries the demo, `leo` is her colleague."""

    def __init__(self, past: Past, venues: Sequence[Venue], amara: Staff, leo: Staff, at: datetime) -> None:
        """Nothing is done before the agenda is carried out."""
        self._past, self._at = past, at
        self._venues = {venue.plan.slug: venue for venue in venues}
        self._amara, self._leo = amara.id, leo.id
        self._applications, self._cases = ApplicationQueries(past), CaseQueries(past)
        self._evidence, self._compliance = EvidenceQueries(past), ComplianceQueries(past)
        self._today = at.astimezone(HEADQUARTERS).date()
        self._made: dict[str, UUID] = {}
        self._opened: dict[str, CaseRow] = {}

    def put(self, agenda: Agenda) -> None:
        """Put all of it down."""
        for days in _WATCHED:
            agenda.put(self._ago(days, "08:00"), self._amara, self._past.watch_papers)
        agenda.put(self._at - timedelta(hours=6), self._amara, self._past.watch_papers)
        self._put_cedar(agenda)
        self._put_blue_door(agenda)
        self._put_new_venues(agenda)
        self._put_renewals(agenda)

    def _put_cedar(self, agenda: Agenda) -> None:
        cedar = self._venues[CEDAR]
        hannah, here = cedar.who("manager").id, UUID(cedar.id)
        agenda.put(self._ago(SUSPENDED_DAYS, "10:20"), self._leo, partial(self._suspend, cedar))
        certificate = evidence.paper(
            "Certificate HM-20871-04", "cedar-street-certificate.pdf",
            ("Certificate of insurance", "Hartwell Mutual", "Insured: Cedar Street Makers LLC, Portland, OR",
             "Policy HM-20871-04", "General liability, 2,000,000 USD",
             f"Ends on {self._today + timedelta(days=247):%d %B %Y}"),
        )  # fmt: skip
        agenda.put(self._ago(3, "09:05"), hannah, partial(
            self._file, here, Requirement.INSURANCE,
            {"provider": "Hartwell Mutual", "policy_number": "HM-20871-04", "coverage_amount": "2,000,000"},
            self._today - timedelta(days=4), self._today + timedelta(days=247), certificate,
        ))  # fmt: skip
        reports = [
            ("Background check", f"{name}, Cedar Street Makers", "Result: clear")
            for name in ("Hannah", "Omar", "Lena", "Silas", "Ruth", "Ines")
        ]
        agenda.put(self._ago(3, "09:20"), hannah, partial(
            self._file, here, Requirement.BACKGROUND_CHECKS, {}, None, None,
            evidence.paper("6 reports", "cedar-street-background-checks.pdf", *reports),
        ))  # fmt: skip
        agenda.put(self._ago(3, "09:40"), hannah, partial(
            self._file, here, Requirement.SAFETY_AUDIT,
            {"score": "92", "auditor": "R. Feld", "remarks": "One remark, closed: fire door sign."},
            self._today - timedelta(days=10), None,
            evidence.paper("Audit report", "cedar-street-audit.pdf",
                           ("Safety audit", "Cedar Street Makers, 418 Cedar Street", "R. Feld", "92 of 100",
                            "Remark: the sign of the fire door was missing. Closed on the day."),
                           ("Machines", "All guards in place.", "Dust extraction measured: good."),),
            *(evidence.photograph(f"Photo {number}", f"cedar-street-photo-{number}.png", 37 * number)
              for number in (1, 2, 3, 4)),
        ))  # fmt: skip
        agenda.put(self._ago(2, "09:00"), hannah, partial(self._ask_back, cedar))
        agenda.put(self._ago(1, "16:10"), self._leo, partial(self._accept, here, Requirement.INSURANCE))
        agenda.put(self._ago(1, "16:14"), self._leo, partial(self._accept, here, Requirement.SAFETY_AUDIT))
        agenda.put(self._minutes(12), self._amara, partial(self._claim, CEDAR))
        for minutes, requirement in ((11, "insurance"), (6, "safety_audit"), (4, "background_checks")):
            agenda.put(
                self._minutes(minutes), self._amara, partial(self._read, here, Requirement(requirement))
            )
        agenda.put(self._at, self._amara, partial(self._claim, CEDAR))

    def _put_blue_door(self, agenda: Agenda) -> None:
        door = self._venues[BLUE_DOOR]
        agenda.put(self._minutes(150), door.who("manager").id, partial(
            self._file, UUID(door.id), Requirement.INSURANCE,
            {"provider": "Pelican Cover", "policy_number": "BD-55021-02", "coverage_amount": "1,500,000"},
            self._today, self._today + timedelta(days=364),
            evidence.paper("Certificate BD-55021-02", "blue-door-certificate.pdf",
                           ("Certificate of insurance", "Pelican Cover", "Insured: Blue Door Theatre LLC",
                            "Policy BD-55021-02", "General liability, 1,500,000 USD")),
        ))  # fmt: skip

    def _put_new_venues(self, agenda: Agenda) -> None:
        louisa, nadia, wren = (
            self._venues[slug].who("manager").id
            for slug in ("harbor-lane-swim-school", "copper-street-dance-loft", "fern-hollow-forest-school")
        )
        everything = ("insurance", "safety_audit", "reverification", "payout_account")
        self._put_application(agenda, "fins", louisa, self._ago(4, "11:30"), everything,
                              (("Louisa", "owner"), ("Pavel", "teacher")))  # fmt: skip
        self._put_application(agenda, "loft", nadia, self._ago(1, "14:05"), ("insurance", "reverification"),
                              (("Nadia", "owner"), ("Dre", "teacher")), ("safety_audit",))  # fmt: skip
        self._put_application(agenda, "forest", wren, self._minutes(185), ("insurance", "reverification"), (),
                              ("payout_account",))  # fmt: skip
        agenda.put(self._minutes(6), self._leo, partial(self._claim, "loft"))
        self._put_application(agenda, "pottery", louisa, self._ago(6, "10:00"), ("insurance",), ())
        self._put_decision(
            agenda,
            "pottery",
            self._leo,
            self._ago(3, "15:20"),
            Verdict(
                Decision.ASK,
                "Please name everybody who works with children, and send the report of your safety audit.",
            ),
        )
        self._put_application(agenda, "jumping", nadia, self._ago(24, "09:30"), (), ())
        self._put_decision(
            agenda,
            "jumping",
            self._amara,
            self._ago(20, "13:45"),
            Verdict(Decision.REJECT, "We do not take trampoline halls: our insurers cover none of them."),
        )
        agenda.put(self._ago(5, "17:10"), self._venues["riverside-studio"].who("manager").id, self._draft)

    def _put_renewals(self, agenda: Agenda) -> None:
        for slug, days, insurer, until in (
            ("riverside-studio", 60, "Hartwell Mutual", 305),
            (MAKER, 9, "Northgate Insurance", 356),
        ):
            venue = self._venues[slug]
            here, zone_day = UUID(venue.id), self._today - timedelta(days=days)
            agenda.put(self._ago(days, "09:10"), venue.who("manager").id, partial(
                self._file, here, Requirement.INSURANCE,
                {"provider": insurer, "policy_number": f"RN-{days:05}-01", "coverage_amount": "2,000,000"},
                zone_day, self._today + timedelta(days=until),
                evidence.paper(f"Certificate RN-{days:05}-01", f"{slug}-certificate.pdf",
                               ("Certificate of insurance", insurer, f"Insured: {legal_name(venue)}",
                                f"Policy RN-{days:05}-01", "General liability, 2,000,000 USD")),
            ))  # fmt: skip
            agenda.put(
                self._ago(days, "13:00"), self._amara, partial(self._accept, here, Requirement.INSURANCE)
            )
            agenda.put(self._ago(days, "13:02"), self._amara, partial(self._find_case, slug, venue.plan.name))
        self._put_decision(
            agenda, "riverside-studio", self._amara, self._ago(60, "13:05"), Verdict(Decision.APPROVE)
        )
        audit = Waiver(Requirement.SAFETY_AUDIT, self._today + timedelta(days=21))
        reason = "The auditor fell ill; the new date is fixed, and the last report had no remarks."
        self._put_decision(
            agenda, MAKER, self._amara, self._ago(9, "13:05"), Verdict(Decision.EXCEPT, reason, (audit,))
        )

    def _put_application(
        self,
        agenda: Agenda,
        key: str,
        applicant: str,
        when: datetime,
        accepted: Sequence[str],
        people: Sequence[tuple[str, str]],
        waiting: Sequence[str] = (),
    ) -> None:
        agenda.put(when, applicant, partial(self._apply, key))
        step = timedelta(minutes=1)
        for number, kind in enumerate((*accepted, *waiting), start=1):
            agenda.put(when + number * step, applicant, partial(self._file_new, key, Requirement(kind)))
        for number, (name, job) in enumerate(people, start=6):
            agenda.put(when + number * step, applicant, partial(self._check_person, key, name, job))
            agenda.put(when + (number + 10) * step, self._leo, partial(self._clear_person, key, name))
        for number, kind in enumerate(accepted, start=20):
            agenda.put(when + number * step, self._leo, partial(self._accept_new, key, Requirement(kind)))

    def _put_decision(self, agenda: Agenda, key: str, person: str, when: datetime, verdict: Verdict) -> None:
        agenda.put(when - timedelta(minutes=2), person, partial(self._claim, key))
        agenda.put(when, person, partial(self._decide, key, verdict))

    def _apply(self, key: str) -> None:
        draft = answer(self._applications.begin())
        draft = answer(self._applications.save(draft.id, draft.version, _APPLICATIONS[key]))
        handed_in = answer(self._applications.submit(draft.id, draft.version))
        if handed_in.venue_id is None or handed_in.case is None:
            raise AssertionError("what was handed in has a venue and a case")
        self._made[key], self._opened[key] = handed_in.venue_id, handed_in.case

    def _draft(self) -> None:
        draft = answer(self._applications.begin())
        answer(
            self._applications.save(
                draft.id,
                draft.version,
                ApplicationFacts(
                    name="Riverside Studio East", legal_name="Riverside Studio LLC", category="arts_crafts",
                    description="A second studio on the other bank.", city="Portland", state_code="OR",
                    timezone="America/Los_Angeles", contact_name="Elena", ages_from=3, ages_to=14,
                ),
            )
        )  # fmt: skip

    def _file_new(self, key: str, requirement: Requirement) -> None:
        name, legal = _APPLICATIONS[key].name, _APPLICATIONS[key].legal_name
        facts: Mapping[Requirement, dict[str, object]] = {
            Requirement.INSURANCE: {
                "provider": "Northgate Insurance",
                "policy_number": f"NG-{10000 + len(name)}",
                "coverage_amount": "2,000,000",
            },
            Requirement.SAFETY_AUDIT: {"score": "88", "auditor": "T. Ocampo"},
            Requirement.PAYOUT_ACCOUNT: {"last_four": "7714", "holder": legal, "bank": "First Demo Bank"},
        }
        since = {Requirement.INSURANCE: 20, Requirement.SAFETY_AUDIT: 12}.get(requirement)
        papers = {
            Requirement.INSURANCE: (
                ("Certificate of insurance", f"Insured: {legal}", "2,000,000 USD"),
                "certificate",
            ),
            Requirement.SAFETY_AUDIT: (("Safety audit", name, "T. Ocampo", "88 of 100"), "audit"),
        }.get(requirement)
        documents = []
        if papers is not None:
            lines, word = papers
            documents.append(evidence.paper(word.capitalize(), f"{key}-{word}.pdf", lines))
        self._file(
            self._made[key],
            requirement,
            facts.get(requirement, {}),
            None if since is None else self._today - timedelta(days=since),
            self._today + timedelta(days=345) if requirement is Requirement.INSURANCE else None,
            *documents,
        )

    def _accept_new(self, key: str, requirement: Requirement) -> None:
        self._accept(self._made[key], requirement)

    def _check_person(self, key: str, name: str, job: str) -> None:
        ordered = self._today - timedelta(days=12)
        answer(self._evidence.put_person(self._made[key], None, 0, name, job, ordered))

    def _clear_person(self, key: str, name: str) -> None:
        venue = self._made[key]
        found = next(
            one for one in self._page(venue, Requirement.BACKGROUND_CHECKS).people if one.first_name == name
        )
        came = self._today - timedelta(days=5)
        answer(
            self._evidence.check_came_back(
                venue, found.id, found.version, True, came, came + timedelta(days=730)
            )
        )

    def _file(
        self,
        venue: UUID,
        requirement: Requirement,
        facts: Mapping[str, object],
        since: date | None,
        until: date | None,
        *documents: NewDocument,
    ) -> None:
        answer(self._evidence.file(venue, requirement, facts, since, until, "", documents))

    def _page(self, venue: UUID, requirement: Requirement) -> RequirementPage:
        return next(
            page for page in answer(self._evidence.requirements(venue)) if page.requirement is requirement
        )

    def _accept(self, venue: UUID, requirement: Requirement) -> None:
        waiting = self._page(venue, requirement).waiting
        if waiting is not None:
            answer(self._evidence.judge(venue, waiting.id, waiting.version, True, ""))

    def _read(self, venue: UUID, requirement: Requirement) -> None:
        page = self._page(venue, requirement)
        for filing in (page.current, page.waiting):
            for document in () if filing is None else filing.documents:
                answer(self._evidence.document(document.id))

    def _suspend(self, venue: Venue) -> None:
        seen = answer(self._compliance.suspension(UUID(venue.id), None))
        answer(self._compliance.suspend(seen, "The insurance had expired, and no new certificate came."))

    def _ask_back(self, venue: Venue) -> None:
        # Their version is whatever the suspension left it at, and a preview is not to be had of a suspended venue.
        version = self._past.version_of(venue.id)
        note = "The new certificate is filed, and the wood shop was audited again."
        self._opened[venue.plan.slug] = answer(
            self._compliance.ask_reinstatement(UUID(venue.id), version, note)
        )

    def _find_case(self, key: str, name: str) -> None:
        rows = answer(self._cases.cases(PageRequest("due", text=name, filters={"tab": "open"}))).rows
        (self._opened[key],) = rows

    def _claim(self, key: str) -> None:
        row = self._opened[key]
        row = answer(self._cases.row(row.id))
        self._opened[key] = answer(self._cases.claim(row.id, row.version))

    def _decide(self, key: str, verdict: Verdict) -> None:
        row = answer(self._cases.row(self._opened[key].id))
        self._opened[key] = answer(self._cases.decide(row, verdict))

    def _ago(self, days: int, clock: str) -> datetime:
        return office_hour(self._today - timedelta(days=days), clock)

    def _minutes(self, minutes: int) -> datetime:
        return self._at - timedelta(minutes=minutes)
