"""The addresses of the pages, room by room, each with what it asks. Reviewed by hand."""
