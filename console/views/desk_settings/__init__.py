"""The page of this desk: printers, sounds, text size, lock and scanner, as the person at it wants them."""
