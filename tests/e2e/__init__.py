"""The whole product, driven as a person drives it: commands, a real window, a keyboard and a scanner."""
