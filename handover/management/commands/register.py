"""`handover register`: posts, equipment, premises, licences, contracts and budget lines of a programme."""

from __future__ import annotations

from handover import access
from handover.access import asking
from handover.actions import posts, registers
from handover.management.base import PROGRAMME, VERSION_READ, Call, Steps, StepsCommand, Told, Who, argument
from handover.management.finding import day, line_named, responsibility_named
from handover.management.registers.reading import (
    FIELDS,
    KIND,
    fields_of,
    programme_of,
    register_line,
    rows_of,
    values,
)
from handover.management.registers.showing import document, listed, summary
from handover.management.tables import table
from handover.models import Post
from handover.models.registers import Source
from handover.permissions import Permission
from handover.queries.registers import REGISTERS, health
from handover.terminal import finding_lines, heading

steps = Steps()


class Command(StepsCommand):
    """Enter, change, list and check the lines of registers."""

    help = "Keep the registers that hang on responsibilities: enter and change lines, list them, check them."
    steps = steps


@steps.add("fields", KIND, who=Who.EITHER)
def fields(call: Call) -> Told:
    """Tell which fields a register has, and what each takes."""
    found = fields_of(REGISTERS[call["kind"]])
    rows = [(item["field"], "yes" if item["needed"] else "", item["takes"]) for item in found]
    return Told({"fields": found}, [*table(("FIELD", "NEEDED", "TAKES"), rows, empty="")])


@steps.add(
    "list",
    PROGRAMME,
    argument("kind", metavar="KIND", nargs="?", choices=sorted(REGISTERS), help="only this register"),
    reads=True,
)
def list_all(call: Call) -> Told:
    """List the lines of a programme's registers."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    kinds = [call["kind"]] if call["kind"] else sorted(REGISTERS)
    found = {kind: rows_of(programme, REGISTERS[kind]) for kind in kinds}
    lines = []
    for kind, rows in found.items():
        lines += [*heading(str(REGISTERS[kind]._meta.verbose_name_plural).capitalize()), *listed(rows)]
    return Told({kind: [document(row) for row in rows] for kind, rows in found.items()}, lines)


@steps.add(
    "enter",
    PROGRAMME,
    KIND,
    argument("responsibility", metavar="RESPONSIBILITY", help="UUID, or a part of its title"),
    FIELDS,
)
def enter(call: Call) -> Told:
    """Enter a line in a register of a responsibility that your organisation holds."""
    programme, register = programme_of(call), REGISTERS[call["kind"]]
    with asking(call.by):
        responsibility = responsibility_named(programme, call["responsibility"])
    made = registers.enter(
        by=call.by,
        register=register,
        responsibility_uuid=responsibility.uuid,
        **values(call, programme, register, call["fields"]),
    )
    return Told({"line": document(made)}, [f"Entered: {made.title}, {summary(made)}.", f"  line {made.uuid}"])


@steps.add(
    "edit",
    PROGRAMME,
    KIND,
    argument("line", metavar="LINE", help="UUID or its first characters, or a part of its title"),
    FIELDS,
    argument("--reason", default="", metavar="TEXT", help="why; needed where a post goes back a stage"),
    VERSION_READ,
)
def edit(call: Call) -> Told:
    """Change a line. The ledger keeps what stood there before."""
    programme, register = programme_of(call), REGISTERS[call["kind"]]
    line = register_line(call, programme, call["line"])
    made = registers.edit(
        by=call.by,
        register=register,
        line_uuid=line.uuid,
        version=line.version if call["read"] is None else call["read"],
        reason=call["reason"],
        **values(call, programme, register, call["fields"]),
    )
    return Told({"line": document(made)}, [f"Changed: {made.title}, {summary(made)}."])


@steps.add(
    "fund",
    PROGRAMME,
    argument("post", metavar="POST", help="UUID or its first characters, or a part of its title"),
    argument("source", metavar="SOURCE", choices=Source.values, help=", ".join(Source.values)),
    argument("share", metavar="PER_CENT"),
    argument("--from", dest="starts_on", required=True, type=day, metavar="DATE"),
    argument("--until", dest="ends_on", type=day, metavar="DATE", help="the last day"),
    argument("--note", default="", metavar="TEXT"),
)
def fund(call: Call) -> Told:
    """Say who pays which share of a post on which days."""
    programme = programme_of(call)
    with asking(call.by):
        post = line_named(rows_of(programme, Post), call["post"], field="post", what="post")
    made = posts.fund(
        by=call.by,
        post_uuid=post.uuid,
        source=call["source"],
        share=call["share"],
        starts_on=call["starts_on"],
        ends_on=call["ends_on"],
        note=call["note"],
    )
    until = f" to {made.ends_on}" if made.ends_on else ""
    return Told(
        {"funding": {"uuid": made.uuid, "post": post.uuid, "source": str(made.source), "share": made.share}},
        [f"“{post.title}” is paid by the {made.source} with {made.share} % from {made.starts_on}{until}."],
    )


@steps.add("check", PROGRAMME, reads=True)
def check(call: Call) -> Told:
    """Name what is not well: posts paid twice, equipment without proof or title, lines on acts that fell."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    found = list(health(programme))
    one = len(found) == 1
    return Told(
        {"findings": [item.as_json() for item in found]},
        [*finding_lines(found)],
        found=f"{len(found)} {'thing is' if one else 'things are'} not well." if found else "",
    )
