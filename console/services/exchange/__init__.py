"""A programme in and out of files: calendars, open data and tables to entries, the venue's own to files."""
