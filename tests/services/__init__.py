"""Tests of use cases, without a window."""
