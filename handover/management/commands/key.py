"""`handover key`: which key this installation signs with, and which keys it followed."""

from __future__ import annotations

import json
from pathlib import Path

from handover import keys
from handover.actions import key_successions
from handover.management.base import Call, Steps, StepsCommand, Told, Who, argument
from handover.management.files import write_whole
from handover.management.tables import table
from handover.models import KeySuccession
from handover.queries.key_successions import exported, known
from handover.terminal import finding_lines

steps = Steps()


class Command(StepsCommand):
    """Show the installation's key, and let another one follow it."""

    help = (
        "The key that this installation signs checkpoints with. Its fingerprint stands on every protocol. Another "
        "key can follow it: the old one signs the new one, so that everybody can check which key signed what."
    )
    steps = steps


@steps.add("show", who=Who.OPERATOR)
def show(call: Call) -> Told:
    """Show the present key's fingerprint, and the keys that it followed."""
    rows = list(KeySuccession.objects.all())
    found = known()
    cells = [
        (
            keys.fingerprint(bytes(row.old_key))[:16],
            keys.fingerprint(bytes(row.new_key))[:16],
            f"{row.made_at:%Y-%m-%d %H:%M}",
            str(row.size),
            json.loads(row.note)["reason"] if not found.findings else "",
        )
        for row in rows
    ]
    head = ("OLD", "NEW", "WHEN (UTC)", "LEAVES", "WHY")
    return Told(
        {
            "key": keys.fingerprint(),
            "public_key": keys.public().hex(),
            "followed": [exported(row) for row in rows],
            "findings": [item.as_json() for item in found.findings],
        },
        [
            f"This installation signs with {keys.fingerprint()}.",
            *table(head, cells, empty="It has followed no other key."),
            *finding_lines(found.findings),
        ],
        "A note between two keys does not hold." if found.findings else "",
    )


@steps.add(
    "rotate",
    argument("--reason", required=True, metavar="TEXT", help="why another key follows"),
    who=Who.OPERATOR,
)
def rotate(call: Call) -> Told:
    """Let a new key follow the present one. The old one signs the new one, and is gone; back the new one up."""
    row = key_successions.rotate(by=call.operator, reason=call["reason"])
    old, new = (keys.fingerprint(bytes(key)) for key in (row.old_key, row.new_key))
    return Told(
        {"old": old, "new": new, "size": row.size},
        [
            f"{new} follows {old}.",
            f"  The old key signed the log up to {row.size} leaves, and this succession; it signs nothing any more.",
            "  Next: keep a copy of the new key apart from the database, and tell its fingerprint to whom it concerns.",
        ],
    )


@steps.add(
    "export",
    argument("--output", type=Path, metavar="FILE", help="write there instead of to standard output"),
    who=Who.OPERATOR,
)
def export(call: Call) -> Told:
    """Take the public key out with all notes of succession, as JSON: for whoever checks what was signed here."""
    told = {
        "public_key": keys.public().hex(),
        "followed": [exported(row) for row in KeySuccession.objects.all()],
    }
    text = json.dumps(told, ensure_ascii=False, indent=2)
    if call["output"] is None:
        return Told(told, [text])
    write_whole(call["output"], f"{text}\n".encode())
    return Told(
        {"file": str(call["output"]), "key": keys.fingerprint()},
        [f"{call['output']}: the key {keys.fingerprint()}, notes of succession: {len(told['followed'])}."],
    )
