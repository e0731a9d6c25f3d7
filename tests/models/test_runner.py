"""The one way to start work from a page."""

from __future__ import annotations

import asyncio

from console.errors import ConsoleError, Unavailable
from console.models.runner import TaskRunner


async def test_a_console_error_goes_to_the_page_and_nothing_else_does() -> None:
    failures: list[ConsoleError] = []
    strays: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: strays.append(context))
    runner = TaskRunner(failures.append)

    async def away() -> None:
        raise Unavailable("The server cannot be reached.")

    async def broken() -> None:
        raise ValueError("a bug")

    runner.start(away())
    runner.start(broken())
    await runner.settled()
    assert [error.sentence for error in failures] == ["The server cannot be reached."]
    assert [type(context["exception"]) for context in strays] == [ValueError]


async def test_a_newer_task_of_one_name_replaces_the_older() -> None:
    done: list[int] = []
    runner = TaskRunner(lambda _error: None)

    async def work(number: int) -> None:
        await asyncio.sleep(0.01)
        done.append(number)

    runner.start(work(1), "load")
    runner.start(work(2), "load")
    await runner.settled()
    assert done == [2]


async def test_a_closing_page_stops_everything() -> None:
    done: list[int] = []
    runner = TaskRunner(lambda _error: None)

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(1)

    runner.start(work())
    runner.start(work(), "named")
    assert runner.busy
    runner.cancel_all()
    await runner.settled()
    assert done == []
    assert not runner.busy
