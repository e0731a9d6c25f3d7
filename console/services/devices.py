"""Enrolling this workstation, or another one, as a desk.

An administrator makes the enrolment; the desk keeps it in its secret store and logs in with it. The secret exists in
clear in the enrolment file and in the store only: the server is given a verifier. See docs/design.md, "The database"
(roles).
"""

from __future__ import annotations

from pathlib import Path

from console.domain import scram
from console.domain.enrolment import SECRET_ITERATIONS, Enrolment, new_enrolment, store_name
from console.errors import Conflict, Invalid
from console.storage.administration import Administration, with_login
from console.storage.secrets import SecretStore

LARGEST_FILE = 10_000


def enrol(administration: Administration, name: str, venue_slug: str | None = None) -> Enrolment:
    """Make a desk called `name`, bound to a venue where one is given.

    Raises Conflict where an active desk there has that name, NotFound for an unknown venue, Invalid for an empty name.
    """
    if not 1 <= len(name.strip()) <= 60:
        raise Invalid("A desk's name has 1 to 60 characters.", code="device_name")
    venue = administration.venue_id(venue_slug) if venue_slug else None
    made = new_enrolment(name)
    verifier = scram.make_verifier(made.secret, iterations=SECRET_ITERATIONS)
    administration.enrol_device(made.role, made.name, venue, verifier)
    return made


def read_file(path: Path) -> Enrolment:
    """Read an enrolment file. Raises Invalid for anything else."""
    try:
        with path.open("rb") as file:
            return Enrolment.from_text(file.read(LARGEST_FILE).decode("utf-8"))
    except OSError as error:
        raise Invalid(
            f"The file {path.name} cannot be read: {error.strerror}.", code="enrolment_file"
        ) from error
    except ValueError as error:
        raise Invalid(
            f"The file {path.name} is not an enrolment file.",
            hint="Ask your administrator for the file that `device enrol` made.",
            code="enrolment_file",
        ) from error


def keep(store: SecretStore, address: str, enrolment: Enrolment) -> None:
    """Keep this desk's enrolment for the server at `address`. May block. Raises Unavailable where the store refuses."""
    store.set(store_name(address), enrolment.to_text())


def kept(store: SecretStore, address: str) -> Enrolment | None:
    """The enrolment of this desk for the server at `address`, if it has one. May block."""
    text = store.get(store_name(address))
    if text is None:
        return None
    try:
        return Enrolment.from_text(text)
    except ValueError:
        return None


def forget(store: SecretStore, address: str) -> None:
    """Forget this desk's enrolment, after it was revoked. May block."""
    store.delete(store_name(address))


def desk_address(address: str, enrolment: Enrolment) -> str:
    """The connection string with which the desk logs in at `address`. It holds the secret."""
    return with_login(address, enrolment.role, enrolment.secret)


def ensure_own_desk(admin_dsn: str, store: SecretStore, place: str, name: str = "Desk 1") -> Enrolment:
    """The enrolment of this workstation in its own (embedded) database, made where it has none that works.

    `place` names the database for the secret store. Blocks for some tens of milliseconds.
    """
    with Administration(admin_dsn) as administration:
        found = kept(store, place)
        if found is not None and administration.device_works(found.role):
            return found
        try:
            made = enrol(administration, name)
        except Conflict:
            # The desk of that name is another machine's, or this one's whose secret was lost.
            taken = {desk.name for desk in administration.devices() if not desk.revoked}
            number = next(n for n in range(2, 10_000) if f"{name} ({n})" not in taken)
            made = enrol(administration, f"{name} ({number})")
        keep(store, place, made)
        return made
