"""The reference pages say what the code says.

``python -m tests.contracts.test_docs`` writes the generated parts of the pages again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from handover.permissions import (
    CONTENT,
    HOLDER_ROLE,
    OWED_ROLE,
    STANDING_ROLE,
    WRITING,
    Permission,
    Role,
    StandingKind,
)
from tests.contracts.source import ROOT, dotted, modules

DOCS = ROOT / "docs"
PERMISSIONS = DOCS / "reference" / "permissions.md"
ERRORS = DOCS / "reference" / "errors.md"
SETTINGS = DOCS / "reference" / "settings.md"
REGENERATE = "write the page again: python -m tests.contracts.test_docs"

# --- permissions -------------------------------------------------------------------------------------------------


def permission_tables() -> dict[str, list[str]]:
    """Give the generated parts of the page on permissions, by name."""
    return {
        "permissions": _table(
            (
                "code",
                "what it lets a person do",
                "held on",
                "changes something",
                "never left without a holder",
            ),
            (
                (f"`{item.value}`", item.help, _held_on(item), _tick(item in WRITING), _tick(item in CONTENT))
                for item in Permission
            ),
        ),
        "roles": _table(("code", "role"), ((f"`{role.value}`", role.help) for role in Role)),
        "standings": _table(
            ("code", "standing", "may write, in the eyes of the database"),
            ((f"`{kind.value}`", kind.help, _tick(kind.writes)) for kind in StandingKind),
        ),
        **{f"standing-{kind.value}": _matrix(STANDING_ROLE[kind]) for kind in StandingKind},
        "holder": _matrix(HOLDER_ROLE),
        "owed": _matrix(OWED_ROLE),
    }


def _held_on(item: Permission) -> str:
    things = (("programme", item.on_programme), ("responsibility", item.on_responsibility))
    return " or ".join(name for name, held in things if held)


def _tick(yes: bool) -> str:
    return "yes" if yes else "–"


def _matrix(table: Mapping[Role, frozenset[Permission]]) -> list[str]:
    """Give a table of one line a permission that anybody has, one column a role that has any."""
    roles = [role for role in Role if table.get(role)]
    codes = [item for item in Permission if any(item in table[role] for role in roles)]
    rows = ((f"`{item.value}`", *(_tick(item in table[role]) for role in roles)) for item in codes)
    return _table(("permission", *(role.value.replace("_", " ") for role in roles)), rows)


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    cells = list(heading)
    lines = [cells, ["---"] * len(cells), *rows]
    return ["| " + " | ".join(row) + " |" for row in lines]


def test_the_page_on_permissions_is_what_the_code_says() -> None:
    page = parts_of(PERMISSIONS)
    assert page == permission_tables(), REGENERATE


# --- errors ------------------------------------------------------------------------------------------------------

RAISED: Mapping[str, tuple[str, int]] = {
    "DomainError": ("error", 0),
    "NotAllowed": ("not allowed", 0),
    "Invalid": ("invalid", 0),
    "Refused": ("refused", 0),
    "Broken": ("broken", 0),
    "Gate": ("gate", 0),
    "Finding": ("finding", 0),
    "Problem": ("invalid", 1),
    "_refuse": ("invalid", 2),
    "refuse": ("invalid", 1),
}
"""Calls that carry a code: which kind it is, and which argument the code is. The sentence follows the code."""

FIXED: Mapping[tuple[str, str], str] = {
    ("not_found", "not found"): "There is no such …, or it is not open to you.",
    ("stale_version", "stale"): "Somebody else changed this … in the meantime; read it again.",
}
"""Codes that their class carries itself."""

SAID: Mapping[str, str] = {"annex_unanswered": "Annex line “…” is not answered yet."}
"""Sentences that the source puts together."""


class Code(NamedTuple):
    """A stable code and the kind of refusal that carries it."""

    code: str
    kind: str


@cache
def codes() -> dict[Code, str]:
    """Collect every code of the source with the first sentence that goes with it. Dots stand for what is computed."""
    found = {Code(*key): sentence for key, sentence in FIXED.items()}
    for module in modules():
        for code, sentence in _raised(module.tree):
            found[code] = found.get(code) or sentence
    return found


def _raised(tree: ast.AST) -> Iterator[tuple[Code, str]]:
    assigned = (node for node in ast.walk(tree) if isinstance(node, ast.Assign))
    named = sorted(assigned, key=lambda node: node.lineno)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=args):
                kind, position = RAISED.get(dotted(func).rpartition(".")[2], ("", 0))
                if kind and len(args) > position:
                    told = [
                        *(_sentences(args[position + 1], named) if len(args) > position + 1 else ()),
                        "",
                        "",
                    ]
                    pairs = zip(_texts(args[position]), told, strict=False)
                    yield from (
                        (Code(code, kind), sentence) for code, sentence in pairs if CODE.fullmatch(code)
                    )
            case ast.Tuple(elts=[*_, code, said]):
                # A code that waits beside its sentence until it is raised.
                for text, sentence in zip(_texts(code), _texts(said), strict=False):
                    if _is_code(text) and re.search(r"\.'?$", sentence):
                        yield Code(text, "invalid"), _unquoted(sentence)
            case ast.IfExp(body=ast.Tuple(elts=[one, _]), orelse=ast.Tuple(elts=[other, _])):
                chosen = [text for item in (one, other) for text in _texts(item)]
                yield from ((Code(text, "gate"), SAID.get(text, "")) for text in chosen if _is_code(text))


def _sentences(node: ast.expr, named: list[ast.Assign]) -> list[str]:
    """Give the texts of a sentence, looking up the nearest assignment above where it has a name."""
    if isinstance(node, ast.Name):
        above = [item for item in named if item.lineno < node.lineno and node.id in map(dotted, item.targets)]
        return _texts(above[-1].value) if above else []
    return _texts(node)


def _texts(node: ast.expr) -> list[str]:
    """Give the texts that an expression can be; what is computed stands as dots."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(str(item.value) if isinstance(item, ast.Constant) else "…" for item in values)]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_texts(body), *_texts(orelse)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return ["".join([*_texts(left)[:1], *_texts(right)[:1]])]
    return []


def _unquoted(text: str) -> str:
    """Turn a sentence that SQL composes into one that people read."""
    if "'" not in text[:1] and "||" not in text:
        return text
    pieces = [piece.strip() for piece in text.split("||")]
    return "".join(piece[1:-1].replace("''", "'") if piece.startswith("'") else "…" for piece in pieces)


CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9…]+)*")


def _is_code(text: str) -> bool:
    """Tell whether a text can only be a code: one word alone may be anything."""
    return "_" in text and CODE.fullmatch(text) is not None


TITLES: Mapping[str, str] = {
    "not found": "Not found",
    "not allowed": "Not allowed",
    "invalid": "Invalid input",
    "refused": "Refused steps",
    "gate": "Gates",
    "stale": "Stale",
    "broken": "Broken invariants",
    "error": "Others",
    "finding": "Findings of verification",
}


def error_tables() -> dict[str, list[str]]:
    """Give the generated parts of the page on errors: one a kind."""
    every = codes()
    return {
        kind.replace(" ", "-"): _table(
            ("code", "what is said"),
            (
                (f"`{item.code}`", sentence.replace("|", "\\|"))
                for item, sentence in sorted(every.items())
                if item.kind == kind
            ),
        )
        for kind in TITLES
    }


@pytest.mark.parametrize("kind", TITLES)
def test_the_page_on_errors_has_every_code(kind: str) -> None:
    written = {line.split("|")[1] for line in parts_of(ERRORS).get(kind.replace(" ", "-"), [])[2:]}
    assert written == {f" `{item.code}` " for item in codes() if item.kind == kind}, REGENERATE


# --- settings ----------------------------------------------------------------------------------------------------

OF_OTHERS = frozenset({"DJANGO_SETTINGS_MODULE"})
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def variables() -> set[str]:
    """Collect the environment variables that the packages read: by name, or by a constant that holds one."""
    constants = {
        target.id: node.value.value
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    asked = [name for module in modules() for node in ast.walk(module.tree) for name in _asked(node)]
    found = {
        constants.get(name.id) if isinstance(name, ast.Name) else getattr(name, "value", None)
        for name in asked
    }
    return {name for name in found if isinstance(name, str) and VARIABLE.fullmatch(name)} - OF_OTHERS


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=func, args=[name, *_]) if dotted(func).endswith("environ.get"):
            yield name
        case ast.Subscript(value=value, slice=name) if dotted(value).endswith("environ"):
            yield name


def test_the_page_on_settings_has_every_variable() -> None:
    written = set(re.findall(r"^\| `([A-Z_0-9]+)` \|", SETTINGS.read_text("utf-8"), re.MULTILINE))
    assert written == variables()


# --- pages -------------------------------------------------------------------------------------------------------

FOLDERS = ("handover", "interventions", "indicators", "tests", "docs", "requirements")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """Give every page that a reader of the repository meets."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in LINK.findall(page.read_text("utf-8")):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in _anchors(there)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*plan*.*")), ids=lambda page: page.name)
def test_every_plan_that_a_page_shows_can_be_read(page: Path, tmp_path: Path) -> None:
    from handover.exchange.plan_documents import read_plan

    text = page.read_text("utf-8")
    shown = (
        re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if page.suffix == ".md" else [text]
    )
    for plan in shown:
        (tmp_path / "plan.json").write_text(plan, "utf-8")
        assert read_plan(tmp_path / "plan.json").milestones


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    named = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(index.read_text("utf-8"))}
    assert [page.name for page in DOCS.rglob("*.md") if page != index and page not in named] == []


# --- generated parts ---------------------------------------------------------------------------------------------

PART = re.compile(r"<!-- generated: ([\w-]+) -->\n(.*?)<!-- end -->", re.DOTALL)


def parts_of(page: Path) -> dict[str, list[str]]:
    """Give the generated parts of a page by name, each as its lines."""
    return {name: body.strip().splitlines() for name, body in PART.findall(page.read_text("utf-8"))}


def write(page: Path, parts: Mapping[str, list[str]]) -> None:
    """Write the generated parts of a page again; a part that the page does not have is not added."""
    text = page.read_text("utf-8")
    fresh = PART.sub(
        lambda found: "\n\n".join(
            [f"<!-- generated: {found[1]} -->", "\n".join(parts[found[1]]), "<!-- end -->"]
        ),
        text,
    )
    page.write_text(fresh, "utf-8")


if __name__ == "__main__":
    write(PERMISSIONS, permission_tables())
    write(ERRORS, error_tables())
