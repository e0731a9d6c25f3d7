"""People of a demo at work, at instants of the past: one transaction in which the real functions are called as them.

A demo's months of money are not written, they are made: every run, approval, payment and invoice goes through the
function a desk would call, which asks who is there and what the time is. So for one transaction the administrator's
connection is a desk of headquarters, carries the token of whoever acts, and the database's clock stands where they
are. None of that outlives the transaction: the tokens end, the clock is put back, the desk keeps its name only.

Ids that the database would draw by lot are made of what their row is about, so that the same demo has the same ids.
See docs/design.md, "Authorisation", and docs/guides/demo.md.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Executable, Row, create_engine, exc, pool, text

from console.storage.database import Database
from console.storage.migrate import connect
from console.storage.sqlstate import translate

_NAMED_BY = {
    "venue_payouts": ("venue_id", "payout_period_start"),
    "payout_attempts": ("payout_id", "attempt"),
    "payout_holds": ("venue_id", "placed_at"),
    "book_closings": ("period_start", "closed_at"),
    "invoices": ("subscription_id", "billing_period_start", "created_at"),
    "credit_notes": ("invoice_id",),
    "documents": ("kind", "file_name"),
    "review_items": ("booking_id", "event_id", "kind", "topic"),
    "earning_changes": ("review_item_id",),
    "credit_ledger": ("idempotency_key",),
    "notifications": ("user_id", "channel", "cause"),
    "venues": ("slug",),
    "venue_applications": ("applicant_id", "created_at"),
    "venue_cases": ("venue_id", "kind", "opened_at"),
    "venue_requirements": ("venue_id", "requirement"),
    "requirement_filings": ("venue_id", "requirement", "filed_at"),
    "background_checks": ("venue_id", "first_name", "ordered_on"),
    "filing_documents": ("document_id",),
    "venue_events": ("venue_id", "case_id", "kind", "requirement", "at", "facts"),
    "venue_performance_scores": ("venue_id", "score_week_start", "revision"),
    "score_disputes": ("score_id", "opened_at"),
    "review_decisions": ("review_id", "at"),
    "staff_grants": ("user_id", "role", "venue_id"),
}
"""What a row's id is made of while the past is made; nothing else about two rows of one table is the same."""

_ISSUER = {
    "name": "Nexus Family Pass, Inc.",
    "address": ["1 Market Square", "Philadelphia, PA 19106", "United States"],
    "tax_id": "84-1234567",
    "email": "billing@nexusfamilypass.example",
    "payment": ["First Harbor Bank, account 000123456789, routing 031000053"],
}

_ID_FUNCTION = """
CREATE FUNCTION app.demo_id() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    facts constant jsonb := to_jsonb(NEW);
    words text := TG_ARGV[0] || '/' || TG_TABLE_NAME;
BEGIN
    FOR place IN 1 .. TG_NARGS - 1 LOOP
        words := words || '/' || coalesce(facts ->> TG_ARGV[place], '-');
    END LOOP;
    NEW.id := overlay(overlay(md5(words) placing '4' from 13) placing '8' from 17)::uuid;
    RETURN NEW;
END
$$"""


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who acts in the past, by id, and the desk they do it at: a venue's, or where that is None, anybody's."""

    id: str
    desk: str
    desk_name: str
    venue: str | None = None


class Past(Database):
    """The database as a person of the demo finds it on a day of the past. `past` makes one."""

    def __init__(self, connection: Connection, people: Sequence[Acting]) -> None:
        """Speak over `connection`, whose transaction somebody else ends. There is no pool to set up."""
        self._connection = connection
        self._people = {person.id: (person, secrets.token_urlsafe(32)) for person in people}
        self._desk = ""
        self._instant: datetime | None = None
        self._acted: dict[str, datetime] = {}

    def at(self, instant: datetime) -> None:
        """Let it be `instant` from now on."""
        self._instant = instant
        self._owner(
            "INSERT INTO app.fixed_clock (instant, reason) VALUES (:instant, 'demo')"
            " ON CONFLICT (only_row) DO UPDATE SET instant = excluded.instant",
            instant=instant,
        )

    def become(self, person: str) -> None:
        """Let this person act from now on, by id, at their desk. KeyError for somebody who was not let in."""
        acting, token = self._people[person]
        if self._instant is not None:
            self._acted[person] = self._instant
        if acting.desk != self._desk:
            self._leave_desk()
            # Who is connected is a desk by the name of the role, and one role is one desk.
            self._owner(
                "UPDATE auth.devices SET role_name = session_user WHERE id = CAST(:desk AS uuid)",
                desk=acting.desk,
            )
            self._desk = acting.desk
        self._say("SELECT set_config('nexus.token', :token, true)", token=token)

    def payout_of(self, venue: str, month: date) -> UUID:
        """The payout of a venue (by id) and month. Raises ValueError where there is none."""
        ((found,),) = self._owner(
            "SELECT id FROM public.venue_payouts"
            " WHERE venue_id = CAST(:venue AS uuid) AND payout_period_start = :month",
            venue=venue,
            month=month,
        )
        return UUID(str(found))

    def drafts(self) -> list[UUID]:
        """Every draft of an invoice, by its period and employer."""
        rows = self._owner(
            "SELECT i.id FROM public.invoices AS i JOIN public.corporates AS c ON c.id = i.corporate_id"
            " WHERE i.status = 'draft' ORDER BY i.billing_period_start, c.company_name"
        )
        return [row[0] for row in rows]

    def invoice_of(self, corporate: str, month: date) -> UUID:
        """The invoice of an employer (by id) and month that stands. Raises ValueError where there is none."""
        ((found,),) = self._owner(
            "SELECT i.id FROM public.invoices AS i WHERE i.corporate_id = CAST(:corporate AS uuid)"
            " AND i.billing_period_start = :month AND i.status <> 'cancelled'",
            corporate=corporate,
            month=month,
        )
        return UUID(str(found))

    def items_about(self, events: Sequence[UUID]) -> list[UUID]:
        """What a manager still has to decide about these events, in their order."""
        rows = self._owner(
            "SELECT r.id FROM public.review_items AS r WHERE r.event_id = ANY (:events) AND r.resolved_at IS NULL"
            " ORDER BY array_position(:events, r.event_id)",
            events=list(events),
        )
        return [row[0] for row in rows]

    def say_who_issues(self) -> None:
        """Give the platform an address on its papers, where nobody has changed the setting."""
        self._owner(
            "UPDATE public.platform_settings SET value = CAST(:issuer AS jsonb)"
            " WHERE key = 'invoice_issuer' AND value -> 'address' = '[]' AND value ->> 'tax_id' = ''",
            issuer=json.dumps(_ISSUER),
        )

    def deliver(self) -> None:
        """What the worker does with messages and invoices that wait: hand them to a mail server, which takes them."""
        self._worker(
            "SELECT notify.handing(m.id, m.lease), notify.delivered(m.id, 'demo') FROM notify.claim(500) AS m"
        )
        self._worker(
            "SELECT app.invoice_mail_handing(m.id, m.lease), app.invoice_mail_delivered(m.id)"
            " FROM app.invoice_mail_claim(500) AS m"
        )

    def mark_overdue(self) -> None:
        """What the worker does with invoices at night."""
        self._worker("SELECT app.job_mark_overdue()")

    def version_of(self, venue: str) -> int:
        """The version of a venue (by id) as it is now. Raises ValueError where there is none."""
        ((found,),) = self._owner(
            "SELECT version FROM public.venues WHERE id = CAST(:venue AS uuid)", venue=venue
        )
        return int(found)

    def watch_papers(self) -> None:
        """What the worker does with papers that end."""
        self._worker("SELECT app.job_watch_compliance()")

    def score_week(self, week: date) -> None:
        """What the worker does with scores when a week, by its Monday, is over everywhere."""
        self._worker("SELECT scores.compute(:week)", week=week)

    def score_again(self) -> None:
        """What the worker does with scores every day: what is due, and what later facts make of the last weeks."""
        self._worker("SELECT app.job_compute_scores()")

    def score_of(self, venue: str, week: date) -> UUID:
        """The newest score of a venue (by id) for a week. Raises ValueError where there is none."""
        ((found,),) = self._owner(
            "SELECT id FROM public.venue_performance_scores WHERE venue_id = CAST(:venue AS uuid)"
            " AND score_week_start = :week ORDER BY revision DESC LIMIT 1",
            venue=venue,
            week=week,
        )
        return UUID(str(found))

    def count(self, tables: Sequence[str]) -> dict[str, int]:
        """How many rows each table has, by its name as it was given."""
        return {
            name: self._owner(f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608 - the loader's own names
            for name in tables
        }

    def _let_in(self, since: datetime, until: datetime) -> None:
        self._owner("SET LOCAL client_min_messages = warning")
        for person, token in self._people.values():
            self._owner(
                "INSERT INTO auth.devices (id, role_name, name, venue_id, enrolled_at)"
                " VALUES (CAST(:desk AS uuid), :role, :name, CAST(:venue AS uuid), :since) ON CONFLICT DO NOTHING",
                desk=person.desk,
                role=_login(person.desk),
                name=person.desk_name,
                venue=person.venue,
                since=since,
            )
            self._owner(
                "INSERT INTO auth.person_sessions (id, user_id, device_id, token_hash, issued_at, expires_at) VALUES"
                " (md5('demo session ' || :person || CAST(:desk AS text))::uuid, CAST(:person AS uuid),"
                " CAST(:desk AS uuid), :hash, :since, :until)",
                person=person.id,
                desk=person.desk,
                hash=sha256(token.encode()).digest(),
                since=since,
                until=until + timedelta(days=1),
            )

    def _let_out(self, until: datetime) -> None:
        # Whoever logs in as the administrator is no desk again.
        self._leave_desk()
        for person, _ in self._people.values():
            # A venue's file says when somebody was last there.
            self._owner(
                "UPDATE auth.person_sessions SET issued_at = coalesce(:seen, issued_at), revoked_at = :until,"
                " revoked_why = 'signed_out' WHERE user_id = CAST(:person AS uuid)"
                " AND device_id = CAST(:desk AS uuid) AND revoked_at IS NULL",
                seen=self._acted.get(person.id),
                until=until,
                person=person.id,
                desk=person.desk,
            )

    def _leave_desk(self) -> None:
        if self._desk:
            self._owner(
                "UPDATE auth.devices SET role_name = :role WHERE id = CAST(:desk AS uuid)",
                role=_login(self._desk),
                desk=self._desk,
            )

    def _owner(self, statement: str, **parameters: object) -> Sequence[Row[Any]]:
        # For looking things up and setting things up, not for getting round a rule.
        return self._as("console_owner", statement, parameters)

    def _worker(self, statement: str, **parameters: object) -> Sequence[Row[Any]]:
        return self._as("console_jobs", statement, parameters)

    async def fetch(
        self, statement: Executable | str, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Every row of one statement, as whoever acts. Nothing is waited for. Raises ConsoleErrors only."""
        try:
            return self._rows(statement, parameters or {})
        except (exc.SQLAlchemyError, psycopg.Error, OSError) as error:
            raise translate(error) from error

    def _as(self, role: str, statement: str, parameters: Mapping[str, object]) -> Sequence[Row[Any]]:
        self._say(f"SET LOCAL ROLE {role}")
        found = self._rows(statement, parameters)
        self._say("SET LOCAL ROLE console_api")
        return found

    def _rows(self, statement: Executable | str, parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        executable = text(statement) if isinstance(statement, str) else statement
        result = self._connection.execute(executable, parameters)
        return result.fetchall() if result.returns_rows else []

    def _say(self, statement: str, **parameters: object) -> None:
        self._connection.execute(text(statement), parameters)


@contextmanager
def past(
    admin_dsn: str, people: Sequence[Acting], *, seed: int, since: datetime, until: datetime
) -> Iterator[Past]:
    """The past of a demo, in one transaction that is committed where nothing is raised.

    `people` act from `since` to `until`, at desks that are enrolled for it. Raises ConsoleErrors.
    """
    # Opened by hand, because an administrator's address need not be one a desk may use.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _opened(admin_dsn),
        poolclass=pool.NullPool,
        use_native_hstore=False,
    )
    try:
        with engine.connect() as connection, connection.begin():
            found = Past(connection, people)
            stood = found._owner("SELECT instant, reason FROM app.fixed_clock")
            found._let_in(since, until)
            _name_rows(found, seed)
            yield found
            found._let_out(until)
            for table in _NAMED_BY:
                found._owner(f"DROP TRIGGER demo_id ON public.{table}")
            found._owner("DROP FUNCTION app.demo_id()")
            found._owner("DELETE FROM app.fixed_clock")
            for row in stood:
                found._owner("INSERT INTO app.fixed_clock VALUES (true, :instant, :reason)", **row._mapping)
    except (exc.SQLAlchemyError, psycopg.Error) as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def _login(desk: str) -> str:
    # No role has this name, so nobody can log in as this desk.
    return f"nexus_demo_{desk.replace('-', '')[:12]}"


def _opened(admin_dsn: str) -> psycopg.Connection[Any]:
    connection = connect(admin_dsn)
    connection.autocommit = False
    return connection


def _name_rows(found: Past, seed: int) -> None:
    found._owner(_ID_FUNCTION)
    for table, columns in _NAMED_BY.items():
        words = ", ".join(f"'{word}'" for word in (f"nexus-demo-{seed}", *columns))
        found._owner(
            f"CREATE TRIGGER demo_id BEFORE INSERT ON public.{table}"
            f" FOR EACH ROW EXECUTE FUNCTION app.demo_id({words})"
        )
