"""`handover need`: the needs hierarchy, its levels, prerequisites, lineage and rankings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from handover import access, clock
from handover.access import asking
from handover.errors import Invalid
from handover.management.base import (
    PROGRAMME,
    VERSION_READ,
    Argument,
    Call,
    Steps,
    StepsCommand,
    Told,
    argument,
)
from handover.management.finding import day, narrative
from handover.management.tables import table
from handover.models import Programme
from handover.narratives import best
from handover.permissions import Permission
from handover.terminal import fitted
from interventions.actions import levels as level_actions
from interventions.actions import lineage, needs, rankings
from interventions.management.needs import reading, showing
from interventions.management.needs.reading import Named
from interventions.models import Method, Need, RaisedBy, RankedBy, Trend
from interventions.queries import levels as level_queries
from interventions.queries import rankings as ranked
from interventions.queries.needs import outline, tree

NEED = argument(
    "need",
    metavar="NEED",
    help="its number in `need tree`, a part of its title, or the first 8 characters of its UUID",
)
REASON = argument("--reason", required=True, metavar="TEXT", help="why; it is kept")
LANG = argument("--lang", default="en", metavar="LANG", help="language of titles, for example ro")
BELOW = argument("--below", metavar="NEED", help="the need above it; without, it stands at the top")
RANK = argument("--rank", type=int, metavar="N", help="its place among its siblings; without, the last")


def said(*, required: bool) -> tuple[Argument, ...]:
    """Give the arguments by which a need is described."""
    return (
        argument(
            "--title",
            action="append",
            type=narrative,
            required=required,
            metavar="[LANG=]TEXT",
            help="may be repeated",
        ),
        argument("--level", required=required, metavar="KEY", help="key of its level"),
        argument(
            "--severity", type=int, required=required, metavar="N", help="1 (light) to 5 (life is at stake)"
        ),
        argument(
            "--description", action="append", type=narrative, metavar="[LANG=]TEXT", help="may be repeated"
        ),
        argument("--people", dest="people_affected", type=int, metavar="N", help="people affected"),
        argument("--source", dest="people_source", metavar="TEXT", help="where the count comes from"),
        argument("--as-of", dest="people_as_of", type=day, metavar="DAY", help="the day of the count"),
        argument("--trend", choices=Trend.values, help="where it is going"),
        argument("--place", metavar="COUNTRY:CODE", help="its own place"),
        argument(
            "--at",
            dest="places",
            action="append",
            metavar="COUNTRY:CODE[=PEOPLE]",
            help="another place, with the people counted there; may be repeated, and replaces those that are there",
        ),
        argument("--raised-by", choices=RaisedBy.values, help="who says that it is a need"),
        argument("--raised-on", type=day, metavar="DAY", help="when"),
        argument("--raised-in", metavar="CONSULTATION", help="in which consultation: UUID, day or title"),
        argument("--evidence", metavar="TEXT", help="what it is known from"),
        argument("--responsibility", metavar="RESPONSIBILITY", help="which responsibility it belongs to"),
    )


SAID: Final = (
    *("title", "level", "severity", "description", "people_affected", "people_source", "people_as_of"),
    *("trend", "place", "places", "raised_by", "raised_on", "raised_in", "evidence", "responsibility"),
)

steps = Steps()


class Command(StepsCommand):
    """Keep the needs of a programme."""

    help = "The needs of a programme: levels, hierarchy, what comes first, merges and splits, and who ranks them how."
    steps = steps


@steps.add(
    "levels",
    PROGRAMME,
    argument("--default", action="store_true", help="take the levels that the toolkit suggests"),
    argument(
        "--level",
        dest="words",
        action="append",
        default=[],
        metavar="KEY[.LANG]=TITLE",
        help="all levels, lowest first; may be repeated",
    ),
)
def levels(call: Call) -> Told:
    """Show the levels, or say which there are."""
    if call["default"] and call["words"]:
        raise Invalid("usage", "Give --default or --level, not both.")
    with asking(call.by):
        programme = _programme(call)
    if call["default"] or call["words"]:
        wanted = level_queries.DEFAULT if call["default"] else reading.levels(call["words"])
        level_actions.define(by=call.by, programme_uuid=programme.uuid, levels=wanted)
    with asking(call.by):
        found = level_queries.levels(programme)
    cells = [(item.level.position, item.level.key, item.needs, best(item.level.title)) for item in found]
    empty = "There is no level yet: `handover need levels PROGRAMME --default` takes the usual ones."
    return Told(
        {"levels": [{"key": i.level.key, "title": i.level.title, "needs": i.needs} for i in found]},
        [*table(("", "KEY", "NEEDS", "TITLE"), cells, empty=empty)],
    )


@steps.add("add", PROGRAMME, *said(required=True), BELOW, RANK)
def add(call: Call) -> Told:
    """Add a need."""
    with asking(call.by):
        programme, names = _begun(call)
        above = names.one(call["below"], field="below").uuid if call["below"] else None
        entry = reading.entry(programme, {name: call[name] for name in SAID})
    if call["rank"] is not None:
        entry["rank"] = call["rank"]
    made = needs.add(by=call.by, programme_uuid=programme.uuid, parent=above, **entry)
    return _told(call, made, f"“{made}” is added.")


@steps.add("edit", PROGRAMME, NEED, *said(required=False), VERSION_READ)
def edit(call: Call) -> Told:
    """Change what is said of a need. An empty text takes away what stood there."""
    programme, need, version = _found(call)
    with asking(call.by):
        entry = reading.entry(programme, {name: call[name] for name in SAID})
    if not entry:
        raise Invalid("nothing_said", "Say what is to be changed, for example --severity 4.")
    done = needs.edit(by=call.by, need_uuid=need.uuid, version=version, **entry)
    return _told(call, done, f"“{done}” is changed.")


@steps.add(
    "move",
    PROGRAMME,
    NEED,
    BELOW,
    argument("--top", action="store_true", help="put it at the top"),
    RANK,
    VERSION_READ,
)
def move(call: Call) -> Told:
    """Put a need, with all below it, somewhere else. Every link to it stays."""
    if bool(call["below"]) == call["top"]:
        raise Invalid("usage", "Say where to: --below NEED or --top.")
    _, need, version = _found(call)
    with asking(call.by):
        above = _names(call).one(call["below"], field="below").uuid if call["below"] else None
    done = needs.move(by=call.by, need_uuid=need.uuid, parent=above, version=version, rank=call["rank"])
    return _told(call, done, f"“{done}” is moved.")


OTHER = argument("other", metavar="OTHER", help="the need that has to be answered before, named likewise")


@steps.add("require", PROGRAMME, NEED, OTHER)
def require(call: Call) -> Told:
    """Say that a need can only be answered after another."""
    need, other = _both(call)
    needs.require(by=call.by, need_uuid=need.uuid, requires=other.uuid)
    return _told(call, need, f"“{need}” waits for “{other}”.")


@steps.add("release", PROGRAMME, NEED, OTHER)
def release(call: Call) -> Told:
    """Say that a need waits no longer for another."""
    need, other = _both(call)
    needs.release(by=call.by, need_uuid=need.uuid, requires=other.uuid)
    return _told(call, need, f"“{need}” waits no longer for “{other}”.")


@steps.add("meet", PROGRAMME, NEED, REASON, VERSION_READ)
def meet(call: Call) -> Told:
    """Say that a need is met, and how one knows."""
    _, need, version = _found(call)
    done = needs.meet(by=call.by, need_uuid=need.uuid, version=version, reason=call["reason"])
    return _told(call, done, f"“{done}” is met.")


@steps.add("reopen", PROGRAMME, NEED, REASON, VERSION_READ)
def reopen(call: Call) -> Told:
    """Say that a need is not met after all, or again."""
    _, need, version = _found(call)
    done = needs.reopen(by=call.by, need_uuid=need.uuid, version=version, reason=call["reason"])
    return _told(call, done, f"“{done}” is open again.")


@steps.add(
    "merge",
    PROGRAMME,
    argument("needs", nargs="+", metavar="NEED", help="the needs that go into another"),
    argument("--into", required=True, metavar="NEED", help="the need that takes them in"),
    REASON,
)
def merge(call: Call) -> Told:
    """Merge needs into one, which gets every link of theirs."""
    with asking(call.by):
        programme, names = _begun(call)
        others = names.uuids(call["needs"])
        target = names.one(call["into"], field="into")
    done = lineage.merge(
        by=call.by,
        programme_uuid=programme.uuid,
        need_uuids=others,
        into=target.uuid,
        reason=call["reason"],
    )
    count = f"{len(others)} needs are" if len(others) > 1 else "1 need is"
    return _told(call, done, f"{count} merged into “{done}”.")


@steps.add(
    "split",
    PROGRAMME,
    NEED,
    argument(
        "--part",
        dest="parts",
        action="append",
        required=True,
        type=narrative,
        metavar="[LANG=]TITLE",
        help="the title of a part; twice or more",
    ),
    REASON,
)
def split(call: Call) -> Told:
    """Split a need into parts, each with all its links; what stands below it goes to the first."""
    _, need, _ = _found(call)
    parts = [{"title": [{"lang": lang, "text": text}]} for lang, text in call["parts"]]
    made = lineage.split(by=call.by, need_uuid=need.uuid, parts=parts, reason=call["reason"])
    with asking(call.by):
        rows = [showing.document(part) for part in made]
    lines = [f"“{need}” is split into {len(made)}.", *(f"  {part}  {part.uuid}" for part in made)]
    return Told({"parts": rows}, lines)


@steps.add(
    "rank",
    PROGRAMME,
    argument("--by", required=True, choices=RankedBy.values, help="whose ranking it is"),
    argument("--method", choices=Method.values, default=Method.AGREED.value, help="how it came about"),
    argument("--on", type=day, metavar="DAY", help="when it was held; without, today"),
    argument("--order", nargs="+", default=[], metavar="NEED", help="needs, the most urgent first"),
    argument("--ballots", type=Path, metavar="FILE", help="ballots as JSON or CSV"),
    argument("--consultation", metavar="CONSULTATION", help="where it was held: UUID, day or title"),
    argument("--voters", type=int, metavar="N", help="how many took part"),
    argument("--reason", default="", metavar="TEXT", help="why it is ranked again"),
    argument("--apply", action="store_true", help="also put the hierarchy in this order"),
)
def rank(call: Call) -> Told:
    """Record how the community or the professionals rank needs."""
    with asking(call.by):
        programme, names = _begun(call)
        order: list[Any] = list(names.uuids(call["order"], field="order"))
        ballots: list[rankings.Cast] = []
        if call["ballots"]:
            candidates, ballots = reading.ballots_of(call["ballots"], names, call["method"])
            order = order or candidates
        where = call["consultation"]
        held = reading.consultation_named(programme, where).uuid if where else None
    made = rankings.hold(
        by=call.by,
        programme_uuid=programme.uuid,
        ranked_by=call["by"],
        method=call["method"],
        held_on=call["on"] or clock.today(),
        needs=order,
        ballots=ballots,
        consultation=held,
        reason=call["reason"],
        voters=call["voters"],
        apply=call["apply"],
    )
    with asking(call.by):
        found = [item for item in ranked.history(programme) if item.ranking.pk == made.pk]
        return Told({"ranking": showing.ranking(found[0])}, [*fitted(ranked.outline(found))])


@steps.add(
    "history",
    PROGRAMME,
    argument("need", nargs="?", metavar="NEED", help="only the rankings of one need and of what it came of"),
    LANG,
    reads=True,
)
def history(call: Call) -> Told:
    """Show every ranking, oldest first, each with its reason."""
    programme, names = _begun(call)
    need = names.one(call["need"]) if call["need"] else None
    found = ranked.history(programme, need)
    lines = [*fitted(ranked.outline(found, lang=call["lang"]))] or ["Nothing was ranked yet."]
    return Told({"rankings": [showing.ranking(item) for item in found]}, lines)


@steps.add("compare", PROGRAMME, LANG, reads=True)
def compare(call: Call) -> Told:
    """Show the community's ranking beside the professionals', the largest disagreement first."""
    programme, _ = _begun(call)
    found = ranked.comparison(programme)
    if found is None:
        return Told({"comparison": None}, ["The two sides did not yet rank the same needs."])
    lines = fitted(ranked.side_by_side(found, lang=call["lang"]))
    return Told({"comparison": showing.comparison(found)}, [*lines])


@steps.add("tree", PROGRAMME, LANG, reads=True)
def show_tree(call: Call) -> Told:
    """Show the hierarchy, siblings by level and rank."""
    roots = tree(_programme(call))
    lines = [*fitted(outline(roots, lang=call["lang"]))] or [
        "There is no need yet: `handover need add` adds the first."
    ]
    document = [
        {**showing.document(node.need), "number": node.number, "answered_by": node.answered_by}
        for root in roots
        for node in root.walk()
    ]
    return Told({"needs": document}, lines)


@steps.add("show", PROGRAMME, NEED, LANG, reads=True)
def show(call: Call) -> Told:
    """Show a need with its links, what it came of, and how it was ranked."""
    _, names = _begun(call)
    need = names.one(call["need"])
    linked = showing.links(need)
    return Told(
        {"need": {**showing.document(need), **linked}},
        [*fitted(showing.lines(need, linked, names, lang=call["lang"]))],
    )


def _programme(call: Call) -> Programme:
    return access.programme_for(call.by, call["programme"], may=Permission.VIEW)


def _names(call: Call) -> Named:
    return Named(_programme(call))


def _begun(call: Call) -> tuple[Programme, Named]:
    programme = _programme(call)
    return programme, Named(programme)


def _found(call: Call) -> tuple[Programme, Need, int]:
    """Find the need that a call names, with the version that its caller read."""
    with asking(call.by):
        programme, names = _begun(call)
        need = names.one(call["need"])
    return programme, need, need.version if call.options.get("read") is None else call["read"]


def _both(call: Call) -> tuple[Need, Need]:
    with asking(call.by):
        _, names = _begun(call)
        return names.one(call["need"]), names.one(call["other"], field="other")


def _told(call: Call, need: Need, sentence: str) -> Told:
    with asking(call.by):
        return showing.done(need, sentence)
