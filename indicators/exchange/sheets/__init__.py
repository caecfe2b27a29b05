"""Spreadsheets and CSV files as people have them, read into canonical rows: told apart or asked, never guessed."""
