"""The catalogue of activities: the list, one activity in the panel beside it, many at once."""
