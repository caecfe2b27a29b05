"""Calculated indicators: a small grammar of numbers, names and a few functions; nothing of it runs as Python."""

from indicators.queries.expressions.counting import Outcome, Why, evaluate
from indicators.queries.expressions.grammar import names, parse
from indicators.queries.expressions.nodes import Expression
from indicators.queries.expressions.words import render

__all__ = ["Expression", "Outcome", "Why", "evaluate", "names", "parse", "render"]
