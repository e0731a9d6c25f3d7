"""Parents' credits on the screen of platform administrators. See docs/design.md, "Rules of the domain" (credits)."""
