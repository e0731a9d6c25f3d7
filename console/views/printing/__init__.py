"""Getting a document onto paper: rendering its pages, the preview over the window, and the printers of this desk.

See docs/design.md, "Documents" and "Screens" (front desk).
"""
