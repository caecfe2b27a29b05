"""The ledger's tables. Rows are numbered, chained and hashed by the database; nobody may change or remove them."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from handover.models.guard import Guarded

INSTALLATION = UUID(int=0)
"""The name of the installation's own chain."""


class ChainKind(models.TextChoices):
    """Whose chain it is."""

    PROGRAMME = "programme", "programme"
    ORGANISATION = "organisation", "organisation"
    INSTALLATION = "installation", "installation"


class LedgerEntry(Guarded):
    """One entry of one chain. ``body`` is RFC 8785 text, hashed as stored; keys are copies, not references."""

    chain_kind = models.CharField(max_length=12, choices=ChainKind)
    chain = models.UUIDField(help_text="UUID of the programme or organisation; zeros for the installation.")
    programme_id = models.BigIntegerField(null=True, editable=False)
    organisation_id = models.BigIntegerField(null=True, editable=False)
    body = models.TextField()
    # What follows is the trigger's: it locks the chain's head and overwrites whatever was sent.
    seq = models.BigIntegerField(db_default=0, editable=False)
    recorded_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    recorded_as = models.CharField(
        max_length=63, db_default="", editable=False, help_text="The database's own role."
    )
    previous = models.BinaryField(db_default=b"", editable=False)
    hash = models.BinaryField(db_default=b"", editable=False)

    class Meta:
        ordering = ("chain", "seq")
        default_permissions = ()
        verbose_name_plural = "ledger entries"
        constraints = (
            models.UniqueConstraint(fields=["chain", "seq"], name="handover_ledger_order"),
            models.CheckConstraint(
                condition=Q(chain_kind="programme", programme_id__isnull=False, organisation_id__isnull=True)
                | Q(chain_kind="organisation", programme_id__isnull=True, organisation_id__isnull=False)
                | Q(chain_kind="installation", programme_id__isnull=True, organisation_id__isnull=True),
                name="handover_ledger_chain",
            ),
        )

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq}"


class ChainHead(Guarded):
    """The last entry of each chain. The web role has no right on this table; the trigger writes it."""

    chain = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq}"


class Checkpoint(Guarded):
    """A signed tree head over the log of chain heads (RFC 9162): what leaves the house."""

    size = models.BigIntegerField(unique=True, help_text="Leaves in the log.")
    root = models.BinaryField(help_text="Root hash over all leaves.")
    frontier = models.JSONField(help_text="Hexadecimal hashes of the complete subtrees, largest first.")
    made_at = models.DateTimeField()
    public_key = models.BinaryField(help_text="Ed25519, 32 bytes; the note names its fingerprint.")
    note = models.TextField(help_text="RFC 8785 text that is signed.")
    signature = models.BinaryField(help_text="Ed25519 over the note.")

    class Meta:
        ordering = ("size",)
        default_permissions = ()
        get_latest_by = "size"

    def __str__(self) -> str:
        return f"checkpoint of {self.size} leaves"


class KeySuccession(Guarded):
    """That another key follows the installation's own: a note that both keys signed."""

    old_key = models.BinaryField(help_text="Ed25519, 32 bytes.")
    new_key = models.BinaryField(unique=True, help_text="Ed25519, 32 bytes.")
    size = models.BigIntegerField(help_text="Leaves of the log up to which the old key signed.")
    made_at = models.DateTimeField()
    note = models.TextField(help_text="RFC 8785 text that both signed.")
    signed_by_old = models.BinaryField(help_text="Ed25519 over the note.")
    signed_by_new = models.BinaryField(help_text="Ed25519 over the note.")

    class Meta:
        ordering = ("id",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"key after {self.size} leaves"


class LogLeaf(Guarded):
    """A leaf of the log: the head that a chain had when a checkpoint was made."""

    position = models.BigIntegerField(primary_key=True, help_text="Counts from 0.")
    chain = models.UUIDField()
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        ordering = ("position",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"leaf {self.position}"
