"""Tests over a real PostgreSQL."""
