"""The Merkle log against RFC 9162's definition, written down a second time as plainly as it stands there."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover import merkle

leaves = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def plain_root(data: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1: MTH(D[n])."""
    if not data:
        return sha(b"")
    if len(data) == 1:
        return sha(b"\x00" + data[0])
    half = 1
    while half * 2 < len(data):
        half *= 2
    return sha(b"\x01" + plain_root(data[:half]) + plain_root(data[half:]))


def hashed(data: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(item) for item in data]


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def test_the_empty_log_has_the_hash_of_nothing_as_its_root() -> None:
    assert merkle.root([]) == merkle.root_of([]) == sha(b"")


@given(leaves)
def test_the_root_is_the_rfcs_root(data: list[bytes]) -> None:
    assert merkle.root(hashed(data)) == plain_root(data)


@given(leaves, st.data())
def test_a_log_may_be_grown_in_any_steps(data: list[bytes], draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(data)))
    frontier, size = merkle.extend([], 0, hashed(data[:cut]))
    frontier, size = merkle.extend(frontier, size, hashed(data[cut:]))

    assert size == len(data)
    assert len(frontier) == bin(size).count("1"), "one complete subtree for each bit of the size"
    assert merkle.root_of(frontier) == plain_root(data)


@given(leaves, st.data())
def test_every_leaf_can_be_proven_to_be_in_the_log(data: list[bytes], draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, len(data) - 1))
    proof = merkle.inclusion(hashed(data), index)

    assert merkle.check_inclusion(merkle.leaf_hash(data[index]), index, len(data), proof, plain_root(data))
    assert len(proof) <= (len(data) - 1).bit_length()


@given(leaves, st.data())
def test_an_inclusion_proof_does_not_hold_for_anything_else(data: list[bytes], draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, len(data) - 1))
    leaf, root, size = merkle.leaf_hash(data[index]), plain_root(data), len(data)
    proof = merkle.inclusion(hashed(data), index)

    assert not merkle.check_inclusion(flipped(leaf), index, size, proof, root)
    assert not merkle.check_inclusion(leaf, index, size, proof, flipped(root))
    assert not merkle.check_inclusion(leaf, index, size, [*proof, leaf], root)
    assert not merkle.check_inclusion(leaf, size, size, proof, root)
    assert not merkle.check_inclusion(leaf, -1, size, proof, root)
    for place in range(len(proof)):
        broken = [*proof[:place], flipped(proof[place]), *proof[place + 1 :]]
        assert not merkle.check_inclusion(leaf, index, size, broken, root)
        assert not merkle.check_inclusion(leaf, index, size, proof[:place] + proof[place + 1 :], root)


@given(leaves, st.data())
def test_a_proof_names_the_place_of_a_leaf_too(data: list[bytes], draw: st.DataObject) -> None:
    distinct = [bytes([number]) + item for number, item in enumerate(data)]
    index = draw.draw(st.integers(0, len(data) - 1))
    elsewhere = draw.draw(
        st.integers(0, len(data) - 1).filter(lambda other: other != index or len(data) == 1)
    )
    proof = merkle.inclusion(hashed(distinct), index)
    held = merkle.check_inclusion(
        merkle.leaf_hash(distinct[index]), elsewhere, len(data), proof, plain_root(distinct)
    )
    assert held == (elsewhere == index)


@given(leaves, st.data())
def test_a_log_can_be_proven_to_have_only_grown(data: list[bytes], draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, len(data)))
    proof = merkle.consistency(hashed(data), old)

    assert merkle.check_consistency(old, len(data), plain_root(data[:old]), plain_root(data), proof)


@given(leaves, st.data())
def test_a_rewritten_past_has_no_consistency_proof(data: list[bytes], draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, len(data)))
    rewritten = draw.draw(st.integers(0, old - 1))
    forged = [item + b"!" if place == rewritten else item for place, item in enumerate(data)]
    left_the_house = plain_root(data[:old])

    proof = merkle.consistency(hashed(forged), old)
    assert not merkle.check_consistency(old, len(data), left_the_house, plain_root(forged), proof)


@given(leaves, st.data())
def test_a_tampered_consistency_proof_does_not_hold(data: list[bytes], draw: st.DataObject) -> None:
    old = draw.draw(st.integers(1, len(data)))
    before, after = plain_root(data[:old]), plain_root(data)
    proof = merkle.consistency(hashed(data), old)

    assert not merkle.check_consistency(old, len(data), flipped(before), after, proof)
    assert not merkle.check_consistency(old, len(data), before, flipped(after), proof)
    assert not merkle.check_consistency(old, len(data), before, after, [*proof, before])
    for place in range(len(proof)):
        broken = [*proof[:place], flipped(proof[place]), *proof[place + 1 :]]
        assert not merkle.check_consistency(old, len(data), before, after, broken)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_proof(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion(hashed([b"a", b"b", b"c"]), index)


@pytest.mark.parametrize("old", [0, 4])
def test_a_log_that_never_was_has_no_proof(old: int) -> None:
    with pytest.raises(IndexError):
        merkle.consistency(hashed([b"a", b"b", b"c"]), old)


def test_a_log_cannot_have_shrunk() -> None:
    root = plain_root([b"a", b"b"])
    assert not merkle.check_consistency(2, 1, root, root, [])
    assert not merkle.check_consistency(0, 2, merkle.EMPTY, root, [root])
