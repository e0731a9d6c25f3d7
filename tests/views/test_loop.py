"""The Qt loop keeps asyncio's promises: never early, in order, nothing left behind."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

import psycopg
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from console.loop import ErrorHook, QtEventLoop
from console.storage.database import Database as DeskDatabase
from tests.support.databases import Database
from tests.support.desk_world import World


def test_no_timer_fires_before_its_time(qt_loop: QtEventLoop) -> None:
    delays = [0.0004, 0.0011, 0.0019, 0.0101, 0.0333, 0.0501]

    async def measure(delay: float) -> float:
        begun = time.monotonic()
        await asyncio.sleep(delay)
        return time.monotonic() - begun - delay

    async def all_of_them() -> list[float]:
        return list(await asyncio.gather(*(measure(delay) for delay in delays for _ in range(5))))

    early = qt_loop.run_until_complete(all_of_them())
    assert min(early) >= 0
    assert min(early) < 0.05, "none was near its time"


def test_a_cancelled_timer_is_gone_at_once(qt_loop: QtEventLoop) -> None:
    ran: list[int] = []
    handles = [qt_loop.call_later(60, ran.append, number) for number in range(100)]
    assert qt_loop.waiting_timers == 100
    for handle in handles:
        handle.cancel()
    assert qt_loop.waiting_timers == 0
    handles[0].cancel()  # a second time changes nothing
    qt_loop.run_until_complete(asyncio.sleep(0.01))
    assert ran == []


def test_a_timeout_that_was_not_needed_leaves_no_timer(qt_loop: QtEventLoop) -> None:
    async def quick() -> int:
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
        return qt_loop.waiting_timers

    assert qt_loop.run_until_complete(quick()) == 0


def test_callbacks_run_in_the_order_they_were_given(qt_loop: QtEventLoop) -> None:
    order: list[int] = []

    async def give() -> None:
        for number in range(50):
            qt_loop.call_soon(order.append, number)
        qt_loop.call_soon(order.append, 50).cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    qt_loop.run_until_complete(give())
    assert order == list(range(50))


def test_qt_gets_its_turn_between_rounds(qt_loop: QtEventLoop) -> None:
    fired = asyncio.Event()
    QTimer.singleShot(5, fired.set)

    async def busy() -> int:
        rounds = 0
        while not fired.is_set():
            await asyncio.sleep(0)
            rounds += 1
        return rounds

    assert qt_loop.run_until_complete(asyncio.wait_for(busy(), 5)) > 1


def test_a_closed_loop_takes_nothing(qt_loop: QtEventLoop) -> None:
    qt_loop.call_later(60, print)
    qt_loop.close()
    assert qt_loop.waiting_timers == 0
    with pytest.raises(RuntimeError):
        qt_loop.call_soon(print)


def test_what_a_thread_asked_for_in_time_is_dropped_quietly_when_the_loop_ends_first(
    qapp: QApplication,
) -> None:
    loop, ran = QtEventLoop(qapp), list[str]()
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(ran.append, "late"))
    thread.start()
    thread.join()
    loop.close()
    qapp.sendPostedEvents()
    qapp.processEvents()
    assert ran == []


def test_a_coroutine_function_is_no_callback(qt_loop: QtEventLoop) -> None:
    async def wrong() -> None:
        """Never awaited."""

    with pytest.raises(TypeError):
        qt_loop.call_soon(wrong)


async def test_async_tests_run_on_this_loop() -> None:
    assert isinstance(asyncio.get_running_loop(), QtEventLoop)


def test_every_unexpected_error_reaches_the_one_reporter(qt_loop: QtEventLoop) -> None:
    seen: list[tuple[str, str]] = []

    def break_thread() -> None:
        raise ValueError("in a thread")

    async def forgotten() -> None:
        raise KeyError("in a task")

    async def drive() -> None:
        task = asyncio.ensure_future(forgotten())
        await asyncio.sleep(0.01)
        del task
        qt_loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0.01)

    before = (sys.excepthook, threading.excepthook)
    with ErrorHook(qt_loop, lambda error, where: seen.append((type(error).__name__, where))):
        thread = threading.Thread(target=break_thread, name="worker")
        thread.start()
        thread.join()
        qt_loop.run_until_complete(drive())
        sys.excepthook(OSError, OSError("in a slot"), None)
    assert (sys.excepthook, threading.excepthook) == before
    assert {kind for kind, _ in seen} == {"ValueError", "KeyError", "ZeroDivisionError", "OSError"}
    assert ("ValueError", "thread worker") in seen


def test_a_reporter_that_breaks_does_not_hide_the_error(
    qt_loop: QtEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, _error, _trace: printed.append(kind.__name__))

    def broken(_error: BaseException, _where: str) -> None:
        raise RuntimeError("no window")

    with ErrorHook(qt_loop, broken):
        sys.excepthook(OSError, OSError("first"), None)
    assert printed == ["RuntimeError", "OSError"]


async def test_a_database_is_closed_under_somebody_who_waits(fresh_database: Database) -> None:
    """Nothing watches a socket that is gone (Qt would complain), and who waits on it hears that it is."""
    with World(fresh_database) as world:
        person = world.person("manager")
        database = DeskDatabase(person.dsn)
        await database.set_token(person.token)
        connection = await database.own_connection()
        waiting = asyncio.ensure_future(connection.execute("SELECT pg_sleep(20)"))
        await asyncio.sleep(0.05)
        await database.close()
        with pytest.raises(psycopg.OperationalError):
            await asyncio.wait_for(waiting, 5)
