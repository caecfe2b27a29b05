"""Saying an expression in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indicators.queries.expressions.grammar import parse
from indicators.queries.expressions.nodes import Call, Chain, Expression, Name, Negated, Node, Number

SIGNS: Final[Mapping[str, str]] = MappingProxyType({"+": "+", "-": "−", "*": "×", "/": "÷"})

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "min": "the smallest of ({})",
            "max": "the largest of ({})",
            "sum": "the sum of ({})",
            "share": "{} as a percentage of {}",
            "if_missing": "{} (where it is missing: {})",
            "quotes": "“{}”",
        },
        "ro": {
            "min": "cea mai mică valoare dintre ({})",
            "max": "cea mai mare valoare dintre ({})",
            "sum": "suma ({})",
            "share": "{} ca procent din {}",
            "if_missing": "{} (dacă lipsește: {})",
            "quotes": "„{}”",
        },
        "lt": {
            "min": "mažiausia reikšmė iš ({})",
            "max": "didžiausia reikšmė iš ({})",
            "sum": "suma ({})",
            "share": "{} procentais nuo {}",
            "if_missing": "{} (jei trūksta: {})",
            "quotes": "„{}“",
        },
    }
)


PHRASES: Final = frozenset({"share", "if_missing"})
"""Functions that are said as phrases, so that they need parentheses among others."""


def render(expression: Expression | str, titles: Mapping[str, str], lang: str = "en") -> str:
    """Say an expression in words: titles for names, signs of arithmetic for people, functions as phrases.

    Raises:
        Invalid: as ``parse``, where it is given as text.
    """
    read = parse(expression) if isinstance(expression, str) else expression
    return _said(read.root, titles, WORDS.get(lang, WORDS["en"]))


def _said(node: Node, titles: Mapping[str, str], words: Mapping[str, str]) -> str:
    def within(item: Node, *, bare: bool = False) -> str:
        said = _said(item, titles, words)
        return said if bare or _holds_together(item) else f"({said})"

    match node:
        case Number(text, _):
            return text
        case Name(name):
            return words["quotes"].format(titles[name]) if titles.get(name) else name
        case Negated(inner):
            return f"−{within(inner)}"
        case Chain(first, rest):
            sums = _adds(node)
            said = [within(first, bare=sums and _multiplies(first))]
            for sign, item in rest:
                said += [SIGNS[sign], within(item, bare=sums and _multiplies(item))]
            return " ".join(said)
        case Call(function, arguments) if function in PHRASES:
            return words[function].format(*map(within, arguments))
        case Call(function, arguments):
            return words[function].format("; ".join(within(item, bare=True) for item in arguments))


def _holds_together(node: Node) -> bool:
    """Tell whether a node needs no parentheses among others."""
    return not (isinstance(node, Negated | Chain) or (isinstance(node, Call) and node.function in PHRASES))


def _adds(node: Chain) -> bool:
    return node.rest[0][0] in "+-"


def _multiplies(node: Node) -> bool:
    return isinstance(node, Chain) and not _adds(node)
