"""Measurements, run by `dev.py bench` and never as tests."""
