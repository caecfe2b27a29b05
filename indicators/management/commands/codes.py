"""`handover codes [VOCABULARY]`: the code lists, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from handover.access import asking
from handover.management.base import ActorCommand, Call, Told
from handover.management.tables import table
from indicators.queries import codelists
from indicators.queries.codelists import Code, CodeList, Lists


class Command(ActorCommand):
    help = (
        "List the code lists that ship with the toolkit and, with --as, your organisation's own; with VOCABULARY the "
        "codes of one list; with --search the codes whose code or title has these words in any language."
    )
    actor_required: ClassVar[bool] = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("vocabulary", nargs="?", metavar="VOCABULARY", help="the list's name or address")
        parser.add_argument("--search", metavar="WORDS", help="only what has these words")
        parser.add_argument("--language", default="en", metavar="LANG", help="of the titles: en, ro, lt …")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        lists = self.lists(call)
        if call["vocabulary"]:
            found = codelists.list_named(call["vocabulary"], lists)
            lists = {found.vocabulary: found}
        elif call["search"] is None:
            return told_lists(lists.values(), call["language"])
        hits = codelists.search(call["search"] or "", lists)
        document = {
            "lists": [document_of(lists[name]) for name in dict.fromkeys(hit.vocabulary for hit in hits)],
            "codes": [{"vocabulary": hit.vocabulary, **code_document(hit.code)} for hit in hits],
        }
        rows = [(hit.vocabulary, hit.code.code, shown(hit.code, call["language"])) for hit in hits]
        heads = [sourced(item) for item in lists.values()] if call["vocabulary"] else []
        return Told(
            document, [*heads, *table(("LIST", "CODE", "TITLE"), rows, empty="No code has these words.")]
        )

    def lists(self, call: Call) -> Lists:
        """Give the lists that ship and, where somebody asks, their organisation's own."""
        if call.actor is None:
            return codelists.shipped()
        with asking(call.actor):
            return {**codelists.shipped(), **codelists.own(call.actor.organisation)}


def told_lists(lists: Iterable[CodeList], lang: str) -> Told:
    """Tell which lists there are."""
    every = list(lists)
    rows = [
        (item.vocabulary, len(item.codes), item.mark.value, codelists.best_title(item.title, lang))
        for item in every
    ]
    return Told(
        {"lists": [document_of(item) for item in every]},
        [*table(("LIST", "CODES", "MARK", "TITLE"), rows, empty="There are no code lists.")],
    )


def sourced(item: CodeList) -> str:
    """Say where a list stands and how far it was checked."""
    return f"Source: {item.source} [{item.mark.value}: {item.mark.help}]"


def shown(item: Code, lang: str) -> str:
    """Give a code's title, and whether it is withdrawn."""
    return f"{codelists.best_title(item.title, lang)}{' (withdrawn)' if item.withdrawn else ''}"


def document_of(item: CodeList) -> dict[str, Any]:
    """Give a list for machines, without its codes."""
    return {
        "vocabulary": item.vocabulary,
        "uri": item.uri,
        "title": dict(item.title),
        "source": item.source,
        "mark": item.mark.value,
        "codes": len(item.codes),
    }


def code_document(item: Code) -> dict[str, Any]:
    """Give a code for machines."""
    return {
        "code": item.code,
        "title": dict(item.title),
        "group": item.group,
        "withdrawn": item.withdrawn,
        "facts": dict(item.facts),
    }
