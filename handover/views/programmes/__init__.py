"""Pages of a programme: where it stands, what belongs to it, and its papers."""
