"""Reading IATI 2.03 files that strangers wrote.

The file is read as a stream, activity by activity. A document type declaration is refused before the parser
proper sees the file, so no entity is ever declared, let alone expanded or fetched. Every refusal is
``Invalid`` with a code, the file, the line and the reason.
"""

from __future__ import annotations

import os
import stat
import xml.parsers.expat as expat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeAlias, TypeVar, cast

from lxml import etree

from handover.errors import Invalid
from indicators.exchange.iati import lines, tree
from indicators.exchange.iati.tree import ACTIVITY, ROOT, Activity, Envelope, Extra, Node, Part

MAX_BYTES = 100 * 1024 * 1024
MAX_IDENTIFIER = 200
MAX_NAMESPACES = 1_000
CHUNK = 64 * 1024

N = TypeVar("N", bound=Node)
Element: TypeAlias = etree._Element  # noqa: SLF001  lxml has no public name for it


def read(path: Path) -> Iterator[Activity]:
    """Read a file's activities one by one.

    Later activities may still be refused when earlier ones are out already: consume it inside the
    transaction that stores them.

    Raises:
        Invalid: ``unreadable_file``, ``file_too_large``, ``doctype_refused``, ``malformed_xml``,
            ``not_iati``, ``wrong_version``, ``too_many_namespaces``, ``missing_identifier``, ``invalid_identifier``,
            ``duplicate_identifier``, ``missing_title``, ``invalid_date`` or ``no_activity``; details
            ``file``, ``line`` (the first is 1; ``None``: the whole file) and ``reason``.
    """
    with _opened(path) as file:
        reader = _Reader(path.name, path)
        reader.look_at_the_prolog(file)
        file.seek(0)
        yield from reader.activities(file)


def parse(text: str, kind: type[N]) -> N:
    """Read one element again that was kept as XML text."""
    return _Reader("kept").node(elements_of((text,))[0], kind)


def elements_of(texts: Iterable[str]) -> list[Element]:
    """Parse kept XML texts again, each with the text that follows it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found: list[Element] = []
    for text in texts:
        found.extend(etree.fromstring(f"<kept>{text}</kept>", parser))
    return found


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file of a bearable size; what is asked is asked of the open file."""
    try:
        file = path.open("rb")
    except OSError as error:
        _refuse(path.name, None, "unreadable_file", f"cannot be opened: {error.strerror or error}")
    with file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            _refuse(path.name, None, "unreadable_file", "is not a regular file")
        if found.st_size > MAX_BYTES:
            size, limit = _megabytes(found.st_size), _megabytes(MAX_BYTES)
            _refuse(path.name, None, "file_too_large", f"has {size}, more than {limit}; split it by activity")
        yield file


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):.0f} MB"


def _refuse(file: str, line: int | None, code: str, reason: str) -> NoReturn:
    where = f"{file}, line {line}" if line else file
    raise Invalid(code, f"{where}: {reason}.", file=file, line=line, reason=reason)


class _Enough(Exception):
    """The root element begins: there is no more prolog."""


class _Reader:
    """Reads one file; knows its name for the refusals."""

    def __init__(self, file: str, path: Path | None = None) -> None:
        self.file = file
        self.path = path
        self.number = 0
        self.starts: list[int] = []
        self.seen: dict[str, int] = {}
        self.envelope = Envelope()
        self.namespaces: dict[str, str] = {}
        self.declarations: set[tuple[str, str]] = set()

    def refuse(self, line: int | None, code: str, reason: str) -> NoReturn:
        _refuse(self.file, line, code, reason)

    def line(self, element: Element) -> int:
        """Give an element's line; beyond what the parser counts, the file is read again to find it."""
        line = cast("int | None", element.sourceline) or 1
        if line < lines.UNCOUNTED or self.path is None:
            return line
        above = [element, *element.iterancestors(ACTIVITY)][-1]
        place = next(at for at, item in enumerate(above.iter("*")) if item is element)
        return lines.element_line(self.path, self.number, place)

    def activity_line(self, element: Element) -> int:
        """Give an activity's line; beyond what the parser counts, all are looked up once."""
        line = cast("int | None", element.sourceline) or 1
        if line < lines.UNCOUNTED or self.path is None:
            return line
        self.starts = self.starts or lines.activity_lines(self.path)
        return self.starts[self.number] if self.number < len(self.starts) else line

    # --- before the parser ------------------------------------------------------------------------

    def look_at_the_prolog(self, file: BinaryIO) -> None:
        """Refuse a DOCTYPE, another root and another version, from the first bytes alone."""
        parser = expat.ParserCreate()
        parser.buffer_text = False

        def doctype(*_: object) -> None:
            self.refuse(
                parser.CurrentLineNumber,
                "doctype_refused",
                "a document type declaration (DOCTYPE), and with it entities, is not accepted",
            )

        def root(name: str, attributes: dict[str, str]) -> None:
            self.check_root(parser.CurrentLineNumber, name, attributes.get("version"))
            raise _Enough

        parser.StartDoctypeDeclHandler = doctype
        parser.StartElementHandler = root
        try:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except _Enough:
            return
        except expat.ExpatError as error:
            self.refuse(
                error.lineno, "malformed_xml", f"is not well-formed XML: {expat.ErrorString(error.code)}"
            )
        except (ValueError, LookupError) as error:
            self.refuse(1, "malformed_xml", f"its encoding cannot be read: {error}")

    def check_root(self, line: int, name: str, version: str | None) -> None:
        """Refuse anything but ``iati-activities`` in version 2.03."""
        if name != ROOT:
            self.refuse(line, "not_iati", f"the root element is <{_short(name)}>, not <{ROOT}>")
        if version != tree.VERSION:
            said = f"version {_short(version)}" if version else "no version"
            self.refuse(line, "wrong_version", f"the file states {said}; only IATI {tree.VERSION} is read")

    # --- the file ---------------------------------------------------------------------------------

    def activities(self, file: BinaryIO) -> Iterator[Activity]:
        """Give the activities; the last one carries the extension elements of the root."""
        held: Activity | None = None
        for activity in self.stream(file):
            if held is not None:
                yield held
            held = activity
        if held is None:
            self.refuse(None, "no_activity", "there is no activity in it")
        yield replace(held, envelope=self.around())

    def stream(self, file: BinaryIO) -> Iterator[Activity]:
        """Parse as the file is read, and let go of each activity once it is read."""
        parser = etree.XMLPullParser(
            events=("start-ns", "start", "end"),
            tag=(ROOT, ACTIVITY),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        while chunk := file.read(CHUNK):
            self.feed(parser, chunk)
            yield from self.finished(parser)
        self.feed(parser, b"")
        yield from self.finished(parser)

    def feed(self, parser: etree.XMLPullParser, chunk: bytes) -> None:
        """Feed the parser, or close it with the empty chunk. It does not raise all that it logs: the log decides."""
        try:
            if chunk:
                parser.feed(chunk)
            else:
                parser.close()
            line, said = 1, ""
        except etree.XMLSyntaxError as error:
            line, said = error.lineno or 1, error.msg
        for entry in parser.feed_error_log:
            if entry.level > etree.ErrorLevels.WARNING:
                self.refuse(entry.line, "malformed_xml", f"is not well-formed XML: {_short(entry.message)}")
        if said:
            self.refuse(line, "malformed_xml", f"is not well-formed XML: {_short(said)}")

    def finished(self, parser: etree.XMLPullParser) -> Iterator[Activity]:
        """Give the activities that the parser has finished, and take note of the root."""
        for event, found in parser.read_events():
            if event == "start-ns":
                self.declared(*cast("tuple[str, str]", found))
                continue
            element = cast("Element", found)
            parent = element.getparent()
            if parent is None and event == "start":
                self.envelope = replace(self.envelope, attributes=_pairs(element))
            elif parent is None:
                kept = tuple(_xml(child) for child in element.iterchildren() if child.tag != ACTIVITY)
                self.envelope = replace(self.envelope, elements=kept)
            elif event == "end" and element.tag == ACTIVITY and parent.getparent() is None:
                yield self.activity(element)
                self.number += 1
                # The parser may be in the middle of the text after this element: only what lies before it goes.
                element.clear(keep_tail=True)  # type: ignore[call-arg]  # younger than the stubs
                for before in list(element.itersiblings(ACTIVITY, preceding=True)):
                    parent.remove(before)

    def declared(self, prefix: str, uri: str) -> None:
        """Remember a prefix, wherever it is declared first: values of attributes may rest on it."""
        self.declarations.add((prefix, uri))
        if len(self.declarations) > MAX_NAMESPACES:
            self.refuse(
                None,
                "too_many_namespaces",
                f"it declares more than {MAX_NAMESPACES:,} different XML namespaces or prefixes",
            )
        if prefix:
            self.namespaces.setdefault(prefix, uri)

    def around(self) -> Envelope:
        """Give what stands around the activities so far; activities between two declarations share one copy."""
        if len(self.namespaces) != len(self.envelope.namespaces):
            self.envelope = replace(self.envelope, namespaces=dict(self.namespaces))
        return self.envelope

    def activity(self, element: Element) -> Activity:
        """Read one activity."""
        if next(element.iter(etree.Entity), None) is not None:
            self.refuse(self.line(element), "doctype_refused", "entities are not accepted")
        line = self.activity_line(element)
        identifier = self.identifier(element, line)
        titles = element.findall("title")
        title = self.node(titles[0], tree.Text) if titles else tree.Text()
        if not any(narrative.text.strip() for narrative in title.narratives):
            self.refuse(line, "missing_title", f"activity {identifier} has no title")
        described = element.find("description")
        starts_on, ends_on = self.dates(element)
        return Activity(
            identifier=identifier,
            title=title,
            description=self.node(described, tree.Text) if described is not None else None,
            starts_on=starts_on,
            ends_on=ends_on,
            attributes=_pairs(element),
            parts=tuple(Part(str(child.tag), _xml(child)) for child in element if child.tag != "result"),
            results=tuple(self.node(child, tree.Result) for child in element.iterchildren("result")),
            envelope=self.around(),
            line=line,
        )

    def identifier(self, element: Element, line: int) -> str:
        """Read the identifier, which is the programme's for ever."""
        found = element.findall("iati-identifier")
        text = "".join(str(text) for text in found[0].itertext()).strip() if found else ""
        if not text:
            self.refuse(line, "missing_identifier", "an activity has no iati-identifier")
        if len(found) > 1:
            self.refuse(
                self.line(found[1]),
                "duplicate_identifier",
                f"activity {_short(text)} states two iati-identifiers",
            )
        if len(text) > MAX_IDENTIFIER:
            self.refuse(
                self.line(found[0]),
                "invalid_identifier",
                f"an iati-identifier has more than {MAX_IDENTIFIER} characters",
            )
        if text in self.seen:
            self.refuse(
                self.line(found[0]),
                "duplicate_identifier",
                f"the iati-identifier {_short(text)} stands in line {self.seen[text]} already",
            )
        self.seen[text] = line
        return text

    def dates(self, element: Element) -> tuple[str | None, str | None]:
        """Give start and end as ISO dates: actual, else planned (code list ActivityDateType)."""
        found: dict[str, str] = {}
        for item in element.iterchildren("activity-date"):
            date = tree.calendar_date(item.get("iso-date"))
            if date is None:
                self.bad_date(item)
            found.setdefault(item.get("type", ""), date.isoformat())
        start, end = found.get("2") or found.get("1"), found.get("4") or found.get("3")
        # Real publications put the planned end before the actual start: then the end is not known.
        return start, None if start and end and end < start else end

    def bad_date(self, element: Element) -> NoReturn:
        self.refuse(
            self.line(element),
            "invalid_date",
            f"{element.tag} states no date: iso-date is “{_short(element.get('iso-date', ''))}”",
        )

    # --- the result tree --------------------------------------------------------------------------

    def node(self, element: Element, kind: type[N]) -> N:
        """Read an element by its type's table; what the table does not name goes to ``extra``."""
        values: dict[str, Any] = {}
        names = {attribute: name for name, attribute in kind.ATTRIBUTES.items()}
        unknown = []
        for attribute, value in _pairs(element):
            if attribute in names:
                values[names[attribute]] = value
            else:
                unknown.append((attribute, value))
        elements, stray = self.children(element, kind, values)
        text = element.text or ""
        if kind.CONTENT:
            values[kind.CONTENT] = text
        elif text.strip():
            stray.insert(0, text.strip())
        extra = Extra(attributes=tuple(unknown), elements=tuple(elements), text=" ".join(stray))
        node = kind(**values, extra=extra)
        check = CHECKS.get(kind)
        if check is not None:
            check(self, element, node)
        return node

    def children(
        self, element: Element, kind: type[Node], values: dict[str, Any]
    ) -> tuple[list[str], list[str]]:
        """Put known children into ``values``; give the others as XML, and the text between them."""
        places = {child.tag: child for child in kind.CHILDREN}
        elements: list[str] = []
        stray: list[str] = []
        repeated: dict[str, list[Node]] = {child.field: [] for child in kind.CHILDREN if child.many}
        for item in element:
            place = places.get(str(item.tag))
            if place is not None and place.many:
                repeated[place.field].append(self.node(item, place.node))
            elif place is not None and place.field not in values:
                values[place.field] = self.node(item, place.node)
            else:
                elements.append(_xml(item, tail=kind.CONTENT is not None))
            if kind.CONTENT is None and item.tail and item.tail.strip():
                stray.append(item.tail.strip())
        values.update({name: tuple(found) for name, found in repeated.items()})
        return elements, stray

    def check_period(self, element: Element, node: Node) -> None:
        """A period has a start and an end, and they are dates in this order."""
        assert isinstance(node, tree.Period)  # noqa: S101  by CHECKS
        for tag, day in (("period-start", node.start), ("period-end", node.end)):
            if day is None:
                self.refuse(self.line(element), "invalid_date", f"a period has no {tag}")
            if day.date is None:
                found = element.find(tag)
                self.bad_date(found if found is not None else element)
        if node.start and node.end and (node.start.date or 0) > (node.end.date or 0):  # type: ignore[operator]
            self.refuse(self.line(element), "invalid_date", "a period ends before it starts")


CHECKS: dict[type[Node], Callable[[_Reader, Element, Node], None]] = {tree.Period: _Reader.check_period}
"""What the model needs, and the standard's schema too."""


def _pairs(element: Element) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in element.attrib.items())


def _xml(element: Element, *, tail: bool = False) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=tail)


def _short(text: str | None) -> str:
    """Keep what a stranger wrote to one short line."""
    words = " ".join((text or "").split())
    return words if len(words) <= 80 else f"{words[:79]}…"
