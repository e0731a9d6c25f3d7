"""A real server over TLS on this machine, which answers as calendars on the network do, well and badly."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[["Asked"], bytes]


@dataclass(frozen=True)
class Asked:
    """A request: its path and headers, in small letters."""

    path: str
    headers: dict[str, str]


@dataclass
class CalendarServer:
    """Where it is, who trusts it, and what it was asked."""

    port: int
    trust: ssl.SSLContext
    asked: list[Asked] = field(default_factory=list)

    def url(self, path: str = "/a.ics") -> str:
        """An address at it."""
        return f"https://localhost:{self.port}{path}"


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status} Said", "Connection: close"]
    if "content_length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def calendar_server(folder: Path, say: Answer) -> AsyncIterator[CalendarServer]:
    """Serve what `say` answers to each request."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    await asyncio.to_thread(
        subprocess.run,
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    made = CalendarServer(0, ssl.create_default_context(cafile=str(certificate)))

    busy: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            asked = Asked(head[0].split(" ")[1], headers)
            made.asked.append(asked)
            writer.write(say(asked))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            with suppress(OSError, ssl.SSLError):
                await writer.wait_closed()
            busy.discard(writer)

    server = await asyncio.start_server(serve, "localhost", 0, ssl=own)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for writer in tuple(busy):
            writer.transport.abort()
        # What is being closed takes a few turns of the loop, on either side.
        for _ in range(10):
            await asyncio.sleep(0.005)
