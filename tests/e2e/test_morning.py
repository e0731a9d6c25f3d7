"""A Saturday morning of forty families at two desks, by keyboard and scanner only.

Two consoles run as two processes, each with a screen and a keyboard of its own, against one server. Nothing reaches
into them; what happened is read back from the database and compared with tables written by hand. See docs/design.md,
"Tests" (end to end).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL.Image import Image

from tests.support import morning as plan
from tests.support.databases import Database
from tests.support.morning import DeskWindow, Morning
from tests.support.xserver import count_of, wait_for

CARD = 1070
"""Where the child's card begins, in points from the left."""
CONSENTS = ["Zuri activity_booking Asha", "Zuri data_collection Asha", "Zuri data_processing Asha"]


@pytest.fixture
def morning(fresh_database: Database) -> Iterator[Morning]:
    """The venue before the doors open."""
    with fresh_database.connect() as admin:
        made = Morning(fresh_database, admin)
        made.prepare()
        yield made


@pytest.mark.long
def test_a_morning_of_forty_families(morning: Morning, tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        home.mkdir()
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(DeskWindow(morning, name, person, home).opened())
            for name, person, home in zip(("Desk 1", "Desk 2"), ("Jo", "Mo"), homes, strict=True)
        )
        both(first.find_window, second.find_window)
        both(first.sign_in, second.sign_in)
        both(lambda: judo_arrives(first), lambda: chess_and_lego_arrive(second))
        both(lambda: known_walk_in(first), lambda: new_walk_ins(second))
        winner = the_last_place(morning, first, second)
        leaving(morning, first)
        closing(morning, first)
    ivy_won = winner is first
    assert morning.events() == sorted(
        EVENTS + came(*(("Desk 1 Jo", "Ivy") if ivy_won else ("Desk 2 Mo", "Noor")))
    )
    assert morning.bookings() == sorted([*BOOKINGS, f"{'Ivy' if ivy_won else 'Noor'} club in confirmed 2"])
    assert morning.ledger() == sorted(
        LEDGER + debits(f"Pat{'Ivy' if ivy_won else 'Noor'}", price=2) + given("PatIvy PatNoor")
    )
    assert morning.wrong_balances() == []
    assert morning.waitlist() == [f"{'Noor' if ivy_won else 'Ivy'} club 1 True -"]
    assert morning.owed() == ["Asha Zuri 3 Mo -", "PatOtis Otis 3 Mo -"]
    assert morning.reviews() == ["pickup_alert Nia -", "unmarked_after_close Mila -"]
    assert morning.consents() == CONSENTS
    assert morning.audit() == audit_rows(ivy_won=ivy_won)


def both(one: Callable[[], object], other: Callable[[], object]) -> None:
    """Two desks at work at once."""
    with ThreadPoolExecutor(2) as pool:
        for work in [pool.submit(one), pool.submit(other)]:
            work.result()


# -- the morning -----------------------------------------------------------------------------------------------------


def judo_arrives(desk: DeskWindow) -> None:
    """Desk 1 takes judo; the console has opened with chess, which began last."""
    desk.look("ctrl+Prior", "ctrl+Prior")
    for name in plan.JUDO:
        if name in ("Tess", "Uma", "Vito"):
            desk.by_name(name.lower(), name)
        else:
            desk.scan(name)
        if name == "Ada":
            desk.see()
            desk.press("ctrl+shift+p")  # label and pickup tag of who came last
            desk.wait_for_labels()
        if name == "Sol":
            desk.see()
            desk.press("F2")  # the band offers the sister
            desk.until(plan.SISTER, "in")
    # A wrong name, taken back at once.
    desk.by_name("lena", "Lena")
    desk.see()
    desk.press("ctrl+z")
    desk.until("Lena", "expected")
    # Kofi's ticket is for LEGO, but he joins his friends at judo: refused, then moved.
    desk.screen.look(lambda: desk.screen.scan(desk.morning.tickets["Kofi"]))
    assert desk.morning.state("Kofi") == "expected"
    desk.look("shift+F2", "Return")
    desk.press("Return")
    desk.until("Kofi", "in")


def chess_and_lego_arrive(desk: DeskWindow) -> None:
    """Desk 2 takes chess, then LEGO."""
    for name in plan.CHESS:
        desk.scan(name)
    desk.look("ctrl+Prior")
    for name in plan.LEGO:
        if name in ("Oona", "Pavel"):
            desk.by_name(name.lower(), name)
        elif name != "Kofi":
            desk.scan(name)


def known_walk_in(desk: DeskWindow) -> None:
    """Wren was here last week; his family pays."""
    desk.look_up("wren")
    desk.look("Return", "Return")
    desk.press("Return")
    desk.until("Wren", "in")


def new_walk_ins(desk: DeskWindow) -> None:
    """Otis's family has one credit and owes three; Zuri's is new, and owes three."""
    desk.look("ctrl+n")
    desk.look_for(plan.ELSEWHERE_PHONE[-8:].replace(" ", ""))
    desk.look("Return", "Return")
    desk.press("Return")
    desk.until(plan.ELSEWHERE, "in")
    desk.look_up("zuri")
    desk.look("ctrl+r")
    for words in ("Asha", "Okoro", "5550177", "asha@o.org", "", "2019-05-04", "", ""):
        if words:
            desk.screen.type(words)
        desk.press("Tab")
    desk.press("space", "Tab")  # the guardian agrees, and signs
    desk.screen.type("Asha")
    desk.press("Tab", "Tab")
    desk.look("Return", "Return")
    desk.press("Return")
    desk.until("Zuri", "in")


def the_last_place(morning: Morning, first: DeskWindow, second: DeskWindow) -> DeskWindow:
    """Both desks see one place left at chess and take it in the same moment; the answer is the desk that got it."""
    for desk, name in ((first, "ivy"), (second, "noor")):
        desk.look_up(name)
        desk.look("Return", "End", "Return")
    both(lambda: first.press("Return"), lambda: second.press("Return"))
    wait_for(lambda: morning.state("Ivy") or morning.state("Noor"), "somebody to get the last place")
    winner, loser = (first, second) if morning.state("Ivy") else (second, first)
    # The other is told, and the session it wanted now offers its waitlist.
    wait_for(lambda: red(loser, loser.screen.steady(), left=400, right=1040) > 3000, "the other to be told")
    loser.press("Return")
    wait_for(morning.waitlist, "the other to be on the waitlist")
    if winner is first:
        first.look("ctrl+Prior", "ctrl+Prior")  # the window has gone to chess with Ivy
    return winner


def leaving(morning: Morning, desk: DeskWindow) -> None:
    """Nia's uncle may not collect her, her grandmother may; Sol and Luna leave together."""
    desk.look_for("nia")
    before = red(desk, desk.screen.look(lambda: desk.press("Return")))
    desk.look("shift+F2", "Down", "Down", "Down")
    after = red(desk, desk.screen.look(lambda: desk.press("Return")))
    wait_for(lambda: any("pickup_not_authorised" in line for line in morning.events()), "the refusal")
    assert after > before + 5000, "a red banner in the card tells the operator"
    assert morning.state("Nia") == "in"
    desk.look("Up")
    desk.press("Return")
    desk.until("Nia", "out")
    desk.look_for("sol")
    desk.look("Return", "F2", "Down")
    desk.press("Return")
    for name in ("Sol", plan.SISTER):
        desk.until(name, "out")


def closing(morning: Morning, desk: DeskWindow) -> None:
    """Lena did not come; about Mila nobody knows yet."""
    desk.look("ctrl+shift+e", "Down", "n")
    desk.press("Tab", "Tab", "Tab")  # past Mila, and past "Keep it open"
    desk.look("Return")
    wait_for(lambda: morning.state("Lena") == "absent", "the session to be closed")


def red(desk: DeskWindow, picture: Image, left: int = CARD, right: int = 1440) -> int:
    """How many points between two columns of a desk's window are in the red of a warning."""
    return count_of(picture.crop((left, 0, right, 880)), desk.red)


# -- what it came to -------------------------------------------------------------------------------------------------


def came(where: str, names: str) -> list[str]:
    """Children who were checked in, and no more."""
    return [f"{name} check_in applied {where} -" for name in names.split()]


def booked(session: str, state: str, price: int, names: str) -> list[str]:
    """Bookings that ended alike."""
    return [f"{name} {session} {state} {price}" for name in names.split()]


def given(names: str) -> list[str]:
    """Families' credits of the month."""
    return [f"{name} allocation 10 0 10" for name in names.split()]


def debits(names: str, price: int) -> list[str]:
    """Families that paid one place."""
    return [f"{name} booking_debit {-price} 0 {10 - price}" for name in names.split()]


EVENTS = (
    came(
        "Desk 1 Jo",
        "Ada Ben Cleo Dev Elif Finn Gia Hugo Ines Jun Kai Leo Mona Omar Pia Quinn Rafa Tess Uma Vito Wren",
    )
    + came("Desk 2 Mo", "Anouk Bao Chika Dario Emre Faye Goran Hana Ilse Jonah Lior Maud Nils Oona Pavel")
    + came("Desk 2 Mo", "Remy Suki Otis Zuri")
    + [
        "Kofi check_in wrong_session Desk 1 Jo -",
        "Kofi check_in applied Desk 1 Jo -",
        "Lena check_in applied Desk 1 Jo -",
        "Lena annul applied Desk 1 Jo -",
        "Lena absent applied Desk 1 Jo -",
        "Nia check_in applied Desk 1 Jo -",
        "Nia check_out pickup_not_authorised Desk 1 Jo Viktor",
        "Nia check_out applied Desk 1 Jo Rose",
        "Sol check_in applied Desk 1 Jo -",
        "Sol check_out applied Desk 1 Jo PatSol",
        "Luna check_in applied Desk 1 Jo -",
        "Luna check_out applied Desk 1 Jo PatSol",
    ]
)
BOOKINGS = (
    booked(
        "judo",
        "in completed",
        2,
        "Ada Ben Cleo Dev Elif Finn Gia Hugo Ines Jun Kai Leo Mona Omar Pia Quinn Rafa",
    )
    + booked("judo", "in completed", 2, "Tess Uma Vito Wren Kofi")
    + booked("judo", "out completed", 2, "Nia Sol Luna")
    + booked("judo", "absent no_show", 2, "Lena")
    + booked("judo", "unmarked confirmed", 2, "Mila")
    + booked(
        "robotics", "in confirmed", 3, "Anouk Bao Chika Dario Emre Faye Goran Hana Ilse Jonah Lior Maud Nils"
    )
    + booked("robotics", "in confirmed", 3, "Oona Pavel Otis Zuri")
    + booked("club", "in confirmed", 2, "Remy Suki")
)
_JUDO = (
    "PatAda PatBen PatCleo PatDev PatElif PatFinn PatGia PatHugo PatInes PatJun PatKai PatLeo PatMona PatNia PatOmar "
    "PatPia PatQuinn PatRafa PatSol PatTess PatUma PatVito PatWren PatLena PatMila PatRemy PatSuki"
)
_LEGO = (
    "PatAnouk PatBao PatChika PatDario PatEmre PatFaye PatGoran PatHana PatIlse PatJonah PatKofi PatLior PatMaud "
    "PatNils PatOona PatPavel"
)
LEDGER = (
    given(_JUDO)
    + given(_LEGO)
    + debits(_JUDO, price=2)
    + debits(_LEGO, price=3)
    + [
        "PatKofi partial_refund 1 0 8",  # judo costs less than LEGO
        "PatLena forfeit 0 2 8",  # the credits of a no-show do not come back
        "PatSol booking_debit -2 0 6",  # Luna
        "PatOtis allocation 1 0 1",
    ]
)


def audit_rows(*, ivy_won: bool) -> list[str]:
    """Who changed how much from where.

    Bookings at desk 1: 23 of judo and Wren came in, Kofi moved and came in, Lena came in, went back and stayed away,
    three left, and the closing settled 27. At desk 2: two of chess, fifteen of LEGO, Otis and Zuri. The race adds one.
    """
    jo, mo = (1, 0) if ivy_won else (0, 1)
    rows = [
        "Jo Desk 1 activity_sessions update 1",
        f"Jo Desk 1 bookings insert {1 + jo}",
        f"Jo Desk 1 bookings update {23 + 1 + 2 + 3 + 3 + 27 + jo}",
        f"Jo Desk 1 credit_ledger insert {3 + jo}",
        "Jo Desk 1 families read 1",
        "Jo Desk 1 pickup_tags insert 1",
        "Jo Desk 1 review_items insert 2",
        f"Mo Desk 2 bookings insert {2 + mo}",
        f"Mo Desk 2 bookings update {2 + 15 + 2 + mo}",
        "Mo Desk 2 children insert 1",
        "Mo Desk 2 desk_requests insert 1",
        "Mo Desk 2 families read 1",
        "Mo Desk 2 owed_credits insert 2",
        "Mo Desk 2 parental_consent_records insert 3",
        "Mo Desk 2 pickup_people insert 1",
        "Mo Desk 2 users insert 1",
        f"{'Mo Desk 2' if ivy_won else 'Jo Desk 1'} waitlist insert 1",
    ]
    return sorted([*rows, *(["Mo Desk 2 credit_ledger insert 1"] if mo else [])])
