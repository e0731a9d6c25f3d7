"""A venue's month of bookings, paid and payable, for tests of statements: rows as the run of payouts leaves them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from console.services.statements import StatementService
from console.storage.database import Database as DeskDatabase
from console.storage.documents import DocumentQueries
from tests.support import factories
from tests.support.desk_world import Person, World

MONTH = date(2026, 2, 1)
NAMES = ("Zaphira", "Quillon", "Oberon", "Thessaly")


@dataclass
class Books:
    """A venue with a month of four bookings and a correction of the month before."""

    world: World
    payout: UUID
    earlier: UUID
    run: UUID
    people: list[DeskDatabase] = field(default_factory=list)

    def approve(self) -> None:
        """Let the run be paid, and send its payouts."""
        self.world.admin.execute(
            "UPDATE payout_runs SET state = 'approved', approved_at = app.now(), approved_by = made_by WHERE id = %s",
            [self.run],
        )
        self.world.admin.execute(
            """UPDATE venue_payouts SET status = 'processing', sent_at = app.now(), payment_reference = 'TRF-99120'
                WHERE id = %s""",
            [self.payout],
        )

    async def service(self, person: Person) -> StatementService:
        """The statements as somebody at a desk has them."""
        database = DeskDatabase(person.dsn)
        await database.set_token(person.token)
        self.people.append(database)
        return StatementService(DocumentQueries(database))


def payout(world: World, venue: UUID, period: date, run: UUID | None = None, **columns: object) -> UUID:
    """A pending payout without lines."""
    end = (period + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    made = uuid4()
    return factories.insert(
        world.admin,
        "venue_payouts",
        {
            "id": made, "venue_id": venue, "payout_period_start": period, "payout_period_end": end,
            "platform_fee_percentage": Decimal("17.50"), "run_id": run, **columns,
        },
    )  # fmt: skip


def line(world: World, of: UUID, at: int, booking: UUID, gross: str, fee: str, **columns: object) -> None:
    """One line of a payout."""
    factories.insert(
        world.admin,
        "payout_entries",
        {
            "payout_id": of, "venue_id": world.venue, "kind": "booking", "booking_id": booking, "position": at,
            "credits": int(Decimal(gross)), "gross": gross, "fee_share": fee, "reason": "attended", **columns,
        },
    )  # fmt: skip


def make_books(world: World) -> Books:
    """Four bookings of February, and a correction of one of January, which was paid."""
    world.admin.execute(
        "UPDATE venues SET payout_account_last_four = '4821', name = 'Riverside & Söhne' WHERE id = %s",
        [world.venue],
    )
    maker = factories.user(world.admin, role="venue_admin")
    run = factories.insert(
        world.admin, "payout_runs", {"id": uuid4(), "period_start": MONTH, "made_by": maker}
    )
    earlier = payout(world, world.venue, date(2026, 1, 1))
    old = world.booking(world.child("Xanthe"))
    line(world, earlier, 1, old, "14.00", "2.45")
    world.admin.execute(
        """UPDATE venue_payouts SET status = 'processing', gross_revenue = 14, platform_fee_amount = 2.45,
                  net_payout = 11.55, total_bookings = 1 WHERE id = %s""",
        [earlier],
    )
    made = payout(world, world.venue, MONTH, run)
    line(
        world,
        made,
        1,
        old,
        "-14.00",
        "-2.45",
        kind="adjustment",
        reason="refunded",
        adjusts_payout_id=earlier,
    )
    fees = ("2.63", "2.62", "2.63", "2.62")
    for at, (name, fee) in enumerate(zip(NAMES, fees, strict=True), 2):
        line(world, made, at, world.booking(world.child(name)), "15.00", fee)
    world.admin.execute(
        """UPDATE venue_payouts SET gross_revenue = 60, platform_fee_amount = 10.50, adjustments_amount = -11.55,
                  net_payout = 37.95, total_bookings = 4 WHERE id = %s""",
        [made],
    )
    return Books(world, made, earlier, run)
