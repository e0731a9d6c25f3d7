"""`nexus-console user add | grant | reset-password | disable | sign-out | list`: who may sign in, as administrator.

No password is ever an argument: the command line is visible to every process of the machine and stays in the history.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from console.cli.common import add_admin_option, administrator
from console.errors import Invalid
from console.permissions import StaffRole

if TYPE_CHECKING:
    from console.storage.administration import Administration


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    user = subparsers.add_parser("user", help="add people, grant roles, reset passwords")
    actions = user.add_subparsers(dest="action", metavar="ACTION", required=True)

    add = actions.add_parser("add", help="add a member of staff with a first password")
    add.add_argument("email")
    add.add_argument("--first-name", required=True)
    add.add_argument("--last-name", required=True)
    _role_options(add, required=False)
    _secret_options(add)
    add_admin_option(add)
    add.set_defaults(func=run_add)

    grant = actions.add_parser("grant", help="let somebody act in a role, or (--revoke) not any more")
    grant.add_argument("email")
    _role_options(grant, required=True)
    grant.add_argument("--revoke", action="store_true", help="take the role back")
    add_admin_option(grant)
    grant.set_defaults(func=run_grant)

    reset = actions.add_parser("reset-password", help="give somebody a new password and end their sessions")
    reset.add_argument("email")
    _secret_options(reset)
    reset.add_argument("--no-authenticator", action="store_true", help="let the password alone be enough")
    add_admin_option(reset)
    reset.set_defaults(func=run_reset_password)

    disable = actions.add_parser("disable", help="keep somebody from signing in, at once")
    disable.add_argument("email")
    disable.add_argument("--undo", action="store_true", help="let them sign in again")
    add_admin_option(disable)
    disable.set_defaults(func=run_disable)

    sign_out = actions.add_parser("sign-out", help="end every session of somebody")
    sign_out.add_argument("email")
    add_admin_option(sign_out)
    sign_out.set_defaults(func=run_sign_out)

    listing = actions.add_parser("list", help="everybody who works with the console")
    add_admin_option(listing)
    listing.set_defaults(func=run_list)


def run_add(args: argparse.Namespace) -> int:
    """Add a person."""
    from console.services import people
    from console.storage.administration import Administration

    password = _choose_password(args, args.email)
    with administrator(args) as dsn, Administration(dsn) as administration:
        people.add(administration, args.email, args.first_name, args.last_name, args.role, args.venue)
        print(f"{args.first_name} is added.")
        people.set_password(administration, args.email, password)
        _tell(administration, args, password)
    return 0


def run_grant(args: argparse.Namespace) -> int:
    """Grant a role, or take it back."""
    from console.services import people
    from console.storage.administration import Administration

    with administrator(args) as dsn, Administration(dsn) as administration:
        change = people.ungrant if args.revoke else people.grant
        done = change(administration, args.email, args.role, args.venue)
    if args.revoke:
        print("The role is taken back." if done else "There was no such role to take back.")
    else:
        print("The role is granted." if done else "That role was granted already.")
    return 0


def run_reset_password(args: argparse.Namespace) -> int:
    """Set a new password."""
    from console.services import people
    from console.storage.administration import Administration

    password = _choose_password(args, args.email)
    with administrator(args) as dsn, Administration(dsn) as administration:
        people.set_password(administration, args.email, password)
        print("The password is changed; every session of this person has ended.")
        if args.no_authenticator:
            people.remove_authenticator(administration, args.email)
        _tell(administration, args, password)
    return 0


def run_disable(args: argparse.Namespace) -> int:
    """Disable or enable an account."""
    from console.services import people
    from console.storage.administration import Administration

    with administrator(args) as dsn, Administration(dsn) as administration:
        people.set_active(administration, args.email, active=args.undo)
    print(
        "They can sign in again." if args.undo else "They cannot sign in any more; every session has ended."
    )
    return 0


def run_sign_out(args: argparse.Namespace) -> int:
    """End every session of a person."""
    from console.services import people
    from console.storage.administration import Administration

    with administrator(args) as dsn, Administration(dsn) as administration:
        ended = people.sign_out(administration, args.email)
    print("Nobody was signed in." if ended == 0 else f"{ended} session{'s' if ended > 1 else ''} ended.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List everybody."""
    from console.storage.administration import Administration

    with administrator(args) as dsn, Administration(dsn) as administration:
        staff = administration.staff()
    if not staff:
        print(
            "Nobody yet. Add somebody: nexus-console user add EMAIL --first-name ... --last-name ... --role ..."
        )
    for person in staff:
        roles = ", ".join(role.words + (f" at {venue}" if venue else "") for role, venue in person.grants)
        marks = ["disabled"] * (not person.is_active) + ["authenticator"] * person.has_authenticator
        name = f"{person.first_name} {person.last_name}"
        print("  ".join((f"{name:<24}", f"{person.email:<32}", roles or "no role", *marks)))
    return 0


def _role_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--role", type=StaffRole, choices=list(StaffRole), required=required, help="what they work as"
    )
    parser.add_argument("--venue", metavar="SLUG", help="where; platform roles have none")


def _secret_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prompt", action="store_true", help="type the password instead of having one made")
    parser.add_argument("--authenticator", action="store_true", help="set an authenticator app up as well")


def _choose_password(args: argparse.Namespace, email: str) -> str:
    from console.domain import scram
    from console.services.people import new_password

    if not args.prompt:
        return new_password()
    password = (
        getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    )
    if sys.stdin.isatty() and getpass.getpass("The same again: ") != password:
        raise Invalid("The two passwords differ.", code="password")
    problem = scram.password_problem(password, email)
    if problem is not None:
        raise Invalid("That password will not do.", hint=problem, code="password")
    return password


def _tell(administration: Administration, args: argparse.Namespace, password: str) -> None:
    """Show, once, what the person needs to sign in."""
    from console.services import people

    if not args.prompt:
        print(f"Password, shown once: {password}")
    if args.authenticator:
        setup = people.set_up_authenticator(administration, args.email)
        print(f"For the authenticator app, shown once: {setup.uri}")
        print("Recovery codes, each good once:")
        for code in setup.recovery_codes:
            print(f"  {code}")
