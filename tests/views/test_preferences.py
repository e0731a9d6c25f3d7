"""What a workstation remembers of its own set-up: kept over a restart, and damage counts as the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.views.preferences import Preferences

DEFAULTS: dict[str, object] = {
    "mode": None,
    "rail_collapsed": False,
    "printer": "",
    "label_printer": "",
    "label_size": "62x29",
    "labels_on_check_in": False,
    "sound": True,
    "volume": 70,
    "text_percent": 100,
    "lock_minutes": 10,
    "last_desk": {},
    "recent": [],
}

CHOSEN: dict[str, object] = {
    "mode": "dark",
    "rail_collapsed": True,
    "printer": "Office, 2nd floor",
    "label_printer": "Zebra ÄÖ",
    "label_size": "89x36",
    "labels_on_check_in": True,
    "sound": False,
    "volume": 35,
    "text_percent": 150,
    "lock_minutes": 0,
    "last_desk": {"name": "Front desk 1, Ост", "timezone": "Asia/Bishkek"},
    "recent": ["area:today", "child:1"],
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_choice_has_a_default_and_is_there_after_a_restart(tmp_path: Path, name: str) -> None:
    file = tmp_path / "window.ini"
    first = Preferences(file)
    assert getattr(first, name) == DEFAULTS[name]
    setattr(first, name, CHOSEN[name])
    del first  # the file is written when its reader goes
    assert getattr(Preferences(file), name) == CHOSEN[name]


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("value", ["nonsense", "101", "-1", "", "a, b", "³", "[1, 2"])
def test_a_damaged_value_counts_as_the_default(tmp_path: Path, name: str, value: str) -> None:
    file = tmp_path / "window.ini"
    file.write_text(f"[General]\n{name}={value}\n", encoding="utf-8")
    any_name = name in ("printer", "label_printer") and "," not in value
    assert getattr(Preferences(file), name) == (value if any_name else DEFAULTS[name])


def test_the_latest_twenty_are_recent_each_once(tmp_path: Path) -> None:
    kept = Preferences(tmp_path / "window.ini")
    kept.recent = ["a", "b", "a", *(f"k{number}" for number in range(30))]
    assert kept.recent[:3] == ["a", "b", "k0"]
    assert len(kept.recent) == 20


def test_each_list_has_its_own_saved_filters(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    kept = Preferences(file)
    assert kept.filters("bookings") == []
    kept.save_filters("bookings", [{"name": "Unpaid", "columns": {"state": "owed"}}])
    kept.save_filters("venues", [{"name": "All"}])
    kept.save_filters("venues", [{"name": "Active"}])
    del kept
    again = Preferences(file)
    assert again.filters("bookings") == [{"name": "Unpaid", "columns": {"state": "owed"}}]
    assert again.filters("venues") == [{"name": "Active"}]


@pytest.mark.parametrize("text", ["[1]", '{"bookings": 3}', '{"bookings": ["x"]}', "broken"])
def test_damaged_filters_are_no_filters(tmp_path: Path, text: str) -> None:
    file = tmp_path / "window.ini"
    escaped = text.replace('"', '\\"')
    file.write_text(f'[General]\nfilters="{escaped}"\n', encoding="utf-8")
    assert Preferences(file).filters("bookings") == []
