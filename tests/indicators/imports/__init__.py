"""Imports of values out of sheets."""
