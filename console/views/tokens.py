"""The numbers and colours of the design language, read once from one file.

`resources/style/tokens.json` is the only place where a colour, a measure or a duration is written down. The
palette, the style sheet and every painted widget look their values up here, so that light and dark can
never drift apart. Plain Python: tests and reports may read it without Qt. See docs/design.md, "Screens".
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from console import paths

Mode = Literal["light", "dark"]
MODES: tuple[Mode, ...] = ("light", "dark")

# Measures that hold text: they grow with it. Widths of panels, discs and icons do not.
_HOLD_TEXT = frozenset(
    {
        *("railItem", "header", "statusBar", "tabStrip", "detailHeader", "decisionBar", "detailStrip"),
        *("row", "control", "outcomeBand", "chip", "badge", "hitMinimum"),
        *("calendar.lane", "calendar.block", "calendar.axis", "calendar.closedDay"),
    }
)


class Tokens:
    """Read-only look-ups by dotted path, such as `green.solid`, `row.roster` or `bandHold`."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Keep the parsed file; nothing is copied and nothing is changed."""
        self.data = data

    def hex(self, mode: Mode, path: str) -> str:
        """The colour at `path` in one mode as `#RRGGBB`.

        Raises KeyError for a name that is not in the file.
        """
        return str(self._at(self.data["color"][mode], path))

    def alpha(self, mode: Mode, path: str) -> float:
        """The opacity that stands beside a colour (`scrim` has `scrimAlpha`), 1.0 where there is none."""
        group, _, leaf = path.rpartition(".")
        place = self._at(self.data["color"][mode], group) if group else self.data["color"][mode]
        return float(place.get(f"{leaf}Alpha", 1.0))

    def size(self, path: str) -> int:
        """A measure in logical pixels, such as `rail` or `control.desk`."""
        return int(self._at(self.data["size"], path))

    def space(self, steps: float) -> int:
        """A distance on the 8 px grid: 0.5 is 4, 1 is 8, 3 is 24."""
        return int(self.data["space"][f"{steps:g}"])

    def radius(self, name: str) -> int:
        """The corner radius of `chip`, `control`, `card` or `dialog`."""
        return int(self.data["radius"][name])

    def icon(self, name: str) -> int:
        """The edge of an icon by its use: `chip`, `inline`, `rail`, `disc`, `band`, `empty`."""
        return int(self.data["icon"][name])

    def duration(self, name: str) -> int:
        """A duration in milliseconds."""
        return int(self.data["duration"][name])

    def type(self, name: str) -> dict[str, int]:
        """Pixel size, weight and line height of one step of the type scale."""
        step: dict[str, int] = self.data["type"]["scale"][name]
        return step

    def families(self, *, mono: bool = False) -> list[str]:
        """The font families in order of preference."""
        return list(self.data["type"]["mono" if mono else "family"])

    def state(self, name: str) -> dict[str, str]:
        """Colour group, icon and word of one attendance state."""
        found: dict[str, str] = self.data["state"][name]
        return found

    def outcome(self, name: str) -> dict[str, str]:
        """Colour group and icon of one outcome of a scan."""
        found: dict[str, str] = self.data["outcome"][name]
        return found

    def scaled(self, percent: int) -> Tokens:
        """The same tokens for text of another size: type, and every measure that holds text."""
        if percent == 100:
            return self
        steps = {
            name: {**step, "px": scale(step["px"], percent), "line": scale(step["line"], percent)}
            for name, step in self.data["type"]["scale"].items()
        }
        grown = _grown(self.data["size"], percent, "")
        return Tokens({**self.data, "type": {**self.data["type"], "scale": steps}, "size": grown})

    @staticmethod
    def _at(place: dict[str, Any], path: str) -> Any:  # noqa: ANN401  (a parsed file: the caller converts)
        *groups, leaf = path.split(".")
        for group in groups:
            place = place[group]
        return place[leaf]


def scale(pixels: float, percent: int) -> int:
    """A length that holds text, for text of `percent` of its usual size; whole pixels, halves upwards."""
    return int(pixels * percent / 100 + 0.5)


def _grown(group: dict[str, Any], percent: int, path: str) -> dict[str, Any]:
    grown: dict[str, Any] = {}
    for name, value in group.items():
        here = f"{path}.{name}" if path else name
        holds_text = here in _HOLD_TEXT or path in _HOLD_TEXT
        if isinstance(value, dict):
            grown[name] = _grown(value, percent, here)
        else:
            grown[name] = scale(value, percent) if holds_text else value
    return grown


def tokens_file() -> Path:
    """Where the tokens lie in this layout."""
    return paths.resources_dir() / "style" / "tokens.json"


@lru_cache(maxsize=1)
def tokens() -> Tokens:
    """The tokens of this installation."""
    return Tokens(json.loads(tokens_file().read_text(encoding="utf-8")))


def contrast(first: str, second: str) -> float:
    """The WCAG contrast ratio of two opaque `#RRGGBB` colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
