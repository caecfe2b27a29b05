"""What the apps hold for a programme: the seam by which an app joins a handover.

An app registers one holding in its ``AppConfig.ready()``. The kernel never imports the apps; it asks their
holdings. Every method but ``name`` and ``position`` has a harmless default, so a new app offers only what it
has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from handover.errors import Gate

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal
    from uuid import UUID

    from handover.access import Actor, Reach
    from handover.models import Programme, Transfer, User
    from handover.narratives import Narrative
    from handover.queries.portfolio_exceptions import Exceptional
    from handover.queries.search import Group
    from handover.queries.seats import Seat
    from handover.queries.sustained import Figure, Warned
    from handover.queries.tasks import Task


@dataclass(frozen=True)
class Conserved:
    """What must be equal before and after a handover, for one kind of row.

    ``count`` is rows, ``sums`` exact decimal sums as text by column, ``digest`` the SHA-256 over the row
    digests ordered by UUID.
    """

    name: str
    count: int
    digest: str
    sums: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {"name": self.name, "count": self.count, "digest": self.digest, "sums": dict(self.sums)}


@dataclass(frozen=True)
class Finding:
    """A row that is not as the ledger says, named so that a person finds it."""

    code: str
    sentence: str
    subject: str

    def as_json(self) -> dict[str, str]:
        """Give it as a JSON object of three strings."""
        return {"code": self.code, "sentence": self.sentence, "subject": self.subject}


@dataclass(frozen=True)
class LeftOpen:
    """Something open that hangs on one person, for whoever lets them leave."""

    kind: str
    """What it is, in words that can be translated."""
    uuid: UUID
    title: str
    programme: str = ""
    """Identifier of the programme, where it belongs to one."""


@dataclass(frozen=True)
class Chapter:
    """Something that an app has to tell of a programme beside what it holds: a title, and lines of text."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Drawable:
    """A row that an audit may draw into a sample: what it is called, where it is, its stratum, and its money."""

    uuid: UUID
    label: str
    place: str = ""
    stratum: str = ""
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True)
class Across:
    """Counts of people under one code, by whoever answers for the programmes, year by year; small ones withheld.

    A figure is a whole number, ``disclosure.SUPPRESSED``, or ``None`` where nothing was reported, or where what was
    reported does not add up. ``totals`` are over all organisations, by year.
    """

    code: str
    title: Sequence[Narrative]
    unit: str
    years: Sequence[int]
    figures: Mapping[int, Sequence[int | str | None]]
    """By the organisation's key, in the order of ``years``."""
    totals: Sequence[int | str | None]


@dataclass(frozen=True)
class Depends:
    """A row of an app that rests on responsibilities: the name of its page (which takes the programme's UUID and its
    own), and its title."""

    kind: str
    """The noun, as the interface calls it: ``need``."""
    uuid: UUID
    title: Sequence[Narrative]
    page: str


@dataclass(frozen=True)
class Link:
    """A page of a programme: the name of its address (which takes the programme's UUID), its label, and its place in
    the programme's sub-navigation."""

    name: str
    label: str
    position: int = 50


@dataclass(frozen=True)
class Panel:
    """An app's part of the page of a programme: a template of its own, and what it shows."""

    template: str
    context: Mapping[str, Any]
    position: int = 50


class Holding:
    """One app's part of a programme. Subclass it, and register an instance."""

    name: str
    """Stable, ``snake_case``; the key of the app's part in proofs, exports and documents."""
    position: int = 100
    """Order in lists, loads (ascending) and unloads."""

    def conserved(self, programme: Programme) -> list[Conserved]:
        """Count, sum and digest all rows, in a number of statements that does not depend on how many there
        are."""
        return []

    def gates(self, transfer: Transfer) -> list[Gate]:
        """Name what must be settled here before the transfer may be executed."""
        return []

    def outline(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[str]:
        """Tell what is held, as lines of text for a terminal.

        Args:
            cutoff: nothing that is known to be recorded after this instant is told: ``access.Reach.cutoff`` of
                whoever reads.
        """
        return iter(())

    def load(
        self, programme: Programme, document: Mapping[str, Any], *, by: Actor, names: Mapping[str, UUID]
    ) -> Mapping[str, UUID]:
        """Load this app's part of a programme document through its actions.

        Args:
            programme: the programme, already there.
            document: what stands under this holding's name.
            by: who loads; it must hold the permissions that the actions ask.
            names: keys of the document so far (``"place:x"``, ``"responsibility:y"`` …) and the UUIDs that
                they got.

        Returns:
            The keys that this part added, for the parts after it.
        """
        return {}

    def sample(self, programme: Programme, by: Actor) -> Iterator[str]:
        """Do one small piece of everyday work in somebody's name, through an action, and tell it: a
        demonstration shows by it who may still do what.

        Raises:
            NotAllowed: that person may not; nothing was done.
        """
        return iter(())

    def health(self, programme: Programme, *, cutoff: dt.datetime | None = None) -> Iterator[Finding]:
        """Name what is not well, each with its path and the UUID of the row: warnings, nothing is refused by them."""
        return iter(())

    def chapters(self, programme: Programme) -> Iterator[Chapter]:
        """Tell what follows from what is held: coverage, a sequence, a curve."""
        return iter(())

    def kinds(self) -> Mapping[str, str]:
        """Name the kinds of rows that are conserved (``handover.post``) in words of people, in English, marked for
        translation."""
        return {}

    def links(self) -> Sequence[Link]:
        """Name this app's pages of a programme, for its sub-navigation."""
        return ()

    def panels(self, programme: Programme, reach: Reach) -> Sequence[Panel]:
        """Give this app's part of the page that tells where a programme stands.

        Args:
            reach: how far the reader reaches: standings, permissions, and the cut-off of their view.
        """
        return ()

    def frame(self, programme: Programme, kind: str) -> Sequence[Drawable] | None:
        """List the rows of a kind (``models.audits.FrameKind``) from which an audit draws a sample, each once.

        Returns:
            ``None`` if this app keeps no rows of that kind.
        """
        return None

    def annex_xvii(self, programme: Programme) -> Mapping[str, Sequence[str]]:
        """Say what is missing of the groups of Annex XVII (``queries.annex_xvii``) whose data this app holds."""
        return {}

    def structure(self, programme: Programme, names: MutableMapping[UUID, str]) -> Mapping[str, Any]:
        """Give this app's part of a published model: what a programme is made of, by keys, without anything of a
        tenant.

        Args:
            names: what rows are called, by UUID (``need:food``); one without a name gets one here, for the parts
                after it.
        """
        return {}

    def take(
        self,
        programme: Programme,
        kind: str,
        piece: Mapping[str, Any],
        *,
        by: Actor,
        names: Mapping[str, UUID],
        present: UUID | None,
        reason: str,
    ) -> UUID | None:
        """Take one piece of a model into a programme that is there, through this app's actions.

        Args:
            kind: what the piece is (``indicator`` …).
            piece: its fields as in ``load``; with ``present`` only those that change.
            names: the rows that it may refer to, as in ``load``.
            present: the row that becomes what the piece says; a new one if there is none.

        Returns:
            The UUID of the row; ``None`` if this app has no pieces of that kind.
        """
        return None

    def uptake(self, model: UUID) -> Sequence[Mapping[str, Any]]:
        """Tell how this app's figures went among all who adopted a model: aggregates alone, protected."""
        return ()

    def tasks(self, actor: Actor, seat: Seat) -> Sequence[Task]:
        """Give what waits here for a person, over all programmes that they reach by one seat, in a number of queries
        that does not depend on how many there are.

        Args:
            actor: who asks; the database knows it already.
            seat: what the actor holds on each programme and responsibility.
        """
        return ()

    def left_open(self, actor: Actor, user: User) -> Sequence[LeftOpen]:
        """Give what is open here in the hands of a person of the actor's organisation, for a colleague to take over."""
        return ()

    def hand_on(self, by: Actor, user: User, to: User) -> None:
        """Give it to a colleague, inside the action by which the person leaves, with an entry in each programme."""

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[Group]:
        """Find what is called so here, over all programmes that are open to a person, in a number of queries that does
        not depend on how many there are.

        Args:
            text: what is searched for, two characters at least.
            limit: hits of one kind at most; one more tells that there are others.
        """
        return ()

    def exceptions(self, seat: Seat) -> Sequence[Exceptional]:
        """Give what stands out here in the programmes that a person reaches by one seat: late, off track, broken."""
        return ()

    def sustained(
        self,
        programme: Programme,
        since: dt.date,
        on: dt.date,
        until: dt.date,
        *,
        cutoff: dt.datetime | None = None,
    ) -> tuple[Sequence[Figure], Sequence[Warned]]:
        """Tell how what is held here stands beside the day of a handover, and warn of what will not stand much longer.

        Args:
            since: the receiver's first day.
            on: the day on which one looks; nothing after it counts.
            until: the day of the next look.
        """
        return (), ()

    def across(
        self, stewards: Mapping[int, int], years: Sequence[int], *, threshold: int
    ) -> Sequence[Across]:
        """Count people by whoever answers for their programmes, over several programmes, protected to be passed on.

        Args:
            stewards: the organisation that answers for each programme, both by their keys.
            threshold: counts from 1 to this are withheld, and those by which they could be worked out.
        """
        return ()

    def depending(self, programme: Programme, responsibilities: Collection[int]) -> Sequence[Depends]:
        """Name what is met here only as long as these responsibilities (by their keys) are: needs, for one."""
        return ()

    def knows(self, programme: Programme, uuid: UUID) -> bool:
        """Tell whether a UUID that the kernel keeps (where a vote was held) is a row of this programme here."""
        return False

    def annex(self, transfer: Transfer) -> Iterator[tuple[str, str, UUID]]:
        """Give the lines that the annexes should list: (kind, text, UUID of the row)."""
        return iter(())

    def verify(self, programme: Programme, entries: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
        """Hold the rows against the ledger's entries (their parsed bodies) and name each that differs."""
        return iter(())


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Register an app's holding; registering the same name twice is a programming error.

    Raises:
        ValueError: the name is taken.
    """
    if holding.name in _holdings:
        raise ValueError(f"a holding named {holding.name!r} is registered already")
    _holdings[holding.name] = holding


def holdings() -> Sequence[Holding]:
    """Give all holdings in their order."""
    return sorted(_holdings.values(), key=lambda holding: (holding.position, holding.name))
