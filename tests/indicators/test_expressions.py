"""Calculated indicators: what can be read, what it comes to, and what hostile text does (nothing)."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handover.errors import Invalid
from indicators.queries.expressions import Outcome, Why, evaluate, names, parse, render
from indicators.queries.expressions.grammar import DEEPEST, LONGEST

D = Decimal
PARTS = {"a": D("1.5"), "b": D(3), "none": None, "zero": D(0)}


def refusal(text: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(text)
    return caught.value


# --- what it comes to --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("10 - (4 - 3)", "9"),
        ("12 / 3 / 2", "2"),
        ("12 / (3 / 2)", "8"),
        ("-a + b", "1.5"),
        ("-a * -b", "4.5"),
        ("--a", "1.5"),
        ("---a", "-1.5"),
        ("min(b, a, 2)", "1.5"),
        ("max(b, a, 2)", "3"),
        ("sum(a, b, 2.50)", "7"),
        ("share(a, b)", "50"),
        ("if_missing(a, 0)", "1.5"),
        ("if_missing(none, 4) + 1", "5"),
        ("if_missing(if_missing(none, none), 7)", "7"),
        ("0.1 + 0.2", "0.3"),
        ("1\n+\t1", "2"),
    ],
)
def test_it_is_counted_as_at_school(text: str, value: str) -> None:
    assert evaluate(text, PARTS) == Outcome(D(value))


def test_it_is_rounded_once_at_the_end_to_twelve_places() -> None:
    assert evaluate("1 / 3", {}).value == D("0.333333333333")
    assert evaluate("1 / 3 * 3", {}).value == D(1)
    assert evaluate("sum(share(1, 3), share(1, 3), share(1, 3))", {}).value == D(100)
    # 1 / 3 * 3 - 1 is nothing at all, not a rest of rounding by which one could divide.
    assert evaluate("1 / (1 / 3 * 3 - 1)", {}).why is Why.DIVISION_BY_ZERO


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.000000000001 / 2", "0"),
        ("0.000000000003 / 2", "0.000000000002"),
        ("0.000000000005 / 2", "0.000000000002"),
        ("-0.000000000003 / 2", "-0.000000000002"),
        ("-0.000000000001 / 2", "0"),
    ],
)
def test_halves_are_rounded_to_the_even_neighbour(text: str, value: str) -> None:
    assert str(evaluate(text, {}).value) == str(
        D(value).quantize(D("1e-12")).normalize() if D(value) else "0"
    )


def test_numbers_come_back_without_exponents_and_trailing_zeros() -> None:
    assert str(evaluate("x * 10", {"x": D("250.00")}).value) == "2500"
    assert str(evaluate("x / 1", {"x": D("1E+5")}).value) == "100000"
    assert str(evaluate("x * 1", {"x": D("2.50")}).value) == "2.5"


@pytest.mark.parametrize("text", ["a / zero", "share(a, zero)", "a / (b - b)", "if_missing(a / zero, 1)"])
def test_a_division_by_zero_has_no_value_and_is_not_called_missing(text: str) -> None:
    assert evaluate(text, PARTS) == Outcome(None, Why.DIVISION_BY_ZERO)


def test_everything_that_is_missing_is_named_once() -> None:
    found = evaluate("none + a / gone + none - min(lost, b)", PARTS)

    assert found == Outcome(None, Why.MISSING, ("none", "gone", "lost"))


def test_a_part_that_is_missing_is_told_before_a_division_by_zero() -> None:
    assert evaluate("a / zero + none", PARTS) == Outcome(None, Why.MISSING, ("none",))


def test_a_replacement_that_is_missing_too_replaces_nothing() -> None:
    assert evaluate("if_missing(none, gone)", PARTS) == Outcome(None, Why.MISSING, ("none", "gone"))


def test_a_zero_is_not_missing() -> None:
    assert evaluate("if_missing(zero, 5)", PARTS) == Outcome(D(0))


# --- names and words ---------------------------------------------------------------------------------------------


def test_names_come_once_in_the_order_in_which_they_stand() -> None:
    assert names("share(girls_2 + Boys, all) - min(girls_2, 3)") == ["girls_2", "Boys", "all"]


TITLES = {"a": "Pupils {0}", "b": "Children"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("100*a/b", "100 × “Pupils {0}” ÷ “Children”"),
        ("a-(b-1)", "“Pupils {0}” − (“Children” − 1)"),
        ("a*(b+c)", "“Pupils {0}” × (“Children” + c)"),
        ("a*b+c/2", "“Pupils {0}” × “Children” + c ÷ 2"),
        ("a/(b/2)", "“Pupils {0}” ÷ (“Children” ÷ 2)"),
        ("-(a+b)", "−(“Pupils {0}” + “Children”)"),
        ("2*-a", "2 × (−“Pupils {0}”)"),
        ("share(a, b)", "“Pupils {0}” as a percentage of “Children”"),
        ("2*share(a, b+1)", "2 × (“Pupils {0}” as a percentage of (“Children” + 1))"),
        ("min(a, b*2)", "the smallest of (“Pupils {0}”; “Children” × 2)"),
        ("if_missing(a, 0)", "“Pupils {0}” (where it is missing: 0)"),
    ],
)
def test_it_is_said_in_words_that_keep_its_meaning(text: str, said: str) -> None:
    assert render(text, TITLES) == said


def test_it_is_said_in_the_language_of_who_reads() -> None:
    assert render("share(a, b)", {"a": "Elevi", "b": "Copii"}, "ro") == "„Elevi” ca procent din „Copii”"
    assert (
        render("share(a, b)", {"a": "Mokiniai", "b": "Vaikai"}, "lt") == "„Mokiniai“ procentais nuo „Vaikai“"
    )
    assert render("max(a, 1)", {"a": "Pupils"}, "xx") == "the largest of (“Pupils”; 1)"


# --- what cannot be read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "position", "sentence"),
    [
        ("", 1, "The expression is empty."),
        (" \n", 1, "The expression is empty."),
        ("1 + ", 4, "The expression ends too early."),
        ("(a + b", 7, "The expression ends too early."),
        ("a + b)", 6, "The expression cannot be read from character 6 on, “)”."),
        ("a b", 3, "The expression cannot be read from character 3 on, “b”."),
        (
            "1,5 * a",
            2,
            "The expression cannot be read from character 2 on, “,”; the decimal mark is a point.",
        ),
        ("2 ** 3", 4, "The expression cannot be read from character 4 on, “*”."),
        ("a ^ 2", 3, "The expression cannot be read from character 3 on, “^”."),
        ("a // b", 4, "The expression cannot be read from character 4 on, “/”."),
        ("1e999", 1, "The expression cannot be read from character 1 on, “1e999”."),
        ("0x10", 1, "The expression cannot be read from character 1 on, “0x10”."),
        (".5", 1, "The expression cannot be read from character 1 on, “.5”."),
        ("٣ + 1", 1, "The expression cannot be read from character 1 on, “٣”."),
        ("1 + ２", 5, "The expression cannot be read from character 5 on, “２”."),
        ("__class__", 1, "The expression cannot be read from character 1 on, “__class__”."),
        ("a.__class__", 2, "The expression cannot be read from character 2 on, “.__class__”."),
        ("a[0]", 2, "The expression cannot be read from character 2 on, “[0]”."),
        ("'text'", 1, "The expression cannot be read from character 1 on, “'text'”."),
        ("lambda: 1", 7, "The expression cannot be read from character 7 on, “:”."),
        (
            "min(1,,2)",
            7,
            "The expression cannot be read from character 7 on, “,”; the decimal mark is a point.",
        ),
        ("1 + min", 5, "“min” is a function: its arguments stand in parentheses after it (character 5)."),
        ("1 + min()", 5, "“min” takes 1 to 50 arguments, not 0 (character 5)."),
        ("share(a)", 1, "“share” takes 2 arguments, not 1 (character 1)."),
        ("if_missing(a, 0, 1)", 1, "“if_missing” takes 2 arguments, not 3 (character 1)."),
        (
            "__import__(1)",
            1,
            "The expression cannot be read from character 1 on, “__import__”.",
        ),
        (
            "eval(1)",
            1,
            "There is no function “eval”, only min, max, sum, share, if_missing (character 1).",
        ),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, position: int, sentence: str) -> None:
    error = refusal(text)

    assert (error.code, error.sentence) == ("expression_syntax", sentence)
    assert error.details["position"] == position


def test_very_long_text_is_refused_before_it_is_read() -> None:
    assert names("a" + " " * (LONGEST - 1)) == ["a"]
    assert refusal("a" + " " * LONGEST).code == "expression_too_long"
    assert refusal("(" * 10_000_000).code == "expression_too_long"


def test_parentheses_go_so_deep_and_no_deeper() -> None:
    deep = "min(" * DEEPEST + "1" + ")" * DEEPEST
    assert evaluate(deep, {}).value == D(1)
    assert render(deep, {}).count("the smallest of") == DEEPEST
    assert refusal(f"({deep})").code == "expression_too_deep"
    assert refusal("(" * 900 + "1" + ")" * 900).code == "expression_too_deep"


def test_names_and_numbers_are_as_long_as_they_may_be_and_no_longer() -> None:
    assert names("a" * 60) == ["a" * 60]
    assert refusal("a" * 61).code == "expression_syntax"
    assert evaluate("9" * 26, {}).value == D("9" * 26)
    assert refusal("9" * 27).code == "expression_syntax"
    assert refusal("0." + "1" * 13).code == "expression_syntax"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x * x", D("1E+13")),
        ("x + x", D("9" * 26)),
        ("x", D("1E+26")),
        ("x", D("1E+999999")),
        ("x", D("1E-999999")),
        ("x", D("NaN")),
        ("x", D("-Infinity")),
        ("x", D("99999999999999999999999999.9999999999999")),
        ("*".join(["x"] * 900), D("99999999999999999999999999.123456789012")),
        ("/".join(["x"] * 900), D("99999999999999999999999999.123456789012")),
    ],
)
def test_what_no_value_can_hold_has_a_reason_instead(text: str, value: Decimal) -> None:
    began = time.process_time()

    assert evaluate(text, {"x": value}) == Outcome(None, Why.TOO_MANY_DIGITS)
    assert time.process_time() - began < 5


def test_long_chains_of_signs_and_sums_are_read_and_counted() -> None:
    assert evaluate("-" * 1999 + "1", {}).value == D(-1)
    assert evaluate("+".join(["1"] * 1000), {}).value == D(1000)
    assert render("+".join(["1"] * 1000), {}).count("+") == 999


@given(st.text(max_size=60) | st.text(alphabet="ab19.+-*/(), min_sharefsu\n", max_size=60))
@example("min(" * 30)
@example("if_missing(min, 1)")
@example("\ud800")
@example("1\x00")
@example("\u00a0")
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        expression = parse(text)
    except Invalid as error:
        refused = error
    else:
        found = evaluate(expression, {"a": D(1)})
        assert (found.value is None) == (found.why is not None)
        assert render(expression, {})
        return
    assert refused.code in {"expression_syntax", "expression_too_deep"}
    assert refused.sentence.isprintable()


# --- against fractions -------------------------------------------------------------------------------------------

Exact = Fraction | None
Tree = tuple[str, Exact, tuple[str, ...]]
"""An expression as text, what it comes to by fractions alone, and which of its names are missing."""

LEAVES = {"x": D("2.5"), "y": D(-3), "z": D(0), "w": D("0.000000000001"), "gone": None}


def negated(tree: Tree) -> Tree:
    text, value, missing = tree
    return f"-({text})", None if value is None else -value, missing


def joined(left: Tree, sign: str, right: Tree) -> Tree:
    missing = (*left[2], *right[2])
    text = f"({left[0]}) {sign} ({right[0]})"
    if left[1] is None or right[1] is None or (sign == "/" and right[1] == 0):
        return text, None, missing
    one, other = left[1], right[1]
    results = {"+": one + other, "-": one - other, "*": one * other, "/": one / (other or 1)}
    return text, results[sign], missing


def called(function: str, given_trees: list[Tree]) -> Tree:
    text = f"{function}({', '.join(tree[0] for tree in given_trees)})"
    missing = tuple(name for tree in given_trees for name in tree[2])
    values = [tree[1] for tree in given_trees if tree[1] is not None]
    if len(values) < len(given_trees):
        return text, None, missing
    total = sum(values, Fraction(0))
    return text, {"min": min(values), "max": max(values), "sum": total}[function], missing


def leaf(name: str) -> Tree:
    value = LEAVES[name]
    return (name, None, (name,)) if value is None else (name, Fraction(value), ())


def grown(smaller: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.one_of(
        st.builds(negated, smaller),
        st.builds(joined, smaller, st.sampled_from("+-*/"), smaller),
        st.builds(called, st.sampled_from(["min", "max", "sum"]), st.lists(smaller, min_size=1, max_size=3)),
    )


NUMBERS = st.decimals(min_value=0, max_value=9999, places=2).map(
    lambda number: (str(number), Fraction(number), ())
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.sampled_from(sorted(LEAVES)).map(leaf) | NUMBERS, grown, max_leaves=8
)


@given(TREES)
def test_it_comes_to_what_fractions_come_to(tree: Tree) -> None:
    text, exact, missing = tree

    found = evaluate(text, LEAVES)

    if missing:
        assert (found.value, found.why, set(found.parts)) == (None, Why.MISSING, set(missing))
    elif exact is None:
        assert found == Outcome(None, Why.DIVISION_BY_ZERO)
    elif abs(exact) >= 10**26:
        assert found == Outcome(None, Why.TOO_MANY_DIGITS)
    else:
        assert found.value is not None
        assert abs(Fraction(found.value) - exact) <= Fraction(1, 2 * 10**12)
        assert found.value == round(found.value, 12)


@given(TREES)
def test_parentheses_that_say_nothing_change_nothing(tree: Tree) -> None:
    assert evaluate(f"(({tree[0]}))", LEAVES) == evaluate(tree[0], LEAVES)


@given(
    st.sampled_from("xyw"),
    st.lists(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "+-", "*-", "/--"]), st.sampled_from("xyw")),
        max_size=8,
    ),
)
def test_signs_bind_as_everywhere_without_parentheses(first: str, rest: list[tuple[str, str]]) -> None:
    text = first + "".join(sign + name for sign, name in rest)
    exact = eval(text, {}, {name: Fraction(value) for name, value in LEAVES.items() if value})

    found = evaluate(text, LEAVES)

    if abs(exact) >= 10**26:
        assert found == Outcome(None, Why.TOO_MANY_DIGITS)
    else:
        assert found.value is not None
        assert abs(Fraction(found.value) - exact) <= Fraction(1, 2 * 10**12)
