"""Many documents at once: made by processes beside the window, with progress, and cancelled without a trace.

A document costs some milliseconds of computing, so a few are made in a thread; more than that would keep the window's
own thread waiting, and go to helper processes that live as long as the batch. Files are written beside their place
and moved there when they are complete. See docs/design.md, "Runtime" and "Documents".
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

from console.errors import FileTrouble

Facts = TypeVar("Facts")
Made = TypeVar("Made")

PROCESSES = 2
_FEW = 12
"""How many documents are made sooner in a thread than a process starts."""
_PORTION = 16
_LONGEST_NAME = 80


class Press(Generic[Facts, Made]):
    """Makes documents with `make`, a function of a module, from facts that can be sent to another process.

    An asynchronous context manager: its processes, where it needs any, end with it.
    """

    def __init__(self, make: Callable[[Facts], Made], *, expected: int, processes: int = PROCESSES) -> None:
        """`expected` is about how many documents there will be; no process starts before the first."""
        self._make = make
        self._pool: ProcessPoolExecutor | None = None
        if expected > _FEW:
            # Spawned everywhere alike: a copy of a process with a window and threads is no safe place to work in.
            self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))

    async def __aenter__(self) -> Press[Facts, Made]:
        """The press."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End its processes; what waits is not made any more."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def one(self, facts: Facts) -> Made:
        """One document."""
        return (await self._portion([facts]))[0]

    async def all(
        self, facts: Sequence[Facts], done: Callable[[int], None] = lambda _count: None
    ) -> list[Made]:
        """A document for each of the facts, in their order.

        `done` is told how many there are, in the caller's thread.
        """
        made: list[Made] = []
        async for some in self.portions(facts):
            made += some
            done(len(made))
        return made

    async def portions(self, facts: Sequence[Facts]) -> AsyncIterator[list[Made]]:
        """The documents in their order, some at a time, so that they can be kept while others are made."""
        size = 1 if self._pool is None else _PORTION
        waiting: list[asyncio.Future[list[Made]]] = []
        starts = iter(range(0, len(facts), size))
        try:
            while True:
                # As many portions ahead as keep every process busy, not more: what is cancelled then is little.
                while len(waiting) < (1 if self._pool is None else 2 * PROCESSES):
                    first = next(starts, None)
                    if first is None:
                        break
                    waiting.append(asyncio.ensure_future(self._portion(facts[first : first + size])))
                if not waiting:
                    return
                yield await waiting.pop(0)
        finally:
            for one in waiting:
                one.cancel()

    async def _portion(self, facts: Sequence[Facts]) -> list[Made]:
        pool = self._pool
        if pool is not None:
            try:
                return await asyncio.wrap_future(_submitted(pool, self._make, facts))
            except (BrokenProcessPool, _NoProcess):
                # A machine that lets nobody start processes, or ran out of memory, still prints: slower.
                self._pool = None
                pool.shutdown(wait=False)
        return await asyncio.to_thread(_make_all, self._make, facts)


class _NoProcess(Exception):
    """The machine starts no process."""


def _submitted(
    pool: ProcessPoolExecutor, make: Callable[[Facts], Made], facts: Sequence[Facts]
) -> Future[list[Made]]:
    try:
        return pool.submit(_make_all, make, facts)
    except OSError as error:
        raise _NoProcess from error


def _make_all(make: Callable[[Facts], Made], facts: Sequence[Facts]) -> list[Made]:
    return [make(one) for one in facts]


async def at_once(work: Sequence[Callable[[], Awaitable[None]]], limit: int) -> None:
    """Do all of the work, so many at a time; the first that fails stops the others and is what is raised."""
    left = iter(work)

    async def go_on() -> None:
        for one in left:
            await one()

    tasks = [asyncio.ensure_future(go_on()) for _ in range(min(limit, len(work)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def file_name(*parts: str, ending: str = ".pdf") -> str:
    """A name any file system takes, made of words: "Riverside Studio PS-2026-02-5F1C0D3A.pdf"."""
    words = unicodedata.normalize("NFC", " ".join(part for part in parts if part))
    kept = re.sub(r"[^\w .,()&+-]+", " ", words)
    kept = re.sub(r"\s+", " ", kept).strip(" .")
    last = parts[-1] if len(kept) > _LONGEST_NAME else ""
    if last:  # what tells files apart stands last and stays
        kept = f"{kept[: _LONGEST_NAME - len(last) - 1].strip(' .')} {last}"
    return f"{kept or 'document'}{ending}"


async def write(folder: Path, name: str, content: bytes) -> Path:
    """Write a whole file or none. Raises FileTrouble where the folder cannot be written."""
    path = folder / name
    try:
        await asyncio.to_thread(_write, path, content)
    except OSError as error:
        raise FileTrouble(
            "The documents cannot be written there.", hint="Choose another folder.", code="file_not_written"
        ) from error
    return path


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
