"""A programme's files at this desk: the sheet that imports and exports, and the calendar kept up to date in a folder.

Made beside the programme's screens; what another desk changes brings the kept calendar up to date too. See
docs/design.md, "Screens" (schedule) and "Layout".
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.permissions import Permission

if TYPE_CHECKING:
    from console.app.programme import Programme
    from console.services.exchange.importer import ExchangeService
    from console.views.schedule.page import SchedulePage


class ProgrammeFiles:
    """The files of one person's programme at one venue."""

    def __init__(self, programme: Programme) -> None:
        """Nothing is read or written before `begin` or `open`."""
        self._programme = programme
        self._tools = programme.tools
        self._runner = TaskRunner(self._failed)

    @cached_property
    def service(self) -> ExchangeService:
        """What the sheet asks, and what keeps the calendar."""
        from console.services.exchange.importer import ExchangeService
        from console.storage.exchange import ExchangeQueries
        from console.storage.programme import ProgrammeQueries

        tools, venue = self._tools, self._programme.venue
        return ExchangeService(
            ExchangeQueries(tools.database),
            ProgrammeQueries(tools.database),
            venue.id,
            self._programme.zone,
            tools.clock,
            tools.preferences,
        )

    def follow(self) -> None:
        """The programme changed, or the person has just come: bring the kept calendar up to date, if there is one."""
        # Looked at without the service: most desks keep none, and need none of what stands behind it.
        if self._tools.preferences.filters(f"published:{self._programme.venue.id}"):
            self._runner.start(self._refresh(), "kept")

    def open(self, page: SchedulePage) -> None:
        """Show the sheet over the window; what is taken in shows on `page`."""
        from console.views.exchange.sheet import ExchangeSheet

        programme, tools = self._programme, self._tools
        sheet = ExchangeSheet(
            tools.hub,
            tools.window,
            self.service,
            today=tools.clock.now().astimezone(programme.zone).date(),
            venue=programme.venue.name,
            may_import=programme.may(Permission.SCHEDULE_EDIT),
        )
        sheet.changed.connect(page.refresh)
        sheet.changed.connect(self.follow)
        sheet.toast_wanted.connect(tools.window.toast)
        sheet.open()

    def stop(self) -> None:
        """The person leaves."""
        self._runner.cancel_all()

    async def _refresh(self) -> None:
        await self.service.kept_file.refresh()

    def _failed(self, _error: ConsoleError) -> None:
        """Nobody asked for it just now; the next change tries again."""
