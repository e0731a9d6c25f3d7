"""A service that moves money and can fail in every way such a service does, at the moment a test chooses.

It listens on a real port of this computer and speaks Stripe's transfers over HTTP. Each request for a transfer meets
the next of the faults it was given; after the last one everything is done as asked. What it took is kept, so that a
test can count how often money left.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "sk_test_open_sesame_123"


class Fault(StrEnum):
    """What goes wrong with a request for a transfer; "after" means that the money has left."""

    NONE = "nothing"
    CUT_BEFORE = "cut before it is taken"
    CUT_AFTER = "cut after it was taken"
    HANG_BEFORE = "no answer and not taken"
    HANG_AFTER = "no answer and taken"
    BUSY = "429"
    ERROR_BEFORE = "500 and not taken"
    ERROR_AFTER = "500 and taken"
    TRUNCATED = "half an answer after it was taken"
    DRIP = "an answer letter by letter"
    ENDLESS = "an answer without an end"
    NONSENSE = "a page that is no answer, and not taken"
    SOMETHING_ELSE = "an answer without an amount, and not taken"
    IN_USE = "409 still working on it"
    KEY_TWICE = "the key stands for something else"
    NO_MONEY = "402 no money there"
    NO_ACCOUNT = "400 no such account"
    NO_PAGE = "404"
    REDIRECT = "302 to elsewhere"
    WRONG_AMOUNT = "takes another amount"
    WRONG_CURRENCY = "takes another currency"
    WRONG_ACCOUNT = "pays to another account"
    SAME_AGAIN = "names the transfer of another payout"
    KILL_BEFORE = "whoever asks is killed before it is taken"
    KILL_AFTER = "whoever asks is killed after it was taken"


@dataclass
class FakeTransfers:
    """What a test sees of the service. `posts` are all requests for transfers, `made` what left, by its number."""

    key: str = KEY
    faults: list[Fault] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)
    elsewhere: str = "http://127.0.0.1:9/"
    status: str | None = None
    """The state of new transfers; None leaves it out, as the real service does."""
    lists: str = "all"
    """What it lists of a payout: "all", "nothing" (it is slow to know), "half" (a page of more), "nonsense"."""
    kill: Callable[[], object] = lambda: None
    on_post: Callable[[], object] = lambda: None
    """Called when a request for a transfer has been answered for."""
    patience: float = 10.0
    """The seconds in the worker's address; tests run on busy machines."""
    port: int = 0
    tls: bool = False
    hanging: threading.Event = field(default_factory=threading.Event)
    _answers: dict[str, tuple[dict[str, str], int, dict[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """The address for the worker's environment."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}?timeout={self.patience}"

    def left(self, payout: object) -> int:
        """How much money of a payout is gone, in cents."""
        return sum(
            one["amount"] - one["amount_reversed"]
            for one in self.made.values()
            if one["metadata"]["payout"] == str(payout)
        )

    def times(self, payout: object) -> int:
        """How many transfers of a payout stand."""
        return sum(
            1
            for one in self.made.values()
            if one["metadata"]["payout"] == str(payout) and one["amount_reversed"] < one["amount"]
        )

    def forget(self) -> None:
        """Forget every key, as the real service does after a day."""
        self._answers.clear()

    def take_back(self, transfer: str, cents: int | None = None) -> None:
        """Reverse a transfer, in part where `cents` says how much."""
        one = self.made[transfer]
        one["amount_reversed"] = one["amount"] if cents is None else cents
        one["reversed"] = one["amount_reversed"] == one["amount"]

    def post(self, form: dict[str, str], key: str) -> tuple[int, dict[str, Any], dict[str, str], Fault]:
        """Answer one request for a transfer."""
        with self._lock:
            self.posts.append(form | {"key": key})
            fault = self.faults.pop(0) if self.faults else Fault.NONE
            if fault is Fault.BUSY:
                return (
                    429,
                    _error("rate_limit_error", "rate_limit", "Slow down"),
                    {"Retry-After": "120"},
                    fault,
                )
            if fault in {
                Fault.CUT_BEFORE,
                Fault.HANG_BEFORE,
                Fault.KILL_BEFORE,
                Fault.NONSENSE,
                Fault.REDIRECT,
            }:
                return 302, {}, {"Location": self.elsewhere}, fault
            if fault is Fault.ERROR_BEFORE:
                return 500, _error("api_error", "", "Something broke"), {}, fault
            if fault is Fault.IN_USE:
                return 409, _error("idempotency_error", "idempotency_key_in_use", "Wait"), {}, fault
            if fault is Fault.KEY_TWICE:
                return 400, _error("idempotency_error", "", "Keys for the same parameters only"), {}, fault
            if fault is Fault.NO_PAGE:
                return 404, _error("invalid_request_error", "", "Unrecognized request URL"), {}, fault
            if fault is Fault.SOMETHING_ELSE:
                return 200, {"id": "tr_odd", "object": "transfer"}, {}, fault
            if key in self._answers:
                before, code, answer = self._answers[key]
                if before != form:
                    return (
                        400,
                        _error("idempotency_error", "", "Keys for the same parameters only"),
                        {},
                        fault,
                    )
            else:
                code, answer = self._made(form, fault)
                self._answers[key] = (form, code, answer)
            if fault is Fault.ERROR_AFTER:
                return 500, _error("api_error", "", "Something broke"), {}, fault
            return code, dict(answer), {}, fault

    def _made(self, form: dict[str, str], fault: Fault) -> tuple[int, dict[str, Any]]:
        if fault is Fault.NO_MONEY:
            return 402, _error("invalid_request_error", "balance_insufficient", "No funds")
        if fault is Fault.NO_ACCOUNT:
            return 400, _error(
                "invalid_request_error", "resource_missing", "No such destination", "destination"
            )
        number = f"tr_{len(self.made) + 1:06}"
        if fault is Fault.SAME_AGAIN and self.made:
            number = next(iter(self.made))
            return 200, self.made[number]
        made: dict[str, Any] = {
            "id": number,
            "object": "transfer",
            "amount": int(form["amount"]) - (100 if fault is Fault.WRONG_AMOUNT else 0),
            "amount_reversed": 0,
            "reversed": False,
            "currency": "eur" if fault is Fault.WRONG_CURRENCY else form["currency"],
            "destination": "acct_of_a_thief" if fault is Fault.WRONG_ACCOUNT else form["destination"],
            "transfer_group": form["transfer_group"],
            "metadata": {"payout": form["metadata[payout]"], "attempt": form["metadata[attempt]"]},
        }
        if self.status is not None:
            made["status"] = self.status
        self.made[number] = made
        return 200, made


def _error(kind: str, code: str, message: str, param: str = "") -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": f"{message}. {KEY}", "param": param}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: FakeTransfers

    def do_POST(self) -> None:
        form = {
            name: values[-1]
            for name, values in parse_qs(
                self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            ).items()
        }
        if not self._welcome():
            return
        code, answer, headers, fault = self.service.post(form, self.headers.get("Idempotency-Key", ""))
        self.service.on_post()
        match fault:
            case Fault.KILL_BEFORE | Fault.KILL_AFTER:
                self.service.kill()
                self._cut()
            case Fault.CUT_BEFORE | Fault.CUT_AFTER:
                self._cut()
            case Fault.HANG_BEFORE | Fault.HANG_AFTER:
                self.service.hanging.wait(10)
                self._cut()
            case Fault.TRUNCATED:
                self._say(code, json.dumps(answer).encode(), headers, cut_at=40)
            case Fault.DRIP | Fault.ENDLESS:
                self._drip(answer, endless=fault is Fault.ENDLESS)
            case Fault.NONSENSE:
                self._say(200, b"<html>Welcome to the hotel's network</html>", {})
            case _:
                self._say(code, json.dumps(answer).encode(), headers)

    def do_GET(self) -> None:
        if not self._welcome():
            return
        self.service.gets.append(self.path)
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if parts.path == "/v1/transfers":
            group = query["transfer_group"][0]
            rows = [one for one in self.service.made.values() if one["transfer_group"] == group]
            if self.service.lists == "nothing":
                rows = []
            found = {"object": "list", "data": rows, "has_more": self.service.lists == "half"}
            said = b"<html>" if self.service.lists == "nonsense" else json.dumps(found).encode()
            self._say(200, said, {})
            return
        one = self.service.made.get(parts.path.rpartition("/")[2])
        if one is None:
            missing = _error("invalid_request_error", "resource_missing", "No such transfer")
            self._say(404, json.dumps(missing).encode(), {})
        else:
            self._say(200, json.dumps(one).encode(), {})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _welcome(self) -> bool:
        self.service.headers.append(dict(self.headers.items()))
        if self.headers.get("Authorization") == f"Bearer {self.service.key}":
            return True
        refusal = _error("invalid_request_error", "", "Invalid API Key provided")
        self._say(401, json.dumps(refusal).encode(), {})
        return False

    def _say(self, code: int, body: bytes, headers: dict[str, str], cut_at: int | None = None) -> None:
        with suppress(OSError):
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[:cut_at])
            if cut_at is not None:
                self._cut()

    def _drip(self, answer: dict[str, Any], *, endless: bool) -> None:
        with suppress(OSError):
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            if endless:
                while True:
                    self.wfile.write(b" " * 65536)
            for letter in json.dumps(answer):
                self.wfile.write(letter.encode())
                if self.service.hanging.wait(0.3):
                    break
        self.close_connection = True

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What a cut connection raises is nobody's business."""


@contextmanager
def transfer_server(
    *faults: Fault, tls: ssl.SSLContext | None = None, key: str = KEY
) -> Iterator[FakeTransfers]:
    """A service that listens in threads of its own. `tls`: over an encrypted connection with that certificate."""
    service = FakeTransfers(key=key, faults=list(faults), tls=tls is not None)
    handler = type("Handler", (_Handler,), {"service": service})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.hanging.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
