"""One conversation with the service that moves the money: a transfer asked for, looked up, or found by its payout.

What matters is what is known afterwards. An answer counts only where it is whole and comes from that service: a page of
some proxy, half a body or a redirection say nothing, and then nobody knows. The key goes to one address only and is in
no message. See docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

import httpx

from console.clock import Clock
from console.domain.transfers import (
    ACCOUNT_CODES,
    Refusal,
    Said,
    Transfer,
    read_answer,
    read_refusal,
    read_transfer,
)
from console.worker.transfer_settings import URL_VARIABLE, TransferSettings

_MOST_BYTES = 1_000_000
_MOST_FOUND = 100
_LONGEST_WAIT = 3600
_SOON, _LATER = 60, 900
# Nothing has left this computer yet.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Fate(StrEnum):
    """What is known after asking."""

    SAID = "said"
    """The other side says how the transfer stands."""
    REFUSED = "refused"
    """Not done, for sure; asking again would end the same."""
    NOT_ASKED = "not_asked"
    """Not done, for sure; worth another try."""
    CONTRADICTS = "contradicts"
    """The key stands for something else there."""
    UNKNOWN = "unknown"
    """It was asked and no answer came that means anything."""
    NOT_THERE = "not_there"
    """Looked up, and the other side does not know it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request. `stop`: the next one would fare the same, so the round ends."""

    fate: Fate
    why: str = ""
    said: Said | None = None
    wait_seconds: int = _SOON
    stop: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    code: int
    body: bytes
    headers: Mapping[str, str]


class TransferServer:
    """The service, over connections of its own; close it afterwards."""

    def __init__(self, settings: TransferSettings, clock: Clock) -> None:
        """Nothing is connected before the first request. Raises Invalid for a file of certificates that is none."""
        self._settings = settings
        self._clock = clock
        self._client = httpx.AsyncClient(
            # A key in a header must not follow a redirection, a proxy of the environment or a .netrc.
            follow_redirects=False,
            trust_env=False,
            # Unencrypted is this computer alone; making a context takes longer than a request there.
            verify=settings.context() if settings.base.startswith("https") else False,
            timeout=httpx.Timeout(settings.timeout, connect=min(settings.timeout, 10.0)),
            headers={
                "Authorization": f"Bearer {settings.key}",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "nexus-console",
            },
        )

    async def close(self) -> None:
        """End the connections."""
        await self._client.aclose()

    async def ask(self, transfer: Transfer) -> Outcome:
        """Ask for a transfer under its key. Asked again, the other side answers what it answered before."""
        try:
            form = transfer.form()
        except ValueError:
            return Outcome(Fate.REFUSED, "This amount does not exist in its currency.")
        found = await self._request("POST", "/v1/transfers", form=form, key=transfer.key)
        if isinstance(found, Outcome):
            return found
        if 200 <= found.code < 300:
            return _read(found)
        return self._unhappy(found, asked=True)

    async def look(self, transfer: Transfer) -> Outcome:
        """How a transfer stands whose number is known."""
        assert transfer.provider_id is not None
        found = await self._request("GET", f"/v1/transfers/{transfer.provider_id}")
        if isinstance(found, Outcome):
            return found
        if 200 <= found.code < 300:
            return _read(found)
        if found.code == 404 and read_refusal(found.body) is not None:
            return Outcome(Fate.NOT_THERE, "The other side does not know this transfer any more.")
        return self._unhappy(found, asked=False)

    async def find(self, transfer: Transfer) -> Outcome:
        """Whether the other side knows a transfer of this attempt, by its payout."""
        found = await self._request(
            "GET", "/v1/transfers", query={"transfer_group": transfer.group, "limit": str(_MOST_FOUND)}
        )
        if isinstance(found, Outcome):
            return found
        if not 200 <= found.code < 300:
            return self._unhappy(found, asked=False)
        listed = read_answer(found.body)
        rows = listed.get("data") if listed is not None else None
        if not isinstance(rows, list) or listed is None or listed.get("has_more") is True:
            return Outcome(Fate.UNKNOWN, "The other side's list of transfers cannot be read.")
        read = [read_transfer(row) for row in rows]
        if any(one is None for one in read):
            return Outcome(Fate.UNKNOWN, "The other side's list of transfers cannot be read.")
        mine = [one for one in read if one is not None and one.attempt == str(transfer.attempt)]
        others = [one for one in read if one is not None and one not in mine and one.stands]
        if others or len(mine) > 1:
            number = (others or mine)[0].id
            return Outcome(Fate.CONTRADICTS, f"The other side has another transfer of this payout: {number}.")
        if not mine:
            return Outcome(Fate.NOT_THERE, "The other side never took it.")
        return Outcome(Fate.SAID, said=mine[0])

    async def _request(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> _Answer | Outcome:
        request = self._client.build_request(
            method,
            self._settings.base + path,
            data=form,
            params=query,
            headers={"Idempotency-Key": key} if key is not None else None,
        )
        try:
            # httpx bounds each part of an answer; a slow drip has no end but this one.
            async with asyncio.timeout(self._settings.timeout * 2):
                answer = await self._client.send(request, stream=True)
                try:
                    body = b""
                    async for piece in answer.aiter_raw():
                        body += piece
                        if len(body) > _MOST_BYTES:
                            return Outcome(Fate.UNKNOWN, "The other side's answer has no end.")
                finally:
                    await answer.aclose()
        except _NOT_SENT as error:
            return Outcome(Fate.NOT_ASKED, _no_connection(error), wait_seconds=_SOON, stop=True)
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(Fate.UNKNOWN, "The other side did not answer in time.")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError):
            return Outcome(Fate.UNKNOWN, "The connection was lost before the answer was whole.")
        return _Answer(
            answer.status_code, body, {name.lower(): value for name, value in answer.headers.items()}
        )

    def _unhappy(self, answer: _Answer, *, asked: bool) -> Outcome:
        refusal = read_refusal(answer.body)
        if 300 <= answer.code < 400:
            why = f"The other side sends us to another address: check {URL_VARIABLE}."
            return Outcome(Fate.UNKNOWN, why, stop=True)
        if answer.code == 429:
            wait = self._wait(answer.headers.get("retry-after"))
            return Outcome(Fate.NOT_ASKED, "The other side has too much to do.", wait_seconds=wait, stop=True)
        if refusal is not None and answer.code in {401, 403}:
            return Outcome(Fate.NOT_ASKED, "The other side refused the key.", wait_seconds=_LATER, stop=True)
        if refusal is not None and answer.code == 404 and asked and refusal.code not in ACCOUNT_CODES:
            why = f"The other side has no transfers at this address: check {URL_VARIABLE}."
            return Outcome(Fate.NOT_ASKED, why, wait_seconds=_LATER, stop=True)
        if refusal is not None and asked and answer.code in {400, 402, 404, 422}:
            return _refused(refusal)
        if refusal is not None and refusal.kind == "idempotency_error" and asked:
            return _refused(refusal)
        return Outcome(
            Fate.UNKNOWN, f"The other side answered {answer.code}.", stop=answer.code in {401, 403}
        )

    def _wait(self, said: str | None) -> int:
        """Seconds, as Retry-After says them: a number or a date."""
        seconds = float(_SOON)
        try:
            if said is not None:
                if said.strip().isdigit():
                    seconds = float(said.strip())
                else:
                    seconds = (parsedate_to_datetime(said) - self._clock.now()).total_seconds()
        except (ValueError, TypeError, OverflowError):
            pass  # what cannot be read is as if it were not there
        return int(min(max(seconds, 1.0), float(_LONGEST_WAIT)))


def _read(answer: _Answer) -> Outcome:
    said = read_transfer(read_answer(answer.body))
    if said is None:
        return Outcome(Fate.UNKNOWN, "The other side's answer cannot be read.")
    return Outcome(Fate.SAID, said=said)


def _refused(refusal: Refusal) -> Outcome:
    if refusal.kind == "idempotency_error":
        if refusal.code == "idempotency_key_in_use":
            return Outcome(Fate.UNKNOWN, "The other side is still working on it.")
        return Outcome(Fate.CONTRADICTS, "The other side knows this key for something else.")
    if refusal.kind in {"api_error", "rate_limit_error", "api_connection_error"}:
        return Outcome(Fate.UNKNOWN, refusal.words)
    return Outcome(Fate.REFUSED, refusal.words)


def _no_connection(error: BaseException) -> str:
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return "The other side's certificate is not to be trusted, so nothing was sent."
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "No encrypted connection to the other side could be made."
    return "The service for transfers cannot be reached."
