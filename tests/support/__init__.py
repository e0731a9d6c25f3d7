"""Helpers shared by tests: databases, people, files."""
