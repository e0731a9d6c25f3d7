"""The command line, one module per area, each loaded only when its command is used."""
