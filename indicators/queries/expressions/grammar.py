"""Reading an expression: the grammar, its limits, and where it cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from lark import Lark, Token, Tree, UnexpectedInput

from handover.errors import Invalid
from indicators.queries.expressions.nodes import (
    Call,
    Chain,
    Expression,
    Name,
    Negated,
    Node,
    Number,
    names_in,
)

LONGEST: Final = 2000
"""Characters of an expression."""

DEEPEST: Final = 20
"""Parentheses within parentheses."""

GRAMMAR: Final = r"""
start: sum
sum: product ((PLUS | MINUS) product)*
product: signed ((TIMES | OVER) signed)*
signed: MINUS* (number | name | call | "(" sum ")")
number: NUMBER
name: NAME
call: NAME "(" (sum ("," sum)*)? ")"

PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
NUMBER: /[0-9]{1,26}(\.[0-9]{1,12})?(?![0-9A-Za-z_.])/
NAME: /[A-Za-z][A-Za-z0-9_]{0,59}(?![0-9A-Za-z_])/
%ignore /[ \t\r\n]+/
"""

ARGUMENTS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"min": (1, 50), "max": (1, 50), "sum": (1, 50), "share": (2, 2), "if_missing": (2, 2)}
)
"""The functions, and how few and how many arguments each takes."""


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True)


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        Invalid: ``expression_too_long``, ``expression_too_deep`` or ``expression_syntax``, which says where.
    """
    if len(text) > LONGEST:
        raise Invalid(
            "expression_too_long", f"An expression has at most {LONGEST} characters.", field="expression"
        )
    if _depth(text) > DEEPEST:
        raise Invalid(
            "expression_too_deep",
            f"An expression has at most {DEEPEST} parentheses within one another.",
            field="expression",
        )
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    root = _node(tree)
    return Expression(text, root, tuple(dict.fromkeys(names_in(root))))


def names(text: str) -> list[str]:
    """Give the names that an expression stands on, each once, in the order in which they first stand.

    Raises:
        Invalid: as ``parse``.
    """
    return list(parse(text).names)


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


def _syntax_error(text: str, error: UnexpectedInput) -> Invalid:
    """Say where reading stopped; lark's own message lists the names of its terminals."""
    if not text.strip():
        return Invalid("expression_syntax", "The expression is empty.", field="expression", position=1)
    at = getattr(error, "pos_in_stream", None)
    token = getattr(error, "token", None)
    if at is None or at < 0 or at >= len(text) or (token is not None and token.type == "$END"):
        return Invalid(
            "expression_syntax",
            "The expression ends too early.",
            field="expression",
            position=len(text.rstrip()) + 1,
        )
    word = re.match(r"[^\s()+*/,-]{1,20}|.", text[at:], re.DOTALL)
    shown = word[0] if word and word[0].isprintable() else f"U+{ord(text[at]):04X}"
    hint = "; the decimal mark is a point" if shown == "," else ""
    return Invalid(
        "expression_syntax",
        f"The expression cannot be read from character {at + 1} on, “{shown}”{hint}.",
        field="expression",
        position=at + 1,
    )


def _node(tree: Tree[Token]) -> Node:
    """Make a node; lark's tree is at most a few times as deep as the parentheses."""
    children = tree.children
    if tree.data == "signed":
        inner = _node(_tree(children[-1]))
        return Negated(inner) if len(children) % 2 == 0 else inner
    if tree.data == "number":
        return Number(str(children[0]), Fraction(str(children[0])))
    if tree.data == "name":
        return Name(_name(children[0]))
    if tree.data == "call":
        return _call(children[0], [_node(_tree(child)) for child in children[1:]])
    first = _node(_tree(children[0]))
    rest = tuple(
        (str(operator), _node(_tree(child)))
        for operator, child in zip(children[1::2], children[2::2], strict=True)
    )
    return Chain(first, rest) if rest else first


def _tree(child: Tree[Token] | Token) -> Tree[Token]:
    if not isinstance(child, Tree):
        raise TypeError(f"a rule gave the token {child!r}")
    return child


def _name(token: Tree[Token] | Token) -> str:
    if token in ARGUMENTS:
        raise _wrong_use(token, f"“{token}” is a function: its arguments stand in parentheses after it")
    return str(token)


def _call(token: Tree[Token] | Token, arguments: list[Node]) -> Call:
    function = str(token)
    if function not in ARGUMENTS:
        raise _wrong_use(token, f"There is no function “{function}”, only {', '.join(ARGUMENTS)}")
    fewest, most = ARGUMENTS[function]
    if not fewest <= len(arguments) <= most:
        takes = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise _wrong_use(token, f"“{function}” takes {takes} arguments, not {len(arguments)}")
    return Call(function, tuple(arguments))


def _wrong_use(token: Tree[Token] | Token, what: str) -> Invalid:
    position = (getattr(token, "start_pos", None) or 0) + 1
    return Invalid(
        "expression_syntax", f"{what} (character {position}).", field="expression", position=position
    )
