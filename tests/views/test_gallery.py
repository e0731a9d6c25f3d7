"""The component sheet: whole in both modes, with every font, and written as pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel

from console.views.gallery import main, picture, render_gallery
from console.views.gallery_table import sample_table
from console.views.theme import ThemeHub
from console.views.tokens import MODES, Mode
from console.views.widgets.chips import Chip
from tests.support.qt import settle


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("families", [None, ["DejaVu Sans"]])
def test_the_sheet_fits_its_page(
    qapp: QApplication, hub: ThemeHub, mode: Mode, families: list[str] | None
) -> None:
    shown = ThemeHub(mode, families=families, reduced_motion=True)
    shown.apply()
    page = render_gallery(shown)
    settle(page, 1440, 900)
    image = picture(page).toImage()
    assert (image.width(), image.height()) == (1440, 900)
    assert image.pixelColor(720, 895).name() == shown.theme.color("surface.canvas").name()
    for chip in page.findChildren(Chip):
        assert chip.width() == chip.sizeHint().width(), chip.text()
    titles = {label.text() for label in page.findChildren(QLabel)}
    assert {"Buttons", "Inputs", "Chips and badges", "Attendance", "Outcome of a scan", "Empty"} <= titles
    hub.apply()


def test_the_sample_table_is_a_sound_model(hub: ThemeHub) -> None:
    table = sample_table(hub)
    tester = QAbstractItemModelTester(table.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    settle(table, 484, 255)
    assert table.model().rowCount() == 6
    tester.deleteLater()


def test_the_sheet_is_written_light_and_dark(hub: ThemeHub, tmp_path: Path) -> None:
    assert main(["--out", str(tmp_path / "pictures")]) == 0
    images = [QImage(str(tmp_path / "pictures" / f"gallery_{mode}.png")) for mode in MODES]
    assert [(image.width(), image.height()) for image in images] == [(1440, 900)] * 2
    assert images[0] != images[1]
    hub.apply()
