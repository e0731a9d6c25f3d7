"""Every background job: one declaration each, and nothing else has to know it.

A job is a function of the database that does all of its work in one transaction and answers how much there was, or a
coroutine for what a database cannot do. Each may run again at any moment, be killed at any moment, and finds nothing
to do the second time. See docs/design.md, "Layout" (worker).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import time

from console.storage.worker import WorkerDatabase


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many minutes, at the multiples of them."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at this time in UTC; a worker that did not run then does it when it starts."""

    at: time


@dataclass(frozen=True, slots=True)
class Did:
    """What a coroutine did: about how many things, and in words. `amount` 0 is "nothing to do"."""

    amount: int
    words: str


Work = Callable[[WorkerDatabase], Awaitable[Did]]


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    `title` is what the screen calls it. `does` is the name of a function of the database, which answers a number, or
    a coroutine. `counted` are the words for one and for several of that number, as in "3 sessions made."; a job that
    counts nothing has `instead`. `timeout_seconds` is how long a run may take. `woken_by` is a channel of the database
    on which somebody says that there is work now.
    """

    name: str
    title: str
    when: Every | Daily
    does: str | Work
    counted: tuple[str, str] = ("row", "rows")
    instead: str = "There was nothing to do."
    timeout_seconds: float = 120.0
    woken_by: str = ""

    def words(self, amount: int) -> str:
        """What a run did."""
        if amount == 0:
            return self.instead
        return f"{amount:,} {self.counted[0] if amount == 1 else self.counted[1]}."

    def declared(self) -> dict[str, object]:
        """The job as the database's schedule knows it."""
        if isinstance(self.when, Every):
            return {"name": self.name, "title": self.title, "every_minutes": self.when.minutes}
        return {"name": self.name, "title": self.title, "daily_at": f"{self.when.at:%H:%M}"}


async def _deliver_mail(database: WorkerDatabase) -> Did:
    # Loaded at the first round: starting a worker does not wait for it.
    from console import settings
    from console.storage.secrets import open_store
    from console.worker import mail, smtp_settings

    server = await asyncio.to_thread(
        lambda: smtp_settings.from_environment(secret=lambda name: open_store(settings.load()).get(name))
    )
    done = await mail.deliver(database.dsn, server)
    return Did(done.sent + done.later + done.refused + done.uncertain, done.said)


async def _send_transfers(database: WorkerDatabase) -> Did:
    from console.worker import transfer_settings, transfers

    done = await transfers.send(database.dsn, await asyncio.to_thread(transfer_settings.load))
    return Did(done.amount, done.said)


async def _poll_transfers(database: WorkerDatabase) -> Did:
    from console.worker import transfer_settings, transfers

    done = await transfers.poll(database.dsn, await asyncio.to_thread(transfer_settings.load))
    return Did(done.amount, done.said)


async def _send_invoices(database: WorkerDatabase) -> Did:
    from console.worker import invoice_mail, smtp_settings

    done = await invoice_mail.deliver(database.dsn, await asyncio.to_thread(smtp_settings.load))
    return Did(done.sent + done.later + done.refused + done.uncertain, done.said)


async def _keep_statements(database: WorkerDatabase) -> Did:
    from console.worker import statements

    done = await statements.keep(database)
    return Did(done.kept + done.unsound, done.said)


# The daily jobs have minutes of their own: none has to wait for another.
JOBS: tuple[Job, ...] = (
    Job(
        "generate_sessions", "Make the sessions of every series", Every(60), "app.job_generate_sessions",
        ("session made", "sessions made"), timeout_seconds=600,
    ),
    Job(
        "release_inventory", "Give unsold platform places back", Every(15), "app.job_release_inventory",
        ("session has its unsold places back", "sessions have their unsold places back"),
    ),
    Job(
        "expire_offers", "Pass waitlist offers on", Every(1), "app.job_expire_offers",
        ("offer ran out", "offers ran out"),
    ),
    Job(
        "nightly_close", "Close sessions that nobody closed", Every(15), "app.job_nightly_close",
        ("session closed", "sessions closed"),
    ),
    Job(
        "deliver_mail", "Send messages by mail", Every(1), _deliver_mail, timeout_seconds=300, woken_by="nexus_mail",
    ),
    Job(
        "send_transfers", "Pay venues by transfer", Every(5), _send_transfers, timeout_seconds=300,
        woken_by="nexus_transfers",
    ),
    Job(
        "poll_transfers", "See which transfers have arrived", Every(5), _poll_transfers, timeout_seconds=300,
    ),
    Job("keep_statements", "Keep the statements of payouts", Every(5), _keep_statements, timeout_seconds=600),
    Job(
        "send_invoices", "Send invoices by mail", Every(1), _send_invoices, timeout_seconds=300,
        woken_by="nexus_invoices",
    ),
    Job(
        "make_invoice_drafts", "Draft the invoices that are due", Daily(time(0, 40)), "app.job_make_invoice_drafts",
        ("draft made", "drafts made"), timeout_seconds=600,
    ),
    Job(
        "mark_overdue", "Call unpaid invoices overdue", Daily(time(0, 50)), "app.job_mark_overdue",
        ("invoice is overdue", "invoices are overdue"),
    ),
    Job(
        "watch_compliance", "Watch what venues have to renew", Every(60), "app.job_watch_compliance",
        ("reminder or change", "reminders and changes"), timeout_seconds=600,
    ),
    Job(
        "refresh_dashboard", "Work out every parent's first screen", Every(15),
        "public.refresh_parent_dashboard_summary", instead="The first screens are up to date.",
        timeout_seconds=600,
    ),
    Job(
        "expire_credits", "Expire credits of billing periods that are over", Daily(time(0, 10)),
        "app.job_expire_credits", ("balance emptied", "balances emptied"),
    ),
    Job(
        "expire_invitations", "Expire invitations nobody answered", Daily(time(0, 20)),
        "public.expire_pending_invitations", ("invitation expired", "invitations expired"),
    ),
    Job(
        "expire_data_exports", "Withdraw data exports whose time is over", Every(60),
        "public.purge_expired_data_exports", ("export withdrawn", "exports withdrawn"),
    ),
    Job(
        "anonymise_children", "Anonymise children whose deletion is due", Daily(time(0, 30)),
        "public.purge_deleted_children", ("child anonymised", "children anonymised"), timeout_seconds=600,
    ),
    Job(
        "purge_audit_logs", "Remove old audit entries", Daily(time(2, 10)), "public.purge_old_audit_logs",
        ("entry removed", "entries removed"), timeout_seconds=600,
    ),
    Job(
        "purge_search_logs", "Remove old searches", Daily(time(2, 20)), "public.purge_old_search_logs",
        ("search removed", "searches removed"), timeout_seconds=600,
    ),
    Job(
        "purge_conversations", "Remove old conversations", Daily(time(2, 30)),
        "public.purge_old_chat_conversations", ("conversation removed", "conversations removed"),
        timeout_seconds=600,
    ),
    Job(
        "purge_tombstones", "Forget deletions every desk has heard of", Daily(time(2, 40)),
        "app.purge_old_tombstones", ("deletion forgotten", "deletions forgotten"), timeout_seconds=600,
    ),
    Job(
        "tidy_sign_ins", "Remove what finished sign-ins leave behind", Daily(time(2, 50)),
        "auth.tidy_sign_ins", ("trace removed", "traces removed"), timeout_seconds=600,
    ),
    Job(
        "check_books", "Check money and attendance", Daily(time(3, 30)), "app.job_check_books",
        ("issue is open", "issues are open"), "Everything agrees.", timeout_seconds=600,
    ),
    # Monday morning in every zone of America; elsewhere the week has been over for longer.
    Job(
        "compute_scores", "Work out the venues' scores", Daily(time(10, 30)), "app.job_compute_scores",
        ("score worked out", "scores worked out"), "Every score is up to date.", timeout_seconds=600,
    ),
    Job(
        "tidy_job_runs", "Forget old runs of these jobs", Daily(time(3, 0)), "app.purge_old_job_runs",
        ("run forgotten", "runs forgotten"),
    ),
)  # fmt: skip
