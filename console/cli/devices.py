"""`nexus-console device enrol | revoke | list`: which workstations are desks, as administrator."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli.common import add_admin_option, administrator
from console.errors import Conflict, ConsoleError, Invalid, NotFound

if TYPE_CHECKING:
    from console.storage.administration import Administration, DeskRow


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    device = subparsers.add_parser("device", help="enrol, list and revoke desks")
    actions = device.add_subparsers(dest="action", metavar="ACTION", required=True)

    enrol = actions.add_parser("enrol", help="make a desk and its enrolment")
    enrol.add_argument("--name", required=True, help='what people call it, e.g. "Desk 1"')
    enrol.add_argument("--venue", metavar="SLUG", help="bind the desk to one venue: it never reaches another")
    enrol.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the enrolment for another workstation; without it this workstation is enrolled",
    )
    add_admin_option(enrol)
    enrol.set_defaults(func=run_enrol)

    revoke = actions.add_parser("revoke", help="shut a desk out, at once and for good")
    revoke.add_argument("desk", help="its name, its role or its id")
    add_admin_option(revoke)
    revoke.set_defaults(func=run_revoke)

    listing = actions.add_parser("list", help="every desk, with who is signed in")
    listing.add_argument("--all", action="store_true", help="revoked ones too")
    add_admin_option(listing)
    listing.set_defaults(func=run_list)


def run_enrol(args: argparse.Namespace) -> int:
    """Enrol a desk; its secret goes into a private file or into this workstation's store, never onto the screen."""
    from console import settings as settings_module
    from console.services import devices
    from console.storage.administration import Administration
    from console.storage.embedded_files import write_private
    from console.storage.secrets import open_store

    if args.out is not None and args.out.exists():
        raise Conflict(
            f"The file {args.out} exists already.", hint="Choose another name.", code="file_exists"
        )
    settings = settings_module.load()
    with administrator(args) as dsn, Administration(dsn) as administration:
        made = devices.enrol(administration, args.name, args.venue)
        try:
            if args.out is not None:
                write_private(args.out, made.to_text())
                where = f"Take {args.out} to that workstation, connect it, then delete the file."
            else:
                store = open_store(settings)
                place = settings.database_url or f"embedded:{settings.database_name}"
                devices.keep(store, place, made)
                where = f"Its secret is in {store.describe()}."
        except (OSError, ConsoleError) as error:
            # A desk whose secret nobody has is of no use and keeps its name.
            administration.revoke_device(_find(administration, made.role).id)
            if isinstance(error, ConsoleError):
                raise
            raise Invalid(f"The file {args.out} cannot be written: {error.strerror}.", code="file") from error
    print(f"{made.name} is enrolled. {where}")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """Revoke a desk."""
    from console.storage.administration import Administration

    with administrator(args) as dsn, Administration(dsn) as administration:
        desk = _find(administration, args.desk)
        done = administration.revoke_device(desk.id)
    print(f"{desk.name} is shut out." if done else f"{desk.name} was shut out already.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List the desks."""
    from console.storage.administration import Administration

    with administrator(args) as dsn, Administration(dsn) as administration:
        desks = [desk for desk in administration.devices() if args.all or not desk.revoked]
    if not desks:
        print("No desk is enrolled. Enrol one: nexus-console device enrol --name NAME")
    for desk in desks:
        state = "revoked" if desk.revoked else f"{desk.signed_in} signed in"
        seen = (
            f"last sign-in {desk.last_sign_in:%Y-%m-%d %H:%M}"
            if desk.last_sign_in
            else "nobody signed in yet"
        )
        print(
            "  ".join(
                (f"{desk.name:<20}", f"{desk.venue_name or 'any venue':<24}", f"{state:<12}", seen, desk.role)
            )
        )
    return 0


def _find(administration: Administration, wanted: str) -> DeskRow:
    """The one desk that `wanted` names; active ones come before revoked ones of the same name."""
    desks = administration.devices()
    for exact in (
        [d for d in desks if wanted in (str(d.id), d.role)],
        [d for d in desks if d.name.lower() == wanted.lower() and not d.revoked],
        [d for d in desks if d.name.lower() == wanted.lower()],
    ):
        if len(exact) == 1:
            return exact[0]
        if exact:
            raise Conflict(
                f"Several desks are called {wanted}.",
                hint="Use the role that `device list` shows.",
                code="ambiguous",
            )
    raise NotFound(f"There is no desk called {wanted}.", hint="See: nexus-console device list", code="device")
