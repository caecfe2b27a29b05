"""Verification of the ledger's own chains, and reading what their entries commit to.

The first entry that commits to something counts. A later one that says it again is itself a finding: otherwise
whoever changes a row would only have to add an entry that fits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection

from handover.holdings import Finding
from handover.models import LedgerEntry
from handover.models.ledger import INSTALLATION

ENTRY: Final = "entry"
"""Key under which ``bodies`` adds an entry's name to its parsed body."""

T = TypeVar("T")
DIGEST = re.compile(r"[0-9a-f]{64}")


def name_of(chain: UUID, seq: int) -> str:
    """Name an entry as findings do."""
    return f"ledger entry {chain}#{seq}"


# --- chains --------------------------------------------------------------------------------------


def verify_chain(chain: UUID, *, begun: bool = False) -> Iterator[Finding]:
    """Recompute every hash of a chain in the database; hold it against its head and the leaves of the log.

    Args:
        begun: something was recorded in this chain for certain, so that an empty one is a finding.
    """
    yield from _entries(chain)
    yield from _head(chain, begun)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT leaf.seq FROM handover_logleaf leaf
              LEFT JOIN handover_ledgerentry entry ON entry.chain = leaf.chain AND entry.seq = leaf.seq
             WHERE leaf.chain = %(chain)s AND entry.hash IS DISTINCT FROM leaf.hash ORDER BY leaf.seq
            """,
            {"chain": chain},
        )
        for (seq,) in cursor.fetchall():
            yield Finding(
                "checkpoint_disagrees",
                f"Ledger entry {seq} of chain {chain} is not the one that a checkpoint holds.",
                name_of(chain, seq),
            )


_CHAIN = """
SELECT e.seq, e.hash IS DISTINCT FROM handover_ledger_hash(e.previous, e.chain, e.seq, e.recorded_at, e.recorded_as,
         e.body),
       e.previous IS DISTINCT FROM coalesce(lag(e.hash) OVER w, decode(repeat('00', 32), 'hex')),
       coalesce(lag(e.seq) OVER w, 0) + 1,
       NOT coalesce(CASE e.chain_kind
         WHEN 'programme' THEN p.uuid = e.chain AND e.organisation_id IS NULL
         WHEN 'organisation' THEN o.uuid = e.chain AND e.programme_id IS NULL
         ELSE e.chain = %(installation)s AND e.programme_id IS NULL AND e.organisation_id IS NULL END, false)
  FROM handover_ledgerentry e
  LEFT JOIN handover_programme p ON p.id = e.programme_id
  LEFT JOIN handover_organisation o ON o.id = e.organisation_id
 WHERE e.chain = %(chain)s WINDOW w AS (ORDER BY e.seq)
 ORDER BY e.seq
"""


def _entries(chain: UUID) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"chain": chain, "installation": INSTALLATION})
        rows = cursor.fetchall()
    for seq, changed, unchained, expected, misplaced in rows:
        if changed:
            yield Finding(
                "ledger_entry_changed",
                f"Ledger entry {seq} of chain {chain} is not what was recorded.",
                name_of(chain, seq),
            )
        elif seq != expected:
            yield _missing(chain, expected, seq - 1)
        elif unchained:
            yield Finding(
                "ledger_chain_broken",
                f"Ledger entry {seq} of chain {chain} does not follow the one before it.",
                name_of(chain, seq),
            )
        if misplaced:
            # Who it belongs to decides who reads it, and is not in the hash: the chain's name is.
            yield Finding(
                "ledger_entry_misplaced",
                f"Ledger entry {seq} of chain {chain} was put under another programme or organisation.",
                name_of(chain, seq),
            )


def _missing(chain: UUID, first: int, last: int) -> Finding:
    gone = f"{first} to {last}" if last > first else f"{first}"
    sentence = f"Ledger entry {gone} of chain {chain} is missing."
    return Finding("ledger_entry_missing", sentence, name_of(chain, first))


def _head(chain: UUID, begun: bool) -> Iterator[Finding]:
    """Hold the last entry against the head, in one statement: between two, an honest entry could come in."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT head.seq, head.hash, last.seq, last.hash FROM (SELECT) one
              LEFT JOIN handover_chain_head(%(chain)s) head ON true
              LEFT JOIN (SELECT seq, hash FROM handover_ledgerentry WHERE chain = %(chain)s
                          ORDER BY seq DESC LIMIT 1) last ON true
            """,
            {"chain": chain},
        )
        ((head, head_hash, last, last_hash),) = cursor.fetchall()
    if head is None and last is None:
        if begun:
            yield _missing(chain, 1, 1)
    elif head is not None and head > (last or 0):
        yield _missing(chain, (last or 0) + 1, head)
    elif head != last or bytes(head_hash) != bytes(last_hash):
        sentence = f"The head of chain {chain} is not its last entry, {last}."
        yield Finding("ledger_head_wrong", sentence, name_of(chain, last))


def verify_whose() -> Iterator[Finding]:
    """Name chains that the ledger, its heads or the log know, and whose programme or organisation, or all of
    whose entries, are gone. For the database's owner: nobody else sees every chain.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT known.chain,
                   EXISTS (SELECT FROM handover_ledgerentry e WHERE e.chain = known.chain),
                   known.chain = %(installation)s
                   OR EXISTS (SELECT FROM handover_programme p WHERE p.uuid = known.chain)
                   OR EXISTS (SELECT FROM handover_organisation o WHERE o.uuid = known.chain)
              FROM (SELECT chain FROM handover_chainhead UNION SELECT chain FROM handover_logleaf
                    UNION SELECT chain FROM handover_ledgerentry) known
             ORDER BY known.chain
            """,
            {"installation": INSTALLATION},
        )
        rows = cursor.fetchall()
    for chain, entries, whose in rows:
        if not whose:
            sentence = f"The programme or organisation of chain {chain} is gone."
            yield Finding("chain_orphaned", sentence, f"chain {chain}")
        if not entries:
            sentence = f"Of chain {chain} the log knows the head, and no entry is left."
            yield Finding("chain_emptied", sentence, f"chain {chain}")


# --- what entries commit to ----------------------------------------------------------------------


def bodies(chain: UUID) -> list[Mapping[str, Any]]:
    """Parse a chain's entries, each with its name under ``ENTRY``.

    One whose hash does not hold is left out: ``verify_chain`` names it, and what it says now commits to nothing.
    """
    parsed: list[Mapping[str, Any]] = []
    rows = LedgerEntry.objects.filter(chain=chain).extra(
        where=["hash = handover_ledger_hash(previous, chain, seq, recorded_at, recorded_as, body)"]
    )
    for seq, text in rows.order_by("seq").values_list("seq", "body").iterator():
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        parsed.append({**(body if isinstance(body, dict) else {}), ENTRY: name_of(chain, seq)})
    return parsed


def firsts(
    entries: Iterable[Mapping[str, Any]],
    verbs: Collection[str],
    said: Callable[[Mapping[str, Any]], tuple[str, T]],
    what: str,
) -> tuple[dict[str, T], list[Finding]]:
    """Gather what entries of these verbs commit to, by key; the first entry counts.

    Args:
        said: gives key and content of an entry; a ``KeyError``, ``TypeError``, ``ValueError`` or
            ``AttributeError`` means that it does not say what it must.
        what: what is committed to, for a person.

    Returns:
        What was committed to, and the findings on entries that repeat it or do not say it.
    """
    found: dict[str, T] = {}
    wrong: list[Finding] = []
    for entry in entries:
        if str(entry.get("verb")) not in verbs:
            continue
        try:
            key, content = said(entry)
        except (KeyError, TypeError, ValueError, AttributeError):
            wrong.append(malformed(entry))
            continue
        if key not in found:
            found[key] = content
            continue
        name = _name(entry)
        sentence = f"The {name} records the {what} {key} a second time; what was recorded first counts."
        wrong.append(Finding("recorded_twice", sentence, name))
    return found, wrong


def malformed(entry: Mapping[str, Any]) -> Finding:
    """Give the finding on an entry that does not say what its verb must."""
    name = _name(entry)
    return Finding("entry_malformed", f"The {name} does not say what an entry of its kind must say.", name)


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry.get(ENTRY, "ledger entry"))


def uuid_text(value: object) -> str:
    """Give a UUID that an entry says, as it writes it.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or str(UUID(value)) != value:
        raise ValueError("no UUID")
    return value


def digest_text(value: object) -> str:
    """Give a SHA-256 that an entry says, in hexadecimal.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or DIGEST.fullmatch(value) is None:
        raise ValueError("no digest")
    return value
