"""The kernel's tests, file by file as the source."""
