"""Mail under a run of bad luck: whatever fails in whatever order, nobody is written to twice and nothing is forgotten.

docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from console.clock import SystemClock
from console.domain.messages import OutgoingMessage
from console.errors import Unavailable
from console.storage.embedded import EmbeddedServer
from console.storage.messages import MailQueue, mail_queue
from console.worker import mail, smtp_settings
from console.worker.smtp import Fate, MailServer
from tests.support.databases import Database
from tests.support.mail_post import Post, emptied, post_office
from tests.support.mail_server import At, Fault, mail_server

FAULTS = (
    Fault.NONE,
    Fault.NONE,
    Fault.CUT_BEFORE,
    Fault.CUT_AFTER,
    Fault.NONSENSE,
    At("421 4.3.2 closing", sender=True),
    At("421 4.3.2 closing", recipient=True),
    At("421 4.3.2 closing"),
    At("450 4.2.1 busy", recipient=True),
    At("451 4.3.0 later"),
    At("552 5.2.2 full", recipient=True),
    At("554 5.7.1 spam"),
)


@pytest.fixture(scope="module")
def office(_template: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    with post_office(_template) as made:
        yield made


@pytest.fixture
def post(office: tuple[Database, str]) -> Iterator[Post]:
    with emptied(*office) as made:
        yield made


@pytest.mark.parametrize("seed", range(4))
async def test_no_run_of_bad_luck_sends_anything_twice(post: Post, seed: int) -> None:
    luck = random.Random(seed)
    messages = post.write(40)
    async with mail_server(*(luck.choice(FAULTS) for _ in range(120))) as server:
        for _ in range(8):
            await asyncio.gather(post.round(server), post.round(server))
            post.later(timedelta(hours=5))
    arrived = Counter(kept.mail["Message-ID"] for kept in (*server.accepted, *server.taken))
    assert set(arrived.values()) == {1}
    states = {f"<{one}@nexus.example>": post.state(one)[0] for one in messages}
    assert set(states.values()) <= {"sent", "uncertain", "failed"}
    sent, uncertain = (
        {key for key, state in states.items() if state == kind} for kind in ("sent", "uncertain")
    )
    accepted = {kept.mail["Message-ID"] for kept in server.accepted}
    assert sent
    # A cut ends the line of the other worker as well: its words may not have come in, or the answer not gone out.
    assert sent <= accepted <= sent | uncertain
    assert {kept.mail["Message-ID"] for kept in server.taken} <= uncertain


async def test_a_line_lost_just_before_the_words_loses_nothing(post: Post) -> None:
    async with mail_server() as server:
        settings = smtp_settings.parse(server.url)
        conversation = MailServer(settings, SystemClock())
        message = OutgoingMessage(uuid4(), uuid4(), "a@family.example", "Subject", "Words", "en")

        async def handing() -> bool:
            server.hang_up()
            await asyncio.sleep(0.1)
            return True

        lost = await conversation.send(message, handing)
        assert (lost.fate, lost.said) == (Fate.LATER, "The connection to the mail server was lost.")
        assert server.accepted == server.taken == []

        async def go() -> bool:
            return True

        assert (await conversation.send(message, go)).fate is Fate.SENT
        await conversation.close()
    assert server.connections == 2


def _away(times: int) -> Callable[[str], AbstractAsyncContextManager[MailQueue]]:
    """A queue whose database is away that often when it is told that a message was sent."""
    left = times

    class Away(MailQueue):
        async def delivered(self, message: OutgoingMessage, provider_id: str) -> None:
            nonlocal left
            left -= 1
            if left >= 0:
                raise Unavailable("The database cannot be reached.", code="database_unreachable")
            await super().delivered(message, provider_id)

    @asynccontextmanager
    async def opened(dsn: str) -> AsyncIterator[MailQueue]:
        async with mail_queue(dsn) as queue:
            yield Away(queue._connection)

    return opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "_TELL_AGAIN", (0.01, 0.01, 0.01))


@pytest.mark.usefixtures("impatient")
async def test_an_answer_is_told_again_when_the_database_was_away(post: Post) -> None:
    post.write(2)
    async with mail_server() as server:
        done = await mail.deliver(post.dsn, smtp_settings.parse(server.url), queue=_away(3))
    assert done.sent == 2
    assert post.states() == {"sent": 2}


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_could_not_be_told_leaves_one_message_uncertain(post: Post) -> None:
    post.write(3)
    async with mail_server() as server:
        with pytest.raises(Unavailable):
            await mail.deliver(post.dsn, smtp_settings.parse(server.url), queue=_away(100))
        assert post.states() == {"sending": 1, "waiting": 2}
        post.later(timedelta(minutes=11))
        assert (await post.round(server)).sent == 2
    assert post.states() == {"uncertain": 1, "sent": 2}
    assert len(server.accepted) == 3
