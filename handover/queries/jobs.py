"""Jobs as people ask for them: one, the latest of a programme, and how far one has come."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from handover import access
from handover.access import Actor
from handover.canonical import plain
from handover.errors import NotFound
from handover.models import Job, Programme
from handover.permissions import Permission


def job_for(actor: Actor, key: UUID | str) -> Job:
    """Fetch a job of a programme that the actor may read; inside ``access.asking``.

    Raises:
        NotFound: there is none, or it is another tenant's, or it was asked for after the actor's cut-off.
    """
    try:
        uuid = key if isinstance(key, UUID) else UUID(key)
    except ValueError:
        raise NotFound("job") from None
    found = Job.objects.select_related("programme").filter(uuid=uuid).order_by("id").first()
    if found is None:
        raise NotFound("job")
    access.authorise(actor, found.programme_id, None, may=Permission.VIEW)
    if not Job.objects.filter(_in_view(actor, found.programme), pk=found.pk).exists():
        raise NotFound("job")
    return found


def recent(actor: Actor, programme: Programme, *, limit: int = 20) -> list[Job]:
    """Give the latest jobs of a programme, the newest first; inside ``access.asking``.

    Raises:
        NotFound: the actor may not read the programme.
    """
    access.authorise(actor, programme.pk, None, may=Permission.VIEW)
    return list(Job.objects.filter(_in_view(actor, programme), programme=programme).order_by("-id")[:limit])


def _in_view(actor: Actor, programme: Programme) -> Q:
    """Give what a reader with a cut-off sees: what was asked for until then, and what their own side asked for."""
    cutoff = access.reach(actor, programme).cutoff
    return Q() if cutoff is None else Q(created_at__lte=cutoff) | Q(organisation=actor.organisation)


def status(job: Job) -> dict[str, object]:
    """Tell a job for machines, in JSON types."""
    told = plain(
        {
            "uuid": job.uuid,
            "kind": job.kind,
            "state": job.state,
            "progress": {"done": job.done, "total": job.total, "phase": job.phase},
            "result": job.result,
            "error": job.error,
            "requested_by": job.requested_by_name,
            "organisation": job.organisation_name,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "finished_at": job.finished_at,
            "attempts": job.attempts,
        }
    )
    assert isinstance(told, dict)  # noqa: S101  a mapping stays one
    return told
