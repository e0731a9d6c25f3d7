"""Money over months, as charts and tables."""
