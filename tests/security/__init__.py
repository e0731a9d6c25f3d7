"""Attacks by somebody who has a desk's credentials, or a laptop that was stolen; each asserts that it gets nowhere."""
