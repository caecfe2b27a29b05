"""Entering a plan document through the transfers' own actions: wholly or not at all, all errors at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TypeVar
from uuid import UUID

from handover import access, holdings
from handover.access import Actor, asking
from handover.actions import milestones, score_gates, transfers
from handover.actions.transfers import Item
from handover.errors import Invalid
from handover.exchange.plan_documents import Errors, PlanDocument, Planned, in_order
from handover.models import (
    BudgetLine,
    Contract,
    Equipment,
    LegalAct,
    Licence,
    Organisation,
    Post,
    Programme,
    Responsibility,
    Transfer,
    TransferMilestone,
    User,
)
from handover.models.annexes import AnnexKind
from handover.permissions import Permission

LISTED = (Post, Equipment, Licence, Contract, BudgetLine, Responsibility)
"""What an annex line may be about, besides what the apps list."""
PLACES: Mapping[str, str] = {
    "lead": "lead_steward",
    "to_user": "to",
    "key": "exception",
    "waits_for": "depends_on",
}
"""Where an action's field stands in the document, if it is called otherwise there."""

T = TypeVar("T")


def enter_plan(
    *,
    by: Actor,
    plan: PlanDocument,
    source: str,
    programme: str = "",
    into: UUID | None = None,
    list_holdings: bool = False,
) -> Transfer:
    """Draw up a transfer from a document, or add a document to a plan that is being drawn up.

    Args:
        source: what the document is called in errors.
        programme: UUID or identifier; what the document says, if left out.
        into: the transfer to add to.
        list_holdings: also list in the annexes all that the apps hold.

    Raises:
        NotFound, NotAllowed, Refused: the actor may not draw up this plan now.
        Invalid: anything in it breaks a rule; every error is named with its path, and nothing is entered.
    """
    with asking(by):
        entry = _Entry(by, plan, Errors())
        transfer = entry.existing(into) if into else entry.drafted(programme or plan.programme)
        entry.fill(transfer)
        entry.errors.raise_if_any(source)
        if list_holdings:
            transfers.list_holdings(by=by, transfer_uuid=transfer.uuid)
        return access.transfer_for(by, transfer.uuid, may=Permission.VIEW)


class _Entry:
    """One document on its way in."""

    def __init__(self, by: Actor, plan: PlanDocument, errors: Errors) -> None:
        self.by, self.plan, self.errors = by, plan, errors
        self.stored = False

    def existing(self, uuid: UUID) -> Transfer:
        """Fetch a plan that the document may add to."""
        if self.plan.receiver or self.plan.title or self.plan.lead_steward:
            self.errors.add("$", "A document that adds to a plan names no title, receiver or lead_steward.")
        return transfers.editable(self.by, uuid)

    def drafted(self, key: str) -> Transfer:
        """Draft the transfer; where that fails the reasons are noted, and what is filled was never stored."""
        if not key:
            raise Invalid(
                "programme_missing", "Say of which programme: in the document, or with --programme."
            )
        programme = access.programme_for(self.by, key, may=Permission.PLAN_TRANSFER)
        receiver = self._organisation("$.receiver", self.plan.receiver)
        if receiver is not None and self.plan.retention_until is not None:
            try:
                return transfers.draft(
                    by=self.by,
                    programme_uuid=programme.uuid,
                    title=self.plan.title,
                    receiver=receiver,
                    retention_until=self.plan.retention_until,
                    lead=self.plan.lead_steward,
                    give_back_days=self.plan.give_back_days,
                )
            except Invalid as error:
                name = str(error.details.get("field", ""))
                self.errors.add(f"$.{PLACES.get(name, name)}".rstrip("."), error.sentence)
        return Transfer(programme=programme, giver=self.by.organisation)

    def fill(self, transfer: Transfer) -> None:
        """Enter responsibilities, milestones, keeps, annex lines, mappings; into nothing stored, only look them up."""
        self.stored = transfer.pk is not None
        named = self._resolved(transfer.programme)
        included = self._include(transfer, named)
        if self.stored:
            for item in transfer.items.select_related("responsibility"):
                named.setdefault(item.responsibility.title, item.responsibility)
                included.add(item.responsibility.uuid)
        self._plan_milestones(transfer, named, included)
        listed = self._listed_by_apps(transfer)
        self._keep(transfer, listed.get(AnnexKind.INDICATORS, {}))
        self._list(transfer, listed)
        self._map(transfer)

    def _resolved(self, programme: Programme) -> dict[str, Responsibility]:
        """Find the responsibilities that the document names, by what it calls them."""
        by_text: defaultdict[str, list[Responsibility]] = defaultdict(list)
        for item in Responsibility.objects.filter(programme=programme).order_by("id"):
            by_text[item.title].append(item)
            by_text[str(item.uuid)].append(item)
        found: dict[str, Responsibility] = {}
        for row in self.plan.responsibilities:
            fitting = by_text.get(row.responsibility, [])
            if len(fitting) == 1:
                found[row.responsibility] = fitting[0]
            elif not fitting:
                sentence = f"The programme has no responsibility “{row.responsibility}”{_among(by_text)}"
                self.errors.add(f"{row.path}.responsibility", sentence)
            else:
                uuids = ", ".join(str(item.uuid) for item in fitting)
                self.errors.add(f"{row.path}.responsibility", f"Several are called so: {uuids}.")
        return found

    def _include(self, transfer: Transfer, named: Mapping[str, Responsibility]) -> set[UUID]:
        """Include the plan's responsibilities; give those that could be."""
        items: list[tuple[str, Item]] = []
        seen: dict[UUID, str] = {}
        for row in self.plan.responsibilities:
            found = named.get(row.responsibility)
            if found is None:
                continue
            if found.uuid in seen:
                self.errors.add(f"{row.path}.responsibility", f"This is {seen[found.uuid]} again.")
                continue
            seen[found.uuid] = row.path
            provider = self._organisation(f"{row.path}.provider_after", row.provider_after)
            items.append((row.path, Item(found, row.mode, provider, row.moves_debtor)))
        done = self._each(
            items, lambda chosen: transfers.include(by=self.by, transfer_uuid=transfer.uuid, items=chosen)
        )
        return {item.responsibility.uuid for item in done}

    def _each(self, rows: list[tuple[str, T]], act: Callable[[list[T]], object]) -> list[T]:
        """Act on all rows at once; where that fails, on each alone, so that every one that fails is named.

        Returns:
            The rows with which it went well.
        """
        if not rows or not self.stored:
            return []
        try:
            act([row for _, row in rows])
        except Invalid:
            return [row for path, row in rows if self._done(path, act, [row])]
        return [row for _, row in rows]

    def _done(self, path: str, act: Callable[..., object], *values: object) -> bool:
        """Act, or note what the action says is wrong with this part of the document; tell whether it was done."""
        if not self.stored:
            return False
        try:
            act(*values)
        except Invalid as error:
            name = str(error.details.get("field", ""))
            self.errors.add(f"{path}.{PLACES.get(name, name)}".rstrip("."), error.sentence)
            return False
        return True

    def _plan_milestones(
        self, transfer: Transfer, named: Mapping[str, Responsibility], included: set[UUID]
    ) -> None:
        mine = self._moved_with(named)
        made = self._there(transfer)
        for row in in_order(self.plan.milestones):
            act = self._legal_act(f"{row.path}.legal_act", transfer.programme, row.legal_act)
            if self._waits_in_vain(row, made):
                continue
            plan = partial(
                milestones.plan,
                by=self.by,
                transfer_uuid=transfer.uuid,
                kind=row.kind,
                title=row.title,
                due_on=row.due,
                signs=row.signs,
                evidence_required=row.evidence_required,
                legal_act=act,
                waits_for=[made[key] for key in row.depends_on],
                moves=[item for item in mine[row.key] if item.uuid in included],
                quorum=row.quorum,
                on_dissent=row.on_dissent,
            )
            if self._done(row.path, lambda key, plan: made.update({key: plan()}), row.key, plan):
                self._require_scores(made[row.key], row, named)

    def _require_scores(
        self, milestone: TransferMilestone, row: Planned, named: Mapping[str, Responsibility]
    ) -> None:
        """Let a milestone wait for the scores of readiness that its row names."""
        for gate in row.score_gates:
            about = named.get(gate.responsibility)
            if gate.responsibility and about is None:
                sentence = f"“{gate.responsibility}” is none of the plan's responsibilities."
                self.errors.add(f"{gate.path}.responsibility", sentence)
                continue
            require = partial(
                score_gates.require_score,
                by=self.by,
                milestone_uuid=milestone.uuid,
                instrument_key=gate.instrument,
                at_least=gate.at_least,
                domain=gate.domain,
                responsibility_uuid=about.uuid if about else None,
            )
            self._done(gate.path, require)

    def _there(self, transfer: Transfer) -> dict[str, TransferMilestone]:
        """Give the milestones that the plan has already, by UUID and title."""
        rows = list(transfer.milestones.order_by("id")) if self.stored else []
        return {**{item.title: item for item in rows}, **{str(item.uuid): item for item in rows}}

    def _waits_in_vain(self, row: Planned, made: Mapping[str, TransferMilestone]) -> bool:
        """Tell whether a milestone waits for one that is not there; noted, unless that one's own error says why."""
        missing = [(at, key) for at, key in enumerate(row.depends_on) if key not in made]
        keys = {item.key for item in self.plan.milestones}
        for at, key in missing:
            if self.stored and key not in keys:
                self.errors.add(f"{row.path}.depends_on[{at}]", f"There is no milestone “{key}”.")
        return bool(missing)

    def _moved_with(self, named: Mapping[str, Responsibility]) -> dict[str, list[Responsibility]]:
        """Give the responsibilities that each milestone moves, said there or with the responsibility."""
        found: defaultdict[str, list[Responsibility]] = defaultdict(list)
        taken: dict[UUID, str] = {}
        written = {row.responsibility for row in self.plan.responsibilities}
        for path, text, key in self._moves():
            fitting = (row for row in named.values() if text in (str(row.uuid), row.title))
            item = named.get(text) or next(fitting, None)
            if item is None:
                # What could not be found has been named where it was written first.
                if text not in written:
                    self.errors.add(path, f"“{text}” is none of the plan's responsibilities.")
            elif taken.setdefault(item.uuid, key) != key:
                self.errors.add(path, f"“{item.title}” moves with “{taken[item.uuid]}” already.")
            elif item not in found[key]:
                found[key].append(item)
        return found

    def _moves(self) -> Iterator[tuple[str, str, str]]:
        for moved in self.plan.responsibilities:
            if moved.milestone:
                yield f"{moved.path}.milestone", moved.responsibility, moved.milestone
        for planned in self.plan.milestones:
            for position, text in enumerate(planned.moves):
                yield f"{planned.path}.moves[{position}]", text, planned.key

    def _keep(self, transfer: Transfer, known: Mapping[UUID, str]) -> None:
        giver = transfer.giver
        for row in self.plan.keeps:
            if row.organisation and row.organisation not in (giver.slug, str(giver.uuid)):
                self.errors.add(f"{row.path}.organisation", f"Only the giver keeps anything: {giver.slug}.")
                continue
            paths = [f"{row.path}.indicators[{at}]" for at in range(len(row.indicators))]
            found = [
                self._subject(path, text, known) for path, text in zip(paths, row.indicators, strict=True)
            ]
            if None not in found:
                keep = partial(transfers.keep, by=self.by, transfer_uuid=transfer.uuid, kind=row.what)
                indicators = [uuid for uuid in found if uuid]
                self._done(row.path, partial(keep, until=row.until, indicator_uuids=indicators))

    def _list(self, transfer: Transfer, listed: Mapping[str, Mapping[UUID, str]]) -> None:
        texts: dict[UUID, str] = {uuid: text for kind in listed.values() for uuid, text in kind.items()}
        for model in LISTED:
            rows = model._default_manager.filter(programme=transfer.programme)
            texts.update(rows.values_list("uuid", "title"))
        lines = []
        for row in self.plan.annex:
            subject = self._subject(f"{row.path}.subject", row.subject, texts) if row.subject else None
            lines.append((row.path, (row.kind, row.text, subject)))
        self._each(
            lines,
            lambda chosen: transfers.list_in_annex(by=self.by, transfer_uuid=transfer.uuid, lines=chosen),
        )

    def _listed_by_apps(self, transfer: Transfer) -> dict[str, dict[UUID, str]]:
        found: defaultdict[str, dict[UUID, str]] = defaultdict(dict)
        for holding in holdings.holdings() if self.stored else ():
            for kind, text, uuid in holding.annex(transfer):
                found[kind][uuid] = text
        return found

    def _map(self, transfer: Transfer) -> None:
        for row in self.plan.mappings:
            user = User.objects.filter(email=row.to.lower()).first() if row.to else None
            if row.to and user is None:
                self.errors.add(f"{row.path}.to", f"There is no account {row.to}.")
                continue
            move = partial(transfers.map_exception, by=self.by, transfer_uuid=transfer.uuid)
            self._done(row.path, partial(move, key=row.exception, to_user=user))

    def _subject(self, path: str, text: str, texts: Mapping[UUID, str]) -> UUID | None:
        """Find what a line is about: by UUID, by its whole title, or by a part of it that only one has."""
        try:
            return UUID(text)
        except ValueError:
            pass
        whole = [uuid for uuid, title in texts.items() if title == text]
        found = whole or [uuid for uuid, title in texts.items() if text.casefold() in title.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            self.errors.add(path, f"“{text}” fits {len(found)} of them; give the UUID.")
        elif self.stored:
            self.errors.add(path, f"The programme holds nothing that is called “{text}”.")
        return None

    def _organisation(self, path: str, text: str) -> Organisation | None:
        if not text:
            return None
        try:
            found = Organisation.objects.filter(uuid=UUID(text)).first()
        except ValueError:
            found = Organisation.objects.filter(slug=text).first()
        if found is None:
            self.errors.add(path, f"There is no organisation “{text}”.")
        return found

    def _legal_act(self, path: str, programme: Programme, text: str) -> LegalAct | None:
        if not text:
            return None
        acts = LegalAct.objects.filter(programme=programme)
        fitting = [act for act in acts if text in (str(act.uuid), act.number, act.title)]
        if len(fitting) != 1:
            word = "has no legal act" if not fitting else "has several legal acts"
            self.errors.add(path, f"The programme {word} “{text}”.")
            return None
        return fitting[0]


def _among(texts: Iterable[str]) -> str:
    titles = [text for text in texts if not _is_uuid(text)]
    return f"; it has: {', '.join(titles[:10])}." if titles else "; it has none yet."


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
