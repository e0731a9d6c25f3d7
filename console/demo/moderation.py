"""What was said to and about venues in the demo: reviews hidden or answered, incidents, notes, announcements, scores.

Like console.demo.headquarters all of it goes through the functions a desk would call. Scores are worked out week by
week, each when it was over, so that what was hidden later made a revision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from console.demo.agenda import HEADQUARTERS, Agenda, answer, office_hour
from console.demo.chance import Chance
from console.demo.checklist import BLUE_DOOR, CEDAR
from console.demo.opinions import Review
from console.demo.world import Staff, Venue
from console.domain.venue_file import NewAnnouncement
from console.storage.announcements import AnnouncementQueries
from console.storage.demo_past import Past
from console.storage.scores import ScoreQueries
from console.storage.venue_file import VenueFileQueries

WEEKS = 26
MAIN = "riverside-studio"
_LOFT = "copper-street-dance-loft"
_UNHAPPY = 2
"""So many stars or fewer."""


@dataclass(frozen=True, slots=True)
class _Incident:
    slug: str
    days_ago: int
    severity: str
    title: str
    body: str
    resolution: str | None = None


_INCIDENTS = (
    _Incident(
        "summit-kids-climbing", 48, "serious", "A belay device was worn through",
        "Found at the weekly inspection; nobody was on the rope.", "All twelve devices were replaced on the next day.",
    ),
    _Incident(CEDAR, 39, "serious", "Open without insurance", "Three sessions took place after the cover had ended."),
    _Incident(MAIN, 17, "minor", "Kiln room left unlocked", "Noticed by the evening round, before anybody came.",
              "A second key hangs at the desk now, and the closing list asks for it."),
)  # fmt: skip

_NOTES = (
    (CEDAR, 37, "Hannah called: the old insurer left the state, she is looking for another one."),
    (CEDAR, 2, "The new certificate is here. The background check of Noor takes about three days."),
    (BLUE_DOOR, 1, "Teo says the new policy comes with the morning's post."),
    (MAIN, 30, "Wants to open a second studio in the east; would be our first pair of venues."),
)


class Moderation:
    """Puts down what was said. `reviews` are those that are to be hidden or answered, by venue."""

    def __init__(
        self,
        past: Past,
        venues: Sequence[Venue],
        amara: Staff,
        reviews: Sequence[Review],
        at: datetime,
        seed: int,
    ) -> None:
        """Nothing is done before the agenda is carried out."""
        self._past, self._at = past, at
        self._venues = {venue.plan.slug: venue for venue in venues}
        self._amara = amara.id
        self._reviews = reviews
        self._file, self._scores = VenueFileQueries(past), ScoreQueries(past)
        self._announcements = AnnouncementQueries(past)
        self._chance = Chance(seed, "moderation")
        self._today = at.astimezone(HEADQUARTERS).date()

    def put(self, agenda: Agenda) -> None:
        """Put all of it down."""
        self._put_scores(agenda)
        self._put_reviews(agenda)
        for one in _INCIDENTS:
            agenda.put(self._ago(one.days_ago, "16:30"), self._amara, partial(self._report, one))
        for slug, days, words in _NOTES:
            note = UUID(self._chance.uuid())
            agenda.put(
                self._ago(days, "11:15"),
                self._amara,
                partial(self._note, note, UUID(self._venues[slug].id), words),
            )
        self._put_announcements(agenda)

    def _put_scores(self, agenda: Agenda) -> None:
        for back in range(WEEKS, 0, -1):
            week = self._monday(back)
            # Noon in London: by then the week is over in Honolulu, too.
            over = datetime.combine(week + timedelta(days=7), time(12), UTC)
            agenda.put(over, self._amara, partial(self._past.score_week, week))
        main, loft = self._venues[MAIN], self._venues[_LOFT]
        asked = self._put_dispute(
            agenda, main, 4, "no_shows",
            "Two of the children who count as absent came; the tablet was offline that afternoon.",
        )  # fmt: skip
        agenda.put(asked + timedelta(days=3), self._amara, partial(self._answer, main))
        self._put_dispute(
            agenda, loft, 1, "feedback",
            "Several of these opinions are about the bakery next door: it has our old telephone number.",
        )  # fmt: skip
        agenda.put(self._at, self._amara, self._past.score_again)

    def _put_dispute(self, agenda: Agenda, venue: Venue, back: int, component: str, why: str) -> datetime:
        week = self._monday(back)
        when = office_hour(week + timedelta(days=8), "10:40")
        agenda.put(when, venue.who("manager").id, partial(self._dispute, venue, week, component, why))
        return when

    def _put_reviews(self, agenda: Agenda) -> None:
        for number, review in enumerate(one for one in self._reviews if one.hide):
            # The older ones some hours later, the newest so late that its week was scored before.
            when = review.at + timedelta(hours=20, minutes=number)
            monday = datetime.combine((review.at + timedelta(days=7)).date(), time(18, number), UTC)
            agenda.put(monday if number == 0 else when, self._amara, partial(self._hide, review))
        here = [
            one
            for one in self._reviews
            if one.booking.session.venue.plan.slug == MAIN and one.text and not one.reply and not one.hide
        ]
        elena = self._venues[MAIN].who("manager").id
        newest = sorted(here, key=lambda one: (one.at, one.id), reverse=True)
        glad = next((one for one in newest if one.rating > _UNHAPPY), None)
        sorry = next((one for one in newest if one.rating <= _UNHAPPY), None)
        for minutes, heard, draft in (
            (20, glad, "So kind of you! We told the team, and they"),
            (40, sorry, "We are sorry, and we have looked into it. This is what we found:"),
        ):
            if heard is not None:
                when = self._at - timedelta(minutes=minutes)
                agenda.put(when, elena, partial(self._begin, heard, draft))

    def _put_announcements(self, agenda: Agenda) -> None:
        here = UUID(self._venues[MAIN].id)
        for days, end, venues, tone, title, body in (
            (3, 12, None, "warning", "Maintenance on Sunday night",
             "Nexus is read only on Sunday from 02:00 to 03:00 Pacific. Desks keep check-ins and send them after."),
            (1, 7, (here,), "info", "A photographer comes on Tuesday",
             "We take pictures of empty rooms for the catalogue, between 10:00 and 11:30. No child will be in them."),
            (40, -26, None, "info", "New pickup rules",
             "From February on a person who collects a child shows an ID at the first visit."),
        ):  # fmt: skip
            new = NewAnnouncement(
                title, body, tone, venues, self._ago(days, "09:00"), self._ago(-end, "20:00")
            )
            made = UUID(self._chance.uuid())
            agenda.put(new.starts_at, self._amara, partial(self._announce, made, new))

    def _dispute(self, venue: Venue, week: date, component: str, why: str) -> None:
        score = self._past.score_of(venue.id, week)
        answer(self._scores.dispute(UUID(venue.id), score, component, why))

    def _answer(self, venue: Venue) -> None:
        one = next(
            each
            for each in answer(self._scores.disputes())
            if each.venue_id == UUID(venue.id) and each.answer is None
        )
        words = (
            "We looked at the desk's log: both came for other sessions, which are counted. The score stays."
        )
        answer(self._scores.answer(one.id, one.version, False, words))

    def _hide(self, review: Review) -> None:
        found = {"id": UUID(review.id), "why": review.hide}
        answer(self._past.fetch("SELECT 1 FROM feedback.decide(:id, 1, 'hide', :why)", found))

    def _begin(self, review: Review, words: str) -> None:
        found = {"id": UUID(review.id), "words": words}
        answer(self._past.fetch("SELECT 1 FROM feedback.keep_draft(:id, NULL, :words)", found))

    def _report(self, one: _Incident) -> None:
        venue, day = UUID(self._venues[one.slug].id), self._today - timedelta(days=one.days_ago + 1)
        made = answer(
            self._file.report_incident(
                UUID(self._chance.uuid()), venue, day, one.severity, one.title, one.body
            )
        )
        if one.resolution is not None:
            answer(self._file.resolve_incident(made, one.resolution))

    def _note(self, note: UUID, venue: UUID, words: str) -> None:
        answer(self._file.add_note(note, venue, words))

    def _announce(self, made: UUID, new: NewAnnouncement) -> None:
        answer(self._announcements.announce(made, new))

    def _monday(self, back: int) -> date:
        return self._today - timedelta(days=self._today.weekday() + 7 * back)

    def _ago(self, days: int, clock: str) -> datetime:
        return office_hour(self._today - timedelta(days=days), clock)
