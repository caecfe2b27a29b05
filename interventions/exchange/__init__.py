"""Documents of this app's part of a programme."""
