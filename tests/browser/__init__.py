"""The pages in a real browser: Debian's Chromium, against a server with the demonstration programme."""
