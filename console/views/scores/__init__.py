"""Scores: all venues for headquarters, one venue for whoever runs it. See docs/design.md, "Screens"."""
