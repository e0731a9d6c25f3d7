"""Use cases: what a person or a command does, above storage and below any window.

No Qt here, so that the same code serves the console, the command line and the worker. See docs/design.md, "Layout".
"""
