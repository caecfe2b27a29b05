"""Small-cell protection for tables that leave the house: suppression or rounding, each checked by attack."""

from handover.disclosure.attack import attack
from handover.disclosure.rounding import Rounded, rounded
from handover.disclosure.shares import shares, withheld
from handover.disclosure.suppression import SUPPRESSED, Figure, Protected, Weights, protect
from handover.disclosure.tables import ALL, Bounds, Cell, Sum, Table, crossed

__all__ = [
    "ALL",
    "SUPPRESSED",
    "Bounds",
    "Cell",
    "Figure",
    "Protected",
    "Rounded",
    "Sum",
    "Table",
    "Weights",
    "attack",
    "crossed",
    "protect",
    "rounded",
    "shares",
    "withheld",
]
