"""The REST interface of the indicators."""
