"""Calls of several people in one moment, over real connections, and how each ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from tests.support.compliance import waits_for_a_lock
from tests.support.desk_world import Person, Row, World

Call = tuple[Person, str, tuple[Any, ...]]
Ending = list[Row] | psycopg.Error


def ended(call: Call) -> Ending:
    """What a call answers, or the error it ends with."""
    who, statement, arguments = call
    try:
        return who.call(statement, *arguments)
    except psycopg.Error as error:
        return error


def key(ending: Ending) -> str | None:
    """The machine key of a refusal; None where it was answered."""
    return ending.diag.message_detail or ending.sqlstate if isinstance(ending, psycopg.Error) else None


def at_once(*calls: Call) -> list[Ending]:
    """All of them from one gate, each in a thread of its own; how each ended, in the order given."""
    gate = threading.Barrier(len(calls))
    found: dict[int, Ending] = {}

    def go(place: int) -> None:
        gate.wait(10)
        found[place] = ended(calls[place])

    threads = [threading.Thread(target=go, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [found[place] for place in range(len(calls))]


def one_after_the_other(
    world: World, first: Call, second: Call, meanwhile: Callable[[], object] | None = None
) -> list[Ending]:
    """The first call is done and not yet committed while the second waits for it; `meanwhile` before it commits."""
    found: list[Ending] = []
    thread = threading.Thread(target=lambda: found.append(ended(second)))
    with first[0].connection.transaction():
        answer = first[0].call(first[1], *first[2])
        thread.start()
        waits_for_a_lock(world, second[0])
        if meanwhile is not None:
            meanwhile()
    thread.join(30)
    return [answer, found[0]]


def keys(endings: Sequence[Ending]) -> list[str]:
    """The keys of all refusals, sorted; "done" for what was answered."""
    return sorted(key(ending) or "done" for ending in endings)
