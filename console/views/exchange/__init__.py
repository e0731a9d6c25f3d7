"""Import and export of a programme: one sheet over the schedule. See docs/design.md, "Screens" (schedule)."""
