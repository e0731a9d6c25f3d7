"""Nexus Console: the desktop operations console of Nexus Family Pass.

The package is split by floors (docs/design.md, "Layout"): views stand on models, models on services, services on
storage and reports, and everything on the domain. This file stays empty of imports so that starting any part
loads only that part.
"""

__version__ = "0.1.0"
