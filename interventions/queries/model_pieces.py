"""A model's document as pieces: found by kind and key, left out without loose ends, adapted, compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any, Final, TypeAlias

from handover.canonical import decimal_text, digest
from handover.errors import Invalid
from interventions.models.catalogue import PieceKind
from interventions.queries.model_format import OF_PIECES, SECTIONS, key_of, narratives_of, referred

Row: TypeAlias = Mapping[str, Any]
Document: TypeAlias = Mapping[str, Any]
Piece: TypeAlias = tuple[PieceKind, str]
"""A piece by its kind and its key."""

KINDS: Final = {section: kind for kind, section in OF_PIECES.items()}
TEXTS: Final = frozenset({"title", "description"})
UNORDERED: Final = frozenset(
    {"needs", "prerequisites", "after", "also_in", "axes", "signs", "depends_on", "moves"}
)
AMOUNTS: Final = frozenset({"effort", "green_from", "amber_from", "fte", "quantity", "share"})
USUAL: Final[Mapping[tuple[str, str], object]] = {
    ("needs", "raised_by"): "both",
    ("interventions", "audience"): "all",
    ("responsibilities", "phase"): "phase_over",
    ("indicators", "counting_rule"): "none",
    ("milestones", "evidence_required"): True,
}
"""What a field holds where a row does not say it."""
STAND_IN: Final[Mapping[str, str]] = {
    "parent": "parent",
    "prerequisites": "prerequisites",
    "after": "after",
    "depends_on": "depends_on",
}
"""Fields where a piece that is left out is stood in for by what itself names there."""
NEVER_EMPTY: Final = frozenset({"level", "parts", "result"})


def piece_named(text: str) -> Piece:
    """Read ``need:food``.

    Raises:
        Invalid: it is not of that form, or of no kind that there is.
    """
    kind, _, key = text.partition(":")
    if kind not in PieceKind.values or not key:
        kinds = ", ".join(PieceKind.values)
        raise Invalid("unknown_piece", f"“{text}” names no piece: write KIND:KEY, the kinds are {kinds}.")
    return PieceKind(kind), key


def written(piece: Piece) -> str:
    """Write a piece as ``need:food``."""
    return f"{piece[0].value}:{piece[1]}"


def pieces(document: Document) -> dict[Piece, Row]:
    """Give a document's pieces in its order."""
    return {
        (kind, str(row["key"])): row
        for kind, section in OF_PIECES.items()
        for row in document.get(section, ())
    }


def piece_digest(row: Row) -> str:
    """Give the SHA-256 of a piece as a model has it."""
    return digest(row)


def of(document: Document, wanted: Iterable[Piece]) -> list[Piece]:
    """Give pieces that are there.

    Raises:
        Invalid: one is not.
    """
    there, asked = pieces(document), list(wanted)
    for piece in asked:
        if piece not in there:
            sentence = f"The model has no {piece[0].label} “{piece[1]}”."
            raise Invalid("unknown_piece", sentence, field=written(piece))
    return asked


def without(document: Document, left_out: Collection[Piece]) -> dict[str, Any]:
    """Give a document without some pieces, and without loose ends.

    What stood below a need that is left out goes under the one above it; what waited for it waits for what it waited
    for itself. Other references to it are dropped.

    Raises:
        Invalid: ``piece_needed``: a level on which a need stands, or a part of a calculated indicator.
    """
    gone: dict[str, set[str]] = {section: set() for section in SECTIONS}
    for kind, key in left_out:
        gone[OF_PIECES[kind]].add(key)
    made: dict[str, Any] = deepcopy(dict(document))
    for name, section in SECTIONS.items():
        every = {key_of(name, row): row for row in document.get(name, ())}
        kept = [row for row in made.get(name, ()) if key_of(name, row) not in gone[name]]
        for row in kept:
            for field, other in section.refers.items():
                if field in row:
                    _mend(row, name, field, gone[other], every)
        if name in made:
            made[name] = kept
    return made


def mended(document: Document, piece: Piece, missing: Collection[Piece]) -> dict[str, Any]:
    """Give one piece of a document without references to pieces that are missing where it goes.

    Raises:
        Invalid: ``piece_needed``, where it cannot be without one of them.
    """
    section = OF_PIECES[piece[0]]
    row: dict[str, Any] = deepcopy(dict(pieces(document)[piece]))
    for field, other in SECTIONS[section].refers.items():
        if field in row and other in KINDS:
            gone = {key for kind, key in missing if kind is KINDS[other]}
            every = {key_of(section, each): each for each in document.get(section, ())}
            _mend(row, section, field, gone, every)
    return row


def _mend(row: dict[str, Any], section: str, field: str, gone: set[str], every: Mapping[str, Row]) -> None:
    """Take what is gone out of one field of a row."""
    missing = [key for key in referred(row, field) if key in gone]
    if not missing:
        return
    if field in NEVER_EMPTY:
        raise Invalid(
            "piece_needed",
            f"“{missing[0]}” cannot be left out: {section}[{key_of(section, row)}] needs it as its {field}.",
            field=f"{section}[{key_of(section, row)}].{field}",
        )
    mended: list[str] = []
    for key in referred(row, field):
        stand_ins = _stand_ins(key, field, gone, every) if field in STAND_IN else []
        mended += [key] if key not in gone else stand_ins
    own = key_of(section, row)
    mended = [key for key in dict.fromkeys(mended) if key != own]
    if isinstance(row[field], list) and mended:
        row[field] = mended
    elif mended:
        row[field] = mended[0]
    else:
        del row[field]


def _stand_ins(key: str, field: str, gone: set[str], every: Mapping[str, Row]) -> list[str]:
    """Give the nearest rows that stand for one that is gone, along the same field."""
    found: list[str] = []
    seen: set[str] = set()
    pending = [key]
    while pending:
        here = pending.pop(0)
        if here in seen:
            continue
        seen.add(here)
        if here in gone:
            pending += referred(every.get(here, {}), field)
        else:
            found.append(here)
    return found


def changed(
    document: Document, changes: Mapping[Piece, Row], *, allow: Callable[[Piece], bool]
) -> dict[str, Any]:
    """Give a document in which rows say something else; ``null`` takes a field away.

    Raises:
        Invalid: ``unknown_piece``, or ``not_changeable`` for a piece that ``allow`` does not allow, or for its key.
    """
    of(document, changes)
    made: dict[str, Any] = deepcopy(dict(document))
    rows = pieces(made)
    for piece, said in changes.items():
        if not allow(piece) or "key" in said:
            what = "Its key" if "key" in said else piece[0].label.capitalize()
            raise Invalid(
                "not_changeable",
                f"{what} cannot be changed on the way: {written(piece)}.",
                field=written(piece),
            )
        row = rows[piece]
        assert isinstance(row, dict)  # noqa: S101  # deepcopy of what JSON gave
        row.update(said)
        for name in [name for name, value in row.items() if value is None]:
            del row[name]
    return made


def refuse_wrong(piece: Piece, said: Row) -> None:
    """Refuse values that no model holds, before anything is made of them.

    Raises:
        Invalid: ``document_invalid``, with every error and its path.
    """
    checks = SECTIONS[OF_PIECES[piece[0]]].fields
    errors = [
        {"path": f"{written(piece)}.{name}", "sentence": wrong}
        for name, value in said.items()
        if value is not None and name in checks and (wrong := checks[name](value))
    ]
    if errors:
        raise Invalid("document_invalid", f"{errors[0]['path']}: {errors[0]['sentence']}", errors=errors)


def renamed(document: Document, keys: Mapping[Piece, str]) -> dict[str, Any]:
    """Give a document in which pieces, and what refers to them, go by other keys."""
    new: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for (kind, key), wanted in keys.items():
        new[OF_PIECES[kind]][key] = wanted
    made: dict[str, Any] = deepcopy(dict(document))
    for name, section in SECTIONS.items():
        for row in made.get(name, ()):
            if name in KINDS:
                row["key"] = new[name].get(row["key"], row["key"])
            for field, other in section.refers.items():
                if field in row:
                    row[field] = _renamed(row[field], new[other])
    return made


def _renamed(value: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: keys.get(key, key) for name, key in value.items()}
    return [keys.get(key, key) for key in value] if isinstance(value, list) else keys.get(value, value)


def normal(section: str, row: Row) -> dict[str, Any]:
    """Give a row so that two that mean the same are equal: by field, without what says nothing."""
    made: dict[str, Any] = {}
    for name, value in row.items():
        if name == "key" or value in (None, "", [], {}, USUAL.get((section, name))):
            continue
        if name in TEXTS:
            made[name] = {item["lang"] or "": item["text"] for item in narratives_of(value)}
        elif name in UNORDERED and isinstance(value, list):
            made[name] = sorted(str(item) for item in value)
        elif name in AMOUNTS:
            made[name] = decimal_text(Decimal(value))
        else:
            made[name] = value
    return made


def differing(section: str, one: Row, other: Row) -> list[str]:
    """Name the fields in which two rows differ, in the format's order."""
    left, right = normal(section, one), normal(section, other)
    return [name for name in SECTIONS[section].fields if left.get(name) != right.get(name)]


def title_of(row: Row, lang: str = "en") -> str:
    """Give a row's title in a language, else in English, else the first."""
    texts: Sequence[Any] = narratives_of(row.get("title", ""))
    by_lang = {item["lang"] or "": item["text"] for item in texts}
    return by_lang.get(lang) or by_lang.get("en") or by_lang.get("") or next(iter(by_lang.values()), "")
