"""Models, comparisons and uptake as lines for people and documents for machines."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from handover.management.tables import table
from handover.terminal import cut, heading, wrapped
from interventions.models import AdoptedPiece, Adoption, InterventionModel, ModelVersion
from interventions.models.interventions import Field
from interventions.queries.catalogue import Listed, narrated
from interventions.queries.model_diff import Comparison, Difference, State
from interventions.queries.model_format import OF_PIECES
from interventions.queries.model_pieces import Piece, title_of, written
from interventions.queries.model_plans import BudgetRow

NARRATED: Final = ("context", "evidence", "conditions", "changes")
WITHHELD: Final = "c"


def model_document(model: InterventionModel, version: ModelVersion | None = None) -> dict[str, Any]:
    """Give a model for machines; with a version, that version whole."""
    told: dict[str, Any] = {
        "uuid": model.uuid,
        "key": model.key,
        "title": model.title,
        "summary": model.summary,
        "publisher": model.organisation.slug if model.organisation else None,
        "withdrawn_at": model.withdrawn_at,
    }
    if version is not None:
        told |= {"number": version.number, "licence": version.licence, "digest": version.digest}
        told |= {"published_at": version.published_at, **{name: getattr(version, name) for name in NARRATED}}
        told["document"] = version.document
    return told


def catalogue_lines(found: Sequence[Listed], lang: str) -> Iterator[str]:
    """Tell a list of models: key, version, publisher, title, fields."""
    if not found:
        yield "No model fits. `handover model install` puts those that ship into the catalogue."
    for item in found:
        gone = ", withdrawn" if item.model.withdrawn_at else ""
        yield f"{item.model.key}  version {item.version.number}, by {item.publisher}{gone}"
        yield from wrapped(narrated(item.model.title, lang), first="  ", indent=2)
        yield from wrapped(narrated(item.model.summary, lang), first="  ", indent=2)
        yield from wrapped(", ".join(Field(field).label for field in item.fields), first="  ", indent=2)


def version_lines(item: Listed, versions: Sequence[ModelVersion], lang: str) -> Iterator[str]:
    """Tell one version of a model: what it is, what it takes, and its pieces."""
    model, version = item.model, item.version
    yield f"{model.key}, version {version.number} of {len(versions)}: {narrated(model.title, lang)}"
    yield f"  by {item.publisher}; {version.licence}; published {version.published_at:%Y-%m-%d}"
    if model.withdrawn_at:
        yield f"  withdrawn {model.withdrawn_at:%Y-%m-%d}: nobody new adopts it"
    yield f"  SHA-256 {version.digest}"
    yield from wrapped(narrated(model.summary, lang), first="  ", indent=2)
    for name in NARRATED:
        if getattr(version, name):
            yield from heading(name.capitalize())
            yield from wrapped(narrated(getattr(version, name), lang), first="  ", indent=2)
    for kind, section in OF_PIECES.items():
        rows = version.document.get(section, [])
        if rows:
            yield from heading(f"{section.capitalize()} ({len(rows)})")
            yield from (cut(f"  {_head(kind.value, row, lang)}") for row in rows)


def _head(kind: str, row: Mapping[str, Any], lang: str) -> str:
    """Give a piece on one line: what names it in other steps, its title, and what it rests on."""
    told = [fact for fact in _facts(kind, row) if fact]
    return f"{kind}:{row['key']}  {title_of(row, lang)}" + (f" ({'; '.join(told)})" if told else "")


def _facts(kind: str, row: Mapping[str, Any]) -> list[str]:
    match kind:
        case "need":
            return [row["level"], f"severity {row['severity']}/5", *_after("after", row, "prerequisites")]
        case "intervention":
            return [Field(row["field"]).label, *_after("after", row, "after")]
        case "indicator":
            return [row.get("unit", ""), row.get("frequency", "")]
        case "responsibility":
            return [row["kind"]]
        case "milestone":
            return [f"{row['days']} days", ", ".join(row["signs"])]
        case "budget":
            return [_shape(row)]
        case _:
            return []


def _after(word: str, row: Mapping[str, Any], field: str) -> list[str]:
    return [f"{word} {', '.join(row[field])}"] if row.get(field) else []


def _shape(row: Mapping[str, Any]) -> str:
    amount = (
        f"{row['fte']} FTE" if row.get("fte") else f"{row.get('quantity', '')} {row.get('unit', '')}".strip()
    )
    share = f"{row['share']} % of all lines" if row.get("share") else ""
    return "; ".join(
        text for text in (f"{amount} a {row['per']}" if row.get("per") else amount, share) if text
    )


def adoption_line(adoption: Adoption) -> str:
    """Tell from which model a programme was made."""
    counted = (
        "its figures count in the model's aggregate" if adoption.counted else "its figures are not counted"
    )
    return (
        f"{adoption.programme.identifier} was made from {adoption.model_key}, version {adoption.number}, "
        f"on {adoption.adopted_at:%Y-%m-%d}; {counted}."
    )


def adoption_document(found: Adoption) -> dict[str, Any]:
    """Give an adoption for machines."""
    return {
        "adoption": found.uuid,
        "programme": {"uuid": found.programme.uuid, "identifier": found.programme.identifier},
        "model": found.model_key,
        "number": found.number,
        "counted": found.counted,
    }


def counted(taken: Mapping[Piece, AdoptedPiece]) -> str:
    """Tell how many pieces of each kind were taken."""
    counts = Counter(OF_PIECES[piece[0]] for piece, row in taken.items() if row.row_uuid is not None)
    words = {"budget": "posts and budget lines", "milestones": "transfer milestones"}
    return ", ".join(f"{number} {words.get(section, section)}" for section, number in counts.items())


def comparison_lines(found: Comparison, *, everything: bool) -> Iterator[str]:
    """Tell what a version has that is not here, field by field, and what was adapted here."""
    counts = {state: len(found.of(state)) for state in State}
    said = ", ".join(f"{count} {state.value.replace('_', ' ')}" for state, count in counts.items() if count)
    yield f"{found.adoption.model_key}, version {found.number}, against {found.adoption.programme.identifier}: {said}"
    for state in (State.NEW, State.CHANGED, State.GONE, State.LEFT_OUT):
        rows = found.of(state)
        if rows:
            yield from heading(state.help.capitalize())
            for item in rows:
                yield from _difference(item)
    adapted = [item for item in found.pieces if item.adapted and item.state is State.SAME]
    if adapted:
        yield from heading("Adapted here, unchanged in the model")
        yield from (
            cut(f"  {written(item.piece)}  {item.title}: {', '.join(item.adapted)}") for item in adapted
        )
    if everything and found.of(State.SAME):
        yield from heading("As taken")
        yield from (
            cut(f"  {written(item.piece)}  {item.title}") for item in found.of(State.SAME) if not item.adapted
        )


def _difference(item: Difference) -> Iterator[str]:
    yield cut(f"  {written(item.piece)}  {item.title}")
    for change in item.fields:
        yield from wrapped(
            f"{change.name}: {_short(change.before)} → {_short(change.after)}", first="    ", indent=6
        )
        if change.name in item.adapted:
            yield from wrapped(f"here: {_short(change.here)}", first="      ", indent=8)
    others = [name for name in item.adapted if name not in {change.name for change in item.fields}]
    if others:
        yield f"    adapted here: {', '.join(others)}"


def _short(value: Any) -> str:
    match value:
        case None:
            return "–"
        case Mapping() if all(isinstance(item, str) for item in value.values()):
            return "“" + str(value.get("en") or next(iter(value.values()), "")) + "”"
        case str():
            return f"“{value}”"
        case list():
            return ", ".join(_short(item).strip("“”") for item in value) or "–"
        case _:
            return json.dumps(value, ensure_ascii=False)


def comparison_document(found: Comparison) -> dict[str, Any]:
    """Give a comparison for machines."""
    return {
        "model": found.adoption.model_key,
        "number": found.number,
        "programme": found.adoption.programme.identifier,
        "pieces": [
            {
                "piece": written(item.piece),
                "title": item.title,
                "state": item.state.value,
                "taken_from": item.taken_from,
                "row": item.row,
                "fields": [
                    {"name": change.name, "before": change.before, "after": change.after, "here": change.here}
                    for change in item.fields
                ],
                "adapted": list(item.adapted),
            }
            for item in found.pieces
        ],
    }


def uptake_lines(
    model: InterventionModel, rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> Iterator[str]:
    """Tell who adopted a model, and how their indicators went."""
    whole = next((row for row in rows if row["key"] == ""), None)
    if whole is None:
        yield "Nothing here counts who adopted a model."
        return
    count = whole["organisations"]
    said = f"1 to {whole['bound']} (withheld)" if count == WITHHELD else str(count)
    yield f"{model.key}: adopted by {said} {'organisation' if count == 1 else 'organisations'} that let it be counted."
    told = [
        (row["key"], row["reporting"], row["forward"], _median(row), titles.get(row["key"], ""))
        for row in rows
        if row["key"]
    ]
    if told:
        heads = ("INDICATOR", "REPORT IT", "CAME FORWARD", "MEDIAN OF THE WAY", "TITLE")
        yield from table(heads, told, empty="")
    yield from wrapped(
        f"{WITHHELD}: withheld, because a count of 1 to {whole['bound']} organisations stands behind it or could be "
        "worked out from it. The median is in steps of 5 per cent of the way from baseline to target."
    )


def _median(row: Mapping[str, Any]) -> str:
    return WITHHELD if row["median"] == WITHHELD else f"{row['median']} %"


def budget_lines(rows: Sequence[BudgetRow]) -> Iterator[str]:
    """Tell the budget's shape as a table."""
    told = [
        (
            row.key,
            f"{row.fte} FTE" if row.fte else f"{row.quantity} {row.unit}".strip(),
            row.per,
            row.responsibility,
            row.title,
        )
        for row in rows
    ]
    yield from table(
        ("PIECE", "HOW MUCH", "PER", "RESPONSIBILITY", "TITLE"), told, empty="The model has no budget shape."
    )


def budget_csv(rows: Iterable[BudgetRow]) -> bytes:
    """Write the budget's shape as a sheet to fill in: unit price and amount are empty."""
    stream = io.StringIO()
    names = list(BudgetRow.__dataclass_fields__)
    writer = csv.writer(stream)
    writer.writerow([*names, "unit_price", "amount", "currency", "source", "year"])
    for row in rows:
        writer.writerow([*(_guarded(getattr(row, name)) for name in names), "", "", "", "", ""])
    return stream.getvalue().encode("utf-8-sig")


def _guarded(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
