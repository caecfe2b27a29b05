"""Writing the XML again: typed nodes and kept parts, in the schema's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from indicators.exchange.iati.reading import elements_of
from indicators.exchange.iati.tree import ACTIVITY, ROOT, Envelope, Node, Part, Result

# The sequence of iati-activity in iati-activities-schema.xsd, version 2.03.
ORDER = (
    "iati-identifier",
    "reporting-org",
    "title",
    "description",
    "participating-org",
    "other-identifier",
    "activity-status",
    "activity-date",
    "contact-info",
    "activity-scope",
    "recipient-country",
    "recipient-region",
    "location",
    "sector",
    "tag",
    "country-budget-items",
    "humanitarian-scope",
    "policy-marker",
    "collaboration-type",
    "default-flow-type",
    "default-finance-type",
    "default-aid-type",
    "default-tied-status",
    "budget",
    "planned-disbursement",
    "capital-spend",
    "transaction",
    "document-link",
    "related-activity",
    "legacy-data",
    "conditions",
    "result",
    "crs-add",
    "fss",
)
RANK: Mapping[str, int] = {tag: rank for rank, tag in enumerate(ORDER)}
LAST = len(ORDER)
INDENT = "  "


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity about to be written: attributes in order, parts as XML, results as nodes."""

    attributes: tuple[tuple[str, str], ...]
    parts: Sequence[Part]
    results: Iterable[Result]
    envelope: Envelope


def document(draft: Draft) -> bytes:
    """Write one activity as a file: UTF-8, with an XML declaration and a last newline."""
    root = element_of(draft)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def element_of(draft: Draft) -> etree._Element:
    """Build the file's root element with the activity in it."""
    root = etree.Element(ROOT, nsmap=dict(draft.envelope.namespaces) or None)
    for name, value in draft.envelope.attributes:
        root.set(name, value)
    activity = etree.SubElement(root, ACTIVITY)
    for name, value in draft.attributes:
        activity.set(name, value)
    parts = sorted(draft.parts, key=lambda part: RANK.get(part.tag, LAST))
    before = [part for part in parts if RANK.get(part.tag, LAST) < RANK["result"]]
    _keep(activity, [part.xml for part in before])
    for result in draft.results:
        put(activity, "result", result, depth=2)
    _keep(activity, [part.xml for part in parts[len(before) :]])
    _lay_out(activity, depth=1)
    _keep(root, draft.envelope.elements)
    _lay_out(root, depth=0)
    return root


def put(parent: etree._Element, tag: str, node: Node, *, depth: int = 0) -> etree._Element:
    """Write a node below its parent."""
    element = etree.SubElement(parent, tag)
    for name, attribute in node.ATTRIBUTES.items():
        value = getattr(node, name)
        if value is not None:
            element.set(attribute, value)
    for attribute, value in node.extra.attributes:
        element.set(attribute, value)
    if node.CONTENT:
        element.text = getattr(node, node.CONTENT) or None
    for child in node.CHILDREN:
        found = getattr(node, child.field)
        for item in found if child.many else (found,):
            if item is not None:
                put(element, child.tag, item, depth=depth + 1)
    _keep(element, node.extra.elements)
    if not node.CONTENT:
        _lay_out(element, depth=depth, text=node.extra.text)
    return element


def xml_of(tag: str, node: Node, *, depth: int = 2) -> str:
    """Write a node as the text of one element."""
    return etree.tostring(
        put(etree.Element("parent"), tag, node, depth=depth), encoding="unicode", with_tail=False
    )


def _keep(parent: etree._Element, texts: Iterable[str]) -> None:
    for element in elements_of(texts):
        parent.append(element)


def _lay_out(element: etree._Element, *, depth: int, text: str = "") -> None:
    """Put each child on its own line. Only whitespace between elements changes, never kept XML."""
    if not len(element):
        element.text = text or None
        return
    line = "\n" + INDENT * (depth + 1)
    element.text = text + line
    for child in element:
        child.tail = line
    element[-1].tail = "\n" + INDENT * depth
