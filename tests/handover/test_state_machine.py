"""The six invariants of a handover, as properties: whatever order people do things in, they hold after every step."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Part
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from handover import clock
from handover.access import Actor, asking, custody, permissions_on
from handover.actions import accounts, evidence, executions, giving_back, milestones, permissions, transfers
from handover.actions.transfers import Item
from handover.errors import Broken, DomainError
from handover.holdings import Conserved, holdings
from handover.models import (
    LedgerEntry,
    Programme,
    Responsibility,
    Standing,
    Tenure,
    Transfer,
    TransferMilestone,
)
from handover.models.milestones import MilestoneKind, Side
from handover.models.responsibilities import Capacity, Phase
from handover.models.signoffs import Decision
from handover.models.transfers import KeepKind, TransferState
from handover.permissions import (
    CONTENT,
    HOLDER_ROLE,
    OWED_ROLE,
    STANDING_ROLE,
    Permission,
    Role,
    StandingKind,
)
from handover.queries.previews import concerned_exceptions, held_now
from handover.queries.verification import verify_programme
from indicators.models import Indicator, Value
from tests.factories import cast as casting
from tests.factories import indicators as measures
from tests.factories import transfers as plans
from tests.factories.cast import TODAY, Cast
from tests.factories.organisations import OPERATOR, organisation, person
from tests.factories.programmes import responsibility

Held = set[tuple[int, str, int | None, Permission]]
"""Organisation, role, responsibility (``None``: the programme), permission."""


ALIVE = """
SELECT r.organisation_id, g.thing, p.codename
  FROM (SELECT group_id, permission_id, NULL::bigint AS thing, expires_at
          FROM handover_programmegroupgrant WHERE programme_id = %(key)s
        UNION ALL
        SELECT group_id, permission_id, responsibility_id, expires_at
          FROM handover_responsibilitygroupgrant WHERE programme_id = %(key)s) g
  JOIN handover_rolegroup r ON r.group_id = g.group_id
  JOIN auth_permission p ON p.id = g.permission_id
  JOIN handover_membership m ON m.organisation_id = r.organisation_id AND m.role = r.role
 WHERE (g.expires_at IS NULL OR g.expires_at > %(now)s)
   AND m.starts_at <= %(now)s AND (m.ends_at IS NULL OR m.ends_at > %(now)s)
"""


class Handovers(RuleBasedStateMachine):
    """A small programme with three responsibilities, a giver, two receivers, and people who come and go."""

    cast: ClassVar[Cast]
    second: ClassVar[Actor]
    happened: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = TODAY
        cast = self.cast
        self.programme = casting.programme_of(cast)
        with self.time():
            responsibility(self.programme, by=cast.giver, title="Kitchen")
            things = plans.responsibilities_of(self.programme, by=cast.giver)
            self.indicators = [
                measures.indicator(self.programme, by=cast.giver, responsibility=things[0].uuid),
                measures.indicator(self.programme, by=cast.giver),
            ]
        self.things = things
        self.managers = [cast.giver, cast.receiver, self.second]
        self.staff = [
            (actor, role) for actor in self.managers for role in (Role.MANAGER, Role.OFFICER, Role.REPORTER)
        ]
        self.people = {(actor.organisation.pk, role): self.hired(actor, role) for actor, role in self.staff}
        self.seated = set(self.people)
        self.transfers: list[Transfer] = []
        self.values: dict[Any, tuple[Any, ...]] = {}
        self.entries = 0
        self.changed = True
        self.conserved: list[Conserved] = []

    def hired(self, manager: Actor, role: Role) -> Actor:
        """Give the person of the cast who has a role, or hire one."""
        if role is Role.MANAGER:
            return manager
        cast = self.cast
        known = {
            (cast.giver.organisation.pk, Role.OFFICER): cast.giver_officer,
            (cast.giver.organisation.pk, Role.REPORTER): cast.giver_reporter,
            (cast.receiver.organisation.pk, Role.OFFICER): cast.receiver_officer,
            (cast.receiver.organisation.pk, Role.REPORTER): cast.receiver_reporter,
        }
        found = known.get((manager.organisation.pk, role))
        return found or person(manager.organisation, role)

    def teardown(self) -> None:
        """Undo the whole story."""
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # --- helpers -----------------------------------------------------------------------------------

    def time(self) -> contextlib.AbstractContextManager[None]:
        return clock.at(self.now)

    @contextlib.contextmanager
    def seeing(self) -> Iterator[None]:
        """See all of the programme, as nobody in the story does."""
        with self.time(), asking(self.cast.stranger), custody(self.programme.pk):
            yield

    def attempt(self, action: Callable[..., Any], **said: Any) -> Any:
        """Take a step; a refusal is an answer too, but a broken invariant never is."""
        name = action.__name__
        try:
            with self.time():
                done = action(**said)
        except Broken:
            raise
        except DomainError as refused:
            self.happened[f"{name}: {refused.code}"] += 1
            return None
        self.happened[name] += 1
        return done

    def programme_now(self) -> Programme:
        with self.seeing():
            return Programme.objects.select_related("steward").get(pk=self.programme.pk)

    def steward(self) -> Actor:
        steward = self.programme_now().steward_id
        return next(actor for actor in self.managers if actor.organisation.pk == steward)

    def manager(self, organisation: int) -> Actor:
        return self.people[organisation, Role.MANAGER]

    def holders(self) -> dict[int, int | None]:
        with self.seeing():
            rows = Tenure.objects.filter(
                programme=self.programme, capacity=Capacity.HOLDER, valid__contains=clock.today()
            )
            found: dict[int, int | None] = {thing.pk: None for thing in self.things}
            found.update(rows.values_list("responsibility_id", "organisation_id"))
            return found

    def alive(self) -> set[tuple[int, int | None, Permission]]:
        """Tell what some seated person can do by their role: (organisation, responsibility, permission)."""
        with self.seeing(), connection.cursor() as cursor:
            cursor.execute(ALIVE, {"key": self.programme.pk, "now": self.now})
            rows = {(key, thing, Permission(code)) for key, thing, code in cursor.fetchall()}
        return {row for row in rows if row[2] in CONTENT}

    @contextlib.contextmanager
    def nobody_locked_out(self) -> Iterator[None]:
        """Around a step that may move something: who could do what, somebody who answers for it still can."""
        before = {(thing, code) for _, thing, code in self.alive()}
        held = self.holders()
        yield
        holders = self.holders()
        answering: dict[int | None, int | None] = dict(holders.items())
        answering[None] = self.programme_now().steward_id
        after = {
            (thing, code) for organisation, thing, code in self.alive() if answering[thing] == organisation
        }
        phased_out = {
            thing for thing, holder in holders.items() if holder is None and held[thing] is not None
        }
        assert {item for item in before - after if item[0] not in phased_out} == set()

    def read(self, transfer: Transfer) -> Transfer:
        with self.seeing():
            return Transfer.objects.select_related("programme", "giver", "receiver").get(pk=transfer.pk)

    # --- what people do ----------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 20, 24 * 3, 24 * 100]))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    @initialize(to=st.integers(0, 1), lead=st.booleans(), staged=st.booleans(), owes=st.booleans())
    def the_first_plan_is_drawn_up(self, to: int, lead: bool, staged: bool, owes: bool) -> None:
        self.draw_up(to=to, lead=lead, moves={0, 1}, staged=staged, out=False, owes=owes, days=180)

    @precondition(lambda self: len(self.transfers) < 6)
    @rule(
        to=st.integers(0, 1),
        lead=st.booleans(),
        moves=st.sets(st.integers(0, 2), min_size=1),
        staged=st.booleans(),
        out=st.sampled_from([False, False, False, True]),
        owes=st.booleans(),
        days=st.sampled_from([5, 180, 180]),
    )
    def a_plan_is_drawn_up(
        self, to: int, lead: bool, moves: set[int], staged: bool, out: bool, owes: bool, days: int
    ) -> None:
        self.draw_up(to=to, lead=lead, moves=moves, staged=staged, out=out, owes=owes, days=days)

    def draw_up(
        self, *, to: int, lead: bool, moves: set[int], staged: bool, out: bool, owes: bool, days: int
    ) -> None:
        by = self.steward()
        receiver = [actor for actor in self.managers if actor is not by][to]
        drafted = self.attempt(
            transfers.draft,
            by=by,
            programme_uuid=self.programme.uuid,
            title=f"Plan {len(self.transfers)}",
            receiver=receiver.organisation,
            retention_until=self.now.date() + dt.timedelta(days=300),
            lead=lead,
            give_back_days=days,
        )
        if drafted is None:
            return
        self.transfers.append(drafted)
        held = self.holders()
        things = [thing for thing in self.things if held[thing.pk] == by.organisation.pk]
        if not lead:
            # A lead transfer moves all that is left: else it would only ever be refused.
            things = [thing for number, thing in enumerate(things) if number in moves] or things
        for thing in things:
            phase = Phase.OUT if out and thing is things[0] else Phase.OVER
            self.attempt(
                transfers.include, by=by, transfer_uuid=drafted.uuid, items=[Item(thing, phase=phase)]
            )
        signs = {"by": by, "transfer_uuid": drafted.uuid, "due_on": self.now.date()}
        self.attempt(
            milestones.plan,
            kind=MilestoneKind.COMMUNITY_VALIDATION,
            title="Heard",
            signs=[Side.COMMUNITY],
            **signs,
        )
        with self.seeing():
            planned = list(Responsibility.objects.filter(pk__in=drafted.items.values("responsibility")))
        if staged and planned:
            self.attempt(
                milestones.plan,
                kind=MilestoneKind.CO_DELIVERY,
                title="Together",
                signs=[Side.GIVER, Side.RECEIVER],
                evidence_required=False,
                moves=planned[:1],
                **signs,
            )
        if owes:
            self.attempt(
                transfers.keep,
                by=by,
                transfer_uuid=drafted.uuid,
                kind=KeepKind.OWED_RESULTS,
                until=self.now.date() + dt.timedelta(days=90),
                indicator_uuids=[self.indicators[0].uuid],
            )

    @precondition(lambda self: self.transfers)
    @rule(which=st.integers(0, 5), steps=st.integers(1, 3), to_receiver=st.booleans())
    def a_transfer_goes_on(self, which: int, steps: int, to_receiver: bool) -> None:
        self.go_on(which, steps, to_receiver=to_receiver)

    @precondition(lambda self: self.transfers)
    @rule(which=st.integers(0, 5), to_receiver=st.booleans())
    def a_transfer_goes_on_to_its_end(self, which: int, to_receiver: bool) -> None:
        self.go_on(which, 4, to_receiver=to_receiver)

    def go_on(self, which: int, steps: int, *, to_receiver: bool) -> None:
        for _ in range(steps):
            transfer = self.read(self.transfers[which % len(self.transfers)])
            giver, receiver = (self.manager(side) for side in (transfer.giver_id, transfer.receiver_id))
            with self.nobody_locked_out():
                match transfer.state:
                    case TransferState.DRAFT | TransferState.RETURNED:
                        self.map_exceptions(transfer, giver, receiver if to_receiver else None)
                        self.attempt(transfers.propose, by=giver, transfer_uuid=transfer.uuid)
                    case TransferState.PROPOSED:
                        self.attempt(transfers.accept, by=receiver, transfer_uuid=transfer.uuid)
                    case TransferState.ACCEPTED:
                        self.sign_all(transfer)
                        self.attempt(executions.execute, by=receiver, transfer_uuid=transfer.uuid)
                    case _:
                        return

    def map_exceptions(self, transfer: Transfer, giver: Actor, heir: Actor | None) -> None:
        with self.seeing():
            concerned = concerned_exceptions(transfer)
        for item in concerned:
            self.attempt(
                transfers.map_exception,
                by=giver,
                transfer_uuid=transfer.uuid,
                key=item.key,
                to_user=heir.user if heir else None,
            )

    def sign_all(self, transfer: Transfer) -> None:
        voices = {
            Side.GIVER: self.manager(transfer.giver_id),
            Side.RECEIVER: self.manager(transfer.receiver_id),
            Side.COMMUNITY: self.cast.community,
        }
        with self.seeing():
            steps = list(TransferMilestone.objects.filter(transfer=transfer, done_at=None).order_by("id"))
        for step in steps:
            if step.evidence_required:
                self.attempt(
                    evidence.add,
                    by=self.cast.community,
                    milestone_uuid=step.uuid,
                    title="Minutes",
                    content=[str(step.uuid).encode()],
                )
                self.changed = True
            for side in step.signs:
                self.attempt(milestones.sign, by=voices[Side(side)], milestone_uuid=step.uuid)

    @precondition(lambda self: self.transfers)
    @rule(which=st.integers(0, 5), step=st.sampled_from(["return", "refuse", "revoke", "object"]))
    def somebody_says_no(self, which: int, step: str) -> None:
        transfer = self.read(self.transfers[which % len(self.transfers)])
        giver, receiver = (self.manager(side) for side in (transfer.giver_id, transfer.receiver_id))
        key = {"transfer_uuid": transfer.uuid}
        with self.nobody_locked_out():
            match step:
                case "return":
                    self.attempt(transfers.send_back, by=receiver, comment="Once more", **key)
                case "refuse":
                    self.attempt(transfers.refuse, by=receiver, comment="Not us", **key)
                case "revoke":
                    self.attempt(transfers.revoke, by=giver, reason="Elections", **key)
                case _:
                    with self.seeing():
                        steps = list(TransferMilestone.objects.filter(transfer=transfer).order_by("id"))
                    for milestone in steps[:1]:
                        self.attempt(
                            milestones.sign,
                            by=self.cast.community,
                            milestone_uuid=milestone.uuid,
                            decision=Decision.OBJECTS,
                            remark="No",
                        )

    @precondition(lambda self: self.transfers)
    @rule(which=st.integers(0, 5), voices=st.sampled_from(["giver", "receiver", "both", "both", "both"]))
    def a_handover_is_given_back(self, which: int, voices: str) -> None:
        transfer = self.read(self.transfers[which % len(self.transfers)])
        with self.nobody_locked_out():
            for side, organisation_id in (("giver", transfer.giver_id), ("receiver", transfer.receiver_id)):
                if voices in (side, "both"):
                    self.attempt(
                        giving_back.give_back,
                        by=self.manager(organisation_id),
                        transfer_uuid=transfer.uuid,
                        reason="It fell",
                    )

    @rule(number=st.sampled_from([0, 3, 6, 1, 1, 2, 4, 4, 5, 7, 7, 8]))
    def somebody_comes_or_goes(self, number: int) -> None:
        manager, role = self.staff[number]
        key = (manager.organisation.pk, role)
        by = self.people[key]
        verb = accounts.unseat if key in self.seated else accounts.seat
        if self.attempt_seat(verb, by, role):
            self.seated ^= {key}

    def attempt_seat(self, verb: Callable[..., Any], by: Actor, role: Role) -> bool:
        before = self.happened[verb.__name__]
        self.attempt(verb, by=OPERATOR, user=by.user, organisation=by.organisation, role=role)
        return self.happened[verb.__name__] > before

    @rule(number=st.integers(0, 8), where=st.integers(0, 3))
    def somebody_gets_an_exception(self, number: int, where: int) -> None:
        manager, role = self.staff[number]
        who = self.people[manager.organisation.pk, role]
        thing = self.things[where - 1] if where else self.programme
        self.attempt(
            self.except_once,
            thing=thing,
            who=who,
            permission=Permission.EDIT_INTERVENTIONS,
        )

    def except_once(self, *, thing: Programme | Responsibility, who: Actor, permission: Permission) -> None:
        with asking(who):
            if permission in permissions_on(who, thing):
                return
        permissions.except_user(
            by=self.steward(),
            thing=thing,
            user=who.user,
            organisation=who.organisation,
            permission=permission,
            reason="Covers",
        )

    @rule(number=st.integers(0, 8), which=st.integers(0, 1))
    def somebody_reports(self, number: int, which: int) -> None:
        manager, role = self.staff[number]
        who = self.people[manager.organisation.pk, role]
        day = dt.date(2000, 1, 1) + dt.timedelta(days=len(self.values))
        batch = self.attempt(
            measures.reported, of=self.indicators[which], cells={"": 1}, by=who, quarter=(day, day)
        )
        if batch is None:
            return
        assert self.may_report(who, which), "somebody reported who may not"
        with self.seeing():
            (row,) = Value.objects.filter(batch=batch.uuid).values_list(
                "uuid", "value", "organisation_id", "reported_by_id", "reporter_name", "recorded_at"
            )
        assert row[2:4] == (who.organisation.pk, who.user.pk)
        self.values[row[0]] = row[1:]
        self.changed = True

    def may_report(self, who: Actor, which: int) -> bool:
        with self.time(), asking(who):
            below = Indicator.objects.select_related("responsibility").get(pk=self.indicators[which].pk)
            thing = below.responsibility or self.programme
            on_programme = permissions_on(who, self.programme)
            owed = which == 0 and Permission.REPORT_OWED in on_programme
            return owed or Permission.REPORT_VALUES in permissions_on(who, thing)

    # --- what holds, always ------------------------------------------------------------------------

    @invariant()
    def nothing_changes_but_what_people_write(self) -> None:
        """Conservation and custody: a transfer touches no need, no value, no file, whatever becomes of it."""
        with self.seeing():
            rows = Value.objects.filter(programme=self.programme)
            found = {
                row[0]: row[1:]
                for row in rows.values_list(
                    "uuid", "value", "organisation_id", "reported_by_id", "reporter_name", "recorded_at"
                )
            }
            now = [
                line
                for holding in holdings()
                for line in holding.conserved(self.programme)
                if line.name != "handover.annexline"
            ]
        assert found == self.values
        if not self.changed:
            assert now == self.conserved
        self.conserved, self.changed = now, False
        assert self.programme_now().identifier == self.programme.identifier

    @invariant()
    def steward_standings_grants_and_policies_agree(self) -> None:
        """And so there is no residue: nobody holds what neither a standing nor a tenure of today gives."""
        programme = self.programme_now()
        with self.seeing():
            standing = list(
                Standing.objects.filter(programme=programme, valid__contains=clock.now()).values_list(
                    "organisation_id", "kind", "writes"
                )
            )
            owing = set(
                Transfer.objects.filter(
                    programme=programme,
                    state=TransferState.EXECUTED,
                    keeps__kind=KeepKind.OWED_RESULTS,
                    keeps__until__gte=clock.today(),
                ).values_list("giver_id", flat=True)
            )
            held: Held = {
                (holder.organisation, holder.role, holder.responsibility, code)
                for holder, codes in held_now(programme).items()
                for code in codes
            }
        assert [key for key, kind, _ in standing if kind == StandingKind.STEWARD] == [programme.steward_id]
        assert held == self.due(standing, owing)
        for actor in (*self.managers, self.cast.community, self.cast.stranger):
            mine = [row for row in standing if row[0] == actor.organisation.pk]
            seated = (actor.organisation.pk, Role.MANAGER) in self.seated or actor not in self.managers
            assert self.reaches(actor) == (bool(mine) and seated, any(row[2] for row in mine) and seated)

    def due(self, standing: list[tuple[int, str, bool]], owing: set[int]) -> Held:
        """Say from the two tables alone who should hold what."""
        held: Held = set()
        for organisation_id, kind, _ in standing:
            for role, codes in STANDING_ROLE[StandingKind(kind)].items():
                held |= {(organisation_id, role.value, None, code) for code in codes}
            if organisation_id in owing and kind in (StandingKind.STEWARD, StandingKind.FORMER_STEWARD):
                for role, codes in OWED_ROLE.items():
                    held |= {(organisation_id, role.value, None, code) for code in codes}
        for thing, holder in self.holders().items():
            if holder is not None:
                for role, codes in HOLDER_ROLE.items():
                    held |= {(holder, role.value, thing, code) for code in codes}
        return held

    def reaches(self, actor: Actor) -> tuple[bool, bool]:
        """Ask the database whether an actor sees the programme, and whether it may write it."""
        with self.time(), asking(actor), connection.cursor() as cursor:
            cursor.execute(
                "SELECT %(key)s = ANY (reachable_programmes()), %(key)s = ANY (writable_programmes())",
                {"key": self.programme.pk},
            )
            sees, writes = cursor.fetchone() or (False, False)
        return bool(sees), bool(writes)

    @invariant()
    def who_answers_has_hands(self) -> None:
        """Whoever holds a responsibility stands to the programme in a way that lets it write."""
        with self.seeing():
            writing = set(
                Standing.objects.filter(
                    programme=self.programme,
                    valid__contains=clock.now(),
                    kind__in=(StandingKind.STEWARD, StandingKind.PARTNER, StandingKind.RECEIVER),
                ).values_list("organisation_id", flat=True)
            )
        assert {holder for holder in self.holders().values() if holder is not None} <= writing

    @invariant()
    def nobody_keeps_an_exception_by_accident(self) -> None:
        """An exception ends with the standing that let it be given; who only reads has none that changes something."""
        with self.seeing(), connection.cursor() as cursor:
            for table in ("programme", "responsibility"):
                cursor.execute(
                    f"""
                    SELECT count(*) FROM handover_{table}usergrant g
                     WHERE g.programme_id = %(key)s AND NOT EXISTS (
                       SELECT FROM handover_standing s WHERE s.programme_id = g.programme_id
                          AND s.organisation_id = g.organisation_id AND s.valid @> %(now)s::timestamptz
                          AND s.kind <> 'former_steward')
                    """,
                    {"key": self.programme.pk, "now": self.now},
                )
                assert cursor.fetchone() == (0,)

    @invariant()
    def history_survives(self) -> None:
        """Nothing is erased, and all of it can be verified."""
        with self.seeing():
            entries = LedgerEntry.objects.filter(chain=self.programme.uuid).count()
            assert verify_programme(self.programme) == []
            for thing in self.things:
                spans = list(thing.tenures.filter(capacity=Capacity.HOLDER).order_by("valid"))
                assert spans[0].valid.lower == dt.date(2022, 1, 1)
                assert sum(span.valid.upper is None for span in spans) <= 1
        assert entries >= self.entries
        self.entries = entries


def explored(cast: Cast, *, examples: int, steps: int) -> Counter[str]:
    """Explore stories; give what happened in them, by step and refusal."""
    Handovers.cast = cast
    Handovers.second = person(organisation("second"))
    Handovers.happened = Counter()
    run_state_machine_as_test(
        Handovers,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=True,
            # A story is short enough to be read as it was found; making it shorter takes minutes.
            phases=[Part.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Handovers.happened


@pytest.mark.django_db
@pytest.mark.slow
def test_the_invariants_hold_whatever_people_do(cast: Cast) -> None:
    happened = explored(cast, examples=8, steps=10)

    assert happened["execute"]
    assert happened["give_back"]
    assert happened["sign"]
