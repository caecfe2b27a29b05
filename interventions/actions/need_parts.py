"""What hangs on a need that is split, shared out among its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Q

from handover.errors import Invalid
from handover.models import Programme
from interventions.actions.entries import Entry
from interventions.actions.need_links import Moves, Row, mentions
from interventions.models import InterventionNeed, Need, NeedPlace, NeedPrerequisite
from interventions.queries.needs import open_needs

CLAIMS: Final = ("answers", "prerequisites", "required_by", "children", "at_places", "mentions")
"""What a part may claim of the links of the need that is split; each a list of UUIDs."""


class Shares:
    """Who claims which link of a need that is split, checked link by link as they are shared out."""

    def __init__(self, need: Need, parts: Sequence[Need], entries: Sequence[Entry]) -> None:
        self._need, self._parts = need, parts
        self._claims = {
            name: [_listed(entry, name, f"parts[{number}].{name}") for number, entry in enumerate(entries)]
            for name in CLAIMS
        }
        self._met: dict[str, set[UUID]] = {name: set() for name in CLAIMS}

    def all_of(self, name: str, key: UUID) -> list[Need]:
        """Give the parts that a link goes to: who claims it, else all."""
        return self._claiming(name, key) or list(self._parts)

    def one_of(self, name: str, key: UUID) -> Need:
        """Give the part that a link goes to which can have one need only: who claims it, else the first.

        Raises:
            Invalid: two parts claim it.
        """
        claiming = self._claiming(name, key)
        if len(claiming) > 1:
            second = self._parts.index(claiming[1])
            sentence = f"Two parts claim {key}, which can go to one only."
            raise Invalid("claimed_twice", sentence, field=f"parts[{second}].{name}")
        return claiming[0] if claiming else self._parts[0]

    def refuse_others(self) -> None:
        """Refuse claims to what does not hang on the need.

        Raises:
            Invalid: ``not_linked``, with the first of them.
        """
        for name, lists in self._claims.items():
            for number, keys in enumerate(lists):
                for key in keys:
                    if key not in self._met[name]:
                        sentence = f"{key} is none of the {name.replace('_', ' ')} of “{self._need}”."
                        raise Invalid("not_linked", sentence, field=f"parts[{number}].{name}")

    def _claiming(self, name: str, key: UUID) -> list[Need]:
        self._met[name].add(key)
        return [part for part, keys in zip(self._parts, self._claims[name], strict=True) if key in keys]


def shared_out(programme: Programme, need: Need, parts: Sequence[Need], entries: Sequence[Entry]) -> Moves:
    """Share out all that hangs on a need among its parts: what a part claims goes there, the rest to all or the first.

    Raises:
        Invalid: a claim to what does not hang on the need, or two claims to what can have one need only.
    """
    shares, moves = Shares(need, parts, entries), Moves()
    _share_answers(need, shares, moves)
    _share_prerequisites(need, shares, moves)
    _share_places(need, parts, shares, moves)
    below = open_needs(programme).filter(parent=need).select_for_update(of=("self",), no_key=True)
    children = list(below.order_by("rank", "id"))
    for child in children:
        child.parent = shares.one_of("children", child.uuid)
        child.version += 1
    moves.write(Need, ["parent", "version"], children)
    for column in mentions():
        found: Iterable[Row] = column.model._default_manager.filter(
            **{"programme": programme, column.name: need}
        ).order_by("id")
        going: dict[int, list[Row]] = {}
        for row in found:
            going.setdefault(shares.one_of("mentions", row.uuid).pk, []).append(row)
        for part in parts:
            moves.rename(column, going.get(part.pk, []), part)
    shares.refuse_others()
    return moves


def _share_answers(need: Need, shares: Shares, moves: Moves) -> None:
    rows = list(InterventionNeed.objects.filter(need=need).select_related("intervention").order_by("id"))
    again = []
    for row in rows:
        row.need, *others = shares.all_of("answers", row.intervention.uuid)
        again += [
            InterventionNeed(programme_id=need.programme_id, intervention=row.intervention, need=part)
            for part in others
        ]
    moves.write(InterventionNeed, ["need"], rows)
    moves.add(InterventionNeed, again)


def _share_prerequisites(need: Need, shares: Shares, moves: Moves) -> None:
    """Share out what the need waits for, and what waits for it."""
    links = NeedPrerequisite.objects.filter(Q(need=need) | Q(requires=need))
    rows = list(links.select_related("need", "requires").order_by("id"))
    again = []
    for row in rows:
        later, earlier = [row.need], [row.requires]
        if row.need_id == need.pk:
            later = shares.all_of("prerequisites", row.requires.uuid)
        else:
            earlier = shares.all_of("required_by", row.need.uuid)
        first, *others = [(one, two) for one in later for two in earlier]
        row.need, row.requires = first
        again += [
            NeedPrerequisite(programme_id=need.programme_id, need=one, requires=two) for one, two in others
        ]
    moves.write(NeedPrerequisite, ["need", "requires"], rows)
    moves.add(NeedPrerequisite, again)


def _share_places(need: Need, parts: Sequence[Need], shares: Shares, moves: Moves) -> None:
    """Share out the other places: of several parts at one place nobody knows how many of its people each concerns."""
    there = {(part.pk, part.place_id) for part in parts}
    there |= set(NeedPlace.objects.filter(need__in=parts).values_list("need_id", "place_id"))
    keeping: list[NeedPlace] = []
    again: list[NeedPlace] = []
    falling: dict[int, Mapping[str, object]] = {}
    for row in NeedPlace.objects.filter(need=need).select_related("place").order_by("id"):
        going = shares.all_of("at_places", row.place.uuid)
        row.people_affected = row.people_affected if len(going) == 1 else None
        free = [part for part in going if (part.pk, row.place_id) not in there]
        if not free:
            falling[row.pk] = {"uuid": row.uuid, "with": str(row.place)}
            continue
        row.need = free[0]
        keeping.append(row)
        again += [
            NeedPlace(
                programme_id=need.programme_id,
                need=part,
                place=row.place,
                people_affected=row.people_affected,
            )
            for part in free[1:]
        ]
    moves.drop(NeedPlace, falling)
    moves.write(NeedPlace, ["need", "people_affected"], keeping)
    moves.add(NeedPlace, again)


def _listed(entry: Entry, name: str, field: str) -> frozenset[UUID]:
    given = entry.get(name, ())
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence | set | frozenset):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list of UUIDs.", field=field)
    if not all(isinstance(key, UUID) for key in given):
        raise Invalid("not_a_list", f"{name.capitalize()} must be a list of UUIDs.", field=field)
    return frozenset(given)
