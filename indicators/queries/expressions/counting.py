"""Working an expression out, in exact fractions.

It is rounded once, at the end: to the 12 places that a value keeps, half to even. What is missing, divided by
zero, or larger than a value may be, gives no number but the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final, TypeAlias

from handover.canonical import decimal_text
from indicators.models.cells import DECIMAL_PLACES, WHOLE_DIGITS
from indicators.queries.expressions.grammar import parse
from indicators.queries.expressions.nodes import Call, Chain, Expression, Name, Negated, Node, Number

BITS: Final = 8192
"""Binary digits of a numerator or denominator on the way: some 2,400 decimal ones."""

_EXACT: Final = Context(prec=WHOLE_DIGITS + DECIMAL_PLACES + 2)


class Why(StrEnum):
    """Why an expression has no value."""

    help: str

    def __new__(cls, value: str, text: str = "") -> Why:
        """Make a member from its code name and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    MISSING = "missing", "a part has no value"
    DIVISION_BY_ZERO = "division_by_zero", "something is divided by zero"
    TOO_MANY_DIGITS = (
        "too_many_digits",
        "it is larger than a value may be, or takes too many digits to work out",
    )


@dataclass(frozen=True)
class Outcome:
    """What an expression comes to: a number, or why there is none and which parts are missing."""

    value: Decimal | None
    why: Why | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Nothing:
    why: Why
    parts: tuple[str, ...] = ()


_Result: TypeAlias = Fraction | _Nothing


def evaluate(expression: Expression | str, values: Mapping[str, Decimal | None]) -> Outcome:
    """Work out an expression; a name without a value is missing.

    Raises:
        Invalid: as ``parse``, where it is given as text.
    """
    read = parse(expression) if isinstance(expression, str) else expression
    result = _worked_out(read.root, values)
    if isinstance(result, _Nothing):
        return Outcome(None, result.why, result.parts)
    if abs(result) >= 10**WHOLE_DIGITS:
        return Outcome(None, Why.TOO_MANY_DIGITS)
    value = _rounded(result)
    return Outcome(None, Why.TOO_MANY_DIGITS) if abs(value) >= 10**WHOLE_DIGITS else Outcome(value)


def _rounded(exact: Fraction) -> Decimal:
    """Round to the places that a value keeps, half to even, without trailing zeros."""
    scaled = Decimal(round(exact * 10**DECIMAL_PLACES))
    return Decimal(decimal_text(_EXACT.scaleb(scaled, -DECIMAL_PLACES)))


def _worked_out(node: Node, values: Mapping[str, Decimal | None]) -> _Result:
    match node:
        case Number(_, value):
            return value
        case Name(name):
            return _part(name, values.get(name))
        case Negated(inner):
            result = _worked_out(inner, values)
            return result if isinstance(result, _Nothing) else -result
        case Chain(first, rest):
            return _chain([_worked_out(item, values) for item in (first, *(item for _, item in rest))], rest)
        case Call("if_missing", (wanted, instead)):
            result = _worked_out(wanted, values)
            if isinstance(result, Fraction) or result.why is not Why.MISSING:
                return result
            other = _worked_out(instead, values)
            return other if isinstance(other, Fraction) else _merged([result, other])
        case Call(function, arguments):
            given = [_worked_out(item, values) for item in arguments]
            numbers = _all_there(given)
            return numbers if isinstance(numbers, _Nothing) else FUNCTIONS[function](numbers)


def _part(name: str, value: Decimal | None) -> _Result:
    if value is None:
        return _Nothing(Why.MISSING, (name,))
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or value.adjusted() >= WHOLE_DIGITS or exponent < -2 * DECIMAL_PLACES:
        return _Nothing(Why.TOO_MANY_DIGITS)
    return Fraction(value)


def _all_there(results: list[_Result]) -> list[Fraction] | _Nothing:
    """Give the numbers if all are there, else why they are not."""
    nothing = [item for item in results if isinstance(item, _Nothing)]
    return _merged(nothing) if nothing else [item for item in results if isinstance(item, Fraction)]


def _merged(nothing: list[_Nothing]) -> _Nothing:
    """Give everything that is missing, else the first other reason."""
    missing = dict.fromkeys(name for item in nothing for name in item.parts)
    return _Nothing(Why.MISSING, tuple(missing)) if missing else nothing[0]


def _chain(results: list[_Result], rest: tuple[tuple[str, Node], ...]) -> _Result:
    numbers = _all_there(results)
    if isinstance(numbers, _Nothing):
        return numbers
    total = numbers[0]
    for (operator, _), number in zip(rest, numbers[1:], strict=True):
        if operator == "/" and number == 0:
            return _Nothing(Why.DIVISION_BY_ZERO)
        total = OPERATORS[operator](total, number)
        if _too_long(total):
            return _Nothing(Why.TOO_MANY_DIGITS)
    return total


def _too_long(number: Fraction) -> bool:
    """Tell whether going on would cost more than it is worth: nothing that people report comes near."""
    return max(number.numerator.bit_length(), number.denominator.bit_length()) > BITS


def _share(numbers: list[Fraction]) -> _Result:
    part, whole = numbers
    return _checked(100 * part / whole) if whole else _Nothing(Why.DIVISION_BY_ZERO)


def _sum(numbers: list[Fraction]) -> _Result:
    return _checked(sum(numbers, Fraction(0)))


def _checked(number: Fraction) -> _Result:
    return _Nothing(Why.TOO_MANY_DIGITS) if _too_long(number) else number


OPERATORS: Final[Mapping[str, Callable[[Fraction, Fraction], Fraction]]] = MappingProxyType(
    {
        "+": lambda left, right: left + right,
        "-": lambda left, right: left - right,
        "*": lambda left, right: left * right,
        "/": lambda left, right: left / right,
    }
)
FUNCTIONS: Final[Mapping[str, Callable[[list[Fraction]], _Result]]] = MappingProxyType(
    {"min": min, "max": max, "sum": _sum, "share": _share}
)
