"""Tests of the house rules: imports, files, texts."""
