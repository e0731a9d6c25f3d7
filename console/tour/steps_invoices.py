"""The tour of invoices, employers' accounts and parents' ledgers at headquarters.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from PySide6.QtCore import Qt

from console.tour.registry import step
from console.tour.scene import Scene

_FINANCE, _ADMIN = "platform_finance", "platform_admin"


@step("invoices", "list", role=_FINANCE)
async def every_invoice(scene: Scene) -> None:
    """The drafts of the month above what was issued, and what all come to."""
    await scene.enter_as(_FINANCE)
    scene.window.open_area("invoices")
    await scene.settle(1.0)


@step("invoices", "issue", role=_FINANCE)
async def issue(scene: Scene) -> None:
    """Issuing asks with the numbers; an invoice does not change any more."""
    await scene.press("Issue…")
    await scene.settle(0.3)


@step("invoices", "draft", role=_FINANCE)
async def draft(scene: Scene) -> None:
    """One draft with lines that somebody added: its sums, its document and its lines."""
    await scene.press("Not yet")
    await scene.key(Qt.Key.Key_F, ctrl=True)
    await scene.key(Qt.Key.Key_Return)
    await scene.key(Qt.Key.Key_Down, times=3)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.4)


@step("invoices", "edit", role=_FINANCE)
async def edit(scene: Scene) -> None:
    """Its lines as inputs, added up while they are typed."""
    await scene.key(Qt.Key.Key_E, ctrl=True)
    await scene.settle(0.4)


@step("invoices", "in part", role=_FINANCE)
async def in_part(scene: Scene) -> None:
    """An invoice of which a part was paid."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_Down, times=9)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.4)


@step("invoices", "credit note", role=_FINANCE)
async def credit_note(scene: Scene) -> None:
    """Cancelling asks with the numbers; what would be sent can be looked at first."""
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_Up, times=4)
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.0)
    await scene.key(Qt.Key.Key_Delete, ctrl=True)
    await scene.settle(0.3)


@step("invoices", "employers", role=_FINANCE)
async def employers(scene: Scene) -> None:
    """An employer's account."""
    await scene.press("Keep it")
    await scene.key(Qt.Key.Key_Escape)
    await scene.key(Qt.Key.Key_2, alt=True)
    await scene.settle(1.0)


@step("ledger", "empty", role=_ADMIN)
async def nobody_yet(scene: Scene) -> None:
    """Nobody is looked up before somebody is asked for."""
    await scene.enter_as(_ADMIN)
    scene.window.open_area("ledger")
    await scene.settle(0.4)


@step("ledger", "entries", role=_ADMIN)
async def entries(scene: Scene) -> None:
    """A parent's entries with the balance after each."""
    await scene.key(Qt.Key.Key_F, ctrl=True)
    await scene.type("son")
    await scene.key(Qt.Key.Key_Return)
    await scene.settle(1.0)


@step("ledger", "adjust", role=_ADMIN)
async def adjust(scene: Scene) -> None:
    """Credits are adjusted with a reason, after a look at the numbers."""
    await scene.key(Qt.Key.Key_E, ctrl=True)
    await scene.type("10")
    await scene.settle(0.3)
