"""`handover checkpoint`: signed tree heads over all ledgers, made, listed, taken out, and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from handover import keys, merkle
from handover.actions import checkpoints
from handover.errors import Invalid
from handover.holdings import Finding
from handover.management.base import Call, Steps, StepsCommand, Told, Who, argument
from handover.management.files import write_whole
from handover.management.tables import table
from handover.models import Checkpoint, LogLeaf
from handover.queries.checkpoints import exported, leaf_bytes
from handover.queries.key_successions import known
from handover.terminal import finding_lines

PARTS = ("note", "public_key", "signature")

steps = Steps()


class Command(StepsCommand):
    """Make, list, take out and check checkpoints."""

    help = (
        "Checkpoints are signed heads over the ledgers of all programmes and organisations. One that left the house "
        "shows any later rewriting, by the database's owner too."
    )
    steps = steps


@steps.add("make", who=Who.OPERATOR)
def make(call: Call) -> Told:
    """Make a checkpoint now; where nothing was recorded since the last one, that one stands."""
    made = checkpoints.make(by=call.operator)
    line = f"The log of {made.size} leaves is signed: root {bytes(made.root).hex()}."
    return Told({"checkpoint": document(made)}, [line])


@steps.add("list", who=Who.OPERATOR)
def list_all(call: Call) -> Told:
    """List the checkpoints."""
    found = [document(item) for item in Checkpoint.objects.order_by("size")]
    rows = [
        (item["size"], f"{item['made_at']:%Y-%m-%d %H:%M:%S}", item["key"][:16], item["root"])
        for item in found
    ]
    empty = "There is no checkpoint yet: `handover checkpoint make` makes one, and so does every execution."
    return Told({"checkpoints": found}, [*table(("LEAVES", "MADE (UTC)", "KEY", "ROOT"), rows, empty=empty)])


@steps.add(
    "export",
    argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output"),
    argument("--all", action="store_true", help="every checkpoint, instead of the last"),
    who=Who.OPERATOR,
)
def export(call: Call) -> Told:
    """Take a checkpoint out: its note, its signature and the public key, as JSON. Keep it away from this machine."""
    found = list(Checkpoint.objects.order_by("size"))
    if not found:
        raise Invalid("no_checkpoint", "There is no checkpoint yet: `handover checkpoint make` makes one.")
    told = {"checkpoints": [exported(item) for item in found]} if call["all"] else exported(found[-1])
    text = json.dumps(told, ensure_ascii=False, indent=2)
    if call["output"] is None:
        return Told(told, [text])
    write_whole(call["output"], f"{text}\n".encode())
    count = len(found) if call["all"] else 1
    return Told(
        {"file": str(call["output"]), "checkpoints": count},
        [f"{call['output']}: {'1 checkpoint' if count == 1 else f'{count} checkpoints'}."],
    )


@steps.add(
    "check",
    argument("file", type=Path, metavar="FILE", help="as written by `handover checkpoint export`"),
    who=Who.OPERATOR,
)
def check(call: Call) -> Told:
    """Check an exported checkpoint: note, signature, and whether this installation's log still begins with it."""
    given = _read(call["file"])
    findings = [finding for item in given for finding in _disagreements(item)]
    sizes = [json.loads(item["note"])["size"] for item in given if not _malformed(item)]
    answered = known()
    signers = {keys.fingerprint(bytes.fromhex(item["public_key"])) for item in given}
    others = sorted(signers - {keys.fingerprint()})
    lines = [f"{call['file']}: {'1 checkpoint' if len(given) == 1 else f'{len(given)} checkpoints'}"]
    lines += [f"  {line}" for line in finding_lines(findings)]
    if not findings:
        there = LogLeaf.objects.count()
        lines.append(
            f"  This installation's log of {there} leaves begins with the {max(sizes)} that were signed."
        )
    lines += [
        f"  Signed with key {key}, "
        + (
            "which the present one followed."
            if key in answered.until
            else "which is not this installation's present one."
        )
        for key in others
    ]
    if not findings:
        lines.append("  Next: `handover verify` holds every ledger against that log.")
    return Told(
        {
            "file": str(call["file"]),
            "checkpoints": sizes,
            "present_key": not others,
            "known_keys": signers <= answered.until.keys(),
            "findings": [item.as_json() for item in findings],
        },
        lines,
        "This installation's log is not the one that was signed." if findings else "",
    )


def document(item: Checkpoint) -> dict[str, Any]:
    """Give a checkpoint for machines."""
    return {
        "size": item.size,
        "root": bytes(item.root).hex(),
        "made_at": item.made_at,
        "key": keys.fingerprint(bytes(item.public_key)),
    }


def _read(file: Path) -> list[dict[str, str]]:
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Invalid("not_json", f"{file} is no JSON: {error}.", field="file") from None
    rows = found.get("checkpoints", [found]) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or any(not _is_exported(row) for row in rows):
        sentence = f"{file} is no checkpoint as `handover checkpoint export` writes it."
        raise Invalid("no_checkpoint", sentence, field="file")
    return rows


def _is_exported(row: object) -> bool:
    if not isinstance(row, dict) or any(not isinstance(row.get(name), str) for name in PARTS):
        return False
    try:
        return bool(bytes.fromhex(row["public_key"]) and bytes.fromhex(row["signature"]))
    except ValueError:
        return False


def _malformed(row: dict[str, str]) -> bool:
    """Tell whether a note does not say how many leaves have which root."""
    try:
        note = json.loads(row["note"])
        return not (isinstance(note["size"], int) and note["size"] >= 0 and bytes.fromhex(note["root"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return True


def _disagreements(row: dict[str, str]) -> list[Finding]:
    """Name what keeps a checkpoint from being one of this installation's log."""
    if _malformed(row):
        return [Finding("note_malformed", "A note does not say how many leaves have which root.", "note")]
    note: dict[str, Any] = json.loads(row["note"])
    size, subject, found = int(note["size"]), f"checkpoint {note['size']}", []
    key, signature = bytes.fromhex(row["public_key"]), bytes.fromhex(row["signature"])
    if keys.fingerprint(key) != note.get("key") or not keys.verified(key, row["note"].encode(), signature):
        sentence = f"The signature of the checkpoint of {size} leaves does not hold."
        found.append(Finding("signature_wrong", sentence, subject))
    frontier, there = merkle.extend([], 0, _leaf_hashes(size))
    if there < size:
        sentence = f"The log has {there} leaves, the checkpoint was signed over {size}."
        found.append(Finding("log_cut", sentence, subject))
    elif merkle.root_of(frontier).hex() != note["root"]:
        sentence = f"The log's first {size} leaves are not those that were signed."
        found.append(Finding("log_changed", sentence, subject))
    return found


def _leaf_hashes(size: int) -> list[bytes]:
    # A size that no bigint holds is larger than any log.
    leaves = LogLeaf.objects.filter(position__lt=min(size, 2**63 - 1)).order_by("position")
    return [merkle.leaf_hash(leaf_bytes(leaf)) for leaf in leaves.iterator()]
