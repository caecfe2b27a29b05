"""Attempts at needs, work, voices, registers, readiness and models: what each action would be called with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from handover import clock
from handover.access import Actor, asking
from handover.actions import (
    audit_findings,
    audit_requests,
    audit_samples,
    audits,
    budgets,
    obligations,
    posts,
    registers,
    score_gates,
    seats,
    undertakings,
)
from handover.models import (
    Organisation,
    Programme,
    Responsibility,
    SustainabilityCheck,
    Transfer,
    TransferMilestone,
)
from handover.models.budgets import BudgetLine
from handover.models.guard import writing
from handover.models.organisations import OrganisationKind
from handover.models.registers import Post
from handover.models.transfers import TransferState
from handover.permissions import Role
from indicators.actions import feeds
from indicators.models import Indicator
from interventions.actions import (
    deliveries,
    groups,
    interventions,
    partners,
    sayings,
    services,
    volunteering,
)
from interventions.actions.rankings import Cast as Ballots
from interventions.models import Adoption, Intervention, InterventionModel, ModelVersion
from interventions.models.catalogue import PieceKind
from tests.factories import interventions as works
from tests.factories import readiness as ready
from tests.factories import records, voices
from tests.factories.organisations import organisation, person
from tests.factories.programmes import grant as granted

DAY = dt.date(2024, 5, 2)
QUARTER = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 3, 31)}

Kept = Mapping[str, Any]
Arguments = Callable[[Kept, Actor], dict[str, Any]]


def work(
    programme: Programme, intervention: Intervention, indicator: Indicator, *, by: Actor
) -> dict[str, Any]:
    """Give what hangs on an intervention: another one, services, figures, a partner, a consultation, records."""
    of: dict[str, Any] = {"by": by, "intervention_uuid": intervention.uuid}
    other = works.intervention(programme, by=by, responsibility=_uuid(intervention.responsibility))
    interventions.after(after_uuid=other.uuid, **of)
    service = services.add(kind="service", title="Visits", unit="visits", **of)
    running = services.add(kind="service", title="Calls", unit="calls", **of)
    running = services.start(by=by, service_uuid=running.uuid, version=running.version, on=DAY)
    period: dict[str, Any] = {"starts_on": DAY, "ends_on": DAY}
    told = voices.consultation(programme, by=by)
    place = voices.community(programme, by=by).place
    interventions.place(place_uuid=place.uuid, **of)
    feeds.define(by=by, indicator_uuid=indicator.uuid, record="support", measure="adults")
    return {
        "first_work": other,
        "service": service,
        "running": running,
        "delivery": deliveries.deliver(by=by, service_uuid=running.uuid, quantity=1, **period),
        "volunteering": volunteering.record(young=1, **period, **of),
        "group": groups.add(title="Children", **of),
        "partner": partners.add(name="A food bank", brings="Food", **of),
        "consultation": told,
        "saying": sayings.say(by=by, consultation_uuid=told.uuid, said="The bus is late"),
        "support": records.support(programme, by=by, intervention=intervention.uuid),
        "commitment": _promised(programme, by=by),
        "work_place": place,
    }


def _promised(programme: Programme, *, by: Actor) -> Any:
    authority = records.entered(
        programme, "authority", by=by, name=f"Town hall {uuid4()}", level="local", works_on="Buses"
    )
    return records.entered(
        programme, "commitment", by=by, authority=authority.uuid, text="A bus", made_on=DAY
    )


def kernel(
    programme: Programme, first: Responsibility, milestone: TransferMilestone, *, by: Actor
) -> dict[str, Any]:
    """Give what the kernel keeps besides: a post with its money, a budget, seats, readiness, a gate, an adoption."""
    of: dict[str, Any] = {"by": by, "responsibility_uuid": first.uuid, "title": "Mediator"}
    post = registers.enter(register=Post, fte=1, funded_by="grant", starts_on=DAY, **of)
    line = registers.enter(
        register=BudgetLine, year=2025, source="municipality", amount=Decimal(1), currency="EUR", **of
    )
    people = voices.community(programme, by=by, name="Community of the Valley")
    ready.adopted(programme, by=by)
    adoption = _adopted(programme, by=by)
    grant = granted(programme, by=by, donor=by.organisation)
    (duty,) = obligations.adopt(by=by, grant_uuid=grant.uuid, rules=["cpr-65-durability"])
    stopped = obligations.pause(
        by=by,
        obligation_uuid=duty.uuid,
        effect="suspends",
        starts_on=DAY,
        authority="Court",
        reason="Proceedings",
    )
    promise = undertakings.enter(
        by=by,
        programme_uuid=programme.uuid,
        organisation=by.organisation,
        kind="posts",
        title="Kept",
        starts_on=DAY,
    )
    word = undertakings.say(
        by=by, undertaking_uuid=promise.uuid, year=DAY.year, outcome="broken", reason="Not kept"
    )
    return {
        **_audited(programme, by=by),
        "grant": grant,
        "check": _planned(programme, by=by),
        "undertaking": promise,
        "undertaking_year": word,
        "obligation": duty,
        "obligation_pause": stopped,
        "post": post,
        "budget_line": line,
        "funding": posts.fund(by=by, post_uuid=post.uuid, source="grant", share="50", starts_on=DAY),
        "step": budgets.step(
            by=by,
            programme_uuid=programme.uuid,
            organisation=by.organisation,
            key="ask",
            title="Ask",
            month=9,
            day=1,
        ),
        "community": people,
        "seat": seats.fill(
            by=by, community_uuid=people.uuid, role="leader", chosen_by="an assembly", starts_on=DAY
        ),
        "assessment": ready.begun(programme, by=by),
        "gate": score_gates.require_score(
            by=by, milestone_uuid=milestone.uuid, instrument_key="small", at_least=Decimal(1)
        ),
        "adoption": adoption,
    }


def _planned(programme: Programme, *, by: Actor) -> SustainabilityCheck:
    """Give a check after an earlier handover of a part."""
    with asking(by), writing():
        earlier = Transfer.objects.create(
            programme=programme,
            title="Earlier",
            giver=by.organisation,
            receiver=Organisation.objects.exclude(pk=by.organisation.pk).earliest("id"),
            state=TransferState.EXECUTED,
            retention_until=DAY,
            executed_at=clock.now(),
        )
        return SustainabilityCheck.objects.create(
            programme=programme, transfer=earlier, months=6, due_on=dt.date(2024, 6, 30)
        )


def _audited(programme: Programme, *, by: Actor) -> dict[str, Any]:
    """Give a voluntary review with a request, a sample and a finding that was shared."""
    auditor = person(organisation("reviewers", OrganisationKind.AUDIT_BODY), Role.AUDITOR)
    review = audits.open_review(
        by=by, programme_uuid=programme.uuid, auditor=auditor.organisation, ends_at=_months_later(),
        reference="R-1", title="Review", purpose="To learn",
    )  # fmt: skip
    of: dict[str, Any] = {"by": auditor, "engagement_uuid": review.uuid, "title": "Theirs"}
    finding = audit_findings.draft(severity="low", criterion="A", condition="B", **of)
    return {
        "review": review,
        "audit_request": audit_requests.ask(asked="A list", due_on=DAY, **of),
        "audit_sample": audit_samples.commit(
            population="posts", method="simple", size=1, commitment="0" * 64, **of
        ),
        "finding": audit_findings.share(by=auditor, finding_uuid=finding.uuid, version=1),
    }


def _months_later() -> dt.datetime:
    return clock.now().replace(second=0, microsecond=0) + dt.timedelta(days=60)


def _adopted(programme: Programme, *, by: Actor) -> Adoption:
    """Say that a programme was made from a model of an organisation's own, without any piece."""
    with asking(by), writing():
        model = InterventionModel.objects.create(
            key="theirs", organisation=by.organisation, created_at=clock.now()
        )
        document = {"needs": [{"key": "food", "title": "Food", "level": "survival", "severity": 3}]}
        ModelVersion.objects.create(
            model=model,
            number=1,
            format="1",
            document=document,
            digest="0" * 64,
            licence="CC-BY-4.0",
            published_at=clock.now(),
        )
        return Adoption.objects.create(
            programme=programme,
            model_uuid=model.uuid,
            model_key=model.key,
            number=1,
            adopted_at=clock.now(),
        )


def _uuid(row: Any) -> Any:
    return row.uuid if row is not None else None


def _of(kind: str, /, **said: Any) -> Arguments:
    """Call an action with the UUID of something that is kept."""
    return lambda kept, by: {f"{kind}_uuid": kept[kind].uuid, "version": kept[kind].version, **said}


def _without_version(kind: str, /, **said: Any) -> Arguments:
    return lambda kept, by: {f"{kind}_uuid": kept[kind].uuid, **said}


def _request(kept: Kept) -> dict[str, Any]:
    return {"request_uuid": kept["audit_request"].uuid, "version": kept["audit_request"].version}


def _sample(kept: Kept) -> dict[str, Any]:
    return {"sample_uuid": kept["audit_sample"].uuid, "version": kept["audit_sample"].version}


def _review(kept: Kept) -> dict[str, Any]:
    return {"engagement_uuid": kept["review"].uuid, "version": kept["review"].version}


def _to_open(kept: Kept) -> dict[str, Any]:
    return {
        "auditor": kept["review"].auditor,
        "ends_at": _months_later(),
        "reference": "Mine",
        "title": "Mine",
        "purpose": "Mine",
    }


PIECE = (PieceKind.NEED, "food")

ARGUMENTS: Mapping[str, Arguments] = MappingProxyType(
    {
        "handover.actions.assessments.begin": lambda kept, by: {
            "instrument_key": "small",
            "wave": "after_12",
        },
        "handover.actions.audit_findings.close": _of("finding"),
        "handover.actions.audit_findings.draft": lambda kept, by: {
            "engagement_uuid": kept["review"].uuid,
            "title": "Mine",
            "severity": "low",
            "criterion": "A",
            "condition": "B",
        },
        "handover.actions.audit_findings.edit": _of("finding", title="Mine"),
        "handover.actions.audit_findings.follow_up": _of("finding", text="Mine"),
        "handover.actions.audit_findings.propose_closure": _of("finding", reason="Mine"),
        "handover.actions.audit_findings.reply": _of("finding", reply="Mine"),
        "handover.actions.audit_findings.share": _of("finding"),
        "handover.actions.audit_requests.accept": lambda kept, by: _request(kept),
        "handover.actions.audit_requests.answer": lambda kept, by: {**_request(kept), "answer": "Mine"},
        "handover.actions.audit_requests.ask": lambda kept, by: {
            "engagement_uuid": kept["review"].uuid,
            "title": "Mine",
            "asked": "Mine",
            "due_on": DAY,
        },
        "handover.actions.audit_requests.send_back": lambda kept, by: {**_request(kept), "reason": "Mine"},
        "handover.actions.audit_samples.commit": lambda kept, by: {
            "engagement_uuid": kept["review"].uuid,
            "title": "Mine",
            "population": "posts",
            "method": "simple",
            "size": 1,
            "commitment": "0" * 64,
        },
        "handover.actions.audit_samples.freeze": lambda kept, by: _sample(kept),
        "handover.actions.audit_samples.reveal": lambda kept, by: {**_sample(kept), "seed": "00" * 16},
        "handover.actions.audits.end": lambda kept, by: {**_review(kept), "reason": "Mine"},
        "handover.actions.audits.extend": lambda kept, by: {
            **_review(kept),
            "ends_at": _months_later() + dt.timedelta(days=60),
            "reason": "Mine",
        },
        "handover.actions.audits.open_by_authority": lambda kept, by: {
            **_to_open(kept),
            "legal_basis": "Mine",
        },
        "handover.actions.audits.open_review": lambda kept, by: _to_open(kept),
        "handover.actions.budgets.stage": lambda kept, by: {
            "line_uuid": kept["budget_line"].uuid,
            "stage": "executed",
        },
        "handover.actions.budgets.rate": lambda kept, by: {
            "currency": "RON",
            "into": "EUR",
            "rate": "0.2",
            "since": DAY,
            "source": "A bank",
        },
        "handover.actions.budgets.step": lambda kept, by: {
            "organisation": by.organisation,
            "key": "mine",
            "month": 1,
            "day": 1,
        },
        "handover.actions.budgets.edit_step": _of("step", title="Mine"),
        "handover.actions.budgets.adopt_steps": lambda kept, by: {"organisation": by.organisation},
        "handover.actions.instruments.adopt": lambda kept, by: {"document": ready.small(edition="2")},
        "handover.actions.milestones.ask_community": lambda kept, by: {"quorum": 3, "on_dissent": "pause"},
        "handover.actions.obligations.adopt": _without_version("grant", rules=["cpr-82-records"]),
        "handover.actions.obligations.enter": _without_version(
            "grant", kind="other", title="Mine", source="Me", counts_from="grant_end", years=1
        ),
        "handover.actions.obligations.edit": _of("obligation", applies="no", why="Mine"),
        "handover.actions.obligations.pause": _without_version(
            "obligation", effect="restarts", starts_on=DAY, authority="Court", reason="Mine"
        ),
        "handover.actions.obligations.edit_pause": lambda kept, by: {
            "pause_uuid": kept["obligation_pause"].uuid,
            "ends_on": DAY,
        },
        "handover.actions.undertakings.enter": lambda kept, by: {
            "organisation": by.organisation,
            "kind": "posts",
            "title": "Mine",
            "starts_on": DAY,
        },
        "handover.actions.undertakings.edit": _of("undertaking", title="Mine"),
        "handover.actions.undertakings.depend": lambda kept, by: {
            "undertaking_uuid": kept["undertaking"].uuid,
            "responsibilities": [kept["responsibility"].uuid],
        },
        "handover.actions.undertakings.say": _without_version(
            "undertaking", year=DAY.year, outcome="broken", reason="Mine"
        ),
        "handover.actions.undertakings.resay": lambda kept, by: {
            "said_uuid": kept["undertaking_year"].uuid,
            "reason": "Mine",
        },
        "handover.actions.checks.move": _of("check"),
        "handover.actions.checks.drop": _of("check"),
        "handover.actions.checks.look": _without_version("check", part="staff", found="holds"),
        "handover.actions.checks.hold": _of("check"),
        "indicators.actions.floors.set_floor": lambda kept, by: {"level": "1"},
        "handover.actions.registers.edit_grant": _of("grant", title="Mine"),
        "handover.actions.posts.fund": _without_version("post", source="grant", share="10"),
        "handover.actions.posts.edit_funding": _of("funding", note="Mine"),
        "handover.actions.readiness.score": _without_version(
            "assessment", answers=ready.answers(ready.STEPS)
        ),
        "handover.actions.readiness.close": _of("assessment"),
        "handover.actions.readiness.reconcile": _without_version(
            "assessment", answers=ready.answers(ready.STEPS)
        ),
        "handover.actions.registers.edit": lambda kept, by: {
            "register": Post,
            "line_uuid": kept["post"].uuid,
            "title": "Mine",
        },
        "handover.actions.score_gates.require_score": lambda kept, by: {
            "instrument_key": "small",
            "at_least": Decimal(2),
            "responsibility_uuid": None,
        },
        "handover.actions.score_gates.lift": _without_version("gate"),
        "handover.actions.score_gates.accept_proposal": lambda kept, by: {"key": "money"},
        "handover.actions.seats.fill": _without_version("community", role="leader", chosen_by="me"),
        "handover.actions.seats.vacate": _of("seat", ends_on=DAY),
        "handover.actions.votes.hold": lambda kept, by: {
            "held_on": DAY,
            "asked": "Shall we?",
            "present": 3,
            "assent": 3,
            "dissent": 0,
        },
        "handover.actions.votes.answer": _without_version("vote", kind="mediated", text="Because"),
        "interventions.actions.adoptions.take": _without_version("adoption", piece=PIECE),
        "interventions.actions.adoptions.leave_out": _without_version("adoption", piece=PIECE),
        "interventions.actions.adoptions.count": _without_version("adoption", counted=False),
        "interventions.actions.commitments.close": _of("commitment", state="kept", outcome="Done"),
        "interventions.actions.commitments.reopen": _of("commitment"),
        "interventions.actions.consultations.record": lambda kept, by: {
            "title": "Mine",
            "held_on": DAY,
            "format": "assembly",
        },
        "interventions.actions.consultations.edit": _of("consultation", title="Mine"),
        "interventions.actions.consultations.attend": _without_version("consultation", attendance=[]),
        "interventions.actions.consultations.raise_needs": lambda kept, by: {
            "consultation_uuid": kept["consultation"].uuid,
            "needs": [kept["needs"][1].uuid],
        },
        "interventions.actions.consultations.tell_back": _of("consultation", told_back_on=DAY),
        "interventions.actions.deliveries.deliver": lambda kept, by: {
            "service_uuid": kept["running"].uuid,
            "quantity": 1,
        },
        "interventions.actions.deliveries.correct": _of("delivery", quantity=2),
        "interventions.actions.groups.edit": _of("group", title="Mine"),
        "interventions.actions.groups.remove": _without_version("group"),
        "interventions.actions.interventions.after": lambda kept, by: {
            "intervention_uuid": kept["first_work"].uuid,
            "after_uuid": kept["intervention"].uuid,
        },
        "interventions.actions.interventions.not_after": lambda kept, by: {
            "after_uuid": kept["first_work"].uuid
        },
        "interventions.actions.interventions.place": lambda kept, by: {"place_uuid": kept["place"].uuid},
        "interventions.actions.interventions.unplace": lambda kept, by: {
            "place_uuid": kept["work_place"].uuid
        },
        "interventions.actions.levels.define": lambda kept, by: {"levels": works.LEVELS},
        "interventions.actions.lineage.merge": lambda kept, by: {
            "need_uuids": [kept["needs"][0].uuid],
            "into": kept["needs"][1].uuid,
        },
        "interventions.actions.lineage.split": lambda kept, by: {"parts": [{"title": "A"}, {"title": "B"}]},
        "interventions.actions.models.publish": lambda kept, by: {
            "head": {
                "key": "mine",
                "title": "Mine",
                "summary": "Mine",
                "licence": "CC-BY-4.0",
                "context": "Mine",
                "conditions": "None",
            }
        },
        "interventions.actions.partners.add": lambda kept, by: {"name": "A shop", "brings": "Bread"},
        "interventions.actions.partners.edit": _of("partner", brings="Mine"),
        "interventions.actions.partners.remove": _without_version("partner"),
        "interventions.actions.rankings.hold": lambda kept, by: {
            "ranked_by": "professionals",
            "method": "order",
            "held_on": DAY,
            "ballots": [Ballots(order=[need.uuid for need in kept["needs"]])],
        },
        "interventions.actions.records.enter": lambda kept, by: {
            "record": "support",
            "entry": {
                "intervention": kept["intervention"].uuid,
                "kind": "food",
                "outcome": "resolved",
                "starts_on": DAY,
                "ends_on": DAY,
            },
        },
        "interventions.actions.records.edit": lambda kept, by: {
            "record": "support",
            "record_uuid": kept["support"].uuid,
            "changes": {"adults": 2},
        },
        "interventions.actions.records.withdraw": lambda kept, by: {
            "record": "support",
            "record_uuid": kept["support"].uuid,
        },
        "interventions.actions.sayings.say": _without_version("consultation", said="Mine"),
        "interventions.actions.sayings.answer": _of("saying", outcome="done", done="Mine"),
        "interventions.actions.service_documents.load": lambda kept, by: {
            "rows": {
                "x": {
                    "intervention": kept["intervention"].uuid,
                    "kind": "service",
                    "title": "Mine",
                    "unit": "visits",
                }
            }
        },
        "interventions.actions.services.add": lambda kept, by: {"kind": "service", "unit": "visits"},
        "interventions.actions.services.edit": _of("service", title="Mine"),
        "interventions.actions.services.start": _of("service"),
        "interventions.actions.volunteering.record": lambda kept, by: {"young": 1},
        "interventions.actions.volunteering.correct": _of("volunteering", young=2),
        "indicators.actions.feeds.define": lambda kept, by: {"record": "support", "measure": "children"},
        "indicators.actions.pieces.take": lambda kept, by: {
            "piece": {"title": "Mine"},
            "present": kept["indicator"].uuid,
        },
    }
)
"""What attempts say where keys and words are not enough."""
