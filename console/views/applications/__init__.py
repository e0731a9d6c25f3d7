"""Asking to become a venue, and taking in a file of such applications."""
