"""What venues are paid: every month, every line of it, and for the platform the runs, holds and books."""
