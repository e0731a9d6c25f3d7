"""The schedule: calendar, series, and the side panel through which a programme is changed."""
