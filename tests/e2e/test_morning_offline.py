"""A queue of forty children at one desk whose network is cut in the middle of it, by keyboard and scanner only.

A console runs as a process of its own behind a proxy; nothing reaches into it. While it is cut off the server is looked
at and must know nothing of what is done; afterwards it must know each thing exactly once. See docs/design.md, "The desk
protocol" and "Tests" (end to end).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from PIL.Image import Image

from console.clock import SystemClock
from console.domain.sync import OutboxCount
from console.services.desk_keys import DeskKeys
from console.storage.secrets import FileSecrets
from console.views.tokens import tokens
from tests.support import factories
from tests.support import morning as plan
from tests.support.databases import Database
from tests.support.morning import DeskWindow, Morning
from tests.support.proxy import Proxy
from tests.support.xserver import count_of, wait_for

QUEUE = (*plan.JUDO, *plan.LEGO, *plan.CHESS)
BEFORE, WHILE_CUT, AFTER = QUEUE[:15], QUEUE[15:30], QUEUE[30:]
TYPED = ("Quinn", "Uma", "Hana")
"""Of those who come while the network is cut: without a ticket, so their names are typed."""
TAKEN_BACK = WHILE_CUT[-1]
"""Came in while it was cut, was taken back at once, and comes again at the end."""
SCANNED_TWICE = WHILE_CUT[2]
BAR = (0, 868, 700, 900)
"""Where the foot of the window says how the server is reached: left, top, right and bottom in points."""
BAND = (520, 72, 1048, 136)
"""Where it says what became of the last scan."""
CARD = (1076, 10, 1440, 60)
"""Where the card of the child just scanned has its name and its state."""
ENOUGH = 15_000
"""So many points of one colour fill the band."""


@dataclass
class Queue(Morning):
    """One session that forty are booked on, on the real clock: a desk's own runs on while it is cut off.

    It has room for twice as many, so that the window never says "Nearly full": that is amber too.
    """

    def prepare(self) -> None:
        """Make the session, at about noon of the venue wherever that is now."""
        now = datetime.now(UTC)
        zone = factories.zone_at_noon(now)
        self.venue = factories.venue(self.admin, name="Riverside Studio", timezone=zone)
        activity = factories.activity(self.admin, self.venue, name="Junior Judo")
        session = factories.session(
            self.admin, activity, starts_at=now - timedelta(minutes=6), total_capacity=2 * len(QUEUE)
        )
        for name in QUEUE:
            child = factories.child(self.admin, first_name=name)
            row = self.admin.execute("SELECT bookings.new_code()").fetchone()
            assert row is not None
            self.tickets[name] = row[0]
            factories.booking(self.admin, session, child, confirmation_code=row[0])

    def state(self, child: str) -> str:
        """The state of the child's booking."""
        row = self.admin.execute(
            """SELECT b.attendance_state::text FROM bookings b JOIN children c ON c.id = b.child_id
                WHERE c.first_name = %s""",
            [child],
        ).fetchone()
        assert row is not None
        return str(row[0])

    def marks(self) -> list[str]:
        """Child, kind, outcome or refusal, and how it came to the server, a line an event."""
        return self.table(
            """SELECT c.first_name, e.kind, coalesce(e.reason::text, e.outcome::text), e.origin
                 FROM attendance_events e JOIN bookings b ON b.id = e.booking_id JOIN children c ON c.id = b.child_id"""
        )


@pytest.fixture
def queue(fresh_database: Database) -> Iterator[Queue]:
    """The families are at the door."""
    with fresh_database.connect() as admin:
        made = Queue(fresh_database, admin)
        made.prepare()
        yield made


def test_a_queue_is_served_through_a_cut_network(queue: Queue, tmp_path: Path) -> None:
    with Proxy(queue.database.server.port) as proxy:
        desk = DeskWindow(queue, "Desk 1", "Jo", tmp_path)
        desk.address = (
            f"postgresql://{desk.desk.role}:{desk.desk.secret}@127.0.0.1:{proxy.port}/{queue.database.name}"
        )
        with desk.opened():
            desk.find_window()
            desk.sign_in()
            for name in BEFORE:
                desk.scan(name)
            wait_for(lambda: nothing_waits(desk), "the window to say that nothing waits")
            desk.see()  # the server knew of the last child before the window did
            proxy.silent()
            the_network_is_cut(queue, desk, proxy)
            assert queue.marks() == sorted(live(*BEFORE)), "the server has nothing of what the desk kept"
            proxy.pass_on()
            for name in WHILE_CUT[:-1]:
                desk.until(name, "in")
            wait_for(lambda: nothing_waits(desk), "the window to say that nothing waits")
            for name in (*AFTER, TAKEN_BACK):
                desk.scan(name)
            wait_for(
                lambda: nothing_waits(desk) and shows(desk, CARD, "green.bg") > 0,
                "the last child to be shown as recorded, and nothing that waits",
            )
    assert queue.marks() == sorted(
        [
            *live(*BEFORE),
            *(f"{name} check_in applied queued" for name in WHILE_CUT),
            f"{TAKEN_BACK} annul applied queued",
            *live(*AFTER, TAKEN_BACK),
        ]
    )
    assert [queue.state(name) for name in QUEUE] == ["in"] * len(QUEUE)
    assert left_in_the_outbox(desk) == OutboxCount(waiting=0, attention=0)


def live(*names: str) -> list[str]:
    """Children who were checked in while the server answered."""
    return [f"{name} check_in applied live" for name in names]


def the_network_is_cut(queue: Queue, desk: DeskWindow, proxy: Proxy) -> None:
    """First nothing comes back, then nobody is there; the queue goes on."""
    for number, name in enumerate(WHILE_CUT):
        if number == len(WHILE_CUT) // 3:
            proxy.refuse()
        if name in TYPED:
            desk.look_for(name.lower())
            kept(desk, name, partial(desk.press, "Return"))
        else:
            kept(desk, name, partial(desk.screen.scan, queue.tickets[name]))
    wait_for(lambda: shows(desk, BAR, "amber.bg") > 0, "the bar to say that it is offline")
    kept(desk, f"{TAKEN_BACK}, taken back,", partial(desk.press, "ctrl+z"))
    desk.screen.scan(queue.tickets[SCANNED_TWICE])
    wait_for(lambda: shows(desk, BAND, "blue.solid") > ENOUGH, f"{SCANNED_TWICE} to be said to be in already")


def kept(desk: DeskWindow, name: str, do: Callable[[], None]) -> None:
    """Do something; the window must say of it that it waits, and never that it is done."""
    at_first = desk.screen.picture()
    before, card_of_another = at_first.crop(BAND).tobytes(), points(at_first, CARD, "green.bg") > 0
    do()

    def says_so() -> bool:
        picture = desk.screen.picture()
        if picture.crop(BAND).tobytes() == before:
            return False
        green = points(picture, CARD, "green.bg") > 0
        assert card_of_another or not green, f"{name} is shown as recorded"
        return (
            not green
            and points(picture, BAND, "amber.solid") > ENOUGH
            and points(picture, CARD, "amber.bg") > 0
        )

    wait_for(says_so, f"{name} to be kept on the desk", 10)


def nothing_waits(desk: DeskWindow) -> bool:
    """Whether the bar says that the server is there, and nothing anywhere in the window is in the amber of waiting."""
    picture = desk.screen.picture()
    return points(picture, BAR, "green.text") > 0 and count_of(picture, colour("amber.bg")) == 0


def shows(desk: DeskWindow, where: tuple[int, int, int, int], token: str) -> int:
    """How many points of a part of the window have a colour now."""
    return points(desk.screen.picture(), where, token)


def points(picture: Image, where: tuple[int, int, int, int], token: str) -> int:
    """How many points of a part of a picture have a colour."""
    return count_of(picture.crop(where), colour(token))


def colour(token: str) -> str:
    """A colour of the light theme."""
    return tokens().hex("light", token)


def left_in_the_outbox(desk: DeskWindow) -> OutboxCount:
    """What the console left behind in its sealed file when it ended."""
    keys = DeskKeys(
        desk.home / "data" / "desk" / desk.desk.role,
        FileSecrets(desk.home / "config" / "secrets"),
        SystemClock(),
    )
    assert keys.outbox_path.exists()
    outbox = keys.open_outbox()
    try:
        return outbox.count()
    finally:
        outbox.close()
