"""What the interface remembers of requests: answers that must not be given twice, and how many came in a minute."""

from __future__ import annotations

from django.db import models

from handover.models.guard import Guarded


class KeptAnswer(Guarded):
    """The answer to a request that carried an ``Idempotency-Key``: the same key again gets the same answer.

    Written in the transaction of what the request did, so that both are there or neither.
    """

    organisation = models.ForeignKey("handover.Organisation", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("handover.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField(default=0, help_text="0 while the request is being answered.")
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["organisation", "user", "key"], name="handover_keptanswer_once"),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class RequestWindow(models.Model):
    """How many requests one caller has made in the present window. Unlogged: a crash forgets it."""

    caller = models.CharField(max_length=60, primary_key=True)
    began_at = models.DateTimeField()
    requests = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.caller}: {self.requests}"
