"""Writing a dossier: tables, files, chain with its proof, papers, and what says how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext

from handover import access, files, keys
from handover.access import Actor
from handover.actions import checkpoints
from handover.canonical import canonical, text_digest
from handover.errors import NotAllowed
from handover.exchange.dossier import verify
from handover.exchange.dossier.bag import Bag, Writing
from handover.exchange.dossier.tables import Table, tables
from handover.models import (
    KeySuccession,
    LedgerEntry,
    LogLeaf,
    Programme,
    Proof,
    StoredFile,
    Transfer,
    User,
)
from handover.models.papers import PaperKind
from handover.names import KEY, key_text
from handover.narratives import best
from handover.permissions import Permission
from handover.queries import papers
from handover.queries.entry_proofs import entry_proof
from handover.queries.key_successions import exported
from handover.queries.names import called
from handover.queries.paper_blocks import CODES
from handover.queries.paper_facts import reference

FORMAT: Final = 1
"""The number of the format, as ``docs/reference/dossier.md`` writes it down."""
FULL: Final = "full"
ORIGIN: Final = "handover-toolkit/dossier"
AGENT: Final = "handover-toolkit"
PIECE: Final = 1_048_576
ENTRIES: Final = 1_000
"""Entries of the chain that are read at once."""


@dataclass(frozen=True)
class Dossier:
    """A dossier that was written."""

    path: Path
    digest: str
    """Of ``dossier.json``: programme, variant, and the entry of the ledger up to which it tells."""
    files: int
    octets: int
    rows: int


@dataclass
class _Names:
    """Keys of names that went by, wherever they stand."""

    found: set[str] = field(default_factory=set)

    def through(self, writing: Writing) -> Writing:
        """Look at what is written."""
        return _Watched(writing, self)


class _Watched(Writing):
    """Passes bytes on, and notes the keys of names in them; rows come whole."""

    def __init__(self, writing: Writing, names: _Names) -> None:
        self.inner, self.names = writing, names

    def write(self, piece: bytes | memoryview) -> None:
        """Pass it on."""
        self.names.found.update(KEY.findall(bytes(piece).decode()))
        self.inner.write(piece)


def signed(actor: Actor, programme: UUID | str) -> None:
    """See to it that a checkpoint covers the programme's chain, before a dossier of it is written.

    Raises:
        NotFound, NotAllowed: the actor may not take the programme out.
    """
    with access.asking(actor):
        found = _found(actor, programme)
        last = LedgerEntry.objects.filter(chain=found.uuid).order_by("-seq").first()
        covered = last is None or LogLeaf.objects.filter(chain=found.uuid, seq__gte=last.seq).exists()
    if not covered:
        checkpoints.make(by=actor)


def write(actor: Actor, programme: UUID | str, to: Path) -> Dossier:
    """Write the full dossier of a programme as a bag, inside ``access.asking`` of somebody of its steward.

    The same state of the programme gives the same bytes. What a stopped export of the same state left whole is kept.

    Args:
        to: what the bag's folder is to be called; nothing may be there.

    Raises:
        NotFound, NotAllowed: the actor may not take the programme out, or it is not their organisation's.
        Invalid: there is something already, or no folder to put it in.
    """
    found = _found(actor, programme)
    last = LedgerEntry.objects.filter(chain=found.uuid).order_by("-seq").first()
    told = canonical(_about(found, last))
    own = tables(found)
    with Bag(to, state=text_digest(told)) as bag:
        bag.put("dossier.json", told.encode())
        _payload(bag, found, last, own)
        path = bag.finish(_info(found, last), sign=lambda manifests: _signature(told, manifests))
    octets = sum(entry.size for entry in bag.entries.values())
    rows = sum(table.rows.count() for table in own)
    return Dossier(path, text_digest(told), len(bag.entries), octets, rows)


def _payload(bag: Bag, programme: Programme, last: LedgerEntry | None, own: Sequence[Table]) -> None:
    names = _Names()
    for table in own:
        _table(bag, table, names)
    _chain(bag, programme, last, names)
    _proofs(bag, programme, names)
    names.found.update(_keys(own))
    _names(bag, names)
    _files(bag, programme)
    _papers(bag, programme)
    bag.put("datapackage.json", _json(_package(programme, own, bag)))
    bag.put("README.md", _readme(programme).encode())
    bag.put("verify.py", Path(verify.__file__).read_bytes())


def _found(actor: Actor, programme: UUID | str) -> Programme:
    found = access.programme_for(actor, programme, may=Permission.EXPORT)
    access.authorise(actor, found.pk, None, may=Permission.READ_LEDGER)
    if found.steward_id != actor.organisation.pk:
        raise NotAllowed(
            "not_the_steward",
            "The full dossier is for the organisation that answers for the programme.",
            permission=Permission.EXPORT.value,
        )
    return found


def _about(programme: Programme, last: LedgerEntry | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "variant": FULL,
        "programme": {
            "uuid": programme.uuid,
            "identifier": programme.identifier,
            "title": programme.title,
            "steward": programme.steward.uuid,
        },
        "ledger": None if last is None else {"chain": last.chain, "seq": last.seq, "hash": bytes(last.hash)},
        "key": keys.fingerprint(),
    }


def _table(bag: Bag, table: Table, names: _Names) -> None:
    with bag.file(table.path) as writing:
        if writing is not None:
            table.copy(names.through(writing))
            return
    # It was whole already: what it names is read from it.
    with (bag.draft / "data" / table.path).open(encoding="utf-8") as lines:
        for line in lines:
            names.found.update(KEY.findall(line))


def _keys(own: Iterable[Table]) -> Iterator[str]:
    """Give the keys of the present names of those whose accounts are named."""
    for table in own:
        if table.model is User:
            yield from map(key_text, table.rows.order_by("pk").values_list("name_key", flat=True))


def _chain(bag: Bag, programme: Programme, last: LedgerEntry | None, names: _Names) -> None:
    """Write the chain entry by entry as it is hashed, and what proves its head."""
    with bag.file("ledger/chain.jsonl") as writing:
        out = names.through(writing) if writing is not None else None
        rows = LedgerEntry.objects.filter(chain=programme.uuid).order_by("seq")
        for entry in rows.iterator(chunk_size=ENTRIES):
            line = canonical(_entry(entry))
            if out is not None:
                out.write(f"{line}\n".encode())
            else:
                names.found.update(KEY.findall(line))
    proof = None
    if last is not None:
        reach = access.Reach(programme, frozenset(), frozenset(), None)
        proof = entry_proof(reach, last.seq).as_json()
    bag.put("ledger/proof.json", _json(proof))
    followed = [exported(row) for row in KeySuccession.objects.all()]
    bag.put("ledger/keys.json", _json({"public_key": keys.public().hex(), "followed": followed}))


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "chain": entry.chain,
        "seq": entry.seq,
        "recorded_at": entry.recorded_at,
        "recorded_as": entry.recorded_as,
        "previous": bytes(entry.previous),
        "hash": bytes(entry.hash),
        "body": entry.body,
    }


def _proofs(bag: Bag, programme: Programme, names: _Names) -> None:
    for proof in Proof.objects.filter(programme=programme).select_related("transfer").order_by("pk"):
        names.found.update(KEY.findall(proof.body))
        bag.put(f"proofs/{reference(proof.transfer)}.json", proof.body.encode())


def _names(bag: Bag, names: _Names) -> None:
    """Write what the keys of names stand for, apart from everything else: without this file all still verifies."""
    known = called(names.found)
    told = {key: None if name.erased else str(name) for key, name in sorted(known.items())}
    bag.put("names.json", _json(told))


def _files(bag: Bag, programme: Programme) -> None:
    rows = StoredFile.objects.filter(programme=programme, erased_at=None).order_by("sha256")
    for sha256 in rows.values_list("sha256", flat=True):
        with bag.file(f"files/{sha256[:2]}/{sha256}") as writing:
            if writing is None:
                continue
            with files.path_of(programme.uuid, sha256).open("rb") as stream:
                while piece := stream.read(PIECE):
                    writing.write(piece)


def _papers(bag: Bag, programme: Programme) -> None:
    done = Transfer.objects.filter(programme=programme, executed_at__isnull=False)
    for transfer in done.select_related("programme", "giver", "receiver").order_by("pk"):
        for kind in (PaperKind.PROTOCOL, PaperKind.PROOF):
            composed = papers.compose(transfer, kind)
            bag.put(f"papers/{composed.filename}", composed.pdf)


def _package(programme: Programme, own: Iterable[Table], bag: Bag) -> dict[str, Any]:
    """Describe the tables as a Data Package, for programs that never heard of the toolkit."""
    found = list(own)
    others = {table.model: table for table in found}
    return {
        "profile": "data-package",
        "name": f"programme-{programme.uuid}",
        "title": best(programme.title) or programme.identifier,
        "resources": [
            {
                "profile": "data-resource" if not table.columns else "tabular-data-resource",
                "name": table.name,
                "path": table.path,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": bag.entries[table.path].size,
                "hash": f"sha256:{bag.entries[table.path].sha256}",
                "schema": table.schema(others),
            }
            for table in found
        ],
    }


def _readme(programme: Programme) -> str:
    """Say in each language of the house what this is, and how it is checked."""
    parts = []
    for code in CODES.values():
        with translation.override(code):
            about = {"programme": best(programme.title, code[:2]) or programme.identifier}
            parts.append(
                "\n\n".join(
                    [
                        f"# {gettext('Dossier of “%(programme)s”') % about}",
                        gettext(
                            "This folder is a bag (RFC 8493): it holds everything that the programme holds, and can be"
                            " checked without the system that wrote it."
                        ),
                        gettext(
                            "`tables` and `datapackage.json`: the rows as a Data Package. `ledger`: the chain of what"
                            " was done, with its proof. `files`: evidence by its SHA-256. `papers`: the protocols."
                            " `names.json`: what the keys of people's names stand for; keep it apart."
                        ),
                        gettext(
                            "To check it: python verify.py, from a copy that you trust; bagit.py --validate;"
                            " frictionless validate."
                        ),
                    ]
                )
            )
    return "\n\n".join(parts) + "\n"


def _info(programme: Programme, last: LedgerEntry | None) -> dict[str, str]:
    told = {
        "Source-Organization": programme.steward.name,
        "External-Identifier": programme.identifier,
        "External-Description": best(programme.title) or programme.identifier,
        "Bag-Software-Agent": AGENT,
    }
    if last is not None:
        told["Bagging-Date"] = last.recorded_at.date().isoformat()
    return told


def _signature(told: str, manifests: Mapping[str, str]) -> str:
    """Let the installation sign what the bag is about, and its manifests: with them every byte of it."""
    note = canonical(
        {
            "dossier": text_digest(told),
            "key": keys.fingerprint(),
            "manifests": manifests,
            "origin": ORIGIN,
            "v": FORMAT,
        }
    )
    signed = {"note": note, "public_key": keys.public().hex(), "signature": keys.sign(note.encode()).hex()}
    return _json(signed).decode()


def _json(told: Any) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
