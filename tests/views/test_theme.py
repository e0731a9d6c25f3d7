"""One source of colours: complete, readable, and equal to the design's own file."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontDatabase, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from console.views import fonts
from console.views.theme import Theme, ThemeHub
from console.views.tokens import MODES, Mode, contrast, tokens, tokens_file

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT.parent / "shared" / "look" / "tokens.json"
# The design's file in canonical form. A change of a value is a change of the design: it is made there first.
CANONICAL = "70e29254880bbbdec0a53e4a12ac05caaf5b320f080b2d885735a6226738840f"

SURFACES = ("rail", "canvas", "panel", "raised", "sunken", "hover", "selected")
TONES = ("green", "amber", "red", "blue", "neutral")


def _pairs() -> list[tuple[str, str, float]]:
    """Every foreground and background that stand together, and the ratio they need."""
    pairs: list[tuple[str, str, float]] = []
    for surface in (f"surface.{name}" for name in SURFACES):
        pairs += [
            (text, surface, 4.5) for text in ("text.primary", "text.secondary", "text.muted", "accent.text")
        ]
        pairs += [(f"{tone}.text", surface, 4.5) for tone in TONES]
        pairs += [(f"{tone}.{part}", surface, 3.0) for tone, part in product(TONES, ("solid", "border"))]
        pairs += [("border.control", surface, 3.0), ("focus.ring", surface, 3.0)]
    for tone in TONES:
        pairs += [
            (ink, f"{tone}.bg", 4.5)
            for ink in (f"{tone}.text", "text.primary", "text.secondary", "accent.text")
        ]
        pairs += [(f"{tone}.onSolid", f"{tone}.solid", 4.5), (f"{tone}.border", f"{tone}.bg", 3.0)]
    pairs += [("accent.onFill", f"accent.{fill}", 4.5) for fill in ("fill", "fillHover", "fillPressed")]
    pairs += [("red.onSolid", f"red.{fill}", 4.5) for fill in ("solidHover", "solidPressed")]
    pairs += [(f"text.{ink}", "surface.inverse", 4.5) for ink in ("inverse", "inverseMuted", "inverseAction")]
    pairs += [("accent.text", "accent.bg", 4.5), ("accent.border", "accent.bg", 3.0)]
    pairs += [("text.secondary", "border.subtle", 4.5)]  # a hovered item of the rail
    return pairs


def test_the_tokens_are_the_designs_own() -> None:
    ours = json.loads(tokens_file().read_text(encoding="utf-8"))
    packed = json.dumps(ours, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(packed.encode()).hexdigest() == CANONICAL
    if DESIGN.exists():
        assert ours == json.loads(DESIGN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", MODES)
def test_everything_can_be_read(mode: Mode) -> None:
    failed = [
        f"{ink} on {ground}: {contrast(tokens().hex(mode, ink), tokens().hex(mode, ground)):.2f}"
        for ink, ground, needed in _pairs()
        if contrast(tokens().hex(mode, ink), tokens().hex(mode, ground)) < needed
    ]
    assert failed == []


def test_contrast_is_the_published_measure() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
    assert contrast("#FFFFFF", "#767676") == contrast("#767676", "#FFFFFF")


@pytest.mark.parametrize("mode", MODES)
def test_the_style_sheet_is_complete_and_parses(qapp: QApplication, mode: Mode) -> None:
    sheet = Theme(mode).style_sheet()
    assert "{{" not in sheet
    assert "surface.canvas" not in sheet
    assert tokens().hex(mode, "accent.fill") in sheet
    assert sheet.count("{") == sheet.count("}")
    label = QLabel("x")
    label.setStyleSheet(sheet)  # Qt warns about what it cannot parse, and a warning fails the test
    label.ensurePolished()


def test_no_module_names_a_colour_of_its_own() -> None:
    named = []
    for file in (ROOT / "console" / "views").rglob("*.py"):
        found = re.findall(r"#[0-9A-Fa-f]{6}\b", file.read_text(encoding="utf-8"))
        named += [f"{file.name}: {colour}" for colour in found]
    assert named == []


def test_every_icon_that_is_asked_for_exists(qapp: QApplication) -> None:
    asked = set()
    for file in (ROOT / "console").rglob("*.py"):
        asked |= set(re.findall(r"\"(ph\.[a-z0-9-]+)\"", file.read_text(encoding="utf-8")))
    asked |= {facts["icon"] for facts in tokens().data["state"].values()}
    asked |= {facts["icon"] for facts in tokens().data["outcome"].values()}
    missing = []
    for name in sorted(asked - {"ph.check-bold"}):
        try:
            fonts.icon_glyph(name)
        except KeyError:
            missing.append(name)
    assert missing == []
    assert len(asked) > 30
    for wrong in ("fa5s.check", "ph.no-such-icon"):
        with pytest.raises(KeyError):
            fonts.icon_glyph(wrong)


def test_an_icon_is_drawn_once_and_in_its_colour(qapp: QApplication) -> None:
    theme = Theme("light")
    first = theme.pixmap("ph.check-bold", "green.solid", 16, 2.0)
    assert theme.pixmap("ph.check-bold", "green.solid", 16, 2.0) is first
    assert (first.width(), first.devicePixelRatio()) == (32, 2.0)
    image = first.toImage()
    wanted = theme.color("green.solid").name()
    inked = {
        image.pixelColor(x, y).name()
        for x, y in product(range(32), range(32))
        if image.pixelColor(x, y).alpha() == 255
    }
    assert inked == {wanted}


def test_fonts_have_the_scale_and_even_figures(qapp: QApplication) -> None:
    theme = Theme("light")
    font = theme.font("name")
    assert (font.pixelSize(), font.weight()) == (15, QFont.Weight.DemiBold)
    assert theme.font("name") is font
    assert font.featureValue(QFont.Tag("tnum")) == 1
    assert theme.font("body", 600).weight() == QFont.Weight.DemiBold
    assert theme.line("name") == 20


def test_a_machine_without_fonts_gets_one(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFontDatabase, "families", list)
    fonts.text_families.cache_clear()
    fonts.mono_families.cache_clear()
    try:
        assert fonts.text_families() == ("DejaVu Sans",)
        assert fonts.mono_families() == ("DejaVu Sans Mono",)
    finally:
        fonts.text_families.cache_clear()
        fonts.mono_families.cache_clear()


def test_nothing_slow_is_imported_for_a_theme() -> None:
    check = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from console.views.theme import Theme\n"
        "from console.views import fonts\n"
        "fonts._load_fallback('DejaVuSans.ttf'); Theme().pixmap('ph.check', 'red.text', 16)\n"
        "print([name for name in ('matplotlib', 'qtawesome', 'sqlalchemy') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_switch_reaches_everyone(qapp: QApplication) -> None:
    hub = ThemeHub("light")
    hub.apply()
    news: list[str] = []
    hub.changed.connect(lambda: news.append(hub.mode))
    hub.set_mode("light")
    assert news == [], "nothing changed"
    hub.toggle()
    assert news == ["dark"]
    assert qapp.palette().window().color() == QColor(tokens().hex("dark", "surface.canvas"))
    button = QPushButton("Save")
    button.ensurePolished()
    hub.toggle()
    assert qapp.palette().window().color() == QColor(tokens().hex("light", "surface.canvas"))


def test_reduced_motion_keeps_the_time_to_read(qapp: QApplication) -> None:
    calm = Theme("light", reduced_motion=True)
    assert (calm.duration("panel"), calm.duration("hover"), calm.duration("skeletonPulse")) == (0, 0, 0)
    assert (calm.duration("bandHold"), calm.duration("toast")) == (1200, 8000)
    hub = ThemeHub("dark")
    hub.set_reduced_motion(True)
    assert (hub.mode, hub.theme.duration("panel")) == ("dark", 0)


def test_the_veil_has_its_opacity(qapp: QApplication) -> None:
    assert Theme("light").color("surface.scrim").alphaF() == pytest.approx(0.42, abs=0.01)
    assert Theme("light").color("surface.canvas").alpha() == 255


def test_icons_are_painted_on_whole_pixels(qapp: QApplication) -> None:
    theme = Theme("light")
    image = QImage(40, 40, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    theme.paint_icon(painter, "ph.square-fill", "red.solid", QRectF(0.4, 0.4, 31, 31), 16)
    painter.end()
    assert image.pixelColor(16, 16).name() == theme.color("red.solid").name()


def test_an_unknown_token_is_a_mistake(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        Theme("light").color("green.lime")
