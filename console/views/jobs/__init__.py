"""The work that runs by itself: what ran, what failed and why, run now, and the mail that did not arrive."""
