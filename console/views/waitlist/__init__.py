"""The queues of full sessions: who waits, who holds an offer, and what a desk does about it."""
