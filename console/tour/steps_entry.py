"""The tour before anybody is signed in: the component sheet, connecting, and the sign-in page with its refusals."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from console import __version__
from console.domain.person import Person
from console.errors import Denied, Unavailable
from console.tour.registry import step
from console.tour.scene import Scene
from console.views.entry.connect import ConnectPage
from console.views.entry.panel import DeskFact
from console.views.entry.people import KnownPerson
from console.views.entry.sign_in import SignInPage
from console.views.entry.start import StartPage
from console.views.gallery import render_gallery

RECENT = (
    KnownPerson("Maya", "Front desk, today 12:04", "maya@riversidestudio.example", needs_code=False),
    KnownPerson("Jonas", "Front desk, today 15:40", "jonas@riversidestudio.example"),
    KnownPerson("Elena", "Manager, Tuesday", "elena@riversidestudio.example"),
)
FACTS = (
    DeskFact("ph.wifi-high", "Online", "The server answers", "green.text"),
    DeskFact("ph.desktop", "This is Desk 1", "For Riverside Studio"),
)
_TRIES = 6


async def nobody(*_: object) -> Person:
    """Sign nobody in."""
    raise Denied("Nobody signs in on this picture.")


@step("gallery", "components")
async def gallery(scene: Scene) -> None:
    """The component sheet, all shared widgets in all states."""
    await scene.open()
    scene.window.show_full(render_gallery(scene.hub))
    await scene.quiet()


@step("start", "cannot go on")
async def start(scene: Scene) -> None:
    """The first seconds, when the database cannot be had: one sentence and a way on."""
    page = StartPage(scene.hub, scene.clock, version=__version__)
    scene.window.show_full(page)
    port = "The database could not start: its port 5433 is taken."
    hint = "Stop what uses it, or choose another port in the settings."
    page.fail(Unavailable(port, hint=hint), lambda: None)
    await scene.quiet()


@step("connect", "empty")
async def connect(scene: Scene) -> None:
    """A desk that does not know its server yet."""

    async def not_now(_address: str, _file: Path) -> object:
        raise Denied("This picture connects nowhere.")

    scene.window.show_full(ConnectPage(scene.hub, scene.clock, not_now, version=__version__))
    await scene.quiet()


@step("sign-in", "people of the last days")
async def recent_people(scene: Scene) -> None:
    """A desk in use: the people who were here lately, and a code to enter."""
    page = SignInPage(scene.hub, scene.clock, nobody, people=RECENT, version=__version__)
    page.panel.set_venue("Riverside Studio", "America/Los_Angeles")
    page.panel.set_facts(FACTS)
    scene.window.show_full(page)
    await scene.press("Jonas, Front desk, today 15:40")
    await scene.type("correct hor")


@step("sign-in", "demo accounts")
async def demo_accounts(scene: Scene) -> None:
    """A demo database offers its accounts."""
    await scene.sign_out()


@step("sign-in", "code needed")
async def code_needed(scene: Scene) -> None:
    """The password is right and a code is still to be entered."""
    await _choose(scene, "Ines")
    await scene.key(Qt.Key.Key_Return)


@step("sign-in", "refused")
async def refused(scene: Scene) -> None:
    """A wrong password: one answer for every cause."""
    await _choose(scene, "Maya")
    await _try_wrongly(scene)


@step("sign-in", "locked out")
async def locked_out(scene: Scene) -> None:
    """Too many wrong ones: when it may be tried again."""
    for _ in range(_TRIES - 1):
        await _try_wrongly(scene)


async def _choose(scene: Scene, name: str) -> None:
    card = next(one for one in scene.buttons() if one.text() == name)
    card.click()
    await scene.quiet()


async def _try_wrongly(scene: Scene) -> None:
    page = scene.page
    if isinstance(page, SignInPage) and page.locked:
        return
    field = scene.fields()[-1]
    field.setFocus()
    field.clear()
    await scene.type("not my password")
    await scene.key(Qt.Key.Key_Return)
