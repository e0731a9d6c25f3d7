"""Fonts and the icon font, found without shipping a font file of our own.

Text uses the best family the platform has; where it has none at all (a bare container draws boxes), the
DejaVu Sans that comes inside matplotlib's package is loaded, without importing matplotlib, which would cost
200 ms. Icons are Phosphor glyphs out of qtawesome's package, drawn straight from its font file: importing
qtawesome itself would load eleven icon fonts to use one. See docs/design.md, "Runtime".
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

from console.errors import BugError
from console.views.tokens import tokens


@lru_cache(maxsize=1)
def text_families() -> tuple[str, ...]:
    """The families text is set in.

    Those of the design that this machine has, best first. Needs an application.
    """
    return _present(tokens().families()) or _load_fallback("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


@lru_cache(maxsize=1)
def mono_families() -> tuple[str, ...]:
    """The families codes and addresses are set in. Needs an application."""
    return _present(tokens().families(mono=True)) or _load_fallback("DejaVuSansMono.ttf")


@lru_cache(maxsize=1)
def _icon_font() -> tuple[str, dict[str, str]]:
    folder = _package_folder("qtawesome") / "fonts"
    font = next(iter(sorted(folder.glob("phosphor-[0-9]*.ttf"))), None)
    names = next(iter(sorted(folder.glob("phosphor-charmap-*.json"))), None)
    if font is None or names is None:
        raise BugError("The icon font is missing from this installation.", hint="Install the console again.")
    loaded = QFontDatabase.addApplicationFont(str(font))
    families = QFontDatabase.applicationFontFamilies(loaded) if loaded >= 0 else []
    if not families:
        raise BugError("The icon font cannot be read.", hint="Install the console again.")
    return families[0], json.loads(names.read_text(encoding="utf-8"))


def icon_font(pixels: int) -> QFont:
    """The icon font at a size: one glyph is exactly `pixels` square."""
    font = QFont(_icon_font()[0])
    font.setPixelSize(pixels)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def icon_glyph(name: str) -> str:
    """The character of an icon such as `ph.check-bold`.

    Raises KeyError for a name that Phosphor does not have.
    """
    prefix, _, glyph = name.partition(".")
    if prefix != "ph":
        raise KeyError(name)
    return chr(int(_icon_font()[1][glyph], 16))


def _present(wanted: list[str]) -> tuple[str, ...]:
    have = set(QFontDatabase.families())
    return tuple(family for family in wanted if family in have)


def _load_fallback(*files: str) -> tuple[str, ...]:
    folder = _package_folder("matplotlib") / "mpl-data" / "fonts" / "ttf"
    families: list[str] = []
    for file in files:
        loaded = QFontDatabase.addApplicationFont(str(folder / file))
        if loaded >= 0:
            families += QFontDatabase.applicationFontFamilies(loaded)
    if not families:
        raise BugError("No font can be found to draw text with.", hint="Install a font such as DejaVu Sans.")
    return tuple(dict.fromkeys(families))


def _package_folder(name: str) -> Path:
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise BugError("Part of this installation is missing.", hint="Install the console again.")
    return Path(next(iter(found.submodule_search_locations)))
