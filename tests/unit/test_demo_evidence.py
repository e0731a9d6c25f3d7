"""The demo's evidence is what a venue could hand in: files that open, of a plain kind, told by their bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pypdfium2
from PIL import Image

from console.demo import checklist, evidence
from console.demo.load import imagine
from console.domain.evidence import PDF, PNG, tell

_AT = datetime(2026, 3, 12, 22, 42, tzinfo=UTC)


def test_a_paper_opens_and_says_its_words() -> None:
    made = evidence.paper("Report", "report.pdf", ("Safety audit", "92 (of 100)"), ("Machines",))
    assert tell(made.content).media_type == made.media_type == PDF
    document = pypdfium2.PdfDocument(made.content)
    try:
        assert len(document) == made.pages == 2
        assert document[0].get_textpage().get_text_range().split("\r\n") == ["Safety audit", "92 (of 100)"]
    finally:
        document.close()


def test_a_photograph_is_a_picture_and_no_two_are_alike() -> None:
    made = [evidence.photograph("Photo", "photo.png", hue) for hue in (37, 74, 111, 148)]
    assert tell(made[0].content).media_type == made[0].media_type == PNG
    with Image.open(io.BytesIO(made[0].content)) as picture:
        picture.load()
        assert picture.size == tell(made[0].content).size == (480, 320)
    assert len({one.content for one in made}) == 4


def test_cedar_street_was_a_building_site_for_twelve_weeks_and_books_nothing_now() -> None:
    world = imagine(7, _AT)
    (cedar,) = [venue for venue in world.venues if venue.plan.slug == checklist.CEDAR]
    days = sorted({session.day for session in cedar.sessions})
    longest = max((after - before for before, after in pairwise(days)), default=timedelta())
    assert longest >= timedelta(weeks=12)
    assert days[-1] < cedar.today
    assert any(session.cancelled for session in cedar.sessions if session.day > days[-1] - timedelta(weeks=6))


def test_papers_are_the_same_whenever_they_are_asked_for() -> None:
    venue = imagine(7, _AT).venues[0]
    assert checklist.papers_of(venue, _AT) == checklist.papers_of(venue, _AT)
    assert checklist.legal_name(venue) == "Riverside Studio LLC"
