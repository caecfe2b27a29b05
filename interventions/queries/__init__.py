"""Reads that cross this app's tables."""
