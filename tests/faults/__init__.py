"""What a network, a disk and a server can do to a desk, done on purpose with real processes."""
