"""`handover import_codes FILE`: a code list of an organisation's own, out of a CSV file."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import CommandParser

from handover.errors import Invalid
from handover.management.base import ActorCommand, Call, Told
from handover.management.commands.import_places import lines_of
from handover.management.finding import narrative
from indicators.actions import codelists


class Command(ActorCommand):
    help = (
        "Bring in a code list of your own organisation from a UTF-8 CSV file with the columns code and title, and "
        "where you have them title_ro, title_lt and the like; or put it in place of the list of that name. Codes "
        "that are no longer in it are withdrawn, never deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--vocabulary", required=True, metavar="NAME", help="an address (https:…, urn:…) or a short name"
        )
        parser.add_argument(
            "--title",
            required=True,
            action="append",
            type=narrative,
            metavar="[LANG=]TEXT",
            help="what the list is called; may be repeated, once a language",
        )
        parser.add_argument("--source", required=True, metavar="TEXT", help="where it stands")
        super().add_arguments(parser)

    def act(self, call: Call) -> Told:
        file: Path = call["file"]
        languages = [lang or "" for lang, _ in call["title"]]
        if len(set(languages)) < len(languages):
            raise Invalid("repeated_language", "Two titles are in the same language.", field="title")
        with call.patience(f"Importing {file.name}"):
            done = codelists.import_list(
                by=call.by,
                vocabulary=call["vocabulary"],
                title=[{"lang": lang, "text": text} for lang, text in call["title"]],
                source=call["source"],
                rows=codelists.rows_of(lines_of(file), file.name),
            )
        counts = {
            "new": done.new,
            "changed": done.changed,
            "same": done.same,
            "withdrawn": done.withdrawn,
        }
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        return Told(
            {"uuid": done.own_list.uuid, "vocabulary": done.own_list.vocabulary, **counts},
            [f"{done.own_list.vocabulary}: {said}."],
        )
