"""The ledger's only writer. The database numbers, chains and hashes; this module says what is written.

A body is RFC 8785 text: ``{"at", "by", "data", "subject", "v", "verb"}``. Decimals are strings, references
are copies, so that an entry still tells its story when everything that it mentions is gone. Organisations stand there
by UUID and name, people by UUID and the key of their name (``handover.names``): erasing a name touches no hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from handover import clock, jobs
from handover.canonical import canonical
from handover.models.ledger import INSTALLATION, ChainKind, LedgerEntry
from handover.webhooks.events import VERBS

if TYPE_CHECKING:
    from handover.access import Actor, Operator
    from handover.models import Organisation, Programme

VERSION = 2
"""Since 2 people stand in bodies by their pseudonym keys, before by their names."""


def record(
    *,
    verb: str,
    by: Actor | Operator | None,
    programme: Programme | None = None,
    organisation: Organisation | None = None,
    subject: UUID | str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    """Append one entry to the chain of a programme, else of an organisation, else of the installation.

    Args:
        verb: what happened, ``noun.verb`` in the past tense (``transfer.executed``); stable.
        by: who did it; ``None`` for the installation itself.
        subject: the UUID (or other name) of what it happened to.
        data: what happened, in JSON types, decimals, UUIDs, dates and instants; floats are refused.

    Must run in the transaction of what it records. Where webhooks may want to hear of it, a worker is asked in the same
    transaction to find out.
    """
    body = canonical(
        {
            "at": clock.now(),
            "by": by.as_json() if by else None,
            "data": data or {},
            "subject": str(subject),
            "v": VERSION,
            "verb": verb,
        }
    )
    if programme is not None:
        kind, chain = ChainKind.PROGRAMME, programme.uuid
    elif organisation is not None:
        kind, chain = ChainKind.ORGANISATION, organisation.uuid
    else:
        kind, chain = ChainKind.INSTALLATION, INSTALLATION
    entry = LedgerEntry.objects.create(
        chain_kind=kind,
        chain=chain,
        programme_id=programme.pk if programme is not None else None,
        organisation_id=organisation.pk if organisation is not None and programme is None else None,
        body=body,
    )
    if programme is not None and verb in VERBS:
        jobs.send(jobs.TELL, entry=entry.pk, programme=programme.pk)
