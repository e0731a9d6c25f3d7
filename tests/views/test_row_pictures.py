"""Every state of the roster row, as a picture beside the stored one: a change of looks is seen, never slipped in.

The stored pictures are ours, painted in DejaVu Sans so that they do not depend on the machine's fonts. After a change
that is meant, `pytest tests/views/test_row_pictures.py --renew-pictures` stores them anew: look at each before it is
committed. Small differences of rasterising are let through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from console.domain.attendance import AttendanceState
from console.domain.desk import RosterEntry
from console.models.marks import Mark, Trouble
from console.models.roster import RosterModel, RosterRow
from console.views.front_desk.roster_delegate import RosterDelegate
from console.views.theme import ThemeHub
from console.views.tokens import MODES, Mode
from tests.support.today_samples import NOW, ZONE, at, booking_id, child, note

PICTURES = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 576, 56
PLAIN = QStyle.StateFlag.State_Enabled
CURRENT = PLAIN | QStyle.StateFlag.State_Selected
HOVERED = PLAIN | QStyle.StateFlag.State_MouseOver
_SEEN = {"state_at": at(15, 41), "state_desk": "Desk 1", "state_by": "Jonas"}


def nia(state: AttendanceState = AttendanceState.IN, **facts: object) -> RosterEntry:
    """A child with one allergy."""
    known = {"health": (note("Peanut", "Peanut allergy"),), **facts}
    if state is not AttendanceState.EXPECTED:
        known = {**_SEEN, **known}
    return child(9, "Nia", 7, "Dana", state, **known)


def row(entry: RosterEntry, mark: Mark | None = None) -> RosterRow:
    """The row as the model makes it."""
    model = RosterModel(ZONE)
    model.replace_all([entry])
    if mark is not None:
        model.set_mark(entry.booking_id, mark)
    return model.rows[0]


def kept(entry: RosterEntry) -> RosterRow:
    """The row of a booking as an event that waits on this desk leaves it."""
    model = RosterModel(ZONE)
    model.replace_all([nia(AttendanceState.EXPECTED)])
    model.keep(entry, UUID(int=1))
    return model.rows[0]


def refused(short: str) -> RosterRow:
    """The row of a booking about which the server refused an event of this desk."""
    model = RosterModel(ZONE)
    model.replace_all([nia(AttendanceState.EXPECTED)])
    model.set_troubles({booking_id(9): Trouble(UUID(int=1), short, "This booking was cancelled.", IN)})
    return model.rows[0]


def looks(state: str, word: str) -> RosterRow:
    """A row in a look that no roster makes by itself."""
    return replace(row(nia()), look=state, word=word)


IN, OUT = AttendanceState.IN, AttendanceState.OUT
LONG = child(
    9, "Maximiliana-Konstanze Wilhelmina Persephone", 7, "Antoinette-Marguerite", IN, **_SEEN,
    health=(note("Tree nuts", "Tree nut allergy"), note("Asthma", "Asthma"), note("Milk", "Milk allergy")),
)  # fmt: skip
CASES: dict[str, tuple[Callable[[], RosterRow], QStyle.StateFlag]] = {
    "expected": (lambda: row(nia(AttendanceState.EXPECTED)), PLAIN),
    "expected_hovered": (lambda: row(nia(AttendanceState.EXPECTED)), HOVERED),
    "in": (lambda: row(nia()), PLAIN),
    "in_current": (lambda: row(nia()), CURRENT),
    "out": (lambda: row(nia(OUT, collected_by="Dana")), PLAIN),
    "out_current": (lambda: row(nia(OUT, collected_by="Dana")), CURRENT),
    "absent": (lambda: row(nia(AttendanceState.ABSENT)), PLAIN),
    "unmarked": (lambda: row(nia(AttendanceState.UNMARKED)), PLAIN),
    "sending": (lambda: row(nia(AttendanceState.EXPECTED), Mark(IN, NOW)), PLAIN),
    "sending_slow": (lambda: row(nia(AttendanceState.EXPECTED), Mark(IN, NOW, slow=True)), CURRENT),
    "waiting": (lambda: kept(nia()), PLAIN),
    "waiting_current": (lambda: kept(nia()), CURRENT),
    "waiting_out": (lambda: kept(nia(OUT, collected_by="Dana")), PLAIN),
    "waiting_absent": (lambda: kept(nia(AttendanceState.ABSENT)), PLAIN),
    "waiting_undone": (lambda: kept(nia(AttendanceState.EXPECTED)), PLAIN),
    "cancelled": (lambda: looks("cancelled", "Cancelled"), PLAIN),
    "attention": (lambda: refused("cancelled 15:20"), PLAIN),
    "attention_current": (lambda: refused("not confirmed"), CURRENT),
    "long": (lambda: row(LONG), CURRENT),
}


def paint_row(hub: ThemeHub, shown: RosterRow, state: QStyle.StateFlag) -> QImage:
    """One row as the roster paints it."""
    model = RosterModel(ZONE)
    model.replace_all([shown.entry])
    model._rows[shown.entry.booking_id] = shown
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(hub.theme.color("surface.canvas"))
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, WIDTH, HEIGHT)
    option.state = state
    painter = QPainter(image)
    try:
        RosterDelegate(hub).paint(painter, option, model.index(0, 0, QModelIndex()))
    finally:
        painter.end()
    return image


def difference(one: QImage, other: QImage) -> float:
    """How different two pictures are: the share of pixels that clearly differ, at half size, from 0 to 1."""
    small = [
        image.convertToFormat(QImage.Format.Format_RGB32).scaled(
            WIDTH // 2,
            HEIGHT // 2,
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        for image in (one, other)
    ]
    first, second = (bytes(image.constBits()) for image in small)
    clear = sum(
        max(abs(first[at_byte + part] - second[at_byte + part]) for part in range(3)) > 40
        for at_byte in range(0, len(first), 4)
    )
    return clear / (len(first) / 4)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CASES)
def test_a_row_looks_as_it_did(hub: ThemeHub, request: pytest.FixtureRequest, name: str, mode: Mode) -> None:
    painted = ThemeHub(mode, families=["DejaVu Sans"])
    painted.apply()
    make, state = CASES[name]
    image = paint_row(painted, make(), state)
    hub.apply()
    stored = PICTURES / f"row_{name}_{mode}.png"
    if request.config.getoption("--renew-pictures"):
        PICTURES.mkdir(exist_ok=True)
        assert image.save(str(stored))
    before = QImage(str(stored))
    assert (before.width(), before.height()) == (WIDTH, HEIGHT), (
        f"{stored.name} is not stored: --renew-pictures"
    )
    assert difference(image, before) < 0.01


def test_every_look_of_the_tokens_has_a_picture(hub: ThemeHub) -> None:
    shown = {make().look for make, _state in CASES.values()}
    assert shown >= set(hub.theme.tokens.data["state"])


def test_another_state_is_no_small_difference(hub: ThemeHub) -> None:
    pictures = [paint_row(hub, CASES[name][0](), PLAIN) for name in ("in", "absent", "waiting", "expected")]
    for at_picture, one in enumerate(pictures):
        for other in pictures[at_picture + 1 :]:
            assert difference(one, other) > 0.015
