"""Everything about one venue on one page, for headquarters."""
