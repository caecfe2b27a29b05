"""One story a file."""
