"""The building: who is in it now, room by room, who is late to be collected, and what the day came to."""
