"""Facts that are printed in tests, and the reading of what was printed: text, codes and fonts of a PDF."""

from __future__ import annotations

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import pypdfium2
import zxingcpp
from PIL import Image

from console.domain.day import Building, DaySummary, LabelFacts, Presence, SessionResult
from console.domain.desk import HealthKind, HealthNote
from console.reports.layout import Imprint
from tests.support.today_samples import at

ZONE = ZoneInfo("America/Los_Angeles")
VENUE = "Riverside Climbing & Sports"
NOTES = (
    HealthNote(HealthKind.DIETARY, 3, "Vegetarian", "Vegetarian"),
    HealthNote(HealthKind.ALLERGY, 1, "Peanut", "Peanut allergy", "EpiPen in the red bag. Then call 911."),
    HealthNote(HealthKind.MEDICAL, 2, "Asthma", "Asthma", "Inhaler in the front pocket."),
)
HARD_NAMES = (
    "Maximiliana-Alexandrina Theodora Wilhelmina Featherstonehaugh",
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewiss",
    "李小龍",
    "محمد عبد السلام",
    "שלום נועה",
    "Zoë 😀🎈",
    "Ангелина Ωμέγα",
    "नेहा",
    "a\x00b\u202ec\ud800",
)


def imprint(*, as_of: bool = False) -> Imprint:
    """Made by Maya at 15:42, with facts of 15:36 where `as_of`."""
    return Imprint(VENUE, ZONE, at(15, 42), "Maya", at(15, 36) if as_of else None)


def label(
    number: int, name: str, tag: str = "7K4Q", health: tuple[HealthNote, ...] = (), *, reprint: bool = False
) -> LabelFacts:
    """One child's label."""
    return LabelFacts(
        UUID(int=number), name, 88, "Junior Judo", "Studio 2", at(15, 30), at(16, 30), tag, health, at(15, 20),
        reprint,
    )  # fmt: skip


def presence(number: int, name: str, room: str | None, health: tuple[HealthNote, ...] = ()) -> Presence:
    """One child who is in."""
    return Presence(
        UUID(int=number), UUID(int=900), name, 88, "Junior Judo", room, at(15, 30), at(16, 30), at(15, 31),
        "Amara", "+1 503 555 0142", health,
    )  # fmt: skip


def building() -> Building:
    """Three children in two rooms."""
    present = (
        presence(1, "Nia", "Climbing wall", NOTES),
        presence(2, "Theo", "Climbing wall"),
        presence(3, "Sam", None),
    )
    return Building(at(16, 0), present, ())


def day_summary() -> DaySummary:
    """A closed session and one that runs."""
    closed = SessionResult(
        UUID(int=1),
        "Junior Judo",
        "Studio 2",
        at(9),
        at(10),
        18,
        14,
        11,
        1,
        1,
        0,
        1,
        0,
        2,
        1,
        3,
        1,
        at(10, 5),
    )
    runs = SessionResult(
        UUID(int=2), "Art Lab", None, at(11), at(12), 12, 10, 6, 0, 0, 4, 0, 6, 0, 2, 0, 0, None
    )
    return DaySummary(date(2026, 3, 12), (closed, runs))


def texts(pdf: bytes) -> list[str]:
    """The text of each page, lines joined by spaces."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def images(pdf: bytes, dots_per_inch: float) -> list[Image.Image]:
    """Each page as a printer of that resolution sees it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dots_per_inch / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def codes(image: Image.Image) -> list[str]:
    """The QR codes in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(image) if "QR" in found.format.name]
