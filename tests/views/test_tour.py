"""The tour: every state is registered once, and a run leaves what the index promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from console import paths
from console.errors import Unavailable
from console.tour import pictures, registry
from console.tour.scene import SIZE, Scene, TourClock
from console.tour.stage import AT


def test_every_state_has_a_name_of_its_own_and_says_what_it_shows() -> None:
    steps = registry.steps()
    names = [each.file_name("light") for each in steps]
    assert len(names) == len(set(names))
    assert all(" " not in name for name in names)
    assert all((each.take.__doc__ or "").strip() for each in steps)
    assert {"gallery", "connect", "sign-in", "today", "palette", "manager", "venue-finance"} <= {
        each.screen for each in steps
    }


def test_a_state_cannot_be_registered_twice() -> None:
    async def another(_scene: Scene) -> None:
        """Not the first of this name."""

    registry.steps()
    with pytest.raises(ValueError, match="already has gallery"):
        registry.step("gallery", "components")(another)


def test_the_tours_clock_types_without_growing_older() -> None:
    clock = TourClock(AT)
    clock.tick(0.2)
    assert clock.monotonic() == pytest.approx(0.2)
    assert clock.now() == AT


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be made"):
        pictures.make_folder(tmp_path / "file" / "below")


@pytest.mark.long
def test_a_whole_tour_leaves_every_picture_and_its_index(tmp_path: Path) -> None:
    from console.app import App

    said: list[str] = []
    taken = pictures.take_pictures(tmp_path, App, themes=("light",), say=said.append)
    index = json.loads((tmp_path / "index.json").read_text(encoding="utf-8"))
    assert [tmp_path / each["file"] for each in index] == taken
    assert len(taken) == len(registry.steps())
    assert set(index[0]) == {"file", "screen", "state", "theme", "role"}
    desks = paths.data_dir() / "desk"
    assert not desks.exists() or list(desks.iterdir()) == [], "nothing of the tour's desks is left"
    for file in taken:
        image = QImage(str(file))
        assert (image.width(), image.height()) == SIZE, file.name
