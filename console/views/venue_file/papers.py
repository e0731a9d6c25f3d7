"""The papers of a venue's file in the viewer of evidence: what they are is known when they are opened.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtWidgets import QWidget

from console.domain.venue_file import FileDocument
from console.domain.vetting import FiledDocument
from console.models.gateway_venue_file import PaperGateway
from console.views.approvals.evidence import EvidenceViewer
from console.views.theme import ThemeHub


class PaperViewer(EvidenceViewer):
    """The viewer over papers of which only the title is known before."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: PaperGateway,
        papers: Sequence[FileDocument],
        first: FileDocument,
        *,
        now: datetime,
        zone: tzinfo,
    ) -> None:
        """Every paper of the file, beginning with `first`."""
        filed = [
            FiledDocument(one.id, one.title, one.title, one.media_type, 0, one.pages, None) for one in papers
        ]
        super().__init__(hub, window, gateway, filed, filed[list(papers).index(first)], now=now, zone=zone)
        self.card.setAccessibleName("Papers")

    async def _load(self, document: FiledDocument) -> None:
        found = await self._gateway.document(document.id)
        place = next(at for at, one in enumerate(self._documents) if one.id == document.id)
        known = replace(document, file_name=found.file_name, size_bytes=len(found.content))
        self._documents[place] = known
        self.file = found
        self.read.emit(document.id)
        self._say()
        await self._show_page(found)
