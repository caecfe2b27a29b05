"""Commands of this app, and what they share."""
