"""After the handover: what the giver keeps and what it does not, whatever it tries; auditors; exceptions."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, models

from handover import clock
from handover.access import Actor, asking, permissions_on, programme_for, reach
from handover.actions import (
    accounts,
    evidence,
    executions,
    giving_back,
    milestones,
    permissions,
    places,
    registers,
    responsibilities,
    score_gates,
    standings,
    transfers,
)
from handover.actions.transfers import Answer, Item
from handover.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from handover.models import Equipment, Organisation, Programme, Transfer
from handover.models.annexes import AnnexDecision
from handover.models.transfers import KeepKind
from handover.permissions import Permission, Role, StandingKind
from indicators.actions import axes, drafts, sources, submissions, values
from indicators.actions.batches import Batch
from indicators.actions.imports import Rows
from indicators.actions.values import Reported
from indicators.models import Indicator, Value
from interventions.actions import interventions
from interventions.actions import needs as hierarchy
from tests.conftest import WebSql, sql_of
from tests.factories import indicators as measures
from tests.factories import interventions as works
from tests.factories import transfers as plans
from tests.factories import voices
from tests.factories.cast import AUDIT_ENDS, TODAY, Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import responsibility
from tests.factories.transfers import undone
from tests.handover import attempts

pytestmark = pytest.mark.django_db

APPS = ("handover", "interventions", "indicators")
FIRST, SECOND = measures.FIRST_QUARTER, measures.SECOND_QUARTER

OWN_AFFAIRS = {
    "handover.actions.accounts.seat": "its own people",
    "handover.actions.accounts.unseat": "its own people",
    "handover.actions.accounts.pseudonymise": "its own people",
    "handover.actions.leaving.leave": "its own people",
    "indicators.actions.submissions.hand_on": "its own people, and the wall asks again",
    "handover.actions.organisations.represent": "its own representatives",
    "handover.actions.programmes.create": "a programme of its own",
    "handover.actions.checkpoints.make": "the installation's log",
    "handover.actions.audit_looks.look": "noting what an auditor read; of anybody else nothing is noted",
    "handover.actions.evidence.open_file": "reading",
    "handover.actions.jobs.cancel": "calling off what one asked for oneself",
    "handover.actions.kept_answers.claim": "its own requests",
    "handover.actions.kept_answers.keep": "its own requests",
    "handover.actions.accounts.speak": "its own language",
    "handover.actions.calendars.note": "its own dates",
    "handover.actions.calendars.open_address": "its own dates",
    "handover.actions.calendars.revoke_address": "its own dates",
    "handover.actions.reminders.choose": "its own mail",
    "handover.actions.accounts.rename": "its own name",
    "handover.actions.invitations.invite": "its own people",
    "handover.actions.invitations.revoke": "its own people",
    "handover.actions.organisations.change": "its own settings",
    "handover.actions.papers.issue": "papers of a handover it was a side of",
    "handover.actions.papers.record_signed": "its own signature under them",
    "handover.actions.papers.open_signed": "reading",
    "handover.actions.provisioned_groups.change_group": "its own people",
    "handover.actions.provisioned_groups.enter_group": "its own people",
    "handover.actions.provisioned_groups.map_group": "its own people",
    "handover.actions.provisioned_groups.remove_group": "its own people",
    "handover.actions.provisioning.change_person": "its own people",
    "handover.actions.provisioning.enter_person": "its own people",
    "handover.actions.provisioning.forget_person": "its own people",
    "handover.actions.reorganisations.change": "its own end as an organisation; a former steward has nothing to move",
    "handover.actions.reorganisations.draw_up": "its own end as an organisation",
    "handover.actions.reorganisations.sign": "its own word",
    "handover.actions.reorganisations.state": "its own part",
    "handover.actions.reorganisations.withdraw": "its own plan",
    "handover.actions.successions.execute": "its own plan, signed by all; the wall asks for each programme",
    "handover.actions.tokens.issue": "its own tokens",
    "handover.actions.tokens.issue_for_organisation": "its own tokens",
    "handover.actions.tokens.revoke": "its own tokens",
    "handover.actions.undertakings.open_file": "reading",
    "handover.actions.webhook_deliveries._begin": "messages to its own webhooks",
    "handover.actions.webhook_deliveries._end": "messages to its own webhooks",
    "handover.actions.webhook_deliveries._tell": "messages to its own webhooks",
    "handover.actions.webhook_deliveries._tell_overdue": "messages to its own webhooks",
    "handover.actions.webhooks.create": "its own webhooks",
    "handover.actions.webhooks.edit": "its own webhooks",
    "handover.actions.webhooks.redeliver": "its own webhooks",
    "handover.actions.webhooks.rotate_secret": "its own webhooks",
    "handover.actions.webhooks.switch_off": "its own webhooks",
    "handover.actions.webhooks.switch_on": "its own webhooks",
    "handover.actions.webhooks.try_out": "its own webhooks",
    "indicators.actions.codelists.import_list": "its own code lists",
    "indicators.actions.provenance.open_file": "reading",
    "indicators.actions.activities.import_activities": "a programme of its own",
    "interventions.actions.adoptions.adopt": "a programme of its own",
    "interventions.actions.models.withdraw": "its own models",
}
"""Actions that touch nothing of the programme that was handed over."""

LEFT_BY_THE_PLAN = {
    "handover.actions.executions.countersign": "the proof waits for its signature",
    "handover.actions.giving_back.give_back": "within the agreed period",
    "handover.actions.milestones.sign": "its seat still signs, but this milestone is done",
}
"""Actions that the plan leaves to the giver's signatory."""

RECEIVERS = {
    f"handover.actions.{name}"
    for name in (
        "audit_findings.close",
        "audit_findings.draft",
        "audit_findings.edit",
        "audit_findings.follow_up",
        "audit_findings.propose_closure",
        "audit_findings.share",
        "audit_requests.accept",
        "audit_requests.ask",
        "audit_requests.send_back",
        "audit_samples.commit",
        "audit_samples.freeze",
        "audit_samples.reveal",
        "audits.open_by_authority",
        "executions.execute",
        "transfers.accept",
        "transfers.accept_annex",
        "transfers.answer_annex",
        "transfers.refuse",
        "transfers.send_back",
    )
}
"""Actions that were never the giver's."""


def actions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Find every write of the three apps that a person takes, by its dotted name."""
    for app in APPS:
        package = importlib.import_module(f"{app}.actions")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for name, function in vars(module).items():
                if not inspect.isfunction(function) or function.__module__ != found.name:
                    continue
                by = inspect.signature(function).parameters.get("by")
                if hasattr(function, "__wrapped__") and by is not None and "Actor" in str(by.annotation):
                    yield f"{found.name}.{name}", function


@dataclass
class Home:
    """A programme with something of everything, half of it below a responsibility."""

    cast: Cast
    programme: Programme
    transfer: Transfer
    on_programme: dict[str, Any] = field(default_factory=dict)
    on_responsibility: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def home(cast: Cast, programme: Programme) -> Home:
    by = cast.giver
    first, _ = plans.responsibilities_of(programme, by=by)
    works.levels(programme, by=by)
    needs = [works.need(programme, by=by, title=f"Need {number}") for number in range(3)]
    hierarchy.require(by=by, need_uuid=needs[0].uuid, requires=needs[1].uuid)
    act = registers.cite(
        by=by,
        programme_uuid=programme.uuid,
        issuer=by.organisation,
        kind="contract",
        number="1",
        dated=dt.date(2024, 1, 1),
    )
    transfer = plans.drafted(programme, by=by, receiver=cast.receiver.organisation)
    step = plans.milestone(transfer, by=by)
    besides = attempts.kernel(programme, first, step, by=by)
    (line,) = transfers.list_in_annex(
        by=by, transfer_uuid=transfer.uuid, lines=[("open_points", "Keys", None)]
    )
    made = Home(cast, programme, transfer)
    for below, kept in ((None, made.on_programme), (first.uuid, made.on_responsibility)):
        indicator = measures.indicator(programme, by=by, responsibility=below)
        measures.reported(indicator, {"women": 3}, by=by)
        with asking(by):
            value = Value.objects.get(indicator=indicator)
        done = works.intervention(programme, by=by, responsibility=below)
        interventions.answer(by=by, intervention_uuid=done.uuid, need_uuid=needs[0].uuid)
        kept.update(besides)
        kept.update(attempts.work(programme, done, indicator, by=by))
        kept.update(on_its_way(programme, indicator, by=by, reporter=cast.giver_reporter))
        kept.update(
            programme=programme,
            responsibility=first,
            transfer=transfer,
            milestone=step,
            line=line,
            needs=needs,
            act=act,
            result=indicator.result,
            indicator=indicator,
            value=value,
            intervention=done,
        )
    return made


def drafted_row(of: Indicator) -> drafts.Row:
    """Give a row of a submission."""
    return drafts.Row(indicator=of.uuid, starts_on=SECOND[0], ends_on=SECOND[1], value=5)


def on_its_way(programme: Programme, of: Indicator, *, by: Actor, reporter: Actor) -> dict[str, Any]:
    """Give an axis, a source series, a submission in the making, and one that somebody else handed in."""
    whole: dict[str, Any] = {"programme_uuid": programme.uuid}
    begun = submissions.draft(by=by, **whole)
    submitted = submissions.draft(by=reporter, **whole)
    submitted = drafts.put(
        by=reporter, submission_uuid=submitted.uuid, version=submitted.version, rows=[drafted_row(of)]
    )
    return {
        "axis": axes.create(
            by=by, name=f"axis {of.pk}", categories=[{"code": "a", "title": "A"}], title="Axis", **whole
        ),
        "source": sources.register(
            by=by, title=f"Register {of.pk}", custodian=by.organisation, location="A shelf", **whole
        ),
        "submission": begun,
        "submitted": submissions.submit(
            by=reporter, submission_uuid=submitted.uuid, version=submitted.version
        ),
    }


def agreed(home: Home) -> None:
    """Let both sides agree on the plan, with a piece of evidence."""
    plans.agreed(home.transfer, by=home.cast.giver, receiver=home.cast.receiver)
    proof = evidence.add(
        by=home.cast.giver,
        milestone_uuid=home.on_programme["milestone"].uuid,
        title="List",
        content=[b"names"],
        names_people=True,
        erase_after=dt.date(2024, 6, 4),
    )
    dissent = voices.vote(home.on_programme["milestone"], 2, 1, by=home.cast.giver)
    for kept in (home.on_programme, home.on_responsibility):
        kept.update(evidence=proof, vote=dissent)


def handed_over(home: Home) -> None:
    score_gates.lift(by=home.cast.giver, gate_uuid=home.on_programme["gate"].uuid)
    agreed(home)
    plans.signed(home.transfer, home.cast)
    executions.execute(by=home.cast.receiver, transfer_uuid=home.transfer.uuid)


def keys_of(kept: Mapping[str, Any]) -> dict[str, UUID]:
    """Give what actions fetch their objects by."""
    names = (
        "programme",
        "responsibility",
        "transfer",
        "milestone",
        "evidence",
        "result",
        "indicator",
        "value",
    )
    found = {f"{name}_uuid": kept[name].uuid for name in (*names, "intervention") if name in kept}
    return {**found, "need_uuid": kept["needs"][0].uuid}


WORDS: Mapping[str, object] = {
    "title": "Mine",
    "name": "Mine",
    "reason": "Because",
    "comment": "Because",
    "version": 1,
    "until": dt.date(2024, 12, 31),
    "due_on": dt.date(2024, 12, 31),
    "retention_until": dt.date(2030, 1, 1),
    "starts_on": SECOND[0],
    "ends_on": SECOND[1],
    "year": 2023,
    "value": 99,
    "signs": ["giver"],
    "lines": [],
    "items": [],
    "answers": [],
    "results": [],
    "names": {},
}
"""What attempts say where nothing else matters."""


def special(name: str, kept: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Give the arguments that an action wants besides keys and words."""
    other: Organisation = kept["other"]
    table: dict[str, Callable[[], dict[str, Any]]] = {
        "handover.actions.evidence.add": lambda: {"link": "https://giver.example/x"},
        "handover.actions.evidence.name_verifier": lambda: {"user": by.user},
        "handover.actions.milestones.plan": lambda: {"kind": "co_delivery"},
        "handover.actions.milestones.rest_on": lambda: {"legal_act": kept["act"]},
        "handover.actions.permissions.except_user": lambda: {
            "thing": kept["thing"],
            "user": by.user,
            "organisation": by.organisation,
            "permission": kept["permission"],
            "until": None,
        },
        "handover.actions.programmes.edit": lambda: {"title": "Mine", "version": kept["programme"].version},
        "handover.actions.programmes.serve": lambda: {"place": kept["place"]},
        "handover.actions.programmes.work_at": lambda: {"place": kept["place"]},
        "handover.actions.registers.add_grant": lambda: {
            "donor": other,
            "lead": other,
            "agreement_number": "1",
            "starts_on": FIRST[0],
            "ends_on": FIRST[1],
            "amount": 1,
            "currency": "EUR",
            "title": "x",
        },
        "handover.actions.registers.cite": lambda: {
            "issuer": other,
            "kind": "contract",
            "number": "2",
            "dated": FIRST[0],
        },
        "handover.actions.registers.restate": lambda: {"act": kept["act"], "status": "annulled"},
        "handover.actions.registers.enter": lambda: {
            "register": Equipment,
            "title": "Van",
            "acquired_on": FIRST[0],
            "cost": 1,
            "currency": "EUR",
        },
        "handover.actions.responsibilities.define": lambda: {"kind": "service", "holder": by.organisation},
        "handover.actions.responsibilities.edit": lambda: {"title": "Mine"},
        "handover.actions.responsibilities.provide": lambda: {"provider": by.organisation},
        "handover.actions.standings.admit": lambda: {
            "organisation": other,
            "kind": StandingKind.PARTNER,
            "until": None,
        },
        "handover.actions.standings.dismiss": lambda: {
            "organisation": kept["donor"],
            "kind": StandingKind.DONOR,
        },
        "handover.actions.transfers.draft": lambda: {"receiver": other},
        "handover.actions.transfers.include": lambda: {"items": [Item(kept["responsibility"])]},
        "handover.actions.transfers.keep": lambda: {"kind": KeepKind.READ_AND_EXPORT},
        "handover.actions.transfers.map_exception": lambda: {"key": "x", "to_user": None},
        "handover.actions.transfers.answer_annex": lambda: {
            "answers": [Answer(kept["line"].uuid, AnnexDecision.ACCEPTED)]
        },
        "interventions.actions.documents.load_needs": lambda: {"levels": {}, "rows": {}},
        "interventions.actions.documents.load_interventions": lambda: {
            "rows": {"x": {"title": "Mine", "field": "health"}}
        },
        "interventions.actions.interventions.add": lambda: {
            "title": "Mine",
            "field": "health",
            "responsibility": kept["below"],
        },
        "interventions.actions.interventions.edit": lambda: {"title": "Mine"},
        "interventions.actions.levels.define": lambda: {"levels": works.LEVELS},
        "interventions.actions.needs.add": lambda: {"title": "Mine", "level": "survival", "severity": 1},
        "interventions.actions.needs.edit": lambda: {"title": "Mine"},
        "interventions.actions.needs.move": lambda: {"parent": kept["needs"][1].uuid},
        "interventions.actions.needs.rank": lambda: {
            "parent": None,
            "ranked": [need.uuid for need in reversed(kept["needs"])],
        },
        "interventions.actions.needs.require": lambda: {"requires": kept["needs"][1].uuid},
        "interventions.actions.needs.release": lambda: {"requires": kept["needs"][1].uuid},
        "indicators.actions.documents.load": lambda: {
            "results": [{"key": "r", "type": "1", "title": "Mine", "indicators": []}]
        },
        "indicators.actions.indicators.define": lambda: {
            "measure": "1",
            "title": "Mine",
            "responsibility": kept["below"],
        },
        "indicators.actions.indicators.edit": lambda: {"title": "Mine"},
        "indicators.actions.results.define": lambda: {"type": "1", "title": "Mine"},
        "indicators.actions.results.edit": lambda: {"title": "Mine"},
        "handover.actions.jobs.enqueue": lambda: {"kind": "values.import", "arguments": {}, "key": "mine"},
        "indicators.actions.axes.create": lambda: {
            "name": "mine",
            "categories": [{"code": "a", "title": "A"}],
        },
        "indicators.actions.axes.create_standard": lambda: {"name": "gender"},
        "indicators.actions.axes.edit": lambda: {"axis_uuid": kept["axis"].uuid, "title": "Mine"},
        "indicators.actions.breaks.state": lambda: {"on": FIRST[0], "kind": "method"},
        "indicators.actions.drafts.put": lambda: {
            "submission_uuid": kept["submission"].uuid,
            "rows": [drafted_row(kept["indicator"])],
        },
        "indicators.actions.drafts.remove": lambda: {
            "submission_uuid": kept["submission"].uuid,
            "draft_uuids": [],
        },
        "indicators.actions.imports.apply": lambda: {
            "rows": Rows(lines=measures.csv_of(kept["indicator"], 1))
        },
        "indicators.actions.overlaps.state": lambda: {"count": 1},
        "indicators.actions.provenance.attach": lambda: {
            "value_uuids": [kept["value"].uuid],
            "source_uuid": kept["source"].uuid,
        },
        "indicators.actions.sources.register": lambda: {
            "title": "Mine",
            "custodian": by.organisation,
            "location": "A shelf",
        },
        "indicators.actions.sources.edit": lambda: {"source_uuid": kept["source"].uuid, "location": "Mine"},
        "indicators.actions.submissions.submit": lambda: {"submission_uuid": kept["submission"].uuid},
        "indicators.actions.submissions.withdraw": lambda: {"submission_uuid": kept["submission"].uuid},
        "indicators.actions.submissions.approve": lambda: {
            "submission_uuid": kept["submitted"].uuid,
            "version": kept["submitted"].version,
        },
        "indicators.actions.submissions.return_": lambda: {
            "submission_uuid": kept["submitted"].uuid,
            "version": kept["submitted"].version,
            "note": "Count again",
        },
        "indicators.actions.values.report": lambda: {"rows": [Reported(value=1)]},
        "indicators.actions.values.import_csv": lambda: {"lines": measures.csv_of(kept["indicator"], 1)},
    }
    if name in attempts.ARGUMENTS:
        return attempts.ARGUMENTS[name](kept, by)
    return table[name]() if name in table else {}


def attempt(name: str, action: Callable[..., object], kept: Mapping[str, Any], by: Actor) -> None:
    """Take an action with arguments that would do something."""
    signature = inspect.signature(action).parameters
    said = {**WORDS, **keys_of(kept)}
    action(by=by, **{**{key: said[key] for key in signature if key in said}, **special(name, kept, by)})


def refused(name: str, action: Callable[..., object], kept: Mapping[str, Any], by: Actor) -> bool:
    """Tell whether an attempt is refused for who makes it."""
    with undone():
        try:
            attempt(name, action, kept, by)
        except (NotAllowed, NotFound):
            return True
        return False


@pytest.fixture
def kept(home: Home) -> list[dict[str, Any]]:
    """Give both halves of the programme, with what attempts besides need."""
    first = home.on_responsibility["responsibility"]
    shared = {
        "other": organisation("other"),
        "donor": home.cast.donor.organisation,
        "place": places.add_unit(by=OPERATOR, country="RO", nuts3="RO999", code="999999", name="A place"),
    }
    return [
        {
            **home.on_programme,
            **shared,
            "below": None,
            "thing": home.programme,
            "permission": Permission.SIGN,
        },
        {
            **home.on_responsibility,
            **shared,
            "below": first.uuid,
            "thing": first,
            "permission": Permission.REPORT_VALUES,
        },
    ]


def rows(programme: Programme, *, by: Actor) -> dict[str, Any]:
    """Read every row of a programme, as its steward sees it."""
    with asking(by):
        return {
            model._meta.label: sql_of(by)(
                f"SELECT t::text FROM {model._meta.db_table} t WHERE programme_id = %s ORDER BY 1",
                [programme.pk],
            ).rows
            for model in programme_tables()
        }


def programme_tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in APPS
        and any(column.column == "programme_id" for column in model._meta.concrete_fields)
    ]


def test_the_giver_could_do_all_this_before(home: Home, kept: list[dict[str, Any]]) -> None:
    """Each attempt works, or fails for another reason than who makes it: the next test stands on that."""
    agreed(home)
    found = dict(actions())
    tried = found.keys() - OWN_AFFAIRS.keys() - RECEIVERS
    for half in kept:
        half.update({name: home.on_programme[name] for name in ("evidence", "vote")})
        for name in sorted(tried):
            with contextlib.suppress(Invalid, Refused, Stale):
                assert not refused(name, found[name], half, home.cast.giver), name


@pytest.mark.parametrize("who", ["giver", "giver_officer", "giver_reporter"])
def test_after_the_handover_the_giver_can_change_nothing(
    who: str, home: Home, kept: list[dict[str, Any]]
) -> None:
    handed_over(home)
    by: Actor = getattr(home.cast, who)
    found = dict(actions())
    assert found.keys() >= OWN_AFFAIRS.keys() | RECEIVERS | LEFT_BY_THE_PLAN.keys()
    tried = sorted(found.keys() - OWN_AFFAIRS.keys() - (LEFT_BY_THE_PLAN.keys() if who == "giver" else set()))
    before = rows(home.programme, by=home.cast.receiver)
    for half in kept:
        half.update({name: home.on_programme[name] for name in ("evidence", "vote")})
        for name in tried:
            assert refused(name, found[name], half, by), f"{who} took {name}"
    assert rows(home.programme, by=home.cast.receiver) == before


def touched(ask: WebSql, statement: str) -> int:
    """Tell how many rows a statement touches; one that the database refuses touches none."""
    try:
        return ask(statement).count
    except DatabaseError:
        return 0


def test_after_the_handover_the_database_lets_the_giver_write_nothing(home: Home) -> None:
    handed_over(home)
    before = rows(home.programme, by=home.cast.receiver)
    ask = sql_of(home.cast.giver)
    for model in programme_tables():
        table = model._meta.db_table
        assert ask(f"SELECT count(*) FROM {table}").rows
        for statement in (
            f"UPDATE {table} SET programme_id = programme_id",
            f"DELETE FROM {table}",
            f"INSERT INTO {table} SELECT * FROM {table}",
        ):
            assert touched(ask, statement) == 0, statement
    assert rows(home.programme, by=home.cast.receiver) == before


def test_a_milestone_of_the_handover_is_not_signed_any_more(home: Home) -> None:
    handed_over(home)

    with pytest.raises((Refused, NotAllowed)):
        milestones.sign(by=home.cast.giver, milestone_uuid=home.on_programme["milestone"].uuid)


def test_the_giver_reads_and_exports_until_its_last_day(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    last = dt.datetime.combine(plans.RETENTION, dt.time(23, 59, 59), tzinfo=dt.UTC)

    for instant in (TODAY, last):
        with clock.at(instant), asking(cast.giver_officer):
            assert permissions_on(cast.giver_officer, programme) == {Permission.VIEW, Permission.EXPORT}
            assert reach(cast.giver_officer, programme).cutoff == TODAY
    with clock.at(last + dt.timedelta(seconds=1)), asking(cast.giver_officer):
        assert not Programme.objects.filter(pk=programme.pk).exists()
        assert permissions_on(cast.giver_officer, programme) == frozenset()


def test_the_receiver_carries_on_the_same_indicators_the_next_morning(home: Home) -> None:
    handed_over(home)
    with clock.at(TODAY + dt.timedelta(days=1)):
        for half, by in (
            (home.on_programme, home.cast.receiver_officer),
            (home.on_responsibility, home.cast.receiver_reporter),
        ):
            measures.reported(half["indicator"], {"women": 4}, by=by, quarter=SECOND)
            with asking(by):
                series = list(
                    Value.objects.filter(indicator=half["indicator"])
                    .order_by("period__starts_on")
                    .values_list("value", "organisation__slug", "reporter_name")
                )
            assert [(str(value), slug) for value, slug, _ in series] == [
                ("3.000000000000", "giver"),
                ("4.000000000000", "receiver"),
            ]
            assert series[0][2] == home.cast.giver.user.display_name


def owing(home: Home, *indicators: Indicator, until: dt.date = dt.date(2024, 12, 31)) -> None:
    transfers.keep(
        by=home.cast.giver,
        transfer_uuid=home.transfer.uuid,
        kind=KeepKind.OWED_RESULTS,
        until=until,
        indicator_uuids=[item.uuid for item in indicators],
    )
    handed_over(home)


def report(indicator: Indicator, by: Actor, value: int = 7) -> Batch:
    return measures.reported(indicator, {"": value}, by=by, quarter=SECOND)


@pytest.mark.parametrize("who", ["giver", "giver_officer", "giver_reporter"])
def test_the_giver_reports_what_it_owes_for_the_named_indicators_until_its_day(who: str, home: Home) -> None:
    by: Actor = getattr(home.cast, who)
    owed, other = home.on_responsibility["indicator"], home.on_programme["indicator"]
    owing(home, owed)

    with clock.at(dt.datetime(2024, 12, 31, 23, 59, tzinfo=dt.UTC)):
        with undone():
            report(owed, by)
        with pytest.raises(NotAllowed):
            report(other, by)
        with pytest.raises(NotAllowed):
            values.import_csv(
                by=by,
                programme_uuid=home.programme.uuid,
                lines=[*measures.csv_of(owed, 1), *measures.csv_of(other, 1)[1:]],
            )
    with clock.at(dt.datetime(2025, 1, 1, tzinfo=dt.UTC)), pytest.raises(NotAllowed):
        report(owed, by)


def test_owed_results_keep_who_reported_them(home: Home) -> None:
    owed = home.on_programme["indicator"]
    owing(home, owed)
    with clock.at(TODAY + dt.timedelta(days=60)):
        report(owed, home.cast.giver_reporter)
        with asking(home.cast.receiver):
            late = Value.objects.filter(indicator=owed).latest("id")
        assert (late.organisation, late.reported_by) == (
            home.cast.giver.organisation,
            home.cast.giver_reporter.user,
        )


def test_owing_results_lets_the_giver_do_nothing_else(home: Home, kept: list[dict[str, Any]]) -> None:
    """With owed results the database lets the giver write: the first wall alone keeps the rest."""
    owing(home, home.on_programme["indicator"], home.on_responsibility["indicator"])
    reporting = {
        f"indicators.actions.{name}"
        for name in (
            "feeds.report",  # of owed indicators, as anybody reports a value
            "values.report",
            "values.correct",
            "values.import_csv",
            "imports.apply",
            "submissions.draft",
            "submissions.submit",
            "submissions.withdraw",
            "drafts.put",
            "drafts.remove",
            "overlaps.state",
            "provenance.attach",
            "sources.register",
            "sources.edit",  # of what its own organisation keeps
        )
    } | {"handover.actions.jobs.enqueue"}
    found = dict(actions())
    before = rows(home.programme, by=home.cast.receiver)
    for half in kept:
        half.update({name: home.on_programme[name] for name in ("evidence", "vote")})
        for name in sorted(found.keys() - OWN_AFFAIRS.keys() - LEFT_BY_THE_PLAN.keys() - reporting):
            assert refused(name, found[name], half, home.cast.giver), f"the giver took {name}"
    assert rows(home.programme, by=home.cast.receiver) == before


def test_an_owed_result_is_not_owed_longer_than_the_giver_reads(home: Home) -> None:
    with pytest.raises(Invalid, match="reads until then"):
        owing(home, home.on_programme["indicator"], until=plans.RETENTION + dt.timedelta(days=1))


def test_a_receiver_that_gave_back_cannot_report_either(home: Home) -> None:
    handed_over(home)
    with clock.at(TODAY + dt.timedelta(days=1)):
        for by in (home.cast.giver, home.cast.receiver):
            giving_back.give_back(by=by, transfer_uuid=home.transfer.uuid, reason="It fell.")
        for who in (home.cast.receiver, home.cast.receiver_officer, home.cast.receiver_reporter):
            with pytest.raises(NotAllowed):
                report(home.on_programme["indicator"], who)
        assert report(home.on_responsibility["indicator"], home.cast.giver_reporter).count == 1


def test_an_auditors_access_ends_at_its_minute(cast: Cast, programme: Programme) -> None:
    with clock.at(AUDIT_ENDS - dt.timedelta(seconds=1)):
        assert programme_for_asking(cast.auditor, programme) == programme
        assert sql_of(cast.auditor)("SELECT count(*) FROM handover_programme").rows == [(1,)]
    for instant in (AUDIT_ENDS, AUDIT_ENDS + dt.timedelta(days=1)):
        with clock.at(instant):
            with pytest.raises(NotFound):
                programme_for_asking(cast.auditor, programme)
            assert sql_of(cast.auditor)("SELECT count(*) FROM handover_programme").rows == [(0,)]
            assert sql_of(cast.auditor)(
                "SELECT count(*) FROM handover_ledgerentry WHERE programme_id > 0"
            ).rows == [(0,)]


def programme_for_asking(by: Actor, programme: Programme) -> Programme:
    with asking(by):
        return programme_for(by, programme.uuid, may=Permission.READ_LEDGER)


def test_an_auditors_access_outlives_the_handover_until_its_minute(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    with clock.at(AUDIT_ENDS - dt.timedelta(seconds=1)):
        assert programme_for_asking(cast.auditor, programme) == programme
    with clock.at(AUDIT_ENDS), pytest.raises(NotFound):
        programme_for_asking(cast.auditor, programme)


def test_a_steward_does_not_let_itself_in_as_something_else(cast: Cast, programme: Programme) -> None:
    for kind in (StandingKind.PARTNER, StandingKind.DONOR, StandingKind.COMMUNITY):
        with pytest.raises(Invalid, match="has this standing already"):
            standings.admit(
                by=cast.giver, programme_uuid=programme.uuid, organisation=cast.giver.organisation, kind=kind
            )


@pytest.mark.parametrize("kind", [StandingKind.STEWARD, StandingKind.RECEIVER, StandingKind.FORMER_STEWARD])
def test_some_standings_come_and_go_with_transfers_alone(
    kind: StandingKind, cast: Cast, programme: Programme
) -> None:
    with pytest.raises(Invalid, match="Only a transfer"):
        standings.admit(
            by=cast.giver, programme_uuid=programme.uuid, organisation=cast.stranger.organisation, kind=kind
        )
    with pytest.raises(Invalid, match="Only a transfer"):
        standings.dismiss(
            by=cast.giver,
            programme_uuid=programme.uuid,
            organisation=cast.giver.organisation,
            kind=kind,
            reason="x",
        )


def test_a_steward_gives_nobody_an_exception_on_what_another_holds(cast: Cast, programme: Programme) -> None:
    theirs = responsibility(programme, by=cast.giver, holder=cast.donor.organisation)

    with pytest.raises(NotAllowed):
        permissions.except_user(
            by=cast.giver,
            thing=theirs,
            user=cast.giver_reporter.user,
            organisation=cast.giver.organisation,
            permission=Permission.EDIT_RESPONSIBILITY,
            reason="x",
        )


def test_whoever_only_reads_gets_no_exception_that_changes_something(
    cast: Cast, programme: Programme
) -> None:
    plans.executed(cast, programme)
    for who in (cast.giver_officer, cast.auditor):
        with pytest.raises(Invalid, match="only reads"):
            permissions.except_user(
                by=cast.receiver,
                thing=programme,
                user=who.user,
                organisation=who.organisation,
                permission=Permission.EDIT_NEEDS,
                reason="x",
            )


def test_an_exception_ends_with_the_standing_of_its_organisation(cast: Cast, programme: Programme) -> None:
    guest = person(organisation("guest"), Role.OFFICER)
    kept_out = {
        "programme_uuid": programme.uuid,
        "organisation": guest.organisation,
        "kind": StandingKind.PARTNER,
    }
    standings.admit(by=cast.giver, **kept_out)  # type: ignore[arg-type]
    permissions.except_user(
        by=cast.giver,
        thing=programme,
        user=guest.user,
        organisation=guest.organisation,
        permission=Permission.EDIT_NEEDS,
        reason="Ranks needs with us",
    )
    with asking(guest):
        assert Permission.EDIT_NEEDS in permissions_on(guest, programme)
    with clock.at(TODAY + dt.timedelta(days=1)):
        standings.dismiss(by=cast.giver, reason="Closed.", **kept_out)  # type: ignore[arg-type]
    with clock.at(TODAY + dt.timedelta(days=2)):
        standings.admit(by=cast.giver, **kept_out)  # type: ignore[arg-type]
    with clock.at(TODAY + dt.timedelta(days=3)), asking(guest):
        assert Permission.EDIT_NEEDS not in permissions_on(guest, programme)


def test_nobody_signs_in_for_an_organisation_that_they_left(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=1)):
        accounts.seat(
            by=OPERATOR,
            user=cast.giver_officer.user,
            organisation=cast.receiver.organisation,
            role=Role.OFFICER,
        )
        hired = Actor(cast.giver_officer.user, cast.receiver.organisation)
        first, _ = plans.responsibilities_of(programme, by=hired)
        responsibilities.edit(
            by=hired, responsibility_uuid=first.uuid, version=first.version, description="By the same hands."
        )
        with pytest.raises(NotAllowed):
            responsibilities.edit(
                by=cast.giver_officer, responsibility_uuid=first.uuid, version=first.version, description="x"
            )


def test_a_person_hired_after_the_handover_can_work_at_once(cast: Cast, programme: Programme) -> None:
    plans.executed(cast, programme)
    with clock.at(TODAY + dt.timedelta(days=30)):
        new = person(cast.receiver.organisation, Role.VIEWER)
        accounts.seat(by=OPERATOR, user=new.user, organisation=new.organisation, role=Role.OFFICER)
        with asking(new):
            assert Permission.EDIT_NEEDS in permissions_on(new, programme)
