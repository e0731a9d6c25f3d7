"""Documents as PDF: facts in, bytes out. Nothing here knows a window, a printer or a database.

See docs/design.md, "Documents".
"""
