"""The packages' own source, parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("handover", "interventions", "indicators")


@dataclass(frozen=True)
class Module:
    """A module of the packages: its dotted name, where it is, and its tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def is_migration(self) -> bool:
        return ".migrations." in self.name


@cache
def modules() -> tuple[Module, ...]:
    """Parse every module of the three packages."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(parsed(path) for path in files if "node_modules" not in path.parts)


def parsed(path: Path) -> Module:
    """Parse one module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name=name, path=path, tree=ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Give the dotted name and the line of every call whose target is a plain name or attribute chain."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name:
                yield name, node.lineno


def mentions(tree: ast.AST, name: str) -> list[int]:
    """Give the lines where a name is used, imported (under any alias) or reached as an attribute."""
    return _names(tree).get(name, [])


@cache
def _names(tree: ast.AST) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.setdefault(name, []).append(node.lineno)
            case ast.ImportFrom(names=names):
                for item in names:
                    found.setdefault(item.name, []).append(node.lineno)
    return found


def dotted(node: ast.expr) -> str:
    """Give ``a.b.c`` for an attribute chain, the bare name for a name, nothing for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            before = dotted(value)
            return f"{before}.{attr}" if before else attr
    return ""


def imports(tree: ast.AST, *, typing_too: bool = True) -> Iterator[tuple[str, int]]:
    """Give every imported module (and ``module.name`` for from-imports) with its line.

    ``typing_too=False`` leaves out what stands under ``if TYPE_CHECKING``.
    """
    skipped: set[int] = set()
    if not typing_too:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and dotted(node.test).rpartition(".")[2] == "TYPE_CHECKING":
                skipped.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((item.name, node.lineno) for item in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno
            yield from ((f"{node.module}.{item.name}", node.lineno) for item in node.names)
