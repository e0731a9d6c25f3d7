"""The tour: the real console driven by its own keyboard over a database of its own, and a picture of every screen.

`pictures` takes them all in both themes with the clock standing still; `guided` signs in as each role on a machine
without a screen. A screen joins by registering its states in one of the `steps_*` modules. See docs/guides/demo.md.
"""
