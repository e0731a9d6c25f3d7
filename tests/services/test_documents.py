"""Batches of documents: in order, with progress, in other processes where there are many, cancelled without a trace."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from console.errors import Unavailable
from console.reports.invoice import invoice_pdf
from console.services.documents import Press, at_once, file_name, write
from tests.support import money_samples as samples


def double(number: int) -> tuple[int, int]:
    """Twice a number, and the process that worked it out."""
    return 2 * number, os.getpid()


def die(_number: int) -> tuple[int, int]:
    """End a helper process as a machine without memory does; nobody else."""
    if os.getpid() != int(os.environ["NEXUS_TEST_PARENT"]):
        os._exit(9)
    return 0, os.getpid()


def refuse(number: int) -> int:
    """Fail at the third."""
    if number == 3:
        raise Unavailable("Not this one.")
    return number


async def test_many_are_made_elsewhere_in_their_order() -> None:
    told: list[int] = []
    async with Press(double, expected=100) as press:
        made = await press.all(range(100), told.append)
    assert [number for number, _ in made] == [2 * number for number in range(100)]
    assert os.getpid() not in {process for _, process in made}
    assert told == sorted(told)
    assert told[-1] == 100
    assert len(told) > 3


async def test_a_few_are_made_here_beside_the_loop() -> None:
    threads: set[str] = set()

    def make(number: int) -> int:
        threads.add(threading.current_thread().name)
        return number

    async with Press(make, expected=3) as press:
        assert await press.all([1, 2, 3]) == [1, 2, 3]
        assert await press.one(4) == 4
    assert threading.current_thread().name not in threads


async def test_a_process_makes_the_same_bytes() -> None:
    facts = [samples.invoice(number) for number in range(20)]
    async with Press(invoice_pdf, expected=20) as press:
        made = await press.all(facts)
    assert [one.pdf for one in made] == [invoice_pdf(one).pdf for one in facts]


async def test_a_machine_that_ends_processes_still_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_TEST_PARENT", str(os.getpid()))
    async with Press(die, expected=100) as press:
        made = await press.all(range(100))
    assert made == [(0, os.getpid())] * 100


@pytest.mark.parametrize("expected", [5, 100])
async def test_what_fails_is_what_is_raised(expected: int) -> None:
    async with Press(refuse, expected=expected) as press:
        with pytest.raises(Unavailable, match="Not this one"):
            await press.all(range(40))


async def test_cancelling_stops_what_was_not_begun() -> None:
    some = asyncio.Event()
    begun: list[int] = []

    def make(number: int) -> int:
        begun.append(number)
        return number

    async with Press(make, expected=1) as press:
        batch = asyncio.ensure_future(press.all(range(10_000), lambda _count: some.set()))
        await some.wait()
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
    assert len(begun) < 10_000


async def test_work_at_once_ends_with_the_first_that_fails() -> None:
    running, most = 0, 0
    done: list[int] = []

    async def one(number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        if number == 5:
            raise Unavailable("Full.")
        done.append(number)

    with pytest.raises(Unavailable, match="Full"):
        await at_once([lambda number=number: one(number) for number in range(40)], 3)  # type: ignore[misc]
    assert most <= 3
    assert len(done) < 40
    await at_once([], 3)


def test_names_are_what_any_file_system_takes() -> None:
    assert (
        file_name("Riverside & Söhne", "PS-2026-02-5F1C0D3A") == "Riverside & Söhne PS-2026-02-5F1C0D3A.pdf"
    )
    assert file_name("../..\\a:b?*|<>\"'\x00", "X-1") == "a b X-1.pdf"
    assert file_name("...") == "document.pdf"
    assert file_name("李小龍", "X-1") == "李小龍 X-1.pdf"
    long = file_name("Very long venue " * 20, "PS-1")
    assert long.endswith(" PS-1.pdf")
    assert len(long) <= 84


async def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = await write(tmp_path, "a.pdf", b"%PDF")
    assert path.read_bytes() == b"%PDF"
    with pytest.raises(Unavailable):
        await write(tmp_path / "nowhere", "a.pdf", b"%PDF")
    assert [one.name for one in _files(tmp_path)] == ["a.pdf"]


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())
