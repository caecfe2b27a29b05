"""IATI 2.03 activities: read, kept whole, and written again."""
