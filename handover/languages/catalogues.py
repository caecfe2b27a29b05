"""The catalogues of Romanian and Lithuanian: every text that people read, extracted, compared and compiled.

Texts come from three places: marked calls in Python, marked texts in templates, and the English words of the
kernel itself (labels of choices, help sentences of its lists), which are collected here instead of being marked.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("handover", "interventions", "indicators")
FOLDER: Final = Path(__file__).parents[1] / "locale"
LANGUAGES: Final = {"ro": "ro_RO", "lt": "lt_LT"}
PLURALS: Final = {
    "ro": "nplurals=3; plural=(n==1?0:(((n%100>19)||((n%100==0)&&(n!=0)))?2:1));",
    "lt": "nplurals=4; plural=(n % 10 == 1 && (n % 100 > 19 || n % 100 < 11) ? 0 : (n % 10 >= 2 && n % 10 <= 9)"
    " && (n % 100 > 19 || n % 100 < 11) ? 1 : n % 1 != 0 ? 2 : 3);",
}
"""Rules as in CLDR, with the forms that Django's own catalogues have. The third form of Lithuanian is for fractions."""
KEYWORDS: Final[Mapping[str, Any]] = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "counted": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
TEXT: Final = r"""(?:u?"(?:[^"\\]|\\.)*"|u?'(?:[^'\\]|\\.)*')"""
MARKED: Final = re.compile(rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*({TEXT}(?:\s*,\s*{TEXT})*)")
OWN_WORDS: Final = ("help", "label")
"""What the members of the kernel's lists are explained by."""

Key = tuple[str | tuple[str, str], str | None]
"""A text, or its two forms; and its context."""


def path(language: str) -> Path:
    """Give the file of a language's catalogue."""
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def extract() -> dict[Key, set[str]]:
    """Give every text that people read, with the files in which it stands."""
    found: dict[Key, set[str]] = {}
    for key, where in (*_marked(), *_own()):
        found.setdefault(key, set()).add(where)
    return found


def update(language: str) -> Catalog:
    """Write a catalogue anew: what is there stays translated, what is new is empty, what has gone is dropped.

    Args:
        language: ``ro`` or ``lt``.
    """
    known = read(language)
    fresh = Catalog(
        locale=LANGUAGES[language],
        project="handover-toolkit",
        header_comment=f"# Texts of the handover toolkit: {language}.",
        charset="utf-8",
    )
    forms = int(PLURALS[language][len("nplurals=")])
    # Babel knows three forms of Lithuanian, Django and CLDR four.
    rules: Any = fresh
    rules._num_plurals, rules._plural_expr = forms, PLURALS[language].partition("plural=(")[2].rstrip(");")  # noqa: SLF001
    for (text, context), files in sorted(
        extract().items(), key=lambda item: (str(item[0][0]), item[0][1] or "")
    ):
        plural = isinstance(text, tuple)
        old = known.get(text[0] if isinstance(text, tuple) else text, context)
        said: Any = old.string if old is not None and bool(old.pluralizable) == plural else None
        whole = text if isinstance(text, tuple) else (text,)
        fresh.add(
            text,
            said or (("",) * forms if plural else ""),
            context=context,
            locations=[(name, 0) for name in sorted(files)],
            flags=["python-format"] if any(FORMATS.search(part) for part in whole) else [],
        )
    target = path(language)
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, fresh, width=0, include_lineno=False, omit_header=True)
    target.write_bytes(_header(language).encode() + b"\n" + buffer.getvalue())
    return fresh


FORMATS: Final = re.compile(r"%\(\w+\)[sd]")


def read(language: str) -> Catalog:
    """Read a catalogue; an empty one where there is none yet."""
    file = path(language)
    if not file.exists():
        return Catalog(locale=LANGUAGES[language])
    with file.open("rb") as stream:
        return read_po(stream, locale=LANGUAGES[language])


def untranslated(language: str) -> list[str]:
    """Name the texts that a catalogue lacks, or has unsure or incomplete."""
    known = read(language)
    missing = []
    for text, context in extract():
        entry = known.get(text[0] if isinstance(text, tuple) else text, context)
        said: Any = entry.string if entry is not None else None
        whole = said if isinstance(said, tuple) else (said,)
        if (
            entry is None
            or entry.fuzzy
            or not all(whole)
            or isinstance(text, tuple) != isinstance(said, tuple)
        ):
            missing.append(text[0] if isinstance(text, tuple) else text)
    return sorted(missing)


def compile_all() -> list[Path]:
    """Compile the catalogues, for gettext to read. What is up to date stays as it is."""
    written = []
    for language in LANGUAGES:
        source = path(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        buffer = io.BytesIO()
        catalogue = read(language)
        write_mo(buffer, catalogue)
        fresh = target.with_suffix(".mo.new")
        fresh.write_bytes(buffer.getvalue())
        fresh.replace(target)
        written.append(target)
    return written


def _header(language: str) -> str:
    lines = [
        f"# Texts of the handover toolkit: {language}.",
        'msgid ""',
        'msgstr ""',
        '"Project-Id-Version: handover-toolkit\\n"',
        f'"Language: {language}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Plural-Forms: {PLURALS[language]}\\n"',
        "",
    ]
    return "\n".join(lines)


def _marked() -> Iterator[tuple[Key, str]]:
    """Give the texts of marked calls, in Python and in templates."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in file.parts and "node_modules" not in file.parts:
                yield from _of_python(file)
        for file in sorted((ROOT / package).rglob("templates/**/*.*")):
            yield from _of_template(file)


def _of_python(file: Path) -> Iterator[tuple[Key, str]]:
    where = str(file.relative_to(ROOT))
    with file.open("rb") as stream:
        calls: Iterator[Any] = iter(extract_python(stream, dict.fromkeys(KEYWORDS), [], {}))
        for _, name, said, _ in calls:
            yield from _key(name, said if isinstance(said, tuple) else (said,), where)


def _of_template(file: Path) -> Iterator[tuple[Key, str]]:
    where = str(file.relative_to(ROOT))
    for match in MARKED.finditer(templatize(file.read_text("utf-8"), origin=where)):
        yield from _key(match[1], ast.literal_eval(f"({match[2]},)"), where)


def _key(name: str, said: tuple[Any, ...], where: str) -> Iterator[tuple[Key, str]]:
    if not said or not isinstance(said[0], str) or not said[0].strip():
        return
    context = said[0] if name in ("pgettext", "pgettext_lazy", "npgettext") else None
    texts = said[1:] if context is not None else said
    if name in ("ngettext", "ngettext_lazy", "npgettext", "counted"):
        yield ((texts[0], texts[1]), context), where
    else:
        yield (texts[0], context), where


def _own() -> Iterator[tuple[Key, str]]:
    """Give the English words of the kernel's lists: each member's label and help sentence."""
    for package in PACKAGES:
        for found in walk_packages([str(ROOT / package)], f"{package}."):
            parts = found.name.split(".")
            if {"migrations", "commands", "benchmarks"} & set(parts) or parts[-1].startswith("__"):
                continue
            if parts[-1] in ("asgi", "wsgi", "admin", "urls"):
                continue
            module = import_module(found.name)
            for thing in vars(module).values():
                if (
                    isinstance(thing, type)
                    and issubclass(thing, Enum)
                    and thing.__module__ == module.__name__
                ):
                    yield from _of_list(thing)


def _of_list(kind: type[Enum]) -> Iterator[tuple[Key, str]]:
    where = kind.__module__.replace(".", "/") + ".py"
    for member in kind:
        for name in OWN_WORDS:
            said = getattr(member, name, None)
            if said is not None and str(said).strip():
                yield (str(said), None), where
