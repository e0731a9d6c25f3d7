"""The tour of headquarters and its venues: cases, papers, applications, scores, reviews, files and announcements.

See docs/design.md, "Screens" (platform, reviews and score).
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from PySide6.QtCore import Qt

from console.errors import BugError
from console.tour.registry import step
from console.tour.scene import Scene
from console.views.applications.imports import ImportApplicationsSheet
from console.views.widgets.waiting import Skeleton

_ADMIN = "platform_admin"
_MANAGER = "manager"

_COLUMNS = (
    "name", "legal_name", "tax_number", "category", "description", "address_line1", "city", "state_code", "postal_code",
    "latitude", "longitude", "timezone", "contact_name", "contact_email", "contact_phone", "ages_from", "ages_to",
)  # fmt: skip
_ROWS = (
    ("Pine Street Pottery", "Pine Street Pottery LLC", "91-5570213", "arts_crafts", "Clay after school.",
     "88 Pine Street", "Seattle", "WA", "98101", "47.6120", "-122.3350", "America/Los_Angeles", "Ilse",
     "hello@pinestreet.example", "(206) 555-0151", "6", "14"),
    ("Little Fins Swimming", "Little Fins Swimming LLC", "91-4420187", "sports", "Swimming for the smallest.",
     "2210 Ruston Way", "Tacoma", "WA", "98402", "47.2710", "-122.4980", "America/Los_Angeles", "Louisa",
     "office@littlefins.example", "(253) 555-0142", "0", "8"),
    ("Marigold Music House", "Marigold Music LLC", "93-1180764", "music", "Ukuleles, drums and a choir.",
     "301 Oak Alley", "Eugene", "OR", "97401", "44.0505", "-123.0950", "America/Los_Angeles", "Bo",
     "hello@marigold.example", "(541) 555-0128", "5", "16"),
    ("Otter Creek Outdoors", "", "", "nature", "", "", "Bend", "OR", "", "", "", "America/Los_Angeles", "Ray",
     "hello@ottercreek.example", "", "7", "15"),
)  # fmt: skip
"""Applications that came by mail: three are new, one of them is like one that waits, and one lacks half of it."""


async def _area(scene: Scene, key: str, seconds: float = 1.0) -> None:
    scene.window.open_area(key)
    await scene.settle(seconds)


# -- approvals ---------------------------------------------------------------------------------------------------------


@step("approvals", "queue", role=_ADMIN)
async def queue(scene: Scene) -> None:
    """Five cases wait; the one to be reinstated is in hand, with everything it is decided from."""
    await scene.enter_as(_ADMIN)
    await _area(scene, "approvals", 1.4)


@step("approvals", "claimed", role=_ADMIN)
async def claimed(scene: Scene) -> None:
    """A case of one's own: what is met, who is checked, how its score went."""
    await scene.key(Qt.Key.Key_Down)
    await scene.settle(1.0)


@step("approvals", "evidence", role=_ADMIN)
async def documents(scene: Scene) -> None:
    """The certificate itself, beside what was said of it."""
    await scene.key(Qt.Key.Key_D)
    # The page is drawn in a process of its own, which has to start first.
    await scene.until(lambda: not any(one.isVisible() for one in scene.window.findChildren(Skeleton)))
    await scene.settle(0.4)


@step("approvals", "exception", role=_ADMIN)
async def exception(scene: Scene) -> None:
    """Not all is met: until when it is excepted, why, and what follows."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_X)
    await scene.settle(0.8)


@step("approvals", "held by somebody else", role=_ADMIN)
async def held(scene: Scene) -> None:
    """A colleague has this one in hand."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.4)
    await _area(scene, "approvals", 0.2)
    await scene.key(Qt.Key.Key_Down)
    await scene.settle(1.0)


@step("approvals", "decided", role=_ADMIN)
async def decided(scene: Scene) -> None:
    """What was decided, newest first."""
    await scene.key(Qt.Key.Key_4, alt=True)
    await scene.settle(1.0)


@step("approvals", "nothing in hand", role=_ADMIN)
async def nothing_in_hand(scene: Scene) -> None:
    """What one had in hand was given back: the list of one's own says how to take the next."""
    await scene.key(Qt.Key.Key_2, alt=True)
    await scene.settle(0.8)
    await scene.press("Release")
    await scene.settle(1.0)


# -- compliance --------------------------------------------------------------------------------------------------------


@step("compliance", "overview", role=_ADMIN)
async def overview(scene: Scene) -> None:
    """Every venue's papers, the soonest end first."""
    scene.window.toasts.dismiss()
    await _area(scene, "compliance", 1.4)


@step("compliance", "one venue", role=_ADMIN)
async def one_venue(scene: Scene) -> None:
    """What one venue has shown, and what may be done about it."""
    await scene.key(Qt.Key.Key_Return)
    await scene.key(Qt.Key.Key_Down)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.0)


@step("compliance", "rules", role=_ADMIN)
async def rules(scene: Scene) -> None:
    """The rules, and whom other ones would suspend today."""
    await scene.press("Rules…")
    await scene.press("Suspend a venue by itself when something has ended")
    await scene.settle(1.4)


@step("compliance", "calendar", role=_ADMIN)
async def calendar(scene: Scene) -> None:
    """What ends and is reminded of in a month."""
    for _ in range(2):  # the rules, then the venue beside the list
        await scene.key(Qt.Key.Key_Escape)
        await scene.settle(0.4)
    await scene.press("Calendar")
    await scene.settle(1.0)


# -- venues ------------------------------------------------------------------------------------------------------------


@step("venue file", "one venue", role=_ADMIN)
async def venue_file(scene: Scene) -> None:
    """Everything about one venue on one page."""
    await _area(scene, "venues", 1.0)
    await scene.key(Qt.Key.Key_Return)
    await scene.key(Qt.Key.Key_Down, times=3)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.4)


@step("scores", "all venues", role=_ADMIN)
async def all_scores(scene: Scene) -> None:
    """Every venue's newest score, what it is made of, and how it went."""
    await _area(scene, "scores", 1.4)


@step("scores", "one venue", role=_ADMIN)
async def one_score(scene: Scene) -> None:
    """A venue that was closed for weeks: its score has a gap."""
    await scene.key(Qt.Key.Key_Return)
    await scene.key(Qt.Key.Key_Down)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.6)


@step("scores", "disputes", role=_ADMIN)
async def disputes(scene: Scene) -> None:
    """What venues say against their scores."""
    await scene.key(Qt.Key.Key_Left, alt=True)
    await scene.settle(0.4)
    await scene.key(Qt.Key.Key_2, alt=True)
    await scene.settle(0.8)


@step("scores", "formula", role=_ADMIN)
async def formula(scene: Scene) -> None:
    """The weights, and what others would do to every venue before anything is saved."""
    await scene.key(Qt.Key.Key_3, alt=True)
    await scene.key(Qt.Key.Key_A, ctrl=True)
    await scene.type("20")
    await scene.press("Spread the rest")
    await scene.settle(1.4)


# -- reviews and announcements -----------------------------------------------------------------------------------------


@step("moderation", "waiting", role=_ADMIN)
async def waiting(scene: Scene) -> None:
    """Reviews that somebody has to look at, each with why."""
    await _area(scene, "moderation", 1.0)
    await scene.key(Qt.Key.Key_Down)
    await scene.settle(0.8)


@step("moderation", "hidden", role=_ADMIN)
async def hidden(scene: Scene) -> None:
    """Reviews that nobody sees, and why."""
    await scene.key(Qt.Key.Key_3, alt=True)
    await scene.settle(0.8)


@step("announcements", "all", role=_ADMIN)
async def announcements(scene: Scene) -> None:
    """What venues are told, and were."""
    await _area(scene, "announcements", 1.0)


@step("announcements", "new", role=_ADMIN)
async def new_announcement(scene: Scene) -> None:
    """A new one, as its readers will see it."""
    await scene.press("New announcement…")
    await scene.type("Snow on Friday")
    await scene.key(Qt.Key.Key_Tab)
    await scene.type("Cancel early where the roads close: every family gets its credits back.")
    await scene.settle(0.6)


# -- applications from a file ------------------------------------------------------------------------------------------


@step("applications", "import", role=_ADMIN)
async def imported(scene: Scene) -> None:
    """What becomes of each row of a file, before anything is written."""
    await scene.press("Tell all venues")
    await scene.settle(0.4)
    scene.window.toasts.dismiss()
    await _area(scene, "applications", 0.6)
    await scene.key(Qt.Key.Key_I, ctrl=True)
    sheets = scene.window.findChildren(ImportApplicationsSheet)
    if not sheets:
        raise BugError("The tour expected the sheet that takes applications.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "applications.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((_COLUMNS, *_ROWS))
        sheets[-1].look_at(path)
        await scene.until(lambda: bool(sheets[-1].found))
    await scene.settle(0.6)


# -- a venue -----------------------------------------------------------------------------------------------------------


@step("announcements", "at a venue", role=_MANAGER)
async def at_a_venue(scene: Scene) -> None:
    """What headquarters has just announced, over whatever page is open."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.enter_as(_MANAGER, banners=True)
    await scene.settle(0.6)


@step("papers", "of a venue", role=_MANAGER)
async def papers(scene: Scene) -> None:
    """What a venue has to show, and what to do next."""
    await scene.put_banners_away()
    await _area(scene, "papers", 1.2)


@step("papers", "filing", role=_MANAGER)
async def filing(scene: Scene) -> None:
    """A new certificate with its facts and its file."""
    await scene.press("File a new one…")
    await scene.settle(0.8)


@step("score", "of a venue", role=_MANAGER)
async def score(scene: Scene) -> None:
    """A venue's score: how it went, what it is made of, what moved it."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.settle(0.4)
    await _area(scene, "score", 1.6)


@step("feedback", "of a venue", role=_MANAGER)
async def feedback(scene: Scene) -> None:
    """What parents wrote, and an answer that is not sent yet."""
    await _area(scene, "feedback", 1.0)
    await scene.key(Qt.Key.Key_Down)
    await scene.settle(0.8)


@step("applications", "draft", role=_MANAGER)
async def applications(scene: Scene) -> None:
    """Asking to become another venue: how much is there, and what is missing."""
    await _area(scene, "applications", 1.0)
