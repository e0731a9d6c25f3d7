"""The frame of the window: rail, status bar, palette, and the place where pages go."""
