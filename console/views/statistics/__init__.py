"""How full a venue is and was."""
