"""The composition root: loop, workstation, database, services and window, put together in one place.

Only this package sees everything; nothing imports it but the command line. The window is shown before SQLAlchemy
is imported, so what needs it is imported where it is first used. See docs/design.md, "Layout" and "Runtime".
"""

from __future__ import annotations

from console.app.life import App
from console.app.opening import guided_tour, run

__all__ = ["App", "guided_tour", "run"]
