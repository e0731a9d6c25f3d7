"""Tests without a server or a window."""
