"""How long a person waits at a desk whose server is away: from the password to a roster that can be worked with.

The whole console runs off screen behind a proxy that refuses, with a data folder that an earlier sign-in has filled.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from argon2.low_level import Type, hash_secret_raw
from PySide6.QtWidgets import QApplication

from console.app import App
from console.domain import scram
from console.loop import QtEventLoop
from console.services.desk_keys import Cost
from console.settings import Settings
from console.views.front_desk.page import TodayPage
from console.views.preferences import Preferences
from console.views.shell.painted import painted
from console.views.theme import ThemeHub
from tests.bench.bench_offline import Week, week_of
from tests.bench.framework import Bench, Pair, row
from tests.support import identities
from tests.support.proxy import Proxy

_PATIENCE = 60.0
_A_BREATH = 0.3


class _Console:
    """A console at a desk behind a proxy, and somebody who has signed in there while the server answered."""

    def __init__(self, week: Week, proxy: Proxy, home: Path) -> None:
        self._proxy = proxy
        database = week.world.database
        self._email = identities.account(database, "front_desk", week.world.venue).email
        verifier = scram.make_verifier(identities.PASSWORD)
        week.world.admin.execute(
            "UPDATE users SET password_hash = %s WHERE email = %s", [verifier, self._email]
        )
        desk = identities.enrol(database, venue_id=week.world.venue)
        address = f"postgresql://{desk.role}:{desk.secret}@127.0.0.1:{proxy.port}/{database.name}"
        qt = QApplication.instance() or QApplication(["nexus-console"])
        assert isinstance(qt, QApplication)
        self._loop = QtEventLoop(qt)
        asyncio.set_event_loop(self._loop)
        hub = ThemeHub("light", reduced_motion=True)
        hub.apply()
        settings = Settings(database_url=address, secrets="file")
        self._app = App(
            settings, hub=hub, preferences=Preferences(home / "window.ini"), demo=False, poll_seconds=0
        )
        self._app.window.resize(1440, 900)
        self._app.window.show()
        self._run(self._prepare())

    def unlocked(self) -> float:
        """Milliseconds from the password until the roster is painted; the person leaves again, not measured."""
        took: float = self._run(self._unlock())
        return took

    def close(self) -> None:
        """End the console and its loop."""
        self._run(self._app.stop())
        self._app.window.hide()
        self._app.window.deleteLater()
        self._loop.close()
        asyncio.set_event_loop(None)

    async def _prepare(self) -> None:
        await self._app.start()
        page = await self._enter()
        while page.day.gateway.status().as_of is None:  # type: ignore[attr-defined]
            await asyncio.sleep(0.02)
        await asyncio.sleep(_A_BREATH)
        self._proxy.refuse()
        await self._leave()

    async def _unlock(self) -> float:
        started = time.perf_counter()
        page = await self._enter()
        await painted(page)
        took = (time.perf_counter() - started) * 1000
        assert self._app.access.is_unlocked
        assert page.middle.scan.line.isEnabled()
        await self._leave()
        return took

    async def _enter(self) -> TodayPage:
        self._app.enter(await self._app.sign_in(self._email, identities.PASSWORD))
        page = self._app.window.page()
        assert isinstance(page, TodayPage)
        while not (page.day.roster_known and page.day.roster.rowCount()):
            await asyncio.sleep(0.002)
        return page

    async def _leave(self) -> None:
        await asyncio.sleep(_A_BREATH)
        await self._app.sign_out()
        await asyncio.sleep(_A_BREATH)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(work, _PATIENCE))


@contextlib.contextmanager
def _folders(home: Path) -> Iterator[None]:
    """Everything that the console writes goes to a folder of this row."""
    names = [f"NEXUS_{kind}_DIR" for kind in ("DATA", "CONFIG", "CACHE", "LOG")]
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: str(home / name.lower()) for name in names})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@row(
    "offline_start",
    "from the password until the roster is painted, without a server",
    budget=600,
    reference="argon2id alone",
    rounds=15,
    warm_up=2,
)
def offline_start(bench: Bench) -> Iterator[Pair]:
    """The refused connection, the key, the sealed cache, the screens and the roster of the session that runs."""
    week = week_of(bench)
    home = bench.home / "offline-start"
    home.mkdir()
    cost, salt = Cost(), secrets.token_bytes(16)

    def reference() -> float:
        started = time.perf_counter()
        hash_secret_raw(
            identities.PASSWORD.encode(),
            salt,
            time_cost=cost.time,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=32,
            type=Type.ID,
        )
        return (time.perf_counter() - started) * 1000

    with _folders(home), Proxy(week.world.database.server.port) as proxy:
        console = _Console(week, proxy, home)
        try:
            yield Pair(
                console.unlocked, reference, rows="5,000 bookings kept, 40 in the roster", own_figures=True
            )
        finally:
            console.close()
