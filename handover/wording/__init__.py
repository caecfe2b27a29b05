"""Titles of refusals by their code, in every language of the house."""

from __future__ import annotations


def title(code: str, language: str) -> str:
    """Give the title of a code."""
    return {"ro": "RO ", "lt": "LT "}.get(language, "") + code.replace("_", " ")
