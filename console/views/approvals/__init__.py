"""The approval queue of headquarters: what waits, one case with its evidence, and the deciding of it."""
