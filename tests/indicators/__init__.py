"""The indicators app."""
