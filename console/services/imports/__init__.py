"""Importing public session files: bytes to rows, rows to a plan, a plan to the database.

One reader per layout turns a publisher's columns into the same rows; everything after that is the same for all.
See docs/guides/importing.md.
"""
