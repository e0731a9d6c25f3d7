"""Widgets and pages: everything a person sees, and nothing that decides."""
