"""One entry of a programme's ledger, with the proof that it is as it was."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from handover.permissions import Permission
from handover.queries.activity import told_entry
from handover.queries.entry_proofs import entry_proof, without_erased
from handover.queries.names import named, withheld
from handover.views.pages import found, page, visit
from handover.views.routes import may


@may(Permission.READ_LEDGER)
@login_required
@require_GET
def entry(request: HttpRequest, programme_uuid: UUID, seq: int) -> HttpResponse:
    """Show an entry in words, as it was hashed, and how it hangs on a checkpoint; or all of it as a file."""
    here = visit(request, programme_uuid, may=Permission.READ_LEDGER)
    proof = found(entry_proof, here.reach, seq)
    if "file" in request.GET:
        text = json.dumps(without_erased(proof), ensure_ascii=False)
        answer = HttpResponse(text, content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="entry-{seq}.json"'
        return answer
    body = named(proof.entry.body)
    told = {
        "proof": proof,
        "happened": told_entry(proof.entry, body),
        "body": json.dumps(body, ensure_ascii=False, indent=2),
        "hash": bytes(proof.entry.hash).hex(),
        "previous": bytes(proof.entry.previous).hex(),
        "root": bytes(proof.checkpoint.root).hex() if proof.checkpoint else "",
        "hidden": withheld(proof.entry.body, body),
    }
    return page(request, "handover/programmes/entry.html", told, here=here)
