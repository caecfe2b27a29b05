"""Samples: the same seed and frame give the same sample, and every item its chance."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover import sampling
from handover.errors import Invalid
from handover.sampling import Item, Method, draw

SEED = bytes(range(32))
ROUNDS = 4000


def frame(*amounts: int) -> list[Item]:
    return [Item(UUID(int=place + 1), "abc"[place % 3], amount) for place, amount in enumerate(amounts)]


frames = st.lists(st.integers(1, 10_000), min_size=1, max_size=30).map(lambda found: frame(*found))
seeds = st.binary(min_size=16, max_size=40)
methods = st.sampled_from(Method)


@given(frames, seeds, methods, st.data())
def test_the_same_seed_and_frame_give_the_same_sample_of_the_size_that_was_asked(
    items: list[Item], seed: bytes, method: Method, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(items)))
    drawn = draw(method, items, seed=seed, size=size)
    assert len({row.item for row in drawn}) == len(drawn) == size
    assert {row.item for row in drawn} <= set(items)
    shuffled = data.draw(st.permutations(items))
    assert draw(method, shuffled, seed=seed, size=size) == drawn


@given(frames, seeds)
def test_an_item_more_or_another_amount_is_another_frame(items: list[Item], seed: bytes) -> None:
    digest = sampling.frame_digest(items)
    more = [*items, Item(UUID(int=99))]
    first = items[0]
    dearer = [Item(first.uuid, first.stratum, first.amount + 1), *items[1:]]
    elsewhere = [Item(first.uuid, "other", first.amount), *items[1:]]
    assert len({digest, *map(sampling.frame_digest, (more, dearer, elsewhere))}) == 4


def test_a_sample_is_drawn_again_with_sha256_alone() -> None:
    items = frame(5, 7, 9, 11)
    text = "handover-frame-v1\n" + "".join(f"{row.uuid} {row.amount} {row.stratum}\n" for row in items)
    digest = hashlib.sha256(text.encode()).digest()
    by_hand = sorted(
        (row.uuid for row in items), key=lambda uuid: hashlib.sha256(SEED + digest + uuid.bytes).hexdigest()
    )[:2]
    assert [row.item.uuid for row in draw(Method.SIMPLE, items, seed=SEED, size=2)] == by_hand


def chances(method: Method, items: list[Item], size: int) -> dict[UUID, int]:
    """Count how often each item is drawn by as many seeds as there are rounds, which are always the same."""
    found: Counter[UUID] = Counter()
    for turn in range(ROUNDS):
        found.update(row.item.uuid for row in draw(method, items, seed=turn.to_bytes(16, "big"), size=size))
    return found


def near(found: int, chance: Fraction) -> bool:
    """Tell whether a count lies within five standard deviations of what its chance lets expect."""
    spread = math.sqrt(ROUNDS * chance * (1 - chance))
    return abs(found - ROUNDS * chance) <= 5 * spread


def test_every_item_of_a_simple_sample_has_the_same_chance() -> None:
    items = frame(*range(1, 11))
    found = chances(Method.SIMPLE, items, 3)
    assert all(near(found[row.uuid], Fraction(3, 10)) for row in items)


def test_every_item_of_a_stratum_has_the_chance_of_its_stratum() -> None:
    items = frame(*range(1, 11))  # a: 4, b: 3, c: 3
    sizes = sampling.shares({"a": 4, "b": 3, "c": 3}, 5)
    assert sizes == {"a": 2, "b": 2, "c": 1}
    found = chances(Method.STRATIFIED, items, 5)
    counts = {"a": 4, "b": 3, "c": 3}
    assert all(near(found[row.uuid], Fraction(sizes[row.stratum], counts[row.stratum])) for row in items)


def test_the_chance_of_money_is_its_amount_over_the_interval() -> None:
    items = frame(100, 200, 300, 400, 250, 150)
    found = chances(Method.MONETARY, items, 3)
    interval = Fraction(1400, 3)
    assert all(near(found[row.uuid], row.amount / interval) for row in items)


@given(st.lists(st.integers(1, 500), min_size=2, max_size=12), st.data())
def test_over_all_starts_every_item_is_drawn_for_its_share_of_the_interval(
    amounts: list[int], data: st.DataObject
) -> None:
    """The length of the starts that draw an item, over the interval, is its chance: exactly."""
    items = frame(*amounts)
    size = data.draw(st.integers(1, len(items)))
    certain = {row.item for row in sampling.monetary(items, size, Fraction(0)) if row.certain}
    rest = [row for row in items if row not in certain]
    if len(certain) == size:
        return
    interval = Fraction(sum(row.amount for row in rest), size - len(certain))
    # What is drawn changes only where an item's edge, modulo the interval, lies.
    edges, until = {Fraction(0), interval}, 0
    for row in rest:
        until += row.amount
        edges.add(until % interval)
    cuts = sorted(edges)
    drawn: Counter[UUID] = Counter()
    length: dict[UUID, Fraction] = {}
    for first, last in itertools.pairwise(cuts):
        for taken in sampling.monetary(items, size, first / interval):
            drawn[taken.item.uuid] += 1
            if not taken.certain:
                length[taken.item.uuid] = length.get(taken.item.uuid, Fraction(0)) + last - first
    assert all(length[row.uuid] == row.amount for row in rest)
    assert all(drawn[row.uuid] == len(cuts) - 1 for row in certain)


def test_what_is_as_large_as_the_interval_is_in_for_certain_and_the_interval_is_worked_out_anew() -> None:
    items = frame(1000, 90, 5, 5, 5, 5)
    drawn = draw(Method.MONETARY, items, seed=SEED, size=3)
    assert [(row.item.amount, row.certain) for row in drawn[:2]] == [(1000, True), (90, True)]
    assert not drawn[2].certain


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 50), min_size=1), st.data())
def test_strata_share_a_sample_out_within_one_of_their_proportion(
    counts: dict[str, int], data: st.DataObject
) -> None:
    whole = sum(counts.values())
    size = data.draw(st.integers(1, whole))
    given_out = sampling.shares(counts, size)
    assert sum(given_out.values()) == size
    for name, count in counts.items():
        assert abs(given_out[name] - Fraction(size * count, whole)) < 1
        assert given_out[name] <= count


@pytest.mark.parametrize(
    ("code", "method", "size", "sizes"),
    [
        ("sample_size", Method.SIMPLE, 4, None),
        ("sample_size", Method.MONETARY, 0, None),
        ("stratum_small", Method.STRATIFIED, 2, {"a": 2}),
        ("amount_not_positive", Method.MONETARY, 1, None),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    code: str, method: Method, size: int, sizes: dict[str, int] | None
) -> None:
    amounts = (1, 2, 0) if code == "amount_not_positive" else (1, 2, 3)
    with pytest.raises(Invalid) as refused:
        draw(method, frame(*amounts), seed=SEED, size=size, sizes=sizes)
    assert refused.value.code == code


def test_a_seed_is_long_enough_and_is_told_by_its_hash_alone() -> None:
    assert sampling.commitment(SEED) == hashlib.sha256(SEED).hexdigest()
    assert sampling.seed_of(SEED.hex().upper()) == SEED
    assert len(sampling.new_seed()) >= sampling.SEED_BYTES
    for text, code in (("00" * 15, "seed_short"), ("no seed", "seed_unreadable")):
        with pytest.raises(Invalid) as refused:
            sampling.seed_of(text)
        assert refused.value.code == code


def test_amounts_and_frames_are_exact() -> None:
    assert sampling.hundredths(Decimal("12.34")) == 1234
    for make, code in (
        (lambda: sampling.hundredths(Decimal("0.001")), "amount_too_fine"),
        (lambda: sampling.frame_digest([Item(UUID(int=1)), Item(UUID(int=1))]), "frame_repeats"),
        (lambda: sampling.frame_digest([Item(UUID(int=1), "two\nlines")]), "stratum_unreadable"),
    ):
        with pytest.raises(Invalid) as refused:
            make()
        assert refused.value.code == code
