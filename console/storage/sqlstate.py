"""From SQLSTATE to the errors a person may read: the only place that knows PostgreSQL's codes.

Functions of the database raise their refusals with codes of their own (NX403 and so on), a sentence, a hint
and a machine key; those pass through as they are. Every other code becomes a general sentence by its class,
because the server's own words are for programmers. See docs/design.md, "Runtime" (errors).
"""

from __future__ import annotations

import psycopg
from sqlalchemy import exc

from console.errors import (
    BugError,
    Conflict,
    ConsoleError,
    Denied,
    Invalid,
    NotFound,
    SignInRefused,
    Unavailable,
)

_OURS: dict[str, type[ConsoleError]] = {
    "NX403": Denied,
    "NX404": NotFound,
    "NX409": Conflict,
    "NX422": Invalid,
    "NX503": Unavailable,
}
_SIGN_IN = frozenset({"wrong_credentials", "code_needed", "code_wrong", "ticket"})
_LOCKED = "locked:"

UNREACHABLE = "The database cannot be reached."
_TRY_AGAIN = "Try again in a moment."
# What libpq says when the login itself is refused; there is no SQLSTATE before there is a connection.
_LOGIN_REFUSED = ("password authentication failed", "is not permitted to log in", "no password assigned")


def translate(error: BaseException) -> ConsoleError:
    """The ConsoleError for an exception of psycopg or SQLAlchemy; the caller raises it from the original."""
    original: BaseException = error
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        original = error.orig
    if isinstance(original, psycopg.Error):
        return _by_code(original)
    if isinstance(error, exc.TimeoutError):
        return Unavailable("The database is busy.", hint=_TRY_AGAIN, code="database_busy")
    if isinstance(original, OSError | TimeoutError):
        return Unavailable(UNREACHABLE, hint=_TRY_AGAIN, code="database_unreachable")
    return BugError("Something went wrong inside the console.", code=type(error).__name__)


def login_was_refused(error: psycopg.Error) -> bool:
    """Whether a server answered that this login may not come in, and not that there is no server."""
    return any(words in str(error) for words in _LOGIN_REFUSED)


def _by_code(error: psycopg.Error) -> ConsoleError:
    code = error.sqlstate
    if code in _OURS:
        return _ours(error, _OURS[code])
    if code is None:
        return _without_code(error)
    if code == "42501":
        return Denied("You may not do that.", hint="Ask a manager.", code="not_permitted")
    if code in {"40001", "40P01", "55P03"}:
        return Conflict("Somebody else is changing the same thing.", hint=_TRY_AGAIN, code="busy_row")
    if code == "57014":
        return Unavailable("The database took too long.", hint=_TRY_AGAIN, code="timeout")
    if code == "23505":
        return Conflict("That exists already.", hint="Look for it in the list.", code=_constraint(error))
    if code == "23503":
        return Conflict(
            "Something else depends on it.", hint="Refresh and try again.", code=_constraint(error)
        )
    if code.startswith(("23", "22")):
        return Invalid("That value is not allowed.", hint="Check what you entered.", code=_constraint(error))
    if code in {"42883", "42P01", "42703", "3F000"}:
        return Unavailable(
            "The database does not fit this console.",
            hint="Run: nexus-console db upgrade",
            code="database_older",
        )
    if code.startswith("28"):
        return _refused_login()
    if code.startswith(("08", "53", "57", "58")):
        return Unavailable(UNREACHABLE, hint=_TRY_AGAIN, code="database_unreachable")
    return BugError("Something went wrong inside the console.", hint="Report it with the log.", code=code)


def _ours(error: psycopg.Error, kind: type[ConsoleError]) -> ConsoleError:
    sentence = error.diag.message_primary or "That was refused."
    hint, key = error.diag.message_hint, error.diag.message_detail
    if key is not None and key.startswith(_LOCKED):
        seconds = float(key.removeprefix(_LOCKED))
        return SignInRefused(sentence, hint=hint, code="locked", retry_after_seconds=seconds)
    if key in _SIGN_IN:
        return SignInRefused(sentence, hint=hint, code=key)
    return kind(sentence, hint=hint, code=key)


def _without_code(error: psycopg.Error) -> ConsoleError:
    if login_was_refused(error):
        return _refused_login()
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable(UNREACHABLE, hint="Check the network.", code="database_unreachable")
    return BugError("Something went wrong inside the console.", code=type(error).__name__)


def _refused_login() -> Denied:
    return Denied(
        "This desk is no longer enrolled.",
        hint="Ask your administrator to enrol it again.",
        code="device_revoked",
    )


def _constraint(error: psycopg.Error) -> str | None:
    return error.diag.constraint_name or error.sqlstate
