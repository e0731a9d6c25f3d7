"""What tests of services over real logins need each time: databases that are closed again, an answer that is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from console.errors import Unavailable
from console.storage.database import Database
from tests.support.desk_world import Person

Reach = Callable[[Person], Awaitable[Database]]
T = TypeVar("T")


@asynccontextmanager
async def reaching() -> AsyncIterator[Reach]:
    """A way to the server for each person asked about, with their token; all of them are closed at the end."""
    async with AsyncExitStack() as opened:

        async def reach(person: Person) -> Database:
            database = Database(person.dsn)
            opened.push_async_callback(database.close)
            await database.set_token(person.token)
            return database

        yield reach


class LosesOne:
    """Loses the first answer that goes through it: what was asked for is done, and whoever asked does not know."""

    def __init__(self) -> None:
        """Nothing is lost yet."""
        self._lost = False

    def __call__(self, answer: T) -> T:
        """The answer, from the second on. Raises Unavailable for the first."""
        if not self._lost:
            self._lost = True
            raise Unavailable("The server cannot be reached.", code="offline")
        return answer


async def no_time(_seconds: float) -> None:
    """Wait for nothing."""
