#!/usr/bin/env python3
"""Checks a dossier: a programme as a bag, without the system that wrote it and without a network.

    python verify.py FOLDER [--key FINGERPRINT]

It needs Python 3.11 or later and the package ``cryptography`` (for signatures alone), and nothing else: this file also
lies inside the bag. What it says is plain: what holds, what does not, and what it could not check. Exit code 0:
everything holds; 1: something does not; 2: there is no dossier to check.

Format 1, as docs/reference/dossier.md and docs/reference/ledger-format.md write it down.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

FORMAT: Final = 1
PIECE: Final = 1_048_576
ALGORITHMS: Final = {"sha256": 64, "sha512": 128}
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
ZERO: Final = "0" * 64
LARGEST_TAG: Final = 64 * PIECE
"""Bytes of the largest file that is read whole."""
DEEPEST: Final = 64
"""How deep a document may be nested."""
TAGS: Final = {
    "bagit.txt",
    "bag-info.txt",
    "signature.json",
    *(f"{kind}-{name}.txt" for kind in ("manifest", "tagmanifest") for name in ALGORITHMS),
}
NEEDED: Final = (
    "dossier.json",
    "datapackage.json",
    "ledger/chain.jsonl",
    "ledger/proof.json",
    "ledger/keys.json",
)
APART: Final = "names.json"
"""It can be kept apart: without it everything else is checked."""


class NoDossierError(Exception):
    """There is nothing here that could be checked."""


@dataclass
class Report:
    """What holds, what does not, and what could not be checked."""

    holds: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    """Each with its code, which stays, and a sentence."""
    unchecked: list[str] = field(default_factory=list)

    def no(self, code: str, sentence: str) -> None:
        """Note something that does not hold."""
        self.wrong.append((code, sentence))

    def good(self, sentence: str, before: int) -> None:
        """Note something that holds, if nothing was found wrong since there were ``before`` findings."""
        if len(self.wrong) == before:
            self.holds.append(sentence)


# --- the bag ------------------------------------------------------------------------------------------------------


def check(folder: Path, *, key: str = "") -> Report:
    """Check a dossier.

    Args:
        key: the fingerprint of the installation's key that whoever checks knows from elsewhere.

    Raises:
        NoDossierError: there is no bag.
    """
    if folder.is_symlink() or not (folder / "bagit.txt").is_file():
        raise NoDossierError(f"{folder} is no bag: it has no bagit.txt.")
    report = Report()
    found = _files(folder, report)
    _bag(folder, found, report)
    missing = [name for name in NEEDED if f"data/{name}" not in found]
    for name in missing:
        report.no("file_missing", f"data/{name} is missing: without it this is no dossier.")
    if not missing:
        _dossier(folder / "data", found, report, key.lower())
    return report


def _files(folder: Path, report: Report) -> dict[str, int]:
    """List the files, by name with their sizes; what is no plain file, or lies where none belongs, is wrong."""
    found: dict[str, int] = {}
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                name = Path(entry.path).relative_to(folder).as_posix()
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISLNK(mode):
                    report.no("symbolic_link", f"{name} is a symbolic link: what it shows lies elsewhere.")
                elif stat.S_ISDIR(mode):
                    pending.append(Path(entry.path))
                elif not stat.S_ISREG(mode):
                    report.no("no_file", f"{name} is no file.")
                elif NAME.fullmatch(name) is None:
                    report.no("name_unsafe", f"{name!r} has a name that stands in no dossier.")
                else:
                    found[name] = entry.stat(follow_symlinks=False).st_size
    return found


def _bag(folder: Path, found: dict[str, int], report: Report) -> None:
    """Check declaration, manifests and sizes against the files that are there."""
    before = len(report.wrong)
    for name in sorted(TAGS - found.keys()):
        report.no("tag_missing", f"{name} is missing.")
    for name in sorted(found.keys() - TAGS):
        if not name.startswith("data/"):
            report.no("file_unexpected", f"{name} lies outside data, where no dossier has a file.")
    payload = {name for name in found if name.startswith("data/")}
    sums = {algorithm: _payload(folder, payload, algorithm, report) for algorithm in ALGORITHMS}
    _digests(folder, payload, sums, report)
    tags = {
        algorithm: _manifest(folder / f"tagmanifest-{algorithm}.txt", algorithm, report)
        for algorithm in ALGORITHMS
    }
    _digests(folder, {name for told in tags.values() for name in told} & found.keys(), tags, report)
    for algorithm, told in tags.items():
        for name in sorted({name for name in TAGS if not name.startswith("tag")} - told.keys()):
            report.no("file_added", f"{name} stands in no {algorithm} tag manifest.")
    _oxum(folder, {name: found[name] for name in payload}, report)
    report.good(f"The bag is whole: {len(payload)} files, each as its digests say.", before)


def _payload(folder: Path, payload: set[str], algorithm: str, report: Report) -> dict[str, str]:
    """Read the payload's manifest in one algorithm, and hold it against the files that are there."""
    told = _manifest(folder / f"manifest-{algorithm}.txt", algorithm, report)
    for name in sorted(told.keys() - payload):
        if name == f"data/{APART}":
            if algorithm == "sha256":
                report.unchecked.append(f"{name} is kept apart.")
        elif not name.startswith("data/"):
            report.no("path_outside", f"A manifest names {name!r}, which is not below data.")
        else:
            report.no("file_missing", f"{name} stands in a manifest and is not there.")
    for name in sorted(payload - told.keys()):
        report.no("file_added", f"{name} stands in no {algorithm} manifest.")
    return told


def _manifest(path: Path, algorithm: str, report: Report) -> dict[str, str]:
    """Read a manifest; lines that are none, and names that stand twice, are wrong."""
    told: dict[str, str] = {}
    line = re.compile(rf"([0-9a-f]{{{ALGORITHMS[algorithm]}}})  (\S.*)")
    for text in _text(path, report).splitlines():
        match = line.fullmatch(text)
        if match is None:
            report.no("manifest_line", f"{path.name} has a line that is none: {text[:80]!r}.")
        elif match[2] in told:
            report.no("manifest_double", f"{path.name} names {match[2]!r} twice.")
        elif NAME.fullmatch(match[2]) is None:
            report.no("path_outside", f"{path.name} names {match[2]!r}, which stands in no dossier.")
        else:
            told[match[2]] = match[1]
    return told


def _digests(folder: Path, names: set[str], sums: dict[str, dict[str, str]], report: Report) -> None:
    """Read each file once and compare its digests."""
    for name in sorted(names):
        hashers = {algorithm: hashlib.new(algorithm) for algorithm, told in sums.items() if name in told}
        with (folder / name).open("rb") as file:
            while piece := file.read(PIECE):
                for hasher in hashers.values():
                    hasher.update(piece)
        for algorithm, hasher in hashers.items():
            if hasher.hexdigest() != sums[algorithm][name]:
                report.no("file_changed", f"{name} is not the file that the {algorithm} manifest names.")
        head, _, digest = name.rpartition("/")
        if head.startswith("data/files/") and "sha256" in hashers and hashers["sha256"].hexdigest() != digest:
            report.no("file_misnamed", f"{name} is not called by its own digest.")


def _oxum(folder: Path, payload: dict[str, int], report: Report) -> None:
    """Hold the number of files and bytes against what the bag says of itself."""
    match = re.search(r"^Payload-Oxum: (\d+)\.(\d+)$", _text(folder / "bag-info.txt", report), re.MULTILINE)
    told = (int(match[1]), int(match[2])) if match else None
    if told is None:
        report.no("oxum_missing", "bag-info.txt does not say how much the bag holds.")
    elif f"data/{APART}" in payload and told != (sum(payload.values()), len(payload)):
        report.no("oxum_wrong", "The bag does not hold as many files and bytes as bag-info.txt says.")


def _text(path: Path, report: Report) -> str:
    """Read a small file as text; nothing where it is not there, no text, or too large to be what it should be."""
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST_TAG:
            report.no("file_too_large", f"{path.name} is too large, or lies elsewhere.")
            return ""
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        report.no("not_text", f"{path.name} is no text.")
        return ""


# --- what is in it ------------------------------------------------------------------------------------------------


def _dossier(data: Path, found: dict[str, int], report: Report, known: str) -> None:
    about = _json(data / "dossier.json", report)
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        report.no("format_unknown", f"dossier.json is not of format {FORMAT}: take a verifier that knows it.")
        return
    head = about.get("ledger")
    proof = _json(data / "ledger" / "proof.json", report)
    chain = _chain(data / "ledger" / "chain.jsonl", about, report)
    if isinstance(head, dict) and chain.head != (head.get("seq"), head.get("hash")):
        report.no("chain_cut", "The chain does not end with the entry that dossier.json names.")
    accepted = _keys(_json(data / "ledger" / "keys.json", report), about, report, known)
    _signature(data, accepted, report)
    _checkpoint(proof, chain, accepted, report)
    _proofs(data, found, chain, report)
    _package(data, found, report)


@dataclass
class Chain:
    """What the chain says, as far as it was read."""

    head: tuple[Any, Any] = (None, None)
    hashes: dict[int, str] = field(default_factory=dict)
    proofs: dict[str, set[str]] = field(default_factory=dict)
    """Digests of continuity proofs, with the sides that signed each."""
    executed: set[str] = field(default_factory=set)


def _chain(path: Path, about: dict[str, Any], report: Report) -> Chain:
    """Recompute every entry's hash, in its order."""
    before, chain, previous = len(report.wrong), Chain(), ZERO
    name = (about.get("programme") or {}).get("uuid")
    for number, entry in enumerate(_lines(path, report), start=1):
        if not isinstance(entry, dict) or not all(
            isinstance(entry.get(part), str)
            for part in ("chain", "recorded_at", "recorded_as", "previous", "hash", "body")
        ):
            report.no("entry_malformed", f"Line {number} of the chain is no entry.")
            return chain
        text = "\n".join(
            [
                "handover-ledger-v1",
                entry["chain"],
                str(entry.get("seq")),
                entry["recorded_at"],
                entry["recorded_as"],
                entry["body"],
            ]
        )
        if entry.get("seq") != number or entry["chain"] != name:
            report.no("chain_order", f"Entry {number} of the chain is not the one that belongs there.")
            return chain
        if entry["previous"] != previous:
            report.no("chain_broken", f"Entry {number} does not follow the one before it.")
            return chain
        previous = hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()
        if entry["hash"] != previous:
            report.no("entry_changed", f"Entry {number} of the chain is not what was hashed.")
            return chain
        chain.head = (number, previous)
        chain.hashes[number] = previous
        _note(entry["body"], chain)
    report.good(f"The chain is whole: {len(chain.hashes)} entries, each hanging on the one before.", before)
    return chain


def _note(body: str, chain: Chain) -> None:
    """Remember which continuity proofs the chain knows, and who signed them."""
    if '"verb":"transfer.executed"' not in body and '"verb":"signoff.given"' not in body:
        return
    said = json.loads(body)
    data = said.get("data") or {}
    if said.get("verb") == "transfer.executed":
        digest = data.get("proof")
        if isinstance(digest, str):
            chain.executed.add(digest)
    elif (data.get("facts") or {}).get("subject") == "proof":
        facts = data["facts"]
        if facts.get("decision") != "objects":
            chain.proofs.setdefault(str(facts.get("digest")), set()).add(str(facts.get("side")))


def _keys(told: Any, about: dict[str, Any], report: Report, known: str) -> dict[str, int | None]:
    """Walk from the key that the dossier names back over the notes that both keys signed.

    Gives fingerprints, each with the leaves of the log up to which it signed.
    """
    before = len(report.wrong)
    try:
        present = hashlib.sha256(bytes.fromhex(told["public_key"])).hexdigest()
        notes = list(told["followed"])
    except (TypeError, KeyError, ValueError):
        report.no("keys_malformed", "ledger/keys.json does not say which key this installation has.")
        return {}
    accepted: dict[str, int | None] = {present: None}
    for note in reversed(notes):
        try:
            said = json.loads(note["note"])
            old, new = bytes.fromhex(said["old"]), bytes.fromhex(said["new"])
            size, origin = int(said["size"]), said["origin"]
            unsigned = False in (
                _signed(old, note["note"], note["signed_by_old"]),
                _signed(new, note["note"], note["signed_by_new"]),
            )
        except (TypeError, KeyError, ValueError, RecursionError):
            report.no("succession_wrong", "A note of one key after another says nothing.")
            continue
        if unsigned or origin != "handover-toolkit/key":
            report.no("succession_wrong", "A note of one key after another does not hold.")
        elif hashlib.sha256(new).hexdigest() in accepted:
            accepted.setdefault(hashlib.sha256(old).hexdigest(), size)
    if about.get("key") != present:
        report.no("key_other", "dossier.json names another key than ledger/keys.json.")
    if known and known not in accepted:
        report.no("key_unknown", f"This was signed by {present}, and not by the key that you know.")
    elif not known:
        report.unchecked.append(
            f"Whose key {present} is: compare it with what the installation told you (--key)."
        )
    report.good("The keys follow each other.", before)
    return accepted


def _signed(key: bytes, note: str, signature: str) -> bool | None:
    """Tell whether a key signed a note; ``None`` where nothing here can tell."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature), note.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _signature(data: Path, accepted: dict[str, int | None], report: Report) -> None:
    """Check that the installation signed the manifests, and with them every byte."""
    before = len(report.wrong)
    told = _json(data.parent / "signature.json", report)
    try:
        said, key = json.loads(told["note"]), bytes.fromhex(told["public_key"])
        manifests, digest, signer = dict(said["manifests"]), said["dossier"], said["key"]
        signed = _signed(key, told["note"], told["signature"])
    except (TypeError, KeyError, ValueError, RecursionError):
        report.no("bag_unsigned", "signature.json does not say who signed this dossier.")
        return
    if signed is False or said.get("origin") != "handover-toolkit/dossier":
        report.no("bag_signature_wrong", "The dossier's own signature does not hold.")
    if signer != hashlib.sha256(key).hexdigest() or signer not in accepted:
        report.no(
            "signer_other", "The dossier was signed by a key that this installation does not answer for."
        )
    there = {
        name: hashlib.sha256(_text(data.parent / f"manifest-{name}.txt", report).encode()).hexdigest()
        for name in ALGORITHMS
    }
    about = hashlib.sha256(_text(data / "dossier.json", report).encode()).hexdigest()
    if manifests != there or digest != about:
        report.no("bag_other", "The manifests are not those that were signed.")
    report.good("The installation signed every byte of this dossier.", before)


def _checkpoint(proof: Any, chain: Chain, accepted: dict[str, int | None], report: Report) -> None:
    """Follow the chain's head to the root that was signed."""
    before = len(report.wrong)
    try:
        leaf, note = proof["leaf"], proof["checkpoint"]["note"]
        said, key = json.loads(note), bytes.fromhex(proof["checkpoint"]["public_key"])
        data = bytes.fromhex(leaf["chain"].replace("-", "")) + leaf["seq"].to_bytes(8, "big")
        node = hashlib.sha256(b"\x00" + data + bytes.fromhex(leaf["hash"])).digest()
        path = [bytes.fromhex(step) for step in proof["path"]]
        position, size, root = leaf["position"], said["size"], bytes.fromhex(said["root"])
        signature, seq = proof["checkpoint"]["signature"], leaf["seq"]
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError, RecursionError):
        report.no(
            "proof_malformed",
            "ledger/proof.json proves nothing: no signed checkpoint covers the chain.",
        )
        return
    if chain.hashes.get(seq) != leaf["hash"]:
        report.no("leaf_other", "The proof is about another chain, or another entry.")
    elif seq != chain.head[0]:
        report.no("tail_unsigned", "Entries at the end of the chain are covered by no checkpoint.")
    if not _included(node, position, size, path, root):
        report.no("path_wrong", "The path from the chain's head does not lead to the root that was signed.")
    signer = hashlib.sha256(key).hexdigest()
    signed = _signed(key, note, signature)
    if signed is None:
        report.unchecked.append("Signatures: the package cryptography is not here.")
    elif not signed:
        report.no("signature_wrong", "The checkpoint's signature does not hold.")
    if said.get("key") != signer or signer not in accepted:
        report.no(
            "signer_other", "The checkpoint was signed by a key that this installation does not answer for."
        )
    elif (until := accepted[signer]) is not None and size > until:
        report.no("key_retired", "The checkpoint was signed by a key after another one had followed it.")
    report.good(
        f"A checkpoint of {size} leaves, signed by {signer[:16]}…, covers the chain up to its end.", before
    )


def _included(node: bytes, position: Any, size: Any, path: list[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2)."""
    if not isinstance(position, int) or not isinstance(size, int) or not 0 <= position < size:
        return False
    last = size - 1
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = hashlib.sha256(b"\x01" + step + node).digest()
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            node = hashlib.sha256(b"\x01" + node + step).digest()
        position >>= 1
        last >>= 1
    return last == 0 and node == root


def _proofs(data: Path, found: dict[str, int], chain: Chain, report: Report) -> None:
    """Hold each continuity proof against the digest that the chain recorded, and say whether nothing was lost."""
    before, seen = len(report.wrong), set()
    for name in sorted(name for name in found if name.startswith("data/proofs/")):
        text = _text(data.parent / name, report)
        digest = hashlib.sha256(text.encode()).hexdigest()
        seen.add(digest)
        if digest not in chain.executed and digest not in chain.proofs:
            report.no("proof_unrecorded", f"{name} is not a proof that the chain knows.")
            continue
        if not _kept(_parsed(text)):
            report.no("holdings_differ", f"{name} says that something was lost in the handover.")
        sides = chain.proofs.get(digest, set())
        if not {"giver", "receiver"} <= sides:
            report.unchecked.append(
                f"{name} waits for a signature: {', '.join(sorted(sides)) or 'nobody'} signed it."
            )
    for digest in sorted((chain.executed | chain.proofs.keys()) - seen):
        report.no("proof_missing", f"A continuity proof that the chain knows is not here: {digest[:16]}….")
    if seen:
        report.good(
            f"{len(seen)} continuity proofs are those that were signed, and nothing was lost.", before
        )


def _kept(proof: Any) -> bool:
    """Tell whether a proof holds as much after the handover as before, by count and digest."""
    try:
        return all(item["before"] == item["after"] for item in proof["holdings"])
    except (TypeError, KeyError):
        return False


def _package(data: Path, found: dict[str, int], report: Report) -> None:
    """Hold the tables against the package that describes them."""
    before = len(report.wrong)
    package = _json(data / "datapackage.json", report)
    try:
        named = {f"data/{item['path']}": (item["bytes"], item["hash"]) for item in package["resources"]}
    except (TypeError, KeyError):
        report.no("package_malformed", "datapackage.json describes no tables.")
        return
    tables = {name for name in found if name.startswith("data/tables/")}
    for name in sorted(tables ^ named.keys()):
        report.no("table_other", f"{name} is not where the package says.")
    for name in sorted(tables & named.keys()):
        size, digest = named[name]
        with (data.parent / name).open("rb") as file:
            if found[name] != size or f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" != digest:
                report.no("table_changed", f"{name} is not the table that the package describes.")
    report.good(f"{len(tables)} tables are those that the package describes.", before)


def _lines(path: Path, report: Report) -> Iterator[Any]:
    with path.open("rb") as file:
        while line := file.readline(LARGEST_TAG + 1):
            if len(line) > LARGEST_TAG:
                report.no("file_too_large", f"{path.name} has a line that is longer than any entry.")
                return
            try:
                yield _parsed(line.decode("utf-8"))
            except UnicodeDecodeError:
                report.no("not_text", f"{path.name} has a line that is no text.")
                return


def _json(path: Path, report: Report) -> Any:
    return _parsed(_text(path, report))


def _parsed(text: str) -> Any:
    """Read JSON in which no name stands twice and nothing is nested without end; ``None`` for anything else."""
    try:
        return json.loads(text, object_pairs_hook=_once) if _depth(text) <= DEEPEST else None
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a name stands twice")
    return told


def _depth(text: str) -> int:
    """Count how deep brackets open outside texts."""
    deepest = depth = 0
    for mark in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def main(arguments: list[str] | None = None) -> int:
    """Check the dossier that the command line names, and say what was found."""
    parser = argparse.ArgumentParser(description="Check a dossier, offline.")
    parser.add_argument("folder", type=Path, help="the bag")
    parser.add_argument("--key", default="", help="fingerprint of the key that you know from elsewhere")
    given = parser.parse_args(arguments)
    try:
        report = check(given.folder, key=given.key)
    except NoDossierError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lines = [f"holds      {sentence}" for sentence in report.holds]
    lines += [f"unchecked  {sentence}" for sentence in report.unchecked]
    lines += [f"WRONG      {sentence} [{code}]" for code, sentence in report.wrong]
    lines.append("This dossier does not hold." if report.wrong else "This dossier holds.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
