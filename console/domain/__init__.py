"""The rules of the product as pure functions and frozen values.

Nothing here reads a clock, a file, a database or a window, so every rule can be checked by itself
(docs/design.md, "Layout"). Standard library only.
"""
