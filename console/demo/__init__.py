"""Believable demo data: fifteen venues, a year back and sixty days ahead, arranged around the present instant.

`load` is what `nexus-console db demo`, the tour and the first run call. See docs/guides/demo.md.
"""

from __future__ import annotations

from console.demo.accounts import ACCOUNTS, PASSWORD, TOTP_SECRET
from console.demo.load import DEFAULT_SEED, DemoReport, load

__all__ = ["ACCOUNTS", "DEFAULT_SEED", "PASSWORD", "TOTP_SECRET", "DemoReport", "load"]
