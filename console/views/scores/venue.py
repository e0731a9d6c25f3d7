"""One venue's score: how it stands and went, what it is made of, what moved it, what would help, and what to dispute.

The same page for headquarters and for the venue's own manager. A week chosen in the table is the week that the panel
beside it explains. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain import score_charts
from console.domain.scores import Dispute, ScorePage, WeekScore
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_scores import VenueScores
from console.models.runner import TaskRunner
from console.views.scores import words
from console.views.scores.dispute_cards import DisputeCards
from console.views.scores.dispute_sheet import DisputeSheet
from console.views.scores.saving import ask_where
from console.views.scores.venue_side import Advice, VenueSide
from console.views.scores.weeks import WeekTable
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chart import ChartView
from console.views.widgets.chips import Chip
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import flush, ground, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.text import IconText, Section, label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

_SPANS = (("12", "12 weeks"), ("26", "26 weeks"), ("52", "52 weeks"))
_LINES = (("score", "Score"), ("parts", "Parts"))
_SIDE = 344
_BESIDE_FROM = 940
_WIDEST = 16_777_215  # what Qt calls no limit
_CHART_HEIGHT = 352  # with what stands over it as high as the panel beside it: another week moves nothing


class VenueScorePage(QWidget):
    """The page. `back_wanted` asks for the list of all venues and `venue_wanted` for the venue itself, by its id."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    venue_wanted = Signal(object)
    back_wanted = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        gateway: VenueScores,
        *,
        venue_id: UUID,
        clock: Clock,
        may_dispute: bool,
        may_export: bool,
        zone: tzinfo = UTC,
        has_way_back: bool = False,
    ) -> None:
        """Nothing is asked before it is shown. Instants are told in `zone`; `has_way_back`: opened from the list."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self._venue_id, self._may_dispute, self._may_export = venue_id, may_dispute, may_export
        self.page: ScorePage | None = None
        self.sheet: DisputeSheet | None = None
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Score", detail=True)
        self.asked = Chip(hub, "In dispute", "blue", "ph.chat-circle-dots-bold")
        self.back_button = IconButton(hub, "ph.arrow-left", "All venues (Alt+Left)", "quiet")
        self.back_button.clicked.connect(lambda _checked=False: self.back_wanted.emit())
        self.export_button = Button(hub, "Export", icon="ph.export", scale="compact")
        self.export_button.setToolTip("Save the weeks with their parts as a file (Ctrl+E)")
        self.export_button.clicked.connect(lambda _checked=False: self.export())
        self.venue_button = Button(hub, "Open the venue", icon="ph.buildings", scale="compact")
        self.venue_button.setToolTip("Everything about this venue (Ctrl+O)")
        self.venue_button.clicked.connect(lambda _checked=False: self.open_venue())
        self.dispute_button = Button(hub, "Dispute this week…", icon="ph.chat-circle-dots", scale="compact")
        self.dispute_button.setToolTip("Say what is wrong with the score of the week that is marked (Ctrl+D)")
        self.dispute_button.clicked.connect(lambda _checked=False: self.dispute())
        self._has_way_back = has_way_back
        self.banner = Banner(hub, above=12)
        # A file that cannot be written says nothing about the server.
        self.files = TaskRunner(self.banner.show_error)
        self.destroyed.connect(self.files.cancel_all)
        self.skeleton = Skeleton(hub, rows=8, row_height=48)
        today = clock.now().astimezone(zone).date()
        self.nothing = EmptyState(hub, "ph.chart-line", "No score yet", words.first_score(today))
        self.score = label("", "figure")
        self.weeks_counted = label("", "muted")
        self.change = IconText(hub, "ph.minus-bold", "", role="medium")
        self.against = IconText(hub, "ph.check-circle-fill", "", role="body", wrap=True)
        self.lines = ChoiceRow(hub, _LINES, name="What the chart shows")
        self.spans = ChoiceRow(hub, _SPANS, name="Weeks shown")
        for row in (self.lines, self.spans):
            row.changed.connect(lambda _key: self._draw())
        self.chart = ChartView(hub, height=_CHART_HEIGHT)
        self.chart.saved.connect(lambda name: self.toast_wanted.emit(f"The chart is saved to {name}"))
        self.chart.failed.connect(self.banner.show_error)
        self.save_chart_button = Button(hub, "Save the chart", icon="ph.download-simple", scale="compact")
        self.save_chart_button.setToolTip("As a picture, a PDF or its numbers")
        self.save_chart_button.clicked.connect(lambda _checked=False: self.offer_chart())
        self.table = WeekTable(hub)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._explain())
        self.table.table.loaded.connect(self._loaded)
        self.side, self.advice = VenueSide(hub), Advice(hub)
        self.disputes = DisputeCards(hub, clock=clock, zone=zone, may_withdraw=may_dispute)
        self.disputes.withdraw_wanted.connect(self._withdraw)
        self._lay_out()
        self.page_actions = self._actions()
        listen(self, self.page_actions)
        lead_focus(self, self.table)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def week(self) -> WeekScore | None:
        """The week that is marked, else the newest."""
        found = self.table.week
        if found is not None or self.page is None or not self.page.weeks:
            return found
        return self.page.weeks[-1]

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        if self.page is None:
            self.skeleton.show()
            self.skeleton.start()
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        self.files.cancel_all()
        self.chart.stop()
        self.table.table.cancel()
        if self.sheet is not None:
            self.sheet.runner.cancel_all()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def dispute(self) -> None:
        """Say what is wrong with the marked week."""
        week = self.week
        if not self.dispute_button.isEnabled() or not self._may_dispute or week is None or self.page is None:
            return
        self.sheet = DisputeSheet(self.hub, self.window(), self._gateway, self.page, week)
        self.sheet.disputed.connect(self._disputed)
        self.sheet.closed.connect(self._sheet_gone)
        self.sheet.open()

    def open_venue(self) -> None:
        """Show everything about the venue."""
        self.venue_wanted.emit(self._venue_id)

    def offer_chart(self) -> None:
        """Offer the chart as a picture, a PDF or its numbers."""
        button = self.save_chart_button
        self.chart.offer_ways(button.mapToGlobal(button.rect().bottomLeft()))

    def export(self) -> None:
        """Ask for a file and write the weeks into it."""
        if self._may_export and self.page is not None and self.page.weeks:
            ask_where(self, "Export the score", f"score-{self._clock.now().date()}", self.write)

    def write(self, path: Path) -> None:
        """Write the file."""
        self.files.start(self._write(path), "export")

    def _withdraw(self, dispute: object) -> None:
        if isinstance(dispute, Dispute) and not self._busy:
            self._busy = True
            self.disputes.setEnabled(False)
            self.runner.start(self._withdrawn(dispute))

    def _disputed(self) -> None:
        self.toast_wanted.emit("The platform is asked\nIts answer will stand here.")
        self.refresh()

    def _sheet_gone(self) -> None:
        self.sheet = None
        # The button that opened it is not there for a week that is in dispute.
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _load(self, *, keep_news: bool = False) -> None:
        page = await self._gateway.page(self._venue_id)
        self.reached.emit(None)
        if not keep_news:
            self.banner.clear()
        self._show(page)

    async def _write(self, path: Path) -> None:
        count = await self._gateway.export(self._venue_id, path)
        weeks = "1 week" if count == 1 else f"{count:,} weeks"
        self.toast_wanted.emit(f"{weeks} saved to {path.name}")

    async def _withdrawn(self, dispute: Dispute) -> None:
        try:
            await self._gateway.withdraw(dispute)
        finally:
            self._busy = False
            self.disputes.setEnabled(True)
        self.toast_wanted.emit("The dispute is withdrawn.")
        await self._load()

    def _failed(self, error: ConsoleError) -> None:
        self._stop_waiting()
        if isinstance(error, Conflict | NotFound) and self.page is not None:
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(keep_news=True), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, page: ScorePage) -> None:
        self._stop_waiting()
        self.page = page
        self.header.title.setText(page.venue)
        some = bool(page.weeks)
        self._scroll.setVisible(some)
        self.nothing.setVisible(not some)
        self.export_button.setEnabled(some)
        self.asked.setVisible(any(one.state == "open" for one in page.disputes))
        self.header.caption.setText(
            f"Score, week of {words.week_words(page.weeks[-1].week, year=True)}" if some else "Score"
        )
        if not some:
            self.dispute_button.setEnabled(False)
            return
        newest = page.weeks[-1]
        last = page.weeks[-12:]
        known = sum(one.composite is not None for one in last)
        self.score.setText(words.points(newest.composite, page.formula.threshold))
        self.weeks_counted.setText(f"({words.weeks_of(known)} weeks)" if newest.composite is not None else
                                   f"too little to go by ({words.weeks_of(known)} weeks)")  # fmt: skip
        said, icon, color = words.change(newest.change)
        self.change.setVisible(newest.change is not None)
        self.change.set_text(f"{said} in a week" if said != "same" else "same as the week before")
        if icon:
            self.change.icon.show_icon(icon, color)
        said, icon, color = words.threshold_words(newest.composite, page.formula)
        self.against.set_text(said)
        self.against.icon.show_icon(icon, color)
        self.disputes.show_disputes(page.disputes)
        self._disputes_part.setVisible(bool(page.disputes))
        self.advice.show_page(page)
        self.table.show_page(page)
        self._draw()
        self._explain()

    def _draw(self) -> None:
        page = self.page
        if page is None or not page.weeks:
            return
        last = int(self.spans.chosen)
        if self.lines.chosen == "score":
            self.chart.show_chart(score_charts.trend(page.weeks, page.formula, last))
        else:
            self.chart.show_chart(score_charts.components(page.weeks, last))

    def _loaded(self) -> None:
        if self.table.table.rowCount() and not self.table.currentIndex().isValid():
            self.table.selectRow(0)

    def _explain(self) -> None:
        page, week = self.page, self.week
        if page is None or week is None:
            return
        self.side.show_week(page, week)
        newest = any(one.id == week.id for one in page.weeks)
        asked = any(one.score_id == week.id and one.state == "open" for one in page.disputes)
        self.dispute_button.setEnabled(self._may_dispute and newest and not asked)
        self.dispute_button.setToolTip(
            "This week is in dispute already" if asked
            else "Only the newest version of a week can be disputed" if not newest
            else f"Say what is wrong with the score of {words.week_words(week.week)} (Ctrl+D)"
        )  # fmt: skip

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        tab_in_order(
            self.back_button, self.venue_button, self.export_button, self.dispute_button, self.banner, self.lines,
            self.spans, self.save_chart_button, self.chart, self.table, self.side, self.disputes,
        )  # fmt: skip
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is too little room the panel stands below."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        beside = self.width() >= self.hub.theme.scaled(_BESIDE_FROM)
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._across.direction() is not way:
            self._across.setDirection(way)
        self.side.setMinimumWidth(self.hub.theme.scaled(_SIDE) if beside else 0)
        self.side.setMaximumWidth(self.hub.theme.scaled(_SIDE) if beside else _WIDEST)

    # -- laying out --------------------------------------------------------------------------------------------------

    def _actions(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Score")
        made = [
            action("score:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("score:lines", "Score or parts in the chart", self._turn, "Ctrl+Shift+L", "ph.chart-line"),
            action("score:picture", "Save the chart", partial(self.chart.ask_save, ".png"), "", "ph.download-simple"),
        ]  # fmt: skip
        more: list[tuple[bool, tuple[str, str, Callable[[], object], str, str]]] = [
            (self._may_export, ("score:export", "Export the weeks", self.export, "Ctrl+E", "ph.export")),
            (self._may_dispute, ("score:dispute", "Dispute the week", self.dispute, "Ctrl+D", "ph.chat-circle-dots")),
            (self._has_way_back, ("score:venue", "Open the venue", self.open_venue, "Ctrl+O", "ph.buildings")),
            (self._has_way_back, ("score:back", "All venues", self.back_wanted.emit, "Alt+Left", "ph.arrow-left")),
        ]  # fmt: skip
        return (*made, *(action(*facts) for may, facts in more if may))

    def _turn(self) -> None:
        self.lines.choose("parts" if self.lines.chosen == "score" else "score")
        self._draw()

    def _lay_out(self) -> None:
        inner = ground(self)
        inner.addWidget(self.header)
        for button in (self.venue_button, self.export_button, self.dispute_button):
            self.header.add(button)
        self.venue_button.setVisible(self._has_way_back)
        self.header.lead(self.back_button, self.asked)
        self.asked.hide()
        self.export_button.setVisible(self._may_export)
        self.dispute_button.setVisible(self._may_dispute)
        self.dispute_button.setEnabled(False)
        self.export_button.setEnabled(False)
        self.back_button.setVisible(self._has_way_back)
        told = flush(QVBoxLayout())
        told.setContentsMargins(24, 0, 24, 0)
        told.addWidget(self.banner)
        inner.addLayout(told)
        inner.addWidget(self.skeleton)
        inner.addWidget(self.nothing, 1)
        inside = surface("canvas")
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(12)
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._across.setSpacing(24)
        left = flush(QVBoxLayout())
        left.setSpacing(12)
        figure = QHBoxLayout()
        figure.setSpacing(10)
        figure.addWidget(self.score)
        figure.addWidget(self.weeks_counted, 0, Qt.AlignmentFlag.AlignVCenter)
        figure.addSpacing(8)
        figure.addWidget(self.change, 0, Qt.AlignmentFlag.AlignVCenter)
        figure.addStretch(1)
        left.addLayout(figure)
        left.addWidget(self.against)
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.lines)
        choices.addWidget(self.spans)
        choices.addStretch(1)
        choices.addWidget(self.save_chart_button)
        left.addLayout(choices)
        left.addWidget(self.chart)
        left.addStretch(1)
        self._disputes_part = QWidget()
        below = flush(QVBoxLayout(self._disputes_part))
        below.setSpacing(8)
        below.addWidget(Section("Disputes"))
        below.addWidget(self.disputes)
        self._across.addLayout(left, 1)
        self._across.addWidget(self.side, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(self._across)
        column.addWidget(self.advice)
        column.addWidget(Section("Weeks"))
        column.addWidget(self.table.card)
        column.addWidget(self._disputes_part)
        column.addStretch(1)
        self._scroll = quiet_scroll(inside)
        self.hub.changed.connect(self._fit)
        self._fit()
        inner.addWidget(self._scroll, 1)
        inner.addStretch(0)
        for part in (self._scroll, self.nothing, self.skeleton):
            part.hide()
