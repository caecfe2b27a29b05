"""What every command of the toolkit shares: who acts, one clear line when something is wrong, JSON for machines.

A command tells its result as a ``Told``: lines for people, one JSON document for machines (``--json``).
What goes wrong is one line on standard error, ``error: <sentence> [code]``, with unmet gates one a line below
it; with ``--json`` standard output carries ``{"error": {"code", "sentence", "details"}}`` besides.
What was done and deserves a second look is ``warning: <sentence> [code]`` on standard error, and ``"warnings"`` in the
document; the exit code stays what it is.
Exit codes: 0 done, 1 refused or something found, 2 used wrongly.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, ClassVar, Final, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, DataError, IntegrityError, ProgrammingError

from handover import notices
from handover.access import Actor, Operator, asking
from handover.canonical import plain
from handover.errors import DomainError, Invalid, NotAllowed
from handover.management.finding import actor_named
from handover.management.progress import progress
from handover.terminal import wants_colour, without_controls

USED_WRONGLY = 2


@dataclass(frozen=True)
class Told:
    """What a command has to tell: a document for machines, lines for people, and whether something was found wrong."""

    document: Mapping[str, Any]
    lines: Sequence[str] = ()
    found: str = ""
    """One sentence where the answer is bad news (findings): the exit code is then 1."""


class Found(DomainError):
    """The answer, already told, is bad news."""


@dataclass(frozen=True)
class Call:
    """One call of a command: its options, and who acts."""

    options: Mapping[str, Any]
    actor: Actor | None = None
    patience: Callable[[str], AbstractContextManager[None]] = field(default=lambda _: nullcontext())

    @property
    def by(self) -> Actor:
        """Give the person who acts.

        Raises:
            Invalid: the command was called without one.
        """
        if self.actor is None:
            raise Invalid("who_acts", "Say who acts: --as EMAIL.", field="as")
        return self.actor

    @property
    def operator(self) -> Operator:
        """Give whoever runs the installation."""
        return Operator(channel="cli")

    def __getitem__(self, name: str) -> Any:
        """Give an option."""
        return self.options[name]


class LineParser(CommandParser):
    """Says in one line what was typed wrongly, and where help is."""

    json = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Remember whether machines read the answer, should the rest not be understood."""
        self.json = "--json" in (sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        sentence = " ".join(f"{message.rstrip('.')}. Help: {self.prog} --help".split())
        refusal = Invalid("usage", sentence)
        if not self.called_from_command_line:
            raise CommandError(line_of(refusal), returncode=USED_WRONGLY)
        if self.json:
            self._print_message(
                json.dumps(error_document(refusal), ensure_ascii=False, indent=2) + "\n", sys.stdout
            )
        self.exit(USED_WRONGLY, line_of(refusal) + "\n")


class SpeakingCommand(BaseCommand):
    """A command that answers in lines or, with ``--json``, in one document. Subclasses implement ``answer``."""

    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Make the parser; Django names its class in passing, so it is changed afterwards."""
        parser = super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)
        parser.__class__ = LineParser
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--json``."""
        parser.add_argument("--json", action="store_true", help="tell it for machines, as one JSON document")

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Do it and give what there is to tell."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer, and tell the answer with what was noticed on the way."""
        with notices.collected() as heard:
            told = self.answer(options)
        for notice in heard:
            self.stderr.write(without_controls(f"warning: {notice.sentence} [{notice.code}]"))
        if options.get("json"):
            warnings = {"warnings": [notice.as_json() for notice in heard]} if heard else {}
            self.tell_machine({**told.document, **warnings})
        else:
            self.tell_people(told.lines)
        if told.found:
            raise Found("findings", told.found)

    def tell_people(self, lines: Iterable[str]) -> None:
        """Write lines; no control character of what somebody typed reaches the terminal."""
        for line in lines:
            self.stdout.write(without_controls(line, colours=wants_colour()))

    def tell_machine(self, document: Mapping[str, Any]) -> None:
        """Write one JSON document."""
        self.stdout.write(json.dumps(plain(document), ensure_ascii=False, indent=2))

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run, and turn whatever a person can cause into one line and an exit code."""
        try:
            output = super().execute(*args, **options)
            self.stdout.flush()
        except BrokenPipeError:
            # Whoever read has had enough; without this Python complains once more while it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except (DomainError, ValidationError, DatabaseError, OSError, UnicodeError) as error:
            refusal = translated(error)
            if refusal is None or options.get("traceback"):
                raise
            self._refuse(refusal, options)
        return output

    def _refuse(self, refusal: DomainError, options: Mapping[str, Any]) -> NoReturn:
        if options.get("json") and not isinstance(refusal, Found):
            self.tell_machine(error_document(refusal))
        code = USED_WRONGLY if refusal.code == "usage" else 1
        if not getattr(self, "_called_from_command_line", False):
            raise CommandError(line_of(refusal), returncode=code)
        self.stdout.flush()
        self.stderr.write(line_of(refusal))
        sys.exit(code)


class ActorCommand(SpeakingCommand):
    """A command in somebody's name: ``--as EMAIL`` and ``--for SLUG``. Subclasses implement ``act``."""

    actor_required: ClassVar[bool] = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who acts, for whom, and how it is told."""
        add_actor(parser)
        super().add_arguments(parser)

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Find the actor, then act."""
        return self.act(self.call(options, actor_required=self.actor_required))

    def call(self, options: Mapping[str, Any], *, actor_required: bool) -> Call:
        """Find who acts; nobody, where nobody is named and nobody need be.

        Raises:
            Invalid, NotAllowed: nobody, or a choice that must be made, or a person without a seat.
        """
        named = (options.get("email"), options.get("organisation"))
        actor = actor_named(*named) if any(named) or actor_required else None
        return Call(options, actor, self.patience)

    def patience(self, sentence: str) -> AbstractContextManager[None]:
        """Show on a terminal that something takes its time."""
        return progress(sentence, self.stderr)

    def act(self, call: Call) -> Told:
        """Do it and give what there is to tell."""
        raise NotImplementedError


def add_actor(parser: argparse.ArgumentParser) -> None:
    """Add ``--as`` and ``--for``."""
    parser.add_argument("--as", dest="email", metavar="EMAIL", help="whose name to act in")
    parser.add_argument(
        "--for",
        "--organisation",
        dest="organisation",
        metavar="SLUG",
        help="the organisation to act for; may be left out by a person with one seat",
    )


class Who(Enum):
    """Who takes a step."""

    PERSON = auto()
    OPERATOR = auto()
    EITHER = auto()


@dataclass(frozen=True)
class Argument:
    """An argument of a step, as argparse takes it."""

    names: tuple[str, ...]
    options: Mapping[str, Any]

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Let a parser take it."""
        parser.add_argument(*self.names, **self.options)


def argument(*names: str, **options: Any) -> Argument:
    """Describe an argument as ``ArgumentParser.add_argument`` takes it."""
    return Argument(names, options)


PROGRAMME: Final = argument("programme", metavar="PROGRAMME", help="UUID or identifier")
VERSION_READ: Final = argument(
    "--version-read",
    dest="read",
    type=int,
    metavar="N",
    help="the version that you read: refused if it was changed since",
)


@dataclass(frozen=True)
class Step:
    """One thing that a command can do: a subcommand. Its help is its function's docstring."""

    run: Callable[[Call], Told]
    arguments: tuple[Argument, ...]
    who: Who
    reads: bool


class Steps(dict[str, Step]):
    """The steps of a command, by name."""

    def add(
        self, name: str, *arguments: Argument, who: Who = Who.PERSON, reads: bool = False
    ) -> Callable[[Callable[[Call], Told]], Callable[[Call], Told]]:
        """Add a function as a step. ``reads``: it runs as a whole with the database knowing who asks."""

        def added(function: Callable[[Call], Told]) -> Callable[[Call], Told]:
            self[name] = Step(function, arguments, who, reads)
            return function

        return added


class StepsCommand(ActorCommand):
    """A command of several steps: ``handover COMMAND STEP …``."""

    steps: ClassVar[Steps]

    def add_arguments(self, parser: CommandParser) -> None:
        """Add a parser for each step."""
        choices = parser.add_subparsers(dest="step", metavar="STEP", parser_class=LineParser)
        for name, step in self.steps.items():
            text = " ".join((step.run.__doc__ or "").split())
            inner = choices.add_parser(name, help=text, description=text, allow_abbrev=False)
            for item in step.arguments:
                item.add_to(inner)
            if step.who is not Who.OPERATOR:
                add_actor(inner)
            inner.add_argument(
                "--json", action="store_true", help="tell it for machines, as one JSON document"
            )
            inner.add_argument(
                "--traceback", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
            )

    def answer(self, options: Mapping[str, Any]) -> Told:
        """Take the step that was named."""
        if options["step"] is None:
            raise Invalid("usage", f"Say which step: {', '.join(self.steps)}.")
        step = self.steps[options["step"]]
        call = self.call(options, actor_required=step.who is Who.PERSON)
        if step.reads and call.actor is not None:
            with asking(call.actor):
                return step.run(call)
        return step.run(call)


def line_of(refusal: DomainError) -> str:
    """Give the line, and one more for each gate or error that the refusal names."""
    lines = [f"error: {' '.join(refusal.sentence.split())} [{refusal.code}]"]
    lines += [f"  - {gate['sentence']} [{gate['code']}]" for gate in _listed(refusal, "gates")]
    lines += [f"  {item['path']}: {item['sentence']}" for item in _listed(refusal, "errors")]
    return without_controls("\n".join(lines))


def _listed(refusal: DomainError, name: str) -> Sequence[Mapping[str, str]]:
    found = refusal.details.get(name, ())
    return found if isinstance(found, list | tuple) else ()


def error_document(refusal: DomainError) -> dict[str, Any]:
    """Give a refusal for machines."""
    return {"error": {"code": refusal.code, "sentence": refusal.sentence, "details": plain(refusal.details)}}


def translated(error: Exception) -> DomainError | None:
    """Say as a refusal what a person can cause; ``None`` for what is a fault of the program or of its surroundings."""
    match error:
        case DomainError():
            return error
        case ValidationError():
            return _of_fields(error)
        case DataError():
            return Invalid("not_storable", f"The database cannot hold this: {_first_line(error)}.")
        case IntegrityError():
            return Invalid("contradicts", f"This contradicts what is there: {_first_line(error)}.")
        case ProgrammingError() if _sqlstate(error) in ("42P01", "42703", "42883"):
            return DomainError(
                "not_migrated",
                "The database does not have this version's tables: run `handover migrate` first.",
            )
        case ProgrammingError() if _sqlstate(error) == "42501":
            return NotAllowed("only_reads", "Your organisation only reads this.")
        case UnicodeError():
            return Invalid("not_utf8", "What you typed is not UTF-8.")
        case OSError() if error.filename:
            return Invalid("file_unusable", f"{error.filename}: {error.strerror or error}.")
    return None


def _of_fields(error: ValidationError) -> Invalid:
    if not hasattr(error, "error_dict"):
        return Invalid("invalid", " ".join(error.messages))
    errors = [
        {"path": name, "sentence": " ".join(messages)}
        for name, messages in sorted(error.message_dict.items())
    ]
    named = "; ".join(f"{item['path']}: {item['sentence']}" for item in errors)
    return Invalid("invalid", named, fields=errors)


def _sqlstate(error: Exception) -> str:
    return str(getattr(error.__cause__, "sqlstate", None) or "")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
