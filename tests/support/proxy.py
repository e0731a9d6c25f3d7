"""A bad network on demand: a TCP proxy between a desk and its server that can fail in every way a network does.

It runs in a thread of its own, so that a test whose loop is blocked or whose process is killed does not stop it. Every
fault applies to the connections that are open and to those to come, until the next one is chosen.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self, TypeVar

HOST = "127.0.0.1"
_CHUNK = 65_536
_PATIENCE = 10.0  # seconds for the proxy's own thread to do what it is told

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to what passes. The default is a good network.

    `silent` takes connections and bytes and passes none. `swallow` passes what the desk says, and no answer.
    `delay` is seconds for each piece in each direction. After `to_server` or `to_desk` bytes of a connection, counted
    from when the fault was chosen, the rest of the piece is dropped and the connection cut.
    """

    silent: bool = False
    swallow: bool = False
    delay: float = 0.0
    to_server: int | None = None
    to_desk: int | None = None


class _Line:
    """One connection through the proxy: the two sockets, and how much may still pass."""

    def __init__(self, desk: asyncio.StreamWriter, server: asyncio.StreamWriter | None, fault: Fault) -> None:
        self.desk = desk
        self.server = server
        self.desk_heard_the_end = False
        self.obey(fault)

    def obey(self, fault: Fault) -> None:
        self.left = {"server": fault.to_server, "desk": fault.to_desk}

    def cut(self) -> None:
        """End both sides at once, as a router does that has forgotten the connection (RST)."""
        for side in (self.desk, self.server):
            if side is None:
                continue
            with contextlib.suppress(OSError):
                raw = side.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            side.transport.abort()


class Proxy:
    """A proxy in front of `port`; a context manager. Its own port stays the same through every fault."""

    def __init__(self, port: int, host: str = HOST) -> None:
        """Describe it; nothing listens before the context is entered."""
        self._target = (host, port)
        self._fault = Fault()
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._changed = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self.port = 0
        self.cuts = 0
        """How many connections were cut because so many bytes had passed."""
        self.taken = 0
        """How many connections there ever were."""

    # -- faults ------------------------------------------------------------------------------------------------

    def pass_on(self) -> None:
        """Be a good network again. What was cut stays cut; what was held back goes on."""
        self._choose(Fault())
        if self._listener is None:
            self._do(self._listen())

    def silent(self) -> None:
        """Take what comes and answer nothing, as behind a firewall that drops packets."""
        self._choose(Fault(silent=True))

    def swallow(self) -> None:
        """Let the server hear the desk, and the desk nothing: what is sent is done, the answer is lost."""
        self._choose(Fault(swallow=True))

    def slow(self, seconds: float) -> None:
        """Hold every piece back for a while, in each direction."""
        self._choose(Fault(delay=seconds))

    def truncate(self, *, to_server: int | None = None, to_desk: int | None = None) -> None:
        """Cut each connection after so many more bytes in a direction."""
        self._choose(Fault(to_server=to_server, to_desk=to_desk))

    def drop(self) -> None:
        """Cut every open connection now; new ones are as before."""
        self._do(self._drop())

    def refuse(self) -> None:
        """Cut everything and take no new connection."""
        self._do(self._close_listener())
        self.drop()

    def half_close(self) -> None:
        """Tell the desk that the server will say nothing more, while what the desk says still arrives."""
        self._do(self._half_close())

    def aim_at(self, port: int) -> None:
        """Lead new connections to another port."""
        self._target = (self._target[0], port)

    @property
    def connections(self) -> int:
        """How many connections are open through the proxy."""
        return len(self._lines)

    # -- the works ---------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Start listening."""
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cut everything and stop."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def _choose(self, fault: Fault) -> None:
        self._do(self._obey(fault))

    async def _obey(self, fault: Fault) -> None:
        self._fault = replace(fault)
        for line in self._lines:
            line.obey(fault)
        self._changed.set()
        self._changed = asyncio.Event()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._take, HOST, self.port)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    async def _close_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    async def _drop(self) -> None:
        for line in list(self._lines):
            line.cut()

    async def _half_close(self) -> None:
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.desk_heard_the_end = True
                line.desk.write_eof()

    async def _end(self) -> None:
        await self._close_listener()
        await self._drop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        line = _Line(writer, None, self._fault)
        self._lines.add(line)
        self.taken += 1
        try:
            answers, line.server = await asyncio.open_connection(*self._target)
            await asyncio.gather(
                self._carry(line, reader, line.server, "server"), self._carry(line, answers, writer, "desk")
            )
        except (OSError, asyncio.CancelledError):
            pass  # the server refuses, one side is gone, or the proxy ends
        finally:
            line.cut()
            self._lines.discard(line)
            self._tasks.discard(task)

    async def _carry(
        self, line: _Line, source: asyncio.StreamReader, target: asyncio.StreamWriter, way: str
    ) -> None:
        while piece := await source.read(_CHUNK):
            if self._fault.delay:
                await asyncio.sleep(self._fault.delay)
            await self._while(lambda: self._fault.silent or (self._fault.swallow and way == "desk"))
            left = line.left[way]
            if left is not None:
                piece, line.left[way] = piece[:left], max(0, left - len(piece))
            if way == "desk" and line.desk_heard_the_end:
                continue
            if not target.is_closing():
                target.write(piece)
                await target.drain()
            if line.left[way] == 0 and left is not None:
                self.cuts += 1
                await asyncio.sleep(0.01)  # what did pass arrives before the end of the connection
                line.cut()
                return
        await self._while(lambda: self._fault.silent or (self._fault.swallow and way == "desk"))
        if not target.is_closing() and not (way == "desk" and line.desk_heard_the_end):
            target.write_eof()

    async def _while(self, held_back: Callable[[], bool]) -> None:
        while held_back():
            await self._changed.wait()
