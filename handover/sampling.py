"""Samples that anybody draws again with SHA-256 alone, and that neither side of an audit can choose.

The auditor commits to a seed by its SHA-256; the frame is frozen by its digest; the seed is revealed. What follows from
the two is worked out here, with whole numbers and fractions: no float, no random generator, no clock.

- Digest of a frame: SHA-256 of the UTF-8 lines ``handover-frame-v1`` and then, ordered by UUID,
  ``<uuid> <amount in hundredths> <stratum>``, each ended by a line feed.
- Number of an item: SHA-256 of the seed, the frame's digest (32 bytes) and the item's UUID (16 bytes), read as a whole
  number, first byte first. Items stand in the order of their numbers.
- Simple random: the first ``size`` items. Stratified: the same in each stratum.
- Monetary unit: whatever is as large as the interval is in for certain, and the interval is worked out again without
  it; of the rest, in the order of their numbers, every item that one of the points ``start``, ``start + interval`` …
  falls into. ``start`` is the interval times the number of the nil UUID divided by 2 to the 256th.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final
from uuid import UUID

from handover.errors import Invalid

SEED_BYTES: Final = 16
"""A seed is at least as long as this, so that nobody finds it by trying."""
NEW_SEED_BYTES: Final = 32
"""How long a seed is that is made here."""
HASH_RANGE: Final = 2**256
"""How many numbers SHA-256 gives."""
NIL: Final = UUID(int=0)
"""No item: its number is that of the random start."""


class Method(StrEnum):
    """How a sample is drawn."""

    SIMPLE = "simple"
    STRATIFIED = "stratified"
    MONETARY = "monetary"


@dataclass(frozen=True)
class Item:
    """What may be drawn. ``amount`` is in hundredths of the frame's currency, and 0 where no money is meant."""

    uuid: UUID
    stratum: str = ""
    amount: int = 0


@dataclass(frozen=True)
class Drawn:
    """An item that was drawn, and whether it was in for certain."""

    item: Item
    certain: bool = False


def new_seed() -> bytes:
    """Make a seed that nobody can guess."""
    return secrets.token_bytes(NEW_SEED_BYTES)


def seed_of(text: str) -> bytes:
    """Read a seed written in hexadecimal digits.

    Raises:
        Invalid: it is not hexadecimal, or shorter than 16 bytes.
    """
    try:
        seed = bytes.fromhex(text.strip())
    except ValueError:
        raise Invalid("seed_unreadable", "A seed is written in hexadecimal digits.", field="seed") from None
    if len(seed) < SEED_BYTES:
        raise Invalid(
            "seed_short", f"A seed has at least {SEED_BYTES} bytes ({2 * SEED_BYTES} digits).", field="seed"
        )
    return seed


def commitment(seed: bytes) -> str:
    """Give the SHA-256 of a seed, in hexadecimal digits: what is told of it before it is revealed."""
    return hashlib.sha256(seed).hexdigest()


def hundredths(amount: Decimal) -> int:
    """Give an amount of money in hundredths, exactly.

    Raises:
        Invalid: it has more than two decimals.
    """
    scaled = amount * 100
    if scaled != scaled.to_integral_value():
        raise Invalid("amount_too_fine", f"{amount} has more than two decimals.", field="amount")
    return int(scaled)


def frame_digest(items: Iterable[Item]) -> bytes:
    """Give the SHA-256 of a frame, whatever order its items are given in.

    Raises:
        Invalid: an item stands in it twice, or a stratum holds a line feed.
    """
    ordered = sorted(items, key=lambda item: item.uuid)
    if len({item.uuid for item in ordered}) != len(ordered):
        raise Invalid("frame_repeats", "An item stands in the frame twice.", field="frame")
    if any("\n" in item.stratum for item in ordered):
        raise Invalid("stratum_unreadable", "The name of a stratum is one line.", field="frame")
    lines = ["handover-frame-v1", *(f"{item.uuid} {item.amount} {item.stratum}" for item in ordered)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).digest()


def number(seed: bytes, digest: bytes, uuid: UUID) -> int:
    """Give the number of an item: where it stands in the order of a frame."""
    return int.from_bytes(hashlib.sha256(seed + digest + uuid.bytes).digest(), "big")


def shares(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """Share a sample out among strata in proportion, by the largest remainder; equal remainders by name.

    Raises:
        Invalid: fewer items than are wanted.
    """
    whole = sum(counts.values())
    _enough(size, whole)
    exact = {name: Fraction(size * count, whole) for name, count in counts.items()}
    given = {name: int(share) for name, share in exact.items()}
    order = sorted(counts, key=lambda name: (given[name] - exact[name], name))
    for name in order[: size - sum(given.values())]:
        given[name] += 1
    return given


def draw(
    method: Method, items: Sequence[Item], *, seed: bytes, size: int, sizes: Mapping[str, int] | None = None
) -> list[Drawn]:
    """Draw a sample.

    Args:
        size: how many items; for ``STRATIFIED`` shared out in proportion, unless ``sizes`` says how many of each
            stratum.

    Returns:
        What was drawn, in the order of the items' numbers; certain items of ``MONETARY`` first, the largest first.

    Raises:
        Invalid: fewer items than are wanted, a stratum that is not there, or an amount that is not above zero where
            money is drawn.
    """
    digest = frame_digest(items)
    ordered = sorted(items, key=lambda item: number(seed, digest, item.uuid))
    match method:
        case Method.SIMPLE:
            _enough(size, len(ordered))
            return [Drawn(item) for item in ordered[:size]]
        case Method.STRATIFIED:
            return _stratified(ordered, size, sizes)
        case Method.MONETARY:
            return monetary(ordered, size, Fraction(number(seed, digest, NIL), HASH_RANGE))


def _stratified(ordered: Sequence[Item], size: int, sizes: Mapping[str, int] | None) -> list[Drawn]:
    counts: dict[str, int] = {}
    for item in ordered:
        counts[item.stratum] = counts.get(item.stratum, 0) + 1
    wanted = dict(sizes) if sizes else shares(counts, size)
    for name, share in wanted.items():
        if share > counts.get(name, 0) or share < 0:
            raise Invalid(
                "stratum_small", f"“{name}” has {counts.get(name, 0)} items, not {share}.", field="sizes"
            )
    drawn = []
    for item in ordered:
        if wanted.get(item.stratum, 0) > 0:
            wanted[item.stratum] -= 1
            drawn.append(Drawn(item))
    return drawn


def monetary(ordered: Sequence[Item], size: int, part: Fraction) -> list[Drawn]:
    """Draw by monetary units: an item's chance is its amount over the interval, and 1 where it is as large as that.

    Args:
        ordered: the frame in the order in which its money is counted.
        part: where in the first interval the start lies, from 0 up to but not including 1.

    Raises:
        Invalid: an amount is not above zero, or fewer items than are wanted.
    """
    if any(item.amount <= 0 for item in ordered):
        raise Invalid(
            "amount_not_positive", "By monetary units only amounts above zero are drawn.", field="method"
        )
    _enough(size, len(ordered))
    certain: list[Item] = []
    rest = list(ordered)
    while len(certain) < size:
        interval = Fraction(sum(item.amount for item in rest), size - len(certain))
        large = [item for item in rest if item.amount >= interval]
        if not large:
            break
        certain += large
        rest = [item for item in rest if item.amount < interval]
    certain.sort(key=lambda item: -item.amount)
    taken = [Drawn(item, certain=True) for item in certain]
    if len(certain) < size:
        point, until = interval * part, 0
        for item in rest:
            until += item.amount
            if point < until:
                taken.append(Drawn(item))
                point += interval
    return taken


def _enough(size: int, whole: int) -> None:
    if not 1 <= size <= whole:
        raise Invalid("sample_size", f"A sample of {size} cannot be drawn from {whole} items.", field="size")
