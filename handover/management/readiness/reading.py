"""Scores as people give them: typed one by one, or in a table with one line an item."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from handover.actions.readiness import Answer
from handover.errors import Invalid
from handover.narratives import best
from handover.queries.questionnaires import Questionnaire

LARGEST: Final = 1024 * 1024
"""Bytes of the largest table that is read."""
COLUMNS: Final = ("item", "score", "remark")
NOT_APPLICABLE: Final = ("-", "–", "n/a")
TYPED: Final = re.compile(r"([^=\s]+)=([^:]*)(?::(.*))?", re.DOTALL)


def answers(typed: Sequence[str], table: Path | None) -> list[Answer]:
    """Read answers from words like ``KEY=3`` or ``KEY=3:why`` and from a table.

    Raises:
        Invalid: nothing is given, a word or a line is malformed, or the table cannot be read.
    """
    found = [*(_typed(word) for word in typed), *(_of_table(table) if table else ())]
    if not found:
        raise Invalid("no_scores", "Give scores: KEY=N for each item, or --csv FILE.", field="scores")
    return found


def _typed(word: str) -> Answer:
    parts = TYPED.fullmatch(word)
    if parts is None:
        raise Invalid("not_a_score", f"“{word}” is no score: write KEY=N, or KEY=N:REMARK.", field="scores")
    item, step, remark = parts.groups()
    return Answer(item, step_of(step, item), remark or "")


def step_of(text: str, item: str) -> int | None:
    """Read a step; a hyphen where the item does not apply.

    Raises:
        Invalid: it is neither.
    """
    text = text.strip()
    if text.lower() in NOT_APPLICABLE:
        return None
    if not re.fullmatch(r"-?[0-9]{1,4}", text):
        raise Invalid(
            "not_a_score",
            f"Item “{item}”: “{text}” is no step: a whole number, or - where the item does not apply.",
            field=item,
        )
    return int(text)


def _of_table(path: Path) -> Iterator[Answer]:
    """Read a table; lines whose score is empty are not answered yet, and left out."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Invalid("file_too_large", f"{path} is too large: {LARGEST} bytes at most.", field="csv")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8", f"{path} is not UTF-8: save it as CSV UTF-8.", field="csv") from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ","
    )
    missing = [name for name in ("item", "score") if name not in (reader.fieldnames or ())]
    if missing:
        raise Invalid(
            "column_missing", f"{path} has no column {' and no column '.join(missing)}.", field="csv"
        )
    for row in reader:
        item, step = (row["item"] or "").strip(), (row["score"] or "").strip()
        if not item and not step:
            continue
        if not item:
            raise Invalid("not_a_score", f"{path}, line {reader.line_num}: there is no item.", field="csv")
        if step:
            yield Answer(item, step_of(step, item), (row.get("remark") or "").strip())


def form(questionnaire: Questionnaire, lang: str) -> bytes:
    """Write an empty form: a table with one line an item, to be filled in and read again."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow((*COLUMNS, "domain", "text", "scale"))
    steps = "; ".join(f"{step} {best(label, lang)}" for step, label in sorted(questionnaire.labels.items()))
    for domain in questionnaire.domains:
        for item in domain.items:
            writer.writerow((item.key, "", "", best(domain.title, lang), best(item.text, lang), steps))
    return out.getvalue().encode("utf-8-sig")
