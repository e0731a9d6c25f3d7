"""Invoices and employers' accounts on the screen. See docs/design.md, "Screens" (finance)."""
