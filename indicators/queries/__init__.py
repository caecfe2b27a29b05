"""This app's reads."""
