"""Texts in the cells of exported tables: protected so that no program takes them for formulas, and read back exactly.

A spreadsheet computes what begins with ``=``, ``+``, ``-`` or ``@``, and some begin a new cell behind a comma, a
semicolon, a tab or a line break where others see one text. At each such beginning a dangerous text gets an apostrophe,
and so does one that begins with an apostrophe itself; reading takes exactly these away. Numbers and dates stay.
"""

from __future__ import annotations

import re
from typing import Final

_SIGNS: Final = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\t\r\n"
_BLANKS: Final = (
    " \t\r\n\v\f\x1c-\x1f\x85\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff\xad"
)
_QUOTES: Final = "\"'`\xab\xbb\u2018-\u201f\u2039\u203a\uff02\uff07"
_DANGEROUS: Final = f"(?=[{_BLANKS}{_QUOTES}]*?[{_SIGNS}]|')"
_BEGINNING: Final = "(^|[,;\t\r\n])"

_BARE: Final = re.compile(_BEGINNING + _DANGEROUS)
_PROTECTED: Final = re.compile(_BEGINNING + "'" + _DANGEROUS)
_SUSPECT: Final = re.compile(f"[{_SIGNS}']")


def protected(text: str) -> str:
    """Write a text so that a spreadsheet shows it and never computes it."""
    return _BARE.sub(r"\1'", text) if _SUSPECT.search(text) else text


def unprotected(text: str) -> str:
    """Read a text as it was before it was protected; any other text stays as it is."""
    return _PROTECTED.sub(r"\1", text) if "'" in text else text


def unprotected_sql(expression: str) -> str:
    """Give SQL that reads a text as ``unprotected`` does.

    Args:
        expression: SQL that names a text, such as a column; never what somebody typed.
    """
    return (
        f"CASE WHEN strpos({expression}, '''') > 0"
        f" THEN regexp_replace({expression}, {_literal(_PROTECTED.pattern)}, '\\1', 'g') ELSE {expression} END"
    )


def _literal(pattern: str) -> str:
    """Write a pattern as an SQL literal in plain ASCII: what is no letter, digit or mark of a pattern is escaped."""
    said = "".join(
        letter if " " <= letter <= "~" else f"\\u{ord(letter):04X}" for letter in pattern.replace("'", "''")
    )
    return f"'{said}'"
