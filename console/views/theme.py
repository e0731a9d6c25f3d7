"""One theme object that every widget, delegate and the style sheet read.

A `Theme` is the tokens seen in one mode (light or dark), turned into Qt's own types and cached: colours,
fonts, icon pixmaps, measures, durations. A `ThemeHub` holds the present one and tells every widget when it
changes. Nothing else in the program names a colour. See docs/design.md, "Screens".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from console import paths
from console.views import fonts
from console.views.tokens import Mode, Tokens, scale, tokens

# Large type is set a hair tighter, as its families are drawn for text sizes.
_TIGHT_FROM = 20

# A mark on the application that has our base style: given once more, it would style every widget anew, and under a
# style sheet the application does not tell its style's name.
_STYLED = "nexus_styled"

# These stay when motion is reduced: they are time to read, not movement.
_READING_TIMES = frozenset({"bandHold", "toast", "skeletonDelay", "doubleScanQuiet"})


class Theme:
    """The design language in one mode."""

    def __init__(
        self,
        mode: Mode = "light",
        *,
        reduced_motion: bool = False,
        families: Sequence[str] | None = None,
        text_percent: int = 100,
        stretch: int = 100,
    ) -> None:
        """Read the tokens for `mode`, with text and what holds it at `text_percent` of their usual size.

        `families` and `stretch` (112: every letter 12 % wider) stand for other platforms' fonts, in tests.
        """
        self.mode: Mode = mode
        self.reduced_motion = reduced_motion
        self.text_percent = text_percent
        self.tokens: Tokens = tokens().scaled(text_percent)
        self._stretch = stretch
        self._families = list(families) if families else None
        self._colors: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, int | None, bool], QFont] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}

    # -- colour --------------------------------------------------------------------------------------------

    def hex(self, path: str) -> str:
        """A token colour as `#RRGGBB`; what already is one comes back unchanged."""
        return path if path.startswith("#") else self.tokens.hex(self.mode, path)

    def color(self, path: str) -> QColor:
        """A token colour such as `green.solid`, its opacity included. Do not change the returned object."""
        found = self._colors.get(path)
        if found is None:
            found = QColor(self.hex(path))
            if not path.startswith("#"):
                found.setAlphaF(self.tokens.alpha(self.mode, path))
            self._colors[path] = found
        return found

    # -- type ----------------------------------------------------------------------------------------------

    def font(self, step: str = "body", weight: int | None = None, *, mono: bool = False) -> QFont:
        """A font of the type scale (`caption`, `label`, `body`, `name`, ...), figures tabular.

        Treat it as read-only.
        """
        key = (step, weight, mono)
        found = self._fonts.get(key)
        if found is None:
            size = self.tokens.type(step)
            found = QFont()
            found.setFamilies(list(fonts.mono_families()) if mono else self._text_families())
            found.setPixelSize(size["px"])
            found.setStretch(self._stretch)
            found.setWeight(QFont.Weight(weight if weight is not None else size["weight"]))
            found.setFeature(QFont.Tag("tnum"), 1)
            if size["px"] >= _TIGHT_FROM:
                found.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 99)
            self._fonts[key] = found
        return found

    def line(self, step: str) -> int:
        """The line height of a step of the type scale, in pixels."""
        return self.tokens.type(step)["line"]

    def _text_families(self) -> list[str]:
        return self._families or list(fonts.text_families())

    # -- icons ---------------------------------------------------------------------------------------------

    def pixmap(self, name: str, color: str, size: int, ratio: float | None = None) -> QPixmap:
        """An icon such as `ph.check-bold`, drawn once per name, colour, size and device pixel ratio.

        `size` is the edge in logical pixels. Without `ratio` the sharpest screen's is used.
        """
        if ratio is None:
            ratio = max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
        key = (name, color, size, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._draw(name, self.color(color), size, ratio)
            self._pixmaps[key] = found
        return found

    def icon(self, name: str, color: str, size: int = 16, *, off: str = "text.disabled") -> QIcon:
        """The same icon for Qt's own buttons and actions, with the colour it has while switched off."""
        icon = QIcon(self.pixmap(name, color, size))
        icon.addPixmap(self.pixmap(name, off, size), QIcon.Mode.Disabled)
        return icon

    def paint_icon(self, painter: QPainter, name: str, color: str, rect: QRectF, size: int) -> None:
        """Draw an icon centred in `rect` on whole pixels, at the painter's own pixel ratio."""
        pixmap = self.pixmap(name, color, size, painter.device().devicePixelRatio())
        left = round(rect.center().x() - size / 2)
        top = round(rect.center().y() - size / 2)
        painter.drawPixmap(QPointF(left, top), pixmap)

    @staticmethod
    def _draw(name: str, color: QColor, size: int, ratio: float) -> QPixmap:
        glyph = fonts.icon_glyph(name)  # before there is a painter: an error must not leave one open
        pixmap = QPixmap(QSize(size, size) * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.setFont(fonts.icon_font(size))
        painter.setPen(color)
        painter.drawText(QRectF(0, 0, size, size), int(Qt.AlignmentFlag.AlignCenter), glyph)
        painter.end()
        return pixmap

    # -- measures ------------------------------------------------------------------------------------------

    def size(self, path: str) -> int:
        """A measure in logical pixels, such as `row.roster`."""
        return self.tokens.size(path)

    def scaled(self, pixels: float) -> int:
        """A length of a painted widget's own that holds text, at the present text size."""
        return scale(pixels, self.text_percent)

    def space(self, steps: float) -> int:
        """A distance on the 8 px grid."""
        return self.tokens.space(steps)

    def radius(self, name: str) -> int:
        """A corner radius in logical pixels."""
        return self.tokens.radius(name)

    def duration(self, name: str) -> int:
        """Milliseconds; 0 for everything that only moves when motion is reduced."""
        return 0 if self.reduced_motion and name not in _READING_TIMES else self.tokens.duration(name)

    @property
    def easing(self) -> QEasingCurve:
        """The one easing of the product."""
        return QEasingCurve(QEasingCurve.Type.OutCubic)

    # -- the whole application -----------------------------------------------------------------------------

    def palette(self) -> QPalette:
        """The palette that everything not covered by the style sheet is painted with."""
        role = QPalette.ColorRole
        pairs = {
            role.Window: "surface.canvas",
            role.WindowText: "text.primary",
            role.Base: "surface.canvas",
            role.AlternateBase: "surface.canvas",
            role.Text: "text.primary",
            role.PlaceholderText: "text.muted",
            role.Button: "surface.raised",
            role.ButtonText: "text.primary",
            role.BrightText: "text.inverse",
            role.Highlight: "accent.fill",
            role.HighlightedText: "accent.onFill",
            role.Accent: "accent.fill",
            role.ToolTipBase: "surface.inverse",
            role.ToolTipText: "text.inverse",
            role.Link: "accent.text",
            role.LinkVisited: "accent.text",
            role.Light: "surface.raised",
            role.Midlight: "border.subtle",
            role.Mid: "border.default",
            role.Dark: "border.control",
            role.Shadow: "border.strong",
        }
        palette = QPalette()
        for key, path in pairs.items():
            palette.setColor(key, self.color(path))
        off = QPalette.ColorGroup.Disabled
        for key in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
            palette.setColor(off, key, self.color("text.disabled"))
        return palette

    def style_sheet(self) -> str:
        """The style sheet of the product with every `{{token}}` replaced."""
        template = (paths.resources_dir() / "style" / "console.qss").read_text(encoding="utf-8")
        return re.sub(r"\{\{([\w.]+)\}\}", lambda found: self._qss_value(found.group(1)), template)

    def _qss_value(self, path: str) -> str:
        kind, _, rest = path.partition(".")
        if kind == "px":
            return f"{self.tokens.type(rest)['px']}px"
        if kind == "size":
            return f"{self.size(rest)}px"
        if kind == "inner":  # a control's height without its edges: {{inner.desk.2}}
            name, _, edges = rest.partition(".")
            return f"{self.size(f'control.{name}') - int(edges)}px"
        if kind == "scaled":
            return f"{self.scaled(int(rest))}px"
        if kind == "radius":
            return f"{self.radius(rest)}px"
        return self.hex(path)

    def apply(self, app: QApplication) -> None:
        """Give the application this theme: style, font, palette and style sheet."""
        if app.property(_STYLED) is None:
            app.setStyle("Fusion")
            app.setProperty(_STYLED, True)
        if app.font() != self.font("body"):
            app.setFont(self.font("body"))
        app.setPalette(self.palette())
        sheet = self.style_sheet()
        if app.styleSheet() != sheet:  # every widget is styled anew, so not without need
            app.setStyleSheet(sheet)


class ThemeHub(QObject):
    """The present theme, and the news that it changed. One per application, given to every widget."""

    changed = Signal()

    def __init__(
        self,
        mode: Mode = "light",
        *,
        reduced_motion: bool = False,
        families: Sequence[str] | None = None,
        text_percent: int = 100,
        stretch: int = 100,
        parent: QObject | None = None,
    ) -> None:
        """Start in `mode` at a text size; nothing is applied to the application before `apply`.

        `families` and `stretch` are for tests, as in `Theme`.
        """
        super().__init__(parent)
        self._families = tuple(families) if families else None
        self._stretch = stretch
        self._wanted: Callable[[], bool] = lambda: False
        self._made: dict[tuple[Mode, bool, int], Theme] = {}
        self._theme = self._make(mode, reduced_motion, text_percent)

    @property
    def theme(self) -> Theme:
        """The theme to paint with now."""
        return self._theme

    @property
    def mode(self) -> Mode:
        """`light` or `dark`."""
        return self._theme.mode

    def apply(self) -> None:
        """Give the running application the present theme."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            self._theme.apply(app)

    @property
    def text_percent(self) -> int:
        """The size of text in percent of its usual one."""
        return self._theme.text_percent

    def set_mode(self, mode: Mode) -> None:
        """Switch to light or dark at once, everywhere."""
        self._switch(mode, self._theme.reduced_motion, self.text_percent)

    def toggle(self) -> None:
        """Switch to the other mode."""
        self.set_mode("light" if self.mode == "dark" else "dark")

    def set_reduced_motion(self, reduced: bool) -> None:
        """Stop or allow movement."""
        self._switch(self.mode, reduced, self.text_percent)

    def set_text_percent(self, percent: int) -> None:
        """Show text, and every row and control that holds it, larger or smaller at once."""
        self._switch(self.mode, self._theme.reduced_motion, percent)

    def follow_system(self, wanted: Callable[[], bool]) -> None:
        """Change with the operating system between light and dark, as long as `wanted`: nobody chose one here."""
        self._wanted = wanted
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def _system_changed(self) -> None:
        if self._wanted():
            self.set_mode(system_mode())

    def _switch(self, mode: Mode, reduced: bool, percent: int) -> None:
        chosen = self._make(mode, reduced, percent)
        if chosen is not self._theme:
            self._theme = chosen
            self.apply()
            self.changed.emit()

    def _make(self, mode: Mode, reduced: bool, percent: int) -> Theme:
        key = (mode, reduced, percent)
        if key not in self._made:
            self._made[key] = Theme(
                mode,
                reduced_motion=reduced,
                families=self._families,
                text_percent=percent,
                stretch=self._stretch,
            )
        return self._made[key]


def system_mode() -> Mode:
    """What the operating system asks for; light where it does not say."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"
