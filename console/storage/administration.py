"""What an administrator's connection does about desks and people: the admin.* functions, one statement each.

Synchronous, because the command line and the first start are. The window's own people screen calls the same functions
over the desk's connection, where they ask for the permission. See docs/design.md, "The database" (roles).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any
from uuid import UUID

import psycopg
from psycopg import conninfo, sql
from psycopg.rows import namedtuple_row

from console.errors import NotFound
from console.permissions import StaffRole
from console.storage.sqlstate import translate


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk as `device list` shows it."""

    id: UUID
    name: str
    role: str
    venue_name: str | None
    revoked: bool
    enrolled_at: datetime
    revoked_at: datetime | None
    signed_in: int
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff as `user list` shows them; each grant is (role, name of its venue or None)."""

    id: UUID
    first_name: str
    last_name: str
    email: str
    is_active: bool
    has_authenticator: bool
    grants: tuple[tuple[StaffRole, str | None], ...]
    last_sign_in: datetime | None


class Administration:
    """The admin.* functions over an administrator's connection; a context manager that closes it."""

    def __init__(self, admin_dsn: str) -> None:
        """Connect. Raises Unavailable where that fails."""
        with _translated():
            self._connection = psycopg.connect(
                admin_dsn, autocommit=True, connect_timeout=10, row_factory=namedtuple_row
            )

    def __enter__(self) -> Administration:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def enrol_device(self, role: str, name: str, venue_id: UUID | None, verifier: str) -> UUID:
        """Make a desk's LOGIN role and row. Raises Conflict where an active desk has that name."""
        return UUID(
            str(
                self._value(
                    "admin.device_enrol", role_name=role, display_name=name, venue=venue_id, verifier=verifier
                )
            )
        )

    def revoke_device(self, device_id: UUID) -> bool:
        """Shut a desk out; False where it was already."""
        return bool(self._value("admin.device_revoke", device=device_id))

    def devices(self) -> list[DeskRow]:
        """Every desk there is or was."""
        return [
            DeskRow(
                r.id,
                r.name,
                r.role_name,
                r.venue_name,
                r.status == "revoked",
                r.enrolled_at,
                r.revoked_at,
                r.signed_in,
                r.last_sign_in,
            )
            for r in self._rows("admin.device_list")
        ]

    def device_works(self, role: str) -> bool:
        """Whether the role belongs to a desk that has not been revoked and can still log in."""
        with _translated():
            return bool(
                self._connection.execute(
                    """SELECT 1 FROM auth.devices d JOIN pg_catalog.pg_roles r ON r.rolname = d.role_name
                   WHERE d.role_name = %s AND d.status = 'active' AND r.rolcanlogin""",
                    [role],
                ).fetchone()
            )

    def venue_id(self, slug: str) -> UUID:
        """The venue with this short name. Raises NotFound."""
        with _translated():
            row = self._connection.execute("SELECT id FROM public.venues WHERE slug = %s", [slug]).fetchone()
        if row is None:
            raise NotFound(
                f"There is no venue called {slug}.",
                hint="Use its short name, as in its address.",
                code="venue",
            )
        return UUID(str(row[0]))

    def person_id(self, email: str) -> UUID:
        """The person with this address. Raises NotFound."""
        return UUID(str(self._value("admin.person_id", address=email)))

    def add_person(self, email: str, first_name: str, last_name: str, *, is_platform: bool) -> UUID:
        """A new member of staff who cannot sign in yet. Raises Conflict for an address that is taken."""
        return UUID(
            str(
                self._value(
                    "admin.user_add",
                    address=email,
                    first_name=first_name,
                    last_name=last_name,
                    is_platform=is_platform,
                )
            )
        )

    def grant(self, person: UUID, role: StaffRole, venue_id: UUID | None) -> bool:
        """Let a person act in a role; False where they could already."""
        return bool(self._value("admin.user_grant", person=person, given=role.value, venue=venue_id))

    def ungrant(self, person: UUID, role: StaffRole, venue_id: UUID | None) -> bool:
        """Take a role back; False where there was none."""
        return bool(self._value("admin.user_ungrant", person=person, taken=role.value, venue=venue_id))

    def set_password(self, person: UUID, verifier: str) -> None:
        """Store a password's verifier and end the person's sessions."""
        self._value("admin.user_set_password", person=person, verifier=verifier)

    def set_authenticator(self, person: UUID, secret: str | None, code_hashes: Sequence[bytes]) -> None:
        """Set an authenticator up with its recovery codes, or take it away (None)."""
        self._value(
            "admin.user_set_authenticator", person=person, secret=secret, code_hashes=list(code_hashes)
        )

    def set_active(self, person: UUID, *, active: bool) -> None:
        """Let an account sign in, or not any more."""
        self._value("admin.user_set_active", person=person, active=active)

    def sign_out(self, person: UUID) -> int:
        """End every session of a person; how many there were."""
        return int(str(self._value("admin.user_sign_out", person=person)))

    def staff(self) -> list[StaffRow]:
        """Everybody who works with the console, now or once."""
        return [
            StaffRow(
                r.id,
                r.first_name,
                r.last_name,
                r.email,
                r.is_active,
                r.has_authenticator,
                tuple((StaffRole(g["role"]), g["venue_name"]) for g in r.grants),
                r.last_sign_in,
            )
            for r in self._rows("admin.user_list")
        ]

    def _value(self, function: str, **arguments: object) -> object:
        rows = self._rows(function, **arguments)
        return rows[0][0] if rows else None

    def _rows(self, function: str, **arguments: object) -> list[Any]:
        casts: Mapping[str, str] = {
            "given": "::public.staff_role",
            "taken": "::public.staff_role",
            "role_name": "::text::name",
            "venue": "::uuid",
            "secret": "::text",
            "code_hashes": "::bytea[]",
        }
        parts = [
            sql.SQL("{} => {}" + casts.get(name, "")).format(sql.Identifier(name), sql.Placeholder(name))
            for name in arguments
        ]
        statement = sql.SQL("SELECT * FROM {}({})").format(
            sql.Identifier(*function.split(".")), sql.SQL(", ").join(parts)
        )
        with _translated():
            return self._connection.execute(statement, arguments).fetchall()


def with_login(address: str, role: str, secret: str) -> str:
    """The connection string for `address` (which names server and database) with a desk's login."""
    words = {
        name: value
        for name, value in conninfo.conninfo_to_dict(address).items()
        if value is not None and name not in {"user", "password", "passfile"}
    }
    return conninfo.make_conninfo("", **words, user=role, password=secret)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error
