"""Charts as pictures and pages: the same numbers give the same bytes, in any theme, with any name."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pypdfium2
import pytest
from matplotlib.text import Text
from PIL import Image

from console.domain.charts import Chart, Limit, Measure
from console.reports import charts

DAYS = ("Mon", "Tue", "Wed")
BARS = Chart(
    "bars", "Places", DAYS, (Measure("Came", (3, 0, 9), "green"), Measure("Free", (1, None, 2), "neutral")),
    stacked=True, limit=Limit(8, "80 % full"),
)  # fmt: skip
LINES = Chart("lines", "By week", DAYS, (Measure("A $\\frac{1}$ name", (1.5, None, 3)),), unit=" %")
HEAT = Chart(
    "heat", "When", DAYS, (Measure("9:00", (10, None, 100)), Measure("10:00", (0, 50, 60))), unit=" %"
)
EMPTY = Chart("bars", "Nothing", (), ())
DARK = replace(charts.PAPER, background="#16191F", text="#ECEEF3", muted="#9AA2B3", grid="#252A34")


def picture(made: bytes) -> Image.Image:
    return Image.open(io.BytesIO(made)).convert("RGB")


@pytest.mark.parametrize("chart", [BARS, LINES, HEAT, EMPTY], ids=lambda chart: chart.kind + chart.title)
@pytest.mark.parametrize("look", [charts.PAPER, DARK], ids=["light", "dark"])
def test_a_picture_has_its_size_its_ground_and_something_on_it(chart: Chart, look: charts.Look) -> None:
    made = picture(charts.png(chart, look, 400, 220, ratio=1.5))
    assert made.size == (600, 330)
    ground = tuple(int(look.background[at : at + 2], 16) for at in (1, 3, 5))
    assert made.getpixel((0, 329)) == ground
    colours = made.getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert len(colours) > 3


def test_the_bars_are_where_the_numbers_say() -> None:
    green = tuple(int(charts.PAPER.tones["green"][at : at + 2], 16) for at in (1, 3, 5))
    made = picture(charts.png(BARS, charts.PAPER, 600, 300))
    columns = [at for at in range(600) if any(made.getpixel((at, y)) == green for y in range(60, 290))]
    first, last = min(columns), max(columns)
    heights = [sum(made.getpixel((at, y)) == green for y in range(60, 290)) for at in (first + 20, last - 20)]
    assert 2.5 < heights[1] / heights[0] < 3.5, "nine is three times three"


def test_the_same_chart_is_the_same_page_and_its_words_can_be_read() -> None:
    made = charts.pdf(LINES)
    assert made == charts.pdf(LINES)
    with pypdfium2.PdfDocument(made) as document:
        assert len(document) == 1
        text = document[0].get_textpage().get_text_range()
    assert "By week" in text
    assert "A $\\frac{1}$ name" not in text  # one measure needs no legend
    two = replace(LINES, measures=(*LINES.measures, Measure("Other", (1, 2, 3), "blue")))
    with pypdfium2.PdfDocument(charts.pdf(two)) as document:
        assert "A $\\frac{1}$ name" in document[0].get_textpage().get_text_range()


def test_names_no_font_has_and_many_labels_draw_without_a_word() -> None:
    names = Chart(
        "bars", "日本 \u202eabc", tuple(f"الأحد {at}" for at in range(60)), (Measure("𝔘", tuple(range(60))),)
    )
    assert picture(charts.png(names, charts.PAPER, 500, 240)).size == (500, 240)


@pytest.mark.parametrize("width", [300, 380, 440, 520, 580, 620, 1000])
def test_no_word_lies_over_another_however_narrow_it_is(width: int) -> None:
    months = tuple(
        f"{month} 25" for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct")
    )
    names = ("Paid", "To be paid", "On hold", "Fees and what comes with them")
    made = tuple(Measure(name, (1_000,) * len(months), "green") for name in names)
    chart = Chart("bars", "Payouts by month, USD", months, made, stacked=True)
    figure = charts._figure(chart, charts.PAPER, width, 268)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    legend = axes.get_legend()
    assert legend is not None
    (title,) = (one for one in axes.get_children() if isinstance(one, Text) and one.get_text() == chart.title)
    names_at, title_at = legend.get_window_extent(), title.get_window_extent()
    assert not names_at.overlaps(title_at)
    assert names_at.x0 >= 0
    assert max(names_at.x1, title_at.x1) <= width
    labels = [one.get_window_extent() for one in axes.get_xticklabels()]
    assert len(labels) > 1
    assert all(one.x1 < following.x0 for one, following in pairwise(labels))
    assert axes.get_ylim()[1] > 4_000, "there is room above a full bar"


@pytest.mark.parametrize(("width", "slanted"), [(1100, False), (520, True)])
def test_every_bar_has_its_name_where_there_is_room(width: int, slanted: bool) -> None:
    names = ("LEGO Robotics", "Junior Judo", "Kids Cook Club", "Introduction to b…", "Ballet 8–10", "Street Dance",
             "Home-school Art L…", "Pottery Wheel", "Chess Club", "Tiny Tunes")  # fmt: skip
    chart = Chart(
        "bars", "Booked places by activity, per cent", names, (Measure("Booked", (50,) * len(names)),)
    )
    figure = charts._figure(chart, charts.PAPER, width, 268)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    told = axes.get_xticklabels()
    assert [one.get_text().replace("\n", " ") for one in told] == list(names)
    assert {one.get_rotation() for one in told} == ({30.0} if slanted else {0.0})
    assert all(one.get_window_extent().x0 >= 0 and one.get_window_extent().y0 >= 0 for one in told)
    if not slanted:
        placed = [one.get_window_extent() for one in told]
        assert all(one.x1 < following.x0 for one, following in pairwise(placed))
    assert axes.get_window_extent().height > 100, "the bars keep their room"


def test_two_threads_do_not_take_each_others_colours() -> None:
    looks = [charts.PAPER, DARK] * 4
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda look: charts.png(BARS, look, 300, 200), looks))
    assert len(set(made[0::2])) == len(set(made[1::2])) == 1
    assert made[0] != made[1]
