"""A new run asked for while its month still runs at some venue: told before it is made, and made without that venue.

docs/design.md, "Rules of the domain" (payouts): a month is one of the venue's own zone.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.domain.payouts import Caution
from console.views.payouts.run import RunSheet
from console.views.theme import ThemeHub
from tests.support import payout_samples as sample
from tests.support.qt import present
from tests.support.today_samples import NOW


async def test_a_month_that_still_runs_somewhere_is_told_before_it_is_asked_for(
    hub: ThemeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "warnings_of", lambda at: (Caution.NOT_OVER,) if at == 1 else ())
    gateway = sample.SamplePayouts(sample.neighbours())
    window = QWidget()
    present(window, 1240, 872)
    sheet = RunSheet(hub, window, gateway, clock=FixedClock(NOW))
    made: list[object] = []
    sheet.made.connect(made.append)
    sheet.open()
    await sheet.runner.settled()
    assert sheet.known.text() == "February is not over at 1 venue yet: leave out what is marked so, or wait."
    assert not sheet.make_button.isEnabled()
    sheet.make()
    await sheet.runner.settled()
    assert [one[0] for one in gateway.done] == ["preview"]
    sheet.which.choose("some")
    sheet.which.changed.emit("some")
    sheet.table.selectRow(1)
    assert "the month is not over yet" in sheet.about.text()
    QTest.keyClick(sheet.table, Qt.Key.Key_Space)
    assert sheet.make_button.isEnabled()
    sheet.make()
    await sheet.runner.settled()
    assert gateway.done[-1] == ("make", sample.FEBRUARY, 10)
    assert len(made) == 1
