"""Charts as pictures: one description drawn for the screen, as PNG and as PDF, in the colours it is given.

matplotlib draws. Its settings are one for the whole process, so threads draw one after the other. It is
imported here when the first chart is wanted, because it takes a third of a second. See docs/design.md, "Screens",
"Runtime" and "Documents".
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from console.domain.charts import Chart, Measure, Tone, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 72.0
_drawing = threading.Lock()
_MOST_LABELS = 16
_MOST_LINES = 3
_SLANTED = 2.6  # room a slanted name needs beside the next, in letters' sizes
_SCALE = 4.5  # room of the numbers at the left, in letters' sizes
_SIGN = 3.6  # room of a measure's sign and of what is between two


@dataclass(frozen=True, slots=True)
class Look:
    """The colours a chart is drawn in, as `#RRGGBB`, and the family of its letters (its fallback is always there)."""

    background: str
    text: str
    muted: str
    grid: str
    tones: dict[Tone, str]
    tints: dict[Tone, str]
    family: str = "DejaVu Sans"
    text_scale: float = 1.0


PAPER = Look(
    background="#FFFFFF",
    text="#1B1E27",
    muted="#5F6677",
    grid="#E8EAF0",
    tones={
        "accent": "#4750C6",
        "green": "#1C7A4B",
        "amber": "#A5630A",
        "red": "#BD2F2A",
        "blue": "#14698F",
        "neutral": "#81889A",
    },
    tints={
        "accent": "#EDEFFC",
        "green": "#E4F4EA",
        "amber": "#FCF0D4",
        "red": "#FDEBE9",
        "blue": "#E2F1F8",
        "neutral": "#EEF0F4",
    },
)
"""How a chart looks on paper."""


def png(chart: Chart, look: Look, width: int, height: int, *, ratio: float = 1.0) -> bytes:
    """The chart as a PNG of `width` x `height` logical pixels, `ratio` device pixels for each."""
    return _draw(chart, look, width, height, format="png", dpi=_POINTS * ratio, metadata={"Software": None})


def pdf(chart: Chart, look: Look = PAPER, width: int = 842, height: int = 480) -> bytes:
    """The chart as one page of a PDF, its fonts embedded; the same chart gives the same bytes."""
    fixed = datetime(2000, 1, 1, tzinfo=UTC)
    metadata = {"Title": chart.title, "Creator": "Nexus Console", "Producer": None, "CreationDate": fixed}
    return _draw(chart, look, width, height, format="pdf", dpi=_POINTS, metadata=metadata)


def _draw(chart: Chart, look: Look, width: int, height: int, **how: object) -> bytes:
    import matplotlib as mpl

    options: Any = how
    rules: Any = {
        "font.family": list(dict.fromkeys([_family(look.family), "DejaVu Sans"])),
        "font.size": 9.0 * look.text_scale,
        "text.color": look.text,
        # A dollar sign in a name is a dollar sign.
        "text.parse_math": False,
        "xtick.color": look.muted,
        "ytick.color": look.muted,
        "pdf.fonttype": 42,
    }
    out = io.BytesIO()
    with _drawing, mpl.rc_context(rules), warnings.catch_warnings():
        # A name in a script that no font here has is drawn as boxes; the table beside the chart shows it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        _figure(chart, look, width, height).savefig(out, facecolor=look.background, **options)
    return out.getvalue()


def _figure(chart: Chart, look: Look, width: int, height: int) -> Figure:
    from matplotlib.figure import Figure

    size = 9.0 * look.text_scale
    figure = Figure(figsize=(width / _POINTS, height / _POINTS), dpi=_POINTS, layout="constrained")
    axes = figure.add_subplot()
    axes.set_facecolor(look.background)
    _title(axes, chart, look, size)
    if chart.is_empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "Nothing to show yet", ha="center", va="center", color=look.muted)
    elif chart.kind == "heat":
        _heat(axes, chart, look, size)
    else:
        _frame(axes, chart, look)
        if chart.kind == "bars":
            _bars(axes, chart, look)
        else:
            _lines(axes, chart, look)
        _finish(axes, chart, look, size, width)
    return figure


def _title(axes: Axes, chart: Chart, look: Look, size: float, above: float = 0.0) -> None:
    """The title, `above` so many points of something else."""
    axes.set_title(
        chart.title, loc="left", fontsize=size * 1.3, fontweight="bold", color=look.text, pad=12 + above
    )


def _wide(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is drawn, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def _family(wanted: str) -> str:
    """The family where this machine has it for matplotlib too, else the one it carries itself."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    return wanted if wanted in known else "DejaVu Sans"


def _frame(axes: Axes, chart: Chart, look: Look) -> None:
    from matplotlib.ticker import MaxNLocator

    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(look.grid)
    axes.grid(axis="y", color=look.grid, linewidth=1)
    axes.set_axisbelow(True)
    axes.use_sticky_edges = False  # bars that are full leave room above like others
    axes.tick_params(length=0)
    axes.yaxis.set_major_formatter(lambda value, _at: f"{written(value)}{chart.unit}")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=all(_whole(measure) for measure in chart.measures)))


def _whole(measure: Measure) -> bool:
    return all(value is None or value == int(value) for value in measure.values)


def _numbers(measure: Measure) -> list[float]:
    return [float("nan") if value is None else float(value) for value in measure.values]


def _bars(axes: Axes, chart: Chart, look: Look) -> None:
    places = range(len(chart.labels))
    if chart.stacked:
        foot = [0.0] * len(chart.labels)
        for measure in chart.measures:
            heights = [0.0 if value is None else float(value) for value in measure.values]
            axes.bar(
                places, heights, bottom=foot, width=0.62, color=look.tones[measure.tone], label=measure.name
            )
            foot = [below + height for below, height in zip(foot, heights, strict=True)]
        return
    width = 0.72 / len(chart.measures)
    for at, measure in enumerate(chart.measures):
        shift = (at - (len(chart.measures) - 1) / 2) * width
        axes.bar([place + shift for place in places], _numbers(measure), width=width * 0.92,
                 color=look.tones[measure.tone], label=measure.name)  # fmt: skip


def _lines(axes: Axes, chart: Chart, look: Look) -> None:
    marks = ("o", "s", "^", "D", "v", "P")
    for at, measure in enumerate(chart.measures):
        axes.plot(range(len(chart.labels)), _numbers(measure), color=look.tones[measure.tone], linewidth=2,
                  linestyle="none" if measure.dots else "solid", marker=marks[at % len(marks)],
                  markersize=9 if measure.dots else 5, fillstyle="none" if measure.dots else "full",
                  markeredgewidth=2 if measure.dots else 1, label=measure.name)  # fmt: skip


def _finish(axes: Axes, chart: Chart, look: Look, size: float, width: int) -> None:
    across = width - _SCALE * size
    _name_places(axes, chart, size, across)
    axes.set_xlim(-0.6, len(chart.labels) - 0.4)
    low = min((v for m in chart.measures for v in _numbers(m) if v == v), default=0.0)
    foot = min(0.0, low * 1.08) if chart.lowest is None else float(chart.lowest)
    axes.set_ylim(bottom=foot, top=None if chart.highest is None else float(chart.highest))
    if chart.limit is not None:
        tone = look.tones[chart.limit.tone]
        axes.axhline(float(chart.limit.value), color=tone, linewidth=1.5, linestyle=(0, (4, 3)))
        axes.annotate(chart.limit.name, (1, float(chart.limit.value)), xycoords=("axes fraction", "data"),
                      ha="right", va="bottom", fontsize=size,
                      color=look.muted if chart.limit.tone == "neutral" else tone, xytext=(0, 2),
                      textcoords="offset points")  # fmt: skip
    if len(chart.measures) > 1:
        _legend(axes, chart, look, size, across)


def _name_places(axes: Axes, chart: Chart, size: float, across: float) -> None:
    """Name every bar: in one line, in several, or slanted. Where bars are many, or points are joined, every so many."""
    count, slot = len(chart.labels), across / len(chart.labels)
    widest = max(_wide(label, size) for label in chart.labels) + size * 0.6
    if chart.kind == "bars" and widest > slot and count <= _MOST_LABELS:
        broken = [_in_lines(label, size, slot - size * 0.6) for label in chart.labels]
        if all(broken):
            axes.set_xticks(range(count), broken)
            return
        if slot >= _SLANTED * size:
            axes.set_xticks(range(count), chart.labels, rotation=30, ha="right", rotation_mode="anchor")
            return
    fitting = max(1, min(_MOST_LABELS, int(across // widest)))
    every = -(-count // fitting)
    axes.set_xticks(range(0, count, every), chart.labels[::every])


def _in_lines(label: str, size: float, room: float) -> str:
    """A name in at most three lines between its words, empty where it does not fit."""
    lines = [""]
    for word in label.split():
        longer = f"{lines[-1]} {word}".strip()
        if _wide(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    lines = [one for one in lines if one]
    return (
        "\n".join(lines)
        if len(lines) <= _MOST_LINES and all(_wide(one, size) <= room for one in lines)
        else ""
    )


def _legend(axes: Axes, chart: Chart, look: Look, size: float, across: float) -> None:
    """The names of the measures: beside the title where there is room, else in rows below it."""
    each = [_wide(measure.name, size) + _SIGN * size for measure in chart.measures]
    beside = _wide(chart.title, size * 1.3, bold=True) + 2 * size + sum(each) <= across
    columns = len(each) if beside or sum(each) <= across else max(1, int(across // max(each)))
    rows = -(-len(chart.measures) // columns)
    if not beside:
        _title(axes, chart, look, size, rows * size * 1.7)
    axes.legend(loc="lower right" if beside else "lower left", bbox_to_anchor=(1 if beside else 0, 1), ncols=columns,
                frameon=False, fontsize=size, labelcolor=look.text, handlelength=1.2, columnspacing=1.6,
                borderaxespad=0.2)  # fmt: skip


def _heat(axes: Axes, chart: Chart, look: Look, size: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    tone = chart.measures[0].tone
    shades = LinearSegmentedColormap.from_list("shades", [look.tints[tone], look.tones[tone]])
    cells = [_numbers(measure) for measure in chart.measures]
    highest = float(chart.highest) if chart.highest is not None else _most(cells)
    axes.imshow(
        cells, aspect="auto", cmap=shades.with_extremes(bad=look.background), vmin=0, vmax=highest or 1.0
    )
    axes.set_xticks(range(len(chart.labels)), chart.labels)
    axes.set_yticks(range(len(cells)), [measure.name for measure in chart.measures])
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks([at - 0.5 for at in range(1, len(chart.labels))], minor=True)
    axes.set_yticks([at - 0.5 for at in range(1, len(cells))], minor=True)
    axes.grid(which="minor", color=look.background, linewidth=2)
    axes.tick_params(which="minor", length=0)
    if len(chart.labels) * len(cells) > 200:
        return
    for row, values in enumerate(cells):
        for at, value in enumerate(values):
            if value == value:
                ink = _ink(shades(value / (highest or 1.0)), look)
                axes.text(
                    at,
                    row,
                    f"{written(round(value))}",
                    ha="center",
                    va="center",
                    color=ink,
                    fontsize=size * 0.92,
                )


def _most(cells: Sequence[Sequence[float]]) -> float:
    return max((value for row in cells for value in row if value == value), default=0.0)


def _ink(shade: Sequence[float], look: Look) -> str:
    """Whichever of the two letter colours can be read on a shade (relative luminance as in WCAG 2)."""

    def bright(parts: Sequence[float]) -> float:
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts[:3])
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(ink: str) -> float:
        parts = [int(ink[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        one, other = sorted((bright(parts), bright(shade)), reverse=True)
        return (one + 0.05) / (other + 0.05)

    return max((look.text, look.background, "#FFFFFF", "#14171F"), key=contrast)
