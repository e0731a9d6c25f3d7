"""A calendar at an address, from a real server over TLS: what is fetched, and one sentence for each way to fail."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from console.errors import ConsoleError, Invalid
from console.services.exchange import remote
from tests.support.calendar_server import Asked, answer, calendar_server

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
ENDLESS = b"HTTP/1.1 200 Said\r\nConnection: close\r\n\r\n" + b"x" * (remote.MOST_BYTES + 1)


async def refused(address: str, **more: Any) -> str:
    """The sentence with which an address fails."""
    with pytest.raises(ConsoleError) as caught:
        await remote.fetch(address, **more)
    return caught.value.sentence


async def test_a_calendar_is_fetched_and_its_state_remembered(tmp_path: Path) -> None:
    def say(asked: Asked) -> bytes:
        if asked.headers.get("if-none-match") == '"1"':
            return answer(304, etag='"1"')
        return answer(200, BODY, etag='"1"')

    async with calendar_server(tmp_path, say) as server:
        found = await remote.fetch(server.url(), private=True, context=server.trust)
        assert found == remote.Fetched(BODY, '"1"')
        again = await remote.fetch(server.url(), tag=found.tag, private=True, context=server.trust)
        assert again.data is None
        webcal = server.url().replace("https://", "webcal://")
        assert (await remote.fetch(webcal, private=True, context=server.trust)).data == BODY
        # No name, no password, no cookie goes along.
        assert not {"cookie", "authorization"} & set(server.asked[-1].headers)


async def test_redirects_are_few_and_stay_on_https(tmp_path: Path) -> None:
    def say(asked: Asked) -> bytes:
        steps = int(asked.path.rsplit("/", 1)[1])
        if asked.path.startswith("/plain"):
            return answer(302, location="http://localhost/a.ics")
        return answer(200, BODY) if steps == 0 else answer(301, location=f"/step/{steps - 1}")

    async with calendar_server(tmp_path, say) as server:
        more: dict[str, Any] = {"private": True, "context": server.trust}
        assert (await remote.fetch(server.url("/step/3"), **more)).data == BODY
        assert await refused(server.url("/step/4"), **more) == "The address leads on and on."
        assert (
            await refused(server.url("/plain/1"), **more)
            == "Only addresses that begin with https:// are fetched."
        )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (answer(404), "There is nothing at this address."),
        (answer(401), "The address asks for a password."),
        (answer(403), "The server does not hand the calendar out."),
        (answer(500), "The server answered with the error 500."),
        (answer(302), "The server did not answer properly."),
        (b"nonsense\r\n\r\n", "The server did not answer properly."),
        (answer(200, b"", content_length=str(remote.MOST_BYTES + 1)), "The calendar is larger than 10 MB."),
        (ENDLESS, "The calendar is larger than 10 MB."),
        (answer(200, BODY, content_length="1000"), "The server did not answer properly."),
    ],
)  # fmt: skip
async def test_each_way_to_fail_has_a_sentence(tmp_path: Path, said: bytes, sentence: str) -> None:
    async with calendar_server(tmp_path, lambda _asked: said) as server:
        assert await refused(server.url(), private=True, context=server.trust) == sentence


async def test_a_server_that_cannot_prove_who_it_is(tmp_path: Path) -> None:
    async with calendar_server(tmp_path, lambda _asked: answer(200, BODY)) as server:
        assert await refused(server.url(), private=True) == "The server cannot prove who it is."
        # Nor is a name believed that is not in the certificate.
        other = server.url().replace("localhost", "127.0.0.1")
        assert (
            await refused(other, private=True, context=server.trust) == "The server cannot prove who it is."
        )


async def test_the_venues_own_network_is_not_reached_unless_that_is_meant(tmp_path: Path) -> None:
    async with calendar_server(tmp_path, lambda _asked: answer(200, BODY)) as server:
        assert (
            await refused(server.url(), context=server.trust)
            == "This address is inside the venue's own network."
        )
        assert server.asked == []
    for address in ("https://127.0.0.1/", "https://10.0.0.1/", "https://192.168.1.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
                    "https://169.254.169.254/latest", "https://0.0.0.0/", "https://100.64.0.1/"):  # fmt: skip
        assert await refused(address) == "This address is inside the venue's own network."


@pytest.mark.parametrize(
    "address",
    ["", " ", "calendar", "https://", "https://a b/", "ftp://a.example/", "http://a.example/", "file:///etc/passwd",
     "https://me:secret@a.example/", "https://a.example:99999/", "javascript:alert(1)", "https://" + "a" * 3_000,
     "https://[::1/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        remote.checked(address)


async def test_nobody_is_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert await refused(f"https://127.0.0.1:{port}/", private=True) == "The server cannot be reached."
    assert await refused("https://no-such-server.invalid/") == "There is no server of that name."
