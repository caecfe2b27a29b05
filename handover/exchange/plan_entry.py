"""Entering a plan document through the transfers' own actions: wholly or not at all, all errors at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from handover import access, holdings
from handover.access import Actor, asking
from handover.actions import milestones, transfers
from handover.actions.transfers import Item
from handover.errors import Invalid
from handover.exchange.plan_documents import Errors, PlanDocument, in_order
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
        if transfer is not None:
            entry.fill(transfer)
            if list_holdings:
                transfers.list_holdings(by=by, transfer_uuid=transfer.uuid)
        entry.errors.raise_if_any(source)
        if transfer is None:
            raise Invalid("document_invalid", f"{source} could not be entered.")
        return access.transfer_for(by, transfer.uuid, may=Permission.VIEW)


class _Entry:
    """One document on its way in."""

    def __init__(self, by: Actor, plan: PlanDocument, errors: Errors) -> None:
        self.by, self.plan, self.errors = by, plan, errors

    def existing(self, uuid: UUID) -> Transfer:
        """Fetch a plan that the document may add to."""
        if self.plan.receiver or self.plan.title or self.plan.lead_steward:
            self.errors.add("$", "A document that adds to a plan names no title, receiver or lead_steward.")
        return transfers.editable(self.by, uuid)

    def drafted(self, key: str) -> Transfer | None:
        """Draft the transfer; ``None`` where that fails, its reasons noted."""
        if not key:
            raise Invalid(
                "programme_missing", "Say of which programme: in the document, or with --programme."
            )
        programme = access.programme_for(self.by, key, may=Permission.PLAN_TRANSFER)
        receiver = self._organisation("$.receiver", self.plan.receiver)
        transfer: Transfer | None = None
        if receiver is not None and self.plan.retention_until is not None:
            with self._at("$"):
                transfer = transfers.draft(
                    by=self.by,
                    programme_uuid=programme.uuid,
                    title=self.plan.title,
                    receiver=receiver,
                    retention_until=self.plan.retention_until,
                    lead=self.plan.lead_steward,
                    give_back_days=self.plan.give_back_days,
                )
        if transfer is None:
            self._resolved(programme)
        return transfer

    def fill(self, transfer: Transfer) -> None:
        """Enter responsibilities, milestones, keeps, annex lines and mappings."""
        named = self._resolved(transfer.programme)
        self._include(transfer, named)
        self._plan_milestones(transfer, named)
        self._keep(transfer)
        self._list(transfer)
        for row in self.plan.mappings:
            user = User.objects.filter(email=row.to.lower()).first() if row.to else None
            if row.to and user is None:
                self.errors.add(f"{row.path}.to", f"There is no account {row.to}.")
                continue
            with self._at(row.path):
                transfers.map_exception(
                    by=self.by, transfer_uuid=transfer.uuid, key=row.exception, to_user=user
                )

    def _resolved(self, programme: Programme) -> dict[str, Responsibility]:
        """Find the responsibilities that the document names, by what it calls them."""
        there = list(Responsibility.objects.filter(programme=programme).order_by("id"))
        by_text: defaultdict[str, list[Responsibility]] = defaultdict(list)
        for item in there:
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

    def _include(self, transfer: Transfer, named: Mapping[str, Responsibility]) -> None:
        items: list[tuple[str, Item]] = []
        seen: dict[UUID, str] = {}
        for row in self.plan.responsibilities:
            found = named.get(row.responsibility)
            if found is None:
                continue
            if found.uuid in seen:
                self.errors.add(f"{row.path}.responsibility", f"It is {seen[found.uuid]} already.")
                continue
            seen[found.uuid] = row.path
            provider = self._organisation(f"{row.path}.provider_after", row.provider_after)
            items.append((row.path, Item(found, row.mode, provider, row.moves_debtor)))
        self._each(
            items, lambda chosen: transfers.include(by=self.by, transfer_uuid=transfer.uuid, items=chosen)
        )

    def _each(self, rows: list[tuple[str, T]], act: Callable[[list[T]], object]) -> None:
        """Act on all rows at once; where that fails, on each alone, so that every one that fails is named."""
        if not rows:
            return
        try:
            act([row for _, row in rows])
        except Invalid:
            for path, row in rows:
                with self._at(path):
                    act([row])

    def _plan_milestones(self, transfer: Transfer, named: Mapping[str, Responsibility]) -> None:
        mine = self._moved_with(named)
        made: dict[str, TransferMilestone] = {}
        for row in in_order(self.plan.milestones):
            act = self._legal_act(f"{row.path}.legal_act", transfer.programme, row.legal_act)
            if any(key not in made for key in row.depends_on):
                continue
            with self._at(row.path):
                made[row.key] = milestones.plan(
                    by=self.by,
                    transfer_uuid=transfer.uuid,
                    kind=row.kind,
                    title=row.title,
                    due_on=row.due,
                    signs=row.signs,
                    evidence_required=row.evidence_required,
                    legal_act=act,
                    waits_for=[made[key] for key in row.depends_on],
                    moves=mine[row.key],
                )

    def _moved_with(self, named: Mapping[str, Responsibility]) -> dict[str, list[Responsibility]]:
        """Give the responsibilities that each milestone moves, said there or with the responsibility."""
        found: defaultdict[str, list[Responsibility]] = defaultdict(list)
        taken: dict[UUID, str] = {}
        for path, text, key in self._moves():
            item = named.get(text) or next(
                (row for row in named.values() if text in (str(row.uuid), row.title)), None
            )
            if item is None:
                if not any(text == row.responsibility for row in self.plan.responsibilities):
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

    def _keep(self, transfer: Transfer) -> None:
        known = self._listed_by_apps(transfer)
        for row in self.plan.keeps:
            if row.organisation and row.organisation not in (transfer.giver.slug, str(transfer.giver.uuid)):
                self.errors.add(
                    f"{row.path}.organisation", f"Only the giver keeps anything: {transfer.giver.slug}."
                )
                continue
            indicators = []
            for position, text in enumerate(row.indicators):
                path = f"{row.path}.indicators[{position}]"
                uuid = self._subject(path, text, known.get(AnnexKind.INDICATORS, {}))
                indicators += [uuid] if uuid else []
            if len(indicators) == len(row.indicators):
                with self._at(row.path):
                    transfers.keep(
                        by=self.by,
                        transfer_uuid=transfer.uuid,
                        kind=row.what,
                        until=row.until,
                        indicator_uuids=indicators,
                    )

    def _list(self, transfer: Transfer) -> None:
        texts: dict[UUID, str] = {}
        for model in LISTED:
            rows = model._default_manager.filter(programme=transfer.programme)
            texts.update(rows.values_list("uuid", "title"))
        for kind in self._listed_by_apps(transfer).values():
            texts.update({uuid: text for uuid, text in kind.items() if uuid not in texts})
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
        for holding in holdings.holdings():
            for kind, text, uuid in holding.annex(transfer):
                found[kind][uuid] = text
        return found

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
        else:
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

    @contextmanager
    def _at(self, path: str) -> Iterator[None]:
        """Note what an action says is wrong with the document's part at this path."""
        try:
            yield
        except Invalid as error:
            name = str(error.details.get("field", ""))
            self.errors.add(f"{path}.{PLACES.get(name, name)}".rstrip("."), error.sentence)


def _among(texts: Iterable[str]) -> str:
    titles = [text for text in texts if not _is_uuid(text)]
    return f"; it has: {', '.join(titles[:10])}." if titles else "; it has none yet."


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
