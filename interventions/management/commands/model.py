"""`handover model`: the catalogue of integrated intervention models; publish, adopt, compare, take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from handover import access, holdings
from handover.access import asking
from handover.errors import Invalid
from handover.management.base import PROGRAMME, Call, Steps, StepsCommand, Told, Who, argument
from handover.management.files import write_whole
from handover.management.finding import day, organisation_named
from handover.management.tables import table
from handover.narratives import best
from handover.permissions import Permission
from interventions.actions import adoptions, models
from interventions.exchange import model_document as files
from interventions.management.models import showing
from interventions.models import Adoption
from interventions.models.catalogue import PieceKind
from interventions.models.interventions import Field
from interventions.queries import catalogue, publishing, tenants
from interventions.queries.model_diff import compare as compared
from interventions.queries.model_diff import names_of_rows, taken_pieces
from interventions.queries.model_format import OF_PIECES
from interventions.queries.model_pieces import piece_named, pieces, title_of, written
from interventions.queries.model_plans import budget_shape, plan_document

MODEL = argument("model", metavar="MODEL", help="the model's key")
OF_MODEL = argument("--model", metavar="MODEL", help="where the programme has pieces of several models")
PIECE = argument("piece", metavar="PIECE", help=f"KIND:KEY; kinds: {', '.join(PieceKind.values)}")
NUMBER = argument("--version", dest="number", type=int, metavar="N", help="the latest if left out")
LANGUAGE = argument("--language", default="en", metavar="LANG", help="en, ro, lt …")
REASON = argument("--reason", required=True, metavar="TEXT")

steps = Steps()


class Command(StepsCommand):
    """The catalogue of models: find, publish, adopt, compare, take."""

    help = "Integrated intervention models: find, publish and adopt them; compare with a later version and take pieces."
    steps = steps


@steps.add("install", who=Who.OPERATOR)
def install(call: Call) -> Told:
    """Put the models that ship with the toolkit into the catalogue. Once or often."""
    found = models.install(by=call.operator, files=files.shipped())
    lines = [
        f"{item.version.model.key}, version {item.version.number}: {'installed' if item.new else 'there already'}"
        for item in found
    ]
    told = [{"key": item.version.model.key, "number": item.version.number, "new": item.new} for item in found]
    return Told({"models": told}, lines)


@steps.add(
    "catalogue",
    argument("words", nargs="*", metavar="WORD", help="of titles, needs or interventions, in any language"),
    argument("--field", default="", choices=Field.values, help="with an intervention in this field"),
    argument("--in", dest="told_in", default="", metavar="LANG", help="whose title is told in this language"),
    argument("--withdrawn", action="store_true", help="those too that nobody new may adopt"),
    LANGUAGE,
    who=Who.EITHER,
)
def search(call: Call) -> Told:
    """Search the catalogue."""
    found = catalogue.search(
        call["words"], field=call["field"], language=call["told_in"], withdrawn=call["withdrawn"]
    )
    told = [
        {
            **showing.model_document(item.model),
            "number": item.version.number,
            "fields": item.fields,
            **item.counts,
        }
        for item in found
    ]
    return Told({"models": told}, [*showing.catalogue_lines(found, call["language"])])


@steps.add("show", MODEL, NUMBER, LANGUAGE, who=Who.EITHER)
def show(call: Call) -> Told:
    """Show a version of a model: licence, context, evidence, conditions, and all its pieces."""
    model = catalogue.model_named(call["model"])
    version = catalogue.version_of(model, call["number"])
    versions = catalogue.versions(model)
    document = showing.model_document(model, version)
    document["versions"] = [item.number for item in versions]
    return Told(
        document, [*showing.version_lines(catalogue.Listed(model, version), versions, call["language"])]
    )


@steps.add("structure", PROGRAMME, argument("--key", default="", metavar="MODEL"), reads=True)
def structure(call: Call) -> Told:
    """Show what would leave if the programme were published as a model, and which texts name a tenant."""
    programme = access.programme_for(call.by, call["programme"], may=Permission.PUBLISH_MODEL)
    names = names_of_rows(list(Adoption.objects.filter(programme=programme)))
    document = publishing.drawn_up(programme, names, key=call["key"])
    lines = [f"{written(piece)}  {title_of(row)}" for piece, row in pieces(document).items()] or [
        "The programme has nothing that a model is made of."
    ]
    found = ""
    try:
        tenants.refuse_names(programme, document)
    except Invalid as error:
        named: Any = error.details["errors"]
        lines += ["", *(f"{item['path']}: {item['sentence']}" for item in named)]
        found = error.sentence
    return Told({"document": document}, lines, found)


@steps.add(
    "publish",
    PROGRAMME,
    argument(
        "file",
        type=Path,
        metavar="FILE",
        help="JSON: key, title, summary, licence, context …, leave_out, edits",
    ),
)
def publish(call: Call) -> Told:
    """Publish the programme's structure as the next version of a model that everybody may adopt."""
    head, left_out, edits = files.read_publication(call["file"])
    with asking(call.by):
        programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    made = models.publish(
        by=call.by, programme_uuid=programme.uuid, head=head, leave_out=left_out, edits=edits
    )
    counts = ", ".join(
        f"{len(made.document[section])} {section}"
        for section in OF_PIECES.values()
        if made.document.get(section)
    )
    lines = [f"{made.model.key}, version {made.number}, is published under {made.licence}: {counts}."]
    return Told({**showing.model_document(made.model, made)}, [*lines, f"  SHA-256 {made.digest}"])


@steps.add("withdraw", MODEL, REASON, who=Who.EITHER)
def withdraw(call: Call) -> Told:
    """Withdraw a model of your organisation: nobody new adopts it, and who did keeps it."""
    model = models.withdraw(by=call.actor or call.operator, key=call["model"], reason=call["reason"])
    return Told(showing.model_document(model), [f"{model.key} is withdrawn."])


@steps.add(
    "adopt",
    MODEL,
    argument("identifier", metavar="IDENTIFIER", help="of the new programme; it never changes"),
    NUMBER,
    argument("--title", default="", metavar="TEXT", help="the model's if left out"),
    argument("--from", dest="starts_on", type=day, metavar="DATE"),
    argument("--until", dest="ends_on", type=day, metavar="DATE"),
    argument(
        "--leave-out", dest="left_out", action="append", default=[], metavar="PIECE", help="may be repeated"
    ),
    argument("--changes", type=Path, metavar="FILE", help='JSON: {"need:food": {"severity": 4}}'),
    argument("--not-counted", action="store_true", help="its figures do not count in the model's aggregate"),
    LANGUAGE,
)
def adopt(call: Call) -> Told:
    """Found a programme that is made from a model, changed on the way; your organisation becomes its steward."""
    changes = files.changes_of(files.read(call["changes"])) if call["changes"] else {}
    made = adoptions.adopt(
        by=call.by,
        key=call["model"],
        number=call["number"],
        identifier=call["identifier"],
        title=call["title"],
        language=call["language"],
        leave_out=[piece_named(text) for text in call["left_out"]],
        changes=changes,
        counted=not call["not_counted"],
        starts_on=call["starts_on"],
        ends_on=call["ends_on"],
    )
    with asking(call.by):
        taken = taken_pieces(made)
        lines = [showing.adoption_line(made), f"  programme {made.programme.uuid}", f"  adoption {made.uuid}"]
        lines += [f"  {showing.counted(taken)}"]
    return Told(showing.adoption_document(made), lines)


@steps.add(
    "pieces", PROGRAMME, OF_MODEL, argument("--kind", default="", choices=PieceKind.values), reads=True
)
def list_pieces(call: Call) -> Told:
    """List what of the programme came from a model, and what was left out."""
    found = _adoption(call)
    document = catalogue.version_of(catalogue.model_named(found.model_key), found.number).document
    titles = {piece: title_of(row) for piece, row in pieces(document).items()}
    rows = [
        (
            written(piece),
            row.number,
            str(row.row_uuid)[:8] if row.row_uuid else "left out",
            titles.get(piece, ""),
        )
        for piece, row in taken_pieces(found).items()
        if call["kind"] in ("", piece[0].value)
    ]
    told = [
        {"piece": written(piece), "number": row.number, "row": row.row_uuid, "digest": row.digest}
        for piece, row in taken_pieces(found).items()
    ]
    lines = [showing.adoption_line(found), *table(("PIECE", "VERSION", "ROW", "TITLE"), rows, empty="None.")]
    return Told({**showing.adoption_document(found), "pieces": told}, lines)


@steps.add(
    "compare",
    PROGRAMME,
    OF_MODEL,
    NUMBER,
    argument("--all", action="store_true", help="also what is the same"),
    reads=True,
)
def compare(call: Call) -> Told:
    """Hold the programme against a version of its model: what is new there, what was adapted here."""
    found = compared(_adoption(call), call["number"])
    return Told(
        showing.comparison_document(found), [*showing.comparison_lines(found, everything=call["all"])]
    )


@steps.add(
    "take",
    PROGRAMME,
    PIECE,
    OF_MODEL,
    NUMBER,
    argument(
        "--field",
        dest="fields",
        action="append",
        default=[],
        metavar="FIELD",
        help="only this one of the changed fields",
    ),
    LANGUAGE,
    REASON,
)
def take(call: Call) -> Told:
    """Take one piece from a version of the model; what was adapted here and unchanged there stays."""
    with asking(call.by):
        found = _adoption(call)
    kept = adoptions.take(
        by=call.by,
        adoption_uuid=found.uuid,
        piece=piece_named(call["piece"]),
        number=call["number"],
        reason=call["reason"],
        fields=call["fields"],
        language=call["language"],
    )
    return Told(
        {"piece": call["piece"], "number": kept.number, "row": kept.row_uuid},
        [f"{call['piece']} is as in version {kept.number} of {found.model_key}."],
    )


@steps.add("leave-out", PROGRAMME, PIECE, OF_MODEL, NUMBER, REASON)
def leave_out(call: Call) -> Told:
    """Say that a piece, or what a version changed in it, is left out on purpose."""
    with asking(call.by):
        found = _adoption(call)
    kept = adoptions.leave_out(
        by=call.by,
        adoption_uuid=found.uuid,
        piece=piece_named(call["piece"]),
        number=call["number"],
        reason=call["reason"],
    )
    said = "stays as it is here" if kept.row_uuid else "is left out"
    return Told({"piece": call["piece"], "number": kept.number}, [f"{call['piece']} {said}."])


@steps.add("count", PROGRAMME, argument("counted", choices=("yes", "no")), OF_MODEL)
def count(call: Call) -> Told:
    """Say whether the programme's figures count, protected, in the model's aggregate."""
    with asking(call.by):
        found = _adoption(call)
    changed = adoptions.count(by=call.by, adoption_uuid=found.uuid, counted=call["counted"] == "yes")
    return Told(showing.adoption_document(changed), [showing.adoption_line(changed)])


@steps.add(
    "plan",
    PROGRAMME,
    OF_MODEL,
    argument("--receiver", required=True, metavar="SLUG", help="who takes the programme over"),
    argument(
        "--last-day",
        dest="last_day",
        required=True,
        type=day,
        metavar="DATE",
        help="when the last step is due",
    ),
    argument(
        "--retention", required=True, type=day, metavar="DATE", help="until when the giver reads and exports"
    ),
    argument("--title", default="", metavar="TEXT"),
    argument("--write", type=Path, metavar="FILE"),
    LANGUAGE,
    reads=True,
)
def plan(call: Call) -> Told:
    """Write the model's transfer milestones as a plan for `handover transfer draft`, to be changed by hand."""
    found = _adoption(call)
    receiver = organisation_named(call["receiver"])
    document = plan_document(
        found,
        title=call["title"]
        or f"Transfer of {best(found.programme.title, call['language'])} to {receiver.name}",
        receiver=receiver.slug,
        last_day=call["last_day"],
        retention_until=call["retention"],
        language=call["language"],
    )
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if call["write"] is None:
        return Told({"plan": document}, text.splitlines())
    write_whole(call["write"], f"{text}\n".encode())
    count_of = len(document["milestones"])
    line = (
        f"{count_of} transfer milestones are in {call['write']}: change it, then `handover transfer draft`."
    )
    return Told({"plan": document, "file": str(call["write"])}, [line])


@steps.add(
    "budget",
    PROGRAMME,
    OF_MODEL,
    argument("--write", type=Path, metavar="FILE", help="a CSV to fill in"),
    LANGUAGE,
    reads=True,
)
def budget(call: Call) -> Told:
    """Tell the shape of the model's budget: posts in full-time equivalents, other lines in units, without amounts."""
    rows = list(budget_shape(_adoption(call), language=call["language"]))
    lines = [*showing.budget_lines(rows)]
    if call["write"] is not None:
        write_whole(call["write"], showing.budget_csv(rows))
        lines = [f"{len(rows)} rows are in {call['write']}; prices and amounts are yours."]
    return Told({"budget": [row.as_json() for row in rows]}, lines)


@steps.add("uptake", MODEL, reads=True)
def uptake(call: Call) -> Told:
    """Tell how many adopted a model and how their indicators went: aggregates alone, small ones withheld."""
    model = catalogue.model_named(call["model"])
    rows = [row for holding in holdings.holdings() for row in holding.uptake(model.uuid)]
    titles = {
        str(row["key"]): title_of(row)
        for version in catalogue.versions(model)
        for row in version.document.get("indicators", ())
    }
    return Told({"model": model.key, "uptake": rows}, [*showing.uptake_lines(model, rows, titles)])


def _adoption(call: Call) -> Adoption:
    """Find the adoption that a step is about, inside ``asking``.

    Raises:
        NotFound, NotAllowed: as ``access.programme_for``.
        Invalid: the programme has none, or several and no model is named.
    """
    programme = access.programme_for(call.by, call["programme"], may=Permission.VIEW)
    rows = Adoption.objects.filter(programme=programme).select_related("programme").order_by("model_key")
    among = [row for row in rows if call["model"] in (None, row.model_key)]
    if len(among) == 1:
        return among[0]
    named = ", ".join(row.model_key for row in rows)
    if not among:
        has = f"; it has: {named}" if named else ""
        raise Invalid(
            "not_adopted", f"{programme.identifier} has no pieces of such a model{has}.", field="model"
        )
    raise Invalid(
        "ambiguous", f"{programme.identifier} has pieces of several models: {named}.", field="model"
    )
