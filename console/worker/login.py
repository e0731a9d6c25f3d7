"""A worker's own login: made by an administrator, kept where this computer keeps its secrets.

In the console's own server it is made silently, as a desk's is. See docs/design.md, "The database" (roles).
"""

from __future__ import annotations

from console.domain.jobs import WorkerLogin, new_worker_login, worker_store_name
from console.errors import Conflict, ConsoleError, Invalid
from console.storage import worker_logins
from console.storage.administration import with_login
from console.storage.secrets import SecretStore

OWN_NAME = "This computer"


def enrol(admin_dsn: str, store: SecretStore, place: str, name: str) -> WorkerLogin:
    """Make a worker's login at a server and keep it here for the address `place`.

    Raises Conflict where an active worker there has that name, Invalid for an empty name.
    """
    if not 1 <= len(name.strip()) <= 60:
        raise Invalid("A worker's name has 1 to 60 characters.", code="worker_name")
    made = new_worker_login(name)
    worker_logins.enrol(admin_dsn, made)
    try:
        store.set(worker_store_name(place), made.to_text())
    except ConsoleError:
        # A login whose secret nobody has is of no use and keeps its name.
        worker_logins.revoke(admin_dsn, made.role)
        raise
    return made


def kept(store: SecretStore, place: str) -> WorkerLogin | None:
    """The login this computer keeps for `place`, if any. May block."""
    text = store.get(worker_store_name(place))
    if text is None:
        return None
    try:
        return WorkerLogin.from_text(text)
    except ValueError:
        return None


def address(place: str, login: WorkerLogin) -> str:
    """The connection string with which the worker logs in. It holds the secret."""
    return with_login(place, login.role, login.secret)


def ensure_own(admin_dsn: str, store: SecretStore, place: str) -> WorkerLogin:
    """The login for the console's own server, made where there is none that works."""
    found = kept(store, place)
    if found is not None and worker_logins.works(admin_dsn, found.role):
        return found
    for number in range(1, 1000):
        try:
            return enrol(admin_dsn, store, place, OWN_NAME if number == 1 else f"{OWN_NAME} ({number})")
        except Conflict:
            continue  # of that name is one whose secret was lost
    raise Conflict(
        "There are too many workers.", hint="Revoke some: nexus-console worker revoke", code="worker_name"
    )
