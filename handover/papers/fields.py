"""Signature fields: empty places in a paper that a qualified signature fills without touching the rest (PAdES)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from handover.papers.typesetting import Place

# The library tells the types of some of its parts only.
Dictionary: Final[Any] = generic.DictionaryObject
Number: Final[Any] = generic.NumberObject

GIVER: Final = "giver"
RECEIVER: Final = "receiver"
"""What the two fields are called."""


class StillWriter(IncrementalPdfFileWriter):
    """A writer that takes no instant and no chance into the file: the same paper gives the same bytes."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(io.BytesIO(pdf))
        first = self._document_id[0]
        second = generic.ByteStringObject(hashlib.sha256(pdf).digest()[:16])
        self._document_id = generic.ArrayObject([first, second])

    def _update_meta(self) -> None:
        """Leave the metadata as they were set: they say which standards the paper keeps."""


def with_fields(pdf: bytes, places: Sequence[Place], names: Mapping[str, str]) -> bytes:
    """Add an empty signature field at each place, with its name for who hears the paper read.

    The fields stand in the paper's structure and have an appearance and a name, as PDF/UA-1 (7.18) and PDF/A-3 (6.3.3)
    ask of every field.
    """
    if not places:
        return pdf
    writer: Any = StillWriter(pdf)
    for place in places:
        spec = SigFieldSpec(
            sig_field_name=place.field,
            on_page=place.page,
            box=place.box,
            empty_field_appearance=False,
            readable_field_name=names[place.field],
        )
        append_signature_field(writer, spec)
    form = writer.root["/AcroForm"]
    # Signatures may come, and are only ever added: who signs need not change it any more.
    form[pdf_name("/SigFlags")] = Number(3)
    for field in form["/Fields"]:
        _into_structure(writer, field)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _into_structure(writer: Any, field: Any) -> None:
    """Hang a field's widget into the structure tree, as a form element at the document's end."""
    widget = field.get_object()
    tree = writer.root["/StructTreeRoot"]
    document = tree["/K"][0]
    element = Dictionary(
        {
            pdf_name("/Type"): pdf_name("/StructElem"),
            pdf_name("/S"): pdf_name("/Form"),
            pdf_name("/P"): tree["/K"].raw_get(0),
            pdf_name("/Alt"): widget["/TU"],
            pdf_name("/K"): Dictionary(
                {
                    pdf_name("/Type"): pdf_name("/OBJR"),
                    pdf_name("/Obj"): field,
                    pdf_name("/Pg"): widget.raw_get("/P"),
                }
            ),
        }
    )
    reference = writer.add_object(element)
    number = int(tree["/ParentTreeNextKey"])
    widget[pdf_name("/StructParent")] = Number(number)
    tree[pdf_name("/ParentTreeNextKey")] = Number(number + 1)
    tree["/ParentTree"]["/Nums"].extend([Number(number), reference])
    document["/K"].append(reference)
    for changed in (tree, tree["/ParentTree"], document, document["/K"], widget):
        writer.update_container(changed)
