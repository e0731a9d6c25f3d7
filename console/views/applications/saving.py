"""Applications on their way to the server: one thing at a time, upon the newest state, and nothing typed is lost.

A field that the server refuses stays what it was, and the rest is kept. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from console.domain.vetting import Application, ApplicationFacts
from console.errors import ConsoleError, Invalid
from console.models.gateway_vetting import ApplicationGateway

_LONGEST_LEAVING = 3.0


class ApplicationSaves:
    """What is written of the applications of one page."""

    def __init__(self, gateway: ApplicationGateway, fields: Collection[str]) -> None:
        """Nothing is known yet; `fields` are those a refusal can be about."""
        self._gateway, self._fields = gateway, fields
        self._newest: dict[UUID, Application] = {}
        self._under_way: dict[UUID, ApplicationFacts] = {}
        self._one_at_a_time = asyncio.Lock()

    def know(self, applications: Iterable[Application]) -> None:
        """Take them as they were read."""
        self._newest = {one.id: one for one in applications}

    async def save(
        self, application: Application, facts: ApplicationFacts, wrong: dict[str, str]
    ) -> Application:
        """Keep what can be kept; what cannot goes into `wrong`, by field, and stays what it was."""
        self._under_way[application.id] = facts
        try:
            async with self._one_at_a_time:
                kept = await self._kept(application, facts, wrong)
        except ConsoleError:
            # The page is told, and knows what is to be kept then: not over what somebody else wrote.
            self._under_way.pop(application.id, None)
            raise
        if self._under_way.get(application.id) is facts:
            del self._under_way[application.id]
        return kept

    async def submit(self, application: Application, facts: ApplicationFacts) -> Application:
        """Hand it in, with what was typed last. Raises what the gateway raises."""
        async with self._one_at_a_time:
            newest = self._upon(application)
            if facts != newest.facts:
                newest = self._took(await self._gateway.save(newest, facts))
            return self._took(await self._gateway.submit(newest))

    async def withdraw(self, application: Application) -> Application:
        """Take it back. Raises what the gateway raises."""
        async with self._one_at_a_time:
            return self._took(await self._gateway.withdraw_application(self._upon(application)))

    def left(
        self, application: Application | None, typed: ApplicationFacts | None
    ) -> dict[UUID, ApplicationFacts]:
        """What is not on the server yet when the page goes away: saves under way, and what was `typed` since.

        It is handed over: asked again, there is nothing.
        """
        waiting, self._under_way = self._under_way, {}
        if application is not None and typed is not None:
            waiting[application.id] = typed
        return waiting

    async def leave(self, waiting: dict[UUID, ApplicationFacts]) -> None:
        """Keep the last words of a page that is gone; there is nobody left to be told of trouble."""
        with contextlib.suppress(ConsoleError, TimeoutError):
            async with asyncio.timeout(_LONGEST_LEAVING), self._one_at_a_time:
                for application_id, facts in waiting.items():
                    if (newest := self._newest.get(application_id)) is not None and newest.facts != facts:
                        await self._kept(newest, facts, {})

    def _upon(self, application: Application) -> Application:
        return self._newest.get(application.id, application)

    def _took(self, application: Application) -> Application:
        self._newest[application.id] = application
        return application

    async def _kept(
        self, application: Application, facts: ApplicationFacts, wrong: dict[str, str]
    ) -> Application:
        application = self._upon(application)
        while True:
            try:
                return self._took(await self._gateway.save(application, facts))
            except Invalid as error:
                name = error.code or ""
                before: dict[str, Any] = {name: getattr(application.facts, name, None)}
                if name not in self._fields or getattr(facts, name) == before[name]:
                    raise
                wrong[name] = error.sentence
                facts = replace(facts, **before)
