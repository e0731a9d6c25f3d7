"""Qt item models: what lists and tables show, already turned into text."""
