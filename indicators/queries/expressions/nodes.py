"""The tree of an expression that was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True)
class Number:
    """A number, as it is written, and exactly."""

    text: str
    value: Fraction


@dataclass(frozen=True)
class Name:
    """A part that has a value of its own."""

    name: str


@dataclass(frozen=True)
class Negated:
    """Something with its sign turned."""

    inner: Node


@dataclass(frozen=True)
class Chain:
    """Terms joined by + and -, or factors joined by * and /, from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Call:
    """A function of what stands in its parentheses."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Name | Negated | Chain | Call


@dataclass(frozen=True)
class Expression:
    """An expression that was read: its text, its tree, and its names in the order in which they first stand."""

    text: str
    root: Node
    names: tuple[str, ...]


def names_in(node: Node) -> Iterator[str]:
    """Give every name of a tree, from left to right, as often as it stands there."""
    match node:
        case Name(name):
            yield name
        case Negated(inner):
            yield from names_in(inner)
        case Chain(first, rest):
            yield from names_in(first)
            for _, item in rest:
                yield from names_in(item)
        case Call(_, arguments):
            for item in arguments:
                yield from names_in(item)
