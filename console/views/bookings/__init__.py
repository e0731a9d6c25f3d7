"""The bookings of a venue: the list that three roles share, one booking's page, and the files made of them."""
