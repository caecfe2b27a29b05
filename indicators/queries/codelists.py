"""Code lists: those that ship as data, each with its source and its mark, and an organisation's own."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from handover.errors import Invalid, NotFound
from handover.models import Organisation
from handover.narratives import Narrative
from indicators.models import OwnCode, OwnList

URN: Final = "urn:handover:codelist:"
"""What the addresses of the lists that ship, and of own lists without an address, begin with."""

REPORTING_ORGANISATION: Final = "99"
"""The code of IATI's vocabularies for a list that has no code there: its address is given beside it."""

URI_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"indicator": "indicator_uri", "result": "vocabulary_uri"}
)
"""Where a reference keeps the address of its list, by what it stands on."""


class Mark(StrEnum):
    """How far a list was checked against its source."""

    help: str

    def __new__(cls, value: str, text: str = "") -> Mark:
        """Make a member from its code name and its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.help = text
        return member

    VERIFIED = "verified", "read in the source itself"
    SECONDARY = "secondary", "taken from a text about the source"
    UNCONFIRMED = "unconfirmed", "general knowledge: check it against the source before you rely on it"
    OWN = "own", "brought along by the organisation itself"


@dataclass(frozen=True)
class Code:
    """One code: its titles by language, its group, and what else the list says of it."""

    code: str
    title: Mapping[str, str]
    group: str = ""
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    withdrawn: bool = False
    """No longer in the list: what names it stays, and nothing new may."""


@dataclass(frozen=True)
class CodeList:
    """A code list: where it stands, how far it was checked, and its codes in their order."""

    vocabulary: str
    title: Mapping[str, str]
    uri: str
    source: str
    mark: Mark
    codes: Mapping[str, Code]
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    valid_from: str = ""


Lists = Mapping[str, CodeList]


@dataclass(frozen=True)
class Found:
    """A code that a search found, and the list that it stands in."""

    vocabulary: str
    code: Code


@cache
def shipped() -> Lists:
    """Give the lists that ship, by vocabulary; read once."""
    files = resources.files("indicators.codelists").iterdir()
    read = (_read(file.read_text("utf-8")) for file in files if file.name.endswith(".json"))
    return MappingProxyType(
        {item.vocabulary: item for item in sorted(read, key=lambda item: item.vocabulary)}
    )


def own(organisation: Organisation) -> Lists:
    """Give an organisation's own lists, by vocabulary, as far as whoever asks may read them."""
    rows = OwnList.objects.filter(organisation=organisation).order_by("vocabulary").prefetch_related("codes")
    return MappingProxyType({row.vocabulary: _own_list(row, organisation) for row in rows})


def uri_of_own(organisation: Organisation, vocabulary: str) -> str:
    """Give the address of an own list: its vocabulary where that is one, else a name that no other list has."""
    return vocabulary if ":" in vocabulary else f"{URN}{organisation.uuid}:{vocabulary}"


def list_named(name: str, lists: Lists | None = None) -> CodeList:
    """Find a list by its vocabulary or by its address.

    Raises:
        NotFound: there is none.
    """
    found = _named(name, shipped() if lists is None else lists)
    if found is None:
        raise NotFound("code list")
    return found


def code(name: str, wanted: str, lists: Lists | None = None) -> Code:
    """Find a code of a list.

    Raises:
        NotFound: there is no such list.
        Invalid: the list has no such code.
    """
    within = list_named(name, lists)
    found = within.codes.get(wanted)
    if found is None:
        raise _unknown(within, wanted)
    return found


def title(name: str, wanted: str, lang: str = "en", lists: Lists | None = None) -> str:
    """Give a code's title as ``best_title`` chooses it, else the code.

    Raises:
        NotFound, Invalid: as ``code``.
    """
    return best_title(code(name, wanted, lists).title, lang) or wanted


def best_title(titles: Mapping[str, str], lang: str = "en") -> str:
    """Give a title in a language, else in the unnamed one, else in English, else the first; empty if there is none."""
    return titles.get(lang) or titles.get("") or titles.get("en") or next(iter(titles.values()), "")


def search(text: str, lists: Lists | None = None) -> list[Found]:
    """Find codes by words of their code or of a title in any language, whatever their case and accents."""
    words = _folded(text).split()
    return [
        Found(item.vocabulary, one)
        for item in (shipped() if lists is None else lists).values()
        for one in item.codes.values()
        if all(word in _searchable(one) for word in words)
    ]


def reference(name: str, wanted: str, lists: Lists | None = None, *, of: str = "indicator") -> dict[str, str]:
    """Write a reference to a code as an indicator or a result keeps it.

    Raises:
        NotFound, Invalid: as ``code``.
    """
    within = list_named(name, lists)
    found = code(name, wanted, lists)
    return {"vocabulary": REPORTING_ORGANISATION, "code": found.code, URI_OF[of]: within.uri}


def check(
    references: Iterable[Mapping[str, Any]],
    *,
    lists: Lists | None = None,
    before: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Check that every reference to a list that we know names a code that it has.

    References to other lists pass: nobody here knows what those hold. So do those that stood there before:
    a code that its list has withdrawn meanwhile stays.

    Raises:
        Invalid: ``unknown_code`` or ``withdrawn_code``; it names the list and the code.
    """
    known = shipped() if lists is None else lists
    for item in references:
        if item in before:
            continue
        uri = item.get("indicator_uri") or item.get("vocabulary_uri")
        within = _named(str(uri or item.get("vocabulary") or ""), known)
        if within is None:
            continue
        wanted = str(item.get("code") or "")
        found = within.codes.get(wanted)
        if found is None:
            raise _unknown(within, wanted)
        if found.withdrawn:
            raise Invalid(
                "withdrawn_code",
                f"{best_title(within.title)} no longer has the code “{wanted}”.",
                field="references",
                vocabulary=within.vocabulary,
                withdrawn=wanted,
            )


def _named(name: str, lists: Lists) -> CodeList | None:
    return lists.get(name) or next((item for item in lists.values() if item.uri == name), None)


def _unknown(within: CodeList, wanted: str) -> Invalid:
    return Invalid(
        "unknown_code",
        f"{best_title(within.title)} has no code “{wanted}”.",
        field="references",
        vocabulary=within.vocabulary,
        unknown=wanted,
    )


def _read(text: str) -> CodeList:
    document = json.loads(text)
    codes = [
        Code(
            code=row["code"],
            title=MappingProxyType(row["title"]),
            group=row.get("group", ""),
            facts=MappingProxyType(
                {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in row["facts"].items()}
                if "facts" in row
                else {}
            ),
        )
        for row in document["codes"]
    ]
    return CodeList(
        vocabulary=document["vocabulary"],
        title=MappingProxyType(document["title"]),
        uri=document["uri"],
        source=document["source"],
        mark=Mark(document["mark"]),
        codes=MappingProxyType({item.code: item for item in codes}),
        groups=MappingProxyType({key: MappingProxyType(item) for key, item in document["groups"].items()}),
        valid_from=document.get("valid_from", ""),
    )


def _own_list(row: OwnList, organisation: Organisation) -> CodeList:
    return CodeList(
        vocabulary=row.vocabulary,
        title=_by_language(row.title),
        uri=uri_of_own(organisation, row.vocabulary),
        source=row.source,
        mark=Mark.OWN,
        codes=MappingProxyType({item.code: _own_code(item) for item in row.codes.all()}),
    )


def _own_code(row: OwnCode) -> Code:
    return Code(code=row.code, title=_by_language(row.title), withdrawn=row.withdrawn)


def _by_language(texts: Sequence[Narrative]) -> Mapping[str, str]:
    return MappingProxyType({item["lang"] or "": item["text"] for item in reversed(texts)})


def _searchable(item: Code) -> str:
    return _folded(" ".join([item.code, *item.title.values()]))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))
