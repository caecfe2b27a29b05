"""Ratios, each against a reference of the same run: `make bench`."""
