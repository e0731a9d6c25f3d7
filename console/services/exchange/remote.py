"""A calendar fetched from an address: over https only, not for ever, not without end, and not from inside the building.

An address is typed by a person and may be anybody's, so the console does not let it lead to the machines of the venue's
own network unless the person says so. Every way to fail has one sentence. See docs/design.md, "The database" (what a
desk may reach is decided, not assumed).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from console.errors import ConsoleError, Invalid, Unavailable

MOST_BYTES = 10 * 1024 * 1024
MOST_REDIRECTS = 3
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
_WHOLE_SECONDS = 60.0
_LONGEST_ADDRESS = 2_000
_STATUSES = {
    401: "The address asks for a password.",
    403: "The server does not hand the calendar out.",
    404: "There is nothing at this address.",
    410: "There is nothing at this address any more.",
    429: "The server was asked too often.",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered. `data` is None where it has not changed since `tag`."""

    data: bytes | None
    tag: str | None


def checked(address: str) -> str:
    """The address as it is fetched; webcal is https. Raises Invalid."""
    plain = address.strip()
    if plain.lower().startswith("webcal://"):
        plain = f"https://{plain[len('webcal://') :]}"
    try:
        parts = urlsplit(plain)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if (
        not plain
        or len(plain) > _LONGEST_ADDRESS
        or not host
        or any(mark.isspace() or mark < " " for mark in plain)
    ):
        raise Invalid(
            "This is not the address of a calendar.", hint="It begins with https://.", code="address"
        )
    if parts.scheme.lower() != "https":
        raise Invalid("Only addresses that begin with https:// are fetched.", code="address_not_https")
    if parts.username or parts.password:
        raise Invalid("An address with a name and a password in it is not fetched.", code="address_password")
    return plain


async def fetch(
    address: str, *, tag: str | None = None, private: bool = False, context: ssl.SSLContext | None = None
) -> Fetched:
    """What is at an address. `private` allows addresses of the venue's own network; `context` is whom to trust.

    Raises Invalid for what cannot be an address, Unavailable with one sentence for everything that goes wrong.
    """
    limits = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    try:
        async with (
            asyncio.timeout(_WHOLE_SECONDS),
            httpx.AsyncClient(
                timeout=limits,
                follow_redirects=False,
                trust_env=False,
                verify=context or ssl.create_default_context(),
            ) as client,
        ):
            current = checked(address)
            for _ in range(MOST_REDIRECTS + 1):
                found = await _once(client, current, tag, private)
                if isinstance(found, Fetched):
                    return found
                current = checked(urljoin(current, found))
            raise Unavailable(
                "The address leads on and on.", hint="Use the last address itself.", code="redirects"
            )
    except ConsoleError:
        raise
    except (TimeoutError, httpx.TimeoutException) as error:
        raise Unavailable(
            "The server did not answer in time.", hint="Try again later.", code="timeout"
        ) from error
    except httpx.ConnectError as error:
        said = str(error).casefold()
        if "certificate" in said or "ssl" in said or "tls" in said:
            raise Unavailable("The server cannot prove who it is.", code="certificate") from error
        raise Unavailable(
            "The server cannot be reached.", hint="Check the address.", code="unreachable"
        ) from error
    except httpx.InvalidURL as error:
        raise Invalid(
            "This is not the address of a calendar.", hint="It begins with https://.", code="address"
        ) from error
    except httpx.HTTPError as error:
        raise Unavailable(
            "The server did not answer properly.", hint="Try again later.", code="protocol"
        ) from error


async def _once(client: httpx.AsyncClient, address: str, tag: str | None, private: bool) -> Fetched | str:
    """One request: what it answered, or where it leads."""
    parts = urlsplit(address)
    if not private:
        await _refuse_private(parts.hostname or "", parts.port or 443)
    headers = {
        "Accept": "text/calendar, application/json;q=0.9, text/csv;q=0.8, */*;q=0.1",
        "User-Agent": "Nexus-Console",
    }
    if tag:
        headers["If-None-Match"] = tag
    async with client.stream("GET", address, headers=headers) as response:
        if not private:
            # The name may have led elsewhere since it was looked up.
            stream = response.extensions.get("network_stream")
            peer = stream.get_extra_info("server_addr") if stream is not None else None
            if peer and _is_private(str(peer[0])):
                raise _inside()
        if response.status_code == 304:
            return Fetched(None, tag)
        if response.status_code in (301, 302, 303, 307, 308):
            leads = response.headers.get("location", "")
            if not leads:
                raise Unavailable("The server did not answer properly.", code="protocol")
            return str(leads)
        if response.status_code != 200:
            sentence = _STATUSES.get(
                response.status_code, f"The server answered with the error {response.status_code}."
            )
            raise Unavailable(sentence, hint="Check the address.", code=f"status_{response.status_code}")
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > MOST_BYTES:
            raise _too_large()
        data = bytearray()
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > MOST_BYTES:
                raise _too_large()
        return Fetched(bytes(data), response.headers.get("etag"))


async def _refuse_private(host: str, port: int) -> None:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            "There is no server of that name.", hint="Check the address.", code="no_server"
        ) from error
    if any(_is_private(str(address[0])) for *_, address in found):
        raise _inside()


def _is_private(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return True
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return not found.is_global or found.is_multicast


def _inside() -> Invalid:
    return Invalid(
        "This address is inside the venue's own network.",
        hint="Allow it if you know the server.",
        code="address_private",
    )


def _too_large() -> Unavailable:
    return Unavailable("The calendar is larger than 10 MB.", hint="Ask for fewer dates.", code="too_large")
